#include "varlink/stepped.h"

static ssize_t stepped_read(struct download *d, void *to, size_t n, struct error *err)
{
	struct stepped *s = (struct stepped *)d;

	if (s->off == s->out.n) {
		buf_clear(&s->out);
		s->off = 0;
	}
	while (s->out.n == 0 && !s->over) {
		int r = s->step(s, err);

		if (r < 0)
			return r;
	}
	if (n > s->out.n - s->off)
		n = s->out.n - s->off;
	if (n)
		memcpy(to, s->out.p + s->off, n);
	s->off += n;
	return (ssize_t)n;
}

static void stepped_close(struct download *d)
{
	struct stepped *s = (struct stepped *)d;

	buf_done(&s->out);
	s->free(s);
}

void stepped_init(struct stepped *s, int (*step)(struct stepped *, struct error *), void (*free_fn)(struct stepped *))
{
	*s = (struct stepped){ .download = { .read = stepped_read, .close = stepped_close },
			       .out = BUF_INIT(STEPPED_MAX),
			       .step = step,
			       .free = free_fn };
}

int stepped_data(struct tar_reader *from, struct tar_writer *to, struct error *err)
{
	char piece[BYTES_PIECE];
	ssize_t n = tar_read_data(from, piece, sizeof piece, err);
	int r;

	if (n <= 0)
		return (int)n;
	r = tar_write_data(to, piece, (size_t)n, err);
	return r < 0 ? r : 1;
}

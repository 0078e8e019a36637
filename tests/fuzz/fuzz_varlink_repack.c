/* An export of any bytes, out of which one folder is taken under another name: what comes out of it is an archive whose entries and hard links all stay
 * below that name. */
#include <stdint.h>
#include <stdlib.h>

#include "archive/tar.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "varlink/repack.h"

#define OUT_MAX (8 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct memory {
	struct download download; /* first */
	const char *p;
	size_t n;
};

static ssize_t memory_read(struct download *d, void *p, size_t n, struct error *err)
{
	struct memory *m = (struct memory *)d;

	(void)err;
	if (n > m->n)
		n = m->n;
	if (n)
		memcpy(p, m->p, n);
	m->p += n;
	m->n -= n;
	return (ssize_t)n;
}

static void memory_close(struct download *d)
{
	free(d);
}

static struct download *memory_new(const char *p, size_t n)
{
	struct memory *m = calloc(1, sizeof *m);

	if (!m)
		abort();
	*m = (struct memory){ .download = { .read = memory_read, .close = memory_close }, .p = p, .n = n };
	return &m->download;
}

static bool is_below(const char *name, const char *top)
{
	size_t n = strlen(top);

	return !strstr(name, "/../") && (n == 0 || (strncmp(name, top, n) == 0 && (name[n] == '/' || name[n] == 0)));
}

static void check(const struct buf *out, const char *top)
{
	CLEANUP(download_close_p) struct download *d = memory_new(buf_z(out), out->n);
	CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct byte_source source = download_source(d);
	struct tar_entry e;

	if (tar_reader_open(&source, &t, &err) < 0)
		abort();
	while (tar_read_entry(t, &e, &err) > 0)
		if (!is_below(e.name, top) || (e.type == TAR_HARDLINK && !is_below(e.link, top)))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[][2] = { { "d", "new" }, { "d", "" }, { "", "" }, { "a/b", "b" } };
	CLEANUP(download_close_p) struct download *d = NULL;
	CLEANUP(buf_done) struct buf out = BUF_INIT(OUT_MAX);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct byte_sink sink = bytes_to_buf(&out);
	struct byte_source source;
	const char *const *name;

	if (n < 1 || n > (1 << 20))
		return 0;
	name = names[data[0] % ARRAY_LEN(names)];
	if (repack_open(memory_new((const char *)data + 1, n - 1), &(struct repack_req){ .root = name[0], .name = name[1] }, &d,
			&err) < 0)
		abort();
	source = download_source(d);
	if (bytes_copy(&source, &sink, NULL, &err) == 0)
		check(&out, name[1]);
	return 0;
}

#include "varlink/repack.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "varlink/stepped.h"

struct repack {
	struct stepped stepped; /* first: repack_of casts */
	struct download *from;
	struct repack_req q;
	char *root, *name;
	struct tar_reader *reader; /* NULL until the first read */
	struct tar_writer *writer;
	struct tar_reader *data; /* where the content of the entry comes from; borrowed; NULL: none, or all of it was read */
	bool found;
	struct strv given; /* pairs: target of a hard link outside root, and the name that its content has here */
};

static struct repack *repack_of(struct stepped *s)
{
	return (struct repack *)s;
}

struct str repack_clean(const char *name)
{
	struct str s = str_from(name);

	while (s.n && (s.p[0] == '/' || (s.p[0] == '.' && (s.n == 1 || s.p[1] == '/')))) {
		s.p++;
		s.n--;
	}
	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

static bool climbs(struct str s)
{
	struct str one;
	bool more = true;

	while (more) {
		more = str_cut(s, '/', &one, &s);
		if (str_eq(one, STR("..")))
			return true;
	}
	return false;
}

/* The name that an entry gets. False: it stays away, as everything does that would climb out. */
static bool new_name(const struct repack *p, const char *old, struct buf *ret)
{
	struct str s = repack_clean(old), root = str_from(p->root);

	if (climbs(s))
		return false;
	if (root.n) {
		if (!str_starts(s, root) || (s.n > root.n && s.p[root.n] != '/'))
			return false;
		s.p += root.n;
		s.n -= root.n;
	} else if (s.n && *p->name) {
		buf_add_z(ret, p->name);
		buf_add_char(ret, '/');
		return buf_add(ret, s);
	}
	buf_add_z(ret, p->name);
	/* What is left begins with a slash. */
	return buf_add(ret, s.n && !*p->name ? repack_clean(s.p) : s) && ret->n > 0;
}

/* A hard link whose target stays away is the file itself, the first time. */
static int put_outside(struct repack *p, struct tar_entry *e, struct error *err)
{
	struct str target = repack_clean(e->link);
	CLEANUP(free_p) char *z = str_dup(target);
	int r;

	if (!z)
		return error_set(err, ERR_SYSTEM, "out of memory");
	for (size_t i = 0; i + 1 < p->given.n; i += 2) {
		if (strcmp(p->given.v[i], z) == 0) {
			e->link = p->given.v[i + 1];
			return tar_write_entry(p->writer, e, err);
		}
	}
	if (!p->q.outside)
		return error_set(err, ERR_PROTOCOL, "%s is a link to %s, which the host did not send", e->name, z);
	if (!strv_add(&p->given, z) || !strv_add(&p->given, e->name))
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = p->q.outside(p->q.ctx, z, &p->data, &e->size, err);
	e->type = TAR_FILE;
	return r < 0 ? r : tar_write_entry(p->writer, e, err);
}

static int put_entry(struct repack *p, struct tar_entry *e, struct error *err)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(STEPPED_NAME), link = BUF_INIT(STEPPED_NAME);

	p->found |= str_eq_z(repack_clean(e->name), p->root);
	if (!new_name(p, e->name, &name))
		return buf_check(&name, "name in the archive", err);
	p->found = true;
	e->name = buf_z(&name);
	if (e->type == TAR_HARDLINK) {
		if (!new_name(p, e->link, &link))
			return put_outside(p, e, err);
		e->link = buf_z(&link);
	}
	p->data = e->type == TAR_FILE ? p->reader : NULL;
	return tar_write_entry(p->writer, e, err);
}

/* The end of the other archive; what comes behind it tells whether it was one. */
static int end(struct repack *p, struct error *err)
{
	char rest[4096];
	ssize_t n;
	int r = tar_writer_end(p->writer, err);

	while (r == 0 && (n = p->from->read(p->from, rest, sizeof rest, err)) != 0)
		r = n < 0 ? (int)n : 0;
	if (r == 0 && !p->found)
		r = error_set(err, ERR_NOT_FOUND, "no such file or directory: /%s", p->root);
	p->stepped.over = true;
	return r;
}

static int begin(struct repack *p, struct error *err)
{
	struct byte_source source = download_source(p->from);
	struct byte_sink sink = bytes_to_buf(&p->stepped.out);
	int r = tar_reader_open(&source, &p->reader, err);

	return r < 0 ? r : tar_writer_open(&sink, &p->writer, err);
}

static int repack_step(struct stepped *s, struct error *err)
{
	struct repack *p = repack_of(s);
	struct tar_entry entry;
	int r;

	if (!p->reader)
		return begin(p, err);
	if (p->data && (r = stepped_data(p->data, p->writer, err)) != 0)
		return r;
	p->data = NULL;
	r = tar_read_entry(p->reader, &entry, err);
	if (r < 0)
		return r;
	return r == 0 ? end(p, err) : put_entry(p, &entry, err);
}

static void repack_free(struct stepped *s)
{
	struct repack *p = repack_of(s);

	tar_reader_close_p(&p->reader);
	tar_writer_close_p(&p->writer);
	download_close_p(&p->from);
	if (p->q.ctx_free)
		p->q.ctx_free(p->q.ctx);
	strv_done(&p->given);
	free(p->root);
	free(p->name);
	free(p);
}

int repack_open(struct download *from, const struct repack_req *q, struct download **ret, struct error *err)
{
	struct repack *p = calloc(1, sizeof *p);

	if (!p) {
		from->close(from);
		if (q->ctx_free)
			q->ctx_free(q->ctx);
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	*p = (struct repack){ .from = from, .q = *q, .root = z_dup(q->root), .name = z_dup(q->name) };
	stepped_init(&p->stepped, repack_step, repack_free);
	if (!p->root || !p->name) {
		repack_free(&p->stepped);
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	*ret = &p->stepped.download;
	return 0;
}

/* What the tests of the archive room share: archives in memory, and folders that go away. */
#ifndef ARCHIVE_STREAMS_H
#define ARCHIVE_STREAMS_H

#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/tar.h"
#include "base/buf.h"
#include "base/path.h"
#include "base/scratch.h"

#define ARCHIVE_MAX ((size_t)16 * 1024 * 1024)

/* Gives all of text in pieces of step. */
struct memory {
	struct str text;
	size_t step;
};

static inline ssize_t memory_read(void *ctx, void *p, size_t n, struct error *err)
{
	struct memory *m = ctx;
	size_t give = m->text.n < n ? m->text.n : n;

	(void)err;
	if (m->step && give > m->step)
		give = m->step;
	memcpy(p, m->text.p, give);
	m->text = (struct str){ m->text.p + give, m->text.n - give };
	return (ssize_t)give;
}

static inline struct byte_source memory_source(struct memory *m)
{
	return (struct byte_source){ .read = memory_read, .ctx = m, .length = -1 };
}

/* One entry with its content into w. */
static inline void put_entry(struct tar_writer *w, struct tar_entry e, const char *content)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	e.size = content ? (int64_t)strlen(content) : 0;
	e.mode = e.mode ? e.mode : 0644;
	if (tar_write_entry(w, &e, &err) < 0 || (content && tar_write_data(w, content, strlen(content), &err) < 0))
		row_fail(e.name, "%s", err.text);
}

static inline void put_file(const char *dir, const char *name, const char *content)
{
	CLEANUP(free_p) char *path = path_join(dir, name);

	assert_int_equal(path_write_atomic(path, str_from(content), 0644, NULL), 0);
}

/* "" when it can't be read. */
static inline char *read_text(const char *dir, const char *name)
{
	CLEANUP(free_p) char *path = path_join(dir, name);
	CLEANUP(buf_done) struct buf b = BUF_INIT(ARCHIVE_MAX);

	(void)path_read(path, &b, NULL);
	return buf_take(&b);
}

#endif

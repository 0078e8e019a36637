#include "image/tar_out.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BLOCK     512
#define NAME_MAX_ 100
#define OCTAL_MAX ((INT64_C(1) << 33) - 1) /* of 11 digits */

static int write_at(const struct tar_out *t, const void *data, size_t n, int64_t at, struct error *err)
{
	const char *p = data;

	while (n) {
		ssize_t done = pwrite(t->fd, p, n, (off_t)at);

		if (done < 0 && errno != EINTR)
			return error_set_errno(err, "write the archive");
		p += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
		at += done > 0 ? done : 0;
	}
	return 0;
}

static int out_write(void *ctx, const void *p, size_t n, struct error *err)
{
	struct tar_out *t = ctx;
	int r = write_at(t, p, n, t->at + BLOCK + t->data, err);

	t->data += r == 0 ? (int64_t)n : 0;
	return r;
}

struct byte_sink tar_out_begin(struct tar_out *t)
{
	t->data = 0;
	return (struct byte_sink){ out_write, t };
}

/* ---- headers ----------------------------------------------------------------------------------------------------------- */

static void put_octal(char *field, size_t n, uint64_t v)
{
	field[--n] = '\0';
	while (n) {
		field[--n] = (char)('0' + (v & 7));
		v >>= 3;
	}
}

/* What eleven digits don't hold (8 GiB) goes in as GNU writes it. */
static void put_size(char *field, uint64_t v)
{
	if (v <= OCTAL_MAX) {
		put_octal(field, 12, v);
		return;
	}
	for (size_t i = 12; i-- > 0; v >>= 8)
		field[i] = (char)(v & 0xff);
	field[0] = (char)0x80;
}

static void put_text(char *field, const char *z)
{
	memcpy(field, z, strlen(z));
}

/* A long name is cut at a slash: what is before it goes into the prefix. */
static bool put_name(char *block, const char *name)
{
	size_t n = strlen(name);
	const char *slash = n > NAME_MAX_ ? strchr(name + n - NAME_MAX_ - 1, '/') : NULL;

	if (n <= NAME_MAX_) {
		memcpy(block, name, n);
		return true;
	}
	if (!slash || slash - name > 155)
		return false;
	memcpy(block + 345, name, (size_t)(slash - name));
	memcpy(block, slash + 1, n - (size_t)(slash + 1 - name));
	return true;
}

static void put_sum(char *block)
{
	unsigned sum = 0;

	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	put_octal(block + 148, 7, sum);
}

static int put_header(const struct tar_out *t, const struct tar_out_entry *e, struct error *err)
{
	char block[BLOCK] = { 0 };

	if (!put_name(block, e->name) || (e->link && strlen(e->link) > NAME_MAX_))
		return error_set(err, ERR_SYSTEM, "the name %s is too long for the archive", e->name);
	put_octal(block + 100, 8, e->mode);
	put_octal(block + 108, 8, 0);
	put_octal(block + 116, 8, 0);
	put_size(block + 124, (uint64_t)t->data);
	put_octal(block + 136, 12, e->mtime_s > 0 ? (uint64_t)e->mtime_s : 0);
	block[156] = e->type;
	put_text(block + 157, e->link ? e->link : "");
	memcpy(block + 257, "ustar\00000", 8);
	put_text(block + 265, e->owner ? e->owner : "");
	put_text(block + 297, e->owner ? e->owner : "");
	put_octal(block + 329, 8, 0);
	put_octal(block + 337, 8, 0);
	put_sum(block);
	return write_at(t, block, sizeof block, t->at, err);
}

int tar_out_end(struct tar_out *t, const struct tar_out_entry *e, struct error *err)
{
	int64_t end = t->at + BLOCK + (t->data + BLOCK - 1) / BLOCK * BLOCK;
	int r = put_header(t, e, err);

	if (r == 0 && ftruncate(t->fd, (off_t)end) < 0)
		r = error_set_errno(err, "write the archive");
	if (r == 0) {
		t->at = end;
		t->data = 0;
	}
	return r;
}

int tar_out_drop(struct tar_out *t, struct error *err)
{
	t->data = 0;
	return ftruncate(t->fd, (off_t)t->at) == 0 ? 0 : error_set_errno(err, "write the archive");
}

int tar_out_add(struct tar_out *t, const struct tar_out_entry *e, struct str content, struct error *err)
{
	struct byte_sink sink = tar_out_begin(t);
	int r = sink_write(&sink, content.p, content.n, err);

	return r < 0 ? r : tar_out_end(t, e, err);
}

int tar_out_finish(struct tar_out *t, struct error *err)
{
	int64_t end = t->at + 2 * BLOCK;

	if (ftruncate(t->fd, (off_t)end) < 0 || fsync(t->fd) < 0)
		return error_set_errno(err, "write the archive");
	t->at = end;
	return 0;
}

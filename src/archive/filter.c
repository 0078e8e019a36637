#include "archive/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "archive/lib.h"
#include "base/cleanup.h"

#define MAGIC_MAX 6

static const struct {
	const char *name;
	const char *magic;
	size_t n_magic;
	int filter; /* libarchive's number */
	bool writes;  /* libarchive writes them, too, but no registry takes bzip2 or xz layers */
} kinds[] = {
	[COMPRESSION_NONE] = { "none", "", 0, ARCHIVE_FILTER_NONE, true },
	[COMPRESSION_GZIP] = { "gzip", "\x1f\x8b\x08", 3, ARCHIVE_FILTER_GZIP, true },
	[COMPRESSION_BZIP2] = { "bzip2", "BZh", 3, ARCHIVE_FILTER_BZIP2, false },
	[COMPRESSION_XZ] = { "xz", "\xfd" "7zXZ\0", 6, ARCHIVE_FILTER_XZ, false },
	[COMPRESSION_ZSTD] = { "zstd", "\x28\xb5\x2f\xfd", 4, ARCHIVE_FILTER_ZSTD, true },
};

enum compression compression_detect(const void *p, size_t n)
{
	for (size_t i = COMPRESSION_GZIP; i < ARRAY_LEN(kinds); i++)
		if (n >= kinds[i].n_magic && memcmp(p, kinds[i].magic, kinds[i].n_magic) == 0)
			return (enum compression)i;
	return COMPRESSION_NONE;
}

bool archive_detect(const void *p, size_t n)
{
	return compression_detect(p, n) != COMPRESSION_NONE || (n >= 262 && memcmp((const char *)p + 257, "ustar", 5) == 0);
}

bool compression_parse(const char *name, enum compression *ret)
{
	for (size_t i = 0; name && i < ARRAY_LEN(kinds); i++) {
		if (strcasecmp(name, kinds[i].name) == 0) {
			*ret = (enum compression)i;
			return true;
		}
	}
	return false;
}

const char *compression_name(enum compression c)
{
	return kinds[c].name;
}

/* ---- in -------------------------------------------------------------------------------------------------------------- */

struct compressor {
	const struct libarchive *l;
	struct archive *a; /* NULL: nothing is compressed */
	struct libarchive_output out;
};

/* One "raw" entry: the compressed bytes and nothing around them. */
static bool begin_raw(struct compressor *c)
{
	struct archive_entry *entry = c->l->archive_entry_new();
	bool ok = false;

	if (entry) {
		c->l->archive_entry_copy_pathname(entry, "data");
		c->l->archive_entry_set_filetype(entry, AE_IFREG);
		ok = c->l->archive_write_header(c->a, entry) == ARCHIVE_OK;
		c->l->archive_entry_free(entry);
	}
	return ok;
}

static bool set_options(struct compressor *c, enum compression kind, int level)
{
	char text[16];

	/* gzip's header would tell the time. */
	if (kind == COMPRESSION_GZIP && c->l->archive_write_set_filter_option(c->a, "gzip", "timestamp", NULL) != ARCHIVE_OK)
		return false;
	snprintf(text, sizeof text, "%d", level);
	return level == 0 || c->l->archive_write_set_filter_option(c->a, NULL, "compression-level", text) == ARCHIVE_OK;
}

static bool configure(struct compressor *c, enum compression kind, int level)
{
	const struct libarchive *l = c->l;

	c->a = l->archive_write_new();
	return c->a && l->archive_write_add_filter(c->a, kinds[kind].filter) == ARCHIVE_OK &&
	       l->archive_write_set_format_raw(c->a) == ARCHIVE_OK && l->archive_write_set_bytes_per_block(c->a, BYTES_PIECE) == ARCHIVE_OK &&
	       l->archive_write_set_bytes_in_last_block(c->a, 1) == ARCHIVE_OK && set_options(c, kind, level) &&
	       l->archive_write_open(c->a, &c->out, NULL, libarchive_output_write, NULL) == ARCHIVE_OK && begin_raw(c);
}

int compressor_open(enum compression kind, int level, const struct byte_sink *sink, struct compressor **ret, struct error *err)
{
	CLEANUP(compressor_close_p) struct compressor *c = NULL;
	const struct libarchive *l = NULL;
	int r = 0;

	if (!kinds[kind].writes)
		return error_set(err, ERR_UNSUPPORTED, "nothing is compressed with %s here; gzip and zstd are known", kinds[kind].name);
	if (kind != COMPRESSION_NONE)
		r = libarchive_get(&l, err);
	if (r < 0)
		return r;
	c = calloc(1, sizeof *c);
	if (!c)
		return error_set(err, ERR_SYSTEM, "out of memory");
	c->l = l;
	c->out.sink = *sink;
	if (l && !configure(c, kind, level))
		return libarchive_output_error(&c->out, c->a, kinds[kind].name, err);
	*ret = ptr_take(&c);
	return 0;
}

int compressor_write(struct compressor *c, const void *data, size_t n, struct error *err)
{
	const char *p = data;

	if (!c->a)
		return sink_write(&c->out.sink, data, n, err);
	while (n) {
		la_ssize_t done = c->l->archive_write_data(c->a, p, n);

		if (done <= 0)
			return libarchive_output_error(&c->out, c->a, "compress", err);
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int compressor_end(struct compressor *c, struct error *err)
{
	if (c->a && !LIBARCHIVE_OK(c->l->archive_write_close(c->a)))
		return libarchive_output_error(&c->out, c->a, "compress", err);
	return 0;
}

void compressor_close_p(struct compressor **cp)
{
	struct compressor *c = ptr_take(cp);

	if (!c)
		return;
	/* archive_write_free writes the end, wanted or not. (archive_write_fail stops it, but leaves its buffer behind.) */
	c->out.closed = true;
	if (c->a)
		c->l->archive_write_free(c->a);
	error_done(&c->out.failure);
	free(c);
}

/* ---- out ------------------------------------------------------------------------------------------------------------- */

struct decompressor {
	enum compression kind;
	const struct libarchive *l;
	struct archive *a; /* NULL: nothing is compressed */
	bool at_end;
	struct byte_source inner;
	unsigned char head[MAGIC_MAX]; /* what was read to look at */
	size_t n_head, head_used;
	struct libarchive_input in;
};

/* What was looked at, then the rest. */
static ssize_t read_inner(void *ctx, void *p, size_t n, struct error *err)
{
	struct decompressor *d = ctx;
	size_t left = d->n_head - d->head_used, give = left < n ? left : n;

	if (!give)
		return source_read(&d->inner, p, n, err);
	memcpy(p, d->head + d->head_used, give);
	d->head_used += give;
	return (ssize_t)give;
}

static int look(struct decompressor *d, struct error *err)
{
	while (d->n_head < sizeof d->head) {
		ssize_t n = source_read(&d->inner, d->head + d->n_head, sizeof d->head - d->n_head, err);

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		d->n_head += (size_t)n;
	}
	d->kind = compression_detect(d->head, d->n_head);
	return 0;
}

/* The filter is appended, not guessed: what is compressed twice comes out compressed once. */
static int begin_filter(struct decompressor *d, struct error *err)
{
	struct archive_entry *entry;
	int r = libarchive_get(&d->l, err);

	if (r < 0)
		return r;
	d->a = d->l->archive_read_new();
	if (!d->a || !LIBARCHIVE_OK(d->l->archive_read_support_format_raw(d->a)) ||
	    !LIBARCHIVE_OK(d->l->archive_read_support_format_empty(d->a)) ||
	    !LIBARCHIVE_OK(d->l->archive_read_append_filter(d->a, kinds[d->kind].filter)) ||
	    !LIBARCHIVE_OK(d->l->archive_read_open(d->a, &d->in, NULL, libarchive_input_read, NULL)))
		return libarchive_input_error(&d->in, d->a, kinds[d->kind].name, err);
	/* So is one with a head and nothing behind it, but its error is there, until the next call. */
	if (d->l->archive_error_string(d->a))
		return libarchive_input_error(&d->in, d->a, kinds[d->kind].name, err);
	r = d->l->archive_read_next_header(d->a, &entry);
	d->at_end = r == ARCHIVE_EOF;
	/* A head that is not whole is an empty stream to libarchive. */
	if (d->at_end && d->l->archive_filter_bytes(d->a, -1) == 0)
		return error_set(err, ERR_PROTOCOL, "%s: the stream is cut off", kinds[d->kind].name);
	return d->at_end || LIBARCHIVE_OK(r) ? 0 : libarchive_input_error(&d->in, d->a, kinds[d->kind].name, err);
}

int decompressor_open(const struct byte_source *source, struct decompressor **ret, struct error *err)
{
	CLEANUP(decompressor_close_p) struct decompressor *d = calloc(1, sizeof *d);
	int r;

	if (!d)
		return error_set(err, ERR_SYSTEM, "out of memory");
	d->inner = *source;
	d->in.source = (struct byte_source){ .read = read_inner, .ctx = d, .length = -1 };
	r = look(d, err);
	if (r == 0 && d->kind != COMPRESSION_NONE)
		r = begin_filter(d, err);
	if (r < 0)
		return r;
	*ret = ptr_take(&d);
	return 0;
}

static ssize_t read_plain(void *ctx, void *p, size_t n, struct error *err)
{
	struct decompressor *d = ctx;
	la_ssize_t done;

	if (!d->a)
		return read_inner(d, p, n, err);
	if (d->at_end)
		return 0;
	done = d->l->archive_read_data(d->a, p, n);
	return done >= 0 ? done : libarchive_input_error(&d->in, d->a, kinds[d->kind].name, err);
}

struct byte_source decompressor_source(struct decompressor *d)
{
	return (struct byte_source){ .read = read_plain, .ctx = d, .length = d->kind == COMPRESSION_NONE ? d->inner.length : -1 };
}

enum compression decompressor_kind(const struct decompressor *d)
{
	return d->kind;
}

void decompressor_close_p(struct decompressor **dp)
{
	struct decompressor *d = ptr_take(dp);

	if (!d)
		return;
	if (d->a)
		d->l->archive_read_free(d->a);
	error_done(&d->in.failure);
	free(d);
}

/* Members of archives are found where they lie: long names, links, extended headers; what is broken is refused. */
#include "unit.h"

#include <stdio.h>

#include "archive/tar.h"
#include "base/buf.h"
#include "image/tar_index.h"

#define BLOCK 512

static ssize_t read_memory(void *ctx, void *p, size_t n, int64_t offset, struct error *err)
{
	const struct buf *b = ctx;
	size_t left = (size_t)offset < b->n ? b->n - (size_t)offset : 0;

	(void)err;
	n = n < left ? n : left;
	if (n)
		memcpy(p, b->p + offset, n);
	return (ssize_t)n;
}

static int open_index(struct buf *b, struct tar_index **ret, struct error *err)
{
	struct tar_input in = { read_memory, b, (int64_t)b->n, "x.tar" };

	return tar_index_open(&in, ret, err);
}

static void set_sum(char *block)
{
	unsigned sum = 0;
	char digits[8];

	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(digits, sizeof digits, "%06o", sum & 0777777);
	memcpy(block + 148, digits, 7);
}

/* A ustar member, its content filled up to whole blocks. */
static void add(struct buf *b, char type, const char *name, const char *link, const char *content)
{
	char block[BLOCK] = { 0 }, size[32];
	size_t n = strlen(content);

	memcpy(block, name, strlen(name));
	memcpy(block + 157, link, strlen(link));
	snprintf(size, sizeof size, "%011zo", n);
	memcpy(block + 124, size, 12);
	block[156] = type;
	memcpy(block + 257, "ustar\00000", 8);
	set_sum(block);
	buf_add_bytes(b, block, sizeof block);
	buf_add_z(b, content);
	memset(block, 0, sizeof block);
	buf_add_bytes(b, block, (BLOCK - n % BLOCK) % BLOCK);
}

static void add_end(struct buf *b)
{
	static const char zeros[2 * BLOCK];

	buf_add_bytes(b, zeros, sizeof zeros);
}

static const struct {
	char type;
	const char *name, *link, *content;
} members[] = {
	{ '0', "./manifest.json", "", "[]" },
	{ '5', "dir/", "", "" },
	{ '0', "dir/a", "", "one" },
	{ '0', "dir/a", "", "two, the later" },
	{ '2', "up/layer.tar", "../dir/a", "" },
	{ '2', "up/beside", "layer.tar", "" },
	{ '2', "absolute", "/dir/./a", "" },
	{ '1', "hard", "dir/a", "" },
	{ '2', "outside", "../../etc/passwd", "" },
	{ '2', "circle", "circle", "" },
	{ '2', "nowhere", "gone", "" },
	{ '0', "../evil", "", "x" },
	{ '0', "/rooted", "", "root" },
	{ 'x', "pax", "", "17 path=from/pax\n" },
	{ '0', "short", "", "by pax" },
	{ 'x', "pax", "", "9 size=4\n23 linkpath=not a link\n" },
	{ '0', "sized", "", "four" },
	{ 'g', "global", "", "12 path=all\n" },
	{ '0', "after-global", "", "g" },
	{ 'L', "././@LongLink", "", "a/very/long/name" },
	{ '0', "a/very/lo", "", "long" },
	{ 'K', "././@LongLink", "", "dir/a" },
	{ '2', "long-link", "x", "" },
	{ '3', "device", "", "" },
	{ 'x', "pax", "", "22 GNU.sparse.major=1\n" },
	{ '0', "sparse", "", "map" },
};

static const struct {
	const char *name, *content; /* content NULL: fails */
	enum err_kind kind;
} lookups[] = {
	{ "manifest.json", "[]", 0 },
	{ "./manifest.json", "[]", 0 },
	{ "dir/a", "two, the later", 0 },
	{ "dir//./a", "two, the later", 0 },
	{ "up/../dir/a", "two, the later", 0 },
	{ "up/layer.tar", "two, the later", 0 },
	{ "up/beside", "two, the later", 0 },
	{ "absolute", "two, the later", 0 },
	{ "hard", "two, the later", 0 },
	{ "rooted", "root", 0 },
	{ "from/pax", "by pax", 0 },
	{ "sized", "four", 0 },
	{ "after-global", "g", 0 },
	{ "a/very/long/name", "long", 0 },
	{ "long-link", "two, the later", 0 },
	{ "outside", NULL, ERR_NOT_FOUND },
	{ "circle", NULL, ERR_PROTOCOL },
	{ "nowhere", NULL, ERR_NOT_FOUND },
	{ "evil", NULL, ERR_NOT_FOUND },
	{ "../evil", NULL, ERR_NOT_FOUND },
	{ "short", NULL, ERR_NOT_FOUND },
	{ "all", NULL, ERR_NOT_FOUND },
	{ "dir", NULL, ERR_PROTOCOL },
	{ "device", NULL, ERR_PROTOCOL },
	{ "sparse", NULL, ERR_PROTOCOL },
	{ "", NULL, ERR_NOT_FOUND },
};

static void make(struct buf *b)
{
	*b = BUF_INIT(1 << 20);
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		add(b, members[i].type, members[i].name, members[i].link, members[i].content);
}

static void members_are_found(void **state)
{
	(void)state;
	/* The end mark is left out by some programs. */
	for (int end = 0; end < 2; end++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT(0);
		CLEANUP(tar_index_close_p) struct tar_index *t = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;

		make(&b);
		if (end)
			add_end(&b);
		if (open_index(&b, &t, &err) < 0)
			fail_msg("%s", err.text);
		for (size_t i = 0; i < ARRAY_LEN(lookups); i++) {
			int64_t at = 0, size = 0;
			int r = tar_index_find(t, lookups[i].name, &at, &size, NULL);

			if (r != -(int)lookups[i].kind)
				row_fail(lookups[i].name, "%d", r);
			if (r == 0 && !str_eq_z((struct str){ b.p + at, (size_t)size }, lookups[i].content))
				row_fail(lookups[i].name, "%.*s", (int)size, b.p + at);
		}
	}
}

/* What libarchive writes, with names over all limits of headers. */
static void archives_of_others(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20), name = BUF_INIT(1000);
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	CLEANUP(tar_index_close_p) struct tar_index *t = NULL;
	struct byte_sink sink = bytes_to_buf(&b);
	struct tar_entry e = { .type = TAR_FILE, .mode = 0644, .size = 5 };
	int64_t at, size;

	(void)state;
	for (int i = 0; i < 30; i++)
		buf_addf(&name, "component-%d/", i);
	buf_add_z(&name, "file");
	e.name = buf_z(&name);
	assert_int_equal(tar_writer_open(&sink, &w, NULL), 0);
	assert_int_equal(tar_write_entry(w, &e, NULL), 0);
	assert_int_equal(tar_write_data(w, "12345", 5, NULL), 0);
	assert_int_equal(tar_writer_end(w, NULL), 0);
	assert_int_equal(open_index(&b, &t, NULL), 0);
	assert_int_equal(tar_index_find(t, e.name, &at, &size, NULL), 0);
	assert_int_equal(size, 5);
	assert_memory_equal(b.p + at, "12345", 5);
}

/* Cut anywhere but between members, an archive is broken. */
static void what_is_cut_off_is_refused(void **state)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(0);
	size_t all;

	(void)state;
	make(&b);
	all = b.n;
	for (b.n = 1; b.n < all; b.n += 37) {
		CLEANUP(tar_index_close_p) struct tar_index *t = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;

		if (b.n % BLOCK && open_index(&b, &t, &err) != -ERR_PROTOCOL)
			fail_msg("cut at %zu of %zu: taken", b.n, all);
	}
}

static const struct {
	const char *row;
	size_t at;
	const char *bytes;
	bool keep_sum;
} wrongs[] = {
	{ "check sum", 10, "x", true },
	{ "size is no number", 124, "00x", false },
	{ "negative size", 124, "\xff\xff\xff", false },
	{ "size over all", 124, "77777777777", false },
	{ "binary size over all", 124, "\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", false },
};

static void broken_headers_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrongs); i++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20);
		CLEANUP(tar_index_close_p) struct tar_index *t = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;

		add(&b, '0', "name", "", "content");
		add_end(&b);
		memcpy(b.p + wrongs[i].at, wrongs[i].bytes, strlen(wrongs[i].bytes));
		if (!wrongs[i].keep_sum)
			set_sum(b.p);
		if (open_index(&b, &t, &err) != -ERR_PROTOCOL)
			row_fail(wrongs[i].row, "taken");
	}
}

static void what_is_no_archive_is_refused(void **state)
{
	static const char zeros[1024];
	static const struct str texts[] = { { "", 0 }, { "PK\3\4", 4 }, { zeros, 1024 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT(2000);
		CLEANUP(tar_index_close_p) struct tar_index *t = NULL;

		buf_add(&b, texts[i]);
		assert_int_equal(open_index(&b, &t, NULL), -ERR_PROTOCOL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found),
		cmocka_unit_test(archives_of_others),
		cmocka_unit_test(what_is_cut_off_is_refused),
		cmocka_unit_test(broken_headers_are_refused),
		cmocka_unit_test(what_is_no_archive_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

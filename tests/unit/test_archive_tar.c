#include "archive_streams.h"

#include <locale.h>

#define LONG100 "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
#define LONG300 LONG100 "/" LONG100 "/" LONG100

static const struct {
	struct tar_entry entry;
	const char *content;
} entries[] = {
	{ { .name = "dir", .type = TAR_DIR, .mode = 01755, .mtime_s = 1 }, NULL },
	{ { .name = "dir/file", .mode = 04711, .uid = 1000, .gid = 100, .mtime_s = 1700000000 }, "content" },
	{ { .name = "empty", .mode = 0, .mtime_s = 0 }, NULL },
	{ { .name = "hard", .type = TAR_HARDLINK, .link = "dir/file", .mode = 0644 }, NULL },
	{ { .name = "soft", .type = TAR_SYMLINK, .link = "../out/there", .mode = 0777 }, NULL },
	{ { .name = LONG300, .mode = 0600, .mtime_s = 5 }, "x" },
	{ { .name = "long link", .type = TAR_SYMLINK, .link = LONG300, .mode = 0777 }, NULL },
	{ { .name = "b\xff\xfe/\x01", .mode = 0644, .mtime_s = 9 }, "bytes" },
	{ { .name = "compose\xcc\x88" "d", .mode = 0644 }, "decomposed" },
	{ { .name = LONG100 "\xff" LONG100, .type = TAR_DIR, .mode = 0700 }, NULL },
	{ { .name = "l\xff", .type = TAR_SYMLINK, .link = "t\xff", .mode = 0777 }, NULL },
	{ { .name = "null", .type = TAR_CHAR, .mode = 0666, .device_major = 1, .device_minor = 3 }, NULL },
	{ { .name = "disk", .type = TAR_BLOCK, .mode = 0660, .device_major = 8, .device_minor = 17 }, NULL },
	{ { .name = "fifo", .type = TAR_FIFO, .mode = 0644 }, NULL },
	{ { .name = "names", .mode = 0644, .uname = "somebody", .gname = "people" }, "" },
	{ { .name = "big ids", .mode = 0644, .uid = 3000000000, .gid = 4000000000 }, NULL },
	{ { .name = "in 2242", .mode = 0644, .mtime_s = 8589934591 }, NULL },
};

static void write_all(struct buf *out)
{
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	struct byte_sink sink = bytes_to_buf(out);

	assert_int_equal(tar_writer_open(&sink, &w, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
		struct tar_entry e = entries[i].entry;

		e.size = entries[i].content ? (int64_t)strlen(entries[i].content) : 0;
		assert_int_equal(tar_write_entry(w, &e, NULL), 0);
		if (entries[i].content)
			assert_int_equal(tar_write_data(w, entries[i].content, strlen(entries[i].content), NULL), 0);
	}
	assert_int_equal(tar_writer_end(w, NULL), 0);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : !a && !b;
}

static void check_entry(const struct tar_entry *got, size_t i)
{
	const struct tar_entry *want = &entries[i].entry;

	if (!same(got->name, want->name) || !same(got->link, want->link))
		row_fail(want->name, "came back as \"%s\", link \"%s\"", got->name, got->link ? got->link : "");
	if (got->type != want->type || got->mode != want->mode || got->mtime_s != want->mtime_s)
		row_fail(want->name, "type %d, mode %o, time %lld", (int)got->type, got->mode, (long long)got->mtime_s);
	if (got->uid != want->uid || got->gid != want->gid)
		row_fail(want->name, "owner %lld:%lld", (long long)got->uid, (long long)got->gid);
	if (want->uname && (!same(got->uname, want->uname) || !same(got->gname, want->gname)))
		row_fail(want->name, "owner %s:%s", got->uname, got->gname);
	if (got->device_major != want->device_major || got->device_minor != want->device_minor)
		row_fail(want->name, "device %u:%u", got->device_major, got->device_minor);
	if (got->size != (entries[i].content ? (int64_t)strlen(entries[i].content) : 0))
		row_fail(want->name, "size %lld", (long long)got->size);
}

static void check_all(struct str archive, size_t step)
{
	CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
	struct memory m = { archive, step };
	struct byte_source source = memory_source(&m);
	struct tar_entry e;

	assert_int_equal(tar_reader_open(&source, &t, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
		char data[64] = "";

		assert_int_equal(tar_read_entry(t, &e, NULL), 1);
		check_entry(&e, i);
		assert_int_equal(tar_read_data(t, data, sizeof data, NULL), e.size);
		assert_int_equal(tar_read_data(t, data, sizeof data, NULL), 0);
		assert_string_equal(data, entries[i].content ? entries[i].content : "");
	}
	assert_int_equal(tar_read_entry(t, &e, NULL), 0);
}

static void what_is_written_is_read(void **state)
{
	static const size_t steps[] = { 0, 1, 511, 512, 513 };
	static const char *const locales[] = { "C", "C.UTF-8", "en_US.UTF-8" };
	CLEANUP(buf_done) struct buf first = BUF_INIT(ARCHIVE_MAX);

	(void)state;
	write_all(&first);
	for (size_t l = 0; l < ARRAY_LEN(locales); l++) {
		CLEANUP(buf_done) struct buf again = BUF_INIT(ARCHIVE_MAX);

		setlocale(LC_CTYPE, locales[l]);
		write_all(&again);
		assert_int_equal(again.n, first.n);
		assert_memory_equal(again.p, first.p, first.n);
		for (size_t i = 0; i < ARRAY_LEN(steps); i++)
			check_all(buf_str(&first), steps[i]);
	}
	setlocale(LC_CTYPE, "C");
}

/* Wherever it is cut off, up to the first of the two zero blocks. */
static void a_cut_archive_is_an_error(void **state)
{
	CLEANUP(buf_done) struct buf all = BUF_INIT(ARCHIVE_MAX);

	(void)state;
	write_all(&all);
	for (size_t n = 0; n <= all.n - 1024; n += n % 512 == 0 ? 100 : 412) {
		CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct memory m = { { all.p, n }, 0 };
		struct byte_source source = memory_source(&m);
		struct tar_entry e;
		int r = tar_reader_open(&source, &t, &err);

		for (char data[64]; r == 0;) {
			r = tar_read_entry(t, &e, &err);
			if (r == 0)
				fail_msg("the first %zu of %zu bytes are taken for an archive", n, all.n);
			while (r > 0)
				r = (int)tar_read_data(t, data, sizeof data, &err);
		}
		assert_int_equal(r, -ERR_PROTOCOL);
		assert_true(!t || tar_read_entry(t, &e, NULL) == -ERR_PROTOCOL);
	}
}

static ssize_t broken_read(void *ctx, void *p, size_t n, struct error *err)
{
	(void)ctx;
	(void)p;
	(void)n;
	return error_set(err, ERR_CONNECT, "the line is cut");
}

static ssize_t memory_then_broken(void *ctx, void *p, size_t n, struct error *err)
{
	ssize_t got = memory_read(ctx, p, n, err);

	return got ? got : broken_read(ctx, p, n, err);
}

static int broken_write(void *ctx, const void *p, size_t n, struct error *err)
{
	(void)ctx;
	(void)p;
	(void)n;
	return error_set(err, ERR_REMOTE, "the host has enough");
}

static void the_stream_s_own_error_comes_through(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	struct byte_source source = { broken_read, NULL, -1 };
	struct byte_sink sink = { broken_write, NULL };
	struct tar_entry e = { .name = "x" };
	int r;

	(void)state;
	r = tar_reader_open(&source, &t, &err);
	if (r == 0)
		r = tar_read_entry(t, &e, &err);
	assert_int_equal(r, -ERR_CONNECT);
	assert_string_equal(err.text, "the line is cut");
	assert_int_equal(tar_writer_open(&sink, &w, &err), 0);
	e.name = "x";
	r = tar_write_entry(w, &e, &err);
	if (r == 0)
		r = tar_writer_end(w, &err);
	assert_int_equal(r, -ERR_REMOTE);
	assert_string_equal(err.text, "the host has enough");
}

static void an_archive_that_was_not_ended_has_no_end(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX);
	struct byte_sink sink = bytes_to_buf(&out);
	struct tar_writer *w = NULL;

	(void)state;
	assert_int_equal(tar_writer_open(&sink, &w, NULL), 0);
	put_entry(w, (struct tar_entry){ .name = "x" }, "content");
	tar_writer_close_p(&w);
	assert_null(w);
	assert_true(out.n <= 1024);
}

static void a_size_over_8_gib_is_told(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX);
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
	struct byte_sink sink = bytes_to_buf(&out);
	struct tar_entry e = { .name = "big", .size = 20LL * 1024 * 1024 * 1024 };
	struct memory m = { { NULL, 0 }, 0 };
	struct byte_source source = memory_source(&m);
	static char piece[256 * 1024];

	(void)state;
	assert_int_equal(tar_writer_open(&sink, &w, NULL), 0);
	assert_int_equal(tar_write_entry(w, &e, NULL), 0);
	assert_int_equal(tar_write_data(w, piece, sizeof piece, NULL), 0);
	m.text = buf_str(&out);
	assert_int_equal(tar_reader_open(&source, &t, NULL), 0);
	assert_int_equal(tar_read_entry(t, &e, NULL), 1);
	assert_int_equal(e.size, 20LL * 1024 * 1024 * 1024);
}

static void more_data_than_the_size_is_an_error(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX);
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	struct byte_sink sink = bytes_to_buf(&out);
	struct tar_entry e = { .name = "x", .size = 3 };

	(void)state;
	assert_int_equal(tar_writer_open(&sink, &w, NULL), 0);
	assert_int_equal(tar_write_entry(w, &e, NULL), 0);
	assert_int_equal(tar_write_data(w, "12345", 5, NULL), -ERR_SYSTEM);
}

/* A ustar header as other programs write it: octal numbers, the checksum over the header with blanks in its place. */
static void add_header(struct buf *out, const char *name, char type, unsigned size)
{
	unsigned char h[512] = "";
	unsigned sum = 0;

	memcpy(h, name, strlen(name));
	memcpy(h + 100, "0000644\0" "0000000\0" "0000000", 23);
	snprintf((char *)h + 124, 12, "%011o", size);
	memcpy(h + 136, "00000000000\0        ", 20);
	h[156] = (unsigned char)type;
	memcpy(h + 257, "ustar\0" "00", 8);
	for (size_t i = 0; i < sizeof h; i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06o", sum);
	buf_add_bytes(out, h, sizeof h);
}

/* Names in pax headers are UTF-8, and stay the bytes that they are: composed or not, valid or not. */
static void names_in_pax_headers_stay_as_they_are(void **state)
{
	static const char *const names[] = { "plain", "u\xcc\x88", "\xc3\xbc", "bad\xff", "\xe2\x98\xba/" LONG300 };
	static const char *const locales[] = { "C", "C.UTF-8", "en_US.UTF-8" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names) * ARRAY_LEN(locales); i++) {
		const char *name = names[i / ARRAY_LEN(locales)];
		CLEANUP(buf_done) struct buf archive = BUF_INIT(ARCHIVE_MAX);
		CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
		struct memory m = { { NULL, 0 }, 0 };
		struct byte_source source = memory_source(&m);
		char record[512] = "", zeros[1024] = "";
		size_t n = strlen(name) + sizeof " path=\n" - 1;
		struct tar_entry e;

		n += n + 2 < 100 ? 2 : 3;
		snprintf(record, sizeof record, "%zu path=%s\n", n, name);
		assert_int_equal(strlen(record), n);
		add_header(&archive, "PaxHeader/x", 'x', (unsigned)n);
		buf_add_bytes(&archive, record, sizeof record);
		add_header(&archive, "short", '0', 0);
		buf_add_bytes(&archive, zeros, sizeof zeros);
		setlocale(LC_CTYPE, locales[i % ARRAY_LEN(locales)]);
		m.text = buf_str(&archive);
		assert_int_equal(tar_reader_open(&source, &t, NULL), 0);
		assert_int_equal(tar_read_entry(t, &e, NULL), 1);
		assert_string_equal(e.name, name);
		assert_int_equal(tar_read_entry(t, &e, NULL), 0);
		setlocale(LC_CTYPE, "C");
	}
}

/* Programs fill up their last record, and a stream has an end of its own. */
static void what_is_behind_the_end_is_read(void **state)
{
	CLEANUP(buf_done) struct buf all = BUF_INIT(ARCHIVE_MAX);

	(void)state;
	write_all(&all);
	for (int broken = 0; broken < 2; broken++) {
		CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct memory m = { { NULL, 0 }, 4096 };
		struct byte_source source = { broken ? memory_then_broken : memory_read, &m, -1 };
		struct tar_entry e;
		int r;

		while (all.n < 400000)
			buf_add_char(&all, '\0');
		m.text = buf_str(&all);
		assert_int_equal(tar_reader_open(&source, &t, NULL), 0);
		do
			r = tar_read_entry(t, &e, &err);
		while (r > 0);
		assert_int_equal(r, broken ? -ERR_CONNECT : 0);
		assert_int_equal(m.text.n, 0);
	}
}

static void what_is_no_archive_is_an_error(void **state)
{
	static const char *const texts[] = { "", "hello", "#!/bin/sh\necho this is no archive\n", "\x1f\x8b\x08 broken", "PK\x03\x04 zip" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct memory m = { str_from(texts[i]), 0 };
		struct byte_source source = memory_source(&m);
		struct tar_entry e;
		int r = tar_reader_open(&source, &t, &err);

		if (r == 0)
			r = tar_read_entry(t, &e, &err);
		if (r != -ERR_PROTOCOL || !err.text)
			row_fail(texts[i], "returned %d", r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_cut_archive_is_an_error),
		cmocka_unit_test(the_stream_s_own_error_comes_through),
		cmocka_unit_test(an_archive_that_was_not_ended_has_no_end),
		cmocka_unit_test(a_size_over_8_gib_is_told),
		cmocka_unit_test(more_data_than_the_size_is_an_error),
		cmocka_unit_test(names_in_pax_headers_stay_as_they_are),
		cmocka_unit_test(what_is_behind_the_end_is_read),
		cmocka_unit_test(what_is_no_archive_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

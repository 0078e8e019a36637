#include "archive_streams.h"

#include "archive/filter.h"

static const struct {
	const char *name;
	enum compression kind;
	bool known;
} names[] = {
	{ "gzip", COMPRESSION_GZIP, true }, { "GZIP", COMPRESSION_GZIP, true },   { "zstd", COMPRESSION_ZSTD, true },
	{ "bzip2", COMPRESSION_BZIP2, true }, { "xz", COMPRESSION_XZ, true },     { "none", COMPRESSION_NONE, true },
	{ "gz", 0, false },                   { "", 0, false },                   { "zstd:chunked", 0, false },
};

static void kinds_have_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		enum compression kind = COMPRESSION_NONE;

		if (compression_parse(names[i].name, &kind) != names[i].known || (names[i].known && kind != names[i].kind))
			row_fail(names[i].name, "is taken for %d", (int)kind);
	}
	assert_false(compression_parse(NULL, &(enum compression){ 0 }));
	assert_string_equal(compression_name(COMPRESSION_ZSTD), "zstd");
}

/* "hello, hello, hello, hello\n" as the programs of these names write it. */
#define HELLO "hello, hello, hello, hello\n"
#define BYTES(literal) { literal, sizeof(literal) - 1 }

static const struct {
	const char *row;
	enum compression kind;
	struct str bytes;
} streams[] = {
	{ "gzip", COMPRESSION_GZIP,
	  BYTES("\037\213\010\000\000\000\000\000\000\003\313\110\315\311\311\327\121\310\300\244\270\000\113\041"
		"\241\051\033\000\000\000") },
	{ "bzip2", COMPRESSION_BZIP2,
	  BYTES("\102\132\150\071\061\101\131\046\123\131\075\131\135\163\000\000\007\121\000\000\020\100\004\002"
		"\104\240\000\061\014\000\222\030\227\226\050\015\070\024\017\027\162\105\070\120\220\075\131\135"
		"\163") },
	{ "xz", COMPRESSION_XZ,
	  BYTES("\375\067\172\130\132\000\000\004\346\326\264\106\002\000\041\001\026\000\000\000\164\057\345\243"
		"\340\000\032\000\016\135\000\064\031\111\356\215\357\214\212\161\074\011\173\000\000\000\000\000"
		"\215\245\304\153\313\220\243\043\000\001\052\033\357\260\210\305\037\266\363\175\001\000\000\000"
		"\000\004\131\132") },
	{ "zstd", COMPRESSION_ZSTD,
	  BYTES("\050\265\057\375\004\130\165\000\000\100\150\145\154\154\157\054\040\012\001\000\112\212\021\360"
		"\227\173\052") },
	{ "plain", COMPRESSION_NONE, BYTES(HELLO) },
};

static int unpack_stream(struct str bytes, size_t step, struct buf *out, enum compression *ret_kind, struct error *err)
{
	CLEANUP(decompressor_close_p) struct decompressor *d = NULL;
	struct memory m = { bytes, step };
	struct byte_source from = memory_source(&m), plain;
	struct byte_sink to = bytes_to_buf(out);
	int r = decompressor_open(&from, &d, err);

	if (r < 0)
		return r;
	*ret_kind = decompressor_kind(d);
	plain = decompressor_source(d);
	return bytes_copy(&plain, &to, NULL, err);
}

static void what_programs_wrote_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
		for (size_t step = 0; step < 3; step++) {
			CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX);
			CLEANUP(error_done) struct error err = ERROR_INIT;
			enum compression kind;

			if (unpack_stream(streams[i].bytes, step, &out, &kind, &err) < 0)
				row_fail(streams[i].row, "%s", err.text);
			if (kind != streams[i].kind || !str_eq_z(buf_str(&out), HELLO))
				row_fail(streams[i].row, "kind %d, \"%s\"", (int)kind, buf_z(&out));
			assert_int_equal(compression_detect(streams[i].bytes.p, 6), streams[i].kind);
			assert_int_equal(archive_detect(streams[i].bytes.p, streams[i].bytes.n), streams[i].kind != COMPRESSION_NONE);
		}
	}
}

/* However little is missing, but for gzip's check sum and length: libarchive does not look at them, and all data is there then. Fewer bytes
 * than tell the kind are plain bytes. */
static void a_cut_stream_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
		size_t end = streams[i].bytes.n - (streams[i].kind == COMPRESSION_GZIP ? 8 : 0);

		for (size_t n = 6; n < end && streams[i].kind != COMPRESSION_NONE; n++) {
			CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX);
			CLEANUP(error_done) struct error err = ERROR_INIT;
			enum compression kind;
			int r = unpack_stream((struct str){ streams[i].bytes.p, n }, 0, &out, &kind, &err);

			if (r != -ERR_PROTOCOL)
				row_fail(streams[i].row, "the first %zu of %zu bytes gave %d", n, streams[i].bytes.n, r);
		}
	}
}

static void compress(enum compression kind, int level, struct str text, size_t step, struct buf *out)
{
	CLEANUP(compressor_close_p) struct compressor *c = NULL;
	struct byte_sink sink = bytes_to_buf(out);

	assert_int_equal(compressor_open(kind, level, &sink, &c, NULL), 0);
	for (size_t at = 0; at < text.n; at += step)
		assert_int_equal(compressor_write(c, text.p + at, text.n - at < step ? text.n - at : step, NULL), 0);
	assert_int_equal(compressor_end(c, NULL), 0);
}

static void what_is_compressed_comes_back(void **state)
{
	static const enum compression kinds[] = { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };
	static const size_t sizes[] = { 0, 1, 1000, 65536, 1000000 };
	CLEANUP(free_p) char *text = malloc(1000000);

	(void)state;
	for (size_t i = 0; i < 1000000; i++)
		text[i] = (char)(i * i >> 7);
	for (size_t i = 0; i < ARRAY_LEN(kinds) * ARRAY_LEN(sizes); i++) {
		enum compression kind = kinds[i / ARRAY_LEN(sizes)], found;
		struct str all = { text, sizes[i % ARRAY_LEN(sizes)] };
		CLEANUP(buf_done) struct buf packed = BUF_INIT(ARCHIVE_MAX), again = BUF_INIT(ARCHIVE_MAX), back = BUF_INIT(ARCHIVE_MAX);

		compress(kind, 0, all, 77777, &packed);
		compress(kind, 0, all, 77777, &again);
		assert_true(str_eq(buf_str(&packed), buf_str(&again)));
		assert_int_equal(unpack_stream(buf_str(&packed), 0, &back, &found, NULL), 0);
		assert_int_equal(found, kind);
		assert_true(str_eq(buf_str(&back), all));
	}
}

static void gzip_has_no_time_and_no_name(void **state)
{
	CLEANUP(buf_done) struct buf packed = BUF_INIT(ARCHIVE_MAX);

	(void)state;
	compress(COMPRESSION_GZIP, 0, STR(HELLO), 100, &packed);
	/* RFC 1952: flags and MTIME follow the method. */
	assert_memory_equal(packed.p, "\x1f\x8b\x08\0\0\0\0\0", 8);
}

static void levels_are_taken(void **state)
{
	CLEANUP(buf_done) struct buf fast = BUF_INIT(ARCHIVE_MAX), small = BUF_INIT(ARCHIVE_MAX), text = BUF_INIT(ARCHIVE_MAX);

	(void)state;
	for (unsigned i = 0; i < 20000; i++)
		buf_addf(&text, "%u ", i * 2654435761u % 1000);
	compress(COMPRESSION_GZIP, 1, buf_str(&text), 5000, &fast);
	compress(COMPRESSION_GZIP, 9, buf_str(&text), 5000, &small);
	assert_true(small.n < fast.n);
}

static void twice_compressed_is_uncompressed_once(void **state)
{
	CLEANUP(buf_done) struct buf once = BUF_INIT(ARCHIVE_MAX), twice = BUF_INIT(ARCHIVE_MAX), back = BUF_INIT(ARCHIVE_MAX);
	enum compression kind;

	(void)state;
	compress(COMPRESSION_GZIP, 0, STR(HELLO), 100, &once);
	compress(COMPRESSION_GZIP, 0, buf_str(&once), 100, &twice);
	assert_int_equal(unpack_stream(buf_str(&twice), 0, &back, &kind, NULL), 0);
	assert_true(str_eq(buf_str(&back), buf_str(&once)));
}

static void unknown_and_unended_ones_are_refused(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX), back = BUF_INIT(ARCHIVE_MAX);
	struct byte_sink sink = bytes_to_buf(&out);
	struct compressor *c = NULL;
	enum compression kind;

	(void)state;
	assert_int_equal(compressor_open(COMPRESSION_XZ, 0, &sink, &c, &err), -ERR_UNSUPPORTED);
	assert_null(c);
	assert_int_equal(compressor_open(COMPRESSION_GZIP, 0, &sink, &c, &err), 0);
	assert_int_equal(compressor_write(c, HELLO, sizeof HELLO - 1, &err), 0);
	compressor_close_p(&c);
	assert_true(out.n < 6 || unpack_stream(buf_str(&out), 0, &back, &kind, NULL) == -ERR_PROTOCOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(what_programs_wrote_is_read),
		cmocka_unit_test(a_cut_stream_is_an_error),
		cmocka_unit_test(what_is_compressed_comes_back),
		cmocka_unit_test(gzip_has_no_time_and_no_name),
		cmocka_unit_test(levels_are_taken),
		cmocka_unit_test(twice_compressed_is_uncompressed_once),
		cmocka_unit_test(unknown_and_unended_ones_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

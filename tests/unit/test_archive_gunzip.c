/* gzip undone while it is pushed: split anywhere, several members, padding, and what is broken. */
#include "unit.h"

#include "archive/gunzip.h"
#include "base/buf.h"

/* "hello, hello, hello, hello\n" as gzip writes it. */
#define HELLO "hello, hello, hello, hello\n"
#define HEAD  "\037\213\010\000\000\000\000\000\000\003"
#define BODY  "\313\110\315\311\311\327\121\310\300\244\270\000"
#define END   "\113\041\241\051\033\000\000\000"
#define WRONG "\001\002\003\004\005\006\007\010"
#define ROW(literal) { literal, sizeof(literal) - 1 }

static const struct {
	const char *name;
	struct str packed;
	const char *plain; /* NULL: refused */
} streams[] = {
	{ "one member", ROW(HEAD BODY END), HELLO },
	{ "two members", ROW(HEAD BODY END HEAD BODY END), HELLO HELLO },
	{ "a name in the head", ROW("\037\213\010\010\000\000\000\000\000\003name\0" BODY END), HELLO },
	{ "padding", ROW(HEAD BODY END "\0\0\0"), HELLO },
	/* What must be right has a digest. */
	{ "another check sum", ROW(HEAD BODY WRONG), HELLO },
	{ "nothing in it", ROW(HEAD "\003\000\000\000\000\000\000\000\000\000"), "" },
	{ "nothing at all", ROW(""), NULL },
	{ "a head only", ROW(HEAD), NULL },
	{ "cut in the middle", ROW(HEAD "\313\110\315\311"), NULL },
	{ "cut in the end", ROW(HEAD BODY "\113\041"), NULL },
	{ "something behind it", ROW(HEAD BODY END "more"), NULL },
	{ "a second one that is cut", ROW(HEAD BODY END HEAD "\313\110"), NULL },
	{ "no gzip", ROW(HELLO), NULL },
	{ "a broken body", ROW(HEAD "\377\377\377\377\377\377" END), NULL },
};

static int unpack(struct str packed, size_t step, struct buf *out, struct error *err)
{
	CLEANUP(gunzip_close_p) struct gunzip *g = NULL;
	struct byte_sink sink = bytes_to_buf(out);
	int r = gunzip_open(&sink, &g, err);

	for (size_t at = 0; r == 0 && at < packed.n; at += step)
		r = gunzip_write(g, packed.p + at, packed.n - at < step ? packed.n - at : step, err);
	return r == 0 ? gunzip_end(g, err) : r;
}

static void streams_come_out_whole_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(streams); i++)
		for (size_t step = 1; step < 80; step++) {
			CLEANUP(buf_done) struct buf out = BUF_INIT(4096);
			CLEANUP(error_done) struct error err = ERROR_INIT;
			int r = unpack(streams[i].packed, step, &out, &err);

			if (r != (streams[i].plain ? 0 : -ERR_PROTOCOL))
				row_fail(streams[i].name, "in pieces of %zu: answer %d: %s", step, r, err.text ? err.text : "");
			if (r == 0 && strcmp(buf_z(&out), streams[i].plain) != 0)
				row_fail(streams[i].name, "in pieces of %zu: \"%s\"", step, buf_z(&out));
		}
}

struct limit {
	size_t left;
};

static int limited(void *ctx, const void *p, size_t n, struct error *err)
{
	struct limit *l = ctx;

	(void)p;
	if (n > l->left)
		return error_set(err, ERR_SYSTEM, "full");
	l->left -= n;
	return 0;
}

static void the_sinks_failure_comes_back(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(gunzip_close_p) struct gunzip *g = NULL;
	struct limit l = { 10 };
	struct byte_sink sink = { limited, &l };

	(void)state;
	assert_int_equal(gunzip_open(&sink, &g, NULL), 0);
	assert_int_equal(gunzip_write(g, streams[0].packed.p, streams[0].packed.n, NULL), 0);
	assert_int_equal(gunzip_end(g, &err), -ERR_SYSTEM);
	assert_string_equal(err.text, "full");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_come_out_whole_or_not),
		cmocka_unit_test(the_sinks_failure_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

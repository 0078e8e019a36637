#include "unit.h"

#include <unistd.h>

#include "base/bridge.h"
#include "base/buf.h"

/* Writes size bytes, that count from 0, in pieces of step; then fails or ends. */
struct counting {
	size_t size, step;
	int fail;
	unsigned runs;
};

static int count_out(void *ctx, const struct byte_sink *to, struct error *err)
{
	struct counting *c = ctx;
	unsigned char piece[100000];

	c->runs++;
	for (size_t at = 0; at < c->size;) {
		size_t n = c->size - at < c->step ? c->size - at : c->step;
		int r;

		for (size_t i = 0; i < n; i++)
			piece[i] = (unsigned char)((at + i) * 31 >> 3);
		r = sink_write(to, piece, n, err);
		if (r < 0)
			return r;
		at += n;
	}
	return c->fail ? error_set(err, (enum err_kind)c->fail, "the copy failed") : 0;
}

static const struct {
	const char *row;
	size_t size, step, read;
	int fail;
} streams[] = {
	{ "nothing", 0, 1, 10, 0 },
	{ "one byte", 1, 1, 10, 0 },
	{ "small pieces, large reads", 300000, 7, 65536, 0 },
	{ "large pieces, small reads", 300000, 100000, 11, 0 },
	{ "more than the ring, again and again", 3000000, 65536, 50000, 0 },
	{ "exactly the ring", BRIDGE_BYTES, 65536, 65536, 0 },
	{ "fails at once", 0, 1, 10, ERR_CONNECT },
	{ "fails after much", 1000000, 65536, 65536, ERR_PROTOCOL },
};

static void read_all(struct bridge *b, size_t size, size_t step)
{
	struct byte_source from = bridge_source(b);
	unsigned char piece[65536];
	size_t at = 0;
	ssize_t n;

	while ((n = source_read(&from, piece, step, NULL)) > 0)
		for (ssize_t i = 0; i < n; i++, at++)
			assert_int_equal(piece[i], (unsigned char)(at * 31 >> 3));
	assert_int_equal(n, 0);
	assert_int_equal(at, size);
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
		CLEANUP(bridge_close_p) struct bridge *b = NULL;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct counting c = { streams[i].size, streams[i].step, streams[i].fail, 0 };
		struct byte_producer p = { count_out, &c, (int64_t)streams[i].size, false };
		char piece[65536];
		ssize_t n;

		assert_int_equal(bridge_open(&p, &b, &err), 0);
		assert_int_equal(bridge_source(b).length, streams[i].size);
		if (!streams[i].fail) {
			read_all(b, streams[i].size, streams[i].read);
			assert_false(bridge_failed(b));
			continue;
		}
		while ((n = bridge_source(b).read(b, piece, sizeof piece, &err)) > 0)
			;
		if (n != -streams[i].fail || !err.text || strcmp(err.text, "the copy failed") != 0)
			fail_msg("%s: %zd %s", streams[i].row, n, err.text);
		assert_true(bridge_failed(b));
		/* It stays failed. */
		assert_true(bridge_source(b).read(b, piece, sizeof piece, NULL) < 0);
	}
}

static void a_reader_that_leaves_ends_the_producer(void **state)
{
	CLEANUP(bridge_close_p) struct bridge *b = NULL;
	struct counting c = { (size_t)1 << 40, 65536, 0, 0 };
	struct byte_producer p = { count_out, &c, -1, false };
	char piece[100];

	(void)state;
	assert_int_equal(bridge_open(&p, &b, NULL), 0);
	assert_int_equal(bridge_source(b).read(b, piece, sizeof piece, NULL), sizeof piece);
	bridge_close_p(&b);
	assert_null(b);
	assert_int_equal(c.runs, 1);
}

static void a_producer_is_run_again_where_it_may(void **state)
{
	CLEANUP(bridge_close_p) struct bridge *b = NULL, *once = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct counting c = { 700000, 65536, 0, 0 };
	struct byte_producer p = { count_out, &c, 700000, true };
	char piece[1000];

	(void)state;
	assert_int_equal(bridge_open(&p, &b, NULL), 0);
	assert_true(bridge_source(b).read(b, piece, sizeof piece, NULL) > 0);
	assert_int_equal(bridge_restart(b, NULL), 0);
	read_all(b, 700000, 4096);
	assert_int_equal(bridge_restart(b, NULL), 0);
	read_all(b, 700000, 4096);
	assert_int_equal(c.runs, 3);

	p.again = false;
	assert_int_equal(bridge_open(&p, &once, NULL), 0);
	assert_int_equal(bridge_restart(once, &err), -ERR_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_reader_that_leaves_ends_the_producer),
		cmocka_unit_test(a_producer_is_run_again_where_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

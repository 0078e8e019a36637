/* The detach keys: grammar, and that the way input is cut into pieces makes no difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* after the four headers that it needs */
#include <cmocka.h>

#include "base/cleanup.h"
#include "term/keys.h"

static const struct {
	const char *text;
	size_t n; /* 0 with fail: refused */
	unsigned char first;
	bool fail;
} grammar[] = {
	{ "", 0, 0, false },
	{ "ctrl-p,ctrl-q", 2, 0x10, false },
	{ "a", 1, 'a', false },
	{ "a,b,c", 3, 'a', false },
	{ "ctrl-@", 1, 0x00, false },
	{ "ctrl-[", 1, 0x1b, false },
	{ "ctrl-\\", 1, 0x1c, false },
	{ "ctrl-]", 1, 0x1d, false },
	{ "ctrl-^", 1, 0x1e, false },
	{ "ctrl-_", 1, 0x1f, false },
	{ "ctrl-z", 1, 0x1a, false },
	{ "ctrl-A", 0, 0, true },
	{ "ctrl-1", 0, 0, true },
	{ "ctrl-", 0, 0, true },
	{ "ctrl-pp", 0, 0, true },
	{ "ab", 0, 0, true },
	{ "a,", 0, 0, true },
	{ ",a", 0, 0, true },
	{ "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p", 16, 'a', false },
	{ "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", 0, 0, true },
};

static void test_grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(grammar); i++) {
		struct error err = ERROR_INIT;
		struct keys k = { .n = 99 };
		int r = keys_parse(grammar[i].text, &k, &err);

		if (grammar[i].fail != (r < 0) || (!grammar[i].fail && (k.n != grammar[i].n || (k.n && k.seq[0] != grammar[i].first))))
			fail_msg("\"%s\": r %d, %zu keys, first %#x", grammar[i].text, r, k.n, k.seq[0]);
		if (grammar[i].fail && (err.kind != ERR_USAGE || !strstr(err.text, grammar[i].text)))
			fail_msg("\"%s\": the error does not name it: %s", grammar[i].text, err.text);
		error_done(&err);
	}
}

static const struct {
	const char *keys, *in, *out;
	bool detached;
} filter[] = {
	{ "", "anything\x10\x11", "anything\x10\x11", false },
	{ "ctrl-p,ctrl-q", "ls\r\x10\x11 dropped", "ls\r", true },
	{ "ctrl-p,ctrl-q", "a\x10z", "a\x10z", false },
	{ "ctrl-p,ctrl-q", "a\x10\x10z", "a\x10\x10z", false },
	{ "ctrl-p,ctrl-q", "\x10\x10\x11", "\x10", true },
	{ "ctrl-p,ctrl-q", "end\x10", "end", false }, /* held: it may still become the sequence */
	{ "a,a,b", "aaab", "a", true },
	{ "a,a,b", "aacaab", "aac", true },
	{ "a,b,a,c", "ababac", "ab", true },
	{ "x", "x", "", true },
	{ "x", "ax", "a", true },
	{ "x", "abc", "abc", false },
};

/* Feeds in pieces of at most piece bytes. */
static void check_filter(size_t i, size_t piece)
{
	struct keys k;
	unsigned char out[256];
	size_t n_in = strlen(filter[i].in), got = 0, n;
	bool detached = false;

	assert_int_equal(keys_parse(filter[i].keys, &k, NULL), 0);
	for (size_t at = 0; at < n_in && !detached; at += piece) {
		size_t len = n_in - at < piece ? n_in - at : piece;

		detached = keys_filter(&k, (const unsigned char *)filter[i].in + at, len, out + got, &n);
		got += n;
	}
	if (detached != filter[i].detached || got != strlen(filter[i].out) || memcmp(out, filter[i].out, got) != 0)
		fail_msg("row %zu (%s) in pieces of %zu: detached %d, out \"%.*s\"", i, filter[i].keys, piece, detached, (int)got, out);
}

static void test_filter(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(filter); i++)
		for (size_t piece = 1; piece <= strlen(filter[i].in); piece++)
			check_filter(i, piece);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_grammar), cmocka_unit_test(test_filter) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

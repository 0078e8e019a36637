#include "unit.h"

#include <stdio.h>

#include "tunnel/known_hosts.h"

#define KEY_A "AAAAC3NzaC1lZDI1NTE5AAAAILQK7G9GdBciKw/PoQFlmkVniUl2qK9jerybnHW2hEru"
#define KEY_B "AAAAC3NzaC1lZDI1NTE5AAAAIAk7uQbtjatrqPZl4K5UTWjntfJ53EdTYztKkO6MckXs"
#define KEY_EC                                                                                                                     \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBPqO1jzgsKG/QYWIId2r4qDYjat6pYZi42Mb30GSp8RYRB/"                      \
	"vKjz7UOYiB/Z/czFTzu0g/9/SJjbwcCrn8A9yGwo="
#define ED "ssh-ed25519"
#define EC "ecdsa-sha2-nistp256"

static void fields_match_as_in_ssh(void **state)
{
	static const struct {
		const char *field, *name;
		bool matches;
	} cases[] = {
		{ "box", "box", true },
		{ "box", "boxes", false },
		{ "BOX", "box", true },
		{ "a,box,c", "box", true },
		{ "a,b", "box", false },
		{ "*.example.com", "a.example.com", true },
		{ "*.example.com", "example.com", false },
		{ "*.example.com,!bad.example.com", "bad.example.com", false },
		{ "!bad.example.com,*.example.com", "bad.example.com", false },
		{ "!bad.example.com", "good.example.com", false },
		{ "b?x", "box", true },
		{ "b?x", "bx", false },
		{ "*", "anything", true },
		{ "*o*o*", "foo.bo", true },
		{ "**x", "x", true },
		{ "[box]:2222", "[box]:2222", true },
		{ "[box]:2222", "box", false },
		{ "[*]:2222", "[box]:2222", true },
		{ "", "box", false },
		{ ",,", "box", false },
		/* Written by ssh-keygen -H for box and [box]:2222. */
		{ "|1|DSXDUFVeGEuASNmZv+kdliO2384=|Stm2iKvzyvUqHBO7N/gJp1AZnr0=", "box", true },
		{ "|1|DSXDUFVeGEuASNmZv+kdliO2384=|Stm2iKvzyvUqHBO7N/gJp1AZnr0=", "[box]:2222", false },
		{ "|1|2tJi3hoWIHfWImxvo3H/dw3T3YA=|LshQiplLghNpSZNLdk5I7vx/ODE=", "[box]:2222", true },
		{ "|1|2tJi3hoWIHfWImxvo3H/dw3T3YA=|LshQiplLghNpSZNLdk5I7vx/ODE=", "box", false },
		{ "|1|DSXDUFVeGEuASNmZv+kdliO2384=", "box", false },
		{ "|2|DSXDUFVeGEuASNmZv+kdliO2384=|Stm2iKvzyvUqHBO7N/gJp1AZnr0=", "box", false },
		{ "|1|short=|Stm2iKvzyvUqHBO7N/gJp1AZnr0=", "box", false },
		{ "|", "box", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (known_hosts_field_matches(str_from(cases[i].field), cases[i].name) != cases[i].matches)
			row_fail(cases[i].field, "for %s", cases[i].name);
}

static void names_carry_the_port(void **state)
{
	static const struct {
		const char *host, *name;
		int port;
	} cases[] = {
		{ "Box", "box", 22 },
		{ "Box", "[box]:2222", 2222 },
		{ "::1", "::1", 22 },
		{ "::1", "[::1]:23", 23 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(free_p) char *name = known_hosts_name(cases[i].host, cases[i].port);

		assert_string_equal(name, cases[i].name);
	}
}

/* The host is box at port 2222, and sends the ed25519 key A. */
static void lines_decide(void **state)
{
	static const struct {
		const char *text;
		enum known_verdict verdict;
		unsigned line; /* that decides; 0: none */
	} cases[] = {
		{ "", KNOWN_UNKNOWN, 0 },
		{ "other " ED " " KEY_A "\n", KNOWN_UNKNOWN, 0 },
		{ "[box]:2222 " ED " " KEY_A " a comment\n", KNOWN_MATCH, 1 },
		{ "[box]:2222 " ED " " KEY_A, KNOWN_MATCH, 1 },
		{ "  [box]:2222\t" ED "\t" KEY_A "\r\n", KNOWN_MATCH, 1 },
		{ "# comment\n\n[box]:2222 " ED " " KEY_B "\n", KNOWN_CHANGED, 3 },
		{ "[box]:2222 " EC " " KEY_EC "\n", KNOWN_OTHER_TYPE, 1 },
		/* One that fits is enough beside one that does not, in either order. */
		{ "[box]:2222 " ED " " KEY_B "\n[box]:2222 " ED " " KEY_A "\n", KNOWN_MATCH, 2 },
		{ "[box]:2222 " ED " " KEY_A "\n[box]:2222 " ED " " KEY_B "\n", KNOWN_MATCH, 1 },
		{ "[box]:2222 " EC " " KEY_EC "\n[box]:2222 " ED " " KEY_B "\n", KNOWN_CHANGED, 2 },
		/* Revoked is stronger than a match, wherever it stands; a revoked other key says nothing. */
		{ "[box]:2222 " ED " " KEY_A "\n@revoked * " ED " " KEY_A "\n", KNOWN_IS_REVOKED, 2 },
		{ "@revoked [box]:2222 " ED " " KEY_B "\n[box]:2222 " ED " " KEY_A "\n", KNOWN_MATCH, 2 },
		{ "@cert-authority * " ED " " KEY_A "\n", KNOWN_UNKNOWN, 0 },
		{ "@something [box]:2222 " ED " " KEY_A "\n", KNOWN_UNKNOWN, 0 },
		/* Bad lines are passed over and lose nothing behind them. */
		{ "[box]:2222\n[box]:2222 " ED "\n[box]:2222 1024 35 123456789012345678901\n[box]:2222 " ED " !!!!\n[box]:2222 " ED
		  " " KEY_A "\n",
		  KNOWN_MATCH, 5 },
		/* The name without the port counts for a match, never against the host. */
		{ "box " ED " " KEY_A "\n", KNOWN_MATCH, 1 },
		{ "box " ED " " KEY_B "\n", KNOWN_UNKNOWN, 0 },
		{ "box " EC " " KEY_EC "\n", KNOWN_UNKNOWN, 0 },
		{ "|1|2tJi3hoWIHfWImxvo3H/dw3T3YA=|LshQiplLghNpSZNLdk5I7vx/ODE= " ED " " KEY_A "\n", KNOWN_MATCH, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(known_hosts_done) struct known_hosts k = { 0 };
		const struct known_key *by;
		enum known_verdict verdict;

		assert_true(known_hosts_add(&k, str_from(cases[i].text), "known_hosts", "[box]:2222", "box"));
		verdict = known_hosts_check(&k, ED, KEY_A, &by);
		if (verdict != cases[i].verdict || (by ? by->line : 0) != cases[i].line)
			row_fail(cases[i].text, "verdict %d by line %u", verdict, by ? by->line : 0);
		if (by)
			assert_string_equal(by->file, "known_hosts");
	}
}

static void marked_lines_are_seen(void **state)
{
	static const struct {
		const char *text;
		bool marked;
	} cases[] = {
		{ "[box]:2222 " ED " " KEY_A "\n", false },
		{ "@revoked * " ED " " KEY_B "\n", true },
		{ "@cert-authority *:2222 " ED " " KEY_B "\n", true },
		{ "@cert-authority other " ED " " KEY_B "\n", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(known_hosts_done) struct known_hosts k = { 0 };

		assert_true(known_hosts_add(&k, str_from(cases[i].text), "f", "[box]:2222", NULL));
		if (known_hosts_marked(&k) != cases[i].marked)
			row_fail(cases[i].text, "marked: %d", !cases[i].marked);
	}
}

static void files_add_up(void **state)
{
	CLEANUP(known_hosts_done) struct known_hosts k = { 0 };
	CLEANUP(strv_done) struct strv files = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char path[] = "/tmp/farpod-known-XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	(void)state;
	fputs("box " ED " " KEY_B "\n", f);
	fclose(f);
	assert_true(strv_add(&files, "/nonexistent/known_hosts") && strv_add(&files, path));
	assert_int_equal(known_hosts_read(&k, &files, "box", NULL, &err), 0);
	assert_int_equal(k.n, 1);
	assert_ptr_equal(k.v[0].file, files.v[1]);
	remove(path);
}

static void a_hashed_name_matches_itself(void **state)
{
	CLEANUP(buf_done) struct buf a = BUF_INIT(200), b = BUF_INIT(200);

	(void)state;
	assert_true(known_hosts_hash("[box]:2222", &a));
	assert_true(known_hosts_hash("[box]:2222", &b));
	assert_true(known_hosts_field_matches(buf_str(&a), "[box]:2222"));
	assert_false(known_hosts_field_matches(buf_str(&a), "box"));
	assert_string_not_equal(buf_z(&a), buf_z(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_match_as_in_ssh), cmocka_unit_test(names_carry_the_port),
		cmocka_unit_test(lines_decide),           cmocka_unit_test(marked_lines_are_seen),
		cmocka_unit_test(files_add_up),           cmocka_unit_test(a_hashed_name_matches_itself),
	};

	return cmocka_run_group_tests_name("tunnel/known_hosts", tests, NULL, NULL);
}

#include "unit.h"

#include <sys/socket.h>

#include "base/clock.h"
#include "base/fd.h"
#include "tunnel/lines.h"

static void words_come_back(void **state)
{
	static const struct {
		const char *word, *line;
	} cases[] = {
		{ "ps", "ps" },
		{ "", "%" },
		{ "%", "%25" },
		{ "a b", "a%20b" },
		{ "/run/podman/podman.sock", "/run/podman/podman.sock" },
		{ "two\nlines\t\x7f", "two%0Alines%09%7F" },
		{ "f\xc3\xbcr", "f\xc3\xbcr" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT(100);
		CLEANUP(free_p) char *word = NULL;
		struct str rest;

		line_add(&b, cases[i].word);
		if (strcmp(buf_z(&b), cases[i].line) != 0)
			row_fail(cases[i].line, "written as \"%s\"", buf_z(&b));
		rest = buf_str(&b);
		if (!line_take(&rest, &word) || strcmp(word, cases[i].word) != 0 || rest.n)
			row_fail(cases[i].line, "read as \"%s\"", word ? word : "nothing");
	}
}

static void bad_words_are_refused(void **state)
{
	static const char *const cases[] = { "", " a", "%2", "%2g", "%zz", "a%", "%00", "%0a" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *word = NULL;
		struct str rest = str_from(cases[i]);

		if (line_take(&rest, &word))
			row_fail(cases[i], "read as \"%s\"", word);
	}
}

static void requests(void **state)
{
	static const struct {
		const char *line;
		enum request_kind kind;
		const char *what; /* NULL: refused */
		int port;
	} cases[] = {
		{ "unix /run/podman/podman.sock", REQUEST_UNIX, "/run/podman/podman.sock", 0 },
		{ "unix /a%20b", REQUEST_UNIX, "/a b", 0 },
		{ "tcp ::1 8080", REQUEST_TCP, "::1", 8080 },
		{ "exec id%20-u", REQUEST_EXEC, "id -u", 0 },
		{ "run :", REQUEST_RUN, ":", 0 },
		{ .line = "" },
		{ .line = "unix" },
		{ .line = "unix %" },
		{ .line = "unix /a /b" },
		{ .line = "tcp box" },
		{ .line = "tcp box 0" },
		{ .line = "tcp box 65536" },
		{ .line = "tcp box 1 2" },
		{ .line = "UNIX /a" },
		{ .line = "unixx /a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(request_done) struct request q = { 0 };
		CLEANUP(buf_done) struct buf again = BUF_INIT(200);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int r = request_parse(str_from(cases[i].line), &q, &err);

		if (!cases[i].what) {
			if (r != -ERR_PROTOCOL)
				row_fail(cases[i].line, "taken: %d", r);
			continue;
		}
		if (r < 0 || q.kind != cases[i].kind || strcmp(q.what, cases[i].what) != 0 || q.port != cases[i].port)
			row_fail(cases[i].line, "%d, \"%s\" port %d", r, r < 0 ? err.text : q.what, q.port);
		request_format(&q, &again);
		assert_string_equal(buf_z(&again), cases[i].line);
	}
}

static void failures_come_back(void **state)
{
	static const struct {
		enum err_kind kind;
		int sys_errno;
		const char *text, *hint;
	} cases[] = {
		{ ERR_CONNECT, 2, "no socket /x on box", NULL },
		{ ERR_AUTH, 0, "100% refused,\nreally", "type: ssh-add" },
		{ ERR_SYSTEM, 0, "", NULL },
		{ ERR_USAGE, 0, "a", "b" },
		{ ERR_INTERRUPTED, 4, "interrupted", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT, back = ERROR_INIT;
		CLEANUP(buf_done) struct buf b = BUF_INIT(1000);
		CLEANUP(free_p) char *word = NULL;
		struct str rest;

		error_set(&err, cases[i].kind, "%s", cases[i].text);
		if (cases[i].hint)
			error_hint(&err, "%s", cases[i].hint);
		err.sys_errno = cases[i].sys_errno;
		failure_format(&err, &b);
		rest = buf_str(&b);
		assert_true(line_take(&rest, &word));
		assert_string_equal(word, "fail");
		if (!failure_parse(rest, &back))
			row_fail(cases[i].text, "\"%s\" is not understood", buf_z(&b));
		assert_int_equal(back.kind, cases[i].kind);
		assert_int_equal(back.sys_errno, cases[i].sys_errno);
		assert_string_equal(back.text, cases[i].text);
		if (cases[i].hint)
			assert_string_equal(back.hint, cases[i].hint);
		else
			assert_null(back.hint);
	}
}

static void bad_failures_are_refused(void **state)
{
	static const char *const cases[] = {
		"", "connect", "connect 2", "connect 2 text", "nonsense 2 text %", "connect x text %", "connect -1 text %"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error back = ERROR_INIT;

		if (failure_parse(str_from(cases[i]), &back))
			row_fail(cases[i], "taken");
	}
}

static void a_line_ends_at_its_newline(void **state)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char rest[16] = "";
	int fds[2];

	(void)state;
	assert_int_equal(fd_socketpair(fds, NULL), 0);
	assert_int_equal(write(fds[1], "ok\nraw\nbytes", 12), 12);
	assert_int_equal(line_read(fds[0], clock_after_ms(1000), &line, &err), 0);
	assert_string_equal(buf_z(&line), "ok");
	assert_int_equal(read(fds[0], rest, sizeof rest), 9);
	assert_string_equal(rest, "raw\nbytes");

	assert_int_equal(write(fds[1], "half", 4), 4);
	assert_int_equal(line_read(fds[0], clock_after_ms(50), &line, &err), -ERR_CONNECT);
	close(fds[1]);
	assert_int_equal(line_read(fds[0], clock_after_ms(1000), &line, &err), -ERR_CONNECT);
	close(fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_come_back),
		cmocka_unit_test(bad_words_are_refused),
		cmocka_unit_test(requests),
		cmocka_unit_test(failures_come_back),
		cmocka_unit_test(bad_failures_are_refused),
		cmocka_unit_test(a_line_ends_at_its_newline),
	};

	return cmocka_run_group_tests_name("tunnel/lines", tests, NULL, NULL);
}

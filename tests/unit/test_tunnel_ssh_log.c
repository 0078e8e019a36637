#include "unit.h"

#include <unistd.h>

#include "base/fd.h"
#include "tunnel/ssh_log.h"

static void the_last_words_become_an_error(void **state)
{
	static const struct {
		const char *log, *text;
		enum err_kind kind;
		const char *hint;
	} cases[] = {
		{ "debug1: Connecting to box\r\nssh: Could not resolve hostname box: Name or service not known\r\n",
		  "ssh box: Could not resolve hostname box: Name or service not known", ERR_CONNECT, "~/.ssh/config" },
		{ "ssh: connect to host box port 22: Connection refused\r\n",
		  "ssh box: connect to host box port 22: Connection refused", ERR_CONNECT, "ssh -v box" },
		{ "debug1: x\nroot@box: Permission denied (publickey).\r\n", "ssh box: root@box: Permission denied (publickey).",
		  ERR_AUTH, "ssh-copy-id box" },
		{ "ada@jump: Permission denied (publickey).\nkex_exchange_identification: Connection closed by remote host\n"
		  "Connection closed by UNKNOWN port 65535\n",
		  "ssh box: ada@jump: Permission denied (publickey).; kex_exchange_identification: Connection closed by remote host; "
		  "Connection closed by UNKNOWN port 65535",
		  ERR_AUTH, "ssh-copy-id box" },
		{ "one\ntwo\nthree\nHost key verification failed.\n", "ssh box: two; three; Host key verification failed.",
		  ERR_AUTH, "ssh box true" },
		{ "OpenSSH_9.2p1 Debian\ndebug2: y\n\n", "ssh box: it ended without a reason", ERR_CONNECT, "ssh -v box true" },
	};
	struct keeper k = { .control = -1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct ssh_log log = { .fd = -1 };
		struct str rest = str_from(cases[i].log), line;

		while (rest.n) {
			str_cut(rest, '\n', &line, &rest);
			ssh_log_line(&log, line, &k);
		}
		if (ssh_log_error(&log, "box", &err) != -(int)cases[i].kind || strcmp(err.text, cases[i].text) != 0)
			row_fail(cases[i].text, "kind %d \"%s\"", err.kind, err.text);
		if (!strstr(err.hint, cases[i].hint))
			row_fail(cases[i].text, "hint \"%s\"", err.hint);
		ssh_log_done(&log);
	}
}

/* The log arrives in any pieces, and the owner hears of each step once. */
static void steps_are_reported(void **state)
{
	static const char text[] = "debug1: Connection established.\r\ndebug1: Server host key: ssh-ed25519 SHA256:abc\r\n"
				   "debug1: SSH2_MSG_SERVICE_ACCEPT received\r\ndebug1: SSH2_MSG_SERVICE_ACCEPT received\r\n"
				   "Authenticated to box ([10.0.0.5]:22) using \"publickey\".\r\n"
				   "debug2: channel 2: open confirm rwindow 2097152 rmax 32768\r\n"
				   "channel 3: open failed: connect failed: open failed\r\n";

	(void)state;
	for (size_t cut = 1; cut < sizeof text - 1; cut += 7) {
		struct ssh_log log = { 0 };
		char said[512] = "", *second;
		int control[2], stderr_[2];
		struct keeper k = { 0 };
		ssize_t n;

		assert_int_equal(fd_socketpair(control, NULL), 0);
		assert_int_equal(fd_pipe(stderr_, NULL), 0);
		fd_set_nonblock(stderr_[0], true);
		k.control = control[1];
		log.fd = stderr_[0];
		assert_true(write(stderr_[1], text, cut) == (ssize_t)cut);
		ssh_log_read(&log, &k);
		assert_true(write(stderr_[1], text + cut, sizeof text - 1 - cut) > 0);
		ssh_log_read(&log, &k);
		assert_int_equal(log.confirmed, 1);
		assert_int_equal(log.refused, 1);
		assert_string_equal(log.login, "box ([10.0.0.5]:22) using \"publickey\".");
		n = read(control[0], said, sizeof said - 1);
		assert_true(n > 0);
		assert_int_equal(strncmp(said, "hop 2 ", 6), 0);
		second = strchr(said, '\n');
		assert_int_equal(strncmp(second, "\nhop 3 ", 7), 0);
		assert_non_null(strstr(second, " ssh-ed25519%20SHA256:abc\n"));
		assert_null(strchr(strchr(second + 1, '\n') + 1, '\n'));
		close(stderr_[1]);
		ssh_log_read(&log, &k);
		assert_int_equal(log.fd, -1);
		ssh_log_done(&log);
		close(control[0]);
		close(control[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_words_become_an_error),
		cmocka_unit_test(steps_are_reported),
	};

	return cmocka_run_group_tests_name("tunnel/ssh_log", tests, NULL, NULL);
}

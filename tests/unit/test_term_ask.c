/* Questions on a terminal: a child process whose stdin and stdout are one side of a pseudoterminal; this test types on the other. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/wipe.h"
#include "term/term.h"

struct asked {
	pid_t pid;
	int terminal;      /* where the test types */
	int side;          /* the child's side, kept open for its settings */
	struct buf screen; /* all that was shown */
};

/* Shows "got ANSWER" or "failed: WHY" and ends. */
static void ask_and_tell(bool echo)
{
	CLEANUP(wipe_free_p) char *answer = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int r = term_ask("Question: ", echo, &answer, &err);

	dprintf(STDOUT_FILENO, "%s%s\n", r == 0 ? "got " : "failed: ", r == 0 ? answer : err.text);
	_exit(r == 0 ? 0 : 1);
}

static void start(struct asked *a, bool echo)
{
	*a = (struct asked){ .terminal = posix_openpt(O_RDWR | O_NOCTTY), .screen = BUF_INIT(10000) };
	assert_true(a->terminal >= 0);
	assert_int_equal(grantpt(a->terminal), 0);
	assert_int_equal(unlockpt(a->terminal), 0);
	a->side = open(ptsname(a->terminal), O_RDWR | O_NOCTTY);
	assert_true(a->side >= 0);
	a->pid = fork();
	if (a->pid == 0) {
		setsid();
		ioctl(a->side, TIOCSCTTY, 0);
		dup2(a->side, STDIN_FILENO);
		dup2(a->side, STDOUT_FILENO);
		ask_and_tell(echo);
	}
}

static void wait_for(struct asked *a, const char *text)
{
	uint64_t deadline = clock_after_ms(20000);
	char block[256];

	while (!strstr(buf_z(&a->screen), text)) {
		ssize_t n = fd_read_some(a->terminal, block, sizeof block, deadline, NULL);

		if (n <= 0)
			row_fail(text, "not shown: %s", buf_z(&a->screen));
		buf_add_bytes(&a->screen, block, (size_t)n);
	}
}

static void type(const struct asked *a, const char *keys)
{
	assert_int_equal(write(a->terminal, keys, strlen(keys)), strlen(keys));
}

static bool echoes(const struct asked *a)
{
	struct termios t;

	assert_int_equal(tcgetattr(a->side, &t), 0);
	return t.c_lflag & ECHO;
}

static int end(struct asked *a)
{
	int status;

	assert_int_equal(waitpid(a->pid, &status, 0), a->pid);
	assert_true(echoes(a));
	close(a->side);
	close(a->terminal);
	buf_done(&a->screen);
	return status;
}

static void an_answer_is_shown_or_hidden(void **state)
{
	static const struct {
		bool echo;
		const char *keys, *want;
	} cases[] = {
		{ true, "alice\n", "got alice\r\n" },
		{ false, "s3cret word\n", "got s3cret word\r\n" },
		{ false, "\n", "got \r\n" },
		{ false, "typo\x7f\x7f\x7f\x7fright\n", "got right\r\n" }, /* lines are edited without echo too */
		{ false, "\x04", "failed: EOF\r\n" },
		{ true, "\x04", "failed: EOF\r\n" },
		{ true, "half\x04\x04", "got half\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct asked a;

		start(&a, cases[i].echo);
		wait_for(&a, "Question: ");
		assert_int_equal(echoes(&a), cases[i].echo);
		type(&a, cases[i].keys);
		wait_for(&a, cases[i].want);
		/* Before the child tells it, a hidden answer is nowhere on the screen. */
		*strstr(a.screen.p, cases[i].want) = 0;
		assert_true(cases[i].echo || !strstr(a.screen.p, "s3cret"));
		end(&a);
	}
}

static void a_signal_gives_the_echo_back(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct asked a;
		int status;

		start(&a, false);
		wait_for(&a, "Question: ");
		assert_false(echoes(&a));
		kill(a.pid, signals[i]);
		status = end(&a);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
	}
}

static void ctrl_c_is_a_signal(void **state)
{
	struct asked a;
	int status;

	(void)state;
	start(&a, false);
	wait_for(&a, "Question: ");
	type(&a, "\x03");
	status = end(&a);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

static void without_a_terminal_nothing_is_asked(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int null = open("/dev/null", O_RDONLY), kept = dup(STDIN_FILENO);
	char *answer = NULL;

	(void)state;
	dup2(null, STDIN_FILENO);
	assert_int_equal(term_ask("never shown", true, &answer, &err), -ERR_SYSTEM);
	dup2(kept, STDIN_FILENO);
	close(null);
	close(kept);
	assert_string_equal(err.text, "inappropriate ioctl for device");
	assert_null(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_shown_or_hidden),
		cmocka_unit_test(a_signal_gives_the_echo_back),
		cmocka_unit_test(ctrl_c_is_a_signal),
		cmocka_unit_test(without_a_terminal_nothing_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

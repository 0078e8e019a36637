/* A temporary folder is gone when it is closed and when its process is killed. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/scratch.h"
#include "unit.h"

#define GONE_MS 5000

static void fill(const char *dir)
{
	char path[4200];
	int fd;

	snprintf(path, sizeof path, "%s/sub", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/sub/file", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	/* A link out of it must not take along what it points to. */
	snprintf(path, sizeof path, "%s/sub/link", dir);
	assert_int_equal(symlink("/etc", path), 0);
	snprintf(path, sizeof path, "%s/sub", dir);
	assert_int_equal(chmod(path, 0500), 0);
}

static void test_close(void **state)
{
	struct scratch s = SCRATCH_INIT;
	struct error err = ERROR_INIT;
	char path[4200];
	struct stat st;

	(void)state;
	assert_int_equal(scratch_open("unit", &s, &err), 0);
	snprintf(path, sizeof path, "%s", s.path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	fill(path);
	scratch_done(&s);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(stat("/etc", &st), 0);
	scratch_done(&s);
}

static void test_killed(void **state)
{
	int fds[2];
	char path[4200] = "";
	struct stat st;
	ssize_t n;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		struct scratch s = SCRATCH_INIT;

		if (scratch_open("unit", &s, NULL) < 0)
			_exit(1);
		fill(s.path);
		if (write(fds[1], s.path, strlen(s.path)) < 0)
			_exit(1);
		pause();
	}
	n = read(fds[0], path, sizeof path - 1);
	assert_true(n > 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (uint64_t end = clock_after_ms(GONE_MS); clock_ms() < end && stat(path, &st) == 0;)
		usleep(10000);
	assert_int_equal(stat(path, &st), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

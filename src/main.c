/* main.c: which program was called, its one run, its one error, its exit status. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/personality.h"
#include "cmd/session_own.h"

/* The name it was called by picks the commands: skopeo's under that name, podman's under any other. */
static bool is_skopeo(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');

	return strcmp(slash ? slash + 1 : argv0, "skopeo") == 0;
}

/* Without this a connection could get the number of a closed stdout, and the output with it. What is written to a closed stdout still
 * fails. */
static void open_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR);
}

int main(int argc, char **argv)
{
	CLEANUP(session_done) struct session s = { .config.ignore_hosts = -1 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int r;

	open_standard_fds();
	/* A peer or a reader that goes away is an error like others, with words and an exit status. */
	signal(SIGPIPE, SIG_IGN);
	setlocale(LC_CTYPE, "");
	for (int i = 0; i < argc; i++)
		strv_add(&s.argv, argv[i]);
	r = argc > 0 && is_skopeo(argv[0]) ? personality_skopeo(&s, argc - 1, argv + 1, &err) : personality_podman(&s, argc - 1, argv + 1, &err);
	/* Data that did not reach its file or pipe must not pass as success; a failure that is known already stays. */
	if (r == 0)
		r = session_flush(&s, &err);
	if (r < 0) {
		session_print_error(&s, &err);
		r = session_exit_status(&err);
	}
	return r;
}

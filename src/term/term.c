#include "term/term.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

bool term_size(int fd, unsigned *ret_width, unsigned *ret_height)
{
	struct winsize ws;

	if (ioctl(fd, TIOCGWINSZ, &ws) < 0 || ws.ws_col == 0 || ws.ws_row == 0)
		return false;
	*ret_width = ws.ws_col;
	*ret_height = ws.ws_row;
	return true;
}

/* The terminal whose settings were changed; one at a time. Read by a signal handler, hence volatile. */
static volatile sig_atomic_t raw_fd = -1;
static struct termios raw_before;

/* A signal that ends the process while no loop reads signals: the terminal first, then what the signal means. */
static const int fatal_signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
static struct sigaction fatal_before[ARRAY_LEN(fatal_signals)];

/* Under nohup a hang-up stays ignored: that is what the user asked for. */
static void install(int sig, const struct sigaction *sa, struct sigaction *ret_before)
{
	sigaction(sig, NULL, ret_before);
	if (sig != SIGHUP || ret_before->sa_handler != SIG_IGN)
		sigaction(sig, sa, NULL);
}

static void on_fatal(int sig)
{
	if (raw_fd >= 0)
		tcsetattr((int)raw_fd, TCSANOW, &raw_before); /* no waiting for a terminal that was stopped */
	signal(sig, SIG_DFL);
	raise(sig);
}

/* Whatever ends the program from here to term_restore, the terminal gets its settings back. */
static int begin_change(int fd, struct error *err)
{
	static bool at_exit;
	struct sigaction sa = { .sa_handler = on_fatal };

	if (tcgetattr(fd, &raw_before) < 0)
		return error_set_errno(err, "read the terminal's settings");
	if (!at_exit)
		at_exit = atexit(term_restore) == 0;
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(fatal_signals); i++)
		install(fatal_signals[i], &sa, &fatal_before[i]);
	raw_fd = fd;
	return 0;
}

static int change(int fd, const struct termios *t, int when, const char *what, struct error *err)
{
	int keep;

	if (tcsetattr(fd, when, t) == 0)
		return 0;
	keep = errno;
	term_restore();
	errno = keep;
	return error_set_errno(err, "%s", what);
}

int term_raw(int fd, struct error *err)
{
	struct termios t;
	int r;

	if (raw_fd >= 0)
		return 0;
	if ((r = begin_change(fd, err)) < 0)
		return r;
	t = raw_before;
	cfmakeraw(&t);
	return change(fd, &t, TCSADRAIN, "set the terminal to raw mode", err);
}

int term_hide(int fd, struct error *err)
{
	struct termios t;
	int r = begin_change(fd, err);

	if (r < 0)
		return r;
	t = raw_before;
	t.c_lflag &= ~(tcflag_t)ECHO;
	t.c_lflag |= ICANON | ISIG;
	t.c_iflag |= ICRNL;
	/* What was typed before the question stays: people type ahead. */
	return change(fd, &t, TCSADRAIN, "switch the terminal's echo off", err);
}

void term_restore(void)
{
	if (raw_fd < 0)
		return;
	tcsetattr((int)raw_fd, TCSADRAIN, &raw_before);
	raw_fd = -1;
	for (size_t i = 0; i < ARRAY_LEN(fatal_signals); i++)
		sigaction(fatal_signals[i], &fatal_before[i], NULL);
}

#define MAX_SIGNALS 16

static int sig_fd[2] = { -1, -1 };
static struct {
	int sig;
	struct sigaction before;
} caught[MAX_SIGNALS];
static size_t n_caught;

static void on_signal(int sig)
{
	int keep = errno;
	unsigned char b = (unsigned char)sig;

	(void)!write(sig_fd[1], &b, 1); /* a full pipe: a wake-up is already waiting */
	errno = keep;
}

int term_signals_open(const int *signals, int *ret_fd, struct error *err)
{
	/* Without SA_RESTART: a write that blocks on a slow reader ends, so that the loop sees the signal. */
	struct sigaction sa = { .sa_handler = on_signal };
	int r = fd_pipe(sig_fd, err);

	if (r < 0)
		return r;
	if (fd_set_nonblock(sig_fd[0], true) < 0 || fd_set_nonblock(sig_fd[1], true) < 0) {
		r = error_set_errno(err, "prepare the signal pipe");
		term_signals_close();
		return r;
	}
	sigemptyset(&sa.sa_mask);
	for (n_caught = 0; signals[n_caught] && n_caught < MAX_SIGNALS; n_caught++) {
		caught[n_caught].sig = signals[n_caught];
		install(signals[n_caught], &sa, &caught[n_caught].before);
	}
	*ret_fd = sig_fd[0];
	return 0;
}

void term_signals_close(void)
{
	while (n_caught > 0) {
		n_caught--;
		sigaction(caught[n_caught].sig, &caught[n_caught].before, NULL);
	}
	fd_close_p(&sig_fd[0]);
	fd_close_p(&sig_fd[1]);
	sig_fd[0] = sig_fd[1] = -1;
}

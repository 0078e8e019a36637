#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "frames.h"
#include "sandbox.h"

enum {
	INPUT_MAX = 64 * 1024,
	REPORT_MAX = 4096, /* the text of a failed start; below PIPE_BUF, so one write */
};

/* The ends of one process's stdin, stdout and stderr; [0] is the host's, [1] the process's. */
struct stdio {
	int in[2], out[2], err[2];
};

#define STDIO_INIT ((struct stdio){ { -1, -1 }, { -1, -1 }, { -1, -1 } })

static void fds_close(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		/* A pty stands in several places. */
		for (size_t k = i + 1; k < n; k++)
			if (fds[k] == fds[i])
				fds[k] = -1;
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static void stdio_done(struct stdio *s)
{
	int fds[] = { s->in[0], s->in[1], s->out[0], s->out[1], s->err[0], s->err[1] };

	fds_close(fds, ARRAY_LEN(fds));
}

static int stdio_pty(struct stdio *s, struct error *err)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	const char *name = master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0 ? ptsname(master) : NULL;

	s->in[0] = s->out[0] = master;
	slave = name ? open(name, O_RDWR | O_NOCTTY) : -1;
	if (slave < 0)
		return error_set_errno(err, "pty");
	s->in[1] = s->out[1] = s->err[1] = slave;
	fd_set_cloexec(master);
	fd_set_cloexec(slave);
	return 0;
}

static int stdio_pipes(struct stdio *s, bool stdin_open, struct error *err)
{
	int ends[2];

	if (fd_pipe(s->out, err) < 0 || fd_pipe(s->err, err) < 0)
		return -err->kind;
	if (!stdin_open) {
		s->in[1] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return s->in[1] < 0 ? error_set_errno(err, "/dev/null") : 0;
	}
	if (fd_pipe(ends, err) < 0)
		return -err->kind;
	s->in[0] = ends[1];
	s->in[1] = ends[0];
	return 0;
}

/* In the child from here. */

static void report_and_exit(int fd, const struct error *err)
{
	char text[REPORT_MAX];
	int n = snprintf(text, sizeof text, "%c%s", err->kind == ERR_NOT_FOUND ? 'n' : 'e', err->text ? err->text : "");

	(void)!write(fd, text, n < (int)sizeof text ? (size_t)n : sizeof text - 1);
	_exit(127);
}

static void take_stdio(const struct stdio *s, bool tty)
{
	setsid();
	if (tty)
		ioctl(s->in[1], TIOCSCTTY, 0);
	dup2(s->in[1], STDIN_FILENO);
	dup2(s->out[1], STDOUT_FILENO);
	dup2(s->err[1], STDERR_FILENO);
}

static void reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child_main(const struct process_spec *spec, const struct stdio *s, int report_fd, int release_fd)
{
	struct error err = ERROR_INIT;
	char *path = NULL, go;

	reset_signals();
	take_stdio(s, spec->tty);
	if (spec->join)
		sandbox_join_pids(spec);
	if (sandbox_enter(spec, &err) < 0 || sandbox_find_command(spec, &path, &err) < 0)
		report_and_exit(report_fd, &err);
	close(report_fd);
	/* As runc's start FIFO: created, but not running. The host closes its end when it goes away. */
	if (read(release_fd, &go, 1) != 1)
		_exit(0);
	close(release_fd);
	execve(path, spec->argv, spec->env);
	if (errno == ENOEXEC)
		_exit(126);
	_exit(127);
}

/* In the host. */

/* Waits for the child to say why it can't, or to close the pipe when it can. */
static int read_report(int fd, struct error *err)
{
	char text[REPORT_MAX];
	ssize_t n;

	do {
		n = read(fd, text, sizeof text - 1);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return error_set(err, text[0] == 'n' ? ERR_NOT_FOUND : ERR_REMOTE, "%s", text + 1);
}

static struct process *process_new(struct host *h, pid_t pid, bool tty, struct stdio *s, int release_fd)
{
	struct process *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	*p = (struct process){ .host = h,
			       .pid = pid,
			       .tty = tty,
			       .in_fd = s->in[0],
			       .out_fd = s->out[0],
			       .err_fd = s->err[0],
			       .release_fd = release_fd,
			       .input = BUF_INIT(INPUT_MAX + 1) };
	s->in[0] = s->out[0] = s->err[0] = -1;
	for (int i = 0, fds[] = { p->in_fd, p->out_fd, p->err_fd }; i < 3; i++)
		if (fds[i] >= 0)
			fd_set_nonblock(fds[i], true);
	p->next = h->processes;
	h->processes = p;
	return p;
}

int process_create(struct host *h, const struct process_spec *spec, struct process **ret, struct error *err)
{
	CLEANUP(stdio_done) struct stdio s = STDIO_INIT;
	int report[2] = { -1, -1 }, release[2] = { -1, -1 };
	struct process *p;
	pid_t pid;
	int r = spec->tty ? stdio_pty(&s, err) : stdio_pipes(&s, spec->stdin_open, err);

	if (r < 0 || (r = fd_pipe(report, err)) < 0 || (r = fd_pipe(release, err)) < 0)
		return r;
	pid = sandbox_fork(spec);
	if (pid == 0) {
		close(release[1]);
		child_main(spec, &s, report[1], release[0]);
	}
	close(report[1]);
	close(release[0]);
	r = pid < 0 ? error_set_errno(err, "fork") : read_report(report[0], err);
	close(report[0]);
	if (r < 0) {
		close(release[1]);
		if (pid > 0)
			waitpid(pid, NULL, 0);
		return r;
	}
	p = process_new(h, pid, spec->tty, &s, release[1]);
	if (!p)
		return error_set(err, ERR_SYSTEM, "out of memory");
	p->first = !spec->join;
	*ret = p;
	return 0;
}

void process_release(struct process *p)
{
	if (p->release_fd < 0)
		return;
	(void)!write(p->release_fd, "", 1);
	close(p->release_fd);
	p->release_fd = -1;
}

void process_set_owner(struct process *p, struct process_owner owner)
{
	p->owner = owner;
}

static bool takes_input(const struct process *p)
{
	return p->in_fd >= 0 && !p->input_ends && !p->reaped;
}

size_t process_room(const struct process *p)
{
	return takes_input(p) ? INPUT_MAX - p->input.n : INPUT_MAX;
}

size_t process_write(struct process *p, struct str bytes)
{
	if (!takes_input(p))
		return bytes.n;
	if (bytes.n > process_room(p))
		bytes.n = process_room(p);
	buf_add(&p->input, bytes);
	return bytes.n;
}

void process_end_input(struct process *p)
{
	if (p->tty)
		return;
	p->input_ends = true;
	host_wake(p->host);
}

void process_resize(struct process *p, int width, int height)
{
	struct winsize size = { .ws_row = (unsigned short)height, .ws_col = (unsigned short)width };

	if (p->tty && p->out_fd >= 0)
		ioctl(p->out_fd, TIOCSWINSZ, &size);
}

void process_signal(struct process *p, int signal)
{
	if (!p->reaped)
		kill(p->pid, signal);
}

static void fd_drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* False at the end of the output, or when there is nothing to read now. */
static bool read_block(struct process *p, int *fd, enum output_stream stream)
{
	char block[FRAME_MAX_OUT];
	ssize_t n = read(*fd, block, sizeof block);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	/* EIO is how a pty says that its last user closed it. */
	if (n <= 0) {
		if (p->in_fd == *fd)
			p->in_fd = -1;
		fd_drop(fd);
		return false;
	}
	if (p->owner.output)
		p->owner.output(p->owner.ctx, stream, (struct str){ block, (size_t)n });
	return true;
}

static bool owner_ready(const struct process *p)
{
	return !p->owner.ready || p->owner.ready(p->owner.ctx);
}

static void out_ready(void *ctx, short revents)
{
	struct process *p = ctx;

	if ((revents & ~POLLOUT) && p->out_fd >= 0)
		read_block(p, &p->out_fd, STREAM_STDOUT);
}

static void err_ready(void *ctx, short revents)
{
	struct process *p = ctx;

	(void)revents;
	if (p->err_fd >= 0)
		read_block(p, &p->err_fd, STREAM_STDERR);
}

static void write_input(struct process *p)
{
	while (p->input.n && p->in_fd >= 0) {
		ssize_t n = write(p->in_fd, p->input.p, p->input.n);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			buf_clear(&p->input);
			break;
		}
		buf_consume(&p->input, (size_t)n);
		host_wake(p->host);
	}
	if (p->input_ends && !p->tty)
		fd_drop(&p->in_fd);
}

static void in_ready(void *ctx, short revents)
{
	struct process *p = ctx;

	(void)revents;
	if (p->in_fd >= 0)
		write_input(p);
}

void processes_want(struct host *h)
{
	for (struct process *p = h->processes; p; p = p->next) {
		if (p->in_fd >= 0 && p->input.n)
			loop_want(&h->loop, p->in_fd, POLLOUT, in_ready, p);
		if (p->release_fd >= 0 || !owner_ready(p))
			continue;
		if (p->out_fd >= 0)
			loop_want(&h->loop, p->out_fd, POLLIN, out_ready, p);
		if (p->err_fd >= 0)
			loop_want(&h->loop, p->err_fd, POLLIN, err_ready, p);
	}
}

static void reap(struct process *p)
{
	siginfo_t info = { 0 };
	int status;

	if (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid != p->pid)
		return;
	/* A container ends with its first process; the group's ID is ours until the process is reaped. */
	if (p->first)
		kill(-p->pid, SIGKILL);
	waitpid(p->pid, &status, 0);
	p->exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	p->reaped = true;
}

/* What the process wrote before it ended is in the pipes; who still holds them open (a daemon of its own session) is not waited for. */
static void finish_output(struct process *p)
{
	while (owner_ready(p) && p->out_fd >= 0 && read_block(p, &p->out_fd, STREAM_STDOUT))
		;
	while (owner_ready(p) && p->err_fd >= 0 && read_block(p, &p->err_fd, STREAM_STDERR))
		;
	if (!owner_ready(p))
		return;
	if (p->owner.ended)
		p->owner.ended(p->owner.ctx, p->exit_code);
	p->freed = true;
	host_wake(p->host);
}

static void process_free(struct process *p)
{
	if (p->in_fd == p->out_fd)
		p->in_fd = -1;
	fd_drop(&p->in_fd);
	fd_drop(&p->out_fd);
	fd_drop(&p->err_fd);
	fd_drop(&p->release_fd);
	buf_done(&p->input);
	free(p);
}

void processes_turn(struct host *h)
{
	for (struct process *p = h->processes; p; p = p->next) {
		if (p->input_ends && !p->input.n)
			write_input(p);
		if (!p->reaped)
			reap(p);
		if (p->reaped && !p->freed)
			finish_output(p);
	}
	for (struct process **p = &h->processes; *p;) {
		struct process *gone = *p;

		if (!gone->freed) {
			p = &gone->next;
			continue;
		}
		*p = gone->next;
		process_free(gone);
	}
}

void processes_kill_all(struct host *h)
{
	while (h->processes) {
		struct process *p = h->processes;

		h->processes = p->next;
		if (!p->reaped) {
			kill(-p->pid, SIGKILL);
			kill(p->pid, SIGKILL);
			waitpid(p->pid, NULL, 0);
		}
		process_free(p);
	}
}

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/proc.h"
#include "tunnel/explain.h"
#include "tunnel/lines.h"
#include "tunnel/system_ssh_state.h"

#define CONTROL_MS 10000
#define REQUEST_MS 5000
#define OPEN_MS    20000
#define RUN_MS     60000
#define EXPLAIN_MS 10000

/* A second ssh that talks to the master only; it must not read the user's configuration, whose forwards it would ask for. */
static bool client_argv(const struct system_ssh *s, struct strv *argv)
{
	return ssh_argv_add(argv, (const char *const[]){ "ssh", "-F", "/dev/null", "-T", "-S", s->control, NULL });
}

static bool command_argv(const struct system_ssh *s, const char *command, struct strv *argv)
{
	return client_argv(s, argv) && strv_add(argv, "--") && strv_add(argv, s->p->to->host) && strv_add(argv, command);
}

static bool forward_target(const struct request *q, struct buf *out)
{
	if (q->kind == REQUEST_UNIX)
		return buf_add_z(out, q->what);
	return buf_addf(out, strchr(q->what, ':') ? "[%s]:%d" : "%s:%d", q->what, q->port);
}

static bool forward_path(const struct system_ssh *s, size_t number, struct buf *out)
{
	char name[16];

	snprintf(name, sizeof name, "f%zu", number);
	return keeper_path(s->k, name, out);
}

static int add_forward(struct system_ssh *s, const char *target, struct error *err)
{
	CLEANUP(strv_done) struct strv argv = { 0 };
	CLEANUP(buf_done) struct buf path = BUF_INIT(256), errs = BUF_INIT(16 * 1024);
	int status, r;

	if (s->n_forwards == SSH_FORWARDS_MAX)
		return error_set(err, ERR_SYSTEM, "more than %d forwards over one ssh session", SSH_FORWARDS_MAX);
	if (!forward_path(s, s->n_forwards, &path) || !client_argv(s, &argv) || !strv_add(&argv, "-O") ||
	    !strv_add(&argv, "forward") || !strv_add(&argv, "-L") || !strv_addf(&argv, "%s:%s", buf_z(&path), target) ||
	    !strv_add(&argv, "--") || !strv_add(&argv, s->p->to->host))
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = proc_capture(argv.v, clock_after_ms(CONTROL_MS), NULL, &errs, &status, err);
	if (r == 0 && status != 0)
		r = error_set(err, ERR_CONNECT, "ssh forwards no streams to %s: %.*s", target, STR_ARG(str_trim(buf_str(&errs))));
	if (r < 0)
		return r;
	s->forwards[s->n_forwards].target = z_dup(target);
	if (!s->forwards[s->n_forwards].target)
		return error_set(err, ERR_SYSTEM, "out of memory");
	s->n_forwards++;
	return 0;
}

static int find_forward(struct system_ssh *s, const char *target, size_t *ret, struct error *err)
{
	for (size_t i = 0; i < s->n_forwards; i++)
		if (strcmp(s->forwards[i].target, target) == 0) {
			*ret = i;
			return 0;
		}
	*ret = s->n_forwards;
	return add_forward(s, target, err);
}

/* The forward takes any connection and closes it when the host can't be reached further; only the log tells which. */
static bool opens(struct system_ssh *s, const char *path)
{
	CLEANUP(fd_close_p) int fd = -1;
	uint64_t deadline_ms = clock_after_ms(OPEN_MS);
	unsigned confirmed, refused;

	ssh_log_read(&s->log, s->k);
	confirmed = s->log.confirmed;
	refused = s->log.refused;
	if (fd_connect_unix(path, &fd, NULL) < 0)
		return false;
	while (s->log.fd >= 0 && clock_ms() < deadline_ms) {
		if (s->log.refused != refused)
			return false;
		if (s->log.confirmed != confirmed)
			return true;
		if (fd_wait(s->log.fd, POLLIN, deadline_ms, NULL) == 1)
			ssh_log_read(&s->log, s->k);
	}
	return false;
}

static int explain(struct system_ssh *s, const struct request *q, struct error *err)
{
	CLEANUP(buf_done) struct buf command = BUF_INIT(LINE_MAX_BYTES), out = BUF_INIT(RUN_OUTPUT_MAX);
	CLEANUP(strv_done) struct strv argv = { 0 };
	const char *host = s->p->to->host;
	int status, r;

	if (q->kind == REQUEST_TCP) {
		r = error_set(err, ERR_CONNECT, "%s can't connect to %s port %d", host, q->what, q->port);
		err->sys_errno = ECONNREFUSED;
		return r;
	}
	explain_command(q->what, &command);
	if (command_argv(s, buf_z(&command), &argv) &&
	    proc_capture(argv.v, clock_after_ms(EXPLAIN_MS), &out, NULL, &status, NULL) < 0)
		buf_clear(&out);
	return explain_socket(host, q->what, buf_str(&out), err);
}

static int dial(struct system_ssh *s, const struct request *q, int client, struct error *err)
{
	CLEANUP(buf_done) struct buf target = BUF_INIT(LINE_MAX_BYTES), path = BUF_INIT(256), line = BUF_INIT(LINE_MAX_BYTES);
	size_t number;
	int r;

	if (!forward_target(q, &target))
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = find_forward(s, buf_z(&target), &number, err);
	if (r < 0)
		return r;
	if (!forward_path(s, number, &path))
		return error_set(err, ERR_SYSTEM, "out of memory");
	if (!s->forwards[number].works && !opens(s, buf_z(&path)))
		return explain(s, q, err);
	s->forwards[number].works = true;
	line_add(&line, "at");
	line_add(&line, buf_z(&path));
	keeper_answer(client, buf_z(&line));
	return 0;
}

/* The command's stdin and stdout are the client's socket itself. */
static int exec_command(struct system_ssh *s, const struct request *q, int client, struct error *err)
{
	CLEANUP(strv_done) struct strv argv = { 0 };
	pid_t pid;

	if (!command_argv(s, q->what, &argv))
		return error_set(err, ERR_SYSTEM, "out of memory");
	keeper_answer(client, "ok");
	fd_set_nonblock(client, false);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(client, STDIN_FILENO);
		dup2(client, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		signal(SIGPIPE, SIG_DFL);
		execvp(argv.v[0], argv.v);
		_exit(SSH_EXIT_NOT_FOUND);
	}
	return pid < 0 ? error_set_errno(err, "fork") : 0;
}

/* In a process of its own, so that other clients need not wait for the command. */
static void run_and_answer(struct system_ssh *s, const struct request *q, int client)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(RUN_OUTPUT_MAX), line = BUF_INIT(LINE_MAX_BYTES);
	CLEANUP(strv_done) struct strv argv = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int status = 0;

	if (!command_argv(s, q->what, &argv)) {
		return;
	}
	if (proc_capture(argv.v, clock_after_ms(RUN_MS), &out, NULL, &status, &err) < 0) {
		keeper_refuse(client, &err);
		return;
	}
	buf_addf(&line, "ok %d", status);
	keeper_answer(client, buf_z(&line));
	fd_write_all(client, buf_z(&out), out.n, clock_after_ms(RUN_MS), NULL);
}

static int run_command(struct system_ssh *s, const struct request *q, int client, struct error *err)
{
	pid_t pid = fork();

	if (pid == 0) {
		run_and_answer(s, q, client);
		_exit(0);
	}
	return pid < 0 ? error_set_errno(err, "fork") : 0;
}

static void serve_client(struct system_ssh *s, int client)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(request_done) struct request q = { 0 };
	int r = line_read(client, clock_after_ms(REQUEST_MS), &line, &err);

	if (r == 0)
		r = request_parse(buf_str(&line), &q, &err);
	if (r == 0 && q.kind == REQUEST_EXEC)
		r = exec_command(s, &q, client, &err);
	else if (r == 0 && q.kind == REQUEST_RUN)
		r = run_command(s, &q, client, &err);
	else if (r == 0)
		r = dial(s, &q, client, &err);
	if (r < 0)
		keeper_refuse(client, &err);
}

/* Commands that ended; the master's own end is seen in its log. */
static void reap(const struct system_ssh *s)
{
	siginfo_t info = { 0 };

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0 && info.si_pid != s->pid) {
		waitpid(info.si_pid, NULL, WNOHANG);
		info.si_pid = 0;
	}
}

static void say_lost(struct system_ssh *s)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	ssh_log_error(&s->log, s->p->to->host, &err);
	keeper_lost(s->k, err.text ? err.text : "the ssh connection is lost");
}

void system_ssh_serve(struct system_ssh *s)
{
	for (;;) {
		struct pollfd p[3] = { { .fd = s->k->control, .events = POLLIN },
				       { .fd = s->k->listen, .events = POLLIN },
				       { .fd = s->log.fd, .events = POLLIN } };
		int n = poll(p, 3, CONTROL_MS);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (keeper_ends(s->k, n > 0 ? p[0].revents : 0))
			return;
		if (n > 0 && p[2].revents)
			ssh_log_read(&s->log, s->k);
		if (s->log.fd < 0) {
			say_lost(s);
			return;
		}
		if (n > 0 && p[1].revents) {
			CLEANUP(fd_close_p) int client = keeper_accept(s->k);

			if (client >= 0)
				serve_client(s, client);
		}
		reap(s);
	}
}

#include "tunnel/tunnel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "tunnel/keeper.h"
#include "tunnel/lines.h"

#define CLOSE_MS     2000
/* The keeper gives up on an unanswered channel before this. */
#define DIAL_MS      180000
#define RUN_MS       60000
#define LAST_WORD_MS 200

struct tunnel {
	pid_t keeper;
	int control;
	char *socket;
	char *transport;
	char *failure; /* NULL while the session stands */
};

static void tunnel_close_p(struct tunnel **t)
{
	tunnel_close(*t);
}

static int bad_line(struct error *err, const struct buf *line)
{
	return error_set(err, ERR_PROTOCOL, "the ssh keeper said \"%s\"", buf_z(line));
}

/* Forks the keeper. The child never comes back from keeper_main. */
static int start(struct tunnel *t, const struct tunnel_dest *to, struct error *err)
{
	int fds[2], r = fd_socketpair(fds, err);

	if (r < 0)
		return r;
	t->keeper = fork();
	if (t->keeper == 0) {
		close(fds[0]);
		keeper_main(to, fds[1]);
	}
	r = t->keeper < 0 ? error_set_errno(err, "fork") : 0;
	close(fds[1]);
	t->control = fds[0];
	return r;
}

static int hop_passed(struct str rest, tunnel_hop_fn *hop, void *ctx)
{
	CLEANUP(free_p) char *detail = NULL;
	int64_t number, us;

	if (!line_take_number(&rest, &number) || !line_take_number(&rest, &us) || !line_take(&rest, &detail) || number < 0 ||
	    number >= HOP_COUNT_ || us < 0)
		return -ERR_PROTOCOL;
	if (hop)
		hop(ctx, (enum tunnel_hop)number, (uint64_t)us, detail);
	return 0;
}

static int ready(struct tunnel *t, struct str rest)
{
	if (!line_take(&rest, &t->transport) || !line_take(&rest, &t->socket))
		return -ERR_PROTOCOL;
	return 1;
}

/* One report while the keeper logs in: 0 go on, 1 ready. */
static int report(struct tunnel *t, const struct buf *line, tunnel_hop_fn *hop, void *ctx, struct error *err)
{
	CLEANUP(free_p) char *word = NULL;
	struct str rest = buf_str(line);
	int r = -ERR_PROTOCOL;

	if (!line_take(&rest, &word))
		return bad_line(err, line);
	if (strcmp(word, "fail") == 0 && failure_parse(rest, err))
		return -(int)err->kind;
	if (strcmp(word, "hop") == 0)
		r = hop_passed(rest, hop, ctx);
	else if (strcmp(word, "ready") == 0)
		r = ready(t, rest);
	return r < 0 ? bad_line(err, line) : r;
}

/* How the keeper ended, when it did so without a word. */
static const char *keeper_end(struct tunnel *t)
{
	int status = 0;

	if (t->keeper > 0 && waitpid(t->keeper, &status, 0) == t->keeper)
		t->keeper = -1;
	return WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "no reason given";
}

/* No deadline here: the keeper has one for each of its steps, and a question on the terminal may take as long as the user wants. */
static int await_ready(struct tunnel *t, tunnel_hop_fn *hop, void *ctx, struct error *err)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);

	for (int r = 0; r == 0;) {
		buf_clear(&line);
		r = line_read(t->control, 0, &line, err);
		if (r == -ERR_CONNECT)
			return error_set(err, ERR_SYSTEM, "the ssh keeper ended while connecting: %s", keeper_end(t));
		if (r == 0)
			r = report(t, &line, hop, ctx, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int tunnel_open(struct tunnel **ret, const struct tunnel_dest *to, tunnel_hop_fn *hop, void *ctx, struct error *err)
{
	CLEANUP(tunnel_close_p) struct tunnel *t = calloc(1, sizeof *t);
	CLEANUP(error_done) struct error own = ERROR_INIT;
	int r;

	if (!t)
		return error_set(err, ERR_SYSTEM, "out of memory");
	t->keeper = t->control = -1;
	/* A caller without an error to fill still needs the kind. */
	r = start(t, to, err ? err : &own);
	if (r == 0)
		r = await_ready(t, hop, ctx, err ? err : &own);
	if (r == 0)
		*ret = ptr_take(&t);
	return r;
}

/* The line "lost TEXT", or the keeper's end, if one of them is there already. */
static void learn_failure(struct tunnel *t)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	CLEANUP(free_p) char *word = NULL;
	struct str rest;

	/* The system's ssh closes its streams before the keeper sees it end. */
	uint64_t wait_ms = strcmp(t->transport, "ssh") == 0 ? LAST_WORD_MS : 0;

	if (t->failure || fd_wait(t->control, POLLIN, clock_after_ms(wait_ms), NULL) != 1)
		return;
	if (line_read(t->control, clock_after_ms(CLOSE_MS), &line, NULL) < 0) {
		t->failure = z_dup("the ssh keeper process ended");
		return;
	}
	rest = buf_str(&line);
	if (!line_take(&rest, &word) || strcmp(word, "lost") != 0 || !line_take(&rest, &t->failure))
		t->failure = z_dup("the ssh keeper does not make sense");
}

const char *tunnel_last_failure(struct tunnel *t)
{
	learn_failure(t);
	return t->failure ? t->failure : "";
}

const char *tunnel_transport(const struct tunnel *t)
{
	return t->transport;
}

/* The session's end explains a refused or closed connection better than the connection does. */
static int prefer_failure(struct tunnel *t, int r, struct error *err)
{
	const char *why = r == -ERR_CONNECT || r == -ERR_SYSTEM ? tunnel_last_failure(t) : "";

	return *why ? error_set(err, ERR_CONNECT, "%s", why) : r;
}

/* Sends the request and reads the answer into line. */
static int ask(struct tunnel *t, const struct request *q, uint64_t deadline_ms, int *ret_fd, struct buf *line, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(LINE_MAX_BYTES);
	CLEANUP(fd_close_p) int fd = -1;
	int r;

	request_format(q, &text);
	buf_add_char(&text, '\n');
	r = buf_check(&text, "request to the ssh keeper", err);
	if (r == 0)
		r = fd_connect_unix(t->socket, &fd, err);
	if (r == 0)
		r = fd_write_all(fd, text.p, text.n, deadline_ms, err);
	if (r == 0)
		r = line_read(fd, deadline_ms, line, err);
	if (r < 0)
		return prefer_failure(t, r, err);
	*ret_fd = fd_take(&fd);
	return 0;
}

/* Understands the answer; rest is what stands behind the word. at: a stream that the system's ssh serves replaces *fd. */
static int answered(const struct buf *line, int *fd, struct str *rest, struct error *err)
{
	CLEANUP(free_p) char *word = NULL;
	CLEANUP(free_p) char *path = NULL;

	*rest = buf_str(line);
	if (!line_take(rest, &word))
		return bad_line(err, line);
	if (strcmp(word, "ok") == 0)
		return 0;
	if (strcmp(word, "fail") == 0 && failure_parse(*rest, err))
		return -(int)err->kind;
	if (strcmp(word, "at") == 0 && line_take(rest, &path)) {
		int served = -1, r = fd_connect_unix(path, &served, err);

		if (r < 0)
			return r;
		close(*fd);
		*fd = served;
		return 0;
	}
	return bad_line(err, line);
}

static const enum request_kind request_of[] = {
	[TUNNEL_UNIX] = REQUEST_UNIX,
	[TUNNEL_TCP] = REQUEST_TCP,
	[TUNNEL_EXEC] = REQUEST_EXEC,
};

int tunnel_dial(struct tunnel *t, const struct tunnel_target *target, int *ret_fd, struct error *err)
{
	CLEANUP(error_done) struct error own = ERROR_INIT;
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	CLEANUP(free_p) char *what = z_dup(target->path);
	CLEANUP(fd_close_p) int fd = -1;
	struct request q = { request_of[target->kind], what, target->port };
	struct str rest;
	int r;

	if (!what || !*what)
		return error_set(err, ERR_USAGE, "nothing to connect to");
	err = err ? err : &own;
	r = ask(t, &q, clock_after_ms(DIAL_MS), &fd, &line, err);
	if (r == 0)
		r = answered(&line, &fd, &rest, err);
	if (r == 0)
		*ret_fd = fd_take(&fd);
	return r;
}

static int collect(int fd, uint64_t deadline_ms, struct buf *out, struct error *err)
{
	char block[4096];
	ssize_t n;

	while ((n = fd_read_some(fd, block, sizeof block, deadline_ms, err)) > 0)
		if (!buf_add_bytes(out, block, (size_t)n))
			return buf_check(out, "output of the command", err);
	return (int)n;
}

int tunnel_run(struct tunnel *t, const char *command, struct buf *out, int *ret_status, struct error *err)
{
	CLEANUP(error_done) struct error own = ERROR_INIT;
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	CLEANUP(free_p) char *what = z_dup(command);
	CLEANUP(fd_close_p) int fd = -1;
	struct request q = { REQUEST_RUN, what, 0 };
	uint64_t deadline_ms = clock_after_ms(RUN_MS);
	struct str rest;
	int64_t status;
	int r;

	if (!what || !*what)
		return error_set(err, ERR_USAGE, "no command to run");
	err = err ? err : &own;
	r = ask(t, &q, deadline_ms, &fd, &line, err);
	if (r == 0)
		r = answered(&line, &fd, &rest, err);
	if (r == 0 && !line_take_number(&rest, &status))
		r = bad_line(err, &line);
	if (r == 0)
		r = collect(fd, deadline_ms, out, err);
	if (r == 0)
		*ret_status = (int)status;
	return r;
}

/* The end of the control connection is the order to end; the keeper closes its end as the last thing it does. */
static void await_end(struct tunnel *t)
{
	uint64_t deadline_ms = clock_after_ms(CLOSE_MS);
	char rest[256];

	shutdown(t->control, SHUT_WR);
	while (fd_read_some(t->control, rest, sizeof rest, deadline_ms, NULL) > 0)
		;
	if (clock_ms() >= deadline_ms)
		kill(t->keeper, SIGKILL);
}

/* Only a killed keeper leaves these behind. */
static void remove_folder(char *socket)
{
	char *slash = socket ? strrchr(socket, '/') : NULL;

	if (!slash || unlink(socket) < 0)
		return;
	*slash = '\0';
	rmdir(socket);
}

void tunnel_close(struct tunnel *t)
{
	if (!t)
		return;
	if (t->keeper > 0) {
		await_end(t);
		while (waitpid(t->keeper, NULL, 0) < 0 && errno == EINTR)
			;
		remove_folder(t->socket);
	}
	fd_close_p(&t->control);
	free(t->socket);
	free(t->transport);
	free(t->failure);
	free(t);
}

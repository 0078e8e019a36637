#include "connection/carrier.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/units.h"

#define TCP_CONNECT_MS 10000
#define BRIDGES_MAX 64
#define BRIDGE_END_MS 2000

static void addrinfo_p(struct addrinfo **a)
{
	if (*a)
		freeaddrinfo(*a);
}

/* One address, within the deadline. */
static int tcp_connect(const struct addrinfo *a, uint64_t deadline_ms, int *ret_fd, struct error *err)
{
	CLEANUP(fd_close_p) int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
	int soerr = 0, one = 1, r;
	socklen_t len = sizeof soerr;

	if (fd < 0 || fd_set_cloexec(fd) < 0 || fd_set_nonblock(fd, true) < 0)
		return error_set_errno(err, "socket");
	if (connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
		if (errno != EINPROGRESS)
			return error_set_errno(err, "connect");
		r = fd_wait(fd, POLLOUT, deadline_ms, err);
		if (r < 0)
			return r;
		if (r == 0)
			return error_set(err, ERR_CONNECT, "no answer within %d s", TCP_CONNECT_MS / 1000);
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &soerr, &len) < 0)
			soerr = errno;
		if (soerr) {
			errno = soerr;
			return error_set_errno(err, "connect");
		}
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	fd_set_nonblock(fd, false);
	*ret_fd = fd_take(&fd);
	return 0;
}

static int dial_tcp(const struct destination *to, int *ret_fd, struct error *err)
{
	struct addrinfo want = { .ai_socktype = SOCK_STREAM };
	CLEANUP(addrinfo_p) struct addrinfo *found = NULL;
	uint64_t deadline_ms = clock_after_ms(TCP_CONNECT_MS);
	char port[16];
	int r;

	snprintf(port, sizeof port, "%d", to->port);
	r = getaddrinfo(to->host, port, &want, &found);
	if (r != 0)
		return error_set(err, ERR_CONNECT, "look up host name %s: %s", to->host, gai_strerror(r));
	r = error_set(err, ERR_CONNECT, "host name %s has no address", to->host);
	for (struct addrinfo *a = found; a && r < 0; a = a->ai_next) {
		error_clear(err);
		r = tcp_connect(a, deadline_ms, ret_fd, err);
	}
	if (r == 0)
		return 0;
	if (err)
		err->kind = ERR_CONNECT;
	return error_context(err, "tcp %s port %d", to->host, to->port);
}

/* Bridges of connections that are over. */
static void forget_ended(struct carrier *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_bridges; i++)
		if (waitpid(c->bridges[i], NULL, WNOHANG) == 0)
			c->bridges[n++] = c->bridges[i];
	c->n_bridges = n;
}

static int dial_bridge(struct carrier *c, int *ret_fd, struct error *err)
{
	char shell[] = "/bin/sh", dash_c[] = "-c";
	char *argv[] = { shell, dash_c, c->to->command, NULL };
	pid_t *more;

	if (c->n_bridges == BRIDGES_MAX)
		forget_ended(c);
	if (c->n_bridges == BRIDGES_MAX)
		return error_set(err, ERR_SYSTEM, "more than %d bridge processes", BRIDGES_MAX);
	more = realloc(c->bridges, (c->n_bridges + 1) * sizeof *more);
	if (!more)
		return error_set_errno(err, "bridge");
	c->bridges = more;

	int r = proc_bridge(argv, ret_fd, &c->bridges[c->n_bridges], err);

	if (r == 0)
		c->n_bridges++;
	return r;
}

/* The commands that make a service listen; the socket's name says which service the user has in mind. */
static void hint_start(const struct carrier *c, struct error *err)
{
	const char *host = c->to->scheme == DEST_SSH ? c->to->host : "this machine";

	error_hint(err,
		   "on %s type: systemctl enable --now podman.socket (Podman 2 and later) or systemctl enable --now io.podman.socket "
		   "(1.x); for a user's own containers: systemctl --user enable --now podman.socket && loginctl enable-linger",
		   host);
}

static int explain_dial(const struct carrier *c, struct error *err)
{
	int errnum = err ? err->sys_errno : 0;

	if (!err || err->kind != ERR_CONNECT)
		return err ? -(int)err->kind : -ERR_CONNECT;
	if (errnum == ENOENT || errnum == ECONNREFUSED)
		hint_start(c, err);
	else if (errnum == EACCES && !err->hint)
		error_hint(err, "connect as the user who owns the socket (root for the system service), or use that user's own: systemctl "
				"--user enable --now podman.socket");
	return -ERR_CONNECT;
}

static int carrier_dial(void *ctx, int *ret_fd, struct error *err)
{
	struct carrier *c = ctx;
	struct tunnel_target target = { .kind = TUNNEL_UNIX, .path = c->path };

	switch (c->to->scheme) {
	case DEST_SSH:
		if (tunnel_dial(c->tunnel, &target, ret_fd, err) == 0)
			return 0;
		break;
	case DEST_UNIX:
	case DEST_LOCAL:
		if (fd_connect_unix(c->path, ret_fd, err) == 0)
			return 0;
		break;
	case DEST_TCP:
		return dial_tcp(c->to, ret_fd, err);
	case DEST_BRIDGE:
		return dial_bridge(c, ret_fd, err);
	}
	return explain_dial(c, err);
}

static const char *carrier_last_failure(void *ctx)
{
	struct carrier *c = ctx;
	int status;

	if (c->tunnel)
		return tunnel_last_failure(c->tunnel);
	/* A bridge that ended says why by its exit status: 127 is the missing program. */
	if (c->n_bridges && waitpid(c->bridges[c->n_bridges - 1], &status, WNOHANG) > 0) {
		c->n_bridges--;
		free(c->failure);
		c->failure = malloc(96);
		if (c->failure)
			snprintf(c->failure, 96, "the bridge command ended with status %d",
				 WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	}
	return c->failure;
}

struct dialer carrier_dialer(struct carrier *c)
{
	return (struct dialer){ .dial = carrier_dial, .last_failure = carrier_last_failure, .ctx = c, .where = c->where };
}

int carrier_open(struct carrier *c, const struct destination *to, tunnel_hop_fn *hop, void *ctx, struct error *err)
{
	struct tunnel_dest dest = { .host = to->host,
				    .user = to->user,
				    .port = to->port,
				    .identity = to->identity,
				    .ignore_hosts = to->ignore_hosts,
				    .bulk = to->bulk };

	*c = (struct carrier){ .to = to };
	if (to->scheme == DEST_SSH) {
		dest.interactive = isatty(STDERR_FILENO) && isatty(STDIN_FILENO);

		int r = tunnel_open(&c->tunnel, &dest, hop, ctx, err);

		if (r < 0)
			return r;
	}
	return carrier_use(c, to->path, err);
}

int carrier_use(struct carrier *c, const char *path, struct error *err)
{
	CLEANUP(buf_done) struct buf where = BUF_INIT(8192);

	if (path && path != c->path) {
		free(c->path);
		c->path = z_dup(path);
		if (!c->path)
			return error_set(err, ERR_SYSTEM, "out of memory");
	}
	switch (c->to->scheme) {
	case DEST_SSH:
		buf_addf(&where, "%s on %s", c->path ? c->path : "the service", c->to->host);
		break;
	case DEST_TCP:
		buf_addf(&where, "tcp %s port %d", c->to->host, c->to->port);
		break;
	case DEST_BRIDGE:
		buf_add_z(&where, "the bridge command");
		break;
	default:
		buf_add_z(&where, c->path ? c->path : "the local service");
	}
	free(c->where);
	c->where = buf_take(&where);
	return c->where ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

int carrier_uid(struct carrier *c, long *ret_uid, struct error *err)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(4096);
	int64_t uid;
	int status, r;

	if (c->to->scheme != DEST_SSH) {
		*ret_uid = (long)getuid();
		return 0;
	}
	r = tunnel_run(c->tunnel, "id -u", &out, &status, err);
	if (r < 0)
		return r;
	/* A talkative login shell may print before it. */
	struct str text = str_trim(buf_str(&out)), line = text;

	while (str_cut(text, '\n', NULL, &line))
		text = line;
	if (status != 0 || !int_parse(str_trim(text), &uid))
		return error_set(err, ERR_CONNECT, "\"id -u\" on %s answered \"%.*s\"", c->to->host, STR_ARG(text));
	*ret_uid = (long)uid;
	return 0;
}

/* One that does not end when asked is killed: our own end waits for nobody. */
static void end_bridges(struct carrier *c)
{
	uint64_t deadline_ms = clock_after_ms(BRIDGE_END_MS);

	for (size_t i = 0; i < c->n_bridges; i++)
		kill(c->bridges[i], SIGTERM);
	forget_ended(c);
	while (c->n_bridges && clock_ms() < deadline_ms) {
		poll(NULL, 0, 10);
		forget_ended(c);
	}
	for (size_t i = 0; i < c->n_bridges; i++) {
		kill(c->bridges[i], SIGKILL);
		waitpid(c->bridges[i], NULL, 0);
	}
}

void carrier_done(struct carrier *c)
{
	if (c->tunnel)
		tunnel_close(c->tunnel);
	end_bridges(c);
	free(c->bridges);
	free(c->path);
	free(c->where);
	free(c->failure);
}

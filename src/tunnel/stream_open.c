#include "tunnel/stream_open.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "tunnel/explain.h"
#include "tunnel/keeper.h"

#define PACKET     (32u * 1024)
#define REQUEST_MS 10000

void stream_close_client(struct stream *s)
{
	fd_close_p(&s->client);
	s->client = -1;
}

void stream_enter(struct stream *s, enum stream_state state)
{
	s->state = state;
	s->begun_ms = clock_ms();
}

void stream_refuse(struct stream *s, const struct error *why)
{
	if (s->client >= 0)
		keeper_refuse(s->client, why);
	stream_close_client(s);
	stream_enter(s, s->channel ? STREAM_CLOSING : STREAM_DONE);
}

/* ---- request -------------------------------------------------------------------------------------------------------- */

/* Takes bytes up to the newline and none behind it. 1: the line is whole. */
static int read_line(struct stream *s)
{
	char block[1024];
	ssize_t n = recv(s->client, block, sizeof block, MSG_PEEK);
	const char *end = n > 0 ? memchr(block, '\n', (size_t)n) : NULL;
	size_t take = end ? (size_t)(end - block) + 1 : (size_t)n;

	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
	if (n == 0 || recv(s->client, block, take, 0) != (ssize_t)take)
		return -1;
	if (!buf_add_bytes(&s->text, block, end ? take - 1 : take))
		return -1;
	return end != NULL;
}

void stream_step_request(struct stream *s)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int r = read_line(s);

	if (r < 0 || (r == 0 && clock_ms() - s->begun_ms > REQUEST_MS)) {
		stream_enter(s, STREAM_DONE);
		return;
	}
	if (r == 0)
		return;
	if (request_parse(buf_str(&s->text), &s->request, &err) < 0) {
		stream_refuse(s, &err);
		return;
	}
	if (s->request.kind == REQUEST_EXEC || s->request.kind == REQUEST_RUN)
		buf_add_z(&s->command, s->request.what);
	stream_enter(s, STREAM_WAITING);
}

/* ---- opening -------------------------------------------------------------------------------------------------------- */

static void add_u32(struct buf *b, uint32_t v)
{
	unsigned char bytes[4] = { (unsigned char)(v >> 24), (unsigned char)(v >> 16), (unsigned char)(v >> 8), (unsigned char)v };

	buf_add_bytes(b, bytes, sizeof bytes);
}

static void add_string(struct buf *b, const char *z)
{
	add_u32(b, (uint32_t)strlen(z));
	buf_add_z(b, z);
}

/* The channel's type, and its message in s->text. Built by hand also for types that libssh2 has calls for: those fix the window, and the
 * one for sockets came with 1.11. */
static const char *channel_type(struct stream *s)
{
	buf_clear(&s->text);
	if (s->probe)
		return "keepalive@openssh.com";
	if (s->command.n)
		return "session";
	add_string(&s->text, s->request.what);
	if (s->request.kind == REQUEST_UNIX) {
		add_string(&s->text, ""); /* reserved */
		add_u32(&s->text, 0);
		return "direct-streamlocal@openssh.com";
	}
	add_u32(&s->text, (uint32_t)s->request.port);
	add_string(&s->text, "127.0.0.1"); /* where the request comes from */
	add_u32(&s->text, 0);
	return "direct-tcpip";
}

static void explain_later(struct stream *s)
{
	explain_command(s->request.what, &s->command);
	s->explaining = true;
	stream_enter(s, STREAM_WAITING);
}

static void explain_tcp(struct stream *s, struct stream_context *ctx, const char *message)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	bool prohibited = strstr(message, "prohibited");

	error_set(&err, ERR_CONNECT,
		  prohibited ? "sshd on %s forwards no connections to %s port %d" : "%s can't connect to %s port %d", ctx->host,
		  s->request.what, s->request.port);
	err.sys_errno = prohibited ? EPERM : ECONNREFUSED;
	if (prohibited)
		error_hint(&err, "on %s set \"AllowTcpForwarding yes\" in /etc/ssh/sshd_config, then type: systemctl reload sshd",
			   ctx->host);
	stream_refuse(s, &err);
}

static void explain_session(struct stream *s, struct stream_context *ctx, const char *message)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (s->explaining) {
		explain_socket(ctx->host, s->request.what, STR(""), &err);
	} else {
		error_set(&err, ERR_CONNECT, "sshd on %s starts no command: %s", ctx->host, message);
		error_hint(&err,
			   "the limit of sessions in one connection may be reached: MaxSessions in /etc/ssh/sshd_config on %s",
			   ctx->host);
	}
	stream_refuse(s, &err);
}

static void not_opened(struct stream *s, struct stream_context *ctx)
{
	if (ctx->io->closed)
		return; /* the whole session is lost, which says more */
	if (s->probe)
		stream_enter(s, STREAM_DONE);
	else if (s->command.n)
		explain_session(s, ctx, ssh_io_message(ctx->io));
	else if (s->request.kind == REQUEST_TCP)
		explain_tcp(s, ctx, ssh_io_message(ctx->io));
	else
		explain_later(s);
}

static void opened(struct stream *s)
{
	buf_clear(&s->text);
	if (s->command.n) {
		libssh2_channel_handle_extended_data2(s->channel, LIBSSH2_CHANNEL_EXTENDED_DATA_IGNORE);
		stream_enter(s, STREAM_STARTING);
	} else if (s->probe) {
		stream_enter(s, STREAM_CLOSING);
	} else {
		keeper_answer(s->client, "ok");
		stream_enter(s, STREAM_FLOWING);
	}
}

void stream_step_opening(struct stream *s, struct stream_context *ctx)
{
	LIBSSH2_SESSION *session = ctx->io->session;
	const char *type = channel_type(s);

	s->channel = libssh2_channel_open_ex(session, type, (unsigned)strlen(type), WINDOW_START, PACKET, buf_z(&s->text),
					     (unsigned)s->text.n);
	if (!s->channel && libssh2_session_last_errno(session) == LIBSSH2_ERROR_EAGAIN)
		return;
	ctx->opening = NULL;
	if (s->channel)
		opened(s);
	else
		not_opened(s, ctx);
}

void stream_step_waiting(struct stream *s, struct stream_context *ctx)
{
	if (ctx->opening)
		return;
	ctx->opening = s;
	stream_enter(s, STREAM_OPENING);
	stream_step_opening(s, ctx);
}

void stream_step_starting(struct stream *s, struct stream_context *ctx)
{
	int r = libssh2_channel_process_startup(s->channel, "exec", 4, buf_z(&s->command), (unsigned)s->command.n);

	if (r == LIBSSH2_ERROR_EAGAIN)
		return;
	if (r < 0) {
		explain_session(s, ctx, ssh_io_message(ctx->io));
		return;
	}
	if (s->explaining || s->request.kind == REQUEST_RUN) {
		stream_enter(s, STREAM_RUNNING);
		return;
	}
	keeper_answer(s->client, "ok");
	stream_enter(s, STREAM_FLOWING);
}

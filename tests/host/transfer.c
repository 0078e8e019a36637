#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "methods.h"
#include "words.h"

enum { RECEIVE_MAX = 32 * 1024 * 1024 }; /* what ReceiveFile puts into the output at once */

/* A file on its way to the host: exactly as many raw bytes as were announced, then the connection has messages again. */
struct upload {
	char *path;
	int fd;
	uint64_t left;
};

static void upload_closed(struct connection *conn)
{
	struct upload *u = conn->raw_ctx;

	if (u->fd >= 0)
		close(u->fd);
	free(u->path);
	free(u);
}

static void upload_turn(struct connection *conn)
{
	struct upload *u = conn->raw_ctx;
	size_t n = conn->in.n < u->left ? conn->in.n : (size_t)u->left;

	if (n && fd_write_all(u->fd, conn->in.p, n, 0, NULL) < 0) {
		connection_finish(conn);
		return;
	}
	buf_consume(&conn->in, n);
	u->left -= n;
	if (!u->left) {
		buf_addf(&conn->out, "%s:", u->path);
		upload_closed(conn);
		connection_downgrade(conn);
		host_wake(conn->host);
	} else if (conn->input_ended) {
		connection_finish(conn);
	}
}

static const struct raw_mode upload_mode = { .turn = upload_turn, .closed = upload_closed };

static struct upload *upload_new(struct host *h, uint64_t length)
{
	struct upload *u = calloc(1, sizeof *u);

	if (!u)
		return NULL;
	u->path = host_path(h, "varlink_sendXXXXXX", NULL);
	u->fd = u->path ? mkstemp(u->path) : -1;
	u->left = length;
	if (u->fd >= 0) {
		fd_set_cloexec(u->fd);
		return u;
	}
	free(u->path);
	free(u);
	return NULL;
}

void podman_send_file(struct call *c)
{
	int64_t length = js_get_int(c->params, "length", 0);
	struct upload *u;

	if (!c->upgrade) {
		reply_error_occurred(c, "client must use upgraded connection to send files");
		return;
	}
	u = upload_new(c->host, length > 0 ? (uint64_t)length : 0);
	if (!u) {
		reply_error_occurred(c, "open %s: %s", c->host->dir, strerror(errno));
		return;
	}
	connection_upgrade(c->conn, &upload_mode, u);
	reply_one(c, "file_handle", js_str(u->path));
}

void podman_receive_file(struct call *c)
{
	const char *path = call_str(c, "path");
	CLEANUP(buf_done) struct buf content = BUF_INIT(RECEIVE_MAX);
	struct error err = ERROR_INIT;

	if (!c->upgrade) {
		reply_error_occurred(c, "client must use upgraded connection to send files");
		return;
	}
	if (access(path, R_OK) < 0 || path_read(path, &content, &err) < 0) {
		reply_error_occurred(c, "open %s: %s", path, errno == ENOENT ? "no such file or directory" : "permission denied");
		error_done(&err);
		return;
	}
	reply_one(c, "len", json_object_new_int64((int64_t)content.n));
	buf_add(&c->conn->out, buf_str(&content));
	if (js_get_bool(c->params, "delete", false))
		unlink(path);
}

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "methods.h"

enum { BLOCK = 64 * 1024 };

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

/* A file on its way to the client, block by block as the client takes them. */
struct download {
	int fd;
	uint64_t left;
	char *remove; /* the file's path when it goes away at the end; NULL: it stays */
};

static void download_closed(struct connection *conn)
{
	struct download *d = conn->raw_ctx;

	close(d->fd);
	free(d->remove);
	free(d);
}

static void download_turn(struct connection *conn)
{
	struct download *d = conn->raw_ctx;
	char block[BLOCK];

	while (d->left && !connection_full(conn)) {
		ssize_t n = read(d->fd, block, d->left < BLOCK ? (size_t)d->left : BLOCK);

		if (n <= 0) {
			connection_finish(conn);
			return;
		}
		buf_add_bytes(&conn->out, block, (size_t)n);
		d->left -= (uint64_t)n;
	}
	if (d->left)
		return;
	if (d->remove)
		unlink(d->remove);
	download_closed(conn);
	connection_downgrade(conn);
}

static const struct raw_mode download_mode = { .turn = download_turn, .closed = download_closed };

static struct download *download_new(const char *path, bool remove)
{
	struct download *d = calloc(1, sizeof *d);
	struct stat st;

	if (!d)
		return NULL;
	d->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (d->fd < 0 || fstat(d->fd, &st) < 0 || (remove && !(d->remove = z_dup(path)))) {
		int keep = errno;

		if (d->fd >= 0)
			close(d->fd);
		free(d);
		errno = keep;
		return NULL;
	}
	d->left = (uint64_t)st.st_size;
	return d;
}

void podman_receive_file(struct call *c)
{
	const char *path = call_str(c, "path");
	struct download *d;

	if (!c->upgrade) {
		reply_error_occurred(c, "client must use upgraded connection to send files");
		return;
	}
	d = download_new(path, js_get_bool(c->params, "delete", false));
	if (!d) {
		reply_error_occurred(c, "open %s: %s", path, errno == ENOENT ? "no such file or directory" : "permission denied");
		return;
	}
	connection_upgrade(c->conn, &download_mode, d);
	reply_one(c, "len", json_object_new_int64((int64_t)d->left));
}

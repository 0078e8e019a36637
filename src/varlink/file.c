#include "varlink/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"

/* Where a path ends that SendFile answers with once it has everything: "/var/tmp/varlink_send123:". */
#define ACK_END ':'
#define ACK_MAX 4096

/* ---- to the host ----------------------------------------------------------------------------------------------------- */

struct upload {
	struct host *host;
	struct varlink *v;
	int64_t left;
};

static int upload_write(void *ctx, const void *p, size_t n, struct error *err)
{
	struct upload *u = ctx;

	if ((uint64_t)u->left < n)
		return error_set(err, ERR_PROTOCOL, "there is more to send than was announced to the host");
	u->left -= (int64_t)n;
	return host_failed(u->host, u->v, varlink_write_raw(u->v, p, n, err), err);
}

/* The file's place once more, which says that all of it arrived. */
static int read_ack(struct host *h, struct varlink *v, const char *path, struct error *err)
{
	CLEANUP(buf_done) struct buf ack = BUF_INIT(ACK_MAX);
	char c = 0;

	while (c != ACK_END) {
		int r = varlink_has_raw(v) ? 1 : fd_wait(varlink_fd(v), POLLIN, clock_after_ms(engine_reply_ms()), err);
		ssize_t n = r > 0 ? varlink_read_raw(v, &c, 1, err) : r;

		if (r == 0)
			return error_set(err, ERR_CONNECT, "%s: no answer to what was sent", h->dialer->where);
		if (n == 0)
			n = error_set(err, ERR_CONNECT, "the connection was closed before the host had all that was sent");
		if (n < 0)
			return host_failed(h, v, (int)n, err);
		if (c != ACK_END && !buf_add_char(&ack, c))
			break;
	}
	if (!str_eq_z(buf_str(&ack), path))
		return error_set(err, ERR_PROTOCOL, "the service confirmed another file than was sent");
	return 0;
}

static int send_known(struct host *h, struct varlink *v, const struct byte_producer *from, char **ret_path, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct upload u = { .host = h, .v = v, .left = from->length };
	struct byte_sink sink = { .write = upload_write, .ctx = &u };
	struct json_object *in = json_object_new_object();
	int r;

	js_set_str(in, "type", "");
	js_set_int(in, "length", from->length);
	r = host_upgrade(h, v, "SendFile", in, &reply, err);
	if (r < 0)
		return r;
	*ret_path = z_dup(js_get_str(reply, "file_handle", ""));
	if (!*ret_path)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = producer_run(from, &sink, err);
	if (r == 0 && u.left > 0)
		r = error_set(err, ERR_PROTOCOL, "%" PRId64 " of %" PRId64 " bytes that were announced to the host are missing",
			      u.left, from->length);
	if (r == -ERR_CONNECT)
		return error_hint(err,
				  "The host may have no room left in its temporary folder (TMPDIR of the service, else /var/tmp)");
	if (r == 0)
		r = read_ack(h, v, *ret_path, err);
	if (r == 0)
		varlink_end_raw(v);
	return r;
}

static int spool_open(int *ret_fd, struct error *err)
{
	CLEANUP(free_p) char *path = path_join(path_tmp(), "farpod-XXXXXX");
	int fd = path ? mkstemp(path) : -1;

	if (fd < 0)
		return error_set_errno(err, "temporary file in %s", path_tmp());
	unlink(path);
	fd_set_cloexec(fd);
	*ret_fd = fd;
	return 0;
}

int file_send(struct host *h, struct varlink *v, const struct byte_producer *from, char **ret_path, struct error *err)
{
	CLEANUP(fd_close_p) int fd = -1;
	struct byte_sink spool = bytes_to_fd(&fd);
	struct byte_source source;
	struct byte_producer known;
	off_t length;
	int r;

	*ret_path = NULL;
	if (from->length >= 0)
		return send_known(h, v, from, ret_path, err);
	r = spool_open(&fd, err);
	if (r == 0)
		r = producer_run(from, &spool, err);
	if (r < 0)
		return r;
	length = lseek(fd, 0, SEEK_CUR);
	if (length < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return error_set_errno(err, "temporary file");
	source = bytes_from_fd(&fd, length);
	known = bytes_producer(&source);
	return send_known(h, v, &known, ret_path, err);
}

int file_send_and_call(struct host *h, const struct byte_producer *from, const char *method, struct json_object *params,
		       const char *key, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *in = params;
	CLEANUP(varlink_close_p) struct varlink *v = NULL;
	CLEANUP(free_p) char *path = NULL;
	bool continues;
	int r = host_dial(h, &v, err);

	if (r == 0)
		r = file_send(h, v, from, &path, err);
	if (r == 0) {
		js_set_str(in, key, path);
		r = host_begin(h, v, method, ptr_take(&in), err);
	}
	if (r == 0)
		r = host_failed(h, v, varlink_next(v, 0, ret, &continues, err), err);
	if (r >= 0)
		return 0;
	/* The service must see the end of a broken upload before it lets go of the file. */
	varlink_close(v);
	v = NULL;
	file_drop(h, path);
	return r;
}

/* ---- from the host --------------------------------------------------------------------------------------------------- */

struct received {
	struct download download; /* first: received_of casts */
	struct host *host;
	struct varlink *v;
	char *path;
	uint64_t length, left;
	bool broken;
};

static struct received *received_of(struct download *d)
{
	return (struct received *)d;
}

/* The service keeps the end of a file back when it can't remove it. */
static int cut_short(struct received *f, struct error *err)
{
	uint64_t got = f->length - f->left;

	return error_set(err, ERR_CONNECT, "the service closed the connection after %" PRIu64 " of the %" PRIu64 " bytes of %s%s",
			 got, f->length, f->path, f->left <= ACK_MAX ? " (it may not be able to remove that file)" : "");
}

static ssize_t received_read(struct download *d, void *p, size_t n, struct error *err)
{
	struct received *f = received_of(d);
	ssize_t got;

	if (f->left == 0)
		return 0;
	if (n > f->left)
		n = (size_t)f->left;
	got = varlink_read_raw(f->v, p, n, err);
	f->broken = got <= 0;
	if (got == 0)
		return cut_short(f, err);
	if (got < 0)
		return host_failed(f->host, f->v, (int)got, err);
	f->left -= (uint64_t)got;
	return got;
}

static void received_close(struct download *d)
{
	struct received *f = received_of(d);
	char piece[16 * 1024];

	/* The service removes what it could send to its end. */
	while (f->left > 0 && f->left <= FILE_DROP_MAX && !f->broken)
		received_read(d, piece, sizeof piece, NULL);
	if (f->left > 0)
		log_info("%s stays on the host", f->path);
	varlink_close(f->v);
	free(f->path);
	free(f);
}

static int receive_begin(struct received *f, const char *path, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *in;
	int64_t length;
	int r = host_dial(f->host, &f->v, err);

	f->broken = true;
	if (r < 0)
		return r;
	f->path = z_dup(path);
	if (!f->path)
		return error_set(err, ERR_SYSTEM, "out of memory");
	in = json_object_new_object();
	js_set_str(in, "path", path);
	js_set_bool(in, "delete", true);
	r = host_upgrade(f->host, f->v, "ReceiveFile", in, &reply, err);
	if (r < 0)
		return r;
	length = js_get_int(reply, "len", -1);
	if (length < 0)
		return error_set(err, ERR_PROTOCOL, "the service does not tell the length of %s", path);
	f->length = f->left = (uint64_t)length;
	f->broken = false;
	return 0;
}

int file_receive(struct host *h, const char *path, struct download **ret, struct error *err)
{
	struct received *f = calloc(1, sizeof *f);
	int r;

	if (!f)
		return error_set(err, ERR_SYSTEM, "out of memory");
	*f = (struct received){ .download = { .read = received_read, .close = received_close }, .host = h };
	r = receive_begin(f, path, err);
	if (r < 0) {
		received_close(&f->download);
		return r;
	}
	*ret = &f->download;
	return 0;
}

uint64_t file_length(const struct download *d)
{
	return ((const struct received *)d)->length;
}

void file_drop(struct host *h, const char *path)
{
	CLEANUP(download_close_p) struct download *d = NULL;
	CLEANUP(error_done) struct error why = ERROR_INIT;

	if (path && *path && file_receive(h, path, &d, &why) < 0)
		log_debug("%s stays on the host: %s", path, why.text);
}

#include "varlink/wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"

int wire_upgrade(struct wire *w, struct varlink *v, const char *method, struct json_object *params, struct error *err)
{
	int r = host_upgrade(w->host, v, method, params, NULL, err);

	if (r == 0 && fd_set_nonblock(varlink_fd(v), true) < 0)
		r = error_set_errno(err, "make a connection non-blocking");
	if (r < 0) {
		varlink_close(v);
		return r;
	}
	w->v = v;
	return 0;
}

int wire_open(struct wire *w, const char *method, struct json_object *params, struct error *err)
{
	struct varlink *v;
	int r = host_dial(w->host, &v, err);

	if (r < 0) {
		json_object_put(params);
		return r;
	}
	return wire_upgrade(w, v, method, params, err);
}

void wire_close(struct wire *w)
{
	varlink_close(w->v);
	buf_done(&w->out);
	*w = WIRE_INIT(w->host);
}

size_t wire_room(const struct wire *w)
{
	return w->v && !w->frames.ended && w->out.n < WIRE_QUEUE ? WIRE_QUEUE - w->out.n : 0;
}

int wire_stdin(struct wire *w, const char *p, size_t n, struct error *err)
{
	while (n > 0) {
		size_t piece = n < WIRE_PIECE ? n : WIRE_PIECE;

		if (!frame_add(&w->out, FRAME_STDIN, p, piece))
			return buf_check(&w->out, "standard input", err);
		p += piece;
		n -= piece;
	}
	return 0;
}

int wire_resize(struct wire *w, unsigned width, unsigned height, struct error *err)
{
	if (!w->v || w->frames.ended)
		return 0;
	return frame_add_resize(&w->out, width, height) ? 0 : buf_check(&w->out, "terminal size", err);
}

struct pollfd wire_poll(const struct wire *w, bool want_output, int *timeout_ms)
{
	struct pollfd p = { .fd = -1 };

	if (!w->v)
		return p;
	p.events = (short)((want_output ? POLLIN : 0) | (w->out.n ? POLLOUT : 0));
	/* A hangup would wake poll again and again while nobody wants to read. */
	if (p.events)
		p.fd = varlink_fd(w->v);
	if (want_output && varlink_has_raw(w->v))
		*timeout_ms = 0;
	return p;
}

int wire_flush(struct wire *w, const struct pollfd *p, struct error *err)
{
	if (!w->v || !(p->revents & (POLLOUT | POLLERR)))
		return 0;
	while (w->out.n > 0) {
		ssize_t n = write(varlink_fd(w->v), w->out.p, w->out.n);

		if (n >= 0) {
			buf_consume(&w->out, (size_t)n);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
			return 0;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			/* The service is done with us; its last words are still to be read. */
			buf_clear(&w->out);
			return 0;
		} else {
			return error_set_errno(err, "send to %s", w->host->dialer->where);
		}
	}
	return 0;
}

int wire_read(struct wire *w, const struct pollfd *p, const struct stream_sink *sink, struct error *err)
{
	char block[STREAM_MAX_READ];
	ssize_t n;

	w->heard = false;
	if (!w->v || (!(p->events & POLLIN) && !(p->revents & (POLLHUP | POLLERR))))
		return 0;
	if (!varlink_has_raw(w->v)) {
		if (!p->revents || fd_wait(varlink_fd(w->v), POLLIN, clock_ms(), NULL) <= 0)
			return 0;
	}
	n = varlink_read_raw(w->v, block, sizeof block, err);
	if (n < 0)
		return host_failed(w->host, w->v, (int)n, err);
	if (n == 0)
		return host_failed(w->host, w->v, error_set(err, ERR_CONNECT, "the connection was closed before the end"), err);
	w->heard = true;
	return frames_take(&w->frames, block, (size_t)n, sink, err);
}

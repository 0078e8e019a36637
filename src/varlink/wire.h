/* varlink/wire.h: an upgraded connection that speaks frames, with what waits to be sent. Nothing here blocks but the opening. */
#ifndef VARLINK_WIRE_H
#define VARLINK_WIRE_H

#include <poll.h>

#include "varlink/frames.h"
#include "varlink/host.h"

/* What may wait to be sent before stdin is told to wait. */
#define WIRE_QUEUE (64 * 1024)
/* Of stdin in one frame; conmon takes no larger packets for sure. */
#define WIRE_PIECE 8192

struct wire {
	struct host *host;
	struct varlink *v; /* NULL: not open */
	struct frames frames;
	struct buf out;
	bool heard; /* the last wire_read got something */
};

#define WIRE_INIT(h) ((struct wire){ .host = (h), .out = BUF_INIT(2 * WIRE_QUEUE) })

/* Dials, calls method with "upgrade" (params taken). */
int wire_open(struct wire *w, const char *method, struct json_object *params, struct error *err);
/* The same on a connection that calls were already made on; v is taken. */
int wire_upgrade(struct wire *w, struct varlink *v, const char *method, struct json_object *params, struct error *err);
void wire_close(struct wire *w);

/* Room for stdin; 0: wait. */
size_t wire_room(const struct wire *w);
/* Queues stdin in frames. */
int wire_stdin(struct wire *w, const char *p, size_t n, struct error *err);
int wire_resize(struct wire *w, unsigned width, unsigned height, struct error *err);

/* For poll: fd -1 when not open. *timeout_ms is 0 when something is there that poll does not see. */
struct pollfd wire_poll(const struct wire *w, bool want_output, int *timeout_ms);
/* After poll: sends what the peer takes. */
int wire_flush(struct wire *w, const struct pollfd *p, struct error *err);
/* After poll: one read of at most STREAM_MAX_READ, handed to the sink (NULL: thrown away). 0: goes on; 1: the quit frame came.
 * ERR_CONNECT when it ends without one. */
int wire_read(struct wire *w, const struct pollfd *p, const struct stream_sink *sink, struct error *err);

#endif

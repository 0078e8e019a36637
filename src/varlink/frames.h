/* varlink/frames.h: the frames of an upgraded Attach or ExecContainer: one byte of stream id, three of zero, the payload's length
 * in four bytes big endian, the payload. As 1.6.2, 1.8.0 and 1.9.3 speak it (pkg/varlinkapi/virtwriter). */
#ifndef VARLINK_FRAMES_H
#define VARLINK_FRAMES_H

#include <stdint.h>

#include "base/buf.h"
#include "engine/stream.h"

enum frame_id {
	FRAME_STDOUT, /* the container's stderr comes here too: the services never separate them */
	FRAME_STDIN,
	FRAME_STDERR,
	FRAME_RESIZE,
	FRAME_QUIT,  /* 4 bytes: the exit code; the last frame */
	FRAME_HANGUP /* from the client, 1.8.0 and later; always without payload: 1.6.2 reads none and would lose step */
};

#define FRAME_HEAD 8
/* The services send 8 KiB at most. A longer frame than this is garbage. */
#define FRAME_MAX  (16 * 1024 * 1024)

/* Takes frames apart, wherever the pieces are cut. */
struct frames {
	unsigned char head[FRAME_HEAD], quit[4];
	size_t n_head, n_quit;
	uint32_t left; /* of the payload */
	bool ended;    /* by a quit frame */
	int status;    /* its exit code */
};

/* Hands the payloads to the sink (NULL: thrown away). 0: goes on. 1: quit; what follows is ignored. ERR_PROTOCOL. */
int frames_take(struct frames *f, const char *p, size_t n, const struct stream_sink *sink, struct error *err);

/* Appends a frame. */
bool frame_add(struct buf *out, enum frame_id id, const void *p, size_t n);
bool frame_add_resize(struct buf *out, unsigned width, unsigned height);

#endif

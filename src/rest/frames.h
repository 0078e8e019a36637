/* rest/frames.h: the framing of attach, exec and logs without a terminal: byte 0 the channel (0 echoed stdin, 1 stdout, 2 stderr, 3 an
 * error of the service), bytes 1 to 3 zero, bytes 4 to 7 the length in big endian, then that many bytes. Docker's format, seen with
 * Podman 4.3.1. With a terminal the bytes are raw. */
#ifndef REST_FRAMES_H
#define REST_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/stream.h"

#define FRAME_HEAD      8
#define FRAME_ERROR_MAX 4096 /* of the text on channel 3 */

struct frames {
	bool raw;       /* no framing: all is stdout */
	bool end_lines; /* a frame is a line whose end was left out */
	char last;      /* byte of the payload */
	unsigned char head[FRAME_HEAD];
	size_t have;      /* bytes of head that are there */
	uint32_t left;    /* bytes of the payload that are to come */
	struct buf error; /* what came on channel 3 */
};

#define FRAMES_INIT(is_raw) ((struct frames){ .raw = (is_raw), .error = BUF_INIT(FRAME_ERROR_MAX) })

/* Gives the payload in p to the sink, moving it together inside p, so that a million short lines don't become a million writes.
 * ERR_PROTOCOL for a broken head, ERR_REMOTE with the service's text at the end of a frame on channel 3, or what the sink returned. */
int frames_feed(struct frames *f, char *p, size_t n, const struct stream_sink *sink, struct error *err);

/* False when the bytes so far end inside a frame. */
bool frames_whole(const struct frames *f);
void frames_done(struct frames *f);

#endif

/* frames.h: the frames of an upgraded Attach or ExecContainer connection: an 8-byte header (stream, 3 zero bytes, length as 32 bits
 * big endian), then the payload, both ways. */
#ifndef HOST_FRAMES_H
#define HOST_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum frame_stream {
	FRAME_STDOUT = 0, /* to the client; a container's stderr comes here too */
	FRAME_STDIN = 1,
	FRAME_RESIZE = 3, /* {"Width":101,"Height":33} */
	FRAME_QUIT = 4,   /* to the client: exit code, 32 bits big endian */
	FRAME_HANGUP = 5, /* 1.8.0 and later */
};

#define FRAME_HEADER  8
#define FRAME_MAX_OUT 8192 /* what the real hosts read at once */

/* False: the header is not all there yet. */
bool frame_header(struct str in, unsigned char *ret_stream, size_t *ret_length);

void frame_add(struct buf *out, enum frame_stream stream, struct str payload);
void frame_add_quit(struct buf *out, uint32_t code);

#endif

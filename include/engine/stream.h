/* engine/stream.h: a running exchange of bytes with a container: attach, exec or logs. The protocol room owns the connections behind it
 * (REST: stream, wait and control connections; varlink: output, stdin and wait connections) and the rules of the wire; the caller owns
 * the poll loop, the terminal and the signals. One thread; nothing here blocks for longer than a short request. */
#ifndef ENGINE_STREAM_H
#define ENGINE_STREAM_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum stream_channel { STREAM_STDOUT = 1, STREAM_STDERR = 2 };

/* Where output goes; p is borrowed during the call. A negative return ends the dispatch with that error. */
struct stream_sink {
	int (*write)(void *ctx, enum stream_channel channel, const char *p, size_t n, struct error *err);
	void *ctx;
};

#define STREAM_MAX_FDS 4
#define STREAM_MAX_READ (32 * 1024) /* the most that one dispatch hands to the sink */

struct stream;

struct stream_ops {
	/* Fills fds (at most STREAM_MAX_FDS) with what the stream waits for and returns their number. want_output false: do not read output
	 * now (back-pressure). Lowers *timeout_ms (-1: none) when the stream has a timer of its own. Output that is already buffered inside
	 * sets *timeout_ms to 0. */
	size_t (*poll_fds)(struct stream *, bool want_output, struct pollfd *fds, int *timeout_ms);

	/* After poll, with the same array (revents filled; n may be 0 for a timer). 0: goes on. 1: ended, all output was handed over and
	 * exit_status is known. A connection that breaks before the end is ERR_CONNECT, never 1. */
	int (*dispatch)(struct stream *, const struct pollfd *fds, size_t n, const struct stream_sink *, struct error *);

	/* How many bytes stdin_write takes now; 0: wait for the stream's fds. */
	size_t (*stdin_room)(struct stream *);
	/* Takes all n (<= stdin_room) bytes, copying. */
	int (*stdin_write)(struct stream *, const char *p, size_t n, struct error *);
	/* End of input, after what was written. Output goes on. */
	int (*stdin_close)(struct stream *, struct error *);

	/* Best effort: errors of a container that is not up yet are kept quiet and tried again by the stream. */
	int (*resize)(struct stream *, unsigned width, unsigned height, struct error *);

	/* Exit status of the container or command, after dispatch returned 1; -1 for logs. */
	int (*exit_status)(struct stream *);

	/* Leaves the container alone. */
	void (*close)(struct stream *);
};

struct stream {
	const struct stream_ops *ops;
};

void stream_close_p(struct stream **s);

#endif

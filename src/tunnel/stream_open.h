/* tunnel/stream_open.h: how a stream begins: its request, its channel, and the reason when it gets none. For stream.c. */
#ifndef TUNNEL_STREAM_OPEN_H
#define TUNNEL_STREAM_OPEN_H

#include "tunnel/stream.h"

/* What the host may send before we have read. */
#define WINDOW_START (2u * 1024 * 1024)

void stream_enter(struct stream *s, enum stream_state state);
void stream_close_client(struct stream *s);
/* Tells the client why it gets no stream. */
void stream_refuse(struct stream *s, const struct error *why);

/* One for each state up to the one where bytes flow. */
void stream_step_request(struct stream *s);
void stream_step_waiting(struct stream *s, struct stream_context *ctx);
void stream_step_opening(struct stream *s, struct stream_context *ctx);
void stream_step_starting(struct stream *s, struct stream_context *ctx);

#endif

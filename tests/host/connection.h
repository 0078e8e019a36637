/* connection.h: one client: bytes in, bytes out, one call at a time. */
#ifndef HOST_CONNECTION_H
#define HOST_CONNECTION_H

#include <stdbool.h>

#include "base/buf.h"
#include "host.h"

struct call;
struct connection;

/* What an upgraded connection does with its bytes instead of reading messages. */
struct raw_mode {
	/* There may be input in c->in, or something in the host has changed. */
	void (*turn)(struct connection *c);
	/* The connection ends; frees c->raw_ctx. */
	void (*closed)(struct connection *c);
};

struct connection {
	struct connection *next;
	struct host *host;
	int fd;
	struct buf in, out;
	bool input_ended;  /* the client sends no more */
	bool hung_up;      /* and reads no more */
	bool finished;     /* to be closed when out is written */
	bool dead;         /* to be freed at the end of the turn */
	struct call *call; /* being served, or waiting for its answer */
	const struct raw_mode *raw;
	void *raw_ctx;
	enum misbehave_kind trickle; /* SPLIT_FRAMES or SLOW once a reply was chosen for it */
	uint64_t next_byte_ms;
};

void connections_accept(struct host *h);
void connections_want(struct host *h);
/* Serves what came in, asks the waiting calls again, writes, frees what is dead. */
void connections_turn(struct host *h);
/* The crash of a real service: all connections end at once. */
void connections_drop(struct host *h);

/* Nothing more will be sent than what is in c->out. */
void connection_finish(struct connection *c);

/* From message mode to raw mode; the reply to the call must be on its way. */
void connection_upgrade(struct connection *c, const struct raw_mode *raw, void *ctx);
/* Back to message mode (after SendFile). */
void connection_downgrade(struct connection *c);

/* The client does not keep up: whoever feeds it should wait. */
bool connection_full(const struct connection *c);

#endif

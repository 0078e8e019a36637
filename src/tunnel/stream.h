/* tunnel/stream.h: one stream of the keeper on a libssh2 channel: from the request line to the end of both directions. */
#ifndef TUNNEL_STREAM_H
#define TUNNEL_STREAM_H

#include "tunnel/lines.h"
#include "tunnel/ssh_io.h"

enum stream_state {
	STREAM_REQUEST, /* the client's line comes in */
	STREAM_WAITING, /* for libssh2, which opens one channel at a time */
	STREAM_OPENING,
	STREAM_STARTING, /* the command of a session channel */
	STREAM_FLOWING,  /* bytes both ways */
	STREAM_RUNNING,  /* its output is collected */
	STREAM_CLOSING,
	STREAM_DONE,
};

/* Bytes on their way; memory is taken at first use. */
struct block {
	char *p;
	size_t at, n;
};

struct stream {
	struct stream *next;
	enum stream_state state;
	int client; /* -1: nobody (a probe, an explanation, or it is gone) */
	struct request request;
	struct buf text;    /* the request line, then the message of the channel, then collected output */
	struct buf command; /* of a session channel */
	LIBSSH2_CHANNEL *channel;
	struct block up, down; /* to the host, to the client */
	bool up_ended;         /* the client will send no more */
	bool up_closed;        /* and the host knows */
	bool down_ended;       /* the host will send no more */
	bool gone;             /* the client closed its socket altogether */
	bool probe;            /* a channel of no type, to see whether the host still answers */
	bool explaining;       /* the channel could not be opened, and the command that finds out why is under way */
	uint64_t flowed;       /* bytes from the host */
	uint64_t begun_ms;     /* the state's */
};

/* client: non-blocking, taken; -1 for a probe. NULL without memory. */
struct stream *stream_new(int client);
void stream_free(struct stream *s);

/* What the streams of one session share. */
struct stream_context {
	struct ssh_io *io;
	const char *host;       /* for messages */
	struct stream *opening; /* who is in STREAM_OPENING */
};

/* As far as it gets without waiting. True when its state changed, which another stream may wait for. */
bool stream_step(struct stream *s, struct stream_context *ctx);

/* What to poll the client for; 0: only for its end. */
short stream_events(const struct stream *s, const struct ssh_io *io);

/* poll saw the client's end of the connection, or an error. */
void stream_hangup(struct stream *s);

/* The session is lost: the client gets the reason if it still waits for an answer, and its socket is closed. */
void stream_lost(struct stream *s, const struct error *why);

#endif

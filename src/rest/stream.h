/* rest/stream.h: what attach, exec and logs have in common. One connection carries the output and, raw, the input; how the exit status
 * is learned differs and is a function of each kind. */
#ifndef REST_STREAM_H
#define REST_STREAM_H

#include "rest/frames.h"
#include "rest/rest.h"

#define STDIN_ROOM (32 * 1024)

struct rest_stream;

/* Called at each dispatch until it returns 1: exit_status is known (or there is none). 0: not yet. */
typedef int stream_end_fn(struct rest_stream *s, struct error *err);

struct rest_stream {
	struct stream stream; /* first: the operations cast */
	struct rest *rest;    /* borrowed */
	char *name;           /* of the container or exec session, owned */

	struct http *data;
	bool head_pending; /* logs that follow: the head comes with the first line */
	bool want_output;  /* as of the last poll_fds */
	bool output_done;
	struct frames frames;

	bool takes_stdin, stdin_closing, stdin_closed, stdin_dead, stdin_used;
	size_t stdin_at, stdin_n; /* stdin_buf[at..n) is to be sent */

	stream_end_fn *end;
	bool ended;
	int exit_status;
	struct http *wait; /* attach: a wait request whose answer is to come */
	bool wait_has_head;
	struct buf wait_body;
	uint64_t deadline_ms; /* for the exit status, from the end of the output on */
	uint64_t next_end_ms; /* exec: when to ask again; 0: now */

	const char *resize_path;
	unsigned width, height; /* that the service has not taken yet; 0: none */
	int resize_tries;
	uint64_t next_resize_ms;

	char stdin_buf[STDIN_ROOM];
	char block[STREAM_MAX_READ];
};

/* A stream around h (taken, also on failure). */
int rest_stream_new(struct rest *r, struct http *h, const char *name, bool raw, stream_end_fn *end, struct rest_stream **ret,
		    struct error *err);
void rest_stream_free(struct rest_stream *s);

/* Sends the request that turns its connection into a stream, and reads the head. A refusal is an error. */
int rest_hijack(struct rest *r, const struct rest_req *q, struct http **ret, struct error *err);

#endif

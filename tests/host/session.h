/* session.h: what is behind an upgraded Attach or ExecContainer connection: frames in both directions between a client and a process. */
#ifndef HOST_SESSION_H
#define HOST_SESSION_H

#include "call.h"
#include "container.h"

enum { DETACH_KEYS_MAX = 16 };

struct session {
	struct session *next; /* of the same container */
	struct connection *conn;
	struct container *container; /* held */
	struct process *process;     /* of an exec; NULL: the container's own */
	bool is_exec;
	bool quits;    /* the client is told the exit code: it started what it is attached to */
	bool detached; /* by its keys: hears nothing until the end */
	bool over;     /* the quit frame is out */
	unsigned char keys[DETACH_KEYS_MAX];
	size_t n_keys, n_matched;
	size_t stdin_left; /* of the frame that is being read */
	uint64_t hangup_at_ms;
};

/* "ctrl-p,ctrl-q", "a,ctrl-]", "" for none. False when it is not that. */
bool session_parse_keys(struct session *s, const char *keys);

/* Answers the call with the empty reply and turns its connection into the session's. s is taken: the connection frees it. */
void session_open(struct call *c, struct session *s);

/* Output goes to the client, when it still listens. */
void session_output(struct session *s, struct str block);
/* Sends the quit frame; nothing follows it. */
void session_quit(struct session *s, uint32_t code);

/* For all that are attached to a container. */
void sessions_output(struct container *c, struct str block);
bool sessions_ready(struct container *c);
void sessions_ended(struct container *c, int exit_code);

#endif

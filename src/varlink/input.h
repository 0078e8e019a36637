/* varlink/input.h: stdin of a container without a terminal.
 *
 * The protocol has no end of input: a client that says goodbye ends the whole attachment. So stdin gets an attachment of its own
 * beside the one for output, with detach keys that only this room knows; typing them at the end of the data detaches it cleanly,
 * whereupon conmon closes the container's stdin and the other attachment goes on to the container's end. Seen working on 1.6.2,
 * 1.8.0 and 1.9.3.
 *
 * The service matches the keys one read at a time, so data goes in frames that can't be taken for the first of them. */
#ifndef VARLINK_INPUT_H
#define VARLINK_INPUT_H

#include "varlink/wire.h"

enum input_state {
	INPUT_NONE,    /* nobody wants it */
	INPUT_WAITING, /* for the container to run: before that an attachment would start it, after it there is nothing to write to */
	INPUT_OPEN,
	INPUT_DETACHED,
	INPUT_GONE, /* the container ended first */
};

struct input {
	struct host *host;
	char *name;
	enum input_state state;
	struct wire wire;
	uint64_t retry_at_ms;
	int retry_ms;
	bool eof;  /* to be told as soon as it is open */
	bool held; /* a byte like the first key, alone: waits for company */
};

int input_init(struct input *in, struct host *h, const char *name, struct error *err);
void input_done(struct input *in);

struct pollfd input_poll(const struct input *in, int *timeout_ms);
int input_dispatch(struct input *in, const struct pollfd *p, struct error *err);

size_t input_room(const struct input *in);
int input_write(struct input *in, const char *p, size_t n, struct error *err);
int input_close(struct input *in, struct error *err);

#endif

/* term/pump.h: one poll loop between the user and a container's stream. */
#ifndef TERM_PUMP_H
#define TERM_PUMP_H

#include "engine/stream.h"
#include "term/keys.h"

struct pump {
	struct stream *stream;   /* borrowed */
	int stdin_fd;            /* -1: none is read */
	int stdout_fd, stderr_fd;
	bool raw;                /* stdin_fd is a terminal that is to be in raw mode */
	int size_fd;             /* the terminal whose size the container's follows; -1: none */
	struct keys keys;        /* n == 0: off */
	/* A signal that is to reach the container (--sig-proxy); NULL: signals end the pump with ERR_INTERRUPTED and exit status 128 + signal. */
	int (*signal)(void *ctx, int sig, struct error *err);
	void *ctx;
};

enum pump_end { PUMP_ENDED, PUMP_DETACHED };

/* Runs until the stream ends, the detach keys are typed, or an error. Memory is bounded whatever passes through; a slow stdout slows the container
 * down, not the other way. The terminal is restored on return. A second interrupt within a second, when the first was forwarded, ends it. */
int pump_run(const struct pump *p, enum pump_end *ret, struct error *err);

#endif

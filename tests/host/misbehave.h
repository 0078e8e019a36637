/* misbehave.h: what a host does wrong when a test asks for it: --misbehave KIND[:METHOD]. */
#ifndef HOST_MISBEHAVE_H
#define HOST_MISBEHAVE_H

#include <stdbool.h>

#include "base/error.h"

enum misbehave_kind {
	BEHAVE,
	CLOSE_MID_REPLY, /* half of the reply, then the end of the stream */
	CLOSE_NOW,       /* the end of the stream in place of the reply */
	STALL,           /* nothing, for ever */
	SPLIT_FRAMES,    /* every byte in a write of its own */
	SLOW,            /* a byte every 20 ms */
	GARBAGE,         /* a message that is no JSON */
	ENDLESS_LINE,    /* a message without an end */
};

struct misbehave {
	enum misbehave_kind kind;
	char *method; /* last part of the name; NULL: every method of io.podman */
};

#define MISBEHAVE_WORDS "close-mid-reply, close-now, stall, split-frames, slow, garbage, endless-line"

int misbehave_parse(const char *text, struct misbehave *ret, struct error *err);

/* What to do wrong with the replies to method. */
enum misbehave_kind misbehave_for(const struct misbehave *m, const char *method);

void misbehave_done(struct misbehave *m);

#endif

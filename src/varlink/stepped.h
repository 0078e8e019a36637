/* varlink/stepped.h: a download whose bytes are made a piece at a time, when they are asked for. Whoever makes one embeds it first in a struct of
 * its own. */
#ifndef VARLINK_STEPPED_H
#define VARLINK_STEPPED_H

#include "archive/tar.h"
#include "base/buf.h"
#include "engine/image.h"

/* What one step may write: headers with long names, and a piece of data with the tar writer's own block. */
#define STEPPED_MAX  (4 * BYTES_PIECE + 4 * STEPPED_NAME)
#define STEPPED_NAME (64 * 1024)

struct stepped {
	struct download download; /* first */
	struct buf out;
	size_t off;
	bool over; /* set by the last step */
	int (*step)(struct stepped *, struct error *);
	void (*free)(struct stepped *); /* the whole struct, with what it owns beside this */
};

void stepped_init(struct stepped *s, int (*step)(struct stepped *, struct error *), void (*free_fn)(struct stepped *));

/* Copies a piece of the reader's current entry. 1: there may be more; 0: that was all. */
int stepped_data(struct tar_reader *from, struct tar_writer *to, struct error *err);

#endif

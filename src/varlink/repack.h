/* varlink/repack.h: an archive from the host with other names in it, made while it is read. */
#ifndef VARLINK_REPACK_H
#define VARLINK_REPACK_H

#include "archive/tar.h"
#include "engine/image.h"

struct repack_req {
	const char *root; /* only this entry and what is below it; "": everything. Without slashes at its ends */
	const char *name; /* takes the place of root in names; "": nothing, and root has no entry of its own */
	/* Finds the content of a file outside root that a hard link inside points to. *ret stands at it and is borrowed until the next call; *ret_size: of
	 * the file. NULL: such a link is ERR_PROTOCOL. */
	int (*outside)(void *ctx, const char *target, struct tar_reader **ret, int64_t *ret_size, struct error *err);
	void *ctx;
	void (*ctx_free)(void *ctx); /* at the close; may be NULL */
};

/* from is taken, ctx too, also on failure; the texts are copied. Reading gives ERR_NOT_FOUND at the end when root was not there. */
int repack_open(struct download *from, const struct repack_req *q, struct download **ret, struct error *err);

/* The name of an entry without "./" and "/" in front and without slashes behind it; "" for the top folder. Borrowed from name. Pure. */
struct str repack_clean(const char *name);

#endif

/* image_words.h: what several methods say about an image. */
#ifndef HOST_IMAGE_WORDS_H
#define HOST_IMAGE_WORDS_H

#include "call.h"
#include "image.h"

/* The image that the call's parameter names. NULL: the call was answered with ImageNotFound. */
struct image *image_named(struct call *c, const char *key);

/* "sha256:HEX" */
struct json_object *image_digest_text(const char *digest);
/* In the order of the names; sorted from 1.8.0 on; null when there are none. */
struct json_object *image_repo_digests(const struct host *h, const struct image *i);

/* What every copy of an image begins its log with. */
void image_copying_lines(const struct image *i, struct strv *lines);

/* MoreResponse with at most one line. */
struct json_object *more_response(const char *line, const char *id);
/* One of several replies, when the client wants several. */
void more_send(struct call *c, const char *line);
/* The last one, also of a client that wants only one. Lines that it has not seen yet may come along. */
void more_end(struct call *c, const struct strv *lines, const char *id);
/* The real hosts ask themselves all the time whether there is something to say, and tell the client each time that there is not. */
void more_spin(struct call *c, const char *id);

#endif

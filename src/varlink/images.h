/* varlink/images.h: the images of a host, and which of them are meant. */
#ifndef VARLINK_IMAGES_H
#define VARLINK_IMAGES_H

#include "varlink/host.h"

/* The filters that the list itself can answer are answered here: 1.6.2 knows none, and 1.9.3 takes "label=x" for true on images
 * without labels. */
struct image_pick {
	const struct strv *filters; /* may be NULL */
	struct json_object *all;
};

/* Images as ListImages gives them; filters (may be NULL) that only the host can answer are asked of it. */
int images_find(struct host *h, const struct strv *filters, struct json_object **ret, struct error *err);

/* 1 or 0 as image passes all filters that are ours to answer, or an error. */
int images_pass(const struct image_pick *p, struct json_object *image, struct error *err);

#endif

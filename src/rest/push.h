/* rest/push.h: what pushes of images and of manifest lists share. */
#ifndef REST_PUSH_H
#define REST_PUSH_H

#include "rest/rest.h"

/* Adds the options to url. ERR_UNSUPPORTED names one that the host's version has not. */
int push_query(const struct rest *r, struct buf *url, const struct push_req *q, struct error *err);

/* push_query, then sends the request and follows its records. */
int push_send(struct rest *r, struct buf *url, const struct push_req *q, progress_fn *progress, void *ctx, char **ret_digest,
	      struct error *err);

#endif

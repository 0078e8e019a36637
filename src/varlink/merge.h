/* varlink/merge.h: several docker-archives as one: what is in more than one goes in once, and their two lists become one each. */
#ifndef VARLINK_MERGE_H
#define VARLINK_MERGE_H

#include "base/js.h"
#include "engine/image.h"

/* Opens archive i of n; called when the ones before it have been read. */
typedef int merge_open_fn(void *ctx, size_t i, struct download **ret, struct error *err);

/* ctx is taken, also on failure, and freed by ctx_free. */
int merge_open(size_t n, merge_open_fn *open_nth, void *ctx, void (*ctx_free)(void *), struct download **ret, struct error *err);

/* Adds what a manifest.json (an array) or a file "repositories" (an object of objects) says to the sum of the others. Pure. */
void merge_manifest(struct json_object *sum, struct json_object *one);
void merge_repositories(struct json_object *sum, struct json_object *one);

#endif

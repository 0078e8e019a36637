/* output/pool.h: memory that is freed together: the tree of a template, the values made while it runs. */
#ifndef OUTPUT_POOL_H
#define OUTPUT_POOL_H

#include <json-c/json.h>
#include <stddef.h>

#include "base/buf.h"

struct pool_item;

struct pool {
	struct pool_item *top;
	size_t bytes, max;
};

#define POOL_INIT(limit) ((struct pool){ .max = (limit) })

/* Zeroed bytes that live until the pool is released below them; NULL without memory or above the pool's limit. */
void *pool_alloc(struct pool *p, size_t n);

/* A NUL-terminated copy. */
char *pool_dup(struct pool *p, struct str s);

/* Takes o (also on failure); false without memory. */
bool pool_own_json(struct pool *p, struct json_object *o);

/* Everything made since the mark is freed. A mark of NULL is the beginning. */
static inline struct pool_item *pool_mark(const struct pool *p)
{
	return p->top;
}
void pool_release(struct pool *p, struct pool_item *mark);
void pool_done(struct pool *p);

#endif

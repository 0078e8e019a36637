#include "output/pool.h"

#include <stdint.h>
#include <stdlib.h>

struct pool_item {
	struct pool_item *below;
	struct json_object *json;
	size_t size;
	max_align_t data[];
};

void *pool_alloc(struct pool *p, size_t n)
{
	struct pool_item *item;
	size_t size;

	if (n > SIZE_MAX - sizeof *item)
		return NULL;
	size = sizeof *item + n;
	if (size > p->max - p->bytes)
		return NULL;
	item = calloc(1, size);
	if (!item)
		return NULL;
	item->below = p->top;
	item->size = size;
	p->top = item;
	p->bytes += size;
	return item->data;
}

char *pool_dup(struct pool *p, struct str s)
{
	char *z = s.n < SIZE_MAX ? pool_alloc(p, s.n + 1) : NULL;

	if (z && s.n)
		memcpy(z, s.p, s.n);
	return z;
}

bool pool_own_json(struct pool *p, struct json_object *o)
{
	if (!o || !pool_alloc(p, 0)) {
		json_object_put(o);
		return false;
	}
	p->top->json = o;
	return true;
}

void pool_release(struct pool *p, struct pool_item *mark)
{
	while (p->top != mark) {
		struct pool_item *item = p->top;

		p->top = item->below;
		p->bytes -= item->size;
		json_object_put(item->json);
		free(item);
	}
}

void pool_done(struct pool *p)
{
	pool_release(p, NULL);
}

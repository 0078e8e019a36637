#include "archive/links.h"

#include <stdint.h>
#include <stdlib.h>

/* The slot of the file, or the free one where it belongs; cap is a power of two. */
static struct link_slot *find(struct link_slot *slots, size_t cap, dev_t dev, ino_t ino)
{
	size_t i = (size_t)(((uint64_t)ino + ((uint64_t)dev << 32)) * 0x9e3779b97f4a7c15u >> 20);

	for (;; i++) {
		struct link_slot *s = &slots[i & (cap - 1)];

		if (!s->name || (s->dev == dev && s->ino == ino))
			return s;
	}
}

static bool grow(struct links *l)
{
	size_t cap = l->cap ? l->cap * 2 : 64;
	struct link_slot *slots = calloc(cap, sizeof *slots);

	if (!slots)
		return false;
	for (size_t i = 0; i < l->cap; i++)
		if (l->slots[i].name)
			*find(slots, cap, l->slots[i].dev, l->slots[i].ino) = l->slots[i];
	free(l->slots);
	l->slots = slots;
	l->cap = cap;
	return true;
}

int links_remember(struct links *l, dev_t dev, ino_t ino, const char *name, const char **ret, struct error *err)
{
	struct link_slot *s;
	size_t at = l->names.n;

	if (l->n * 2 >= l->cap && !grow(l))
		return error_set(err, ERR_SYSTEM, "out of memory");
	s = find(l->slots, l->cap, dev, ino);
	if (s->name) {
		*ret = l->names.p + s->name - 1;
		return 1;
	}
	buf_add_bytes(&l->names, name, strlen(name) + 1);
	*s = (struct link_slot){ .dev = dev, .ino = ino, .name = at + 1 };
	l->n++;
	return buf_check(&l->names, "the names of files with several names", err);
}

void links_done(struct links *l)
{
	free(l->slots);
	buf_done(&l->names);
	*l = LINKS_INIT;
}

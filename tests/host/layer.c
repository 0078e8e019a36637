#include "layer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/fd.h"
#include "base/path.h"
#include "pack.h"
#include "tree.h"
#include "unpack.h"

static void keep_hex(const char *digest, char ret[65])
{
	snprintf(ret, 65, "%s", strchr(digest, ':') + 1);
}

void layer_text_digest(struct str text, char ret[65])
{
	char digest[DIGEST_MAX];

	digest_of(text, digest);
	keep_hex(digest, ret);
}

int layer_file_digest(const char *path, char ret[65], struct error *err)
{
	CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
	CLEANUP(digest_close_p) struct digest *d = NULL;
	char block[64 * 1024], text[DIGEST_MAX];
	ssize_t n;
	int r;

	if (fd < 0)
		return error_set_errno(err, "%s", path);
	r = digest_open(NULL, &d, err);
	if (r < 0)
		return r;
	while ((n = read(fd, block, sizeof block)) > 0)
		digest_add(d, block, (size_t)n);
	if (n < 0)
		return error_set_errno(err, "read %s", path);
	digest_end(d, text);
	keep_hex(text, ret);
	return 0;
}

char *layer_new_tar(struct host *h)
{
	CLEANUP(free_p) char *dir = host_path(h, "layers", NULL);
	char id[65];

	if (!dir || path_make_dirs(dir, 0700, NULL) < 0)
		return NULL;
	host_new_id(h, id);
	return host_path(h, "layers", id);
}

static void set_id(struct layer *l)
{
	char both[132];

	if (l->parent) {
		snprintf(both, sizeof both, "%s %s", l->parent->id, l->digest);
		layer_text_digest(str_from(both), l->id);
	} else {
		memcpy(l->id, l->digest, sizeof l->id);
	}
}

static struct layer *find(const struct host *h, const char *id)
{
	for (struct layer *l = h->layers; l; l = l->next)
		if (strcmp(l->id, id) == 0)
			return l;
	return NULL;
}

int layer_add(struct host *h, struct layer *parent, const char *tar, struct layer **ret, struct error *err)
{
	struct layer *l = calloc(1, sizeof *l), **p = &h->layers;
	struct stat st;
	int r;

	if (!l)
		return error_set(err, ERR_SYSTEM, "out of memory");
	l->parent = parent;
	l->tar = z_dup(tar);
	r = layer_file_digest(tar, l->digest, err);
	if (r == 0 && (stat(tar, &st) < 0 || !l->tar))
		r = error_set_errno(err, "%s", tar);
	if (r < 0) {
		free(l->tar);
		free(l);
		return r;
	}
	l->size_bytes = st.st_size;
	set_id(l);
	*ret = find(h, l->id);
	if (*ret) {
		unlink(tar);
		free(l->tar);
		free(l);
		return 0;
	}
	while (*p)
		p = &(*p)->next;
	*p = *ret = l;
	return 0;
}

int layer_add_changes(struct host *h, struct layer *parent, const char *now, struct layer **ret, struct error *err)
{
	CLEANUP(free_p) char *tar = layer_new_tar(h);
	const char *before;
	int r;

	if (!tar)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = layer_tree(h, parent, &before, err);
	if (r == 0)
		r = pack_changes(before, now, tar, err);
	if (r == 0)
		r = layer_add(h, parent, tar, ret, err);
	if (r < 0)
		unlink(tar);
	return r;
}

static int scratch(struct host *h, const char **ret, struct error *err)
{
	if (!h->scratch)
		h->scratch = host_path(h, "scratch", NULL);
	if (!h->scratch)
		return error_set(err, ERR_SYSTEM, "out of memory");
	*ret = h->scratch;
	return path_make_dirs(h->scratch, 0755, err);
}

/* Where the layer's files come to lie. */
static int tree_path(struct host *h, const struct layer *l, char **ret, struct error *err)
{
	CLEANUP(free_p) char *dir = host_path(h, "trees", NULL);

	*ret = host_path(h, "trees", l->id);
	return dir && *ret ? path_make_dirs(dir, 0711, err) : error_set(err, ERR_SYSTEM, "out of memory");
}

void layer_give_tree(struct host *h, struct layer *l, const char *dir)
{
	CLEANUP(free_p) char *tree = NULL;

	if (!l->tree && tree_path(h, l, &tree, NULL) == 0 && rename(dir, tree) == 0)
		l->tree = ptr_take(&tree);
	else
		tree_remove(dir);
}

int layer_tree(struct host *h, struct layer *l, const char **ret, struct error *err)
{
	CLEANUP(free_p) char *tree = NULL;
	const char *below;
	int r;

	if (!l)
		return scratch(h, ret, err);
	*ret = l->tree;
	if (l->tree)
		return 0;
	r = tree_path(h, l, &tree, err);
	if (r == 0)
		r = layer_tree(h, l->parent, &below, err);
	if (r == 0)
		r = tree_copy(below, tree, err);
	if (r == 0)
		r = unpack_layer(l->tar, tree, err);
	if (r < 0) {
		if (tree)
			tree_remove(tree);
		return r;
	}
	*ret = l->tree = ptr_take(&tree);
	return 0;
}

int layer_each(const struct layer *l, int (*fn)(void *ctx, const struct layer *l), void *ctx)
{
	int r = l ? layer_each(l->parent, fn, ctx) : 0;

	return r < 0 || !l ? r : fn(ctx, l);
}

size_t layer_depth(const struct layer *l)
{
	size_t n = 0;

	for (; l; l = l->parent)
		n++;
	return n;
}

int64_t layer_total_bytes(const struct layer *l)
{
	int64_t sum = 0;

	for (; l; l = l->parent)
		sum += l->size_bytes;
	return sum;
}

void layers_free(struct host *h)
{
	while (h->layers) {
		struct layer *l = h->layers;

		h->layers = l->next;
		free(l->tar);
		free(l->tree);
		free(l);
	}
	free(h->scratch);
}

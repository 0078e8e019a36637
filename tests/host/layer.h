/* layer.h: what images are made of: changes of a file system, each upon another, as tar files. */
#ifndef HOST_LAYER_H
#define HOST_LAYER_H

#include <stdint.h>

#include "host.h"

struct layer {
	struct layer *next;
	struct layer *parent; /* NULL: upon nothing */
	char id[65];          /* of this layer upon its parents; an only layer has its own digest */
	char digest[65];      /* of the tar */
	char *tar;
	int64_t size_bytes;
	char *tree; /* all files down to this layer; NULL until somebody needs them */
};

/* A new file's name in the folder of the host where layers lie; owned by the caller. */
char *layer_new_tar(struct host *h);

/* tar lies in that folder and belongs to the layer, or goes away when the host has such a layer already. */
int layer_add(struct host *h, struct layer *parent, const char *tar, struct layer **ret, struct error *err);

/* From what is different in the folder now compared to the parent. */
int layer_add_changes(struct host *h, struct layer *parent, const char *now, struct layer **ret, struct error *err);

/* Borrowed: the folder with the files of an image with this layer on top; an empty folder for NULL. Nobody writes to it. */
int layer_tree(struct host *h, struct layer *l, const char **ret, struct error *err);

/* dir has the files already: it becomes the layer's, or goes away when the layer has one. */
void layer_give_tree(struct host *h, struct layer *l, const char *dir);

/* Down to and with l, the lowest first. fn returns a negative error to end the walk. */
int layer_each(const struct layer *l, int (*fn)(void *ctx, const struct layer *l), void *ctx);
size_t layer_depth(const struct layer *l);
int64_t layer_total_bytes(const struct layer *l);

void layers_free(struct host *h);

/* The hex digits of a file's sha256. */
int layer_file_digest(const char *path, char ret[65], struct error *err);
/* Of a text. */
void layer_text_digest(struct str text, char ret[65]);

#endif

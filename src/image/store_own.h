/* image/store_own.h: what the transports of stores share. */
#ifndef IMAGE_STORE_OWN_H
#define IMAGE_STORE_OWN_H

#include "base/digest.h"
#include "image/store.h"

/* rest: what is behind "NAME:". destination and remove may be NULL. */
struct store_transport {
	const char *name;
	int (*source)(const char *rest, const struct store_options *o, struct image_source **ret, struct error *err);
	int (*destination)(const char *rest, const struct store_options *o, struct image_destination **ret, struct error *err);
	int (*remove)(const char *rest, const struct store_options *o, struct error *err);
};

extern const struct store_transport store_docker, store_dir, store_oci, store_oci_archive, store_docker_archive;

/* Free the texts of the base of a store; the store itself is its transport's. */
void store_source_done(struct image_source *s);
void store_destination_done(struct image_destination *d);

/* "PATH" and, behind the first colon, the name of an image in it ("" when there is none). Owned by the caller. */
int store_cut_path(const char *rest, char **ret_path, char **ret_image, struct error *err);
/* The path as policies name it: absolute, without symlinks; what does not exist yet lies in a folder that does. Owned by the caller. */
int store_resolve_path(const char *path, char **ret, struct error *err);

int store_no_memory(struct error *err);

/* ---- bytes that are checked on their way ------------------------------------------------------------------------------- */

struct store_check {
	const struct byte_sink *to;
	const char *digest; /* NULL: sha256 of what comes */
	int64_t size;       /* -1: any */
	int64_t passed;
	struct digest *hash; /* NULL: who gives the bytes checks them */
};

int store_check_open(struct store_check *c, const struct store_blob *b, const struct byte_sink *to, struct error *err);
struct byte_sink store_check_sink(struct store_check *c);
/* "Digest did not match, expected A, got B", "Size mismatch when copying A, expected N, got M". ret_digest and ret_size may be NULL. */
int store_check_end(struct store_check *c, char ret_digest[DIGEST_MAX], int64_t *ret_size, struct error *err);
void store_check_done(struct store_check *c);

/* All of it from one side to the other, checked against b. */
int store_copy_checked(const struct byte_source *source, const struct store_blob *b, const struct byte_sink *sink, struct error *err);
int store_run_checked(const struct byte_producer *content, const struct store_blob *b, const struct byte_sink *sink, char ret_digest[DIGEST_MAX],
		      int64_t *ret_size, struct error *err);

#endif

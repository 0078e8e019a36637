/* image/store_files.h: images in folders: blobs that are whole under their name or not there, small files with a limit. */
#ifndef IMAGE_STORE_FILES_H
#define IMAGE_STORE_FILES_H

#include "image/store.h"

/* Writes content beside its place, checked, synced and renamed to folder/NAME, where NAME is the hexadecimal part of the digest; what was there is replaced. */
int store_file_put(const char *folder, const struct store_blob *b, const struct byte_producer *content, char ret_digest[DIGEST_MAX], int64_t *ret_size,
		   struct error *err);
/* A small file the same way. */
int store_file_write(const char *folder, const char *name, struct str bytes, struct error *err);

/* The content of a blob, checked. */
int store_file_get(const char *path, const struct store_blob *b, const struct byte_sink *sink, struct error *err);
/* The size of a regular file; -1: there is none. */
int64_t store_file_size(const char *path);
/* At most REGISTRY_MAX_MANIFEST bytes. ERR_NOT_FOUND "open PATH: no such file or directory". */
int store_file_read(const char *path, struct buf *ret, struct error *err);

/* The part of a valid digest behind the colon; borrowed. */
const char *store_hex(const char *digest);
/* ERR_PROTOCOL for what is no digest: nothing else becomes a file name. */
int store_check_digest(const char *digest, struct error *err);

#endif

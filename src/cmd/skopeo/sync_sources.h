/* cmd/skopeo/sync_sources.h: which images sync reads: those of a repository, of the folders below one, or of a file. */
#ifndef CMD_SKOPEO_SYNC_SOURCES_H
#define CMD_SKOPEO_SYNC_SOURCES_H

#include "config/auth.h"
#include "image/store.h"

/* Images with one place and one way to speak to it. */
struct sync_repo {
	struct strv images; /* "docker://host/path:tag" or "dir:PATH" */
	char *base;         /* folder that was named; NULL for registries */
	char *cert_dir;     /* of the file; NULL: the command line's */
	struct credentials creds; /* the same */
	int tls_verify;           /* -1: the command line's */
};

struct sync_sources {
	struct sync_repo *v;
	size_t n;
};

/* One more, empty; borrowed until the next call. NULL without memory. */
struct sync_repo *sync_sources_add(struct sync_sources *s);
void sync_sources_done(struct sync_sources *s);

/* The command line's with what the file says about this one. ret borrows from both. */
struct store_options sync_repo_options(const struct sync_repo *repo, const struct store_options *o);

/* what: the argument. ERR_USAGE in skopeo's words: No images to sync found in "X". */
int sync_sources_docker(const char *what, const struct store_options *o, struct sync_sources *ret, struct error *err);
int sync_sources_dir(const char *what, struct sync_sources *ret, struct error *err);

/* All tags of "host/path" as images. A registry that keeps the list to itself gives none, with a warning. */
int sync_sources_tags(const char *repository, const struct store_options *o, struct strv *ret, struct error *err);

#endif

/* cmd/podman/build_context.h: what a build sends: the folder with what its ignore file leaves, Containerfiles from elsewhere, secrets. */
#ifndef CMD_PODMAN_BUILD_CONTEXT_H
#define CMD_PODMAN_BUILD_CONTEXT_H

#include <stdbool.h>

#include "archive/ignore.h"
#include "archive/tar.h"
#include "base/bytes.h"
#include "base/flags.h"
#include "base/scratch.h"
#include "base/strv.h"
#include "cmd/podman/build_need.h"

#define BUILD_MAX_TEXT (16 * 1024 * 1024) /* of a Containerfile from standard input or a URL, and of a secret */

/* A file that goes into the archive beside the folder's own. */
struct build_extra {
	char *name;    /* in the archive */
	char *text;    /* owned; wiped */
	size_t n;
	unsigned mode;
};

struct build_context {
	char *dir;               /* the folder, symlinks resolved */
	struct scratch scratch;  /* where it is when it came from standard input, a URL or git */
	struct ignore *ignore;   /* NULL: none */
	char *ignore_path;       /* of it; owned */
	bool ignore_elsewhere;   /* it is not what the host would find */
	struct strv keep;        /* what the host needs whatever the ignore file says */
	struct strv hidden;      /* names of extras, which COPY must not see */
	struct build_extra *extras;
	size_t n_extras;
	struct strv dockerfiles; /* names in the archive */
	struct pack_stats stats; /* of the last run of the producer */
	int64_t length;          /* that the producer must give; -1: any */
	/* Called while the archive is written; may be NULL. */
	void (*progress)(void *ctx, const struct pack_stats *now);
	void *ctx;
};

struct build_context_req {
	const char *typed;        /* folder, "-", a URL or git repository; NULL: the folder of the first Containerfile */
	const struct strv *files; /* -f as typed */
	const char *ignorefile;   /* --ignorefile; NULL: none */
	bool base_names;          /* the host only knows Containerfiles at the top of the archive */
	bool dockerignore;        /* and no rules but those of .dockerignore */
};

/* Finds everything and reads Containerfiles that are not in the folder. ret needs build_context_done whatever happens. */
int build_context_open(const struct build_context_req *q, struct build_context *ret, struct error *err);

/* A file that goes up beside the folder's own and that COPY does not see. text is copied. */
int build_context_add(struct build_context *c, const char *name, struct str text, unsigned mode, struct error *err);

/* build_secret.c: resolves secret (each becomes id=ID,src=NAME-IN-ARCHIVE). */
int build_context_secrets(struct build_context *c, struct flags *flags, struct error *err);

/* What COPY must not see, for a host that is told: the ignore file's lines and what this client put beside the folder's files. Nothing when the host finds
 * the same rules in the archive by itself. */
int build_context_excludes(const struct build_context *c, struct strv *ret, struct error *err);

/* Registries that the FROM lines of the Containerfiles name. */
int build_context_registries(const struct build_context *c, struct strv *ret, struct error *err);

/* What the Containerfiles can need of the folder. */
int build_context_need(const struct build_context *c, struct build_need *ret, struct error *err);
/* Sends these paths and nothing else, less what the ignore file leaves out. A path with a symlink on its way changes nothing: what it points to is needed too. */
int build_context_narrow(struct build_context *c, const struct strv *paths, struct error *err);

/* The size that the archive will have. */
int build_context_length(struct build_context *c, int64_t *ret, struct error *err);

/* Writes the archive while it walks. c must outlive it. length: of build_context_length, -1 for none; a folder that changed in between still makes exactly
 * that many bytes, or fails. */
struct byte_producer build_context_producer(struct build_context *c, int64_t length);

void build_context_done(struct build_context *c);

/* build_fetch.c: contexts that are no folder. 1: c->dir is made from typed; 0: typed is a path. */
int build_context_fetch(const char *typed, struct build_context *c, struct error *err);
/* The text behind "-" (standard input) or a URL. */
int build_fetch_text(const char *where, struct buf *ret, struct error *err);
bool build_is_url(const char *where);

#endif

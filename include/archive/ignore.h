/* archive/ignore.h: .containerignore and .dockerignore: which paths of a build context stay at home.
 *
 * The rules are those of moby (moby/patternmatcher: patternmatcher.go and ignorefile.go): one pattern a line, the last one that matches
 * wins, "!" turns it round, "**" stands for any number of path components, a path is also out when one of its parents matches, blank lines
 * and lines that begin with "#" (in the first column) don't count, a UTF-8 byte order mark is skipped, patterns are cleaned (Go's
 * filepath.Clean) and a leading slash is dropped. */
#ifndef ARCHIVE_IGNORE_H
#define ARCHIVE_IGNORE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

#define IGNORE_MAX_BYTES (1024 * 1024) /* of an ignore file */

struct ignore;

/* The patterns of an ignore file. name: the file's, for errors (ERR_USAGE names the pattern). *ret is owned by the caller. */
int ignore_parse(struct str text, const char *name, struct ignore **ret, struct error *err);

/* The first of <dockerfile>.containerignore, <dockerfile>.dockerignore (dockerfile: a path, may be NULL), dir/.containerignore and
 * dir/.dockerignore that exists; *ret is NULL when there is none. ret_path (owned by the caller, may be NULL): which one. */
int ignore_read(const char *dir, const char *dockerfile, struct ignore **ret, char **ret_path, struct error *err);

/* Adds one pattern behind the others, "!..." included. */
int ignore_add(struct ignore *g, const char *pattern, struct error *err);

/* True when path (relative to the context, '/' between components, no leading "./") stays at home. Looks at the parents by itself. */
bool ignore_match(const struct ignore *g, const char *path);

/* True when nothing below the ignored folder dir can come back by a "!" pattern, so that it need not be walked. */
bool ignore_prunes(const struct ignore *g, const char *dir);

void ignore_free(struct ignore *g);
void ignore_free_p(struct ignore **g);

#endif

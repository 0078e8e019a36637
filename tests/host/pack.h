/* pack.h: tar files of folders, by libarchive: the layers of images, archives of whole images, exports. */
#ifndef HOST_PACK_H
#define HOST_PACK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

struct pack;

int pack_open(const char *path, bool gzip, struct pack **ret, struct error *err);
/* What lies at root + path, as path; of a folder only itself. path starts with a slash. */
int pack_add(struct pack *p, const char *root, const char *path, struct error *err);
/* Files as archives of images have them: read-only, of 1970. */
int pack_add_text(struct pack *p, const char *name, struct str content, struct error *err);
int pack_add_file(struct pack *p, const char *name, const char *from, struct error *err);
int pack_add_link(struct pack *p, const char *name, const char *target, struct error *err);
/* Writes the end. */
int pack_end(struct pack *p, struct error *err);
void pack_close_p(struct pack **p);

/* All that lies below root. */
int pack_tree(const char *root, const char *tar, struct error *err);
/* What is different in now, as a layer: with a ".wh." file for what is gone. */
int pack_changes(const char *before, const char *now, const char *tar, struct error *err);
/* from compressed by gzip. */
int pack_gzip(const char *from, const char *to, struct error *err);

#endif

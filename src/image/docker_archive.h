/* image/docker_archive.h: names and members of docker-archive: (docker image spec 1.2, "Combined Image JSON + Filesystem Changeset Format"). */
#ifndef IMAGE_DOCKER_ARCHIVE_H
#define IMAGE_DOCKER_ARCHIVE_H

#include <json-c/json.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

#define DOCKER_ARCHIVE_MAX_MANIFEST (4 * 1024 * 1024) /* of manifest.json, in bytes */

/* PATH, PATH:REFERENCE (a tag is added) or PATH:@N. Strings are owned; reference is NULL and index -1 where not given. */
struct docker_archive_name {
	char *path, *reference;
	int64_t index;
};
int docker_archive_name_parse(const char *rest, struct docker_archive_name *ret, struct error *err);
void docker_archive_name_done(struct docker_archive_name *n);
/* "docker-archive:PATH[:...]", owned by the caller. */
char *docker_archive_name_text(const struct docker_archive_name *n);
/* "docker.io/library/busybox:1" of what was typed; a digest is ERR_USAGE. Owned by the caller. */
int docker_archive_reference(const char *typed, char **ret, struct error *err);

/* manifest.json: an array of {"Config", "RepoTags", "Layers"}. ERR_PROTOCOL. */
int docker_archive_read(struct str text, struct json_object **ret, struct error *err);
/* The image that is meant, borrowed from all. */
int docker_archive_choose(struct json_object *all, const struct docker_archive_name *wanted, struct json_object **ret, struct error *err);

/* The names in repositories and the folders of each layer are there for old readers: called for every member in its order. link: of a symbolic link, then content is
 * empty. layers: diff IDs, lowest first. ret_top: the ID of the topmost layer; "" without layers. */
typedef int docker_archive_member_fn(void *ctx, const char *name, const char *link, struct str content, struct error *err);
int docker_archive_legacy(struct str config, const struct strv *layers, docker_archive_member_fn *each, void *ctx, char ret_top[65], struct error *err);
/* Of names "host/path:tag"; owned by the caller. */
int docker_archive_repositories(const struct strv *names, const char *top, struct json_object **ret, struct error *err);

/* JSON as Go writes it: with <, > and & as \u00XX. Appends. */
void docker_archive_json(struct json_object *o, struct buf *out);

#endif

/* rest/spec_mount.h: what the two ways to name a mount share. */
#ifndef REST_SPEC_MOUNT_H
#define REST_SPEC_MOUNT_H

#include "rest/spec.h"

#define MAX_PATH_TEXT (64 * 1024)

/* path.Clean of Go for absolute paths, into out. */
void mount_clean_path(struct str path, struct buf *out);

/* ERR_USAGE unless it is an absolute path. */
int mount_check_destination(struct str path, struct error *err);

/* Takes options. *ret has them without what means nothing on Linux; ERR_USAGE for a word that is none. */
int mount_check_options(struct json_object *options, struct json_object **ret, struct error *err);

/* One member of "mounts". Takes options; without any there is no member for them, as on the wire of podman's own client. */
struct json_object *mount_object(const char *type, struct str source, struct str destination, struct json_object *options);

/* One member of "volumes"; an empty name makes an anonymous one. Takes options. */
struct json_object *mount_volume_object(struct str name, struct str destination, struct json_object *options);

/* Takes o, a member of the list. The same one twice is one; two different ones for one place are ERR_USAGE. */
int mount_add_place(struct spec *s, const char *list, struct json_object *o, struct str destination, struct error *err);

/* spec_mount_words.c: the value of one --mount. */
int mount_add(struct spec *s, const char *text, struct error *err);

#endif

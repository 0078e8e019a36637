/* image_config.h: the configuration of an image (OCI image spec, config.md): a JSON object whose text's digest is the image's ID. */
#ifndef HOST_IMAGE_CONFIG_H
#define HOST_IMAGE_CONFIG_H

#include <json-c/json.h>

#include "base/clock.h"
#include "base/strv.h"
#include "layer.h"

#define TYPE_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define TYPE_DOCKER_CONFIG   "application/vnd.docker.container.image.v1+json"
/* These hosts say gzip whatever the layer is. */
#define TYPE_DOCKER_LAYER    "application/vnd.docker.image.rootfs.diff.tar.gzip"
#define TYPE_OCI_MANIFEST    "application/vnd.oci.image.manifest.v1+json"
#define TYPE_OCI_CONFIG      "application/vnd.oci.image.config.v1+json"
#define TYPE_OCI_LAYER       "application/vnd.oci.image.layer.v1.tar"

/* Of an image with nothing in it. */
struct json_object *image_config_new(struct instant created);
struct json_object *image_config_copy(struct json_object *config);

/* The part with Env, Cmd and so on; borrowed. */
struct json_object *image_config_run(struct json_object *config);

/* Takes over the layers of top. */
void image_config_set_layers(struct json_object *config, const struct layer *top);

/* One more entry; empty texts are left out. */
void image_config_add_history(struct json_object *config, struct instant created, const char *created_by, const char *author,
			      const char *comment, bool empty);

/* Words of the run part. NAME of an Env entry that is there is replaced. */
void image_config_set_env(struct json_object *config, struct str name, struct str value);
void image_config_set_label(struct json_object *config, struct str name, struct str value);
/* Cmd or Entrypoint: a JSON array, else a text for the shell ({"/bin/sh", "-c"} when shell is NULL). */
void image_config_set_command(struct json_object *config, const char *key, struct str text, const struct strv *shell);
/* ExposedPorts or Volumes. */
void image_config_add_key(struct json_object *config, const char *key, struct str name);
/* User, WorkingDir, StopSignal. A relative folder is one in the folder that is set. */
void image_config_set_text(struct json_object *config, const char *key, struct str value);
void image_config_set_workdir(struct json_object *config, struct str path);

/* A change as "ENV A=b" of commit and import. version: what forms there are. import: ImportImage, which was pickier in 1.6.2. */
int image_config_change(struct json_object *config, enum podman_version version, bool import, struct str change, struct error *err);

#endif

/* volume.h: named volumes: folders below the host's own. */
#ifndef HOST_VOLUME_H
#define HOST_VOLUME_H

#include <json-c/json.h>

#include "host.h"

struct volume {
	struct volume *next;
	char *name, *mount_point;
	struct json_object *labels, *options; /* objects */
	struct instant created;
};

struct volume *volume_find(struct host *h, const char *name);
/* labels and options are shared: counted up. name "" makes one up. */
int volume_create(struct host *h, const char *name, struct json_object *labels, struct json_object *options, struct volume **ret,
		  struct error *err);
bool volume_in_use(const struct host *h, const struct volume *v);
void volume_remove(struct host *h, struct volume *v);
void volumes_free(struct host *h);

#endif

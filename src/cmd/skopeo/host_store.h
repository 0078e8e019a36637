/* cmd/skopeo/host_store.h: containers-storage: and docker-daemon: are the image store of the connected host: read through its save, written through its load. Each side may
 * be another host (--src-daemon-host, --dest-daemon-host). */
#ifndef CMD_SKOPEO_HOST_STORE_H
#define CMD_SKOPEO_HOST_STORE_H

#include "config/config.h"
#include "image/store.h"

struct connection;
struct engine;
struct session;

struct host_store {
	struct session *session;
	struct host_side {
		struct host_store *store;
		struct connection *connection; /* of --daemon-host; NULL: the session's */
		struct destination destination;
		struct engine *engine; /* borrowed */
		char *name;            /* that a loaded image gets */
	} from, to;
	struct store_extra extras[3];
};

/* extras for image_source_open and image_destination_open are valid until host_store_done, which comes after the stores are closed. */
void host_store_init(struct host_store *h, struct session *s);
void host_store_done(struct host_store *h);

#endif

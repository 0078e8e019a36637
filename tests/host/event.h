/* event.h: what happened on the host, for GetEvents. */
#ifndef HOST_EVENT_H
#define HOST_EVENT_H

#include "host.h"

struct event {
	struct event *next;
	uint64_t serial;
	struct instant time;
	char *type, *status, *id, *name, *image;
};

/* The last events are kept; a real host keeps a file. */
void event_add(struct host *h, const char *type, const char *status, const char *id, const char *name, const char *image);
void events_free(struct host *h);

#endif

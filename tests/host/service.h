/* service.h: messages to calls, calls to the methods of the emulated version. */
#ifndef HOST_SERVICE_H
#define HOST_SERVICE_H

#include "call.h"
#include "connection.h"

struct method {
	int versions; /* enum podman_version bits */
	const char *name;
	const char *in, *out;        /* as in the interface description: "(name: string)" */
	void (*run)(struct call *c); /* NULL: declared, but not implemented */
};

/* The methods of io.podman, ends with a row without a name. */
extern const struct method podman_methods[];

/* A whole message without its NUL. */
void service_message(struct connection *c, struct str message);
/* Asks the waiting call again. */
void service_resume(struct connection *c);
/* Forgets the call. */
void service_drop(struct connection *c);

#endif

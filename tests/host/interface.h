/* interface.h: the interface description as data: it is served as text, and calls are checked against it. */
#ifndef HOST_INTERFACE_H
#define HOST_INTERFACE_H

#include <json-c/json.h>
#include <stdbool.h>

#include "base/buf.h"
#include "host.h"

struct idl_row {
	int versions; /* enum podman_version bits */
	const char *name, *fields;
};

/* Both end with a row without a name. */
extern const struct idl_row idl_types[];
extern const struct idl_row idl_errors[];

/* The text of GetInterfaceDescription. False when there is no such interface. */
bool interface_describe(enum podman_version version, const char *name, struct buf *out);

/* True when params has the fields of signature, "(name: string, all: bool)", with values of their types. As Go decodes JSON: what is
 * missing or null has the zero value, what is not named is ignored; only the parameters themselves must be there when there are any. */
bool interface_check(enum podman_version version, const char *signature, struct json_object *params);

#endif

/* varlink/create.h: the parameters of CreateContainer. */
#ifndef VARLINK_CREATE_H
#define VARLINK_CREATE_H

#include "base/js.h"
#include "engine/engine.h"

/* The "create" object for q as the version of e takes it. ERR_UNSUPPORTED names the flag that has no place in it. */
int create_object(const struct engine *e, const struct create_req *q, struct json_object **ret, struct error *err);

#endif

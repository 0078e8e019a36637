/* varlink/build.h: the options of build as io.podman's type BuildInfo. */
#ifndef VARLINK_BUILD_H
#define VARLINK_BUILD_H

#include "base/js.h"
#include "engine/engine.h"

/* The "build" object for q without its contextDir; output: the first name of the image, "" for none. ERR_UNSUPPORTED names the option that has no place
 * in it. */
int build_object(const struct engine *e, const struct build_req *q, const char *output, struct json_object **ret,
		 struct error *err);

/* N of a text that ends in "exit status N", which is how a failing RUN is told; -1 for other texts. Pure. */
int build_exit_status(const char *text);

#endif

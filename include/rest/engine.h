/* rest/engine.h: the engine of Podman 2 to 5 hosts (libpod REST API). */
#ifndef REST_ENGINE_H
#define REST_ENGINE_H

#include "engine/engine.h"

/* Dials, sends GET /_ping and keeps that connection for the requests to come; dialer is borrowed until engine_close and dialled again for
 * streams. ERR_PROTOCOL when what answers is no Podman service: names Docker when it is Docker. */
int rest_engine_open(struct engine **ret, const struct dialer *d, struct error *err);

#endif

/* varlink/engine.h: the engine of Podman 1.6 to 1.9 hosts (io.podman). */
#ifndef VARLINK_ENGINE_H
#define VARLINK_ENGINE_H

#include "engine/engine.h"

/* Dials, asks org.varlink.service.GetInfo and keeps that connection for the calls to come; dialer is borrowed until engine_close
 * and dialled again for streams. ERR_PROTOCOL when what answers is no io.podman service. */
int varlink_engine_open(struct engine **ret, const struct dialer *d, struct error *err);

#endif

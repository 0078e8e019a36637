/* base/dialer.h: how the protocol rooms get connections without knowing what carries them (ssh, a unix socket, a bridge command). */
#ifndef BASE_DIALER_H
#define BASE_DIALER_H

#include "base/error.h"

struct dialer {
	/* A new connected stream to the service's socket: close-on-exec, owned by the caller, half-close by shutdown(fd, SHUT_WR).
	 * Blocking or not is the caller's to set (it comes blocking). */
	int (*dial)(void *ctx, int *ret_fd, struct error *err);
	/* Why a stream broke, when the carrier knows more than the end of file says; NULL or "" when not. Borrowed until the next call. */
	const char *(*last_failure)(void *ctx);
	void *ctx;
	const char *where; /* for messages: "unix:///run/podman/podman.sock on box" */
};

#endif

/* registry/own.h: what the parts of the registry room share: the opened registry. */
#ifndef REGISTRY_OWN_H
#define REGISTRY_OWN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "registry/challenge.h"
#include "registry/lib.h"
#include "registry/registry.h"
#include "registry/tls.h"
#include "registry/token.h"

/* What all clients beside each other read; the last one frees it. */
struct reg_shared {
	atomic_size_t users;
	struct reg_trust trust;
};

struct registry {
	const struct reg_lib *lib;
	CURLM *multi; /* keeps the connections between requests */
	CURL *easy;
	char *host;   /* that is asked: "registry-1.docker.io" */
	char *shown;  /* in messages: "docker.io" */
	char *base;   /* "https://HOST" once it answered; NULL before */
	char *user_agent;
	struct reg_shared *shared;
	struct reg_trust *whole;     /* in the place of the shared one, since that knew no CA of the peer's certificate; NULL: not needed */
	bool insecure, hasty;
	bool (*interrupted)(void *ctx);
	void (*retrying)(void *ctx, const char *why, unsigned delay_ms);
	void *ctx;

	struct reg_secrets secrets;
	struct reg_challenge challenge; /* as the registry put it last */
	struct reg_tokens tokens;

	/* Constants, except for tests. */
	int tries;
	unsigned stall_ms;
	unsigned delay_ms; /* before the second try; 429: twice that */
};

#endif

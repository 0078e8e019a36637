/* registry/token.h: the Authorization header: basic, or a bearer token of the service that the registry names (docs.docker.com, "Token authentication
 * specification"; "OAuth2 token authentication" for identity tokens). */
#ifndef REGISTRY_TOKEN_H
#define REGISTRY_TOKEN_H

#include <stdint.h>

#include "base/buf.h"

#define REG_TOKEN_MAX (64 * 1024)
#define REG_TOKENS_KEPT 64

struct registry;

/* Strings are owned; NULL: none. */
struct reg_secrets {
	char *username, *password, *identity_token;
	char *bearer; /* used as it is */
};

void reg_secrets_done(struct reg_secrets *s);

struct reg_tokens {
	struct reg_token {
		char *scope, *token;
		uint64_t expires_ms; /* clock_ms() */
	} kept[REG_TOKENS_KEPT];
	size_t n;
};

void reg_tokens_done(struct reg_tokens *t);
/* Those of another client; without memory fewer. */
void reg_tokens_copy(struct reg_tokens *t, const struct reg_tokens *from);

/* The header's value for the registry's challenge; empty when it wants none. scope: "repository:NAME:pull", several with a blank between; "": none.
 * Tokens are kept until shortly before they expire. */
int reg_authorization(struct registry *r, const char *scope, struct buf *ret, struct error *err);

/* Forgets the tokens of a scope that the registry has refused. */
void reg_token_forget(struct registry *r, const char *scope);

#endif

/* registry/challenge.h: WWW-Authenticate (RFC 9110, section 11.6.1) with the parameters of bearer tokens (docs.docker.com, "Token authentication
 * specification"). Pure text. */
#ifndef REGISTRY_CHALLENGE_H
#define REGISTRY_CHALLENGE_H

#include <stdbool.h>

#include "base/buf.h"

#define REG_CHALLENGE_MAX (16 * 1024) /* of one header, and of one parameter */

enum reg_scheme { REG_AUTH_NONE, REG_AUTH_BASIC, REG_AUTH_BEARER };

/* Strings are owned; NULL: absent. */
struct reg_challenge {
	enum reg_scheme scheme;
	char *realm, *service, *scope;
};

/* The first challenge of one header value that has a known scheme replaces *ret. False, and *ret as it was, when there is none. */
bool reg_challenge_parse(struct str value, struct reg_challenge *ret);

void reg_challenge_done(struct reg_challenge *c);
/* False without memory. */
bool reg_challenge_copy(struct reg_challenge *c, const struct reg_challenge *from);

#endif

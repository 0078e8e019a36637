/* registry/errors.h: what a refusal says (OCI distribution spec 1.1, "Error Codes"). */
#ifndef REGISTRY_ERRORS_H
#define REGISTRY_ERRORS_H

#include "registry/request.h"

/* "404 (Not Found)" as far as the word is known. */
void reg_status_text(int status, struct buf *out);

/* ERR_AUTH, ERR_NOT_FOUND or ERR_REMOTE with the registry's words: "manifest unknown: manifest unknown". */
int reg_refusal(int status, struct str body, struct error *err);

/* The same with what the reply of a HEAD can't have, a body. */
int reg_reply_refusal(const struct reg_reply *reply, struct error *err);

#endif

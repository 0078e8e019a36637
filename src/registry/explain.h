/* registry/explain.h: why there is no reply, in the words that users of containers/image know and search for. */
#ifndef REGISTRY_EXPLAIN_H
#define REGISTRY_EXPLAIN_H

#include "registry/request.h"

/* detail: libcurl's own words, may be empty. ERR_CONNECT. */
int reg_explain(struct registry *r, const struct reg_request *q, CURLcode code, const char *detail, struct error *err);

/* The connection broke, and the same request may well succeed. Not so after a long wait for nothing: the user has waited enough. */
bool reg_code_passes(CURLcode code);

#endif

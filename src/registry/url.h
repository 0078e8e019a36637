/* registry/url.h: addresses, by libcurl's parser: what we think an address means is what will be asked. */
#ifndef REGISTRY_URL_H
#define REGISTRY_URL_H

#include <stdbool.h>

#include "base/buf.h"
#include "registry/lib.h"

#define REG_URL_MAX (64 * 1024)

/* location as seen from base, which may be NULL for an absolute one. Only http and https, and no user in it. ERR_PROTOCOL. *ret is owned by the caller. */
int reg_url_resolve(const struct reg_lib *lib, const char *base, const char *location, char **ret, struct error *err);

/* The same scheme, host and port. */
bool reg_url_same_origin(const struct reg_lib *lib, const char *a, const char *b);

bool reg_url_is_https(const char *url);

/* From https to http: where credentials, or what is behind them, would go in clear. */
bool reg_url_is_downgrade(const char *from, const char *to);

/* The host is this machine: "localhost" or a loopback address. */
bool reg_url_is_loopback(const char *url);

/* Appends "KEY=VALUE", escaped, behind a "?" or "&". */
void reg_url_query(struct buf *url, const char *key, const char *value);

/* Appends a path in which only "/" and what may stand unescaped in a path stays. */
void reg_url_path(struct buf *url, const char *path);

#endif

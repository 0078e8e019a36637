/* registry/tls.h: whom https believes: CA files of the environment and of a certs.d folder, and this client's own certificate. */
#ifndef REGISTRY_TLS_H
#define REGISTRY_TLS_H

#include "base/buf.h"
#include "registry/lib.h"

#define REG_TRUST_MAX (32 * 1024 * 1024)

struct reg_trust {
	struct buf bundle;  /* PEM of all CAs that are believed; empty: libcurl's own choice */
	char *cert, *key;   /* paths; NULL: none */
};

#define REG_TRUST_INIT ((struct reg_trust){ .bundle = BUF_INIT(REG_TRUST_MAX) })

/* cert_dir: may be NULL, and may not exist. ERR_USAGE for a client certificate without key and the reverse. */
int reg_trust_load(struct reg_trust *t, const struct reg_lib *lib, const char *cert_dir, struct error *err);
/* The client's certificate alone, where nobody's is looked at. */
int reg_trust_load_client(struct reg_trust *t, const char *cert_dir, struct error *err);
int reg_trust_apply(const struct reg_trust *t, const struct reg_lib *lib, CURL *easy, struct error *err);
void reg_trust_done(struct reg_trust *t);

#endif

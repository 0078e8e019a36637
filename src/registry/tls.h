/* registry/tls.h: whom https believes: CA files of the environment and of a certs.d folder, and this client's own certificate. */
#ifndef REGISTRY_TLS_H
#define REGISTRY_TLS_H

#include "base/buf.h"
#include "registry/lib.h"

#define REG_TRUST_MAX (32 * 1024 * 1024)

struct reg_trust {
	struct buf bundle;  /* PEM of all CAs that are believed, or of those beside the folder's; empty: libcurl's own choice */
	char *folder;       /* the system's CAs by the hash of their names, which OpenSSL reads one by one as it needs them: reading the whole bundle costs
			     * more than the rest of a short command. NULL: none */
	char *cert, *key;   /* paths; NULL: none */
	char *cert_dir;     /* that it was loaded with; NULL: none */
};

#define REG_TRUST_INIT ((struct reg_trust){ .bundle = BUF_INIT(REG_TRUST_MAX) })

/* cert_dir: may be NULL, and may not exist. ERR_USAGE for a client certificate without key and the reverse. */
int reg_trust_load(struct reg_trust *t, const struct reg_lib *lib, const char *cert_dir, struct error *err);
/* The same with all of the system's CAs in the bundle and no folder: an administrator may have added one to the bundle alone. */
int reg_trust_load_whole(struct reg_trust *t, const struct reg_lib *lib, const char *cert_dir, struct error *err);
/* The client's certificate alone, where nobody's is looked at. */
int reg_trust_load_client(struct reg_trust *t, const char *cert_dir, struct error *err);
int reg_trust_apply(const struct reg_trust *t, const struct reg_lib *lib, CURL *easy, struct error *err);
void reg_trust_done(struct reg_trust *t);

#endif

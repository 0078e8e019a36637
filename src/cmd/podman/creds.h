/* cmd/podman/creds.h: what the user says about a registry (--authfile, --creds, --cert-dir, --tls-verify), for every command that speaks to one:
 * pull, push, build, run, search, manifest ... Credentials stay on this machine but for the one request that needs them. */
#ifndef CMD_PODMAN_CREDS_H
#define CMD_PODMAN_CREDS_H

#include <stdbool.h>

#include "base/flags.h"
#include "cli/opt.h"
#include "config/auth.h"
#include "registry/registry.h"

struct reference;
struct session;

/* Part of a command's args; its rows come by OPT_INCLUDE(creds_opts, struct x_args, creds). */
struct creds_args {
	const char *authfile, *creds, *cert_dir;
	struct flags given; /* tls-verify, when it was typed */
};

extern const struct opt creds_opts[];

/* The same from a bag (run, create, build), whose strings are borrowed. creds_args_done frees nothing of the bag. */
void creds_from_flags(const struct flags *f, struct creds_args *ret);
void creds_args_done(struct creds_args *a);

/* Asks on the terminal for a password that --creds lacks, once for a command. ret_kept (owned by the caller) outlives the use of a; it stays as it is when nothing
 * was asked. Without a terminal the functions below tell what is missing. */
int creds_ask(struct creds_args *a, char **ret_kept, struct error *err);

/* --tls-verify: -1 not typed, 0, 1; as the requests of engine.h want it. */
int creds_tls_verify(const struct creds_args *a);

/* What goes for an image ("quay.io/ns/name:tag", "busybox"): --creds (USERNAME:PASSWORD), else what the files have for its repository. A short name counts as one
 * of docker.io. Nothing found is no error: ret stays empty. */
int creds_resolve(const struct creds_args *a, const char *image, struct credentials *ret, struct error *err);
/* The same for a login key: "localhost:5000", "quay.io/ns". */
int creds_resolve_key(const struct creds_args *a, const char *key, struct credentials *ret, struct error *err);
bool creds_found(const struct credentials *c);

/* X-Registry-Auth for a host that takes it: --creds as one pair, else what the files have for the registry of this image and for no other. NULL when there
 * is nothing; owned by the caller. */
int creds_header(const struct creds_args *a, const char *image, char **ret, struct error *err);

/* X-Registry-Config of a build, which may pull from several registries: --creds for all of them, else all that the files have, and helpers for the registries in hosts ("quay.io").
 * hosts may be NULL. NULL when there is nothing; owned by the caller. */
int creds_header_all(const struct creds_args *a, const struct strv *hosts, char **ret, struct error *err);

/* True when this machine has a word to say about the registry of image: credentials, or --tls-verify or --cert-dir was typed. Then, on a host whose protocol
 * has no place for that, the client does the registry's part itself (through.h). */
int creds_count(const struct creds_args *a, const char *image, bool *ret, struct error *err);

/* A connection of this machine to a registry "host[:port]", for the repository "host[:port]/path" with the credentials, the certificates and registries.conf that go for it.
 * insecure: of registries.conf; --tls-verify has precedence. s: where retries are told; NULL: nowhere. */
int creds_registry(struct session *s, const struct creds_args *a, const char *repository, bool insecure, struct registry **ret, struct error *err);

#endif

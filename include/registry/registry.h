/* registry/registry.h: a registry over the OCI distribution API 1.1 / Docker registry HTTP API v2, by libcurl, which is loaded at the first
 * registry_open: no other command pays for it.
 *
 * One struct registry is one host with one user's credentials; connections and tokens are kept between calls. Calls block; an interrupt
 * (registry_options.interrupted) or a connection that moves nothing for REGISTRY_STALL_MS (five times that while a registry stores
 * an upload) ends them. What can be repeated without harm is repeated: 429 and 503 (Retry-After is obeyed), connections that break, an expired token; a
 * blob download goes on where it broke by Range. A host that does not answer at all is asked once.
 *
 * Credentials go to the registry itself and to the token service that it names, never to another host or a lower protocol level: redirects to another
 * origin lose them, https is never left for http unless verification is off.
 *
 * Errors: ERR_CONNECT (name lookup, refused, TLS, stall; the text names the cause), ERR_AUTH (401, 403: "unauthorized: authentication required"),
 * ERR_NOT_FOUND (manifest, blob or name unknown), ERR_REMOTE (any other refusal, in the registry's words), ERR_PROTOCOL (what came is not what the
 * digest says, or no registry answer at all). */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/strv.h"

#define REGISTRY_CONNECT_MS 30000
#define REGISTRY_STALL_MS 60000
#define REGISTRY_MAX_MANIFEST (4 * 1024 * 1024)
#define REGISTRY_TRIES 5 /* of a request that can be repeated; first delay 1 s (429: 2 s), doubled, at most 60 s */

struct registry;
struct credentials;

/* All borrowed during registry_open, which copies. */
struct registry_options {
	const struct credentials *credentials; /* NULL: anonymous */
	const char *bearer_token;              /* used as it is, no token service is asked; NULL: none */
	bool insecure;                         /* accept any certificate, and plain HTTP where https fails */
	const char *cert_dir;                  /* *.crt: more CAs; NAME.cert with NAME.key: client certificate; NULL: none */
	const char *user_agent;                /* NULL: farpod/VERSION */
	int tries;                             /* 0: REGISTRY_TRIES */
	bool hasty;                            /* without credentials, the first GET is sent without asking GET /v2/ how; only when it is refused that is made up for */
	bool (*interrupted)(void *ctx);        /* polled a few times a second; true ends the call with ERR_INTERRUPTED; may be NULL */
	void (*retrying)(void *ctx, const char *why, unsigned delay_ms); /* may be NULL */
	void *ctx;
};

/* host: "host[:port]". Sends nothing yet; proxies and CA files of the environment (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR) count. */
int registry_open(const char *host, const struct registry_options *o, struct registry **ret, struct error *err);
/* Another client of the same registry and user, for another thread: what first has learned (scheme, tokens, CAs) is not asked for again. first must not be
 * in use meanwhile. */
int registry_open_beside(const struct registry *first, struct registry **ret, struct error *err);
/* Finds out how the registry wants to be spoken to, which the first call does otherwise. */
int registry_contact(struct registry *r, struct error *err);
void registry_close_p(struct registry **r);

/* GET /v2/ with the credentials: whether they are good. ERR_AUTH "invalid username/password". */
int registry_login(struct registry *r, struct error *err);

struct registry_manifest {
	struct buf bytes;  /* exactly as sent: the digest is over these */
	char *type;        /* media type, guessed from the content where the registry does not say; owned */
	char digest[DIGEST_MAX]; /* computed from bytes */
};

void registry_manifest_done(struct registry_manifest *m);
/* Of bytes that came from elsewhere, which are taken: told (may be NULL) is what they are called, version, where it is a digest, what they must have (ERR_PROTOCOL). */
int registry_manifest_of(struct buf *bytes, const char *told, const char *version, struct registry_manifest *ret, struct error *err);

/* path: "library/busybox"; version: tag or digest (then what comes is checked against it). */
int registry_manifest_get(struct registry *r, const char *path, const char *version, struct registry_manifest *ret, struct error *err);
/* HEAD: its digest; 1 there, 0 not. */
int registry_manifest_head(struct registry *r, const char *path, const char *version, char ret_digest[DIGEST_MAX], struct error *err);
/* ERR_UNSUPPORTED: this registry does not take the type; another one may be. */
int registry_manifest_put(struct registry *r, const char *path, const char *version, const char *type, struct str bytes, struct error *err);
int registry_manifest_delete(struct registry *r, const char *path, const char *digest, struct error *err);

/* 1 there, 0 not. ret_size may be NULL. */
int registry_blob_head(struct registry *r, const char *path, const char *digest, int64_t *ret_size, struct error *err);

/* Streams a blob into sink. The bytes are hashed on the way: when they are not what digest (and size, unless < 0) says, the call fails with
 * ERR_PROTOCOL after sink had them, so the caller must not let them be seen before this returns 0. */
int registry_blob_get(struct registry *r, const char *path, const char *digest, int64_t size, const struct byte_sink *sink, struct error *err);

/* 1: the registry took it from repository from, which it has; 0: it has to be sent. */
int registry_blob_mount(struct registry *r, const char *path, const char *digest, const char *from, struct error *err);

struct blob_upload {
	const char *digest; /* NULL: not known before the end */
	bool verified;      /* the source fails unless its bytes are what digest says: they are not hashed here */
	struct byte_source source;
	/* Goes back to the first byte for another try; NULL: can't, and a broken upload fails. */
	int (*rewind)(void *ctx, struct error *err);
};

/* POST and one PUT when digest and length are known, else POST, PATCH and PUT. ret_digest and ret_size (may be NULL) are of what was sent. */
int registry_blob_put(struct registry *r, const char *path, const struct blob_upload *u, char ret_digest[DIGEST_MAX], int64_t *ret_size,
		      struct error *err);

/* All tags in the registry's order, over all pages. */
int registry_tags(struct registry *r, const char *path, struct strv *ret, struct error *err);

/* Search by the v1 search API (GET /v1/search, as Docker Hub and Quay have) or, where there is none, over _catalog. Elements {"Name", "Description", "Stars",
 * "Official", "Automated"}; *ret owned by the caller. */
struct json_object;
int registry_search(struct registry *r, const char *term, int64_t limit, struct json_object **ret, struct error *err);

#endif

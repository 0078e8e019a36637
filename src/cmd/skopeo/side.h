/* cmd/skopeo/side.h: what the command line says about one image: how its registry is spoken to, where its layout has its blobs. The same flags have the prefix src- or
 * dest- where a command has two. */
#ifndef CMD_SKOPEO_SIDE_H
#define CMD_SKOPEO_SIDE_H

#include "cli/opt.h"
#include "config/auth.h"
#include "image/store.h"

struct session;

struct side_args {
	const char *authfile, *cert_dir, *creds, *username, *password, *registry_token, *daemon_host, *shared_blob_dir;
	struct flags given; /* tls-verify, when it was typed */
	bool no_creds;
};

/* Rows for a struct side_args: of a registry, and of stores that are none. */
extern const struct opt side_opts[], side_src_opts[], side_dest_opts[];
extern const struct opt side_store_opts[], side_src_store_opts[], side_dest_store_opts[];

/* The options of a store with what they borrow. */
struct side {
	struct store_options o;
	struct credentials creds;
};

/* authfile: of both sides, where a has none of its own; may be NULL. tls_verify: of both sides, -1 when it was not given. ERR_USAGE in skopeo's words. */
int side_open(struct session *s, const struct side_args *a, const char *authfile, int tls_verify, struct side *ret, struct error *err);
void side_done(struct side *side);

#endif

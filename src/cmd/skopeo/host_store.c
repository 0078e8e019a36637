#include "cmd/skopeo/host_store.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "cmd/session.h"
#include "connection/connection.h"
#include "engine/engine.h"
#include "image/reference.h"

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

/* daemon_host: URL of the command line; NULL: the connection that podman would use. */
static int dial(struct host_side *side, const char *daemon_host, struct error *err)
{
	struct config_flags flags = { .url = daemon_host, .ignore_hosts = -1 };
	int r;

	if (side->engine)
		return 0;
	if (!daemon_host)
		return session_engine(side->store->session, &side->engine, err);
	r = config_choose(&flags, &side->destination, err);
	if (r == 0)
		r = connection_open(&side->destination, &side->connection, err);
	if (r < 0)
		return error_context(err, "daemon host %s", daemon_host);
	side->engine = connection_engine(side->connection);
	return 0;
}

/* ---- the name of an image on a host ------------------------------------------------------------------------------------ */

/* "[driver@graph+run]" is the storage's own place on its machine, which the host knows better. */
static int image_name(const char *rest, const char **ret, struct error *err)
{
	if (*rest == '[')
		return error_set(err, ERR_UNSUPPORTED,
				 "%s: the place of a host's storage is the host's to know; leave out what is between the brackets",
				 rest);
	if (!*rest)
		return error_set(err, ERR_USAGE, "Invalid image name \"\": no image is named");
	*ret = *rest == '@' ? rest + 1 : rest; /* "@ID" */
	return 0;
}

static int tagged_name(const char *rest, char **ret, struct error *err)
{
	CLEANUP(reference_done) struct reference name = { 0 };
	const char *image = NULL;
	int r = image_name(rest, &image, err);

	if (r == 0)
		r = reference_parse(image, &name, err);
	if (r < 0)
		return r;
	if (name.digest)
		return error_set(err, ERR_UNSUPPORTED,
				 "%s: the digest of an image in a host's storage is the host's to make; give it a tag", rest);
	if (!name.tag && !(name.tag = z_dup("latest")))
		return no_memory(err);
	*ret = reference_string(&name);
	return *ret ? 0 : no_memory(err);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

static int open_source(struct host_side *side, const char *transport, const char *rest, const struct store_options *o,
		       struct image_source **ret, struct error *err)
{
	CLEANUP(download_close_p) struct download *d = NULL;
	CLEANUP(strv_done) struct strv names = { 0 };
	CLEANUP(buf_done) struct buf name = BUF_INIT(4096);
	struct save_req q = { .names = &names, .format = "docker-archive" };
	struct byte_source archive;
	const char *image = NULL;
	int r = image_name(rest, &image, err);

	if (r < 0 || (r = dial(side, o->daemon_host, err)) < 0)
		return r;
	if (!strv_add(&names, image) || !buf_addf(&name, "%s:%s", transport, rest))
		return no_memory(err);
	if ((r = engine_image_save(side->engine, &q, &d, err)) < 0)
		return r;
	archive = download_source(d);
	return image_source_of_archive(buf_z(&name), &archive, ret, err);
}

static int storage_source(void *ctx, const char *rest, const struct store_options *o, struct image_source **ret, struct error *err)
{
	struct host_store *h = ctx;

	return open_source(&h->from, "containers-storage", rest, o, ret, err);
}

static int daemon_source(void *ctx, const char *rest, const struct store_options *o, struct image_source **ret, struct error *err)
{
	struct host_store *h = ctx;

	return open_source(&h->from, "docker-daemon", rest, o, ret, err);
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

/* Hosts differ in the name that they give to what they load: Podman 1.x puts localhost/ before some. */
static int load(void *ctx, const struct byte_producer *archive, struct error *err)
{
	struct host_side *side = ctx;
	CLEANUP(strv_done) struct strv loaded = { 0 };
	int r = engine_image_load(side->engine, archive, &loaded, err);

	if (r < 0)
		return r;
	if (loaded.n != 1)
		return error_set(err, ERR_PROTOCOL, "the host loaded %zu images of one", loaded.n);
	return strcmp(loaded.v[0], side->name) == 0 ? 0 : engine_image_tag(side->engine, loaded.v[0], side->name, err);
}

static int open_destination(struct host_side *side, const char *transport, const char *rest, const struct store_options *o,
			    struct image_destination **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(4096);
	int r;

	free(ptr_take(&side->name));
	if ((r = tagged_name(rest, &side->name, err)) < 0 || (r = dial(side, o->daemon_host, err)) < 0)
		return r;
	if (!buf_addf(&name, "%s:%s", transport, rest))
		return no_memory(err);
	return image_destination_to_archive(buf_z(&name), side->name, load, side, ret, err);
}

static int storage_destination(void *ctx, const char *rest, const struct store_options *o, struct image_destination **ret,
			       struct error *err)
{
	struct host_store *h = ctx;

	return open_destination(&h->to, "containers-storage", rest, o, ret, err);
}

static int daemon_destination(void *ctx, const char *rest, const struct store_options *o, struct image_destination **ret,
			      struct error *err)
{
	struct host_store *h = ctx;

	return open_destination(&h->to, "docker-daemon", rest, o, ret, err);
}

void host_store_init(struct host_store *h, struct session *s)
{
	*h = (struct host_store){
		.session = s,
		.from = { .store = h },
		.to = { .store = h },
		.extras = { { "containers-storage", storage_source, storage_destination, h },
			    { "docker-daemon", daemon_source, daemon_destination, h },
			    { 0 } },
	};
}

static void side_close(struct host_side *side)
{
	connection_close(side->connection);
	destination_done(&side->destination);
	free(side->name);
}

void host_store_done(struct host_store *h)
{
	side_close(&h->from);
	side_close(&h->to);
}

/* containers.conf and its drop-ins (Podman 2.0 and later); of them, the [engine] table's remote services:
 *   [engine]
 *   active_service = "prod"
 *   [engine.service_destinations.prod]
 *   uri = "ssh://root@example.com:22/run/podman/podman.sock"
 *   identity = "/home/u/.ssh/id_ed25519"
 *   is_machine = false
 * Later files win, name by name. They are walked from the last to the first here, since the first to name something wins in known. */
#include "base/cleanup.h"
#include "base/js.h"
#include "config/known.h"

/* What a stronger file has settled. */
struct settled {
	bool active_service, remote_uri;
};

static int read_destination(const char *name, struct json_object *entry, const char *file, struct known *k, struct error *err)
{
	struct destination d = { .name = (char *)name, .source = (char *)file };
	CLEANUP(free_p) char *where = NULL;
	const char *uri = "", *identity = NULL;
	int r;

	if (asprintf(&where, "%s: engine.service_destinations.%s", file, name) < 0) {
		where = NULL;
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	if (!json_object_is_type(entry, json_type_object))
		return error_set(err, ERR_USAGE, "%s must be a table", where);
	r = table_str(entry, "uri", where, &uri, err);
	if (r == 0)
		r = table_str(entry, "identity", where, &identity, err);
	if (r == 0)
		r = table_bool(entry, "is_machine", where, &d.is_machine, err);
	if (r < 0)
		return r;
	d.uri = (char *)uri;
	d.identity = (char *)identity;
	if (js_get_any(entry, "tls_cert", "tls_key", "tls_ca", NULL))
		d.problem = (char *)"connections with TLS are not supported; use ssh";
	return known_add_uri(k, &d, err);
}

static int read_destinations(struct json_object *engine, const char *file, struct known *k, struct error *err)
{
	struct json_object *entries;
	int r = table_table(engine, "service_destinations", file, &entries, err);

	if (r < 0 || !entries)
		return r;
	json_object_object_foreach(entries, name, entry)
	{
		r = read_destination(name, entry, file, k, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_active_service(struct json_object *engine, const char *file, struct settled *s, struct known *k, struct error *err)
{
	const char *name = NULL;
	int r = table_str(engine, "active_service", file, &name, err);

	if (r < 0 || !name || s->active_service)
		return r;
	/* An empty one in a later file takes the default back. */
	s->active_service = true;
	return name[0] ? known_default(k, name, "active_service", file, err) : 0;
}

/* remote_uri and remote_identity are what Podman 2.0 had before it knew several services; later versions still obey them. */
static int read_remote_uri(struct json_object *engine, const char *file, struct settled *s, struct known *k, struct error *err)
{
	const char *uri = NULL, *identity = NULL;
	int r = table_str(engine, "remote_uri", file, &uri, err);

	if (r == 0)
		r = table_str(engine, "remote_identity", file, &identity, err);
	if (r < 0 || !uri || s->remote_uri)
		return r;
	s->remote_uri = true;
	if (!uri[0])
		return 0;
	return known_add_uri(k, &(struct destination){ .uri = (char *)uri, .identity = (char *)identity, .source = (char *)file },
			     err);
}

static int read_one(const struct place *file, struct settled *s, struct known *k, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *document = NULL;
	struct json_object *engine;
	int r = known_read_toml(file, k, &document, err);

	if (r < 0 || !document)
		return r;
	r = table_table(document, "engine", file->path, &engine, err);
	if (r < 0 || !engine)
		return r;
	r = read_destinations(engine, file->path, k, err);
	if (r == 0)
		r = read_active_service(engine, file->path, s, k, err);
	return r < 0 ? r : read_remote_uri(engine, file->path, s, k, err);
}

int known_read_containers_conf(const struct places *p, struct known *k, struct error *err)
{
	struct settled s = { 0 };
	int r = 0;

	for (size_t i = p->n_containers_conf; r == 0 && i > 0; i--)
		r = read_one(&p->containers_conf[i - 1], &s, k, err);
	return r;
}

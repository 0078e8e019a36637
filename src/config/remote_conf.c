/* podman-remote.conf, the file of the varlink clients (Podman 1.5 to 1.9):
 *   [connections]
 *     [connections.build]
 *     destination = "10.0.0.7"     required
 *     username = "root"
 *     port = 22
 *     identity_file = "/home/u/.ssh/id_ed25519"
 *     default = true
 *     ignore_hosts = false         true: no check of the host key
 * The one marked as default, or the only one, is the default. */
#include "base/cleanup.h"
#include "base/js.h"
#include "base/path.h"
#include "config/destination.h"
#include "config/known.h"

static int read_keys(const char *name, struct json_object *entry, const char *where, struct destination *d, struct error *err)
{
	const char *host = "", *user = NULL, *identity = NULL;
	int r = table_str(entry, "destination", where, &host, err);

	if (r == 0 && !host[0])
		return error_set(err, ERR_USAGE, "connection \"%s\" has no destination defined", name);
	if (r == 0)
		r = table_str(entry, "username", where, &user, err);
	if (r == 0)
		r = table_str(entry, "identity_file", where, &identity, err);
	if (r == 0)
		r = table_port(entry, "port", where, &d->port, err);
	if (r == 0)
		r = table_bool(entry, "ignore_hosts", where, &d->ignore_hosts, err);
	if (r == 0)
		r = destination_check_host(host, where, err);
	if (r == 0)
		r = destination_set(&d->host, host, err);
	if (r == 0 && user && user[0])
		r = destination_set(&d->user, user, err);
	if (r < 0 || !identity || !identity[0])
		return r;
	d->identity = path_expand_home(identity);
	return d->identity ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* Podman 1 takes the user of --username or PODMAN_USER where the file has none. Where these say nothing too, ssh's own configuration
 * decides, and without it the local user as ever. */
static int default_user(const struct config_flags *flags, struct destination *d, struct error *err)
{
	const char *user = flags->username && flags->username[0] ? flags->username : env_text("PODMAN_USER");

	return d->user || !user ? 0 : destination_set(&d->user, user, err);
}

static int read_connection(const char *name, struct json_object *entry, const char *file, const struct config_flags *flags,
			   struct known *k, struct error *err)
{
	CLEANUP(destination_done) struct destination d = { .scheme = DEST_SSH };
	CLEANUP(free_p) char *where = NULL;
	int r;

	if (asprintf(&where, "%s: connections.%s", file, name) < 0) {
		where = NULL;
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	if (!json_object_is_type(entry, json_type_object))
		return error_set(err, ERR_USAGE, "%s must be a table", where);
	r = read_keys(name, entry, where, &d, err);
	if (r == 0)
		r = default_user(flags, &d, err);
	if (r == 0 && d.user)
		r = destination_check_user(d.user, where, err);
	if (r == 0)
		r = destination_build_uri(&d, err);
	if (r == 0)
		r = destination_set(&d.name, name, err);
	if (r == 0)
		r = destination_set(&d.source, file, err);
	return r < 0 ? r : known_add(k, &d, err);
}

/* The name marked with default = true; NULL when none is. */
static int marked_default(struct json_object *entries, const char *file, const char **ret, struct error *err)
{
	*ret = NULL;
	json_object_object_foreach(entries, name, entry)
	{
		bool dflt = false;
		int r = table_bool(entry, "default", file, &dflt, err);

		if (r < 0)
			return r;
		if (dflt && *ret)
			return error_set(err, ERR_USAGE, "%s: both \"%s\" and \"%s\" are marked as the default connection", file,
					 *ret, name);
		if (dflt)
			*ret = name;
	}
	return 0;
}

/* The stronger of two files that has connections decides. */
static int read_default(struct json_object *entries, const char *file, struct known *k, struct error *err)
{
	const char *marked;
	int n = json_object_object_length(entries), r = marked_default(entries, file, &marked, err);

	if (r < 0 || n == 0 || k->undecided)
		return r;
	if (marked)
		return known_default(k, marked, "default", file, err);
	if (n == 1) {
		json_object_object_foreach(entries, name, entry)
		{
			(void)entry;
			r = known_default(k, name, "the only connection", file, err);
		}
		return r;
	}
	return destination_set(&k->undecided, file, err);
}

int known_read_remote_conf(const struct place *file, const struct config_flags *flags, struct known *k, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *document = NULL;
	struct json_object *entries;
	int r = known_read_toml(file, k, &document, err);

	if (r < 0 || !document)
		return r;
	r = table_table(document, "connections", file->path, &entries, err);
	if (r < 0 || !entries)
		return r;
	json_object_object_foreach(entries, name, entry)
	{
		r = read_connection(name, entry, file->path, flags, k, err);
		if (r < 0)
			return r;
	}
	return read_default(entries, file->path, k, err);
}

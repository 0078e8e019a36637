/* Changes to podman-connections.json. podman does the same under the same lock, so that both can be used side by side. Members that this
 * program does not know (farms, TLS files) are kept. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/js.h"
#include "base/log.h"
#include "base/path.h"
#include "config/connections_json.h"
#include "config/known.h"

#define NAME_MAX_BYTES 255

/* One change. section is the "Connection" object, entries its "Connections". */
struct edit {
	const struct known *known;
	const char *file;
	struct json_object *document, *section, *entries;
};

typedef int edit_fn(struct edit *e, const void *what, struct error *err);

/* ---- lock, read, change, write ---- */

/* A record lock on PATH.lock, as podman's own; it ends with the file descriptor. Whoever holds it writes one small file. */
static int lock(const char *path, int *ret_fd, struct error *err)
{
	CLEANUP(free_p) char *name = NULL;
	CLEANUP(fd_close_p) int fd = -1;
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (asprintf(&name, "%s.lock", path) < 0) {
		name = NULL;
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_set_errno(err, "open %s", name);
	if (fcntl(fd, F_SETLK, &whole) < 0) {
		if (errno != EAGAIN && errno != EACCES)
			return error_set_errno(err, "lock %s", name);
		log_info("waiting for another podman to release %s", name);
		if (fcntl(fd, F_SETLKW, &whole) < 0)
			return error_set_errno(err, "lock %s", name);
	}
	*ret_fd = fd_take(&fd);
	return 0;
}

static int make_folder_of(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	CLEANUP(free_p) char *folder = slash && slash > path ? strndup(path, (size_t)(slash - path)) : NULL;

	return folder ? path_make_dirs(folder, 0755, err) : 0;
}

/* The member of o, made when it is not there (or null, which podman writes for an empty map). Borrowed. */
static int member_object(struct json_object *o, const char *key, const char *file, struct json_object **ret, struct error *err)
{
	int r = table_table(o, key, file, ret, err);

	if (r < 0 || *ret)
		return r;
	*ret = json_object_new_object();
	return *ret && js_set(o, key, *ret) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int write_document(const char *path, struct json_object *document, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(CONFIG_FILE_MAX);
	int r;

	buf_addf(&text, "%s\n", js_wire(document));
	r = buf_check(&text, path, err);
	return r < 0 ? r : path_write_atomic(path, buf_str(&text), 0644, err);
}

static int edit_document(struct edit *e, edit_fn *change, const void *what, struct error *err)
{
	int r = member_object(e->document, "Connection", e->file, &e->section, err);

	if (r == 0)
		r = member_object(e->section, "Connections", e->file, &e->entries, err);
	if (r == 0)
		r = change(e, what, err);
	return r < 0 ? r : write_document(e->file, e->document, err);
}

static int edit(const struct places *p, edit_fn *change, const void *what, struct error *err)
{
	static const struct config_flags none = { .ignore_hosts = -1 };
	CLEANUP(fd_close_p) int fd = -1;
	CLEANUP(known_done) struct known known = { 0 };
	CLEANUP(js_put_p) struct json_object *document = NULL;
	struct edit e = { .known = &known, .file = p->connections };
	int r = make_folder_of(p->connections, err);

	if (r == 0)
		r = lock(p->connections, &fd, err);
	/* Only now: another podman may have changed it while we waited. */
	if (r == 0)
		r = known_read(p, &none, &known, err);
	if (r == 0)
		r = connections_json_read(&(struct place){ .path = p->connections }, &document, err);
	if (r < 0)
		return r;
	if (!document)
		document = json_object_new_object();
	e.document = document;
	return document ? edit_document(&e, change, what, err) : error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- names ---- */

static int check_name(const char *name, struct error *err)
{
	if (!name[0])
		return error_set(err, ERR_USAGE, "the name of a connection can't be empty");
	if (strlen(name) > NAME_MAX_BYTES)
		return error_set(err, ERR_USAGE, "the name of a connection can't be longer than %d bytes", NAME_MAX_BYTES);
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7F)
			return error_set(err, ERR_USAGE, "the name of a connection can't have blanks or control characters in it");
	return 0;
}

static int not_defined(const char *name, struct error *err)
{
	error_set(err, ERR_NOT_FOUND, "connection \"%s\" not found", name);
	return error_hint(err, "podman system connection list");
}

/* Only entries of the JSON file can be changed; another file is the user's own text. */
static int editable(const struct edit *e, const char *name, struct error *err)
{
	const struct destination *d = known_find(e->known, name);

	if (js_get(e->entries, name))
		return 0;
	if (!d)
		return not_defined(name, err);
	error_set(err, ERR_USAGE, "connection \"%s\" can't be changed here: it is defined in %s", name, d->source);
	return error_hint(err, "edit %s", d->source);
}

static int set_default(struct edit *e, const char *name, struct error *err)
{
	return js_set_str(e->section, "Default", name) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static bool is_default(const struct edit *e, const char *name)
{
	return strcmp(js_get_str(e->section, "Default", ""), name) == 0;
}

/* ---- farms: lists of connections that podman builds on; podman itself takes removed connections out of them ---- */

/* The list without name, or with to in its place. */
static struct json_object *list_renamed(struct json_object *list, const char *name, const char *to)
{
	struct json_object *out = json_object_new_array();

	for (size_t i = 0; out && i < js_len(list); i++) {
		struct json_object *item = js_at(list, i);
		bool same = str_eq_z(js_text(item), name);

		if (same && !to)
			continue;
		item = same ? js_str(to) : json_object_get(item);
		if (json_object_array_add(out, item) < 0) {
			json_object_put(item);
			json_object_put(out);
			return NULL;
		}
	}
	return out;
}

/* name NULL: every connection. to NULL: it is gone. */
static int update_farms(struct edit *e, const char *name, const char *to, struct error *err)
{
	struct json_object *farms = js_get(js_get(e->document, "Farm"), "List");

	if (!json_object_is_type(farms, json_type_object))
		return 0;
	json_object_object_foreach(farms, farm, list)
	{
		struct json_object *changed;

		if (!json_object_is_type(list, json_type_array))
			continue;
		changed = name ? list_renamed(list, name, to) : json_object_new_array();
		if (!changed || !js_set(farms, farm, changed))
			return error_set(err, ERR_SYSTEM, "out of memory");
	}
	return 0;
}

/* ---- the changes ---- */

struct addition {
	const char *name;
	const struct destination *d;
	bool make_default;
};

static int add_entry(struct edit *e, const void *what, struct error *err)
{
	const struct addition *a = what;
	struct json_object *entry = json_object_new_object();
	bool first = !e->known->dflt && !e->known->old_dflt.uri && json_object_object_length(e->entries) == 0;

	if (!entry || !js_set(e->entries, a->name, entry) || !js_set_str(entry, "URI", a->d->uri) ||
	    (a->d->identity && !js_set_str(entry, "Identity", a->d->identity)) ||
	    (a->d->is_machine && !js_set_bool(entry, "IsMachine", true)))
		return error_set(err, ERR_SYSTEM, "out of memory");
	return first || a->make_default ? set_default(e, a->name, err) : 0;
}

int places_connection_add(const struct places *p, const char *name, const struct destination *d, bool make_default,
			  struct error *err)
{
	int r = check_name(name, err);

	return r < 0 ? r : edit(p, add_entry, &(struct addition){ .name = name, .d = d, .make_default = make_default }, err);
}

static int remove_entry(struct edit *e, const void *what, struct error *err)
{
	const char *name = what;
	int r = editable(e, name, err);

	if (r < 0)
		return r;
	if (is_default(e, name))
		r = set_default(e, "", err);
	json_object_object_del(e->entries, name);
	return r < 0 ? r : update_farms(e, name, NULL, err);
}

static int remove_all(struct edit *e, const void *what, struct error *err)
{
	struct json_object *none = json_object_new_object();

	(void)what;
	if (!none || !js_set(e->section, "Connections", none))
		return error_set(err, ERR_SYSTEM, "out of memory");
	e->entries = none;
	if (set_default(e, "", err) < 0)
		return -ERR_SYSTEM;
	return update_farms(e, NULL, NULL, err);
}

int places_connection_remove(const struct places *p, const char *name, bool all, struct error *err)
{
	return all ? edit(p, remove_all, NULL, err) : edit(p, remove_entry, name, err);
}

struct renaming {
	const char *from, *to;
};

static int rename_entry(struct edit *e, const void *what, struct error *err)
{
	const struct renaming *n = what;
	int r = editable(e, n->from, err);

	if (r < 0 || strcmp(n->from, n->to) == 0)
		return r;
	if (known_find(e->known, n->to))
		return error_set(err, ERR_CONFLICT, "connection \"%s\" exists already", n->to);
	if (!js_set(e->entries, n->to, json_object_get(js_get(e->entries, n->from))))
		return error_set(err, ERR_SYSTEM, "out of memory");
	json_object_object_del(e->entries, n->from);
	if (is_default(e, n->from))
		r = set_default(e, n->to, err);
	return r < 0 ? r : update_farms(e, n->from, n->to, err);
}

int places_connection_rename(const struct places *p, const char *from, const char *to, struct error *err)
{
	int r = check_name(to, err);

	return r < 0 ? r : edit(p, rename_entry, &(struct renaming){ .from = from, .to = to }, err);
}

/* Any known connection: the default may live in another file than its name. */
static int default_entry(struct edit *e, const void *what, struct error *err)
{
	const char *name = what;

	return known_find(e->known, name) ? set_default(e, name, err) : not_defined(name, err);
}

int places_connection_default(const struct places *p, const char *name, struct error *err)
{
	return edit(p, default_entry, name, err);
}

/* ---- on this machine ---- */

static int places_of_machine(struct places *ret, struct error *err)
{
	return places_find("", &(struct config_flags){ .ignore_hosts = -1 }, ret, err);
}

int config_connection_add(const char *name, const struct destination *d, bool make_default, struct error *err)
{
	CLEANUP(places_done) struct places p = { 0 };
	int r = places_of_machine(&p, err);

	return r < 0 ? r : places_connection_add(&p, name, d, make_default, err);
}

int config_connection_remove(const char *name, bool all, struct error *err)
{
	CLEANUP(places_done) struct places p = { 0 };
	int r = places_of_machine(&p, err);

	return r < 0 ? r : places_connection_remove(&p, name, all, err);
}

int config_connection_rename(const char *from, const char *to, struct error *err)
{
	CLEANUP(places_done) struct places p = { 0 };
	int r = places_of_machine(&p, err);

	return r < 0 ? r : places_connection_rename(&p, from, to, err);
}

int config_connection_default(const char *name, struct error *err)
{
	CLEANUP(places_done) struct places p = { 0 };
	int r = places_of_machine(&p, err);

	return r < 0 ? r : places_connection_default(&p, name, err);
}

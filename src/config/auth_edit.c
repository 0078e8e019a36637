/* Login and logout: changes to the files, or calls of the helper that a file puts in charge. */
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/js.h"
#include "config/auth_file.h"
#include "config/auth_helper.h"
#include "config/auth_json.h"
#include "config/auth_key.h"

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

/* A file that is being changed, under its lock. */
struct edit {
	const struct auth_file *file;
	int lock;
	struct json_object *document;
};

#define EDIT_INIT(f) ((struct edit){ .file = (f), .lock = -1 })

static int edit_begin(struct edit *e, struct error *err)
{
	int r = auth_file_lock(e->file, &e->lock, err);

	/* Only now: another login may have changed it while we waited. */
	return r < 0 ? r : auth_file_read(e->file, &e->document, err);
}

static void edit_done(struct edit *e)
{
	fd_close_p(&e->lock);
	auth_json_free_p(&e->document);
}

/* A helper may ask its user: others need not wait for that. */
static void edit_unlock(struct edit *e)
{
	int fd = fd_take(&e->lock);

	fd_close_p(&fd);
}

/* "auths", made when it is not there. Borrowed. */
static int edit_entries(struct edit *e, struct json_object **ret, struct error *err)
{
	*ret = auth_file_entries(e->file, e->document);
	if (!*ret) {
		*ret = json_object_new_object();
		if (!*ret || !js_set(e->document, "auths", *ret))
			return no_memory(err);
	}
	if (!json_object_is_type(*ret, json_type_object))
		return error_set(err, ERR_USAGE, "%s: auths is no JSON object", e->file->path);
	return 0;
}

static bool has_path(const char *key)
{
	return strchr(key, '/') != NULL;
}

/* ---- store ---- */

static int store_entry(struct edit *e, const char *key, const struct credentials *c, struct error *err)
{
	CLEANUP(auth_json_free_p) struct json_object *before = NULL;
	struct json_object *entries, *entry;
	CLEANUP(free_p) char *name = NULL;
	const char *there = e->file->docker ? auth_key_docker(key) : key;
	int r = edit_entries(e, &entries, err);

	if (r < 0)
		return r;
	/* The spelling that is in the file stays: docker looks for its own. */
	before = json_object_get(auth_find(e->file, entries, key, &there));
	name = z_dup(there);
	entry = name ? auth_entry_make(c) : NULL;
	if (!entry || !js_set(entries, name, entry))
		return no_memory(err);
	return auth_file_write(e->file, e->document, err);
}

static int store_in_helper(const char *name, const char *key, const struct credentials *c, char **ret_where, struct error *err)
{
	if (has_path(key))
		return error_set(err, ERR_UNSUPPORTED, "namespaced key is not supported for credential helper %s", name);
	if (ret_where && (*ret_where = calloc(1, sizeof "credential helper: " + strlen(name))))
		strcat(strcpy(*ret_where, "credential helper: "), name);
	return auth_helper_store(name, key, c, err);
}

int auth_store(const char *authfile, const char *key, const struct credentials *c, char **ret_where, struct error *err)
{
	CLEANUP(auth_files_done) struct auth_files files = { 0 };
	CLEANUP(free_p) char *normal = auth_key_normal(str_from(key), false);
	CLEANUP(free_p) char *where = NULL;
	int r = normal ? auth_files_find(authfile, &files, err) : no_memory(err);
	CLEANUP(edit_done) struct edit e = EDIT_INIT(&files.v[0]);
	const char *helper;

	if (r == 0)
		r = edit_begin(&e, err);
	if (r < 0)
		return r;
	helper = auth_helper_of(e.file, e.document, normal);
	if (!helper)
		helper = auth_store_of(e.document);
	if (helper && helper[0]) {
		edit_unlock(&e);
		r = store_in_helper(helper, normal, c, &where, err);
	} else {
		where = z_dup(e.file->path);
		r = store_entry(&e, normal, c, err);
	}
	if (r == 0 && ret_where)
		*ret_where = ptr_take(&where);
	return r;
}

/* ---- erase ---- */

/* All spellings of it. 1: there was one. */
static int erase_entries(struct edit *e, const char *key, struct error *err)
{
	struct json_object *entries = auth_file_entries(e->file, e->document);
	struct json_object *entry;
	const char *name = NULL;
	int r, n = 0;

	for (; (entry = auth_find(e->file, entries, key, &name)); n++) {
		json_object_get(entry);
		json_object_object_del(entries, name);
		auth_json_free_p(&entry);
	}
	if (n == 0)
		return 0;
	r = auth_file_write(e->file, e->document, err);
	return r < 0 ? r : 1;
}

/* 1: a helper had it. Helpers know hosts only. */
static int erase_in_helper(const char *name, const char *key, struct error *err)
{
	return name && name[0] && !has_path(key) ? auth_helper_erase(name, key, err) : 0;
}

static int erase_in_file(const struct auth_file *f, const char *key, struct error *err)
{
	CLEANUP(edit_done) struct edit e = EDIT_INIT(f);
	const char *helper;
	int r = edit_begin(&e, err), in_helper;

	if (r == 0)
		r = erase_entries(&e, key, err);
	if (r < 0)
		return r;
	edit_unlock(&e);
	helper = auth_helper_of(f, e.document, key);
	in_helper = erase_in_helper(helper ? helper : auth_store_of(e.document), key, err);
	return in_helper < 0 ? in_helper : r || in_helper;
}

int auth_erase(const char *authfile, const char *key, bool *ret_elsewhere, struct error *err)
{
	CLEANUP(auth_files_done) struct auth_files files = { 0 };
	CLEANUP(credentials_done) struct credentials left = { 0 };
	CLEANUP(free_p) char *normal = auth_key_normal(str_from(key), false);
	int r = normal ? auth_files_find(authfile, &files, err) : no_memory(err);
	bool erased = false;

	*ret_elsewhere = false;
	for (size_t i = 0; r >= 0 && i < files.n; i++) {
		if (!files.v[i].ours || access(files.v[i].path, F_OK) < 0)
			continue;
		r = erase_in_file(&files.v[i], normal, err);
		erased = erased || r > 0;
	}
	if (r < 0 || erased)
		return r < 0 ? r : 0;
	if (auth_lookup(authfile, normal, &left, err) < 0)
		error_clear(err);
	*ret_elsewhere = left.username || left.identity_token;
	return error_set(err, ERR_NOT_FOUND, "not logged into %s", key);
}

/* The helpers that a file names forget the hosts that it names them for: they hold credentials of other programs too. */
static int empty_helpers(const struct auth_file *f, struct json_object *document, struct error *err)
{
	struct json_object *helpers = js_get(document, "credHelpers");
	int r = 0;

	if (!json_object_is_type(helpers, json_type_object))
		return 0;
	json_object_object_foreach(helpers, host, name)
	{
		CLEANUP(free_p) char *key = auth_key_normal(str_from(host), f->old);

		if (r >= 0 && key)
			r = erase_in_helper(json_object_is_type(name, json_type_string) ? json_object_get_string(name) : NULL, key,
					    err);
	}
	return r < 0 ? r : 0;
}

static int empty_file(const struct auth_file *f, struct error *err)
{
	CLEANUP(edit_done) struct edit e = EDIT_INIT(f);
	struct json_object *none;
	int r = edit_begin(&e, err);

	if (r < 0)
		return r;
	none = json_object_new_object();
	if (!none || !js_set(e.document, "auths", none))
		return no_memory(err);
	if ((r = auth_file_write(f, e.document, err)) < 0)
		return r;
	edit_unlock(&e);
	return empty_helpers(f, e.document, err);
}

int auth_erase_all(const char *authfile, struct error *err)
{
	CLEANUP(auth_files_done) struct auth_files files = { 0 };
	int r = auth_files_find(authfile, &files, err);

	for (size_t i = 0; r == 0 && i < files.n; i++)
		if (files.v[i].ours && access(files.v[i].path, F_OK) == 0)
			r = empty_file(&files.v[i], err);
	return r;
}

#include "volume.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "container.h"
#include "create.h"
#include "event.h"
#include "gojson.h"
#include "methods.h"
#include "tree.h"
#include "words.h"

struct volume *volume_find(struct host *h, const char *name)
{
	for (struct volume *v = h->volumes; v; v = v->next)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

static void volume_free(struct volume *v)
{
	json_object_put(v->labels);
	json_object_put(v->options);
	free(v->mount_point);
	free(v->name);
	free(v);
}

static void append(struct host *h, struct volume *v)
{
	struct volume **p = &h->volumes;

	while (*p)
		p = &(*p)->next;
	*p = v;
}

static int check_new(struct host *h, const char *name, struct error *err)
{
	if (*name && !object_name_valid(name))
		return error_set(
			err, ERR_USAGE,
			"error running volume create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument");
	if (!volume_find(h, name))
		return 0;
	if (h->version == V162)
		return error_set(
			err, ERR_CONFLICT,
			"error creating volume directory \"%s/root/volumes/%s/_data\": mkdir %s/root/volumes/%s/_data: file exists",
			h->dir, name, h->dir, name);
	return error_set(err, ERR_CONFLICT, "volume with name %s already exists: volume already exists", name);
}

int volume_create(struct host *h, const char *name, struct json_object *labels, struct json_object *options, struct volume **ret,
		  struct error *err)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(4096);
	char id[65];
	struct volume *v;
	int r = check_new(h, name, err);

	if (r < 0)
		return r;
	host_new_id(h, id);
	if (!*name)
		name = id;
	buf_addf(&path, "%s/root/volumes/%s/_data", h->dir, name);
	r = path_make_dirs(buf_z(&path), 0755, err);
	if (r < 0)
		return r;
	v = calloc(1, sizeof *v);
	if (!v)
		return error_set(err, ERR_SYSTEM, "out of memory");
	*v = (struct volume){ .name = z_dup(name),
			      .mount_point = buf_take(&path),
			      .labels = labels ? json_object_get(labels) : json_object_new_object(),
			      .options = options ? json_object_get(options) : json_object_new_object(),
			      .created = instant_now() };
	append(h, v);
	event_add(h, "volume", "create", v->name, v->name, "");
	*ret = v;
	return 0;
}

bool volume_in_use(const struct host *h, const struct volume *v)
{
	for (const struct container *c = h->containers; c; c = c->next)
		for (size_t i = 0; i < c->n_mounts; i++)
			if (strcmp(c->mounts[i].source, v->mount_point) == 0)
				return true;
	return false;
}

void volume_remove(struct host *h, struct volume *v)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(4096);
	struct volume **p = &h->volumes;

	while (*p && *p != v)
		p = &(*p)->next;
	if (*p)
		*p = v->next;
	buf_addf(&path, "%s/root/volumes/%s", h->dir, v->name);
	tree_remove(buf_z(&path));
	event_add(h, "volume", "remove", v->name, v->name, "");
	volume_free(v);
}

void volumes_free(struct host *h)
{
	while (h->volumes) {
		struct volume *v = h->volumes;

		h->volumes = v->next;
		volume_free(v);
	}
}

void podman_volume_create(struct call *c)
{
	struct json_object *o = js_get(c->params, "options");
	const char *driver = js_get_str(o, "driver", "");
	struct error err = ERROR_INIT;
	struct volume *v;

	if (*driver && strcmp(driver, "local") != 0)
		reply_error_occurred(c, "error running volume create option: not yet implemented");
	else if (volume_create(c->host, js_get_str(o, "volumeName", ""), js_get(o, "labels"), js_get(o, "options"), &v, &err) < 0)
		reply_error_occurred(c, "%s", err.text);
	else
		reply_one(c, "volumeName", js_str(v->name));
	error_done(&err);
}

/* What came of removing volumes: names that are gone, and why the others are not. */
struct removal {
	struct strv gone;
	struct json_object *failures;
};

static void users_of(const struct host *h, const struct volume *v, struct buf *out)
{
	for (const struct container *c = h->containers; c; c = c->next)
		for (size_t i = 0; i < c->n_mounts; i++)
			if (strcmp(c->mounts[i].source, v->mount_point) == 0)
				buf_addf(out, "%s%s", out->n ? ", " : "", c->id);
}

static void remove_one(struct host *h, struct volume *v, bool force, struct removal *r)
{
	CLEANUP(buf_done) struct buf users = BUF_INIT(64 * 1024);

	if (volume_in_use(h, v) && !force) {
		users_of(h, v, &users);
		words_setf(r->failures, v->name, "volume %s is being used by the following container(s): %s: volume is being used",
			   v->name, buf_z(&users));
		return;
	}
	strv_add(&r->gone, v->name);
	volume_remove(h, v);
}

void podman_volume_remove(struct call *c)
{
	struct json_object *o = js_get(c->params, "options"), *names = js_get(o, "volumes"), *answer = json_object_new_object();
	bool all = js_get_bool(o, "all", false), force = js_get_bool(o, "force", false);
	struct removal r = { .failures = json_object_new_object() };

	for (struct volume *v = c->host->volumes, *next; all && v; v = next) {
		next = v->next;
		remove_one(c->host, v, force, &r);
	}
	for (size_t i = 0; i < js_len(names) && !all; i++) {
		const char *name = js_text(js_at(names, i)).p;
		struct volume *v = volume_find(c->host, name);

		if (v)
			remove_one(c->host, v, force, &r);
		else
			words_setf(r.failures, name, "no volume with name \"%s\" found: no such volume", name);
	}
	js_set(answer, "successes", words_array_or_null(&r.gone));
	js_set(answer, "failures", r.failures);
	strv_done(&r.gone);
	reply(c, answer);
}

static struct json_object *volume_entry(const struct volume *v)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "name", v->name);
	js_set(o, "labels", json_object_get(v->labels));
	js_set_str(o, "mountPoint", v->mount_point);
	js_set_str(o, "driver", "local");
	js_set(o, "options", json_object_get(v->options));
	return o;
}

static void add_entry(struct json_object **list, const struct volume *v)
{
	if (!*list)
		*list = json_object_new_array();
	json_object_array_add(*list, volume_entry(v));
}

void podman_get_volumes(struct call *c)
{
	struct json_object *args = js_get(c->params, "args"), *list = NULL;

	if (js_get_bool(c->params, "all", false)) {
		for (const struct volume *v = c->host->volumes; v; v = v->next)
			add_entry(&list, v);
	} else {
		for (size_t i = 0; i < js_len(args); i++) {
			struct volume *v = volume_find(c->host, js_text(js_at(args, i)).p);

			if (!v) {
				json_object_put(list);
				call_hang_up(c);
				return;
			}
			add_entry(&list, v);
		}
	}
	reply_one(c, "volumes", list);
}

void podman_inspect_volume(struct call *c)
{
	struct volume *v = volume_find(c->host, call_str(c, "name"));
	struct json_object *o;

	if (!v) {
		reply_error_occurred(c, "no volume with name \"%s\" found: no such volume", call_str(c, "name"));
		return;
	}
	o = json_object_new_object();
	js_set_str(o, "Name", v->name);
	js_set_str(o, "Driver", "local");
	js_set_str(o, "Mountpoint", v->mount_point);
	js_set(o, "CreatedAt", words_time(v->created));
	js_set(o, "Labels", json_object_get(v->labels));
	js_set_str(o, "Scope", "local");
	js_set(o, "Options", json_object_get(v->options));
	reply_one(c, "volume", gojson_text(o));
}

void podman_volumes_prune(struct call *c)
{
	struct json_object *o = json_object_new_object(), *names = NULL;

	for (struct volume *v = c->host->volumes, *next; v; v = next) {
		next = v->next;
		if (volume_in_use(c->host, v))
			continue;
		if (!names)
			names = json_object_new_array();
		json_object_array_add(names, js_str(v->name));
		volume_remove(c->host, v);
	}
	js_set(o, "prunedNames", names);
	js_set(o, "prunedErrors", c->host->version == V193 ? NULL : json_object_new_array());
	reply(c, o);
}

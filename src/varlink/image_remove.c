/* varlink/image_remove.c: rmi. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "varlink/images.h"

struct removal {
	struct host *h;
	const struct image_remove_req *q;
	struct json_object *deleted, *untagged, *errors;
	bool missing, in_use, other;
};

/* 1 when nothing was wrong but names that are not there, 2 when something is in use, 125 for the rest, as podman's rmi exits. */
static int removal_exit_code(const struct removal *m)
{
	return m->in_use ? 2 : m->other ? 125 : m->missing ? 1 : 0;
}

static void removal_failed(struct removal *m, int r, struct error *why)
{
	if (r == -ERR_NOT_FOUND && m->q->ignore)
		return;
	m->missing |= r == -ERR_NOT_FOUND;
	m->in_use |= r == -ERR_CONFLICT;
	m->other |= r != -ERR_NOT_FOUND && r != -ERR_CONFLICT;
	json_object_array_add(m->errors, js_str(why->text));
}

static void add_all(struct json_object *to, struct json_object *from)
{
	for (size_t i = 0; i < js_len(from); i++)
		json_object_array_add(to, json_object_get(js_at(from, i)));
}

static struct json_object *remove_params(const struct removal *m, const char *name)
{
	struct json_object *in = host_name(name);

	js_set_bool(in, "force", m->q->force);
	return in;
}

static int remove_with_response(struct removal *m, const char *name, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *response;
	int r = host_call(m->h, "RemoveImageWithResponse", remove_params(m, name), 0, &reply, err);

	if (r < 0)
		return r;
	response = js_get(reply, "response");
	add_all(m->untagged, js_get(response, "untagged"));
	if (*js_get_str(response, "deleted", ""))
		json_object_array_add(m->deleted, js_str(js_get_str(response, "deleted", "")));
	return 0;
}

/* 1.6.2 answers with the ID whether only a name went or all of it: the names before and after tell. */
static int remove_plain(struct removal *m, const char *name, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *before = NULL, *after = NULL;
	CLEANUP(error_done) struct error gone = ERROR_INIT;
	struct json_object *tags;
	const char *id;
	int r = host_ask_text(m->h, "InspectImage", name, "image", &before, err);

	if (r == 0)
		r = host_call(m->h, "RemoveImage", remove_params(m, name), 0, NULL, err);
	if (r < 0)
		return r;
	id = js_get_str(before, "Id", "");
	tags = js_get(before, "RepoTags");
	if (host_ask_text(m->h, "InspectImage", id, "image", &after, &gone) < 0)
		json_object_array_add(m->deleted, js_str(id));
	for (size_t i = 0; i < js_len(tags); i++) {
		bool kept = false;

		for (size_t k = 0; k < js_len(js_get(after, "RepoTags")); k++)
			kept |= json_object_equal(js_at(js_get(after, "RepoTags"), k), js_at(tags, i));
		if (!kept)
			json_object_array_add(m->untagged, json_object_get(js_at(tags, i)));
	}
	return 0;
}

static int remove_one(struct removal *m, const char *name, struct error *err)
{
	return host_at_least(m->h, 1, 8, 0) ? remove_with_response(m, name, err) : remove_plain(m, name, err);
}

static int remove_named(struct removal *m, struct error *err)
{
	for (size_t i = 0; i < m->q->names->n; i++) {
		CLEANUP(error_done) struct error why = ERROR_INIT;
		int r = remove_one(m, m->q->names->v[i], &why);

		if (r == -ERR_CONNECT || r == -ERR_PROTOCOL)
			return error_move(err, &why);
		if (r < 0)
			removal_failed(m, r, &why);
	}
	return 0;
}

/* A parent can't go before its children: what fails is tried again as long as a round removes something. */
static int remove_all(struct removal *m, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *images = NULL;
	CLEANUP(strv_done) struct strv left = { 0 };
	bool progress = true;
	int r = images_find(m->h, NULL, &images, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < js_len(images); i++)
		strv_add(&left, js_get_str(js_at(images, i), "id", ""));
	while (left.n && progress) {
		CLEANUP(strv_done) struct strv again = { 0 };

		/* Only what the last round could not do is told. */
		json_object_put(m->errors);
		m->errors = json_object_new_array();
		m->missing = m->in_use = m->other = false;
		for (size_t i = 0; i < left.n; i++) {
			CLEANUP(error_done) struct error why = ERROR_INIT;

			r = remove_one(m, left.v[i], &why);
			if (r == -ERR_CONNECT || r == -ERR_PROTOCOL)
				return error_move(err, &why);
			/* An earlier one took it along. */
			if (r < 0 && r != -ERR_NOT_FOUND) {
				removal_failed(m, r, &why);
				strv_add(&again, left.v[i]);
			}
		}
		progress = again.n < left.n;
		strv_clear(&left);
		strv_add_all(&left, &again);
	}
	return 0;
}

int host_image_remove(struct engine *e, const struct image_remove_req *q, struct json_object **ret, struct error *err)
{
	struct removal m = { .h = host_of(e), .q = q };
	struct json_object *report;
	int r;

	if (q->no_prune)
		return engine_unsupported(e, err, "--no-prune");
	m.deleted = json_object_new_array();
	m.untagged = json_object_new_array();
	m.errors = json_object_new_array();
	report = json_object_new_object();
	r = q->all ? remove_all(&m, err) : remove_named(&m, err);
	js_set(report, "Deleted", m.deleted);
	js_set(report, "Untagged", m.untagged);
	js_set(report, "Errors", m.errors);
	js_set_int(report, "ExitCode", removal_exit_code(&m));
	if (r < 0) {
		json_object_put(report);
		return r;
	}
	*ret = report;
	return 0;
}

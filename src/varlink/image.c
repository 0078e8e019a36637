/* varlink/image.c: images: list, pull, remove. */
#include <fnmatch.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "varlink/host.h"
#include "varlink/progress.h"
#include "varlink/translate.h"

/* ---- list ------------------------------------------------------------------------------------------------------------ */

/* The filters that the list itself can answer are answered here: 1.6.2 knows none, and 1.9.3 takes "label=x" for true on images
 * without labels. */
struct pick {
	const struct strv *filters; /* may be NULL */
	struct json_object *all;
};

static bool names_match(struct json_object *image, struct str want)
{
	CLEANUP(buf_done) struct buf pattern = BUF_INIT(4096);
	struct json_object *tags = js_get(image, "repoTags");

	/* As podman does it: anywhere in the name. */
	buf_addf(&pattern, "*%.*s*", STR_ARG(want));
	for (size_t i = 0; i < js_len(tags); i++)
		if (fnmatch(buf_z(&pattern), json_object_get_string(js_at(tags, i)), 0) == 0)
			return true;
	return false;
}

static bool label_matches(struct json_object *image, struct str want)
{
	struct str key, value;
	bool with_value = str_cut(want, '=', &key, &value);
	CLEANUP(free_p) char *name = str_dup(key);
	struct json_object *label = name ? js_get(js_get(image, "labels"), name) : NULL;

	return label && (!with_value || str_eq(js_text(label), value));
}

static bool is_image(struct json_object *image, struct str name)
{
	struct json_object *tags = js_get(image, "repoTags");
	CLEANUP(buf_done) struct buf tagged = BUF_INIT(4096);

	if (name.n >= 3 && str_starts(js_text(js_get(image, "id")), name))
		return true;
	buf_addf(&tagged, "%.*s:latest", STR_ARG(name));
	for (size_t i = 0; i < js_len(tags); i++) {
		struct str tag = js_text(js_at(tags, i)), short_name;

		if (str_eq(tag, name) || str_eq(tag, buf_str(&tagged)))
			return true;
		str_cut(tag, '/', NULL, &short_name);
		if (str_eq(short_name, name) || str_eq(short_name, buf_str(&tagged)))
			return true;
	}
	return false;
}

static int64_t created_of(struct json_object *image)
{
	struct instant t;

	return instant_parse_rfc3339(js_text(js_get(image, "created")), &t) ? t.s : 0;
}

static int is_before(const struct pick *p, struct json_object *image, struct str other, bool before, struct error *err)
{
	for (size_t i = 0; i < js_len(p->all); i++) {
		struct json_object *o = js_at(p->all, i);

		if (is_image(o, other))
			return before ? created_of(image) < created_of(o) : created_of(image) > created_of(o);
	}
	return error_set(err, ERR_NOT_FOUND, "unable to find a name and tag match for %.*s in repotags: no such image",
			 STR_ARG(other));
}

/* 1, 0, or an error. */
static int passes(const struct pick *p, struct json_object *image, const char *filter, struct error *err)
{
	struct str key, value;

	str_cut(str_from(filter), '=', &key, &value);
	if (str_eq(key, STR("reference")))
		return names_match(image, value);
	if (str_eq(key, STR("label")))
		return label_matches(image, value);
	if (str_eq(key, STR("dangling")))
		return (js_len(js_get(image, "repoTags")) == 0) == str_eq(value, STR("true"));
	if (str_eq(key, STR("before")) || str_eq(key, STR("since")))
		return is_before(p, image, value, str_eq(key, STR("before")), err);
	return 1;
}

static bool is_ours(const char *filter)
{
	static const char *const keys[] = { "reference=", "label=", "dangling=", "before=", "since=" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strncmp(filter, keys[i], strlen(keys[i])) == 0)
			return true;
	return false;
}

static int passes_all(const struct pick *p, struct json_object *image, struct error *err)
{
	int r = 1;

	for (size_t i = 0; r > 0 && p->filters && i < p->filters->n; i++)
		r = passes(p, image, p->filters->v[i], err);
	return r;
}

static int find_images(struct host *h, const struct strv *filters, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL, *others = json_object_new_array();
	struct json_object *in = NULL, *images;
	bool filtered;
	int r;

	for (size_t i = 0; filters && i < filters->n; i++)
		if (!is_ours(filters->v[i]))
			json_object_array_add(others, js_str(filters->v[i]));
	filtered = js_len(others) > 0;
	if (filtered && !host_at_least(h, 1, 8, 0))
		return engine_unsupported(&h->engine, err, "the filter %s", json_object_get_string(js_at(others, 0)));
	if (filtered) {
		in = json_object_new_object();
		js_set(in, "filters", ptr_take(&others));
	}
	r = host_ask(h, filtered ? "ListImagesWithFilters" : "ListImages", in, &reply, err);
	if (r < 0)
		return r;
	images = js_get(reply, "images");
	*ret = images ? json_object_get(images) : json_object_new_array();
	return 0;
}

int host_image_list(struct engine *e, const struct image_list_req *q, item_fn *each, void *ctx, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *images = NULL;
	struct pick pick = { .filters = q->filters };
	int r = find_images(host_of(e), q->filters, &images, err);

	pick.all = images;
	for (size_t i = 0; r >= 0 && i < js_len(images); i++) {
		CLEANUP(js_put_p) struct json_object *item = NULL;
		struct json_object *image = js_at(images, i);

		/* Steps of a build. */
		if (!q->all && js_len(js_get(image, "repoTags")) == 0 && js_get_bool(image, "isParent", false))
			continue;
		r = passes_all(&pick, image, err);
		if (r <= 0)
			continue;
		item = translate_image(image);
		r = each(ctx, item, err);
	}
	return r < 0 ? r : 0;
}

/* ---- pull ------------------------------------------------------------------------------------------------------------ */

/* The JSON in base64url that X-Registry-Auth has, since that is what the other protocol wants. */
static int decode_auth(const char *auth, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf in = BUF_INIT(64 * 1024), out = BUF_INIT(64 * 1024);
	int n;

	for (const char *p = auth; *p && *p != '='; p++)
		buf_add_char(&in, *p == '-' ? '+' : *p == '_' ? '/' : *p);
	while (in.n % 4)
		buf_add_char(&in, '=');
	if (in.failed || !buf_reserve(&out, in.n))
		return error_set(err, ERR_SYSTEM, "registry credentials are too large");
	n = EVP_DecodeBlock((unsigned char *)out.p, (const unsigned char *)buf_z(&in), (int)in.n);
	if (n < 0)
		return error_set(err, ERR_USAGE, "registry credentials are no base64");
	/* It counts the padding too. */
	for (const char *p = in.p + in.n; p > in.p && p[-1] == '='; p--)
		n--;
	return js_parse((struct str){ out.p, (size_t)n }, "registry credentials", ret, err);
}

/* {"username", "password"}; NULL when there are none or the host can't take them (before 1.9 it only knows its own). */
static int credentials(struct host *h, const struct pull_req *q, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *auth = NULL;
	struct json_object *creds;
	int r;

	*ret = NULL;
	if (!q->auth || !host_at_least(h, 1, 9, 0))
		return 0;
	r = decode_auth(q->auth, &auth, err);
	if (r < 0 || !*js_get_str(auth, "username", ""))
		return r;
	creds = json_object_new_object();
	js_set_str(creds, "username", js_get_str(auth, "username", ""));
	js_set_str(creds, "password", js_get_str(auth, "password", ""));
	*ret = creds;
	return 0;
}

static int check_platform(struct engine *e, const struct pull_req *q, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *version = NULL;
	struct str os, arch;
	int r;

	if (q->variant)
		return engine_unsupported(e, err, "--variant");
	if (!q->arch && !q->os)
		return 0;
	r = host_version(e, &version, err);
	if (r < 0)
		return r;
	str_cut(js_text(js_get(version, "OsArch")), '/', &os, &arch);
	if (q->os && !str_eq_z(os, q->os))
		return engine_unsupported(e, err, "pulling for another operating system (--os %s)", q->os);
	if (q->arch && !str_eq_z(arch, q->arch))
		return engine_unsupported(e, err, "pulling for another architecture (--arch %s)", q->arch);
	return 0;
}

static bool is_full_name(const char *reference)
{
	size_t n = strcspn(reference, "/");

	return reference[n] == '/' &&
	       (memchr(reference, '.', n) || memchr(reference, ':', n) || (n == 9 && memcmp(reference, "localhost", 9) == 0));
}

static int image_id(struct host *h, const char *name, char **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *image = NULL;
	int r = host_ask_text(h, "InspectImage", name, "image", &image, err);

	if (r < 0)
		return r;
	*ret = str_dup(js_text(js_get(image, "Id")));
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int pull_stream(struct host *h, struct json_object *in, progress_fn *progress, void *ctx, char **ret_id, struct error *err)
{
	CLEANUP(varlink_close_p) struct varlink *v = NULL;
	CLEANUP(free_p) char *id = NULL;
	CLEANUP(buf_done) struct buf last = BUF_INIT(PROGRESS_MAX);
	bool continues = true;
	int r = host_dial(h, &v, err);

	if (r < 0)
		json_object_put(in);
	else
		r = host_more(h, v, "PullImage", in, err);
	while (r >= 0 && continues) {
		CLEANUP(js_put_p) struct json_object *reply = NULL;
		struct json_object *more;

		r = host_failed(h, v, varlink_next(v, 0, &reply, &continues, err), err);
		if (r < 0)
			return r;
		more = js_get(reply, "reply");
		progress_lines(js_get(more, "logs"), &last, progress, ctx);
		if (!continues)
			id = str_dup(js_text(js_get(more, "id")));
	}
	if (r < 0)
		return r;
	if (!id || !*id)
		return error_set(err, ERR_PROTOCOL, "the service answered to pull without an ID");
	*ret_id = ptr_take(&id);
	return 0;
}

static int pull_image(struct host *h, const struct pull_req *q, bool there, progress_fn *progress, void *ctx, char **ret_id,
		      struct error *err)
{
	CLEANUP(js_put_p) struct json_object *in = json_object_new_object(), *creds = NULL;
	CLEANUP(buf_done) struct buf name = BUF_INIT(4096);
	int r = credentials(h, q, &creds, err);

	if (r < 0)
		return r;
	/* PullImage takes a name that it finds for pulled. With its transport it finds none. */
	buf_addf(&name, "%s%s", there && is_full_name(q->reference) ? "docker://" : "", q->reference);
	if (buf_check(&name, "image name", err) < 0)
		return -ERR_SYSTEM;
	js_set_str(in, "name", buf_z(&name));
	if (creds)
		js_set(in, "creds", ptr_take(&creds));
	r = pull_stream(h, ptr_take(&in), q->quiet ? NULL : progress, ctx, ret_id, err);
	if (r < 0 && q->auth && !host_at_least(h, 1, 9, 0))
		error_hint(err, "Podman %s takes no credentials from a client: run podman login on the host", h->engine.version);
	return r;
}

int host_image_pull(struct engine *e, const struct pull_req *q, progress_fn *progress, void *ctx, char **ret_id, struct error *err)
{
	const char *policy = q->policy ? q->policy : "always";
	bool there = false;
	int r = check_platform(e, q, err);

	if (r < 0)
		return r;
	if (q->retry || q->retry_delay)
		return engine_unsupported(e, err, q->retry ? "--retry" : "--retry-delay");
	if (q->all_tags)
		return engine_unsupported(e, err, "--all-tags");
	if (q->tls_verify == 0)
		return engine_unsupported(e, err, "--tls-verify=false");
	r = host_exists(e, OBJECT_IMAGE, q->reference, &there, err);
	if (r < 0)
		return r;
	if (there && (strcmp(policy, "missing") == 0 || strcmp(policy, "never") == 0))
		return image_id(host_of(e), q->reference, ret_id, err);
	if (strcmp(policy, "never") == 0)
		return error_set(err, ERR_NOT_FOUND, "%s: image not known", q->reference);
	/* newer: the registry is asked, but need not answer. */
	r = pull_image(host_of(e), q, there, progress, ctx, ret_id, err);
	if (r == -ERR_REMOTE && there && strcmp(policy, "newer") == 0) {
		error_clear(err);
		return image_id(host_of(e), q->reference, ret_id, err);
	}
	return r;
}

/* ---- remove ---------------------------------------------------------------------------------------------------------- */

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
	int r = find_images(m->h, NULL, &images, err);

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

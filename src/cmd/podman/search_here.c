#include "base/cleanup.h"
#include "base/js.h"
#include "base/units.h"
#include "cmd/podman/registry_here.h"
#include "cmd/podman/search.h"
#include "cmd/session.h"
#include "config/registries.h"
#include "image/reference.h"

#define LIMIT 25 /* of podman */

/* ---- filters ---- */

/* Alone it means true. */
static bool flag_filter(struct str value, bool *ret)
{
	*ret = true;
	return value.n == 0 || bool_parse(value, ret);
}

int search_check_filters(const struct strv *filters, struct error *err)
{
	for (size_t i = 0; i < filters->n; i++) {
		struct str key, value = { 0 };
		int64_t stars;
		bool flag;

		str_cut(str_from(filters->v[i]), '=', &key, &value);
		if (str_eq(key, STR("stars"))) {
			if (!int_parse(value, &stars))
				return error_set(err, ERR_USAGE, "incorrect value type for stars filter");
		} else if (str_eq(key, STR("is-official")) || str_eq(key, STR("is-automated"))) {
			if (!flag_filter(value, &flag))
				return error_set(err, ERR_USAGE, "incorrect value type for %.*s filter", STR_ARG(key));
		} else {
			return error_set(err, ERR_USAGE, "invalid filter type \"%s\"", filters->v[i]);
		}
	}
	return 0;
}

static bool matches(const char *filter, struct json_object *found)
{
	struct str key, value = { 0 };
	int64_t stars = 0;
	bool flag;

	str_cut(str_from(filter), '=', &key, &value);
	if (str_eq(key, STR("stars")))
		return int_parse(value, &stars) && js_get_int(found, "Stars", 0) >= stars;
	flag_filter(value, &flag);
	return (*js_get_str(found, str_eq(key, STR("is-official")) ? "Official" : "Automated", "") != 0) == flag;
}

bool search_matches(const struct strv *filters, struct json_object *found)
{
	for (size_t i = 0; filters && i < filters->n; i++)
		if (!matches(filters->v[i], found))
			return false;
	return true;
}

/* ---- where to ask ---- */

bool search_split_term(const char *term, struct str *ret_host, struct str *ret_word)
{
	struct str host, rest;

	if (str_cut(str_from(term), '/', &host, &rest) &&
	    (memchr(host.p, '.', host.n) || memchr(host.p, ':', host.n) || str_eq(host, STR("localhost")))) {
		*ret_host = host;
		*ret_word = rest;
		return true;
	}
	*ret_word = str_from(term);
	return false;
}

/* ---- words ---- */

static const char *mark(struct json_object *found, const char *key)
{
	return js_get_bool(found, key, false) || *js_get_str(found, key, "") ? "[OK]" : "";
}

/* As podman writes them: Index is the registry, Name has it in front. */
static struct json_object *full_result(const char *host, struct json_object *found)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(64 * 1024);
	struct json_object *out = json_object_new_object();
	const char *short_name = js_get_str(found, "Name", "");
	bool of_library = strcmp(host, "docker.io") == 0 && !strchr(short_name, '/');

	buf_addf(&name, "%s/%s%s", host, of_library ? "library/" : "", short_name);
	js_set_str(out, "Index", host);
	js_set(out, "Name", js_strn(buf_str(&name)));
	js_set_str(out, "Description", js_get_str(found, "Description", ""));
	js_set_int(out, "Stars", js_get_int(found, "Stars", 0));
	js_set_str(out, "Official", mark(found, "Official"));
	js_set_str(out, "Automated", mark(found, "Automated"));
	js_set_str(out, "Tag", "");
	return out;
}

struct search {
	struct session *session;
	const struct creds_args *creds;
	const struct registries *conf;
	const struct search_req *q;
	struct json_object *results; /* owned */
};

static int64_t limit_of(const struct search_req *q)
{
	return q->limit > 0 ? q->limit : LIMIT;
}

static int ask(struct search *c, const char *host, const char *word, struct error *err)
{
	CLEANUP(registry_close_p) struct registry *registry = NULL;
	CLEANUP(js_put_p) struct json_object *found = NULL;
	size_t before = js_len(c->results);
	int r = registry_here(c->session, c->creds, c->conf, host, &registry, err);

	if (r < 0 || (r = registry_search(registry, word, limit_of(c->q), &found, err)) < 0)
		return r;
	for (size_t i = 0; i < js_len(found) && (int64_t)(js_len(c->results) - before) < limit_of(c->q); i++) {
		struct json_object *full = full_result(host, js_at(found, i));

		if (search_matches(c->q->filters, full))
			json_object_array_add(c->results, full);
		else
			json_object_put(full);
	}
	return 0;
}

/* A registry that fails does not hide what the others have. */
static int ask_all(struct search *c, const struct strv *hosts, const char *word, struct error *err)
{
	size_t failed = 0;

	for (size_t i = 0; i < hosts->n; i++) {
		CLEANUP(error_done) struct error one = ERROR_INIT;

		if (ask(c, hosts->v[i], word, &one) == 0)
			continue;
		if (++failed == hosts->n)
			return error_move(err, &one);
		session_report(c->session, &one);
	}
	return 0;
}

static int search_words(struct search *c, struct error *err)
{
	CLEANUP(strv_done) struct strv hosts = { 0 };
	CLEANUP(free_p) char *word = NULL;
	struct str host, rest;
	bool named = search_split_term(c->q->term, &host, &rest), ok;

	word = str_dup(rest);
	ok = word && (!named || strv_add_str(&hosts, host));
	if (ok && !named)
		ok = strv_add_all(&hosts, registries_search(c->conf)) && (hosts.n || strv_add(&hosts, "docker.io"));
	return ok ? ask_all(c, &hosts, word, err) : error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- tags ---- */

static int list_tags(struct search *c, struct error *err)
{
	CLEANUP(registry_close_p) struct registry *registry = NULL;
	CLEANUP(reference_done) struct reference ref = { 0 };
	CLEANUP(free_p) char *repository = NULL;
	CLEANUP(strv_done) struct strv tags = { 0 };
	int r = reference_parse(c->q->term, &ref, err);

	if (r < 0)
		return r;
	repository = reference_repository(&ref);
	if (!repository)
		return error_set(err, ERR_SYSTEM, "out of memory");
	if ((r = registry_here(c->session, c->creds, c->conf, repository, &registry, err)) < 0 || (r = registry_tags(registry, ref.path, &tags, err)) < 0)
		return r;
	for (size_t i = 0; i < tags.n && (int64_t)i < limit_of(c->q); i++) {
		struct json_object *row = json_object_new_object();

		js_set_str(row, "Name", repository);
		js_set_str(row, "Tag", tags.v[i]);
		json_object_array_add(c->results, row);
	}
	return 0;
}

int search_here(struct session *s, const struct creds_args *creds, const struct search_req *q, struct json_object **ret, struct error *err)
{
	CLEANUP(registries_close_p) struct registries *conf = NULL;
	CLEANUP(js_put_p) struct json_object *results = json_object_new_array();
	int r = registries_read(NULL, &conf, err);

	if (r == 0) {
		struct search c = { .session = s, .creds = creds, .conf = conf, .q = q, .results = results };

		r = q->list_tags ? list_tags(&c, err) : search_words(&c, err);
	}
	if (r < 0)
		return r;
	*ret = ptr_take(&results);
	return 0;
}

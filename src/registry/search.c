/* registry/search.c: search by the old v1 interface, which Docker Hub and Quay still have, or in the list of all repositories. */
#include <string.h>

#include "base/cleanup.h"
#include "registry/call.h"
#include "registry/errors.h"
#include "registry/page.h"
#include "registry/url.h"

#define RESULTS_MAX (4 * 1024 * 1024)
#define LIMIT_MAX 100 /* what the v1 interface gives at most */

struct results {
	const char *term;
	int64_t limit;
	struct json_object *list;
};

static void add_result(struct results *to, const char *name, const char *description, int64_t stars, bool official, bool automated)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, "Name", name);
	js_set_str(o, "Description", description);
	js_set_int(o, "Stars", stars);
	js_set_bool(o, "Official", official);
	js_set_bool(o, "Automated", automated);
	json_object_array_add(to->list, o);
}

static bool is_full(const struct results *to)
{
	return to->limit > 0 && (int64_t)js_len(to->list) >= to->limit;
}

/* 1 when the registry has this interface. Docker Hub has it under another name than its images. */
static int search_v1(struct registry *r, struct results *to, struct error *err)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(RESULTS_MAX);
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf target = BUF_INIT(REG_URL_MAX), limit = BUF_INIT(32);
	struct json_object *found;
	int ret;

	buf_add_z(&target, strcmp(r->shown, "docker.io") == 0 ? "https://index.docker.io/v1/search" : "/v1/search");
	reg_url_query(&target, "q", to->term);
	buf_addf(&limit, "%lld", (long long)(to->limit > 0 && to->limit < LIMIT_MAX ? to->limit : LIMIT_MAX));
	reg_url_query(&target, "n", buf_z(&limit));
	ret = buf_check(&target, "search term", err);
	if (ret == 0)
		ret = reg_call(r, &(struct reg_call){ .method = "GET", .target = buf_z(&target) }, &reply, err);
	if (ret < 0)
		return ret;
	if (!reg_good(&reply) || js_parse(buf_str(&reply.body), "search", &o, NULL) < 0 || !js_get(o, "results"))
		return 0;
	found = js_get(o, "results");
	for (size_t i = 0; i < js_len(found) && !is_full(to); i++) {
		struct json_object *one = js_at(found, i);

		add_result(to, js_get_str(one, "name", ""), js_get_str(one, "description", ""), js_get_int(one, "star_count", 0),
			   js_get_bool(one, "is_official", false), js_get_bool(one, "is_automated", false));
	}
	return 1;
}

static int take_repository(void *ctx, struct json_object *element, struct error *err)
{
	struct results *to = ctx;
	const char *name = json_object_is_type(element, json_type_string) ? json_object_get_string(element) : NULL;

	if (!name)
		return error_set(err, ERR_PROTOCOL, "the list of repositories has something else in it");
	if (strstr(name, to->term))
		add_result(to, name, "", 0, false, false);
	return is_full(to);
}

static int search_catalog(struct registry *r, struct results *to, struct error *err)
{
	int status = 0, ret = reg_pages(r, "/v2/_catalog", "registry:catalog:*", "repositories", take_repository, to, &status, err);

	return ret == 0 && (status < 200 || status > 299) ? reg_refusal(status, STR(""), err) : ret;
}

int registry_search(struct registry *r, const char *term, int64_t limit, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *list = json_object_new_array();
	struct results to = { .term = term, .limit = limit, .list = list };
	/* Without a term the v1 interface gives nothing, the list everything. */
	int code = *term ? search_v1(r, &to, err) : 0;

	if (code == 0)
		code = search_catalog(r, &to, err);
	if (code < 0)
		return error_context(err, "couldn't search registry \"%s\"", r->shown);
	*ret = ptr_take(&list);
	return 0;
}

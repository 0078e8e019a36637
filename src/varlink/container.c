/* varlink/container.c: containers: list and what is done to one. create, attach, exec and logs have files of their own. */
#include <poll.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "varlink/host.h"
#include "varlink/signal.h"
#include "varlink/translate.h"

#define INTERVAL_MS 250
#define NS_PER_MS   1000000

/* ---- list ------------------------------------------------------------------------------------------------------------ */

static struct json_object *ps_options(const struct container_list_req *q, bool everything, const struct strv *filters)
{
	struct json_object *in = json_object_new_object(), *opts = json_object_new_object();

	js_set_bool(opts, "all", everything);
	if (filters->n)
		js_set(opts, "filters", js_strv(filters->v, filters->n));
	/* A number is refused ("not yet supported"); see pick_last. */
	js_set_int(opts, "last", 0);
	js_set_bool(opts, "noTrunc", true);
	js_set_bool(opts, "pod", q->pod);
	js_set_bool(opts, "size", q->size);
	js_set_bool(opts, "sync", q->sync);
	js_set(in, "opts", opts);
	return in;
}

static bool same_key(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return n == strcspn(b, "=") && strncmp(a, b, n) == 0;
}

/* The first filter whose key is given again. These services join all filters by "and", 4.x joins those of one key by "or" (labels
 * apart). */
static const char *repeated_filter(const struct strv *filters)
{
	for (size_t i = 0; i < filters->n; i++)
		for (size_t j = i + 1; j < filters->n; j++)
			if (same_key(filters->v[i], filters->v[j]) && !same_key(filters->v[i], "label"))
				return filters->v[i];
	return NULL;
}

static bool has_id(struct json_object *list, struct json_object *item)
{
	const char *id = js_get_str(item, "id", "");

	for (size_t i = 0; i < js_len(list); i++)
		if (strcmp(js_get_str(js_at(list, i), "id", ""), id) == 0)
			return true;
	return false;
}

static int ps_add(struct host *h, const struct container_list_req *q, bool everything, const struct strv *filters, bool unique,
		  struct json_object *found, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *list;
	int r = host_ask(h, "Ps", ps_options(q, everything, filters), &reply, err);

	if (r < 0)
		return r;
	list = js_get(reply, "containers");
	for (size_t i = 0; i < js_len(list); i++)
		if (!unique || !has_id(found, js_at(list, i)))
			json_object_array_add(found, json_object_get(js_at(list, i)));
	return 0;
}

/* One question, or one for each value of a repeated key. */
static int ps_find(struct host *h, const struct container_list_req *q, bool everything, struct json_object *found,
		   struct error *err)
{
	static const struct strv none = { 0 };
	const struct strv *filters = q->filters ? q->filters : &none;
	const char *repeated = repeated_filter(filters);

	if (!repeated)
		return ps_add(h, q, everything, filters, false, found, err);
	for (size_t i = 0; i < filters->n; i++) {
		CLEANUP(strv_done) struct strv some = { 0 };
		int r;

		if (!same_key(filters->v[i], repeated))
			continue;
		for (size_t j = 0; j < filters->n; j++)
			if ((j == i || !same_key(filters->v[j], repeated)) && !strv_add(&some, filters->v[j]))
				return error_set(err, ERR_SYSTEM, "out of memory");
		r = ps_add(h, q, everything, &some, true, found, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int by_created(const void *a, const void *b)
{
	struct json_object *const *x = a, *const *y = b;
	struct instant s = { 0 }, t = { 0 };

	instant_parse_rfc3339(js_text(js_get(*x, "createdAt")), &s);
	instant_parse_rfc3339(js_text(js_get(*y, "createdAt")), &t);
	if (s.s != t.s)
		return s.s < t.s ? -1 : 1;
	return s.ns < t.ns ? -1 : s.ns > t.ns;
}

/* {id: name} of all pods: Ps tells the ID only. */
static int pod_names(struct host *h, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *pods;
	int r = host_ask(h, "ListPods", NULL, &reply, err);

	if (r < 0)
		return r;
	*ret = json_object_new_object();
	pods = js_get(reply, "pods");
	for (size_t i = 0; i < js_len(pods); i++)
		js_set_str(*ret, js_get_str(js_at(pods, i), "id", ""), js_get_str(js_at(pods, i), "name", ""));
	return 0;
}

static bool any_in_pod(struct json_object *found)
{
	for (size_t i = 0; i < js_len(found); i++)
		if (*js_get_str(js_at(found, i), "pod", ""))
			return true;
	return false;
}

int host_container_list(struct engine *e, const struct container_list_req *q, item_fn *each, void *ctx, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *found = json_object_new_array(), *pods = NULL;
	int64_t last = q->latest ? 1 : q->last;
	size_t first = 0;
	int r = ps_find(host_of(e), q, q->all || last > 0, found, err);

	if (r == 0 && q->pod && any_in_pod(found))
		r = pod_names(host_of(e), &pods, err);
	if (r < 0)
		return r;
	/* The service asks its containers in parallel and answers in the order in which they were done. */
	json_object_array_sort(found, by_created);
	if (last > 0 && js_len(found) > (uint64_t)last)
		first = js_len(found) - (size_t)last;
	for (size_t i = first; i < js_len(found); i++) {
		CLEANUP(js_put_p) struct json_object *item = translate_container(js_at(found, i), q->size, q->namespaces);

		js_set_str(item, "PodName", js_get_str(pods, js_get_str(item, "Pod", ""), ""));
		r = each(ctx, item, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- state ----------------------------------------------------------------------------------------------------------- */

int host_container_state(struct host *h, const char *name, const char **ret, struct error *err)
{
	static const char *const states[] = { "unknown", "configured", "created", "running",
					      "stopped", "paused",     "exited",  "removing" };
	CLEANUP(js_put_p) struct json_object *state = NULL;
	int64_t n;
	int r = host_ask_text(h, "ContainerStateData", name, "config", &state, err);

	if (r < 0)
		return r;
	n = js_get_int(state, "state", 0);
	*ret = n >= 0 && (size_t)n < ARRAY_LEN(states) ? states[n] : states[0];
	return 0;
}

/* The words of the last refusal on the kept connection. */
static bool refused_for(const struct host *h, const char *name, const char *reason)
{
	if (!h->kept || strcmp(varlink_error_name(h->kept), name) != 0)
		return false;
	return strstr(js_get_str(varlink_error_params(h->kept), "reason", ""), reason) != NULL;
}

int host_container_start(struct engine *e, const char *name, struct error *err)
{
	int r = host_call(host_of(e), "StartContainer", host_name(name), 0, NULL, err);

	if (r == -ERR_CONFLICT && refused_for(host_of(e), "io.podman.ErrorOccurred", "already running or paused"))
		return error_clear(err);
	return host_command_failed(r, err);
}

/* The wire always carries a number of seconds. */
static int own_stop_timeout(struct host *h, const char *name, int64_t *ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *config = NULL;
	int r = host_ask_text(h, "ContainerConfig", name, "config", &config, err);

	if (r < 0)
		return r;
	*ret = js_get_int(config, "stopTimeout", 10);
	return 0;
}

int host_container_stop(struct engine *e, const struct stop_req *q, struct error *err)
{
	struct host *h = host_of(e);
	struct json_object *in;
	int64_t timeout_s = q->timeout_s;
	int r;

	if (timeout_s < 0 && (r = own_stop_timeout(h, q->name, &timeout_s, err)) < 0)
		return r;
	in = host_name(q->name);
	js_set_int(in, "timeout", timeout_s);
	r = host_call(h, "StopContainer", in, 0, NULL, err);
	if (r == -ERR_CONFLICT && refused_for(h, "io.podman.ErrCtrStopped", ""))
		return error_clear(err);
	return r;
}

int host_container_kill(struct engine *e, const char *name, const char *signal, struct error *err)
{
	struct json_object *in;
	int n;
	int r = signal_number(signal, &n, err);

	if (r < 0)
		return r;
	in = host_name(name);
	js_set_int(in, "signal", n);
	return host_call(host_of(e), "KillContainer", in, engine_reply_ms(), NULL, err);
}

/* ---- wait ------------------------------------------------------------------------------------------------------------ */

static bool waits_for_end(const struct strv *conditions)
{
	return !conditions || conditions->n == 0 ||
	       (conditions->n == 1 && (strv_has(conditions, "stopped") || strv_has(conditions, "exited")));
}

/* An interval of 0 never returns, not even for a container that has exited. */
static int wait_for_end(struct host *h, const char *name, int64_t interval_ms, int64_t *ret_code, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *in = host_name(name);
	int r;

	js_set_int(in, "interval", interval_ms * NS_PER_MS);
	r = host_call(h, "WaitContainer", in, 0, &reply, err);
	if (r < 0)
		return r;
	*ret_code = js_get_int(reply, "exitcode", -1);
	return 0;
}

static int check_conditions(const struct strv *conditions, struct error *err)
{
	static const char *const known[] = { "unknown", "configured", "created",  "running", "stopped",
					     "paused",  "exited",     "removing", "removed" };

	for (size_t i = 0; i < conditions->n; i++) {
		bool ok = false;

		for (size_t k = 0; k < ARRAY_LEN(known); k++)
			ok |= strcmp(conditions->v[i], known[k]) == 0;
		if (!ok)
			return error_set(err, ERR_USAGE, "unknown container state: %s: invalid argument", conditions->v[i]);
	}
	return 0;
}

/* The service waits for the end only, so other states are asked for until one is there. */
static int wait_for_state(struct host *h, const struct wait_req *q, int64_t interval_ms, int64_t *ret_code, struct error *err)
{
	int r = check_conditions(q->conditions, err);

	*ret_code = -1;
	while (r == 0) {
		const char *state;

		r = host_container_state(h, q->name, &state, err);
		if (r == -ERR_NOT_FOUND && strv_has(q->conditions, "removed"))
			return error_clear(err);
		if (r == 0 && strv_has(q->conditions, state)) {
			bool over = strcmp(state, "exited") == 0 || strcmp(state, "stopped") == 0;

			return over ? wait_for_end(h, q->name, interval_ms, ret_code, err) : 0;
		}
		if (r == 0)
			poll(NULL, 0, (int)interval_ms);
	}
	return r;
}

int host_container_wait(struct engine *e, const struct wait_req *q, int64_t *ret_code, struct error *err)
{
	int64_t interval_ms = q->interval_ms > 0 ? q->interval_ms : INTERVAL_MS;

	if (interval_ms > 60 * 60 * 1000)
		interval_ms = 60 * 60 * 1000;
	if (waits_for_end(q->conditions))
		return wait_for_end(host_of(e), q->name, interval_ms, ret_code, err);
	return wait_for_state(host_of(e), q, interval_ms, ret_code, err);
}

/* ---- remove, top ----------------------------------------------------------------------------------------------------- */

/* The service stops with the container's own timeout. */
static int stop_before_remove(struct engine *e, const struct remove_req *q, struct error *err)
{
	struct stop_req stop = { .name = q->name, .timeout_s = q->timeout_s };
	int r = host_container_stop(e, &stop, err);

	/* A container that was never started can't be stopped, but can be removed. */
	return r == -ERR_CONFLICT ? error_clear(err) : r;
}

int host_container_remove(struct engine *e, const struct remove_req *q, struct error *err)
{
	struct json_object *in;
	int r = 0;

	if (q->depend)
		return engine_unsupported(e, err, "--depend");
	if (q->force && q->timeout_s >= 0)
		r = stop_before_remove(e, q, err);
	if (r == 0) {
		in = host_name(q->name);
		js_set_bool(in, "force", q->force);
		js_set_bool(in, "removeVolumes", q->volumes);
		r = host_call(host_of(e), "RemoveContainer", in, 0, NULL, err);
	}
	return r == -ERR_NOT_FOUND && q->ignore ? error_clear(err) : r;
}

/* "pid,user" and "pid", "user" are the same request. */
static struct json_object *descriptor_list(const struct strv *descriptors)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; descriptors && i < descriptors->n; i++) {
		struct str rest = str_from(descriptors->v[i]), one;
		bool more = true;

		while (more) {
			more = str_cut(rest, ',', &one, &rest);
			if (str_trim(one).n)
				json_object_array_add(list, js_strn(str_trim(one)));
		}
	}
	return list;
}

int host_container_top(struct engine *e, const char *name, const struct strv *descriptors, struct json_object **ret,
		       struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *in;
	bool exists;
	/* Top of an unknown container kills the service of all these versions. */
	int r = host_exists(e, OBJECT_CONTAINER, name, &exists, err);

	if (r < 0)
		return r;
	if (!exists)
		return error_set(err, ERR_NOT_FOUND, "no container with name or ID %s found: no such container", name);
	in = json_object_new_object();
	js_set_str(in, "nameOrID", name);
	js_set(in, "descriptors", descriptor_list(descriptors));
	r = host_ask(host_of(e), "Top", in, &reply, err);
	if (r < 0)
		return r;
	if (js_len(js_get(reply, "top")) == 0)
		return error_set(err, ERR_PROTOCOL, "the service answered to top without lines");
	*ret = translate_top(js_get(reply, "top"));
	return 0;
}

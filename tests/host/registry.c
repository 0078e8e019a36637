#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "event.h"
#include "image.h"
#include "image_words.h"
#include "methods.h"
#include "words.h"

/* The images that can be pulled. localhost:5077 is the registry of the recorded exchanges, localhost:5078 its twin with a login. */
static const struct pullable {
	const char *domain, *path, *tag, *description;
	int stars;
} pullables[] = {
	{ "docker.io", "library/alpine", "latest", "A minimal Docker image based on Alpine Linux", 7200 },
	{ "docker.io", "library/alpine", "3.11", "", 0 },
	{ "docker.io", "library/busybox", "latest", "Busybox base image.", 2100 },
	{ "docker.io", "library/busybox", "1.31", "", 0 },
	{ "docker.io", "library/nginx", "latest", "Official build of Nginx.", 13500 },
	{ "quay.io", "libpod/alpine", "latest", "Alpine for tests", 3 },
	{ "localhost:5077", "bb2", "v1", "", 0 },
	{ "localhost:5078", "private", "v1", "", 0 },
};

struct wanted {
	struct str domain, path, tag;
};

static const char *unpinged(const struct host *h)
{
	return h->version == V162 ? "pinging docker registry returned:" : "error pinging docker registry";
}

static bool split(const char *name, struct wanted *ret)
{
	struct str rest = str_from(name), first, after;

	*ret = (struct wanted){ 0 };
	if (str_cut(rest, '/', &first, &after) &&
	    (memchr(first.p, '.', first.n) || memchr(first.p, ':', first.n) || str_eq_z(first, "localhost"))) {
		ret->domain = first;
		rest = after;
	}
	str_cut(rest, ':', &ret->path, &ret->tag);
	if (!ret->tag.n)
		ret->tag = STR("latest");
	return ret->path.n > 0;
}

/* docker.io has a folder for names without one. */
static bool path_is(const struct pullable *p, struct str path)
{
	return str_eq_z(path, p->path) || (strncmp(p->path, "library/", 8) == 0 && str_eq_z(path, p->path + 8));
}

static const struct pullable *pullable_find(const struct wanted *w)
{
	for (size_t i = 0; i < ARRAY_LEN(pullables); i++) {
		const struct pullable *p = &pullables[i];

		if (w->domain.n ? !str_eq_z(w->domain, p->domain) : strcmp(p->domain, "docker.io") != 0)
			continue;
		if (path_is(p, w->path) && str_eq_z(w->tag, p->tag))
			return p;
	}
	return NULL;
}

/* Why a registry that is not there, or does not have it, refuses. */
static int refuse(const struct host *h, const struct wanted *w, const char *name, struct error *err)
{
	struct str domain = w->domain.n ? w->domain : STR("docker.io");
	const char *ping = unpinged(h);
	bool with_name = h->version != V162;
	struct str short_path = w->path;

	if (str_starts(w->path, STR("library/")))
		short_path = (struct str){ w->path.p + 8, w->path.n - 8 };
	if (str_starts(domain, STR("localhost:")))
		return error_set(
			err, ERR_NOT_FOUND,
			"unable to pull image: Error initializing source docker://%s: Error reading manifest %.*s in %.*s/%.*s: "
			"manifest unknown: manifest unknown",
			name, STR_ARG(w->tag), STR_ARG(domain), STR_ARG(w->path));
	/* Messages name images of docker.io by their short names, and with the tag. */
	if (str_eq_z(domain, "docker.io"))
		return error_set(
			err, ERR_NOT_FOUND,
			"unable to pull image: Error initializing source docker://%.*s:%.*s: Error reading manifest %.*s in "
			"docker.io/%s%.*s: errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication "
			"required\n",
			STR_ARG(short_path), STR_ARG(w->tag), STR_ARG(w->tag), memchr(w->path.p, '/', w->path.n) ? "" : "library/",
			STR_ARG(w->path));
	if (str_eq_z(domain, "localhost"))
		return error_set(
			err, ERR_NOT_FOUND,
			"unable to pull image: Error initializing source docker://%s: %s%s Get \"https://localhost/v2/\": dial tcp "
			"127.0.0.1:443: connect: connection refused",
			name, ping, with_name ? " localhost:" : "");
	return error_set(
		err, ERR_NOT_FOUND,
		"unable to pull image: Error initializing source docker://%s: %s%s%.*s%s Get \"https://%.*s/v2/\": dial tcp: lookup "
		"%.*s: no such host",
		name, ping, with_name ? " " : "", with_name ? (int)domain.n : 0, domain.p, with_name ? ":" : "", STR_ARG(domain),
		STR_ARG(domain));
}

int registry_pull(struct host *h, const char *name, struct image **ret, struct error *err)
{
	const struct pullable *p;
	struct wanted w;
	CLEANUP(free_p) char *full = NULL;
	int r;

	if (!split(name, &w) || strchr(name, ' '))
		return error_set(err, ERR_USAGE,
				 "unable to pull %s: error getting default registries to try: invalid reference format", name);
	if (asprintf(&full, "%.*s/%.*s:%.*s", STR_ARG(w.domain), STR_ARG(w.path), STR_ARG(w.tag)) < 0)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = pushed_pull(h, full, ret, err);
	if (r > 0) {
		image_add_name(h, *ret, full);
		event_add(h, "image", "pull", (*ret)->id, full, full);
	}
	if (r != 0)
		return r < 0 ? r : 0;
	free(full);
	full = NULL;
	p = pullable_find(&w);
	if (!p) {
		r = refuse(h, &w, name, err);
		return error_context(err, "unable to pull %s", name), r;
	}
	if (asprintf(&full, "%s/%s:%s", p->domain, p->path, p->tag) < 0)
		return error_set(err, ERR_SYSTEM, "out of memory");
	*ret = image_find(h, full, NULL);
	if (!*ret && image_add_small(h, full, full, ret, err) < 0)
		return -err->kind;
	event_add(h, "image", "pull", (*ret)->id, full, full);
	return 0;
}

/* Lines as they come from a buffer that is written again before it is sent. */
static void send_garbled_logs(struct call *c, const struct image *i)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(1024);

	buf_addf(&line, "Copying blob %.20s", image_layer_id(i));
	more_send(c, buf_z(&line));
	buf_clear(&line);
	buf_addf(&line, "Copying blob sha256:%.12s\n", image_layer_id(i));
	more_send(c, buf_z(&line));
	buf_clear(&line);
	buf_addf(&line, "409.0b / 409.0b%.18s\n", i->id);
	more_send(c, buf_z(&line));
	buf_clear(&line);
	buf_addf(&line, "Storing signatures\n%.19s", i->id);
	more_send(c, buf_z(&line));
	more_send(c, "Storing signatures\n");
}

/* Only 1.9.3 can be given a user and a password; the others have what lies on the host, here nothing. */
static bool may_pull(const struct call *c)
{
	struct json_object *creds = js_get(c->params, "creds");

	if (strncmp(call_str(c, "name"), "localhost:5078/", 15) != 0)
		return true;
	return c->host->version == V193 && strcmp(js_get_str(creds, "username", ""), "u") == 0 &&
	       strcmp(js_get_str(creds, "password", ""), "secret") == 0;
}

static void reply_unauthorized(struct call *c, const char *name)
{
	struct wanted w;

	split(name, &w);
	more_send(c, "  unauthorized: authentication required\n");
	reply_error_occurred(
		c,
		"unable to pull %s: unable to pull %s: unable to pull image: Error initializing source docker://%s: Error reading "
		"manifest %.*s in %.*s/%.*s: unauthorized: authentication required",
		name, name, name, STR_ARG(w.tag), STR_ARG(w.domain), STR_ARG(w.path));
}

static void send_trying(struct call *c, const char *name)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(4096);

	buf_addf(&line, "Trying to pull %s...\n", name);
	more_send(c, buf_z(&line));
}

void podman_pull_image(struct call *c)
{
	const char *name = call_str(c, "name");
	struct error err = ERROR_INIT;
	struct image *i;

	send_trying(c, name);
	if (!may_pull(c)) {
		reply_unauthorized(c, name);
		return;
	}
	if (registry_pull(c->host, name, &i, &err) < 0) {
		if (strstr(err.text, "manifest unknown"))
			more_send(c, "  manifest unknown: manifest unknown\n");
		reply_error_occurred(c, "unable to pull %s: %s", name, err.text);
		error_done(&err);
		return;
	}
	send_garbled_logs(c, i);
	reply_one(c, "reply", more_response(NULL, i->id));
}

static struct json_object *search_result(const struct pullable *p)
{
	struct json_object *o = json_object_new_object();
	bool official = strncmp(p->path, "library/", 8) == 0;

	js_set_str(o, "description", p->description);
	js_set_bool(o, "is_official", official);
	js_set_bool(o, "is_automated", false);
	js_set_str(o, "registry", p->domain);
	words_setf(o, "name", "%s/%s", p->domain, p->path);
	js_set_int(o, "star_count", p->stars);
	return o;
}

static bool search_wants(const struct pullable *p, const char *query, struct json_object *filter)
{
	size_t n = strlen(p->domain);

	if (strncmp(query, p->domain, n) == 0 && query[n] == '/')
		query += n + 1;
	if (!*p->description || !strstr(p->path, query))
		return false;
	if (js_get_bool(filter, "is_official", false) && strncmp(p->path, "library/", 8) != 0)
		return false;
	return p->stars >= js_get_int(filter, "star_count", 0);
}

void podman_search_images(struct call *c)
{
	struct json_object *list = NULL;
	int64_t limit = js_get_int(c->params, "limit", 0);

	for (size_t i = 0; i < ARRAY_LEN(pullables); i++) {
		if (!search_wants(&pullables[i], call_str(c, "query"), js_get(c->params, "filter")))
			continue;
		if (!list)
			list = json_object_new_array();
		if (limit <= 0 || (int64_t)js_len(list) < limit)
			json_object_array_add(list, search_result(&pullables[i]));
	}
	reply_one(c, "results", list);
}

#include "image_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "words.h"

enum { SPINS = 300 };

struct image *image_named(struct call *c, const char *key)
{
	struct error err = ERROR_INIT;
	struct image *i = image_find(c->host, call_str(c, key), &err);

	if (!i)
		reply_no_image(c, call_str(c, key), err.text);
	error_done(&err);
	return i;
}

struct json_object *image_digest_text(const char *digest)
{
	struct json_object *o = json_object_new_object(), *text;

	words_setf(o, "t", "sha256:%s", digest);
	text = json_object_get(js_get(o, "t"));
	json_object_put(o);
	return text;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct json_object *image_repo_digests(const struct host *h, const struct image *i)
{
	CLEANUP(strv_done) struct strv digests = { 0 };

	for (size_t k = 0; k < i->names.n; k++) {
		const char *colon = strrchr(i->names.v[k], ':');

		strv_addf(&digests, "%.*s@sha256:%s", (int)(colon - i->names.v[k]), i->names.v[k], i->digest);
	}
	if (h->version != V162 && digests.n)
		qsort(digests.v, digests.n, sizeof *digests.v, compare_texts);
	return words_array_or_null(&digests);
}

static int add_copying(void *ctx, const struct layer *l)
{
	strv_addf(ctx, "Copying blob sha256:%s\n", l->digest);
	return 0;
}

void image_copying_lines(const struct image *i, struct strv *lines)
{
	strv_add(lines, "Getting image source signatures\n");
	layer_each(i->top, add_copying, lines);
}

static struct json_object *response(struct json_object *logs, const char *id)
{
	struct json_object *o = json_object_new_object();

	js_set(o, "logs", logs);
	js_set_str(o, "id", id);
	return o;
}

struct json_object *more_response(const char *line, const char *id)
{
	struct json_object *logs = json_object_new_array();

	if (line)
		json_object_array_add(logs, js_str(line));
	return response(logs, id);
}

static void send(struct call *c, struct json_object *one)
{
	struct json_object *o = json_object_new_object();

	js_set(o, "reply", one);
	reply_continues(c, o);
}

void more_send(struct call *c, const char *line)
{
	if (c->more)
		send(c, more_response(line, ""));
}

void more_end(struct call *c, const struct strv *lines, const char *id)
{
	/* Go: an array that was made is [], one that was not is null. */
	reply_one(c, "reply", response(c->more && !lines->n ? words_array(lines) : words_array_or_null(lines), id));
}

void more_spin(struct call *c, const char *id)
{
	if (!c->more)
		return;
	send(c, response(NULL, id));
	for (int i = 0; i < SPINS && !c->answered; i++)
		send(c, more_response(NULL, id));
}

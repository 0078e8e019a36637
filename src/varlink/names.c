/* varlink/names.c: tag and untag. */
#include "varlink/names.h"

#include <openssl/rand.h>

#include "base/cleanup.h"
#include "base/log.h"

static struct json_object *tag_params(const char *name, const char *key, const char *tag)
{
	struct json_object *in = host_name(name);

	js_set_str(in, key, tag);
	return in;
}

int host_image_tag(struct engine *e, const char *name, const char *as, struct error *err)
{
	return host_call(host_of(e), "TagImage", tag_params(name, "tagged", as), engine_reply_ms(), NULL, err);
}

static int untag(struct host *h, const char *name, const char *tag, struct error *err)
{
	return host_call(h, "UntagImage", tag_params(name, "tag", tag), engine_reply_ms(), NULL, err);
}

int names_make(struct buf *ret, struct error *err)
{
	unsigned char random[8];

	if (RAND_bytes(random, sizeof random) != 1)
		return error_set(err, ERR_SYSTEM, "no random numbers");
	buf_add_z(ret, "localhost/podman-build-");
	for (size_t i = 0; i < sizeof random; i++)
		buf_addf(ret, "%02x", random[i]);
	buf_add_z(ret, ":latest");
	return buf_check(ret, "image name", err);
}

/* Another image that has a name. Borrowed from images; NULL when there is none. */
static const char *other_image(struct json_object *images, const char *id)
{
	for (size_t i = 0; i < js_len(images); i++) {
		struct json_object *image = js_at(images, i);

		if (js_len(js_get(image, "repoTags")) && strcmp(js_get_str(image, "id", ""), id) != 0)
			return js_get_str(image, "id", NULL);
	}
	return NULL;
}

static int remove_by_name(struct host *h, const char *name, struct error *err)
{
	struct json_object *in = host_name(name);

	js_set_bool(in, "force", false);
	return host_call(h, "RemoveImage", in, engine_reply_ms(), NULL, err);
}

/* 1.6.2 can't untag, and removing an image by its only name removes the image. So the name is moved to an image that has others,
 * from which it can be removed. */
static int drop_by_detour(struct host *h, const char *id, const char *name, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	const char *other;
	int r = host_ask(h, "ListImages", NULL, &reply, err);

	if (r < 0)
		return r;
	other = other_image(js_get(reply, "images"), id);
	if (!other)
		return error_set(err, ERR_NOT_FOUND, "no other image");
	r = host_image_tag(&h->engine, other, name, err);
	return r < 0 ? r : remove_by_name(h, name, err);
}

/* 1.6.2 removes an image by one of several names as others untag it. */
static int untag_old(struct host *h, const char *id, const char *tag, bool last, struct error *err)
{
	int r;

	if (!last)
		return remove_by_name(h, tag, err);
	r = drop_by_detour(h, id, tag, err);
	return r < 0 ? error_context(err, "Podman %s can't take the last name of an image", h->engine.version) : 0;
}

static bool has_name(struct json_object *tags, const char *tag)
{
	for (size_t i = 0; i < js_len(tags); i++)
		if (str_eq_z(js_text(js_at(tags, i)), tag))
			return true;
	return false;
}

int host_image_untag(struct engine *e, const char *name, const char *tag, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *image = NULL;
	struct host *h = host_of(e);
	bool old = !host_at_least(h, 1, 8, 0);
	struct json_object *tags;
	const char *id;
	int r = 0;

	if (tag && !old)
		return untag(h, name, tag, err);
	r = host_ask_text(h, "InspectImage", name, "image", &image, err);
	tags = js_get(image, "RepoTags");
	id = js_get_str(image, "Id", name);
	if (r == 0 && tag)
		return has_name(tags, tag) ? untag_old(h, id, tag, js_len(tags) == 1, err) : error_set(err, ERR_NOT_FOUND, "%s: tag not known", tag);
	for (size_t i = 0; r == 0 && i < js_len(tags); i++) {
		const char *one = json_object_get_string(js_at(tags, i));

		r = old ? untag_old(h, id, one, i + 1 == js_len(tags), err) : untag(h, id, one, err);
	}
	return r;
}

void names_drop(struct host *h, const char *id, const char *name)
{
	CLEANUP(error_done) struct error why = ERROR_INIT;
	int r = host_at_least(h, 1, 8, 0) ? untag(h, id, name, &why) : drop_by_detour(h, id, name, &why);

	if (r < 0)
		log_warn("The image keeps the name %s: %s", name, why.text);
}

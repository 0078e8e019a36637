#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "container.h"
#include "event.h"
#include "image.h"
#include "image_words.h"
#include "methods.h"
#include "words.h"

void podman_tag_image(struct call *c)
{
	struct image *i = image_named(c, "name");
	CLEANUP(free_p) char *full = NULL;
	struct error err = ERROR_INIT;

	if (!i)
		return;
	if (image_full_name(call_str(c, "tagged"), &full, &err) < 0) {
		reply_error_occurred(c, "%s", err.text);
		error_done(&err);
		return;
	}
	image_add_name(c->host, i, full);
	event_add(c->host, "image", "tag", i->id, full, full);
	reply_one(c, "image", js_str(i->id));
}

/* A name that the image does not have is no failure. */
void podman_untag_image(struct call *c)
{
	struct image *i = image_named(c, "name");
	CLEANUP(free_p) char *full = NULL;
	struct error err = ERROR_INIT;

	if (!i)
		return;
	if (image_full_name(call_str(c, "tag"), &full, &err) < 0) {
		reply_error_occurred(c, "%s", err.text);
		error_done(&err);
		return;
	}
	image_drop_name(c->host, i, full);
	reply_one(c, "image", js_str(i->id));
}

static void remove_users(struct host *h, const struct image *image)
{
	for (struct container *c = h->containers, *next; c; c = next) {
		next = c->next;
		if (strcmp(c->image_id, image->id) == 0)
			container_remove(c);
	}
}

/* The name that the client meant when it did not give an ID. */
static char *meant_name(const struct image *i, const char *asked)
{
	CLEANUP(free_p) char *full = NULL;

	if (strncmp(i->id, asked, strlen(asked)) == 0)
		return NULL;
	if (image_full_name(asked, &full, NULL) == 0 && strv_has(&i->names, full))
		return ptr_take(&full);
	return i->names.n ? z_dup(i->names.v[0]) : NULL;
}

/* One of several names is only taken away; the last one takes the image along. */
static bool remove_named(struct call *c, struct strv *untagged, char ret_deleted[65])
{
	struct image *i = image_named(c, "name");
	bool force = js_get_bool(c->params, "force", false);
	CLEANUP(free_p) char *name = i ? meant_name(i, call_str(c, "name")) : NULL;

	CLEANUP(js_put_p) struct json_object *history = NULL;

	*ret_deleted = '\0';
	if (!i)
		return false;
	if (name && i->names.n > 1) {
		image_drop_name(c->host, i, name);
		strv_add(untagged, name);
		return true;
	}
	if (image_containers(c->host, i) && !force) {
		reply_error_occurred(c, "could not remove image %s as it is being used by %zu containers", i->id,
				     image_containers(c->host, i));
		return false;
	}
	if (i->names.n > 1 && !force) {
		reply_error_occurred(
			c, "unable to delete %s (must force) - image is referred to in multiple tags: image must be force removed",
			i->id);
		return false;
	}
	remove_users(c->host, i);
	strv_add_all(untagged, &i->names);
	memcpy(ret_deleted, i->id, sizeof i->id);
	history = json_object_get(image_history(i));
	image_remove(c->host, i);
	image_remove_orphans(c->host, history);
	return true;
}

void podman_remove_image(struct call *c)
{
	CLEANUP(strv_done) struct strv untagged = { 0 };
	struct image *i = image_find(c->host, call_str(c, "name"), NULL);
	char id[65] = "", deleted[65];

	if (i)
		memcpy(id, i->id, sizeof id);
	if (remove_named(c, &untagged, deleted))
		reply_one(c, "image", js_str(id));
}

void podman_remove_image_with_response(struct call *c)
{
	CLEANUP(strv_done) struct strv untagged = { 0 };
	char deleted[65];
	struct json_object *o;

	if (!remove_named(c, &untagged, deleted))
		return;
	o = json_object_new_object();
	js_set(o, "untagged", words_array(&untagged));
	js_set_str(o, "deleted", deleted);
	reply_one(c, "response", o);
}

/* Nameless images, or all that no container uses. */
void podman_images_prune(struct call *c)
{
	bool all = js_get_bool(c->params, "all", false);
	struct json_object *list = NULL;

	for (struct image *i = c->host->images, *next; i; i = next) {
		next = i->next;
		if ((i->names.n && !all) || image_containers(c->host, i))
			continue;
		if (!list)
			list = json_object_new_array();
		json_object_array_add(list, js_str(i->id));
		image_remove(c->host, i);
	}
	reply_one(c, "pruned", list);
}

/* All that no container uses, whatever it is called. */
void podman_delete_unused_images(struct call *c)
{
	struct json_object *list = NULL;

	for (struct image *i = c->host->images, *next; i; i = next) {
		next = i->next;
		if (image_containers(c->host, i))
			continue;
		if (!list)
			list = json_object_new_array();
		json_object_array_add(list, js_str(i->id));
		image_remove(c->host, i);
	}
	reply_one(c, "images", list);
}

#include "cmd/podman/image_row.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/js.h"
#include "output/human.h"

#define TEXT_MAX (256 * 1024)
#define ID_SHOWN 12

bool image_name_split(struct str full, struct image_name *ret)
{
	size_t colon = full.n;

	/* A colon before a slash belongs to a port. */
	for (size_t i = full.n; i > 0 && full.p[i - 1] != '/'; i--)
		if (full.p[i - 1] == ':')
			colon = i - 1;
	ret->repository = colon ? str_dup((struct str){ full.p, colon }) : z_dup("<none>");
	ret->tag = colon < full.n ? str_dup((struct str){ full.p + colon + 1, full.n - colon - 1 }) : z_dup("<none>");
	return ret->repository && ret->tag;
}

void image_name_done(struct image_name *n)
{
	free(n->repository);
	free(n->tag);
}

static struct json_object *list_or_empty(struct json_object *list)
{
	return list ? json_object_get(list) : json_object_new_array();
}

static void put(struct json_object *row, const char *key, struct buf *b)
{
	js_set(row, key, js_strn(buf_str(b)));
	buf_clear(b);
}

static void put_id(struct json_object *row, const char *id, bool no_trunc, struct buf *b)
{
	size_t n = strlen(id);

	if (no_trunc)
		buf_addf(b, "sha256:%s", id);
	else
		buf_add(b, (struct str){ id, n < ID_SHOWN ? n : ID_SHOWN });
	put(row, "ID", b);
	js_set_str(row, "Id", id);
}

static void put_times(struct json_object *row, int64_t created_s, int64_t now_s, struct buf *b)
{
	int64_t age_s = 0;

	instant_go_string((struct instant){ .s = created_s }, b);
	js_set(row, "CreatedTime", js_strn(buf_str(b)));
	put(row, "CreatedAt", b);
	if (now_s > created_s && __builtin_sub_overflow(now_s, created_s, &age_s))
		age_s = INT64_MAX;
	human_duration(age_s, b);
	buf_add(b, STR(" ago"));
	js_set(row, "CreatedSince", js_strn(buf_str(b)));
	put(row, "Created", b);
}

static void put_history(struct json_object *row, struct json_object *history, struct buf *b)
{
	for (size_t i = 0; i < js_len(history); i++) {
		buf_add_z(b, i ? ", " : "");
		buf_add(b, js_text(js_at(history, i)));
	}
	put(row, "History", b);
}

struct json_object *image_row(struct json_object *image, const struct image_name *name, const struct image_show *show)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(TEXT_MAX);
	struct json_object *row = json_object_new_object(), *labels = js_get(image, "Labels");
	struct json_object *names = js_get_any(image, "Names", "RepoTags", NULL);

	js_set_str(row, "Repository", name->repository);
	js_set_str(row, "Tag", name->tag);
	put_id(row, js_get_str(image, "Id", ""), show->no_trunc, &b);
	put_times(row, js_get_int(image, "Created", 0), show->now_s, &b);
	human_size((double)js_get_int(image, "Size", 0), 3, true, &b);
	put(row, "Size", &b);
	put_history(row, js_get(image, "History"), &b);
	js_set_str(row, "Digest", js_get_str(image, "Digest", "<none>"));
	js_set_str(row, "ParentId", js_get_str(image, "ParentId", ""));
	js_set_int(row, "Containers", js_get_int(image, "Containers", 0));
	js_set_int(row, "SharedSize", js_get_int(image, "SharedSize", 0));
	js_set_int(row, "VirtualSize", js_get_int(image, "VirtualSize", 0));
	js_set_bool(row, "Dangling", js_get_bool(image, "Dangling", false));
	js_set_bool(row, "IsDangling", js_get_bool(image, "Dangling", false));
	js_set_bool(row, "ReadOnly", js_get_bool(image, "ReadOnly", false));
	js_set_bool(row, "IsReadOnly", js_get_bool(image, "ReadOnly", false));
	js_set(row, "Labels", json_object_get(labels)); /* null prints as the empty map that it is to podman */
	js_set(row, "Names", list_or_empty(names));
	js_set(row, "RepoTags", list_or_empty(names));
	js_set(row, "RepoDigests", list_or_empty(js_get(image, "RepoDigests")));
	return row;
}

struct json_object *image_json(struct json_object *image)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(TEXT_MAX);
	struct json_object *out = json_object_new_object();
	int64_t created_s = js_get_int(image, "Created", 0);

	/* Podman prints the time last. */
	json_object_object_foreach(image, key, value)
	{
		if (strcmp(key, "Created") != 0)
			js_set(out, key, json_object_get(value));
	}
	js_set_int(out, "Created", created_s);
	instant_rfc3339((struct instant){ .s = created_s }, &b);
	put(out, "CreatedAt", &b);
	return out;
}

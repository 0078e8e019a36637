#include "rest/normalize.h"

#include "base/cleanup.h"
#include "base/clock.h"

/* Renames a member unless the new name is there. */
static void rename_member(struct json_object *o, const char *old, const char *new)
{
	struct json_object *v = js_get(o, old);

	if (!v)
		return;
	if (!js_get(o, new))
		js_set(o, new, json_object_get(v));
	json_object_object_del(o, old);
}

static void normalize_port(struct json_object *port)
{
	if (!json_object_is_type(port, json_type_object))
		return;
	rename_member(port, "hostIP", "host_ip");
	rename_member(port, "containerPort", "container_port");
	rename_member(port, "hostPort", "host_port");
	if (!js_get(port, "host_ip"))
		js_set_str(port, "host_ip", "");
	if (!js_get(port, "range"))
		js_set_int(port, "range", 1);
}

static void unix_to_text(struct json_object *item, const char *key)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64);
	struct json_object *v = js_get(item, key);

	if (!json_object_is_type(v, json_type_int))
		return;
	instant_rfc3339((struct instant){ .s = json_object_get_int64(v) }, &text);
	js_set_str(item, key, buf_z(&text));
}

void normalize_container(struct json_object *item)
{
	struct json_object *ports = js_get(item, "Ports");

	if (!json_object_is_type(item, json_type_object))
		return;
	unix_to_text(item, "Created");
	if (str_eq(js_text(js_get(item, "State")), STR("configured"))) /* until 3.x, for what was never started */
		js_set_str(item, "State", "created");
	for (size_t i = 0; i < js_len(ports); i++)
		normalize_port(js_at(ports, i));
}

void normalize_image(struct json_object *item)
{
	struct json_object *created = js_get(item, "Created");
	struct instant t;

	if (json_object_is_type(created, json_type_string) && instant_parse_rfc3339(js_text(created), &t))
		js_set_int(item, "Created", t.s);
}

static struct json_object *list_or_empty(struct json_object *o, const char *key)
{
	struct json_object *list = js_get(o, key);

	return json_object_is_type(list, json_type_array) ? json_object_get(list) : json_object_new_array();
}

void normalize_image_removal(struct json_object **report)
{
	CLEANUP(js_put_p) struct json_object *in = *report;
	struct json_object *out = json_object_new_object(), *errors = list_or_empty(in, "Errors");
	const char *error = js_get_str(in, "Error", "");

	if (*error) /* one text on 2.x */
		json_object_array_add(errors, js_str(error));
	js_set(out, "Deleted", list_or_empty(in, "Deleted"));
	js_set(out, "Untagged", list_or_empty(in, "Untagged"));
	js_set(out, "ExitCode", json_object_new_int64(js_get_int(in, "ExitCode", js_len(errors) ? 125 : 0)));
	js_set(out, "Errors", errors);
	*report = out;
}

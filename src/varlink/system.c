/* varlink/system.c: what the host is, and what one object is. */
#include "base/cleanup.h"
#include "varlink/host.h"
#include "varlink/translate.h"

int host_version(struct engine *e, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	int r = host_ask(host_of(e), "GetVersion", NULL, &reply, err);

	if (r < 0)
		return r;
	*ret = translate_version(reply);
	return 0;
}

int host_info(struct engine *e, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL, *version = NULL;
	int r = host_version(e, &version, err);

	if (r == 0)
		r = host_ask(host_of(e), "GetInfo", NULL, &reply, err);
	if (r < 0)
		return r;
	*ret = translate_info(js_get(reply, "info"), ptr_take(&version));
	return 0;
}

static int inspect_container(struct host *h, const char *name, bool size, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL, *params = host_name(name);
	int r;

	js_set_bool(params, "size", size);
	r = host_ask(h, "ContainerInspectData", ptr_take(&params), &reply, err);
	if (r == 0)
		r = js_parse(js_text(js_get(reply, "config")), "ContainerInspectData", ret, err);
	if (r == 0)
		translate_inspected_container(*ret);
	return r;
}

/* All are listed: GetVolumes with an unknown name closes the connection, and 1.6.2 has no other way to ask for one. */
static int find_volume(struct host *h, const char *name, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL, *params = json_object_new_object();
	struct json_object *volumes;
	int r;

	js_set(params, "args", json_object_new_array());
	js_set_bool(params, "all", true);
	r = host_ask(h, "GetVolumes", ptr_take(&params), &reply, err);
	if (r < 0)
		return r;
	volumes = js_get(reply, "volumes");
	for (size_t i = 0; i < js_len(volumes); i++) {
		if (strcmp(js_get_str(js_at(volumes, i), "name", ""), name) == 0) {
			*ret = translate_volume(js_at(volumes, i));
			return 0;
		}
	}
	return error_set(err, ERR_NOT_FOUND, "no volume with name \"%s\" found: no such volume", name);
}

int host_inspect(struct engine *e, enum object_kind kind, const char *name, bool size, struct json_object **ret, struct error *err)
{
	struct host *h = host_of(e);

	switch (kind) {
	case OBJECT_CONTAINER:
		return inspect_container(h, name, size, ret, err);
	case OBJECT_IMAGE:
		return host_ask_text(h, "InspectImage", name, "image", ret, err);
	case OBJECT_VOLUME:
		return find_volume(h, name, ret, err);
	case OBJECT_POD:
		return host_ask_text(h, "InspectPod", name, "pod", ret, err);
	case OBJECT_NETWORK:
		break;
	}
	return engine_unsupported(e, err, "looking at networks");
}

/* ContainerExists and ImageExists: 0 is yes. */
static int ask_exists(struct host *h, const char *method, const char *name, bool *ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	int r = host_ask(h, method, host_name(name), &reply, err);

	if (r < 0)
		return r;
	*ret = js_get_int(reply, "exists", 1) == 0;
	return 0;
}

int host_exists(struct engine *e, enum object_kind kind, const char *name, bool *ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *found = NULL;
	int r;

	if (kind == OBJECT_CONTAINER)
		return ask_exists(host_of(e), "ContainerExists", name, ret, err);
	if (kind == OBJECT_IMAGE)
		return ask_exists(host_of(e), "ImageExists", name, ret, err);
	r = host_inspect(e, kind, name, false, &found, err);
	if (r < 0 && r != -ERR_NOT_FOUND)
		return r;
	*ret = r == 0;
	return error_clear(err);
}

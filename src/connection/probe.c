#include "connection/probe.h"

#include <json-c/json.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/log.h"
#include "base/path.h"

#define MEMORY_MAX_BYTES (256 * 1024)
#define MEMORY_MAX_HOSTS 500

const char *protocol_word(enum protocol p)
{
	return p == PROTOCOL_VARLINK ? "varlink" : p == PROTOCOL_REST ? "rest" : "unknown";
}

enum protocol protocol_guess(const char *path)
{
	return path && str_ends(str_from(path), STR("io.podman")) ? PROTOCOL_VARLINK : PROTOCOL_REST;
}

bool probe_candidates(long uid, struct strv *ret_paths)
{
	bool ok = true;

	if (uid > 0) {
		ok &= strv_addf(ret_paths, "/run/user/%ld/podman/podman.sock", uid);
		ok &= strv_addf(ret_paths, "/run/user/%ld/podman/io.podman", uid);
	}
	ok &= strv_add(ret_paths, "/run/podman/podman.sock");
	return ok & strv_add(ret_paths, "/run/podman/io.podman");
}

static char *memory_file(void)
{
	CLEANUP(free_p) char *cache = path_cache_home();

	return cache ? path_join(cache, "farpod/hosts.json") : NULL;
}

/* The whole memory: { "ssh://root@box:22": { "path": "...", "protocol": "rest" } }; an empty object when there is none. */
static struct json_object *memory_load(const char *file)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(MEMORY_MAX_BYTES);
	struct json_object *all = NULL;

	if (path_read(file, &text, NULL) == 0 && js_parse(buf_str(&text), file, &all, NULL) == 0 &&
	    json_object_is_type(all, json_type_object))
		return all;
	json_object_put(all);
	return json_object_new_object();
}

void memory_recall(const char *host, char **ret_path, enum protocol *ret_protocol)
{
	CLEANUP(free_p) char *file = memory_file();
	CLEANUP(js_put_p) struct json_object *all = file ? memory_load(file) : NULL;
	struct json_object *known = js_get(all, host);
	const char *protocol = js_get_str(known, "protocol", "");

	*ret_path = z_dup(js_get_str(known, "path", NULL));
	*ret_protocol = str_eq_z(STR("varlink"), protocol) ? PROTOCOL_VARLINK
			: str_eq_z(STR("rest"), protocol)  ? PROTOCOL_REST
							   : PROTOCOL_UNKNOWN;
}

void memory_keep(const char *host, const char *path, enum protocol protocol)
{
	CLEANUP(free_p) char *file = memory_file();
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *cache = path_cache_home();
	CLEANUP(free_p) char *dir = cache ? path_join(cache, "farpod") : NULL;

	if (!file || !dir)
		return;

	CLEANUP(js_put_p) struct json_object *all = memory_load(file);
	struct json_object *known = json_object_new_object();

	if (json_object_object_length(all) >= MEMORY_MAX_HOSTS) {
		json_object_put(all);
		all = json_object_new_object();
	}
	js_set_str(known, "path", path);
	js_set_str(known, "protocol", protocol_word(protocol));
	js_set(all, host, known);
	if (path_make_dirs(dir, 0700, &err) < 0 || path_write_atomic(file, str_from(js_wire(all)), 0600, &err) < 0)
		log_debug("not remembered what answers at %s: %s", host, err.text);
}

#include "varlink/translate.h"

#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/units.h"

static struct json_object *strv_or_empty(struct json_object *array)
{
	return js_len(array) ? json_object_get(array) : json_object_new_array();
}

static struct json_object *map_or_empty(struct json_object *map)
{
	return map ? json_object_get(map) : json_object_new_object();
}

static struct json_object *list_of(const char *z)
{
	struct json_object *list = json_object_new_array();

	if (*z)
		json_object_array_add(list, js_str(z));
	return list;
}

static int64_t unix_of(struct json_object *o, const char *key, int64_t dflt)
{
	struct instant t;

	return instant_parse_rfc3339(js_text(js_get(o, key)), &t) ? t.s : dflt;
}

/* ---- containers ------------------------------------------------------------------------------------------------------ */

int64_t translate_exit_code(struct str status)
{
	struct str code;
	int64_t n;

	if (!str_starts(status, STR("Exited (")))
		return 0;
	str_cut(status, '(', NULL, &code);
	return str_cut(code, ')', &code, NULL) && int_parse(code, &n) ? n : 0;
}

/* "1000-1002" or "80": first and number. */
static bool port_range(struct str s, int64_t *ret_first, int64_t *ret_n)
{
	struct str first, last;
	int64_t end;

	if (!str_cut(s, '-', &first, &last))
		last = first;
	if (!int_parse(first, ret_first) || !int_parse(last, &end) || *ret_first < 0 || end < *ret_first || end > 65535)
		return false;
	*ret_n = end - *ret_first + 1;
	return true;
}

/* "0.0.0.0:8080->80/tcp"; the address may have colons (IPv6), the host part may be missing. */
static struct json_object *port_of(struct str s)
{
	struct json_object *o;
	struct str host = { 0 }, ctr, proto, ip = { 0 };
	int64_t host_port = 0, ctr_port, n;
	const char *arrow = NULL;

	for (size_t i = 0; i + 1 < s.n && !arrow; i++)
		if (s.p[i] == '-' && s.p[i + 1] == '>')
			arrow = s.p + i;
	ctr = s;
	if (arrow) {
		host = (struct str){ s.p, (size_t)(arrow - s.p) };
		ctr = (struct str){ arrow + 2, s.n - host.n - 2 };
		for (size_t i = host.n; i > 0 && ip.n == 0; i--)
			if (host.p[i - 1] == ':')
				ip = (struct str){ host.p, i - 1 };
		if (ip.n)
			host = (struct str){ host.p + ip.n + 1, host.n - ip.n - 1 };
		if (!port_range(host, &host_port, &n))
			return NULL;
	}
	str_cut(ctr, '/', &ctr, &proto);
	if (!port_range(ctr, &ctr_port, &n))
		return NULL;
	o = json_object_new_object();
	/* 4.x says nothing for "every address". */
	js_set(o, "host_ip", js_strn(str_eq(ip, STR("0.0.0.0")) ? STR("") : ip));
	js_set_int(o, "container_port", ctr_port);
	js_set_int(o, "host_port", host_port);
	js_set_int(o, "range", n);
	js_set(o, "protocol", js_strn(proto));
	return o;
}

struct json_object *translate_ports(struct str text)
{
	struct json_object *list = json_object_new_array();

	while (text.n) {
		struct str one, rest;
		struct json_object *port;

		if (!str_cut(text, ',', &one, &rest))
			rest = (struct str){ 0 };
		port = port_of(str_trim(one));
		if (port)
			json_object_array_add(list, port);
		text = rest;
	}
	return list;
}

static struct json_object *words_of(struct str text)
{
	struct json_object *list = json_object_new_array();

	for (text = str_trim(text); text.n; text = str_trim(text)) {
		struct str one, rest;

		if (!str_cut(text, ' ', &one, &rest))
			rest = (struct str){ 0 };
		json_object_array_add(list, js_strn(one));
		text = rest;
	}
	return list;
}

/* ipc holds the cgroup's number, a mistake of all these services; nothing is better than a wrong one. */
static struct json_object *namespaces_of(struct json_object *in)
{
	static const char *const names[][2] = { { "cgroup", "Cgroup" }, { "mnt", "Mnt" },   { "net", "Net" },
						{ "pidNs", "Pidns" },   { "user", "User" }, { "uts", "Uts" } };
	struct json_object *out = json_object_new_object();

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (*js_get_str(in, names[i][0], ""))
			js_set_str(out, names[i][1], js_get_str(in, names[i][0], ""));
	return out;
}

static struct json_object *size_of(struct json_object *in)
{
	struct json_object *out = json_object_new_object();

	js_set_int(out, "rootFsSize", js_get_int(in, "rootFsSize", 0));
	js_set_int(out, "rwSize", js_get_int(in, "rwSize", 0));
	return out;
}

struct json_object *translate_container(struct json_object *in, bool size, bool namespaces)
{
	struct json_object *out = json_object_new_object();
	const char *state = js_get_str(in, "state", "unknown");

	js_set_bool(out, "AutoRemove", false);
	/* One text: where one word ends is not told. */
	js_set(out, "Command", list_of(js_get_str(in, "command", "")));
	js_set_str(out, "Created", js_get_str(in, "createdAt", ""));
	js_set_str(out, "CreatedAt", "");
	js_set_bool(out, "Exited", strcmp(state, "exited") == 0 || strcmp(state, "stopped") == 0);
	js_set_int(out, "ExitedAt", unix_of(in, "exitedAt", CLOCK_GO_ZERO_S));
	js_set_int(out, "ExitCode", translate_exit_code(js_text(js_get(in, "status"))));
	js_set_str(out, "Id", js_get_str(in, "id", ""));
	js_set_str(out, "Image", js_get_str(in, "image", ""));
	js_set_str(out, "ImageID", "");
	js_set_bool(out, "IsInfra", js_get_bool(in, "isInfra", false));
	js_set(out, "Labels", map_or_empty(js_get(in, "labels")));
	js_set(out, "Mounts", words_of(js_text(js_get(in, "mounts"))));
	js_set(out, "Names", list_of(js_get_str(in, "names", "")));
	js_set(out, "Namespaces", namespaces ? namespaces_of(in) : json_object_new_object());
	js_set(out, "Networks", json_object_new_array());
	js_set_int(out, "Pid", js_get_int(in, "pidNum", 0));
	js_set_str(out, "Pod", js_get_str(in, "pod", ""));
	js_set_str(out, "PodName", "");
	js_set(out, "Ports", translate_ports(js_text(js_get(in, "ports"))));
	js_set(out, "Size", size ? size_of(in) : NULL);
	js_set_int(out, "StartedAt", unix_of(in, "startedAt", CLOCK_GO_ZERO_S));
	js_set_str(out, "State", state);
	js_set_str(out, "Status", "");
	return out;
}

/* [{hostPort, containerPort, protocol, hostIP}] to {"80/tcp": [{HostIp, HostPort}]}. */
static struct json_object *port_map(struct json_object *list)
{
	struct json_object *map = json_object_new_object();

	for (size_t i = 0; i < js_len(list); i++) {
		struct json_object *in = js_at(list, i), *at, *binding = json_object_new_object();
		char key[64], host_port[24];

		snprintf(key, sizeof key, "%lld/%s", (long long)js_get_int(in, "containerPort", 0),
			 js_get_str(in, "protocol", "tcp"));
		snprintf(host_port, sizeof host_port, "%lld", (long long)js_get_int(in, "hostPort", 0));
		js_set_str(binding, "HostIp", js_get_str(in, "hostIP", ""));
		js_set_str(binding, "HostPort", host_port);
		at = js_get(map, key);
		if (!at) {
			at = json_object_new_array();
			js_set(map, key, at);
		}
		json_object_array_add(at, binding);
	}
	return map;
}

void translate_inspected_container(struct json_object *o)
{
	struct json_object *state = js_get(o, "State"), *net = js_get(o, "NetworkSettings"), *check = js_get(state, "Healthcheck");

	if (check && !js_get(state, "Health"))
		js_set(state, "Health", json_object_get(check));
	if (net && !json_object_is_type(js_get(net, "Ports"), json_type_object))
		js_set(net, "Ports", port_map(js_get(net, "Ports")));
}

/* ---- images and volumes ---------------------------------------------------------------------------------------------- */

struct json_object *translate_image(struct json_object *in)
{
	struct json_object *out = json_object_new_object(), *tags = js_get(in, "repoTags");
	int64_t size = js_get_int(in, "size", 0), virtual_size = js_get_int(in, "virtualSize", 0);

	js_set_str(out, "Id", js_get_str(in, "id", ""));
	js_set_str(out, "ParentId", js_get_str(in, "parentId", ""));
	js_set(out, "RepoTags", strv_or_empty(tags));
	js_set(out, "RepoDigests", strv_or_empty(js_get(in, "repoDigests")));
	js_set_int(out, "Created", unix_of(in, "created", 0));
	js_set_int(out, "Size", size);
	js_set_int(out, "SharedSize", 0);
	/* The list has 0 here, 4.x the size. */
	js_set_int(out, "VirtualSize", virtual_size ? virtual_size : size);
	js_set(out, "Labels", js_get(in, "labels") ? json_object_get(js_get(in, "labels")) : NULL);
	js_set_int(out, "Containers", js_get_int(in, "containers", 0));
	js_set(out, "Names", strv_or_empty(tags));
	js_set_str(out, "Digest", js_get_str(in, "digest", ""));
	js_set(out, "History", strv_or_empty(js_get(in, "history")));
	if (js_len(tags) == 0)
		js_set_bool(out, "Dangling", true);
	if (js_get_bool(in, "readOnly", false))
		js_set_bool(out, "ReadOnly", true);
	return out;
}

struct json_object *translate_history(struct json_object *in, bool top)
{
	struct json_object *out = json_object_new_object();

	js_set_str(out, "Id", js_get_str(in, "id", ""));
	js_set_int(out, "Created", unix_of(in, "created", 0));
	js_set_str(out, "CreatedBy", js_get_str(in, "createdBy", ""));
	js_set(out, "Tags", strv_or_empty(top ? js_get(in, "tags") : NULL));
	js_set_int(out, "Size", js_get_int(in, "size", 0));
	js_set_str(out, "Comment", js_get_str(in, "comment", ""));
	return out;
}

struct json_object *translate_change(struct json_object *in)
{
	static const char kinds[] = "CAD";
	struct json_object *out = json_object_new_object();
	const char *type = js_get_str(in, "changeType", ""), *at = *type ? strchr(kinds, *type) : NULL;

	js_set_str(out, "Path", js_get_str(in, "path", ""));
	js_set_int(out, "Kind", at ? at - kinds : 0);
	return out;
}

struct json_object *translate_found_image(struct json_object *in)
{
	struct json_object *out = json_object_new_object();

	js_set_str(out, "Index", js_get_str(in, "registry", ""));
	js_set_str(out, "Name", js_get_str(in, "name", ""));
	js_set_str(out, "Description", js_get_str(in, "description", ""));
	js_set_int(out, "Stars", js_get_int(in, "star_count", 0));
	js_set_str(out, "Official", js_get_bool(in, "is_official", false) ? "[OK]" : "");
	js_set_str(out, "Automated", js_get_bool(in, "is_automated", false) ? "[OK]" : "");
	js_set_str(out, "Tag", "");
	return out;
}

struct json_object *translate_volume(struct json_object *in)
{
	struct json_object *out = json_object_new_object();

	js_set_str(out, "Name", js_get_str(in, "name", ""));
	js_set_str(out, "Driver", js_get_str(in, "driver", ""));
	js_set_str(out, "Mountpoint", js_get_str(in, "mountPoint", ""));
	js_set(out, "Labels", map_or_empty(js_get(in, "labels")));
	js_set(out, "Options", map_or_empty(js_get(in, "options")));
	js_set_str(out, "Scope", "local");
	return out;
}

/* ---- top ------------------------------------------------------------------------------------------------------------- */

/* At most max fields, since a command may hold tabs itself; 0: no limit. The service ends each command with a blank. */
static struct json_object *fields_of(struct str line, size_t max)
{
	struct json_object *list = json_object_new_array();
	struct str one, rest;
	bool more = true;

	while (more) {
		more = js_len(list) + 1 != max && str_cut(line, '\t', &one, &rest);
		if (!more)
			one = line;
		json_object_array_add(list, js_strn(str_trim(one)));
		line = rest;
	}
	return list;
}

struct json_object *translate_top(struct json_object *lines)
{
	struct json_object *out = json_object_new_object(), *titles = fields_of(js_text(js_at(lines, 0)), 0);
	struct json_object *processes = json_object_new_array();

	for (size_t i = 1; i < js_len(lines); i++)
		json_object_array_add(processes, fields_of(js_text(js_at(lines, i)), js_len(titles)));
	js_set(out, "Processes", processes);
	js_set(out, "Titles", titles);
	return out;
}

/* ---- the host -------------------------------------------------------------------------------------------------------- */

/* "Mon Nov 23 17:37:41 2026" in the user's zone, as podman prints it. */
static struct json_object *built_text(int64_t unix_s)
{
	time_t t = (time_t)unix_s;
	struct tm tm;
	char text[64];

	if (!localtime_r(&t, &tm) || strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &tm) == 0)
		return js_str("");
	return js_str(text);
}

struct json_object *translate_version(struct json_object *in)
{
	struct json_object *out = json_object_new_object();
	int64_t built = unix_of(in, "built", 0);
	char api[24];
	struct str os;

	snprintf(api, sizeof api, "%lld", (long long)js_get_int(in, "remote_api_version", 1));
	str_cut(js_text(js_get(in, "os_arch")), '/', &os, NULL);
	js_set_str(out, "Version", js_get_str(in, "version", ""));
	js_set_str(out, "APIVersion", api);
	js_set_str(out, "GoVersion", js_get_str(in, "go_version", ""));
	js_set_str(out, "GitCommit", js_get_str(in, "git_commit", ""));
	js_set(out, "BuiltTime", built_text(built));
	js_set_int(out, "Built", built);
	js_set_str(out, "OsArch", js_get_str(in, "os_arch", ""));
	js_set(out, "Os", js_strn(os));
	return out;
}

/* Copies members under other names; absent ones stay absent. */
static void copy_members(struct json_object *in, struct json_object *out, const char *const (*names)[2], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (js_get(in, names[i][0]))
			js_set(out, names[i][1], json_object_get(js_get(in, names[i][0])));
}

static struct json_object *info_host(struct json_object *in)
{
	static const char *const names[][2] = {
		{ "arch", "arch" },
		{ "buildah_version", "buildahVersion" },
		{ "cpus", "cpus" },
		{ "distribution", "distribution" },
		{ "eventlogger", "eventLogger" },
		{ "hostname", "hostname" },
		{ "kernel", "kernel" },
		{ "mem_free", "memFree" },
		{ "mem_total", "memTotal" },
		{ "os", "os" },
		{ "swap_free", "swapFree" },
		{ "swap_total", "swapTotal" },
		{ "uptime", "uptime" },
	};
	struct json_object *out = json_object_new_object();

	copy_members(in, out, names, ARRAY_LEN(names));
	return out;
}

static struct json_object *number_object(struct json_object *number)
{
	struct json_object *out = json_object_new_object();

	js_set(out, "number", number ? json_object_get(number) : json_object_new_int(0));
	return out;
}

static struct json_object *info_store(struct json_object *in)
{
	static const char *const names[][2] = {
		{ "graph_driver_name", "graphDriverName" },
		{ "graph_root", "graphRoot" },
		{ "run_root", "runRoot" },
	};
	static const char *const status_names[][2] = {
		{ "backing_filesystem", "Backing Filesystem" },
		{ "native_overlay_diff", "Native Overlay Diff" },
		{ "supports_d_type", "Supports d_type" },
	};
	struct json_object *out = json_object_new_object(), *status = json_object_new_object();

	js_set(out, "containerStore", number_object(js_get(in, "containers")));
	copy_members(in, out, names, ARRAY_LEN(names));
	/* The service sends Go's text of a map, "map[]", which nobody can read back. */
	js_set(out, "graphOptions", json_object_new_object());
	copy_members(js_get(in, "graph_status"), status, status_names, ARRAY_LEN(status_names));
	js_set(out, "graphStatus", status);
	js_set(out, "imageStore", number_object(js_get(in, "images")));
	return out;
}

/* 1.8.0 and later: {search, insecure, blocked}; 1.6.2: the search list, and the insecure ones beside it. */
static struct json_object *info_registries(struct json_object *in)
{
	struct json_object *out = json_object_new_object(), *registries = js_get(in, "registries");
	bool is_list = !registries || json_object_is_type(registries, json_type_array);
	struct json_object *search = is_list ? registries : js_get(registries, "search");
	struct json_object *insecure = is_list ? js_get(in, "insecure_registries") : js_get(registries, "insecure");

	if (js_len(search))
		js_set(out, "search", json_object_get(search));
	if (js_len(insecure))
		js_set(out, "insecure", json_object_get(insecure));
	return out;
}

struct json_object *translate_info(struct json_object *in, struct json_object *version)
{
	struct json_object *out = json_object_new_object();

	js_set(out, "host", info_host(js_get(in, "host")));
	js_set(out, "store", info_store(js_get(in, "store")));
	js_set(out, "registries", info_registries(in));
	if (version)
		js_set(out, "version", version);
	return out;
}

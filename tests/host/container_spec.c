#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "create.h"
#include "describe.h"
#include "layer.h"
#include "templates.h"
#include "tree.h"
#include "words.h"

static const char *const capabilities[] = {
	"CAP_AUDIT_WRITE",      "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",  "CAP_KILL",   "CAP_MKNOD",
	"CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP",      "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
};

int64_t container_root_bytes(const struct container *c)
{
	const char *tree;

	return layer_tree(c->host, c->top, &tree, NULL) == 0 ? tree_size(tree) : 0;
}

int64_t container_rw_bytes(const struct container *c)
{
	int64_t more = tree_size(c->rootfs) - container_root_bytes(c);

	return more > 0 ? more : 0;
}

/* "HOST/root/overlay-containers/ID/userdata/NAME", or below run: where a real host has its files. */
void describe_set_userdata(struct json_object *o, const char *key, const struct container *c, const char *root, const char *name)
{
	words_setf(o, key, "%s/%s/overlay-containers/%s/userdata%s", c->host->dir, root, c->id, name);
}

struct json_object *describe_capabilities(void)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < ARRAY_LEN(capabilities); i++)
		json_object_array_add(list, js_str(capabilities[i]));
	return list;
}

struct json_object *describe_ulimits(const struct container *c, bool spec)
{
	struct json_object *ulimit = js_get(c->create, "ulimit"), *list = json_object_new_array();

	for (size_t i = 0; i < js_len(ulimit); i++) {
		const char *text = js_text(js_at(ulimit, i)).p, *equals = strchr(text, '=');
		struct json_object *o = json_object_new_object();
		CLEANUP(buf_done) struct buf name = BUF_INIT(256);
		int64_t soft = 0, hard = 0;

		buf_add_z(&name, "RLIMIT_");
		for (const char *p = text; p < equals; p++)
			buf_add_char(&name, (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p));
		ulimit_parse(equals ? equals + 1 : "", &soft, &hard);
		js_set_str(o, spec ? "type" : "Name", buf_z(&name));
		js_set_int(o, spec ? "hard" : "Soft", spec ? hard : soft);
		js_set_int(o, spec ? "soft" : "Hard", spec ? soft : hard);
		json_object_array_add(list, o);
	}
	return list;
}

struct json_object *describe_mount_options(const struct container *c, const struct mount *m, bool whole)
{
	struct json_object *options = json_object_new_array();

	if (whole && (m->read_only || m->volume))
		json_object_array_add(options, js_str(m->read_only ? "ro" : "rw"));
	if (whole)
		json_object_array_add(options, js_str("rprivate"));
	if (m->volume && c->host->version != V193)
		json_object_array_add(options, js_str("noexec"));
	if (m->volume) {
		json_object_array_add(options, js_str("nosuid"));
		json_object_array_add(options, js_str("nodev"));
	}
	json_object_array_add(options, js_str("rbind"));
	return options;
}

struct json_object *describe_mounts(const struct container *c)
{
	CLEANUP(js_put_p) struct json_object *template = words_parse(spec_template);
	struct json_object *list = json_object_new_array(), *fixed = js_get(template, "mounts");

	for (size_t i = 0; i < c->n_mounts; i++) {
		struct json_object *o;

		/* Named volumes come in when the container is started. */
		if (c->mounts[i].volume)
			continue;
		o = json_object_new_object();
		js_set_str(o, "destination", c->mounts[i].destination);
		js_set_str(o, "type", "bind");
		js_set_str(o, "source", c->mounts[i].source);
		js_set(o, "options", describe_mount_options(c, &c->mounts[i], true));
		json_object_array_add(list, o);
	}
	for (size_t i = 0; i < js_len(fixed); i++)
		json_object_array_add(list, json_object_get(js_at(fixed, i)));
	return list;
}

/* The name that the container gets by default, and its home, are put in when it is started: only inspect shows them. */
struct json_object *describe_env(const struct container *c, bool started)
{
	bool named = js_get(c->create, "hostname") != NULL;
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < c->env.n; i++) {
		const char *one = c->env.v[i];

		if (!started && strcmp(one, "HOME=/root") == 0)
			continue;
		/* Of a host without chroot, where it names a folder of the machine. */
		if (!started && strncmp(one, "PATH=", 5) == 0 && strncmp(one + 5, c->rootfs, strlen(c->rootfs)) == 0)
			one = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
		if (!started && !named && strncmp(one, "HOSTNAME=", 9) == 0)
			one = "HOSTNAME=";
		json_object_array_add(list, js_str(one));
	}
	return list;
}

struct json_object *describe_annotations(const struct container *c, bool inspect)
{
	static const struct {
		const char *key, *field;
	} rows[] = { { "io.podman.annotations.autoremove", "rm" },
		     { "io.podman.annotations.init", "init" },
		     { "io.podman.annotations.privileged", "privileged" },
		     { "io.podman.annotations.publish-all", "publishAll" } };
	struct json_object *o = json_object_new_object(), *given = js_get(c->create, "annotation");

	if (inspect)
		js_set_str(o, "io.container.manager", "libpod");
	if (c->host->version == V162)
		js_set_str(o, "io.kubernetes.cri-o.ContainerType", "sandbox");
	if (inspect)
		js_set(o, "io.kubernetes.cri-o.Created", words_time(c->created));
	js_set_str(o, "io.kubernetes.cri-o.TTY", c->tty ? "true" : "false");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		js_set_str(o, rows[i].key, js_get_bool(c->create, rows[i].field, false) ? "TRUE" : "FALSE");
	if (inspect)
		words_setf(o, "org.opencontainers.image.stopSignal", "%d", c->stop_signal);
	for (size_t i = 0; i < js_len(given); i++) {
		struct str key, value = { 0 };
		CLEANUP(free_p) char *k = NULL;

		str_cut(js_text(js_at(given, i)), '=', &key, &value);
		k = str_dup(key);
		js_set(o, k, js_strn(value));
	}
	return o;
}

static void fill_process(struct json_object *process, const struct container *c)
{
	struct json_object *caps = js_get(process, "capabilities");

	json_object_object_foreach(caps, kind, value)
	{
		(void)value;
		js_set(caps, kind, describe_capabilities());
	}
	js_set(process, "args", words_array(&c->argv));
	js_set(process, "env", describe_env(c, false));
	js_set_str(process, "cwd", c->workdir);
	js_set(process, "rlimits", describe_ulimits(c, true));
}

/* "terminal" comes first, and only when it is true: Go leaves a false one out. */
static struct json_object *with_terminal(struct json_object *process)
{
	struct json_object *o = json_object_new_object();

	js_set_bool(o, "terminal", true);
	json_object_object_foreach(process, key, value)
	{
		js_set(o, key, json_object_get(value));
	}
	return o;
}

struct json_object *describe_spec(const struct container *c)
{
	struct json_object *o = words_parse(spec_template), *process = js_get(o, "process");
	struct json_object *memory = js_get(js_get(js_get(o, "linux"), "resources"), "memory");

	fill_process(process, c);
	if (c->tty)
		js_set(o, "process", with_terminal(process));
	if (js_get(c->create, "hostname"))
		js_set_str(o, "hostname", c->hostname);
	else
		json_object_object_del(o, "hostname");
	js_set(o, "mounts", describe_mounts(c));
	js_set(o, "annotations", describe_annotations(c, false));
	if (c->memory_bytes) {
		js_set_int(memory, "limit", c->memory_bytes);
		js_set_int(memory, "swap", c->memory_bytes * 2);
		js_set_bool(memory, "disableOOMKiller", js_get_bool(c->create, "oomKillDisable", false));
	} else {
		json_object_object_del(js_get(js_get(o, "linux"), "resources"), "memory");
	}
	return o;
}

struct json_object *describe_ports(const struct container *c)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < c->n_ports; i++) {
		struct json_object *o = json_object_new_object();

		js_set_int(o, "hostPort", c->ports[i].host);
		js_set_int(o, "containerPort", c->ports[i].container);
		js_set_str(o, "protocol", c->ports[i].protocol);
		js_set_str(o, "hostIP", c->ports[i].host_ip);
		json_object_array_add(list, o);
	}
	return list;
}

struct json_object *describe_exit_command(const struct container *c)
{
	static const char *const words[] = { "podman", "container", "cleanup" };
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		json_object_array_add(list, js_str(words[i]));
	json_object_array_add(list, js_str(c->id));
	return list;
}

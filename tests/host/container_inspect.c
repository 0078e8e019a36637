#include <ctype.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "describe.h"
#include "gojson.h"
#include "methods.h"
#include "templates.h"
#include "words.h"

static void set_overlay(struct json_object *o, const char *key, const struct container *c, const char *name)
{
	words_setf(o, key, "%s/root/overlay/%s/%s", c->host->dir, c->id, name);
}

static void fill_inspect_state(struct json_object *o, const struct container *c)
{
	js_set_str(o, "Status", container_state_word(c->state));
	js_set_bool(o, "Running", c->state == CONTAINER_RUNNING);
	js_set_bool(o, "Paused", c->state == CONTAINER_PAUSED);
	js_set_int(o, "Pid", c->process ? c->process->pid : 0);
	js_set_int(o, "ConmonPid", getpid());
	js_set_int(o, "ExitCode", c->exit_code);
	js_set(o, "StartedAt", words_time(c->started));
	js_set(o, "FinishedAt", words_time(c->finished));
	words_drop_unless(o, "ConmonPid", c->process != NULL);
}

static void fill_paths(struct json_object *o, const struct container *c)
{
	struct json_object *layers = js_get(js_get(o, "GraphDriver"), "Data");

	describe_set_userdata(o, "ResolvConfPath", c, "run", "/resolv.conf");
	describe_set_userdata(o, "HostnamePath", c, "run", "/hostname");
	describe_set_userdata(o, "HostsPath", c, "run", "/hosts");
	describe_set_userdata(o, "StaticDir", c, "root", "");
	describe_set_userdata(o, "OCIConfigPath", c, "root", "/config.json");
	describe_set_userdata(o, "LogPath", c, "root", "/ctr.log");
	describe_set_userdata(o, "ConmonPidFile", c, "run", "/conmon.pid");
	set_overlay(layers, "LowerDir", c, "lower");
	js_set_str(layers, "MergedDir", c->rootfs);
	set_overlay(layers, "UpperDir", c, "diff");
	set_overlay(layers, "WorkDir", c, "work");
	words_drop_unless(o, "OCIConfigPath", c->was_initialized);
	words_drop_unless(layers, "MergedDir", c->process != NULL);
}

static struct json_object *inspect_mounts(const struct container *c)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct mount *m = &c->mounts[i];
		struct json_object *o =
			words_parse("{\"Type\":\"bind\",\"Name\":\"\",\"Source\":\"\",\"Destination\":\"\",\"Driver\":\"\","
				    "\"Mode\":\"\",\"Options\":[],\"RW\":true,\"Propagation\":\"rprivate\"}");

		if (m->volume) {
			js_set_str(o, "Type", "volume");
			js_set_str(o, "Name", m->volume);
			js_set_str(o, "Driver", "local");
		}
		js_set_str(o, "Source", m->source);
		js_set_str(o, "Destination", m->destination);
		js_set(o, "Options", describe_mount_options(c, m, false));
		js_set_bool(o, "RW", !m->read_only);
		json_object_array_add(list, o);
	}
	return list;
}

static void fill_network(struct json_object *o, const struct container *c)
{
	CLEANUP(buf_done) struct buf address = BUF_INIT(32);

	describe_address(c, &address);
	js_set(o, "Ports", describe_ports(c));
	if (c->process) {
		js_set_str(o, "Gateway", "10.88.0.1");
		js_set_str(o, "IPAddress", buf_z(&address));
		js_set_int(o, "IPPrefixLen", 16);
		js_set_str(o, "MacAddress", "32:8b:ac:8b:e8:b2");
		js_set_str(o, "SandboxKey", "/var/run/netns/cni-b7f394ae");
	}
	if (c->host->version != V193) {
		js_set(o, "SecondaryIPAddresses", NULL);
		js_set(o, "SecondaryIPv6Addresses", NULL);
	}
}

/* 1.x shows the entrypoint as one text, its words parted by blanks. */
static void set_entrypoint(struct json_object *o, const struct container *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);

	for (size_t i = 0; i < c->entrypoint.n; i++)
		buf_addf(&text, "%s%s", i ? " " : "", c->entrypoint.v[i]);
	js_set_str(o, "Entrypoint", buf_z(&text));
}

static void fill_inspect_config(struct json_object *o, const struct container *c)
{
	js_set_str(o, "Hostname", c->hostname);
	js_set_str(o, "User", c->user);
	js_set_bool(o, "Tty", c->tty);
	js_set_bool(o, "OpenStdin", c->interactive);
	js_set(o, "Env", describe_env(c, c->was_initialized));
	js_set(o, "Cmd", words_array(&c->command));
	js_set_str(o, "Image", c->image_name);
	js_set_str(o, "WorkingDir", c->workdir);
	js_set_int(o, "StopSignal", c->stop_signal);
	set_entrypoint(o, c);
	js_set(o, "Labels", json_object_object_length(c->labels) ? json_object_get(c->labels) : NULL);
	js_set(o, "Annotations", describe_annotations(c, true));
	words_drop_unless(o, "CreateCommand", c->host->version != V162);
}

static void set_binds(struct json_object *o, const struct container *c)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct mount *m = &c->mounts[i];
		CLEANUP(js_put_p) struct json_object *options = describe_mount_options(c, m, false);
		CLEANUP(buf_done) struct buf text = BUF_INIT(16 * 1024);

		buf_addf(&text, "%s:%s:%s,rprivate", m->volume ? m->volume : m->source, m->destination, m->read_only ? "ro" : "rw");
		for (size_t k = 0; k < js_len(options); k++)
			buf_addf(&text, ",%s", js_text(js_at(options, k)).p);
		json_object_array_add(list, js_strn(buf_str(&text)));
	}
	js_set(o, "Binds", list);
}

static void set_port_bindings(struct json_object *o, const struct container *c)
{
	struct json_object *bindings = js_get(o, "PortBindings");

	for (size_t i = 0; i < c->n_ports; i++) {
		struct json_object *list = json_object_new_array(), *one = json_object_new_object();
		CLEANUP(buf_done) struct buf key = BUF_INIT(256);

		js_set_str(one, "HostIp", c->ports[i].host_ip);
		words_setf(one, "HostPort", "%lld", (long long)c->ports[i].host);
		json_object_array_add(list, one);
		buf_addf(&key, "%lld/%s", (long long)c->ports[i].container, c->ports[i].protocol);
		js_set(bindings, buf_z(&key), list);
	}
}

/* Fields of Create that inspect shows as they were given. */
static void copy_fields(struct json_object *o, struct json_object *create)
{
	static const struct {
		const char *create, *inspect;
	} rows[] = {

		{ "dns", "Dns" },
		{ "dnsOpt", "DnsOptions" },
		{ "dnsSearch", "DnsSearch" },
		{ "addHost", "ExtraHosts" },
		{ "groupadd", "GroupAdd" },
		{ "ipc", "IpcMode" },
		{ "pid", "PidMode" },
		{ "uts", "UTSMode" },
		{ "userns", "UsernsMode" },
		{ "privileged", "Privileged" },
		{ "publishAll", "PublishAllPorts" },
		{ "readonly", "ReadonlyRootfs" },
		{ "securityOpt", "SecurityOpt" },
		{ "rm", "AutoRemove" },
		{ "oomScoreAdj", "OomScoreAdj" },
		{ "cpuShares", "CpuShares" },
		{ "cpuPeriod", "CpuPeriod" },
		{ "cpuQuota", "CpuQuota" },
		{ "cpuSetCpus", "CpusetCpus" },
		{ "cpuSetMems", "CpusetMems" },
		{ "cgroupParent", "CgroupParent" },
		{ "pidsLimit", "PidsLimit" },
		{ "memorySwappiness", "MemorySwappiness" },
		{ "oomKillDisable", "OomKillDisable" },
		{ "network", "NetworkMode" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json_object *value = js_get(create, rows[i].create);

		if (value)
			js_set(o, rows[i].inspect, json_object_get(value));
	}
}

/* "on-failure:3" */
static void set_restart_policy(struct json_object *o, struct json_object *create)
{
	struct str name, count = { 0 };

	str_cut(str_from(js_get_str(create, "restart", "")), ':', &name, &count);
	js_set(o, "Name", js_strn(name));
	js_set_int(o, "MaximumRetryCount", count.n ? strtol(count.p, NULL, 10) : 0);
}

/* "NET_ADMIN", "CAP_NET_ADMIN" */
static void set_capability_changes(struct json_object *o, const char *key, struct json_object *given)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < js_len(given); i++) {
		const char *name = js_text(js_at(given, i)).p;
		CLEANUP(buf_done) struct buf text = BUF_INIT(256);

		if (strncasecmp(name, "CAP_", 4) == 0)
			name += 4;
		buf_add_z(&text, "CAP_");
		for (; *name; name++)
			buf_add_char(&text, (char)toupper((unsigned char)*name));
		json_object_array_add(list, js_strn(buf_str(&text)));
	}
	js_set(o, key, list);
}

static void set_tmpfs(struct json_object *o, struct json_object *given)
{
	for (size_t i = 0; i < js_len(given); i++) {
		struct str path, options;
		CLEANUP(free_p) char *key = NULL;
		CLEANUP(buf_done) struct buf text = BUF_INIT(1024);

		str_cut(js_text(js_at(given, i)), ':', &path, &options);
		key = str_dup(path);
		buf_add_z(&text, "rw,rprivate,nosuid,nodev,tmpcopyup");
		if (options.n)
			buf_addf(&text, ",%.*s", STR_ARG(options));
		js_set(o, key, js_strn(buf_str(&text)));
	}
}

/* Half a CPU is 50000 of a period of 100000 microseconds. */
static void set_cpus(struct json_object *o, double cpus)
{
	if (cpus <= 0)
		return;
	js_set_int(o, "NanoCpus", (int64_t)(cpus * 1e9));
	js_set_int(o, "CpuPeriod", 100000);
	js_set_int(o, "CpuQuota", (int64_t)(cpus * 100000));
}

static void fill_host_config(struct json_object *o, const struct container *c)
{
	int64_t shm_bytes;

	copy_fields(o, c->create);
	set_binds(o, c);
	set_port_bindings(o, c);
	set_restart_policy(js_get(o, "RestartPolicy"), c->create);
	js_set_int(o, "Memory", c->memory_bytes);
	js_set_int(o, "MemorySwap", c->memory_bytes * 2);
	set_cpus(o, json_object_get_double(js_get(c->create, "cpus")));
	set_capability_changes(o, "CapAdd", js_get(c->create, "capAdd"));
	set_capability_changes(o, "CapDrop", js_get(c->create, "capDrop"));
	set_tmpfs(js_get(o, "Tmpfs"), js_get(c->create, "tmpfs"));
	if (size_parse_decimal(str_from(js_get_str(c->create, "shmSize", "")), &shm_bytes))
		js_set_int(o, "ShmSize", shm_bytes);
	js_set(o, "Ulimits", describe_ulimits(c, false));
}

static struct json_object *describe_inspect(const struct container *c, bool size)
{
	struct json_object *o = words_parse(inspect_template), *args = json_object_new_array();

	js_set_str(o, "Id", c->id);
	js_set(o, "Created", words_time(c->created));
	js_set_str(o, "Path", c->argv.v[0]);
	/* A command of one word stands in both places. */
	for (size_t i = c->argv.n > 1; i < c->argv.n; i++)
		json_object_array_add(args, js_str(c->argv.v[i]));
	js_set(o, "Args", args);
	fill_inspect_state(js_get(o, "State"), c);
	js_set_str(o, "Image", c->image_id);
	js_set_str(o, "ImageName", c->image_name);
	fill_paths(o, c);
	js_set_str(o, "Name", c->name);
	js_set(o, "EffectiveCaps", describe_capabilities());
	js_set(o, "BoundingCaps", describe_capabilities());
	js_set_int(o, "SizeRw", size ? container_rw_bytes(c) : 0);
	js_set_int(o, "SizeRootFs", size ? container_root_bytes(c) : 0);
	js_set(o, "Mounts", inspect_mounts(c));
	fill_network(js_get(o, "NetworkSettings"), c);
	js_set(o, "ExitCommand", describe_exit_command(c));
	fill_inspect_config(js_get(o, "Config"), c);
	fill_host_config(js_get(o, "HostConfig"), c);
	words_drop_unless(o, "LogTag", c->host->version != V162);
	words_drop_unless(o, "SizeRw", size && (c->host->version != V162 || container_rw_bytes(c)));
	words_drop_unless(o, "SizeRootFs", size);
	return o;
}

static struct container *named(struct call *c)
{
	struct container *ctr = container_find(c->host, call_str(c, "name"));

	if (!ctr)
		reply_no_container(c, call_str(c, "name"), call_str(c, "name"));
	return ctr;
}

void podman_container_inspect_data(struct call *c)
{
	struct container *ctr = named(c);

	if (ctr)
		reply_one(c, "config", gojson_text(describe_inspect(ctr, js_get_bool(c->params, "size", false))));
}

void podman_inspect_container(struct call *c)
{
	struct container *ctr = named(c);

	if (ctr)
		reply_one(c, "container", gojson_text(describe_inspect(ctr, true)));
}

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "create.h"
#include "describe.h"
#include "gojson.h"
#include "image.h"
#include "methods.h"
#include "templates.h"
#include "tree.h"
#include "words.h"

static const char *const capabilities[] = {
	"CAP_AUDIT_WRITE",      "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",  "CAP_KILL",   "CAP_MKNOD",
	"CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP",      "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
};

int64_t container_root_bytes(const struct container *c)
{
	CLEANUP(free_p) char *base = host_path(c->host, "base", NULL);

	return base ? tree_size(base) : 0;
}

int64_t container_rw_bytes(const struct container *c)
{
	int64_t more = tree_size(c->rootfs) - container_root_bytes(c);

	return more > 0 ? more : 0;
}

/* "HOST/root/overlay-containers/ID/userdata/NAME", or below run: where a real host has its files. */
static void set_userdata(struct json_object *o, const char *key, const struct container *c, const char *root, const char *name)
{
	words_setf(o, key, "%s/%s/overlay-containers/%s/userdata%s", c->host->dir, root, c->id, name);
}

static void set_overlay(struct json_object *o, const char *key, const struct container *c, const char *name)
{
	words_setf(o, key, "%s/root/overlay/%s/%s", c->host->dir, c->id, name);
}

static struct json_object *capability_list(void)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < ARRAY_LEN(capabilities); i++)
		json_object_array_add(list, js_str(capabilities[i]));
	return list;
}

static struct json_object *ulimit_list(const struct container *c, bool spec)
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

static struct json_object *bind_options(const struct mount *m)
{
	struct json_object *options = json_object_new_array();

	if (m->read_only)
		json_object_array_add(options, js_str("ro"));
	json_object_array_add(options, js_str("rprivate"));
	json_object_array_add(options, js_str("rbind"));
	return options;
}

struct json_object *describe_mounts(const struct container *c)
{
	CLEANUP(js_put_p) struct json_object *template = words_parse(spec_template);
	struct json_object *list = json_object_new_array(), *fixed = js_get(template, "mounts");

	for (size_t i = 0; i < c->n_mounts; i++) {
		struct json_object *o = json_object_new_object();

		js_set_str(o, "destination", c->mounts[i].destination);
		js_set_str(o, "type", "bind");
		js_set_str(o, "source", c->mounts[i].source);
		js_set(o, "options", bind_options(&c->mounts[i]));
		json_object_array_add(list, o);
	}
	for (size_t i = 0; i < js_len(fixed); i++)
		json_object_array_add(list, json_object_get(js_at(fixed, i)));
	return list;
}

/* The name that the container gets by default, and its home, are put in when it is started: only inspect shows them. */
static struct json_object *env_list(const struct container *c, bool started)
{
	bool named = js_get(c->create, "hostname") != NULL;
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < c->env.n; i++) {
		const char *one = c->env.v[i];

		if (!started && strcmp(one, "HOME=/root") == 0)
			continue;
		if (!started && !named && strncmp(one, "HOSTNAME=", 9) == 0)
			one = "HOSTNAME=";
		json_object_array_add(list, js_str(one));
	}
	return list;
}

static struct json_object *annotation_list(const struct container *c, bool inspect)
{
	static const struct {
		const char *key, *field;
	} rows[] = { { "io.podman.annotations.autoremove", "rm" },
		     { "io.podman.annotations.init", "init" },
		     { "io.podman.annotations.privileged", "privileged" },
		     { "io.podman.annotations.publish-all", "publishAll" } };
	struct json_object *o = json_object_new_object();

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
		js_set_str(o, "org.opencontainers.image.stopSignal", "15");
	return o;
}

static void fill_process(struct json_object *process, const struct container *c)
{
	struct json_object *caps = js_get(process, "capabilities");

	json_object_object_foreach(caps, kind, value)
	{
		(void)value;
		js_set(caps, kind, capability_list());
	}
	js_set(process, "args", words_array(&c->argv));
	js_set(process, "env", env_list(c, false));
	js_set_str(process, "cwd", c->workdir);
	js_set(process, "rlimits", ulimit_list(c, true));
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
	js_set(o, "annotations", annotation_list(c, false));
	if (c->memory_bytes) {
		js_set_int(memory, "limit", c->memory_bytes);
		js_set_int(memory, "swap", c->memory_bytes * 2);
		js_set_bool(memory, "disableOOMKiller", js_get_bool(c->create, "oomKillDisable", false));
	} else {
		json_object_object_del(js_get(js_get(o, "linux"), "resources"), "memory");
	}
	return o;
}

static struct json_object *port_list(const struct container *c)
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

/* Members whose zero value Go leaves out ("omitempty"). */
static void drop_unless(struct json_object *o, const char *key, bool keep)
{
	if (!keep)
		json_object_object_del(o, key);
}

static struct json_object *cleanup_command(const struct container *c)
{
	static const char *const words[] = { "podman", "container", "cleanup" };
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		json_object_array_add(list, js_str(words[i]));
	json_object_array_add(list, js_str(c->id));
	return list;
}

static void drop_newer_config(struct json_object *o, enum podman_version version)
{
	struct json_object *mappings = js_get(o, "idMappingsOptions");

	drop_unless(o, "imageVolumes", version != V193);
	drop_unless(o, "RawImageName", version == V193);
	drop_unless(o, "labelopts", version == V193);
	drop_unless(mappings, "AutoUserNs", version == V193);
	drop_unless(mappings, "AutoUserNsOpts", version == V193);
	drop_unless(o, "CreateCommand", version != V162);
	drop_unless(o, "staticMAC", version != V162);
	drop_unless(o, "logTag", version != V162);
}

static struct json_object *describe_config(const struct container *c)
{
	CLEANUP(js_put_p) struct json_object *template = words_parse(config_template);
	struct json_object *o = json_object_new_object(), *destinations = json_object_new_array();

	js_set(o, "spec", describe_spec(c));
	json_object_object_foreach(template, key, value)
	{
		js_set(o, key, json_object_get(value));
	}
	js_set_str(o, "id", c->id);
	js_set_str(o, "name", c->name);
	js_set_str(o, "rootfsImageID", c->image_id);
	js_set_str(o, "rootfsImageName", c->image_name);
	js_set_str(o, "RawImageName", c->image_name);
	set_userdata(o, "ShmDir", c, "root", "/shm");
	set_userdata(o, "staticDir", c, "root", "");
	set_userdata(o, "logPath", c, "root", "/ctr.log");
	set_userdata(o, "conmonPidFile", c, "run", "/conmon.pid");
	js_set_str(o, "user", c->user);
	js_set(o, "portMappings", port_list(c));
	for (size_t i = 0; i < c->n_mounts; i++)
		json_object_array_add(destinations, js_str(c->mounts[i].destination));
	js_set(o, "userVolumes", destinations);
	js_set(o, "command", words_array(&c->command));
	js_set(o, "labels", json_object_get(c->labels));
	js_set(o, "createdTime", words_time(c->created));
	js_set(o, "exitCommand", cleanup_command(c));
	js_set_int(o, "stopTimeout", js_get_int(c->create, "stopTimeout", 10));
	drop_newer_config(o, c->host->version);
	drop_unless(o, "user", *c->user);
	drop_unless(o, "portMappings", c->n_ports);
	drop_unless(o, "userVolumes", c->n_mounts);
	drop_unless(o, "labels", json_object_object_length(c->labels));
	drop_unless(o, "stopTimeout", js_get(c->create, "stopTimeout") != NULL);
	return o;
}

static void add_bind_mounts(struct json_object *o, const struct container *c)
{
	struct json_object *binds = json_object_new_object();

	set_userdata(binds, "/dev/shm", c, "root", "/shm");
	set_userdata(binds, "/etc/hostname", c, "run", "/hostname");
	set_userdata(binds, "/etc/hosts", c, "run", "/hosts");
	set_userdata(binds, "/etc/resolv.conf", c, "run", "/resolv.conf");
	set_userdata(binds, "/run/.containerenv", c, "run", "/.containerenv");
	js_set(o, "bindMounts", binds);
}

/* What the CNI bridge plugin would have answered; nothing of it exists. */
static const char network_template[] =
	"[{\"cniVersion\":\"0.4.0\",\"interfaces\":[{\"name\":\"cni-podman0\",\"mac\":\"e2:15:4e:9b:e2:10\"},"
	"{\"name\":\"veth5b53cf23\",\"mac\":\"32:ee:25:10:89:68\"},"
	"{\"name\":\"eth0\",\"mac\":\"32:8b:ac:8b:e8:b2\",\"sandbox\":\"/var/run/netns/cni-b7f394ae\"}],"
	"\"ips\":[{\"version\":\"4\",\"interface\":2,\"address\":\"10.88.0.2/16\",\"gateway\":\"10.88.0.1\"}],"
	"\"routes\":[{\"dst\":\"0.0.0.0/0\"}],\"dns\":{}}]";

static void container_address(const struct container *c, struct buf *out)
{
	buf_addf(out, "10.88.%llu.%llu", (unsigned long long)(c->serial / 250) % 256, (unsigned long long)c->serial % 250 + 2);
}

static struct json_object *network_results(const struct container *c)
{
	struct json_object *list = words_parse(network_template);
	CLEANUP(buf_done) struct buf address = BUF_INIT(32);

	container_address(c, &address);
	buf_add_z(&address, "/16");
	js_set_str(js_at(js_get(js_at(list, 0), "ips"), 0), "address", buf_z(&address));
	return list;
}

static struct json_object *describe_state(const struct container *c)
{
	struct json_object *o = json_object_new_object();
	bool active = c->process != NULL;

	js_set_int(o, "state", c->state);
	if (c->was_initialized)
		set_userdata(o, "configPath", c, "root", "/config.json");
	set_userdata(o, "runDir", c, "run", "");
	if (active) {
		js_set_bool(o, "mounted", true);
		js_set_str(o, "mountPoint", c->rootfs);
	}
	js_set(o, "startedTime", words_time(c->started));
	js_set(o, "finishedTime", words_time(c->finished));
	if (c->exit_code)
		js_set_int(o, "exitCode", c->exit_code);
	if (c->exited)
		js_set_bool(o, "exited", true);
	if (active) {
		js_set_int(o, "pid", c->process->pid);
		js_set_int(o, "conmonPid", getpid());
		js_set(o, "networkResults", network_results(c));
	}
	if (c->was_initialized)
		add_bind_mounts(o, c);
	if (c->stopped_by_user)
		js_set_bool(o, "stoppedByUser", true);
	return o;
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
	drop_unless(o, "ConmonPid", c->process != NULL);
}

static void fill_paths(struct json_object *o, const struct container *c)
{
	struct json_object *layers = js_get(js_get(o, "GraphDriver"), "Data");

	set_userdata(o, "ResolvConfPath", c, "run", "/resolv.conf");
	set_userdata(o, "HostnamePath", c, "run", "/hostname");
	set_userdata(o, "HostsPath", c, "run", "/hosts");
	set_userdata(o, "StaticDir", c, "root", "");
	set_userdata(o, "OCIConfigPath", c, "root", "/config.json");
	set_userdata(o, "LogPath", c, "root", "/ctr.log");
	set_userdata(o, "ConmonPidFile", c, "run", "/conmon.pid");
	set_overlay(layers, "LowerDir", c, "lower");
	js_set_str(layers, "MergedDir", c->rootfs);
	set_overlay(layers, "UpperDir", c, "diff");
	set_overlay(layers, "WorkDir", c, "work");
	drop_unless(o, "OCIConfigPath", c->was_initialized);
	drop_unless(layers, "MergedDir", c->process != NULL);
}

static struct json_object *inspect_mounts(const struct container *c)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < c->n_mounts; i++) {
		struct json_object *o =
			words_parse("{\"Type\":\"bind\",\"Name\":\"\",\"Source\":\"\",\"Destination\":\"\",\"Driver\":\"\","
				    "\"Mode\":\"\",\"Options\":[\"rbind\"],\"RW\":true,\"Propagation\":\"rprivate\"}");

		js_set_str(o, "Source", c->mounts[i].source);
		js_set_str(o, "Destination", c->mounts[i].destination);
		js_set_bool(o, "RW", !c->mounts[i].read_only);
		json_object_array_add(list, o);
	}
	return list;
}

static void fill_network(struct json_object *o, const struct container *c)
{
	CLEANUP(buf_done) struct buf address = BUF_INIT(32);

	container_address(c, &address);
	js_set(o, "Ports", port_list(c));
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
	js_set(o, "Env", env_list(c, c->was_initialized));
	js_set(o, "Cmd", words_array(&c->command));
	js_set_str(o, "Image", c->image_name);
	js_set_str(o, "WorkingDir", c->workdir);
	set_entrypoint(o, c);
	js_set(o, "Labels", json_object_object_length(c->labels) ? json_object_get(c->labels) : NULL);
	js_set(o, "Annotations", annotation_list(c, true));
	drop_unless(o, "CreateCommand", c->host->version != V162);
}

static void set_binds(struct json_object *o, const struct container *c)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < c->n_mounts; i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT(16 * 1024);

		buf_addf(&text, "%s:%s:%s,rprivate,rbind", c->mounts[i].source, c->mounts[i].destination,
			 c->mounts[i].read_only ? "ro" : "rw");
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
		{ "capAdd", "CapAdd" },
		{ "capDrop", "CapDrop" },
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

static void fill_host_config(struct json_object *o, const struct container *c)
{
	double cpus = json_object_get_double(js_get(c->create, "cpus"));

	copy_fields(o, c->create);
	set_binds(o, c);
	set_port_bindings(o, c);
	set_restart_policy(js_get(o, "RestartPolicy"), c->create);
	js_set_int(o, "Memory", c->memory_bytes);
	js_set_int(o, "MemorySwap", c->memory_bytes * 2);
	if (cpus > 0)
		js_set_int(o, "NanoCpus", (int64_t)(cpus * 1e9));
	js_set(o, "Ulimits", ulimit_list(c, false));
}

static struct json_object *describe_inspect(const struct container *c, bool size)
{
	struct json_object *o = words_parse(inspect_template), *args = json_object_new_array();

	js_set_str(o, "Id", c->id);
	js_set(o, "Created", words_time(c->created));
	js_set_str(o, "Path", c->argv.v[0]);
	for (size_t i = 1; i < c->argv.n; i++)
		json_object_array_add(args, js_str(c->argv.v[i]));
	js_set(o, "Args", args);
	fill_inspect_state(js_get(o, "State"), c);
	js_set_str(o, "Image", c->image_id);
	js_set_str(o, "ImageName", c->image_name);
	fill_paths(o, c);
	js_set_str(o, "Name", c->name);
	js_set(o, "EffectiveCaps", capability_list());
	js_set(o, "BoundingCaps", capability_list());
	js_set_int(o, "SizeRw", size ? container_rw_bytes(c) : 0);
	js_set_int(o, "SizeRootFs", size ? container_root_bytes(c) : 0);
	js_set(o, "Mounts", inspect_mounts(c));
	fill_network(js_get(o, "NetworkSettings"), c);
	js_set(o, "ExitCommand", cleanup_command(c));
	fill_inspect_config(js_get(o, "Config"), c);
	fill_host_config(js_get(o, "HostConfig"), c);
	drop_unless(o, "LogTag", c->host->version != V162);
	drop_unless(o, "SizeRw", size && (c->host->version != V162 || container_rw_bytes(c)));
	drop_unless(o, "SizeRootFs", size);
	return o;
}

static struct container *named(struct call *c)
{
	struct container *ctr = container_find(c->host, call_str(c, "name"));

	if (!ctr)
		reply_no_container(c, call_str(c, "name"), call_str(c, "name"));
	return ctr;
}

void podman_spec(struct call *c)
{
	struct container *ctr = container_find(c->host, call_str(c, "name"));

	if (ctr)
		reply_one(c, "config", gojson_text(describe_spec(ctr)));
	else
		reply_no_container_plain(c, call_str(c, "name"));
}

void podman_container_config(struct call *c)
{
	struct container *ctr = named(c);

	if (ctr)
		reply_one(c, "config", gojson_text(describe_config(ctr)));
}

void podman_container_state_data(struct call *c)
{
	struct container *ctr = named(c);

	if (ctr)
		reply_one(c, "config", gojson_text(describe_state(ctr)));
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

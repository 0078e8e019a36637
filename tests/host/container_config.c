#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "describe.h"
#include "gojson.h"
#include "methods.h"
#include "templates.h"
#include "words.h"

static void drop_newer_config(struct json_object *o, enum podman_version version)
{
	struct json_object *mappings = js_get(o, "idMappingsOptions");

	words_drop_unless(o, "imageVolumes", version != V193);
	words_drop_unless(o, "RawImageName", version == V193);
	words_drop_unless(o, "labelopts", version == V193);
	words_drop_unless(mappings, "AutoUserNs", version == V193);
	words_drop_unless(mappings, "AutoUserNsOpts", version == V193);
	words_drop_unless(o, "CreateCommand", version != V162);
	words_drop_unless(o, "staticMAC", version != V162);
	words_drop_unless(o, "logTag", version != V162);
}

static struct json_object *named_volumes(const struct container *c)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < c->n_mounts; i++) {
		struct json_object *o;

		if (!c->mounts[i].volume)
			continue;
		o = json_object_new_object();
		js_set_str(o, "volumeName", c->mounts[i].volume);
		js_set_str(o, "dest", c->mounts[i].destination);
		js_set(o, "options", describe_mount_options(c, &c->mounts[i], true));
		json_object_array_add(list, o);
	}
	return list;
}

/* Members that are there only when they were asked for. */
static void add_given(struct json_object *o, const struct container *c)
{
	struct json_object *volumes = named_volumes(c), *dns = js_get(c->create, "dns"), *hosts = js_get(c->create, "addHost");
	struct str policy, retries = { 0 };

	js_set(o, "namedVolumes", volumes);
	words_drop_unless(o, "namedVolumes", js_len(volumes));
	if (c->entrypoint.n)
		js_set(o, "entrypoint", words_array(&c->entrypoint));
	if (js_len(dns))
		js_set(o, "dnsServer", json_object_get(dns));
	if (js_len(hosts))
		js_set(o, "hostsAdd", json_object_get(hosts));
	str_cut(str_from(js_get_str(c->create, "restart", "")), ':', &policy, &retries);
	if (policy.n)
		js_set(o, "restart_policy", js_strn(policy));
	if (retries.n)
		js_set_int(o, "restart_retries", strtol(retries.p, NULL, 10));
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
	describe_set_userdata(o, "ShmDir", c, "root", "/shm");
	describe_set_userdata(o, "staticDir", c, "root", "");
	describe_set_userdata(o, "logPath", c, "root", "/ctr.log");
	describe_set_userdata(o, "conmonPidFile", c, "run", "/conmon.pid");
	js_set_str(o, "user", c->user);
	js_set(o, "portMappings", describe_ports(c));
	for (size_t i = 0; i < c->n_mounts; i++)
		json_object_array_add(destinations, js_str(c->mounts[i].destination));
	js_set(o, "userVolumes", destinations);
	js_set(o, "command", words_array(&c->command));
	js_set(o, "labels", json_object_get(c->labels));
	js_set(o, "createdTime", words_time(c->created));
	js_set(o, "exitCommand", describe_exit_command(c));
	js_set_int(o, "stopTimeout", js_get_int(c->create, "stopTimeout", 10));
	js_set_int(o, "stopSignal", c->stop_signal);
	add_given(o, c);
	drop_newer_config(o, c->host->version);
	words_drop_unless(o, "user", *c->user);
	words_drop_unless(o, "portMappings", c->n_ports);
	words_drop_unless(o, "userVolumes", c->n_mounts);
	words_drop_unless(o, "labels", json_object_object_length(c->labels));
	words_drop_unless(o, "stopTimeout", js_get(c->create, "stopTimeout") != NULL);
	return o;
}

static void add_bind_mounts(struct json_object *o, const struct container *c)
{
	struct json_object *binds = json_object_new_object();

	describe_set_userdata(binds, "/dev/shm", c, "root", "/shm");
	describe_set_userdata(binds, "/etc/hostname", c, "run", "/hostname");
	describe_set_userdata(binds, "/etc/hosts", c, "run", "/hosts");
	describe_set_userdata(binds, "/etc/resolv.conf", c, "run", "/resolv.conf");
	describe_set_userdata(binds, "/run/.containerenv", c, "run", "/.containerenv");
	js_set(o, "bindMounts", binds);
}

/* What the CNI bridge plugin would have answered; nothing of it exists. */
static const char network_template[] =
	"[{\"cniVersion\":\"0.4.0\",\"interfaces\":[{\"name\":\"cni-podman0\",\"mac\":\"e2:15:4e:9b:e2:10\"},"
	"{\"name\":\"veth5b53cf23\",\"mac\":\"32:ee:25:10:89:68\"},"
	"{\"name\":\"eth0\",\"mac\":\"32:8b:ac:8b:e8:b2\",\"sandbox\":\"/var/run/netns/cni-b7f394ae\"}],"
	"\"ips\":[{\"version\":\"4\",\"interface\":2,\"address\":\"10.88.0.2/16\",\"gateway\":\"10.88.0.1\"}],"
	"\"routes\":[{\"dst\":\"0.0.0.0/0\"}],\"dns\":{}}]";

void describe_address(const struct container *c, struct buf *out)
{
	buf_addf(out, "10.88.%llu.%llu", (unsigned long long)(c->serial / 250) % 256, (unsigned long long)c->serial % 250 + 2);
}

static struct json_object *network_results(const struct container *c)
{
	struct json_object *list = words_parse(network_template);
	CLEANUP(buf_done) struct buf address = BUF_INIT(32);

	describe_address(c, &address);
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
		describe_set_userdata(o, "configPath", c, "root", "/config.json");
	describe_set_userdata(o, "runDir", c, "run", "");
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

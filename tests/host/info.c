#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "container.h"
#include "image.h"
#include "methods.h"
#include "words.h"

#define GO_VERSION "go1.13.15"

static const char *machine(const struct utsname *u)
{
	if (strcmp(u->machine, "x86_64") == 0)
		return "amd64";
	return strcmp(u->machine, "aarch64") == 0 ? "arm64" : u->machine;
}

void podman_get_version(struct call *c)
{
	struct json_object *o = json_object_new_object();
	struct utsname u;

	uname(&u);
	js_set_str(o, "version", c->host->version_text);
	js_set_str(o, "go_version", GO_VERSION);
	js_set_str(o, "git_commit", "");
	js_set_str(o, "built", "1970-01-01T00:00:00Z");
	words_setf(o, "os_arch", "linux/%s", machine(&u));
	js_set_int(o, "remote_api_version", 1);
	reply(c, o);
}

static const char *buildah_version(const struct host *h)
{
	return h->version == V162 ? "1.11.3" : h->version == V180 ? "1.13.1" : "1.14.9";
}

/* Days and hours as podman says them: "1h 5m 30s (Approximately 0.04 days)". */
static void add_uptime(struct json_object *o)
{
	uint64_t s = clock_ms() / 1000;

	if (s < 3600)
		words_setf(o, "uptime", "%llum %llus", (unsigned long long)(s / 60), (unsigned long long)(s % 60));
	else
		words_setf(o, "uptime", "%lluh %llum %llus (Approximately %.2f days)", (unsigned long long)(s / 3600),
			   (unsigned long long)(s / 60 % 60), (unsigned long long)(s % 60), (double)s / 86400);
}

static struct json_object *info_host(const struct host *h)
{
	struct json_object *o = json_object_new_object(), *distribution = json_object_new_object();
	struct utsname u;

	uname(&u);
	js_set_str(distribution, "distribution", "stand-in");
	js_set_str(distribution, "version", "1");
	js_set_str(o, "buildah_version", buildah_version(h));
	js_set(o, "distribution", distribution);
	js_set_int(o, "mem_free", INT64_C(1) << 30);
	js_set_int(o, "mem_total", INT64_C(2) << 30);
	js_set_int(o, "swap_free", 0);
	js_set_int(o, "swap_total", 0);
	js_set_str(o, "arch", machine(&u));
	js_set_int(o, "cpus", sysconf(_SC_NPROCESSORS_ONLN));
	js_set_str(o, "hostname", u.nodename);
	js_set_str(o, "kernel", u.release);
	js_set_str(o, "os", "linux");
	add_uptime(o);
	js_set_str(o, "eventlogger", "file");
	return o;
}

static struct json_object *info_store(const struct host *h)
{
	struct json_object *o =
		words_parse("{\"containers\":0,\"images\":0,\"graph_driver_name\":\"overlay\",\"graph_driver_options\":"
			    "\"map[]\",\"graph_root\":\"\",\"graph_status\":{\"backing_filesystem\":\"extfs\","
			    "\"native_overlay_diff\":\"true\",\"supports_d_type\":\"true\"},\"run_root\":\"\"}");
	int64_t containers = 0, images = 0;

	for (const struct container *c = h->containers; c; c = c->next)
		containers++;
	for (const struct image *i = h->images; i; i = i->next)
		images++;
	js_set_int(o, "containers", containers);
	js_set_int(o, "images", images);
	words_setf(o, "graph_root", "%s/root", h->dir);
	words_setf(o, "run_root", "%s/run", h->dir);
	return o;
}

static void add_registries(struct json_object *o, const struct host *h)
{
	struct json_object *search = json_object_new_array(), *registries;

	json_object_array_add(search, js_str("docker.io"));
	if (h->version == V162) {
		js_set(o, "registries", search);
		js_set(o, "insecure_registries", NULL);
		return;
	}
	registries = json_object_new_object();
	js_set(registries, "search", search);
	js_set(registries, "insecure", NULL);
	js_set(registries, "blocked", NULL);
	js_set(o, "registries", registries);
}

void podman_get_info(struct call *c)
{
	struct json_object *o = json_object_new_object(), *podman = json_object_new_object();

	js_set(o, "host", info_host(c->host));
	add_registries(o, c->host);
	js_set(o, "store", info_store(c->host));
	js_set_str(podman, "compiler", "gc");
	js_set_str(podman, "go_version", GO_VERSION);
	js_set_str(podman, "podman_version", c->host->version_text);
	js_set_str(podman, "git_commit", "");
	js_set(o, "podman", podman);
	reply_one(c, "info", o);
}

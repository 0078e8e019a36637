#include "create.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/path.h"
#include "base/units.h"
#include "event.h"
#include "image.h"
#include "tree.h"
#include "volume.h"

bool object_name_valid(const char *name)
{
	if (!isalnum((unsigned char)*name))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("_.-", *name))
			return false;
	return true;
}

bool ulimit_parse(const char *text, int64_t *ret_soft, int64_t *ret_hard)
{
	struct str soft, hard;

	if (!str_cut(str_from(text), ':', &soft, &hard))
		hard = soft;
	return int_parse(soft, ret_soft) && int_parse(hard, ret_hard);
}

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

static int set_name(struct container *c, struct error *err)
{
	const char *name = js_get_str(c->create, "name", "");
	struct container *other = container_find(c->host, name);

	if (*name && !object_name_valid(name))
		return error_set(
			err, ERR_USAGE,
			"error running container create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument");
	if (*name && other && strcmp(other->name, name) == 0)
		return error_set(
			err, ERR_CONFLICT,
			"error creating container storage: the container name \"%s\" is already in use by \"%s\". You have to remove "
			"that container to be able to reuse that name.: that name is already in use",
			name, other->id);
	if (*name)
		c->name = z_dup(name);
	else if (asprintf(&c->name, "busy_box%llu", (unsigned long long)c->serial) < 0)
		c->name = NULL;
	return c->name ? 0 : no_memory(err);
}

static void add_texts(struct strv *to, struct json_object *array)
{
	for (size_t i = 0; i < js_len(array); i++)
		strv_add_str(to, js_text(js_at(array, i)));
}

/* A JSON array, or one word. */
static void parse_entrypoint(const char *text, struct strv *ret)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;

	if (*text == '[' && js_parse(str_from(text), "entrypoint", &o, NULL) == 0)
		add_texts(ret, o);
	else if (*text)
		strv_add(ret, text);
}

static int set_command(struct container *c, const struct image *image, struct error *err)
{
	struct json_object *args = js_get(c->create, "args"), *entrypoint = js_get(c->create, "entrypoint");
	bool own_command = js_len(args) > 1;

	for (size_t i = 1; i < js_len(args); i++)
		strv_add_str(&c->command, js_text(js_at(args, i)));
	if (!own_command)
		strv_add_all(&c->command, &image->command);
	if (entrypoint)
		parse_entrypoint(js_get_str(c->create, "entrypoint", ""), &c->entrypoint);
	else
		strv_add_all(&c->entrypoint, &image->entrypoint);
	strv_add_all(&c->argv, &c->entrypoint);
	if (own_command || !entrypoint)
		strv_add_all(&c->argv, &c->command);
	if (!c->argv.n)
		return error_set(err, ERR_USAGE, "no command specified on command line or as CMD or ENTRYPOINT in this image");
	return 0;
}

/* "SIGINT", "INT" or a number. */
static int set_stop_signal(struct container *c, struct error *err)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = { { "HUP", SIGHUP },   { "INT", SIGINT },   { "QUIT", SIGQUIT }, { "KILL", SIGKILL },
			{ "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "TERM", SIGTERM } };
	const char *name = js_get_str(c->create, "stopSignal", "TERM");
	int64_t number;

	if (int_parse(str_from(name), &number) && number > 0 && number < NSIG) {
		c->stop_signal = (int)number;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(signals) && !c->stop_signal; i++)
		if (strcmp(name + (strncmp(name, "SIG", 3) == 0 ? 3 : 0), signals[i].name) == 0)
			c->stop_signal = signals[i].number;
	return c->stop_signal ? 0 : error_set(err, ERR_USAGE, "Invalid signal: %s", name);
}

/* The value of a later NAME=VALUE replaces the earlier one's. */
static void set_variable(struct strv *env, struct str assignment)
{
	struct str name;

	str_cut(assignment, '=', &name, NULL);
	for (size_t i = 0; i < env->n; i++) {
		char *copy;

		if (strncmp(env->v[i], name.p, name.n) != 0 || env->v[i][name.n] != '=')
			continue;
		copy = str_dup(assignment);
		if (!copy)
			return;
		free(env->v[i]);
		env->v[i] = copy;
		return;
	}
	strv_add_str(env, assignment);
}

/* On a host that is not root the container's commands come from its folder first, then from the machine. */
static void add_path(struct container *c)
{
	if (geteuid() == 0)
		strv_add(&c->env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	else
		strv_addf(&c->env, "PATH=%s/bin:/usr/local/bin:/usr/bin:/bin", c->rootfs);
}

static void set_env(struct container *c, const struct image *image)
{
	struct json_object *env = js_get(c->create, "env");

	add_path(c);
	strv_add(&c->env, "TERM=xterm");
	strv_addf(&c->env, "HOSTNAME=%s", c->hostname);
	strv_add(&c->env, "container=podman");
	for (size_t i = 0; i < image->env.n; i++)
		set_variable(&c->env, str_from(image->env.v[i]));
	for (size_t i = 0; i < js_len(env); i++) {
		const char *one = js_text(js_at(env, i)).p, *value = getenv(one);
		CLEANUP(buf_done) struct buf assignment = BUF_INIT(256 * 1024);

		if (strchr(one, '='))
			set_variable(&c->env, str_from(one));
		else if (value && buf_addf(&assignment, "%s=%s", one, value))
			set_variable(&c->env, buf_str(&assignment));
	}
	for (size_t i = 0; i < c->env.n; i++)
		if (strncmp(c->env.v[i], "HOME=", 5) == 0)
			return;
	strv_add(&c->env, "HOME=/root");
}

static void set_labels(struct container *c, const struct image *image)
{
	struct json_object *label = js_get(c->create, "label");

	c->labels = json_object_new_object();
	if (image->labels) {
		json_object_object_foreach(image->labels, key, value)
		{
			js_set(c->labels, key, json_object_get(value));
		}
	}
	for (size_t i = 0; i < js_len(label); i++) {
		struct str key, value = { 0 };
		CLEANUP(free_p) char *k = NULL;

		str_cut(js_text(js_at(label, i)), '=', &key, &value);
		k = str_dup(key);
		js_set(c->labels, k, js_strn(value));
	}
}

static bool is_address(struct str s)
{
	CLEANUP(free_p) char *z = str_dup(s);
	struct in_addr address;

	return z && (!*z || inet_pton(AF_INET, z, &address) == 1);
}

/* [[ip:]host:]container[/protocol] */
static int add_port(struct container *c, struct str text, struct error *err)
{
	struct str spec, protocol = STR("tcp"), part[3] = { { 0 } };
	struct port *v = realloc(c->ports, (c->n_ports + 1) * sizeof *v);
	size_t n = 0;

	if (!v)
		return no_memory(err);
	c->ports = v;
	str_cut(text, '/', &spec, &protocol);
	if (!protocol.n)
		protocol = STR("tcp");
	for (struct str rest = spec; n < 3; n++)
		if (!str_cut(rest, ':', &part[n], &rest)) {
			n++;
			break;
		}
	if (n == 3 && !is_address(part[0]))
		return error_set(err, ERR_USAGE, "Invalid ip address: %.*s", STR_ARG(part[0]));
	v = &c->ports[c->n_ports];
	*v = (struct port){ .host_ip = str_dup(n == 3 ? part[0] : STR("")), .protocol = str_dup(protocol) };
	c->n_ports++;
	if (!int_parse(part[n - 1], &v->container) || v->container < 1 || v->container > 65535)
		return error_set(err, ERR_USAGE, "Invalid containerPort: %.*s", STR_ARG(part[n - 1]));
	if (n > 1 && part[n - 2].n && (!int_parse(part[n - 2], &v->host) || v->host < 1 || v->host > 65535))
		return error_set(err, ERR_USAGE, "Invalid hostPort: %.*s", STR_ARG(part[n - 2]));
	/* A random one, as the kernel would give. */
	if (!v->host)
		v->host = 32768 + (int64_t)(c->serial * 7 + c->n_ports) % 28000;
	return 0;
}

static int set_ports(struct container *c, struct error *err)
{
	struct json_object *publish = js_get(c->create, "publish");
	int r = 0;

	for (size_t i = 0; i < js_len(publish) && r == 0; i++)
		r = add_port(c, js_text(js_at(publish, i)), err);
	return r;
}

/* name "": one that nobody named. */
static int volume_source(struct container *c, struct str name, struct mount *m, struct error *err)
{
	CLEANUP(free_p) char *z = str_dup(name);
	struct volume *v = z ? volume_find(c->host, z) : NULL;
	int r = 0;

	m->anonymous = !name.n;
	if (!v)
		r = volume_create(c->host, z ? z : "", NULL, NULL, &v, err);
	if (r == 0) {
		m->source = z_dup(v->mount_point);
		m->volume = z_dup(v->name);
	}
	return r;
}

static int path_source(struct str path, char **ret, struct error *err)
{
	struct stat st;

	*ret = str_dup(path);
	if (*ret && stat(*ret, &st) < 0)
		return error_set(err, ERR_USAGE, "error checking path \"%s\": stat %s: %s", *ret, *ret,
				 errno == ENOENT ? "no such file or directory" : "permission denied");
	return 0;
}

/* source:destination[:options], or a destination alone, which 1.6.2 took for a source. */
static int add_volume(struct container *c, struct str text, struct error *err)
{
	struct str source, rest, destination, options = { 0 };
	struct mount *v = realloc(c->mounts, (c->n_mounts + 1) * sizeof *v);
	bool alone = !str_cut(text, ':', &source, &rest);
	int r;

	if (!v)
		return no_memory(err);
	c->mounts = v;
	str_cut(alone ? text : rest, ':', &destination, &options);
	v = &c->mounts[c->n_mounts++];
	*v = (struct mount){ .destination = str_dup(destination), .read_only = str_starts(options, STR("ro")) };
	if (alone && c->host->version != V162)
		r = volume_source(c, STR(""), v, err);
	else if (alone || str_starts(source, STR("/")))
		r = path_source(source, &v->source, err);
	else
		r = volume_source(c, source, v, err);
	return r < 0 ? r : v->source && v->destination ? 0 : no_memory(err);
}

static int set_mounts(struct container *c, struct error *err)
{
	struct json_object *volume = js_get(c->create, "volume");
	int r = 0;

	for (size_t i = 0; i < js_len(volume) && r == 0; i++)
		r = add_volume(c, js_text(js_at(volume, i)), err);
	return r;
}

static int set_limits(struct container *c, struct error *err)
{
	const char *memory = js_get_str(c->create, "memory", "");
	struct json_object *ulimit = js_get(c->create, "ulimit");
	int64_t soft, hard;

	if (*memory && !size_parse(str_from(memory), &c->memory_bytes))
		return error_set(err, ERR_USAGE, "invalid value for memory: invalid size: '%s'", memory);
	for (size_t i = 0; i < js_len(ulimit); i++) {
		struct str name, value;
		CLEANUP(free_p) char *z = NULL;

		str_cut(js_text(js_at(ulimit, i)), '=', &name, &value);
		z = str_dup(value);
		if (!z || !ulimit_parse(z, &soft, &hard))
			return error_set(err, ERR_USAGE, "ulimit option \"%.*s=%.*s\" requires name=SOFT:HARD, failed to be parsed",
					 STR_ARG(name), STR_ARG(value));
	}
	return 0;
}

static int make_files(struct container *c, struct error *err)
{
	const char *tree;
	int r = path_make_dirs(c->dir, 0700, err);

	if (r == 0)
		r = layer_tree(c->host, c->top, &tree, err);
	if (r == 0)
		r = tree_copy(tree, c->rootfs, err);
	/* A mount needs something to be mounted on. */
	for (size_t i = 0; i < c->n_mounts && r == 0; i++) {
		CLEANUP(buf_done) struct buf path = BUF_INIT(8192);

		buf_addf(&path, "%s%s", c->rootfs, c->mounts[i].destination);
		r = path_make_dirs(buf_z(&path), 0755, err);
		/* Without a mount the container gets at its volumes by a link. */
		if (r == 0 && geteuid() != 0 && rmdir(buf_z(&path)) == 0 && symlink(c->mounts[i].source, buf_z(&path)) < 0)
			r = error_set_errno(err, "symlink %s", buf_z(&path));
	}
	return r;
}

static int find_or_pull(struct host *h, const char *name, struct image **ret, struct error *err)
{
	*ret = image_find(h, name, NULL);
	return *ret ? 0 : registry_pull(h, name, ret, err);
}

static int fill(struct container *c, const struct image *image, struct error *err)
{
	const char *workdir = js_get_str(c->create, "workDir", ""), *hostname = js_get_str(c->create, "hostname", "");
	int r;

	c->dir = host_path(c->host, "containers", c->id);
	c->rootfs = c->dir ? path_join(c->dir, "rootfs") : NULL;
	c->tty = js_get_bool(c->create, "tty", false);
	c->interactive = js_get_bool(c->create, "interactive", false);
	c->auto_remove = js_get_bool(c->create, "rm", false);
	c->image_name = z_dup(image->names.n ? image->names.v[0] : "");
	c->workdir = z_dup(*workdir ? workdir : image->workdir);
	c->user = z_dup(js_get_str(c->create, "user", image->user));
	c->hostname = *hostname ? z_dup(hostname) : str_dup((struct str){ c->id, 12 });
	memcpy(c->image_id, image->id, sizeof c->image_id);
	c->top = image->top;
	if (!c->rootfs || !c->image_name || !c->workdir || !c->user || !c->hostname)
		return no_memory(err);
	if ((r = set_limits(c, err)) < 0 || (r = set_stop_signal(c, err)) < 0 || (r = set_command(c, image, err)) < 0 ||
	    (r = set_ports(c, err)) < 0 || (r = set_mounts(c, err)) < 0 || (r = set_name(c, err)) < 0)
		return r;
	set_env(c, image);
	set_labels(c, image);
	return make_files(c, err);
}

static void append(struct host *h, struct container *c)
{
	struct container **p = &h->containers;

	while (*p)
		p = &(*p)->next;
	*p = c;
}

int container_create(struct host *h, struct json_object *create, struct container **ret, struct error *err)
{
	struct json_object *args = js_get(create, "args");
	struct container *c;
	struct image *image;
	int r;

	if (!js_len(args))
		return error_set(err, ERR_USAGE, "error, image name not provided");
	r = find_or_pull(h, js_text(js_at(args, 0)).p, &image, err);
	if (r < 0)
		return r;
	c = calloc(1, sizeof *c);
	if (!c)
		return no_memory(err);
	*c = (struct container){ .host = h,
				 .serial = ++h->next_serial,
				 .state = CONTAINER_CONFIGURED,
				 .create = json_object_get(create),
				 .created = instant_now(),
				 .started = { .s = CLOCK_GO_ZERO_S },
				 .finished = { .s = CLOCK_GO_ZERO_S } };
	host_new_id(h, c->id);
	r = fill(c, image, err);
	if (r < 0) {
		c->removed = true;
		container_hold(c);
		container_release(c);
		return r;
	}
	append(h, c);
	event_add(h, "container", "create", c->id, c->name, c->image_name);
	*ret = c;
	return 0;
}

#include "config/places.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"

/* More drop-in files than this are a mistake. */
#define DROP_INS_MAX 1024

const char *env_text(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] ? value : NULL;
}

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

/* Takes path. */
static int add_place(struct places *p, char *path, const char *named_by, struct error *err)
{
	struct place *more = path ? realloc(p->containers_conf, (p->n_containers_conf + 1) * sizeof *more) : NULL;

	if (!more) {
		free(path);
		return no_memory(err);
	}
	p->containers_conf = more;
	p->containers_conf[p->n_containers_conf++] = (struct place){ .path = path, .named_by = named_by };
	return 0;
}

static void dir_close_p(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int drop_ins_list(const char *dir, struct strv *ret, struct error *err)
{
	CLEANUP(dir_close_p) DIR *d = opendir(dir);
	CLEANUP(strv_done) struct strv names = { 0 };
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		if (!str_ends(str_from(entry->d_name), STR(".conf")))
			continue;
		if (names.n == DROP_INS_MAX)
			return error_set(err, ERR_USAGE, "%s: more than %d files", dir, DROP_INS_MAX);
		if (!strv_add(&names, entry->d_name))
			return no_memory(err);
	}
	if (names.n)
		qsort(names.v, names.n, sizeof *names.v, by_name);
	for (size_t i = 0; i < names.n; i++)
		if (!strv_take(ret, path_join(dir, names.v[i])))
			return no_memory(err);
	return 0;
}

static int add_drop_ins(struct places *p, const char *dir, struct error *err)
{
	CLEANUP(strv_done) struct strv files = { 0 };
	int r = drop_ins_list(dir, &files, err);

	for (size_t i = 0; r == 0 && i < files.n; i++)
		r = add_place(p, z_dup(files.v[i]), NULL, err);
	return r;
}

/* containers.conf in a folder, then its drop-ins. */
static int add_conf_folder(struct places *p, const char *folder, struct error *err)
{
	CLEANUP(free_p) char *drop_ins = path_join(folder, "containers.conf.d");
	int r;

	if (!drop_ins)
		return no_memory(err);
	r = add_place(p, path_join(folder, "containers.conf"), NULL, err);
	return r < 0 ? r : add_drop_ins(p, drop_ins, err);
}

static int find_containers_conf(const char *root, const char *user_folder, struct places *p, struct error *err)
{
	const char *only = env_text("CONTAINERS_CONF"), *last = env_text("CONTAINERS_CONF_OVERRIDE");
	CLEANUP(free_p) char *share = path_join(root, "usr/share/containers");
	CLEANUP(free_p) char *etc = path_join(root, "etc/containers");
	int r = 0;

	if (!share || !etc)
		return no_memory(err);
	if (only) {
		r = add_place(p, z_dup(only), "CONTAINERS_CONF", err);
	} else {
		r = add_conf_folder(p, share, err);
		if (r == 0)
			r = add_conf_folder(p, etc, err);
		if (r == 0)
			r = add_conf_folder(p, user_folder, err);
	}
	if (r == 0 && last)
		r = add_place(p, z_dup(last), "CONTAINERS_CONF_OVERRIDE", err);
	return r;
}

static int find_remote_conf(const char *root, const char *user_folder, const struct config_flags *flags, struct places *p,
			    struct error *err)
{
	if (flags->remote_config_path && flags->remote_config_path[0]) {
		p->remote_conf[0].path = path_expand_home(flags->remote_config_path);
		p->remote_conf[0].named_by = "--remote-config-path";
		return p->remote_conf[0].path ? 0 : no_memory(err);
	}
	p->remote_conf[0].path = path_join(user_folder, "podman-remote.conf");
	p->remote_conf[1].path = path_join(root, "etc/containers/podman-remote.conf");
	return p->remote_conf[0].path && p->remote_conf[1].path ? 0 : no_memory(err);
}

/* The folder of the user's own sockets: root has none but the machine's. */
static char *run_folder(const char *root)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	char *made;

	if (geteuid() == 0)
		return path_join(root, "run");
	if (dir && dir[0] == '/')
		return z_dup(dir);
	return asprintf(&made, "%s%srun/user/%lu", root, root[0] && root[strlen(root) - 1] == '/' ? "" : "/",
			(unsigned long)geteuid()) < 0
		       ? NULL
		       : made;
}

static int find_local_sockets(const char *root, struct places *p, struct error *err)
{
#ifdef __linux__
	CLEANUP(free_p) char *run = run_folder(root);

	if (!run || !strv_addf(&p->local_sockets, "%s/podman/podman.sock", run) ||
	    !strv_addf(&p->local_sockets, "%s/podman/io.podman", run))
		return no_memory(err);
#else
	/* Containers do not run on this system; a machine of the user is a connection by name. */
	(void)root, (void)p, (void)err, (void)run_folder;
#endif
	return 0;
}

static int find_connections(const char *user_folder, struct places *p, struct error *err)
{
	const char *named = env_text("PODMAN_CONNECTIONS_CONF");

	if (named && named[0] != '/')
		return error_set(err, ERR_USAGE, "PODMAN_CONNECTIONS_CONF must be an absolute path, but is \"%s\"", named);
	p->connections = named ? z_dup(named) : path_join(user_folder, "podman-connections.json");
	return p->connections ? 0 : no_memory(err);
}

int places_find(const char *root, const struct config_flags *flags, struct places *ret, struct error *err)
{
	CLEANUP(places_done) struct places p = { 0 };
	CLEANUP(free_p) char *home = path_config_home();
	CLEANUP(free_p) char *user_folder = home ? path_join(home, "containers") : NULL;
	int r;

	if (!root[0])
		root = "/";
	if (!user_folder)
		return no_memory(err);
	r = find_containers_conf(root, user_folder, &p, err);
	if (r == 0)
		r = find_remote_conf(root, user_folder, flags, &p, err);
	if (r == 0)
		r = find_connections(user_folder, &p, err);
	if (r == 0)
		r = find_local_sockets(root, &p, err);
	if (r < 0)
		return r;
	*ret = p;
	p = (struct places){ 0 };
	return 0;
}

void places_done(struct places *p)
{
	for (size_t i = 0; i < p->n_containers_conf; i++)
		free(p->containers_conf[i].path);
	free(p->containers_conf);
	free(p->remote_conf[0].path);
	free(p->remote_conf[1].path);
	free(p->connections);
	strv_done(&p->local_sockets);
	*p = (struct places){ 0 };
}

int place_read(const struct place *p, struct buf *ret, struct error *err)
{
	int r = path_read(p->path, ret, err);

	if (r == -ERR_NOT_FOUND && !p->named_by)
		return error_clear(err);
	if (r < 0 && p->named_by)
		return error_context(err, "%s", p->named_by);
	if (r < 0)
		return r;
	log_debug("read %s", p->path);
	return 1;
}

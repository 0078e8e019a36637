#include "config/auth_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/js.h"
#include "base/log.h"
#include "base/path.h"
#include "base/wipe.h"
#include "config/auth_json.h"
#include "config/auth_key.h"
#include "config/places.h"

/* Files are under this, so that reading one leaves no copies behind in a buffer that grew. */
#define USUAL_BYTES ((size_t)64 * 1024)

/* ---- where they are ---- */

void auth_files_done(struct auth_files *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].path);
	*f = (struct auth_files){ 0 };
}

/* Takes path. */
static int add_file(struct auth_files *f, char *path, bool docker, struct error *err)
{
	if (!path)
		return error_set(err, ERR_SYSTEM, "out of memory");
	f->v[f->n++] = (struct auth_file){ .path = path, .docker = docker, .ours = !docker };
	return 0;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folder that forgets with the session. NULL: none. On macOS there is none, and podman's clients keep logins with the user's configuration. */
static char *runtime_folder(void)
{
#ifdef __linux__
	static bool warned;
	const char *xdg = env_text("XDG_RUNTIME_DIR");
	char *made;

	if (xdg && is_folder(xdg))
		return path_join(xdg, "containers");
	if (xdg && !warned)
		log_warn("XDG_RUNTIME_DIR is %s, which is no folder: credentials are kept with the user's configuration", xdg);
	warned = warned || xdg;
	if (asprintf(&made, "/run/containers/%lu", (unsigned long)geteuid()) < 0)
		return NULL;
	if (!xdg && (geteuid() == 0 || is_folder(made)))
		return made;
	free(made);
#else
	(void)is_folder;
#endif
	return NULL;
}

static int add_runtime_file(struct auth_files *f, struct error *err)
{
	CLEANUP(free_p) char *folder = runtime_folder();

	return folder ? add_file(f, path_join(folder, "auth.json"), false, err) : 0;
}

static int find_usual(struct auth_files *f, struct error *err)
{
	CLEANUP(free_p) char *config = path_config_home();
	int r = add_runtime_file(f, err);

	if (r == 0)
		r = add_file(f, config ? path_join(config, "containers/auth.json") : NULL, false, err);
	if (r == 0)
		r = add_file(f, path_join(path_home(), ".docker/config.json"), true, err);
	if (r == 0)
		r = add_file(f, path_join(path_home(), ".dockercfg"), true, err);
	if (r == 0)
		f->v[f->n - 1].old = true;
	return r;
}

static bool is_dockers(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash ? slash + 1 : path, "config.json") == 0;
}

int auth_files_find(const char *authfile, struct auth_files *ret, struct error *err)
{
	const char *named = authfile && authfile[0] ? authfile : env_text("REGISTRY_AUTH_FILE");
	const char *docker_config = env_text("DOCKER_CONFIG");
	int r;

	*ret = (struct auth_files){ 0 };
	if (named)
		r = add_file(ret, z_dup(named), is_dockers(named), err);
	else if (docker_config)
		r = add_file(ret, path_join(docker_config, "config.json"), true, err);
	else
		return find_usual(ret, err);
	if (r == 0)
		ret->v[0].ours = true;
	return r;
}

int auth_file_check(const char *authfile, struct error *err)
{
	const char *named = authfile && authfile[0] ? authfile : env_text("REGISTRY_AUTH_FILE");
	struct stat st;

	if (!named || stat(named, &st) == 0)
		return 0;
	return error_set(err, ERR_USAGE, "checking authfile: stat %s: %s", named,
			 errno == ENOENT ? "no such file or directory" : strerror(errno));
}

/* ---- reading and writing ---- */

int auth_file_read(const struct auth_file *f, struct json_object **ret, struct error *err)
{
	CLEANUP(wipe_buf_done) struct buf text = BUF_INIT(AUTH_MAX_BYTES);
	CLEANUP(auth_json_free_p) struct json_object *document = NULL;
	int r = buf_reserve(&text, USUAL_BYTES) ? path_read(f->path, &text, err) : buf_check(&text, f->path, err);

	if (r < 0 && r != -ERR_NOT_FOUND)
		return r;
	if (r < 0)
		error_clear(err);
	if (str_trim(buf_str(&text)).n == 0)
		document = json_object_new_object();
	else if ((r = js_parse(buf_str(&text), f->path, &document, err)) < 0)
		return r;
	if (!json_object_is_type(document, json_type_object))
		return error_set(err, ERR_PROTOCOL, "%s: no JSON object", f->path);
	*ret = ptr_take(&document);
	return 0;
}

int auth_file_write(const struct auth_file *f, struct json_object *document, struct error *err)
{
	CLEANUP(wipe_buf_done) struct buf text = BUF_INIT(AUTH_MAX_BYTES);
	int r;

	buf_reserve(&text, USUAL_BYTES);
	auth_json_add(&text, document);
	r = buf_check(&text, f->path, err);
	return r < 0 ? r : path_write_atomic(f->path, buf_str(&text), 0600, err);
}

/* The lock is on the folder: one beside the file would be litter in folders that are docker's or the user's own. File systems without
 * locks exist; there the atomic replace alone has to do. */
int auth_file_lock(const struct auth_file *f, int *ret_fd, struct error *err)
{
	CLEANUP(free_p) char *link = realpath(f->path, NULL);
	const char *path = link ? link : f->path, *slash = strrchr(path, '/');
	CLEANUP(free_p) char *folder = !slash ? z_dup(".") : slash == path ? z_dup("/") : strndup(path, (size_t)(slash - path));
	CLEANUP(fd_close_p) int fd = -1;
	int r = folder ? path_make_dirs(folder, 0700, err) : error_set(err, ERR_SYSTEM, "out of memory");

	if (r < 0)
		return r;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set_errno(err, "open %s", folder);
	if (flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			return error_set(err, ERR_INTERRUPTED, "interrupted");
		log_debug("%s: no lock: %s", folder, strerror(errno));
	}
	*ret_fd = fd_take(&fd);
	return 0;
}

/* ---- what is in them ---- */

struct json_object *auth_file_entries(const struct auth_file *f, struct json_object *document)
{
	return f->old ? document : js_get(document, "auths");
}

struct json_object *auth_find(const struct auth_file *f, struct json_object *entries, const char *key, const char **ret_name)
{
	struct json_object *found = NULL;

	if (!json_object_is_type(entries, json_type_object))
		return NULL;
	json_object_object_foreach(entries, name, entry)
	{
		CLEANUP(free_p) char *normal = auth_key_normal(str_from(name), f->old);
		bool same = strcmp(name, key) == 0;

		if (!same && (found || !normal || strcmp(normal, key) != 0))
			continue;
		found = entry;
		if (ret_name)
			*ret_name = name;
		if (same)
			break;
	}
	return found;
}

const char *auth_helper_of(const struct auth_file *f, struct json_object *document, const char *key)
{
	CLEANUP(free_p) char *host = str_dup(auth_key_host(key));
	struct json_object *helper = host ? auth_find(f, js_get(document, "credHelpers"), host, NULL) : NULL;

	return json_object_is_type(helper, json_type_string) ? json_object_get_string(helper) : NULL;
}

const char *auth_store_of(struct json_object *document)
{
	const char *store = js_get_str(document, "credsStore", NULL);

	return store && store[0] ? store : NULL;
}

#include "config/registries.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/log.h"
#include "base/path.h"
#include "config/places.h"
#include "config/registries_own.h"
#include "config/toml.h"

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- reading ---- */

/* 1: read; 0: not there and need not be. */
static int add_file(struct registries *r, const char *path, bool named, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TOML_MAX_BYTES);
	CLEANUP(js_put_p) struct json_object *document = NULL;
	int result = path_read(path, &text, err);

	if (result == -ERR_NOT_FOUND && !named)
		return error_clear(err);
	/* Whoever asks for an image must not take this for a missing one. */
	if (result == -ERR_NOT_FOUND)
		return error_set(err, ERR_USAGE, "loading registries configuration: open %s: %s", path, strerror(ENOENT));
	if (result == 0)
		result = toml_parse(buf_str(&text), path, &document, err);
	if (result < 0)
		return error_context(err, "loading registries configuration");
	log_debug("read %s", path);
	result = registries_add_document(r, document, path, err);
	return result < 0 ? result : 1;
}

static int add_drop_ins(struct registries *r, const char *folder, struct error *err)
{
	CLEANUP(free_p) char *dir = folder ? path_join(folder, "registries.conf.d") : NULL;
	CLEANUP(strv_done) struct strv files = { 0 };
	int result = dir ? drop_ins_list(dir, &files, err) : no_memory(err);

	for (size_t i = 0; result >= 0 && i < files.n; i++)
		result = add_file(r, files.v[i], false, err);
	return result;
}

/* The user's configuration takes the place of the machine's; drop-ins of both count. */
static int add_usual(struct registries *r, const char *root, struct error *err)
{
	CLEANUP(free_p) char *home = path_config_home(), *etc = NULL;
	CLEANUP(free_p) char *user = home ? path_join(home, "containers") : NULL;
	CLEANUP(free_p) char *user_file = user ? path_join(user, "registries.conf") : NULL;
	CLEANUP(free_p) char *etc_file = NULL;
	int result;

	if (!user_file || asprintf(&etc, "%s/etc/containers", root) < 0 || !(etc_file = path_join(etc, "registries.conf")))
		return no_memory(err);
	result = add_file(r, user_file, false, err);
	if (result == 0)
		result = add_file(r, etc_file, false, err);
	if (result >= 0)
		result = add_drop_ins(r, etc, err);
	return result < 0 ? result : add_drop_ins(r, user, err);
}

int registries_read_at(const char *root, const char *file, struct registries **ret, struct error *err)
{
	CLEANUP(registries_close_p) struct registries *r = calloc(1, sizeof *r);
	const char *named = file ? file : env_text("CONTAINERS_REGISTRIES_CONF");
	int result;

	if (!r || !(r->aliases = json_object_new_object()))
		return no_memory(err);
	result = named ? add_file(r, named, true, err) : add_usual(r, root, err);
	if (result < 0)
		return result;
	*ret = ptr_take(&r);
	return 0;
}

int registries_read(const char *file, struct registries **ret, struct error *err)
{
	return registries_read_at("", file, ret, err);
}

/* ---- asking ---- */

static bool ends_name(char c)
{
	return !c || c == '/' || c == ':' || c == '@';
}

/* How much of the repository the prefix stands for; 0: it does not fit. */
static size_t matched(const char *repository, const char *prefix)
{
	size_t n = strlen(prefix), host = strcspn(repository, "/:");

	if (strncmp(prefix, "*.", 2) != 0)
		return strncmp(repository, prefix, n) == 0 && ends_name(repository[n]) ? n : 0;
	/* ".example.com" is the end of the host's name, with something before it. */
	n--;
	return host > n && strncmp(repository + host - n, prefix + 1, n) == 0 ? host : 0;
}

/* The longest prefix counts. *ret_matched: see matched. NULL: none. */
static const struct registry_entry *find(const struct registries *r, const char *repository, size_t *ret_matched)
{
	const struct registry_entry *found = NULL;

	for (size_t i = 0; i < r->n; i++) {
		size_t n = matched(repository, r->v[i].prefix);

		if (n && (!found || strlen(r->v[i].prefix) > strlen(found->prefix))) {
			found = &r->v[i];
			*ret_matched = n;
		}
	}
	return found;
}

static int blocked(const struct registry_entry *e, struct error *err)
{
	return error_set(err, ERR_USAGE, "registry %s is blocked in %s", e->prefix, e->file);
}

static int add_place(struct registry_places *p, const char *location, const char *rest, bool insecure, bool mirror,
		     struct error *err)
{
	struct registry_place *more = realloc(p->v, (p->n + 1) * sizeof *more);
	char *repository;

	if (!more)
		return no_memory(err);
	p->v = more;
	if (asprintf(&repository, "%s%s", location, rest) < 0)
		return no_memory(err);
	p->v[p->n++] = (struct registry_place){ .repository = repository, .insecure = insecure, .mirror = mirror };
	return 0;
}

static bool usable(const struct registry_entry *e, const struct registry_mirror *m, bool by_digest)
{
	if (by_digest)
		return m->use != MIRROR_TAG_ONLY;
	return m->use != MIRROR_DIGEST_ONLY && !e->mirror_by_digest_only;
}

static int add_places(const struct registry_entry *e, const char *repository, size_t n, bool by_digest, struct registry_places *p,
		      struct error *err)
{
	const char *rest = repository + n;
	int result = 0;

	for (size_t i = 0; result == 0 && i < e->n_mirrors; i++)
		if (usable(e, &e->mirrors[i], by_digest))
			result = add_place(p, e->mirrors[i].location, rest, e->mirrors[i].insecure, true, err);
	if (result < 0)
		return result;
	return e->location ? add_place(p, e->location, rest, e->insecure, false, err)
			   : add_place(p, repository, "", e->insecure, false, err);
}

void registry_places_done(struct registry_places *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].repository);
	free(p->v);
	*p = (struct registry_places){ 0 };
}

int registries_resolve(const struct registries *r, const char *repository, bool by_digest, struct registry_places *ret,
		       struct error *err)
{
	CLEANUP(registry_places_done) struct registry_places p = { 0 };
	size_t n = 0;
	const struct registry_entry *e = find(r, repository, &n);
	int result;

	if (e && e->blocked)
		return blocked(e, err);
	result = e ? add_places(e, repository, n, by_digest, &p, err) : add_place(&p, repository, "", false, false, err);
	if (result < 0)
		return result;
	*ret = p;
	p = (struct registry_places){ 0 };
	return 0;
}

int registries_insecure(const struct registries *r, const char *repository, bool *ret, struct error *err)
{
	size_t n;
	const struct registry_entry *e = find(r, repository, &n);

	if (e && e->blocked)
		return blocked(e, err);
	*ret = e && e->insecure;
	return 0;
}

const struct strv *registries_search(const struct registries *r)
{
	return &r->search;
}

const char *registries_alias(const struct registries *r, const char *short_name)
{
	const char *full = js_get_str(r->aliases, short_name, "");

	return full[0] ? full : NULL;
}

/* ---- certs.d ---- */

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int registries_cert_dir_at(const char *root, const char *host, char **ret, struct error *err)
{
	CLEANUP(free_p) char *home = path_config_home();
	CLEANUP(strv_done) struct strv folders = { 0 };

	*ret = NULL;
	/* A name that could lead out of the folders has no certificates. */
	if (!host[0] || host[0] == '.' || strchr(host, '/'))
		return 0;
	if (!home || !strv_addf(&folders, "%s/containers/certs.d/%s", home, host) ||
	    !strv_addf(&folders, "%s/etc/containers/certs.d/%s", root, host) ||
	    !strv_addf(&folders, "%s/etc/docker/certs.d/%s", root, host))
		return no_memory(err);
	for (size_t i = 0; i < folders.n; i++) {
		if (!is_folder(folders.v[i]))
			continue;
		*ret = z_dup(folders.v[i]);
		return *ret ? 0 : no_memory(err);
	}
	return 0;
}

int registries_cert_dir(const char *host, char **ret, struct error *err)
{
	return registries_cert_dir_at("", host, ret, err);
}

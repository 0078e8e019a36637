/* image/lookaside_find.c: which address registries.d names for a repository. */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "base/js.h"
#include "base/path.h"
#include "config/yaml.h"
#include "image/lookaside.h"
#include "image/store_own.h"

#define FILES_MAX 1000

/* The files of the folder in one: {"default-docker": {...}, "docker": {SCOPE: {...}}}, and what file had each part. */
struct registries_d {
	struct json_object *all, *from;
};

static void registries_d_done(struct registries_d *d)
{
	json_object_put(d->all);
	json_object_put(d->from);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_files(const char *folder, struct strv *ret, struct error *err)
{
	DIR *at = opendir(folder);
	struct dirent *e;
	bool good = true;

	if (!at)
		return 0;
	while (good && ret->n < FILES_MAX && (e = readdir(at)))
		good = !str_ends(str_from(e->d_name), STR(".yaml")) || strv_add(ret, e->d_name);
	closedir(at);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof *ret->v, by_name);
	return good ? 0 : store_no_memory(err);
}

/* Two files that speak of the same scope leave open what counts. */
static int merge(struct registries_d *d, struct json_object *into, const char *key, struct json_object *section, const char *file, struct error *err)
{
	CLEANUP(buf_done) struct buf id = BUF_INIT(8192);

	buf_addf(&id, "%s%s", into == d->all ? "" : "docker ", key);
	if (json_object_object_get_ex(into, key, NULL))
		return error_set(err, ERR_USAGE, "registries.d: \"%s\" is defined both in \"%s\" and \"%s\"", key, js_get_str(d->from, buf_z(&id), ""), file);
	js_set_str(d->from, buf_z(&id), file);
	return js_set(into, key, json_object_get(section)) ? 0 : store_no_memory(err);
}

static int merge_file(struct registries_d *d, const char *file, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(YAML_MAX_BYTES);
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	struct json_object *docker;
	int r = path_read(file, &text, err);

	if (r == 0)
		r = yaml_parse(buf_str(&text), file, &doc, err);
	if (r == 0 && js_get(doc, "default-docker"))
		r = merge(d, d->all, "default-docker", js_get(doc, "default-docker"), file, err);
	docker = js_get(doc, "docker");
	if (r < 0 || !json_object_is_type(docker, json_type_object))
		return r;
	json_object_object_foreach(docker, scope, section)
		if ((r = merge(d, js_get(d->all, "docker"), scope, section, file, err)) < 0)
			return r;
	return 0;
}

static char *default_folder(void)
{
	CLEANUP(free_p) char *home = path_config_home();
	CLEANUP(free_p) char *own = home ? path_join(home, "containers/registries.d") : NULL;

	return own && access(own, F_OK) == 0 ? ptr_take(&own) : z_dup("/etc/containers/registries.d");
}

static int read_all(const char *wanted, struct registries_d *d, struct error *err)
{
	CLEANUP(strv_done) struct strv files = { 0 };
	CLEANUP(free_p) char *folder = wanted ? z_dup(wanted) : default_folder();
	int r;

	d->all = json_object_new_object();
	d->from = json_object_new_object();
	if (!folder || !d->from || !js_set(d->all, "docker", json_object_new_object()))
		return store_no_memory(err);
	r = list_files(folder, &files, err);
	for (size_t i = 0; r == 0 && i < files.n; i++) {
		CLEANUP(free_p) char *file = path_join(folder, files.v[i]);

		r = file ? merge_file(d, file, err) : store_no_memory(err);
	}
	return r;
}

/* ---- choosing ---------------------------------------------------------------------------------------------------------- */

/* The names before "lookaside" are still in many files. */
static const char *address(struct json_object *section, bool write)
{
	const char *z = write ? js_get_str(section, "lookaside-staging", js_get_str(section, "sigstore-staging", "")) : "";

	return *z ? z : js_get_str(section, "lookaside", js_get_str(section, "sigstore", ""));
}

/* From "host/path:tag" up to the host; NULL when no scope names an address. */
static const char *in_scopes(struct json_object *scopes, const char *repository, const char *version, bool write, struct error *err)
{
	CLEANUP(buf_done) struct buf scope = BUF_INIT(2048);
	const char *z = "";

	buf_addf(&scope, "%s%s%s", repository, digest_valid(str_from(version)) ? "@" : ":", version);
	if (buf_check(&scope, "name of a repository", err) < 0)
		return NULL;
	z = address(js_get(scopes, scope.p), write);
	for (scope.p[strlen(repository)] = '\0'; !*z;) {
		char *slash = strrchr(scope.p, '/');

		z = address(js_get(scopes, scope.p), write);
		if (!slash)
			break;
		*slash = '\0';
	}
	return *z ? z : NULL;
}

static const char *below_domains(struct json_object *scopes, const char *repository, bool write)
{
	CLEANUP(buf_done) struct buf scope = BUF_INIT(2048);
	const char *dot = repository, *end = repository + strcspn(repository, "/:");

	while ((dot = strchr(dot, '.')) && dot < end) {
		const char *z;

		buf_clear(&scope);
		buf_addf(&scope, "*%.*s", (int)(end - dot), dot);
		z = address(js_get(scopes, buf_z(&scope)), write);
		if (*z)
			return z;
		dot++;
	}
	return NULL;
}

static char *own_folder(void)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT(4096);

	if (getuid() == 0)
		return z_dup("file:///var/lib/containers/sigstore");
	buf_addf(&url, "file://%s/.local/share/containers/sigstore", path_home());
	return buf_take(&url);
}

static int choose(const struct registries_d *d, const char *repository, const char *version, bool write, char **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT(8192);
	CLEANUP(free_p) char *own = own_folder();
	const char *z = in_scopes(js_get(d->all, "docker"), repository, version, write, err), *path = strchr(repository, '/');
	struct str base;

	if (!z)
		z = below_domains(js_get(d->all, "docker"), repository, write);
	if (!z)
		z = address(js_get(d->all, "default-docker"), write);
	if (!*z)
		z = own;
	if (!z || !path)
		return store_no_memory(err);
	base = str_from(z);
	while (base.n && base.p[base.n - 1] == '/')
		base.n--;
	buf_addf(&url, "%.*s%s", STR_ARG(base), path);
	*ret = buf_take(&url);
	return *ret ? 0 : error_set(err, ERR_USAGE, "the address of signatures is too long");
}

/* use-sigstore-attachments of the most specific scope that has it, else of default-docker. */
static bool wants_attachments(const struct registries_d *d, const char *repository, const char *version)
{
	struct json_object *scopes = js_get(d->all, "docker");
	CLEANUP(buf_done) struct buf scope = BUF_INIT(2048);
	const char *key = "use-sigstore-attachments";
	const char *z;

	buf_addf(&scope, "%s%s%s", repository, digest_valid(str_from(version)) ? "@" : ":", version);
	if (scope.failed)
		return false;
	z = js_get_str(js_get(scopes, scope.p), key, NULL);
	for (scope.p[strlen(repository)] = '\0'; !z;) {
		char *slash = strrchr(scope.p, '/');

		z = js_get_str(js_get(scopes, scope.p), key, NULL);
		if (!slash)
			break;
		*slash = '\0';
	}
	if (!z)
		z = js_get_str(js_get(d->all, "default-docker"), key, "");
	return strcmp(z, "true") == 0;
}

int lookaside_find(const char *folder, const char *repository, const char *version, struct lookaside *ret, struct error *err)
{
	CLEANUP(registries_d_done) struct registries_d d = { 0 };
	CLEANUP(lookaside_done) struct lookaside l = { 0 };
	int r = read_all(folder, &d, err);

	if (r == 0)
		r = choose(&d, repository, version, false, &l.read, err);
	if (r == 0)
		r = choose(&d, repository, version, true, &l.write, err);
	if (r < 0)
		return r;
	l.attachments = wants_attachments(&d, repository, version);
	*ret = l;
	l = (struct lookaside){ 0 };
	return 0;
}

void lookaside_done(struct lookaside *l)
{
	free(l->read);
	free(l->write);
	*l = (struct lookaside){ 0 };
}

#include "cmd/skopeo/sync_yaml.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/log.h"
#include "base/path.h"
#include "base/units.h"
#include "cmd/skopeo/sync_pattern.h"
#include "cmd/skopeo/sync_semver.h"
#include "config/yaml.h"
#include "image/reference.h"

/* One registry of the file. */
struct section {
	const char *registry;
	struct json_object *body;
	struct store_options o; /* with what it says itself */
	struct sync_repo own;   /* the same, without images; borrowed by o */
	struct sync_sources *ret;
	bool failed;
};

static void section_done(struct section *s)
{
	free(s->own.cert_dir);
	credentials_done(&s->own.creds);
}

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

static void say(const struct section *s, enum log_level level, const char *repository, const char *text)
{
	const struct log_field fields[] = { { "registry", s->registry }, { "repo", repository } };

	log_fields(level, text, fields, repository ? 2 : 1);
}

/* What can't be read is left out; the rest goes on. */
static void leave_out(struct section *s, const char *repository, const char *text, struct error *err)
{
	say(s, LOG_ERROR_, repository, text);
	log_msg(LOG_ERROR_, "%s", err->text ? err->text : "out of memory");
	error_clear(err);
	s->failed = true;
}

/* As the file has it: "path" of "registry/path". */
static const char *name_of(const struct section *s, const char *repository)
{
	size_t n = strlen(s->registry);

	return strncmp(repository, s->registry, n) == 0 && repository[n] == '/' ? repository + n + 1 : repository;
}

/* ---- how a registry is spoken to --------------------------------------------------------------------------------------- */

static void warn_unknown(const struct section *s)
{
	static const char *const known[] = { "images",      "images-by-tag-regex", "images-by-semver",
					     "credentials", "tls-verify",          "cert-dir" };

	json_object_object_foreach(s->body, key, value)
	{
		bool found = false;

		(void)value;
		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			found = found || strcmp(key, known[i]) == 0;
		if (!found)
			log_warn("%s: %s is not known and has no effect", s->registry, key);
	}
}

static int read_access(struct section *s, const struct store_options *o, struct error *err)
{
	struct json_object *creds = js_get(s->body, "credentials");
	const char *verify = js_get_str(s->body, "tls-verify", NULL), *cert_dir = js_get_str(s->body, "cert-dir", NULL);
	const char *user = js_get_str(creds, "username", NULL);
	bool on = false;

	s->own.tls_verify = -1;
	if (verify && !bool_parse(str_from(verify), &on))
		return error_set(err, ERR_USAGE, "%s: tls-verify is \"%s\", not true or false", s->registry, verify);
	if (verify)
		s->own.tls_verify = on;
	if (cert_dir && !(s->own.cert_dir = z_dup(cert_dir)))
		return no_memory(err);
	if (user) {
		s->own.creds.username = z_dup(user);
		s->own.creds.password = z_dup(js_get_str(creds, "password", ""));
		if (!s->own.creds.username || !s->own.creds.password)
			return no_memory(err);
	}
	s->o = sync_repo_options(&s->own, o);
	return 0;
}

/* Images that were found, with the access of their section. */
static int add_repo(struct section *s, struct strv *images, struct error *err)
{
	struct sync_repo *repo = sync_sources_add(s->ret);

	if (!repo)
		return no_memory(err);
	repo->images = *images;
	*images = (struct strv){ 0 };
	repo->tls_verify = s->own.tls_verify;
	repo->cert_dir = z_dup(s->own.cert_dir);
	repo->creds.username = z_dup(s->own.creds.username);
	repo->creds.password = z_dup(s->own.creds.password);
	return 0;
}

/* ---- images ------------------------------------------------------------------------------------------------------------ */

/* "host/path" of a name in the section. */
static int repository_of(const struct section *s, const char *name, char **ret, struct error *err)
{
	CLEANUP(reference_done) struct reference ref = { 0 };
	CLEANUP(buf_done) struct buf full = BUF_INIT(4096);
	int r;

	buf_addf(&full, "%s/%s", s->registry, name);
	r = reference_parse(buf_z(&full), &ref, err);
	if (r == 0 && (ref.tag || ref.digest))
		r = error_set(err, ERR_USAGE, "input names a reference, not a repository: %s", buf_z(&full));
	if (r < 0)
		return r;
	*ret = reference_repository(&ref);
	return *ret ? 0 : no_memory(err);
}

/* A tag or a digest; what is neither is left out. */
static void add_version(struct section *s, const char *repository, const char *version, struct strv *images)
{
	CLEANUP(reference_done) struct reference ref = { 0 };
	CLEANUP(buf_done) struct buf full = BUF_INIT(4096);
	CLEANUP(error_done) struct error why = ERROR_INIT;

	buf_addf(&full, "%s%s%s", repository, digest_valid(str_from(version)) ? "@" : ":", version);
	if (reference_parse(buf_z(&full), &ref, &why) < 0)
		leave_out(s, name_of(s, repository), "Error processing ref, skipping", &why);
	else
		strv_addf(images, "docker://%s", buf_z(&full));
}

static int images_by_name(struct section *s, const char *repository, struct json_object *versions, struct strv *ret,
			  struct error *err)
{
	if (!js_len(versions)) {
		say(s, LOG_INFO_, name_of(s, repository), "Querying registry for image tags");
		return sync_sources_tags(repository, &s->o, ret, err);
	}
	for (size_t i = 0; i < js_len(versions); i++)
		add_version(s, repository, js_text(js_at(versions, i)).p, ret);
	return 0;
}

typedef bool fits_fn(const void *ctx, const char *tag);

/* The images whose tag fits. how: for the log. */
static int images_that_fit(struct section *s, const char *repository, const char *how, fits_fn *fits, const void *ctx,
			   struct strv *ret, struct error *err)
{
	CLEANUP(strv_done) struct strv all = { 0 };
	size_t skip = strlen("docker://") + strlen(repository) + 1;
	int r;

	say(s, LOG_INFO_, name_of(s, repository), "Querying registry for image tags");
	r = sync_sources_tags(repository, &s->o, &all, err);
	if (r == 0)
		say(s, LOG_INFO_, name_of(s, repository), how);
	for (size_t i = 0; r == 0 && i < all.n; i++)
		if (fits(ctx, all.v[i] + skip) && !strv_add(ret, all.v[i]))
			r = no_memory(err);
	return r;
}

static bool fits_pattern(const void *compiled, const char *tag)
{
	return regexec(compiled, tag, 0, NULL, 0) == 0;
}

static bool fits_range(const void *range, const char *tag)
{
	return semver_range_has(range, tag);
}

static int images_by_pattern(struct section *s, const char *repository, struct json_object *pattern, struct strv *ret,
			     struct error *err)
{
	CLEANUP(buf_done) struct buf how = BUF_INIT(16 * 1024);
	regex_t compiled;
	int r = sync_pattern(js_text(pattern).p, &compiled, err);

	if (r < 0)
		return r;
	buf_addf(&how, "Start filtering using the regular expression: %s", js_text(pattern).p);
	r = images_that_fit(s, repository, buf_z(&how), fits_pattern, &compiled, ret, err);
	regfree(&compiled);
	return r;
}

static int images_by_version(struct section *s, const char *repository, struct json_object *text, struct strv *ret,
			     struct error *err)
{
	CLEANUP(semver_range_close_p) struct semver_range *range = NULL;
	CLEANUP(buf_done) struct buf how = BUF_INIT(16 * 1024);
	int r = semver_range_parse(js_text(text).p, &range, err);

	if (r < 0)
		return r;
	buf_addf(&how, "Start filtering using the semver constraint: %s", js_text(text).p);
	return images_that_fit(s, repository, buf_z(&how), fits_range, range, ret, err);
}

typedef int images_fn(struct section *s, const char *repository, struct json_object *what, struct strv *ret, struct error *err);

static int one_repository(struct section *s, const char *name, struct json_object *what, images_fn *images_of, struct error *err)
{
	CLEANUP(strv_done) struct strv images = { 0 };
	CLEANUP(free_p) char *repository = NULL;
	int r = repository_of(s, name, &repository, err);

	if (r < 0) {
		leave_out(s, name, "Error parsing repository name, skipping", err);
		return 0;
	}
	say(s, LOG_INFO_, name, "Processing repo");
	if (images_of(s, repository, what, &images, err) < 0) {
		leave_out(s, name, "Error processing repo, skipping", err);
		return 0;
	}
	if (images.n)
		return add_repo(s, &images, err);
	say(s, LOG_WARN_, name, "No refs to sync found");
	return 0;
}

static int each_repository(struct section *s, const char *key, enum json_type type, images_fn *images_of, struct error *err)
{
	struct json_object *all = js_get(s->body, key);
	int r = 0;

	if (all && !json_object_is_type(all, json_type_object))
		return error_set(err, ERR_USAGE, "%s: %s has no names of images", s->registry, key);
	if (!all)
		return 0;
	json_object_object_foreach(all, name, what)
	{
		if (what && !json_object_is_type(what, type))
			r = error_set(err, ERR_USAGE, "%s: %s: %s is no %s", s->registry, key, name,
				      type == json_type_array ? "list of tags" : "text");
		if (r == 0)
			r = one_repository(s, name, what, images_of, err);
		if (r < 0)
			break;
	}
	return r;
}

/* ---- the file ---------------------------------------------------------------------------------------------------------- */

static int one_registry(const char *registry, struct json_object *body, const struct store_options *o, struct sync_sources *ret,
			bool *ret_failed, struct error *err)
{
	CLEANUP(section_done) struct section s = { .registry = registry, .body = body, .ret = ret };
	int r;

	if (body && !json_object_is_type(body, json_type_object))
		return error_set(err, ERR_USAGE, "%s has no mapping", registry);
	if (!js_get(body, "images") && !js_get(body, "images-by-tag-regex") && !js_get(body, "images-by-semver")) {
		say(&s, LOG_WARN_, NULL, "No images specified for registry");
		return 0;
	}
	warn_unknown(&s);
	r = read_access(&s, o, err);
	if (r == 0)
		r = each_repository(&s, "images", json_type_array, images_by_name, err);
	if (r == 0)
		r = each_repository(&s, "images-by-tag-regex", json_type_string, images_by_pattern, err);
	if (r == 0)
		r = each_repository(&s, "images-by-semver", json_type_string, images_by_version, err);
	*ret_failed = *ret_failed || s.failed;
	return r;
}

static int each_registry(struct json_object *doc, const struct store_options *o, struct sync_sources *ret, bool *ret_failed,
			 struct error *err)
{
	json_object_object_foreach(doc, registry, body)
	{
		int r = one_registry(registry, body, o, ret, ret_failed, err);

		if (r < 0)
			return r;
	}
	return 0;
}

int sync_sources_yaml(const char *file, const struct store_options *o, struct sync_sources *ret, bool *ret_failed,
		      struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(YAML_MAX_BYTES);
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	int r = path_read(file, &text, err);

	if (r == 0)
		r = yaml_parse(buf_str(&text), file, &doc, err);
	if (r == 0 && doc && !json_object_is_type(doc, json_type_object))
		r = error_set(err, ERR_USAGE, "%s has no registries", file);
	if (r == 0 && doc)
		r = each_registry(doc, o, ret, ret_failed, err);
	return r;
}

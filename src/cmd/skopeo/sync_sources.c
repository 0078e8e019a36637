#include "cmd/skopeo/sync_sources.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "image/reference.h"

#define MAX_DEPTH 64

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

struct sync_repo *sync_sources_add(struct sync_sources *s)
{
	struct sync_repo *more = realloc(s->v, (s->n + 1) * sizeof *more);

	if (!more)
		return NULL;
	s->v = more;
	more[s->n] = (struct sync_repo){ .tls_verify = -1 };
	return &more[s->n++];
}

void sync_sources_done(struct sync_sources *s)
{
	for (size_t i = 0; i < s->n; i++) {
		strv_done(&s->v[i].images);
		credentials_done(&s->v[i].creds);
		free(s->v[i].base);
		free(s->v[i].cert_dir);
	}
	free(s->v);
}

struct store_options sync_repo_options(const struct sync_repo *repo, const struct store_options *o)
{
	struct store_options own = *o;

	if (repo->cert_dir)
		own.cert_dir = repo->cert_dir;
	if (repo->creds.username)
		own.credentials = &repo->creds;
	if (repo->tls_verify >= 0)
		own.tls_verify = repo->tls_verify;
	return own;
}

/* ---- registries -------------------------------------------------------------------------------------------------------- */

int sync_sources_tags(const char *repository, const struct store_options *o, struct strv *ret, struct error *err)
{
	CLEANUP(image_source_close_p) struct image_source *from = NULL;
	CLEANUP(buf_done) struct buf name = BUF_INIT(4096);
	CLEANUP(strv_done) struct strv tags = { 0 };
	struct log_field image = { "image", repository };
	int r;

	log_fields(LOG_INFO_, "Getting tags", &image, 1);
	buf_addf(&name, "docker://%s", repository);
	r = image_source_open(buf_z(&name), o, NULL, &from, err);
	if (r == 0)
		r = from->ops->tags(from, &tags, err);
	if (r == -ERR_AUTH) {
		log_warn("Registry disallows tag list retrieval: %s", err->text);
		return error_clear(err);
	}
	if (r < 0)
		return error_context(err, "Error determining repository tags for image %s", repository);
	for (size_t i = 0; i < tags.n; i++)
		if (!strv_addf(ret, "docker://%s:%s", repository, tags.v[i]))
			return no_memory(err);
	return 0;
}

static int images_of(const struct reference *name, const struct store_options *o, struct strv *ret, struct error *err)
{
	CLEANUP(free_p) char *full = reference_string(name);

	if (!full)
		return no_memory(err);
	if (name->tag || name->digest)
		return strv_addf(ret, "docker://%s", full) ? 0 : no_memory(err);
	return sync_sources_tags(full, o, ret, err);
}

int sync_sources_docker(const char *what, const struct store_options *o, struct sync_sources *ret, struct error *err)
{
	CLEANUP(reference_done) struct reference name = { 0 };
	struct log_field fields[] = { { "imagename", what }, { "tagged", "false" } };
	struct sync_repo *repo;
	int r = reference_parse(what, &name, err);

	if (r < 0)
		return error_context(err, "Cannot obtain a valid image reference for transport \"docker\" and reference \"%s\"",
				     what);
	if (name.tag || name.digest)
		fields[1].value = "true";
	log_fields(LOG_INFO_, "Tag presence check", fields, ARRAY_LEN(fields));
	repo = sync_sources_add(ret);
	if (!repo)
		return no_memory(err);
	r = images_of(&name, o, &repo->images, err);
	if (r == 0 && !repo->images.n)
		r = error_set(err, ERR_NOT_FOUND, "No images to sync found in \"%s\"", what);
	return r;
}

/* ---- folders ----------------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static int read_names(const char *dir, struct strv *ret, struct error *err)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (!d)
		return error_set_errno(err, "open %s", dir);
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			strv_add(ret, e->d_name);
	closedir(d);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof *ret->v, by_name);
	return 0;
}

/* Every folder with a manifest.json; links are not followed, as they may lead in a circle. */
static int walk(const char *dir, unsigned depth, struct strv *ret, struct error *err)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	int r = read_names(dir, &names, err);

	if (r == 0 && depth > MAX_DEPTH)
		r = error_set(err, ERR_USAGE, "%s: more than %d folders in each other", dir, MAX_DEPTH);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		CLEANUP(free_p) char *path = path_join(dir, names.v[i]);
		struct stat st;

		if (!path)
			return no_memory(err);
		if (lstat(path, &st) < 0)
			r = error_set_errno(err, "stat %s", path);
		else if (S_ISDIR(st.st_mode))
			r = walk(path, depth + 1, ret, err);
		else if (strcmp(names.v[i], "manifest.json") == 0 && !strv_addf(ret, "dir:%s", dir))
			r = no_memory(err);
	}
	return r;
}

/* The folder as it is named, without slashes behind it: what is below it is told by its length. */
static char *plain_folder(const char *typed)
{
	size_t n = strlen(typed);

	while (n > 1 && typed[n - 1] == '/')
		n--;
	return str_dup((struct str){ typed, n });
}

int sync_sources_dir(const char *what, struct sync_sources *ret, struct error *err)
{
	struct sync_repo *repo = sync_sources_add(ret);
	int r;

	if (!repo || !(repo->base = plain_folder(what)))
		return no_memory(err);
	r = walk(repo->base, 0, &repo->images, err);
	if (r == 0 && !repo->images.n)
		r = error_set(err, ERR_NOT_FOUND, "No images to sync found in \"%s\"", what);
	return r;
}

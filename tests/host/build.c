#include "build.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "image_config.h"
#include "image_words.h"
#include "tree.h"

static void log_line(struct build *b, const char *fmt, va_list ap)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(512 * 1024);
	struct json_object *o = json_object_new_object();

	buf_vaddf(&line, fmt, ap);
	js_set(o, "image", more_response(buf_z(&line), ""));
	reply_continues(b->call, o);
}

void build_log(struct build *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(b, fmt, ap);
	va_end(ap);
}

int build_work(struct build *b, const char **ret, struct error *err)
{
	CLEANUP(free_p) char *dir = NULL;
	const char *tree;
	char id[65];
	int r;

	*ret = b->work;
	if (b->work)
		return 0;
	host_new_id(b->host, id);
	dir = host_path(b->host, id, NULL);
	if (!dir)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = layer_tree(b->host, b->top, &tree, err);
	if (r == 0)
		r = tree_copy(tree, dir, err);
	if (r < 0) {
		tree_remove(dir);
		return r;
	}
	*ret = b->work = ptr_take(&dir);
	return 0;
}

static void drop_work(struct build *b)
{
	if (b->work)
		tree_remove(b->work);
	free(b->work);
	b->work = NULL;
}

/* The ID of a step, which the last one's commit tells. */
static void log_id(struct build *b)
{
	if (b->host->version == V193 && !b->quiet)
		build_log(b, "--> %.11s\n", b->image->id);
	else if (b->host->version == V162 || !b->quiet)
		build_log(b, "%s\n", b->image->id);
}

static bool is_docker(const struct build *b)
{
	return strstr(js_get_str(b->info, "outputFormat", ""), "docker") != NULL;
}

/* The files as they are now become the next layer. */
static int commit_files(struct build *b, struct error *err)
{
	struct layer *top = NULL;
	const char *work;
	int r = build_work(b, &work, err);

	if (r == 0)
		r = layer_add_changes(b->host, b->top, work, &top, err);
	if (r == 0) {
		b->top = top;
		layer_give_tree(b->host, top, work);
		free(b->work);
		b->work = NULL;
	}
	drop_work(b);
	return r;
}

int build_commit_step(struct build *b, const char *created_by, bool empty, struct error *err)
{
	int r = 0;

	b->image = NULL;
	if (!b->layers)
		return 0;
	if (!empty)
		r = commit_files(b, err);
	image_config_add_history(b->config, instant_now(), created_by, "", "", empty);
	if (r == 0)
		r = image_add_object(b->host, b->config, b->top, is_docker(b), &b->image, err);
	if (r == 0 && b->next < b->end)
		log_id(b);
	return r;
}

bool build_use_cache(struct build *b, const char *created_by)
{
	struct image *child = b->layers && b->image && !js_get_bool(b->info, "nocache", false)
				      ? image_find_child(b->host, b->image, created_by)
				      : NULL;
	struct json_object *config = child ? image_config_copy(child->config) : NULL;

	if (!config)
		return false;
	drop_work(b);
	json_object_put(b->config);
	b->config = config;
	b->image = child;
	b->top = child->top;
	if (!b->quiet)
		build_log(b, "--> Using cache %s\n", child->id);
	return true;
}

/* ---- the end ------------------------------------------------------------------------------------------------------------------ */

static void log_copying(struct build *b)
{
	CLEANUP(strv_done) struct strv lines = { 0 };

	if (b->quiet)
		return;
	image_copying_lines(b->image, &lines);
	for (size_t i = 0; i < lines.n; i++)
		build_log(b, "%s", lines.v[i]);
	build_log(b, "Copying config sha256:%s\n", b->image->id);
	build_log(b, "Writing manifest to image destination\n");
	build_log(b, "Storing signatures\n");
}

static bool add_labels(struct build *b)
{
	struct json_object *labels = js_get(b->info, "label");

	for (size_t i = 0; i < js_len(labels); i++) {
		struct str name, value = { 0 };

		str_cut(js_text(js_at(labels, i)), '=', &name, &value);
		image_config_set_label(b->config, name, value);
	}
	return js_len(labels) > 0;
}

/* What steps have not made an image yet becomes one. */
static int commit_rest(struct build *b, struct error *err)
{
	bool empty = !b->work;
	int r = 0;

	if (add_labels(b))
		b->image = NULL;
	if (b->image)
		return 0;
	if (!empty)
		r = commit_files(b, err);
	if (!b->layers)
		image_config_add_history(b->config, instant_now(), "/bin/sh", "", "", empty);
	if (r == 0)
		r = image_add_object(b->host, b->config, b->top, is_docker(b), &b->image, err);
	if (r == 0 && !b->layers)
		log_copying(b);
	return r;
}

static int add_name(struct build *b, const char *name, struct error *err)
{
	CLEANUP(free_p) char *full = NULL;
	int r = image_full_name(name, &full, err);

	if (r == 0)
		image_add_name(b->host, b->image, full);
	return r;
}

static int add_names(struct build *b, struct error *err)
{
	struct json_object *more = js_get(b->info, "additionalTags");
	const char *output = js_get_str(b->info, "output", "");
	int r = *output ? add_name(b, output, err) : 0;

	for (size_t i = 0; i < js_len(more) && r == 0; i++)
		r = add_name(b, js_text(js_at(more, i)).p, err);
	return r;
}

static void log_commit(struct build *b)
{
	const char *output = js_get_str(b->info, "output", "");

	if (!b->quiet)
		build_log(b, "STEP %zu: COMMIT%s%s\n", b->step + 1, *output ? " " : "", output);
}

/* 1.8.0 tells the ID twice, as a step's and as the image's. */
static void log_image(struct build *b)
{
	if (b->host->version != V162 && !b->quiet)
		log_id(b);
	build_log(b, "%s\n", b->image->id);
}

int build_finish(struct build *b, struct error *err)
{
	const char *output = js_get_str(b->info, "output", "");
	int r;

	if (!b->config)
		return b->host->version == V193
			       ? 0
			       : error_set(err, ERR_NOT_FOUND, "unable to find '%s' in local storage: no such image", output);
	log_commit(b);
	r = commit_rest(b, err);
	if (r == 0)
		r = add_names(b, err);
	if (r < 0)
		return r;
	log_image(b);
	/* The image is there, but the older ones look for it by its name. */
	return !*output && b->host->version != V193 ? error_set(err, ERR_USAGE, "input name is blank") : 0;
}

static void stage_done(struct stage *s)
{
	if (s->files)
		tree_remove(s->files);
	free(s->files);
	free(s->name);
}

void build_done(struct build *b)
{
	build_run_abort(b);
	drop_work(b);
	for (size_t i = 0; i < b->n_stages; i++)
		stage_done(&b->stages[i]);
	free(b->stages);
	if (b->context)
		tree_remove(b->context);
	free(b->context);
	free(b->last_step);
	free(b->created_by);
	dockerfile_done(&b->file);
	json_object_put(b->config);
	strv_done(&b->ignored);
	strv_done(&b->global_args);
	strv_done(&b->args);
	strv_done(&b->shell);
}

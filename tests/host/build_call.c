#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/path.h"
#include "base/units.h"
#include "build.h"
#include "image_words.h"
#include "methods.h"
#include "tree.h"
#include "unpack.h"

enum { DOCKERFILE_MAX = 4 * 1024 * 1024 };

static void build_free(void *state)
{
	build_done(state);
	free(state);
}

/* The files belong to root in the image, whoever sent them. */
static int open_context(struct build *b, struct error *err)
{
	const char *tar = js_get_str(b->info, "contextDir", "");
	int r;

	if (access(tar, R_OK) < 0)
		return error_set(err, ERR_NOT_FOUND, "unable to open context dir tar file %s", tar);
	b->context = host_path(b->host, "buildTarballXXXXXX", NULL);
	if (!b->context || !mkdtemp(b->context))
		return error_set_errno(err, "%s", b->host->dir);
	r = unpack(tar, b->context, err);
	unlink(tar);
	if (r < 0)
		return error_context(err, "unable to untar context dir %s", tar);
	if (geteuid() == 0)
		tree_chown(b->context, 0, 0);
	return 0;
}

/* Only the last part of the path is looked for, in the context; the message has the folder twice. */
static int read_dockerfile(struct build *b, const char *given, struct buf *text, struct error *err)
{
	const char *slash = strrchr(given, '/'), *name = slash ? slash + 1 : given;
	CLEANUP(free_p) char *path = path_join(b->context, name);

	if (!path || access(path, R_OK) < 0)
		return error_set(err, ERR_NOT_FOUND,
				 "error reading info about \"%s%s/%s\": stat %s%s/%s: no such file or directory", b->context,
				 b->context, name, b->context, b->context, name);
	if (path_read(path, text, err) < 0)
		return -err->kind;
	buf_add_char(text, '\n');
	return buf_check(text, "dockerfile", err);
}

static int read_dockerfiles(struct build *b, struct error *err)
{
	struct json_object *files = js_get(b->info, "dockerfiles");
	CLEANUP(buf_done) struct buf text = BUF_INIT(DOCKERFILE_MAX);
	int r = js_len(files) ? 0 : read_dockerfile(b, "Dockerfile", &text, err);

	for (size_t i = 0; i < js_len(files) && r == 0; i++)
		r = read_dockerfile(b, js_text(js_at(files, i)).p, &text, err);
	return r < 0 ? r : dockerfile_parse(buf_str(&text), &b->file, err);
}

static bool is_stage(const struct instruction *in, size_t number, const char *target)
{
	const char *last = strrchr(in->args, ' ');
	int64_t wanted;

	if (int_parse(str_from(target), &wanted))
		return wanted == (int64_t)number;
	return last && strcmp(last + 1, target) == 0;
}

/* Nothing behind the stage that was asked for is done. Only 1.9.3 can be asked. */
static int find_end(struct build *b, struct error *err)
{
	const char *target = b->host->version == V193 ? js_get_str(b->info, "target", "") : "";
	bool found = false;
	size_t stage = 0, i;

	b->end = b->file.n;
	if (!*target)
		return 0;
	for (i = 0; i < b->file.n; i++) {
		if (strcmp(b->file.v[i].word, "FROM") != 0)
			continue;
		if (found)
			break;
		found = is_stage(&b->file.v[i], stage++, target);
	}
	b->end = i;
	return found ? 0 : error_set(err, ERR_NOT_FOUND, "The target \"%s\" was not found in the provided Dockerfile", target);
}

static void reply_image(struct build *b)
{
	reply_one(b->call, "image", more_response(NULL, b->image ? b->image->id : ""));
}

/* One step, or the end of one. 1: there is more to do. */
static int turn(struct build *b, struct error *err)
{
	int r;

	if (b->process || b->run_over) {
		build_run_flush(b, false);
		if (!b->run_over)
			return 1;
		b->run_over = false;
		r = build_run_end(b, err);
		return r < 0 ? r : 1;
	}
	if (b->next < b->end) {
		b->next++;
		r = build_instruction(b, &b->file.v[b->next - 1], err);
		host_wake(b->host);
		return r < 0 ? r : 1;
	}
	return build_finish(b, err);
}

static void resume_build(struct call *c)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct build *b = c->state;
	int r;

	if (connection_full(c->conn))
		return;
	r = turn(b, &err);
	if (r < 0)
		reply_error_occurred(c, "%s", err.text);
	else if (r == 0)
		reply_image(b);
}

static int prepare(struct build *b, struct error *err)
{
	int r = open_context(b, err);

	if (r == 0)
		r = read_dockerfiles(b, err);
	if (r == 0)
		r = build_ignore(b, err);
	return r < 0 ? r : find_end(b, err);
}

void podman_build_image(struct call *c)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct build *b = calloc(1, sizeof *b);
	int r;

	if (!b)
		return;
	b->host = c->host;
	b->call = c;
	b->info = js_get(c->params, "build");
	b->quiet = js_get_bool(b->info, "quiet", false);
	b->layers = js_get_bool(b->info, "layers", false) && !js_get_bool(b->info, "squash", false);
	call_wait(c, resume_build, b, build_free);
	r = prepare(b, &err);
	if (r < 0)
		reply_error_occurred(c, "%s", err.text);
	else if (!c->more)
		reply_error_occurred(c, "endpoint requires a more connection");
	host_wake(c->host);
}

/* varlink/build.c: build. The context goes up by SendFile on the connection that BuildImage is called on, so that it is found whatever the
 * service's temporary folder is: 1.8.0 loses it when another instance answers. The service speaks up once a second, with stdout and stderr of
 * the build in one. */
#include "varlink/build.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "varlink/file.h"
#include "varlink/names.h"

struct build {
	struct host *host;
	const struct build_req *q;
	struct json_object *params; /* {"build": {...}} */
	build_text_fn *text;
	void *ctx;
	bool spoke;     /* text came */
	bool went_away; /* the service closed the connection instead of answering */
	char *id;
};

static int take_text(struct build *b, struct json_object *logs, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < js_len(logs); i++) {
		b->spoke = true;
		r = b->text ? b->text(b->ctx, js_text(js_at(logs, i)), err) : 0;
	}
	return r;
}

static int follow_build(struct build *b, struct varlink *v, struct error *err)
{
	bool continues = true;
	int r = 0;

	while (r >= 0 && continues) {
		CLEANUP(js_put_p) struct json_object *reply = NULL;
		struct json_object *image;

		r = varlink_next(v, 0, &reply, &continues, err);
		b->went_away = r == -ERR_CONNECT && varlink_ended(v);
		r = host_failed(b->host, v, r, err);
		image = js_get(reply, "image");
		if (r >= 0)
			r = take_text(b, js_get(image, "logs"), err);
		if (r >= 0 && !continues)
			b->id = str_dup(js_text(js_get(image, "id")));
	}
	return r < 0 ? r : 0;
}

/* A failing RUN: "error building at STEP \"RUN x\": error while running runtime: exit status 3". */
static int build_failed(int r, struct error *err)
{
	int status = err && err->text ? build_exit_status(err->text) : -1;

	if (r == -ERR_CONNECT || r == -ERR_PROTOCOL || r == -ERR_INTERRUPTED || status < 0)
		return r;
	err->kind = ERR_REMOTE;
	return error_exit_status(err, status);
}

static int build_once(struct build *b, struct error *err)
{
	CLEANUP(varlink_close_p) struct varlink *v = NULL;
	CLEANUP(free_p) char *path = NULL;
	int r = host_dial(b->host, &v, err);

	b->went_away = false;
	if (r < 0)
		return r;
	r = file_send(b->host, v, b->q->context, &path, err);
	if (r < 0) {
		varlink_close(v);
		v = NULL;
		file_drop(b->host, path);
		return r;
	}
	js_set_str(js_get(b->params, "build"), "contextDir", path);
	r = host_more(b->host, v, "BuildImage", json_object_get(b->params), err);
	return r < 0 ? r : build_failed(follow_build(b, v, err), err);
}

/* The service has another temporary folder than a moment ago, or it crashed (its output has no lock). */
static bool is_worth_another_try(const struct build *b, int r, const struct error *err)
{
	if (r >= 0 || !b->q->context->again || b->spoke)
		return false;
	return b->went_away || (err->text && strstr(err->text, "unable to open context dir tar file"));
}

static int build_named(struct build *b, struct error *err)
{
	CLEANUP(error_done) struct error why = ERROR_INIT;
	int r = build_once(b, &why);

	if (is_worth_another_try(b, r, &why)) {
		log_debug("build: %s; once more", why.text);
		error_clear(&why);
		r = build_once(b, &why);
	}
	if (r < 0)
		return error_move(err, &why);
	return b->id && *b->id ? 0 : error_set(err, ERR_PROTOCOL, "the service answered to build without an ID");
}

int host_image_build(struct engine *e, const struct build_req *q, build_text_fn *text, void *ctx, char **ret_id, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *build = NULL, *params = json_object_new_object();
	CLEANUP(buf_done) struct buf name = BUF_INIT(4096);
	struct build b = { .host = host_of(e), .q = q, .params = params, .text = text, .ctx = ctx };
	bool named = q->tags && q->tags->n;
	int r = 0;

	/* Up to 1.8 the service looks the image up by its name afterwards. */
	if (named)
		buf_add_z(&name, q->tags->v[0]);
	else if (!host_at_least(b.host, 1, 9, 0))
		r = names_make(&name, err);
	if (r == 0)
		r = build_object(e, q, buf_z(&name), &build, err);
	if (r < 0)
		return r;
	js_set(params, "build", ptr_take(&build));
	r = build_named(&b, err);
	if (r < 0) {
		free(b.id);
		return r;
	}
	if (!named && name.n)
		names_drop(b.host, b.id, buf_z(&name));
	*ret_id = b.id;
	return 0;
}

/* varlink/commit.c: commit, and the instructions that it shares with import. */
#include <strings.h>

#include "base/cleanup.h"
#include "varlink/changes.h"
#include "varlink/host.h"
#include "varlink/names.h"
#include "varlink/progress.h"

/* ---- changes --------------------------------------------------------------------------------------------------------- */

static bool is_instruction(struct str word)
{
	static const char *const words[] = { "CMD",     "ENTRYPOINT", "ENV",  "EXPOSE", "LABEL",
					     "ONBUILD", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strlen(words[i]) == word.n && strncasecmp(words[i], word.p, word.n) == 0)
			return true;
	return false;
}

static int old_change(const char *change, struct json_object *list, struct error *err)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(64 * 1024);
	struct str text = str_trim(str_from(change)), word = text;

	word.n = 0;
	while (word.n < text.n && !strchr(" \t=", text.p[word.n]))
		word.n++;
	if (!is_instruction(word))
		return error_set(err, ERR_USAGE, "invalid change \"%s\" - invalid instruction %.*s", change, STR_ARG(word));
	if (word.n < text.n)
		text = (struct str){ text.p + word.n + 1, text.n - word.n - 1 };
	else
		text.n = 0;
	buf_addf(&out, "%.*s=%.*s", STR_ARG(word), STR_ARG(str_trim(text)));
	json_object_array_add(list, js_str(buf_z(&out)));
	return buf_check(&out, "change", err);
}

int changes_list(const struct engine *e, const struct strv *changes, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *list = json_object_new_array();
	bool old = engine_version_cmp(e, 1, 8, 0) < 0;

	for (size_t i = 0; changes && i < changes->n; i++) {
		int r = 0;

		if (old)
			r = old_change(changes->v[i], list, err);
		else
			json_object_array_add(list, js_str(changes->v[i]));
		if (r < 0)
			return r;
	}
	*ret = ptr_take(&list);
	return 0;
}

/* ---- commit ---------------------------------------------------------------------------------------------------------- */

static int commit_params(const struct engine *e, const struct commit_req *q, const char *name, struct json_object **ret,
			 struct error *err)
{
	CLEANUP(js_put_p) struct json_object *changes = NULL;
	struct json_object *in;
	int r;

	if (q->squash)
		return engine_unsupported(e, err, "commit --squash");
	if (q->include_volumes)
		return engine_unsupported(e, err, "commit --include-volumes");
	if (q->config)
		return engine_unsupported(e, err, "commit --config");
	r = changes_list(e, q->changes, &changes, err);
	if (r < 0)
		return r;
	in = host_name(q->container);
	js_set_str(in, "image_name", name);
	js_set(in, "changes", ptr_take(&changes));
	js_set_str(in, "author", q->author ? q->author : "");
	js_set_str(in, "message", q->message ? q->message : "");
	js_set_bool(in, "pause", q->pause);
	js_set_str(in, "manifestType", q->format ? q->format : "oci");
	*ret = in;
	return 0;
}

int host_container_commit(struct engine *e, const struct commit_req *q, progress_fn *progress, void *ctx, char **ret_id,
			  struct error *err)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(4096);
	struct host *h = host_of(e);
	struct json_object *in = NULL;
	int r = 0;

	/* 1.6.2 wants a name. */
	if (q->reference)
		buf_add_z(&name, q->reference);
	else if (!host_at_least(h, 1, 8, 0))
		r = names_make(&name, err);
	if (r == 0)
		r = commit_params(e, q, buf_z(&name), &in, err);
	if (r == 0)
		r = progress_follow(h, "Commit", in, progress, ctx, ret_id, err);
	if (r == 0 && !q->reference && name.n)
		names_drop(h, *ret_id, buf_z(&name));
	return r;
}

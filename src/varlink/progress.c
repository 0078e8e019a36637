#include "varlink/progress.h"

#include "base/cleanup.h"

/* The words that containers/image begins a line with; the blanks are how it reports the tries of a pull. */
static bool is_known(struct str line)
{
	static const char *const words[] = { "Trying ", "Getting ", "Copying ", "Writing ", "Storing ", "Error", "  " };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_starts(line, str_from(words[i])))
			return true;
	return false;
}

/* Copied while it was written: "Copying blob ab7da91d42ab8adf7b9". */
static bool is_cut(struct str text, struct str line)
{
	return str_starts(line, STR("Copying ")) && line.n == text.n;
}

void progress_lines(struct json_object *logs, struct buf *last, progress_fn *progress, void *ctx)
{
	for (size_t i = 0; progress && i < js_len(logs); i++) {
		struct str text = js_text(js_at(logs, i)), line;

		str_cut(text, '\n', &line, NULL);
		while (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (!is_known(line) || is_cut(text, line) || line.n >= PROGRESS_MAX || str_eq(line, buf_str(last)))
			continue;
		buf_clear(last);
		buf_add(last, line);
		progress(ctx, buf_z(last));
	}
}

int progress_follow(struct host *h, const char *method, struct json_object *params, progress_fn *progress, void *ctx, char **ret_id,
		    struct error *err)
{
	CLEANUP(varlink_close_p) struct varlink *v = NULL;
	CLEANUP(free_p) char *id = NULL;
	CLEANUP(buf_done) struct buf last = BUF_INIT(PROGRESS_MAX);
	bool continues = true;
	int r = host_dial(h, &v, err);

	if (r < 0)
		json_object_put(params);
	else
		r = host_more(h, v, method, params, err);
	while (r >= 0 && continues) {
		CLEANUP(js_put_p) struct json_object *reply = NULL;
		struct json_object *more;

		r = host_failed(h, v, varlink_next(v, 0, &reply, &continues, err), err);
		if (r < 0)
			return r;
		more = js_get(reply, "reply");
		progress_lines(js_get(more, "logs"), &last, progress, ctx);
		if (!continues)
			id = str_dup(js_text(js_get(more, "id")));
	}
	if (r < 0)
		return r;
	if (!id || !*id)
		return error_set(err, ERR_PROTOCOL, "the service answered to %s without an ID", method);
	*ret_id = ptr_take(&id);
	return 0;
}

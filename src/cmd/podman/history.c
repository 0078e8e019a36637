/* cmd/podman/history.c */
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/js.h"
#include "cmd/podman/commands.h"
#include "cmd/session.h"
#include "output/human.h"
#include "output/list.h"

#define TEXT_MAX (256 * 1024)
#define ID_SHOWN 12
#define CREATED_BY_SHOWN 45

struct history_args {
	bool human, no_trunc, quiet;
	const char *format;
};

static const struct opt history_opts[] = {
	OPT_STR(0, "format", struct history_args, format, "string", "Print as JSON or with a Go template"),
	{ .type = OPT_T_BOOL, .short_name = 'H', .long_name = "human", .dflt = "true", .help = "Show times as their distance from now",
	  .offset = OPT_FIELD(struct history_args, human, bool) },
	OPT_BOOL(0, "no-trunc", struct history_args, no_trunc, "Show the whole of long values"),
	OPT_BOOL('q', "quiet", struct history_args, quiet, "Print the IDs only"),
	OPT_END
};

static const struct list_field history_fields[] = {
	{ "Comment", NULL }, { "Created", NULL }, { "CreatedAt", NULL }, { "CreatedBy", "CREATED BY" }, { "CreatedSince", NULL },
	{ "ID", NULL }, { "Size", NULL }, { "Tags", NULL }, { NULL, NULL }
};

static void put(struct json_object *row, const char *key, struct buf *b)
{
	js_set(row, key, js_strn(buf_str(b)));
	buf_clear(b);
}

static struct str cut(struct str s, size_t max, size_t shown, const char *mark, struct buf *b)
{
	if (s.n <= max)
		return s;
	buf_addf(b, "%.*s%s", (int)shown, s.p, mark);
	return buf_str(b);
}

static void put_times(struct json_object *row, int64_t created_s, int64_t now_s, bool human, struct buf *b)
{
	int64_t age_s = 0;

	instant_go_string((struct instant){ .s = created_s }, b);
	put(row, "CreatedAt", b);
	if (now_s > created_s && __builtin_sub_overflow(now_s, created_s, &age_s))
		age_s = INT64_MAX;
	if (human) {
		human_duration(age_s, b);
		buf_add(b, STR(" ago"));
	} else {
		instant_rfc3339((struct instant){ .s = created_s }, b);
	}
	js_set(row, "CreatedSince", js_strn(buf_str(b)));
	put(row, "Created", b);
}

static struct json_object *history_row(const struct history_args *a, struct json_object *layer, int64_t now_s)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(TEXT_MAX);
	struct json_object *row = json_object_new_object(), *tags = js_get(layer, "Tags");
	struct str id = js_text(js_get(layer, "Id")), by = js_text(js_get(layer, "CreatedBy"));

	js_set(row, "ID", js_strn(a->no_trunc ? id : cut(id, ID_SHOWN, ID_SHOWN, "", &b)));
	buf_clear(&b);
	js_set(row, "CreatedBy", js_strn(a->no_trunc ? by : cut(by, CREATED_BY_SHOWN, CREATED_BY_SHOWN - 3, "...", &b)));
	buf_clear(&b);
	put_times(row, js_get_int(layer, "Created", 0), now_s, a->human, &b);
	human_size((double)js_get_int(layer, "Size", 0), 3, true, &b);
	put(row, "Size", &b);
	js_set_str(row, "Comment", js_get_str(layer, "Comment", ""));
	js_set(row, "Tags", tags ? json_object_get(tags) : json_object_new_array());
	return row;
}

/* The keys of podman's own, whose spelling is mixed; empty ones are left out as there. */
static struct json_object *history_json(struct json_object *layer)
{
	static const char *const texts[][2] = { { "CreatedBy", "CreatedBy" }, { "Comment", "comment" } };
	CLEANUP(buf_done) struct buf b = BUF_INIT(TEXT_MAX);
	struct json_object *out = json_object_new_object(), *tags = js_get(layer, "Tags");

	instant_rfc3339((struct instant){ .s = js_get_int(layer, "Created", 0) }, &b);
	js_set_str(out, "id", js_get_str(layer, "Id", ""));
	js_set(out, "created", js_strn(buf_str(&b)));
	if (js_len(tags))
		js_set(out, "tags", json_object_get(tags));
	if (*js_get_str(layer, texts[0][0], ""))
		js_set_str(out, texts[0][1], js_get_str(layer, texts[0][0], ""));
	js_set_int(out, "size", js_get_int(layer, "Size", 0));
	if (*js_get_str(layer, texts[1][0], ""))
		js_set_str(out, texts[1][1], js_get_str(layer, texts[1][0], ""));
	js_set(out, "Created", js_strn(buf_str(&b)));
	return out;
}

static int print_layers(const struct history_args *a, struct json_object *layers, struct list *out, struct error *err)
{
	int64_t now_s = (int64_t)time(NULL);

	for (size_t i = 0; i < js_len(layers); i++) {
		CLEANUP(js_put_p) struct json_object *row = NULL;
		int r;

		row = list_mode(out) == LIST_JSON ? history_json(js_at(layers, i)) : history_row(a, js_at(layers, i), now_s);
		r = list_row(out, row, err);
		if (r < 0)
			return r;
	}
	return list_close(out, err);
}

static int history_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct history_args *a = args;
	struct list_spec spec = { .name = "history", .go_type = "images.historyReporter", .fields = history_fields, .text_times = true,
				  .table = a->quiet ? "{{.ID}}" : "{{.ID}}\t{{.Created}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}" };
	CLEANUP(js_put_p) struct json_object *layers = NULL;
	CLEANUP(list_free_p) struct list *out = NULL;
	struct engine *e;
	int r = list_open(&out, &spec, a->format, a->quiet, session_out(s), err);

	if (r < 0 || (r = session_engine(s, &e, err)) < 0 || (r = engine_image_history(e, names->v[0], &layers, err)) < 0)
		return r;
	return print_layers(a, layers, out, err);
}

const struct cmd cmd_history = {
	.names = (const char *const[]){ "history", "image history", NULL },
	.synopsis = "[options] IMAGE",
	.brief = "Show history of a specified image",
	.about = "Displays the steps in which an image was made, the newest first.",
	.examples = "podman history quay.io/fedora/fedora\npodman history --no-trunc --format '{{.CreatedBy}}' web",
	.opts = history_opts,
	.args_size = sizeof(struct history_args),
	.args_default = &(struct history_args){ .human = true },
	.min_names = 1,
	.max_names = 1,
	.complete = "@image",
	.run = history_run,
};

/* cmd/podman/top.c */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/select.h"
#include "cmd/session.h"
#include "output/tabular.h"

#define TEXT_MAX (4 * 1024 * 1024)
#define CELL_MIN 12
#define CELL_PADDING 2

struct top_args {
	bool latest;
};

static const struct opt top_opts[] = {
	OPT_BOOL('l', "latest", struct top_args, latest, "Act on the container that was created last"),
	OPT_END
};

static void add_row(struct json_object *cells, struct buf *out)
{
	for (size_t i = 0; i < js_len(cells); i++) {
		buf_add_z(out, i ? "\t" : "");
		buf_add(out, js_text(js_at(cells, i)));
	}
	buf_add_char(out, '\n');
}

static int print_top(struct session *s, struct json_object *top, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEXT_MAX);
	CLEANUP(buf_done) struct buf aligned = BUF_INIT(2 * TEXT_MAX);
	struct json_object *rows = js_get(top, "Processes");

	add_row(js_get(top, "Titles"), &text);
	for (size_t i = 0; i < js_len(rows); i++)
		add_row(js_at(rows, i), &text);
	if (!tabular_align(buf_str(&text), CELL_MIN, CELL_PADDING, &aligned))
		return error_set(err, ERR_SYSTEM, "the list of processes is too long");
	fputs(buf_z(&aligned), session_out(s));
	return 0;
}

static int top_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct top_args *a = args;
	size_t skip = a->latest ? 0 : 1;
	struct strv name = { names->v, names->n < skip ? names->n : skip, 0 };
	struct strv descriptors = { names->v + name.n, names->n - name.n, 0 };
	struct selection sel = { .names = &name, .latest = a->latest };
	CLEANUP(strv_done) struct strv chosen = { 0 };
	CLEANUP(js_put_p) struct json_object *top = NULL;
	struct engine *e;
	int r;

	if (!a->latest && names->n == 0)
		return error_set(err, ERR_USAGE, "you must provide the name or id of a running container");
	if ((r = session_engine(s, &e, err)) < 0 || (r = select_containers(e, &sel, &chosen, err)) < 0)
		return r;
	if (chosen.n == 0)
		return error_set(err, ERR_NOT_FOUND, "there is no container");
	r = engine_container_top(e, chosen.v[0], &descriptors, &top, err);
	return r < 0 ? r : print_top(s, top, err);
}

const struct cmd cmd_top = {
	.names = (const char *const[]){ "top", "container top", NULL },
	.synopsis = "[options] CONTAINER [FORMAT-DESCRIPTORS|ARGS...]",
	.brief = "Display the running processes of a container",
	.about = "Displays the running processes of a container. The descriptors are AIX format words such as pid, user, args, hcomm.",
	.examples = "podman top web\npodman top web pid seccomp args %C",
	.opts = top_opts,
	.args_size = sizeof(struct top_args),
	.max_names = CMD_ANY,
	.stop_at_first = true,
	.complete = "@running",
	.run = top_run,
};

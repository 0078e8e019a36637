/* cmd/podman/ps.c: list containers. Each is kept as its compact JSON text with a sort key until all are there, then parsed again and printed:
 * a thousand containers take a megabyte, not ten. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/js.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/ps_row.h"
#include "cmd/session.h"
#include "output/list.h"

#define KEY_MAX (1024 * 1024)

struct ps_args {
	bool all, external, latest, namespaces, no_trunc, noheading, pod, quiet, size, sync;
	struct strv filters;
	const char *format, *sort;
	int64_t last, watch_s;
};

static const struct opt ps_opts[] = {
	OPT_BOOL('a', "all", struct ps_args, all, "Show all containers, not only running ones"),
	OPT_BOOL(0, "external", struct ps_args, external, "Show containers in storage that Podman does not control"),
	OPT_STRV('f', "filter", struct ps_args, filters, "filter", "Show the containers that match these conditions"),
	OPT_STR(0, "format", struct ps_args, format, "string", "Print as JSON or with a Go template"),
	{ .type = OPT_T_INT, .short_name = 'n', .long_name = "last", .metavar = "int", .dflt = "-1",
	  .help = "Show the n containers that were created last, in any state", .offset = OPT_FIELD(struct ps_args, last, int64_t) },
	OPT_BOOL('l', "latest", struct ps_args, latest, "Show the container that was created last, in any state"),
	OPT_BOOL(0, "no-trunc", struct ps_args, no_trunc, "Show the whole of long values"),
	OPT_BOOL(0, "noheading", struct ps_args, noheading, "Leave out the heading"),
	OPT_BOOL(0, "ns", struct ps_args, namespaces, "Show the namespaces of each container"),
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .long_name = "namespace", .help = "Older spelling of --ns",
	  .offset = OPT_FIELD(struct ps_args, namespaces, bool) },
	OPT_BOOL('p', "pod", struct ps_args, pod, "Show ID and name of each container's pod"),
	OPT_BOOL('q', "quiet", struct ps_args, quiet, "Print the IDs only"),
	OPT_BOOL('s', "size", struct ps_args, size, "Show the size of each container"),
	{ .type = OPT_T_STR, .long_name = "sort", .metavar = "choice", .help = "Sort by one of: command, created, id, image, names, runningfor, size, status",
	  .offset = OPT_FIELD(struct ps_args, sort, const char *), .complete = "command|created|id|image|names|runningfor|size|status" },
	OPT_BOOL(0, "sync", struct ps_args, sync, "Let the host compare its records with the runtime first"),
	OPT_UINT('w', "watch", struct ps_args, watch_s, "uint", "Print again every so many seconds"),
	OPT_END
};

static const struct list_field ps_fields[] = {
	{ "AutoRemove", NULL }, { "CGROUPNS", NULL }, { "CIDFile", NULL }, { "Cgroup", "CGROUPNS" }, { "Command", NULL },
	{ "Created", NULL }, { "CreatedAt", NULL }, { "CreatedHuman", "CREATED" }, { "Exited", NULL }, { "ExitedAt", NULL },
	{ "ExitCode", NULL }, { "ID", "CONTAINER ID" }, { "IPC", NULL }, { "Image", NULL }, { "ImageID", NULL }, { "IsInfra", NULL },
	{ "Labels", NULL }, { "MNT", NULL }, { "Mounts", NULL }, { "NET", NULL }, { "Names", NULL }, { "Namespaces", NULL },
	{ "Networks", NULL }, { "PIDNS", NULL }, { "Pid", "PID" }, { "Pod", "POD ID" }, { "PodName", "PODNAME" }, { "Ports", NULL },
	{ "Restarts", NULL }, { "RunningFor", NULL }, { "Size", NULL }, { "StartedAt", NULL }, { "State", NULL }, { "Status", NULL },
	{ "USERNS", NULL }, { "UTS", NULL }, { "User", NULL }, { NULL, NULL }
};

#define PS_TABLE "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.CreatedHuman}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}"
#define PS_TABLE_NS "{{.ID}}\t{{.Names}}\t{{.Pid}}\t{{.CGROUPNS}}\t{{.IPC}}\t{{.MNT}}\t{{.NET}}\t{{.PIDNS}}\t{{.USERNS}}\t{{.UTS}}"
#define PS_POD "\t{{.Pod}}\t{{.PodName}}"
#define PS_SIZE "\t{{.Size}}"

/* What one container is sorted by; number first, then text. */
struct kept {
	char *json;
	char *text;
	int64_t number;
	size_t seq; /* the host's order, for equal keys */
};

struct kept_list {
	struct kept *v;
	size_t n, cap;
	const char *sort;
};

static void kept_done(struct kept_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].json);
		free(l->v[i].text);
	}
	free(l->v);
}

/* The words of an array with blanks between them. */
static char *joined(struct json_object *words)
{
	struct buf b = BUF_INIT(KEY_MAX);

	for (size_t i = 0; i < js_len(words); i++) {
		buf_add_z(&b, i ? " " : "");
		buf_add(&b, js_text(js_at(words, i)));
	}
	return buf_take(&b);
}

static void set_key(struct kept *k, const char *sort, struct json_object *item)
{
	struct instant t = { 0 };

	if (strcmp(sort, "id") == 0)
		k->text = z_dup(js_get_str(item, "Id", ""));
	else if (strcmp(sort, "image") == 0)
		k->text = z_dup(js_get_str(item, "Image", ""));
	else if (strcmp(sort, "command") == 0)
		k->text = joined(js_get(item, "Command"));
	else if (strcmp(sort, "names") == 0)
		k->text = str_dup(js_text(js_at(js_get(item, "Names"), 0)));
	else if (strcmp(sort, "status") == 0)
		k->text = z_dup(js_get_str(item, "State", ""));
	else if (strcmp(sort, "size") == 0)
		k->number = js_get_int(js_get(item, "Size"), "rootFsSize", 0);
	else if (strcmp(sort, "runningfor") == 0)
		k->number = js_get_int(item, "StartedAt", 0);
	else if (instant_parse_rfc3339(js_text(js_get(item, "Created")), &t))
		k->number = t.s * 1000000 + t.ns / 1000;
	else if (__builtin_mul_overflow(ps_time(js_get(item, "Created")), 1000000, &k->number))
		k->number = 0;
}

static int keep(void *ctx, struct json_object *item, struct error *err)
{
	struct kept_list *l = ctx;

	if (!json_object_is_type(item, json_type_object))
		return error_set(err, ERR_PROTOCOL, "the host's list of containers holds something else than objects");
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		struct kept *more = realloc(l->v, cap * sizeof *more);

		if (!more)
			return error_set_errno(err, "list containers");
		l->v = more;
		l->cap = cap;
	}
	l->v[l->n] = (struct kept){ .json = z_dup(js_wire(item)), .seq = l->n };
	set_key(&l->v[l->n], l->sort, item);
	return l->v[l->n++].json ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int by_key(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	int c = x->text && y->text ? strcmp(x->text, y->text) : x->number < y->number ? -1 : x->number > y->number;

	return c ? c : x->seq < y->seq ? -1 : 1;
}

static int print_kept(const struct ps_args *a, const struct kept_list *kept, struct list *out, struct error *err)
{
	struct ps_show show = { .no_trunc = a->no_trunc, .now_s = (int64_t)time(NULL) };

	for (size_t i = 0; i < kept->n; i++) {
		CLEANUP(js_put_p) struct json_object *item = NULL;
		CLEANUP(js_put_p) struct json_object *row = NULL;
		int r = js_parse(str_from(kept->v[i].json), "a container", &item, err);

		if (r < 0)
			return r;
		if (list_mode(out) == LIST_JSON)
			ps_json(item, &show);
		else
			row = ps_row(item, &show);
		r = list_row(out, row ? row : item, err);
		if (r < 0)
			return r;
	}
	return list_close(out, err);
}

static const char *default_table(const struct ps_args *a)
{
	if (a->quiet)
		return "{{.ID}}";
	if (a->namespaces)
		return PS_TABLE_NS;
	if (a->pod)
		return a->size ? PS_TABLE PS_POD PS_SIZE : PS_TABLE PS_POD;
	return a->size ? PS_TABLE PS_SIZE : PS_TABLE;
}

static int print_once(struct session *s, const struct ps_args *a, struct error *err)
{
	struct container_list_req q = { .all = a->all || a->last > 0 || a->latest,
					.size = a->size,
					.sync = a->sync,
					.external = a->external,
					.namespaces = a->namespaces,
					.latest = a->latest,
					.pod = a->pod,
					.last = a->latest ? 1 : a->last,
					.filters = &a->filters };
	struct list_spec spec = { .name = "ps", .go_type = "containers.psReporter", .fields = ps_fields, .table = default_table(a), .json_indent = 2 };
	CLEANUP(kept_done) struct kept_list kept = { .sort = a->sort ? a->sort : "created" };
	CLEANUP(list_free_p) struct list *out = NULL;
	struct engine *e;
	int r;

	/* A bad template is refused before the host is asked. */
	r = list_open(&out, &spec, a->format, a->noheading || a->quiet, session_out(s), err);
	if (r < 0 || (r = session_engine(s, &e, err)) < 0 || (r = engine_container_list(e, &q, keep, &kept, err)) < 0)
		return r;
	if (kept.n)
		qsort(kept.v, kept.n, sizeof *kept.v, by_key);
	return print_kept(a, &kept, out, err);
}

static int check(const struct ps_args *a, struct error *err)
{
	static const char *const sorts[] = { "command", "created", "id", "image", "names", "runningfor", "size", "status" };
	bool known = !a->sort;

	for (size_t i = 0; !known && i < ARRAY_LEN(sorts); i++)
		known = strcmp(a->sort, sorts[i]) == 0;
	if (!known) {
		error_set(err, ERR_USAGE, "invalid argument \"%s\" for \"--sort\" flag: \"%s\" is not a valid value.  Choose from: \"command, created, id, "
			  "image, names, runningfor, size, status\"", a->sort, a->sort);
		return error_hint(err, "See 'podman ps --help'");
	}
	if (a->quiet && (a->size || a->namespaces))
		return error_set(err, ERR_USAGE, "quiet conflicts with size and namespace");
	if (a->size && a->namespaces)
		return error_set(err, ERR_USAGE, "size and namespace options conflict");
	if (a->last >= 0 && a->latest)
		return error_set(err, ERR_USAGE, "last and latest are mutually exclusive");
	return 0;
}

static int ps_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct ps_args *a = args;
	int r = check(a, err);

	(void)names;
	for (;;) {
		if (r == 0 && a->watch_s > 0 && isatty(fileno(session_out(s))))
			fputs("\033[2J\033[H", session_out(s));
		if (r == 0)
			r = print_once(s, a, err);
		if (r < 0 || a->watch_s == 0)
			return r;
		if ((r = session_flush(s, err)) < 0)
			return r;
		sleep((unsigned)a->watch_s);
	}
}

const struct cmd cmd_ps = {
	.names = (const char *const[]){ "ps", "container ps", "container ls", "container list", NULL },
	.synopsis = "[options]",
	.brief = "List containers",
	.about = "Prints out information about the containers.",
	.examples = "podman ps -a\npodman ps -a --format \"{{.ID}}  {{.Image}}  {{.Labels}}  {{.Mounts}}\"\npodman ps --size --sort names",
	.opts = ps_opts,
	.args_size = sizeof(struct ps_args),
	.args_default = &(struct ps_args){ .last = -1 },
	.max_names = 0,
	.run = ps_run,
};

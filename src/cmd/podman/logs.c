/* cmd/podman/logs.c: one poll loop over the logs of all containers; the blocks that a stream gives are written as they are. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/units.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/select.h"
#include "cmd/session.h"

#define LOGS_MAX 64 /* containers followed at once: each has connections of its own */

struct logs_args {
	bool color, details, follow, latest, names, timestamps;
	const char *since, *until, *tail;
};

static const struct opt logs_opts[] = {
	OPT_BOOL(0, "color", struct logs_args, color, "Print the prefix of each container in a colour of its own"),
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .long_name = "details", .help = "Print the labels and variables of --log-opt (docker's)",
	  .offset = OPT_FIELD(struct logs_args, details, bool) },
	OPT_BOOL('f', "follow", struct logs_args, follow, "Go on with new output until the container stops"),
	OPT_BOOL('l', "latest", struct logs_args, latest, "Act on the container that was created last"),
	OPT_BOOL('n', "names", struct logs_args, names, "Print the container's name before each line"),
	OPT_STR(0, "since", struct logs_args, since, "string", "Show logs since a time: RFC 3339, unix seconds, or a duration such as 10m"),
	{ .type = OPT_T_STR, .long_name = "tail", .metavar = "string", .dflt = "-1", .help = "Show this many lines from the end; -1 or all: all",
	  .offset = OPT_FIELD(struct logs_args, tail, const char *) },
	OPT_BOOL('t', "timestamps", struct logs_args, timestamps, "Print the time before each line"),
	OPT_STR(0, "until", struct logs_args, until, "string", "Show logs until a time: RFC 3339, unix seconds, or a duration such as 10m"),
	OPT_END
};

/* The log of one container. */
struct source {
	struct session *session;
	struct stream *stream; /* NULL: it ended */
	char *prefix;          /* before each line; NULL: none */
	bool in_line[2];       /* the channel's last block ended inside a line */
};

struct sources {
	struct source *v;
	size_t n;
};

static void sources_done(struct sources *s)
{
	for (size_t i = 0; i < s->n; i++) {
		stream_close_p(&s->v[i].stream);
		free(s->v[i].prefix);
	}
	free(s->v);
}

static int write_prefixed(struct source *s, FILE *out, bool *in_line, struct str text, struct error *err)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(text.n + (text.n + 1) * strlen(s->prefix));
	bool more = text.n > 0;

	while (more) {
		struct str line;

		more = str_cut(text, '\n', &line, &text);
		if (!more && line.n == 0)
			break;
		if (!*in_line)
			buf_add_z(&b, s->prefix);
		buf_add(&b, line);
		if (more)
			buf_add_char(&b, '\n');
		*in_line = !more;
	}
	if (buf_check(&b, "a block of log lines", err) < 0)
		return -(int)ERR_SYSTEM;
	return fwrite(buf_z(&b), 1, b.n, out) == b.n ? 0 : session_output_failed(err);
}

static int on_block(void *ctx, enum stream_channel channel, const char *p, size_t n, struct error *err)
{
	struct source *s = ctx;
	FILE *out = channel == STREAM_STDERR ? session_err(s->session) : session_out(s->session);

	/* Both may be one file: what came first stands first. */
	int r = channel == STREAM_STDERR ? session_flush(s->session, err) : 0;

	if (r < 0)
		return r;
	if (s->prefix)
		return write_prefixed(s, out, &s->in_line[channel == STREAM_STDERR], (struct str){ p, n }, err);
	return fwrite(p, 1, n, out) == n ? 0 : session_output_failed(err);
}

/* Waits for the stream and hands over what it has. 1: it ended. */
static int turn(struct source *s, struct pollfd *fds, size_t n, struct error *err)
{
	struct stream_sink sink = { .write = on_block, .ctx = s };
	int r = s->stream->ops->dispatch(s->stream, fds, n, &sink, err);

	int flushed = r < 0 ? 0 : session_flush(s->session, err);

	return flushed < 0 ? flushed : r;
}

/* One poll over every stream that goes on. 0: all ended. */
static int step(struct sources *all, struct error *err)
{
	struct pollfd fds[LOGS_MAX * STREAM_MAX_FDS];
	size_t first[LOGS_MAX + 1], n = 0, open = 0;
	int timeout_ms = -1, r;

	for (size_t i = 0; i < all->n; i++) {
		struct stream *s = all->v[i].stream;

		first[i] = n;
		if (s) {
			n += s->ops->poll_fds(s, true, fds + n, &timeout_ms);
			open++;
		}
		first[i + 1] = n;
	}
	if (open == 0)
		return 0;
	if (poll(fds, (nfds_t)n, timeout_ms) < 0 && errno != EINTR)
		return error_set_errno(err, "poll");
	for (size_t i = 0; i < all->n; i++) {
		if (!all->v[i].stream)
			continue;
		r = turn(&all->v[i], fds + first[i], first[i + 1] - first[i], err);
		if (r < 0)
			return r;
		if (r == 1) {
			stream_close_p(&all->v[i].stream);
			all->v[i].stream = NULL;
		}
	}
	return 1;
}

static const char *colour(size_t i)
{
	static const char *const all[] = { "\033[37m", "\033[31m", "\033[33m", "\033[34m", "\033[35m", "\033[36m", "\033[32m" };

	return all[i % ARRAY_LEN(all)];
}

/* What stands before each line: the name with --names, the short ID when there are several containers. */
static int set_prefix(struct source *s, struct engine *e, const struct logs_args *a, const char *name, bool several, size_t i, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *found = NULL;
	CLEANUP(buf_done) struct buf b = BUF_INIT(8192);
	int r;

	if (!a->names && !several)
		return 0;
	r = engine_inspect(e, OBJECT_CONTAINER, name, false, &found, err);
	if (r < 0)
		return r;
	buf_add_z(&b, a->color ? colour(i) : "");
	buf_addf(&b, "%.*s", a->names ? 256 : 12, a->names ? js_get_str(found, "Name", name) : js_get_str(found, "Id", name));
	buf_add_z(&b, a->color ? "\033[0m " : " ");
	s->prefix = buf_take(&b);
	return s->prefix ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int open_source(struct source *s, struct engine *e, const struct logs_args *a, const char *name, int64_t tail, struct error *err)
{
	struct logs_req q = { .name = name, .follow = a->follow, .timestamps = a->timestamps, .tail = tail, .since = a->since, .until = a->until };

	return engine_container_logs(e, &q, &s->stream, err);
}

static int drain(struct sources *all, struct error *err)
{
	int r = 1;

	while (r > 0)
		r = step(all, err);
	return r;
}

/* Followed logs run side by side; the others one after the other, in the order of the names. */
static int print_logs(struct session *s, struct engine *e, const struct logs_args *a, const struct strv *names, int64_t tail, struct error *err)
{
	CLEANUP(sources_done) struct sources all = { .v = calloc(names->n, sizeof *all.v) };
	int r = 0;

	if (!all.v)
		return error_set_errno(err, "logs");
	for (size_t i = 0; i < names->n && r >= 0; i++) {
		struct source *src = &all.v[all.n++];

		src->session = s;
		r = set_prefix(src, e, a, names->v[i], names->n > 1, i, err);
		if (r >= 0)
			r = open_source(src, e, a, names->v[i], tail, err);
		if (r >= 0 && !a->follow)
			r = drain(&all, err);
	}
	return r < 0 ? r : drain(&all, err);
}

static int parse_tail(const char *text, int64_t *ret, struct error *err)
{
	if (strcmp(text, "all") == 0)
		*ret = -1;
	else if (!int_parse(str_from(text), ret))
		return error_set(err, ERR_USAGE, "invalid value \"%s\" for --tail: a number of lines, or all", text);
	return 0;
}

static int logs_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct logs_args *a = args;
	struct selection sel = { .names = names, .latest = a->latest };
	CLEANUP(strv_done) struct strv chosen = { 0 };
	struct engine *e;
	int64_t tail;
	int r = parse_tail(a->tail, &tail, err);

	if (r < 0)
		return r;
	if (a->details)
		return error_set(err, ERR_UNSUPPORTED, "--details: podman's logs hold no details");
	if (names->n == 0 && !a->latest)
		return error_set(err, ERR_USAGE, "specify at least one container name or ID to log");
	if (a->latest && names->n)
		return error_set(err, ERR_USAGE, "--latest and containers cannot be used together");
	if ((r = session_engine(s, &e, err)) < 0 || (r = select_containers(e, &sel, &chosen, err)) < 0)
		return r;
	if (chosen.n == 0)
		return error_set(err, ERR_NOT_FOUND, "there is no container");
	if (chosen.n > LOGS_MAX)
		return error_set(err, ERR_USAGE, "logs of more than %d containers at once", LOGS_MAX);
	return print_logs(s, e, a, &chosen, tail, err);
}

const struct cmd cmd_logs = {
	.names = (const char *const[]){ "logs", "container logs", NULL },
	.synopsis = "[options] CONTAINER [CONTAINER...]",
	.brief = "Fetch the logs of one or more containers",
	.about = "Prints the logs of one or more containers: their standard output on standard output, their standard error on standard error.",
	.examples = "podman logs web\npodman logs --tail 2 mywebserver\npodman logs --follow --since 10m web db",
	.opts = logs_opts,
	.args_size = sizeof(struct logs_args),
	.args_default = &(struct logs_args){ .tail = "-1" },
	.max_names = CMD_ANY,
	.complete = "@container",
	.run = logs_run,
};

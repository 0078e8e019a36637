/* varlink/copy.c: cp. Which of the two ways is taken, and the way into a container, of which there is one. */
#include "varlink/copy.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "varlink/script.h"

/* Exit statuses of the script below. */
#define EXIT_CONFLICT 45

char *copy_base(const char *path)
{
	struct str s = str_from(path);
	size_t n;

	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	for (n = s.n; n && s.p[n - 1] != '/'; n--)
		;
	s = (struct str){ s.p + n, s.n - n };
	return str_dup(str_eq(s, STR(".")) ? STR("") : s);
}

static const char *absolute(const char *path, struct buf *b)
{
	buf_addf(b, "%s%s", *path == '/' ? "" : "/", path);
	return buf_z(b);
}

/* 1: runs; 0: does not. */
static int is_running(struct host *h, const char *container, struct error *err)
{
	const char *state;
	int r = host_container_state(h, container, &state, err);

	return r < 0 ? r : strcmp(state, "running") == 0;
}

/* How files come out: 1 by commands, 0 by the export. *path becomes absolute, in full. */
static int way_out(struct host *h, const char *container, const char **path, struct buf *full, struct error *err)
{
	*path = absolute(*path, full);
	return is_running(h, container, err);
}

int host_copy_stat(struct engine *e, const char *container, const char *path, struct copy_stat *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf full = BUF_INIT(64 * 1024);
	int r = way_out(host_of(e), container, &path, &full, err);

	if (r > 0)
		r = copy_stat_by_command(host_of(e), container, path, ret, err);
	if (r == 0)
		r = copy_stat_by_export(host_of(e), container, path, ret, err);
	return r < 0 ? r : 0;
}

int host_copy_out(struct engine *e, const char *container, const char *path, struct download **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf full = BUF_INIT(64 * 1024);
	int r = way_out(host_of(e), container, &path, &full, err);

	if (r > 0)
		r = copy_out_by_command(host_of(e), container, path, ret, err);
	if (r == 0)
		r = copy_out_by_export(host_of(e), container, path, ret, err);
	return r < 0 ? r : 0;
}

/* ---- into a container ------------------------------------------------------------------------------------------------ */

/* $1: the folder. $2: p keeps the archive's IDs, op does not. */
static const char plain_script[] = "exec tar -x\"$2\"f - -C \"$1\"";

/* $3: UID:GID that everything gets, or "". $4, $5: old and new name, or "". $6: "overwrite" or "". First into a folder of its own beside the place where it
 * is to be, since tar can neither rename nor replace. */
static const char full_script[] =
	"d=${1%/} t=${1%/}/.farpod-$$\n"
	"mkdir -m 700 \"$t\" || exit 1\n"
	"trap 'rm -rf \"$t\"' EXIT\n"
	"tar -x\"$2\"f - -C \"$t\" || exit 1\n"
	"[ -z \"$3\" ] || chown -hR \"$3\" \"$t\" || exit 1\n"
	"cd \"$t\" || exit 1\n"
	"[ \"$4\" = \"$5\" ] || mv \"./$4\" \"./$5\" || exit 1\n"
	"for f in * .[!.]* ..?*; do\n"
	" [ -e \"$f\" ] || [ -L \"$f\" ] || continue\n"
	" new=file old=none\n"
	" [ -d \"$f\" ] && [ ! -L \"$f\" ] && new=folder\n"
	" [ -e \"$d/$f\" ] && old=file\n"
	" [ -d \"$d/$f\" ] && old=folder\n"
	" if [ $old != none ] && [ $old != $new ]; then\n"
	"  if [ -z \"$6\" ]; then echo \"$d/$f\"; exit 45; fi\n"
	"  rm -rf \"$d/$f\" || exit 1\n"
	" fi\n"
	" if [ $old = folder ] && [ $new = folder ]; then tar -cf - \"./$f\" | tar -xpf - -C \"$d/\" || exit 1\n"
	" else mv -f \"./$f\" \"$d/$f\" || exit 1; fi\n"
	"done";

struct sending {
	struct script *script;
	bool ended;
};

static int send_piece(void *ctx, const void *p, size_t n, struct error *err)
{
	struct sending *s = ctx;
	int r;

	/* tar has stopped: at the archive's end mark, or over an error that its exit status tells. What comes is let go. */
	if (s->ended)
		return 0;
	r = script_write(s->script, p, n, err);
	s->ended = r > 0;
	return r < 0 ? r : 0;
}

/* What tar said about it, in one line. */
static int extract_failed(const struct copy_in_req *q, int status, struct str said, struct error *err)
{
	CLEANUP(free_p) char *text = str_dup(str_trim(said));

	for (char *p = text; p && *p; p++)
		if (*p == '\n')
			*p = ' ';
	if (status == EXIT_CONFLICT)
		return error_set(err, ERR_CONFLICT,
				 "a file can't take the place of a folder, nor the reverse, without --overwrite: %s",
				 text ? text : "");
	if (status == 127 || status == 126)
		return error_set(err, ERR_UNSUPPORTED, "copying into container %s needs sh and tar there, which it has not",
				 q->container);
	return error_set(err, ERR_REMOTE, "tar in container %s: %s (exit status %d)", q->container, text && *text ? text : "failed",
			 status);
}

static int extract(struct host *h, const struct copy_in_req *q, const char *text, const char *const *args, struct error *err)
{
	CLEANUP(script_close_p) struct script *script = NULL;
	CLEANUP(buf_done) struct buf said = BUF_INIT(64 * 1024);
	struct sending s = { 0 };
	struct byte_sink sink = { .write = send_piece, .ctx = &s };
	int status, r = script_open(h, q->container, text, args, true, &script, err);

	s.script = script;
	if (r == 0)
		r = producer_run(q->archive, &sink, err);
	if (r == 0)
		r = script_end_input(script, err);
	if (r == 0)
		r = script_finish(script, &said, &status, err);
	if (r < 0)
		return r;
	return status ? extract_failed(q, status, buf_str(&said), err) : 0;
}

/* "UID:GID" of the container's user; empty when that is root, whom tar's files belong to anyway. */
static int owner_of(struct host *h, const char *container, struct buf *ret, struct error *err)
{
	CLEANUP(script_close_p) struct script *script = NULL;
	int status, r = script_open_as_user(h, container, "echo \"$(id -u):$(id -g)\"", &script, err);
	struct str said;

	if (r == 0)
		r = script_finish(script, ret, &status, err);
	if (r < 0)
		return r;
	said = str_trim(buf_str(ret));
	if (status || str_eq(said, STR("0:0"))) {
		buf_clear(ret);
		return 0;
	}
	/* What it said goes into a command line. */
	for (size_t i = 0; i < said.n; i++)
		if (!strchr("0123456789:", said.p[i]))
			return error_set(err, ERR_REMOTE, "the user of container %s is not known", container);
	ret->p[said.n] = 0;
	ret->n = said.n;
	return 0;
}

int host_copy_in(struct engine *e, const struct copy_in_req *q, struct error *err)
{
	CLEANUP(buf_done) struct buf owner = BUF_INIT(256), dir = BUF_INIT(64 * 1024);
	struct host *h = host_of(e);
	const char *from = q->rename_from && q->rename_to ? q->rename_from : "", *to = *from ? q->rename_to : "";
	int r = is_running(h, q->container, err);

	if (r < 0)
		return r;
	if (r == 0) {
		r = engine_unsupported(e, err, "copying into a container that does not run");
		error_hint(err, "Start it first: podman start %s", q->container);
		return r;
	}
	r = q->copy_ids ? 0 : owner_of(h, q->container, &owner, err);
	if (r < 0)
		return r;
	const char *const args[] = {
		absolute(q->dir, &dir), q->copy_ids ? "p" : "op", buf_z(&owner), from, to, q->overwrite ? "overwrite" : "", NULL
	};

	return extract(h, q, owner.n || strcmp(from, to) != 0 || q->overwrite ? full_script : plain_script, args, err);
}

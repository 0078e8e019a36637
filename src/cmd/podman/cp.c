/* cmd/podman/cp.c: cp: files between this machine and containers, by the rules of podman 4 (podman-cp(1)):
 *   the destination is a folder          the source goes into it under its own name, or its content with "/." behind the source
 *   the destination is not there         the source becomes it; its parent must be there, and "/" at its end is an error
 *   both are files                       the destination is replaced
 * Symlinks on both sides are followed. Nothing is held or kept on disk in between. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/filter.h"
#include "archive/tar.h"
#include "base/cleanup.h"
#include "base/path.h"
#include "cmd/podman/commands.h"
#include "cmd/session.h"

struct cp_args {
	bool archive, overwrite, follow_link, quiet, pause, extract;
};

static const struct opt cp_opts[] = {
	{ .type = OPT_T_BOOL, .short_name = 'a', .long_name = "archive", .dflt = "true",
	  .help = "Give what is copied into a container to the container's user", .offset = OPT_FIELD(struct cp_args, archive, bool) },
	OPT_BOOL(0, "overwrite", struct cp_args, overwrite, "Let a folder take the place of a file and the reverse"),
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .short_name = 'L', .long_name = "follow-link", .help = "Accepted for docker's sake: links are followed",
	  .offset = OPT_FIELD(struct cp_args, follow_link, bool) },
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .short_name = 'q', .long_name = "quiet", .help = "Accepted for docker's sake, does nothing",
	  .offset = OPT_FIELD(struct cp_args, quiet, bool) },
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .long_name = "pause", .help = "Accepted for podman 1's sake, does nothing",
	  .offset = OPT_FIELD(struct cp_args, pause, bool) },
	{ .type = OPT_T_BOOL, .flags = OPT_HIDDEN, .long_name = "extract", .help = "Accepted for podman 1's sake, does nothing",
	  .offset = OPT_FIELD(struct cp_args, extract, bool) },
	OPT_END
};

/* One end of a copy. */
struct place {
	char *container; /* NULL: this machine */
	char *path;      /* as typed, without the container */
	char *target;    /* symlinks resolved; of a destination that is not there: its parent */
	char *base;      /* name that the copy has or gets */
	bool is_dir;     /* of target */
	bool missing;    /* target is the parent */
	bool stream;     /* "-" */
};

struct copy_job {
	struct session *session;
	struct engine *engine;
	const struct cp_args *args;
	struct place from, to;
};

static void place_done(struct place *p)
{
	free(p->container);
	free(p->path);
	free(p->target);
	free(p->base);
}

/* ---- paths ----------------------------------------------------------------------------------------------------------- */

static bool content_only(const char *path)
{
	struct str s = str_from(path);

	return str_eq_z(s, ".") || str_ends(s, STR("/."));
}

/* The last component, as Go's path.Base of a cleaned path. */
static char *base_of(const char *path)
{
	size_t n = strlen(path);
	const char *start;

	while (n > 1 && path[n - 1] == '/')
		n--;
	for (start = path + n; start > path && start[-1] != '/';)
		start--;
	return str_dup((struct str){ start, (size_t)(path + n - start) });
}

/* The folder that a path is in; "." and "/" as dirname(3). Owned by the caller. */
static char *parent_of(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	while (n > 1 && path[n - 1] == '/')
		n--;
	return n ? str_dup((struct str){ path, n }) : z_dup(".");
}

/* NAME:PATH, but not for what starts like a path of this machine. */
static int parse_place(const char *typed, struct place *ret, struct error *err)
{
	struct str name, path;

	if (strcmp(typed, "-") == 0) {
		ret->stream = true;
		path = str_from(typed);
	} else if (typed[0] == '.' || typed[0] == '/' || !str_cut(str_from(typed), ':', &name, &path)) {
		path = str_from(typed);
	} else {
		ret->container = str_dup(name);
	}
	ret->path = str_dup(path);
	return ret->path ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int parse_places(struct copy_job *j, const struct strv *names, struct error *err)
{
	const char *from = names->v[0], *to = names->v[1];
	int r = parse_place(from, &j->from, err);

	if (r < 0 || (r = parse_place(to, &j->to, err)) < 0)
		return r;
	if (!j->from.container && !j->to.container)
		return error_set(err, ERR_USAGE, "invalid arguments \"%s\", \"%s\": exactly 1 container expected but none specified", from, to);
	if (!*j->from.path || !*j->to.path)
		return error_set(err, ERR_USAGE, "invalid arguments \"%s\", \"%s\": you must specify paths", from, to);
	return 0;
}

/* ---- what is there --------------------------------------------------------------------------------------------------- */

static int missing(const struct place *p, struct error *err)
{
	if (p->container)
		return error_context(err, "\"%s\" could not be found on container %s", p->path, p->container);
	return error_context(err, "\"%s\" could not be found on this machine", p->path);
}

/* 1: there, target and is_dir are filled. */
static int look_here(struct place *p, const char *path, struct error *err)
{
	struct stat st;

	p->target = realpath(path, NULL);
	if (!p->target || stat(p->target, &st) < 0)
		return error_set(err, ERR_NOT_FOUND, "no such file or directory");
	p->is_dir = S_ISDIR(st.st_mode);
	if (!p->is_dir && !S_ISREG(st.st_mode))
		return error_set(err, ERR_USAGE, "\"%s\" must be a directory or a regular file", path);
	return 0;
}

/* Some hosts keep the "/." that was asked for. */
static void drop_dot(char *target)
{
	size_t n = strlen(target);

	if (n > 1 && strcmp(target + n - 2, "/.") == 0)
		target[n > 2 ? n - 2 : 1] = '\0';
}

static int look_there(struct copy_job *j, struct place *p, const char *path, struct error *err)
{
	struct copy_stat st = { 0 };
	int r = engine_copy_stat(j->engine, p->container, path, &st, err);

	if (r < 0)
		return r;
	p->is_dir = st.is_dir;
	p->target = z_dup(st.link_target && *st.link_target ? st.link_target : path);
	copy_stat_done(&st);
	if (!p->target)
		return error_set(err, ERR_SYSTEM, "out of memory");
	drop_dot(p->target);
	return 0;
}

static int look(struct copy_job *j, struct place *p, const char *path, struct error *err)
{
	free(p->target);
	p->target = NULL;
	return p->container ? look_there(j, p, path, err) : look_here(p, path, err);
}

/* A symlink of this machine gives the copy its own name; one in a container was resolved by the host, whose archive has the name of its target. */
static char *source_name(const struct place *p)
{
	char *name = p->container ? NULL : base_of(p->path);

	if (name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		return name;
	free(name);
	return base_of(p->target);
}

static int find_source(struct copy_job *j, struct error *err)
{
	struct place *p = &j->from;
	int r = look(j, p, p->path, err);

	if (r < 0)
		return r == -ERR_NOT_FOUND ? missing(p, err) : r;
	p->base = source_name(p);
	return p->base ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* A destination that is not there is looked for by its parent. */
static int find_destination(struct copy_job *j, struct error *err)
{
	CLEANUP(error_done) struct error why = ERROR_INIT;
	CLEANUP(free_p) char *parent = NULL;
	struct place *p = &j->to;
	int r = look(j, p, p->path, &why);

	if (r < 0 && r != -ERR_NOT_FOUND)
		return error_move(err, &why);
	if (r == 0) {
		p->base = base_of(p->target);
		return p->base ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
	}
	if (str_ends(str_from(p->path), STR("/")) || j->from.stream) {
		error_move(err, &why);
		return missing(p, err);
	}
	p->missing = true;
	parent = parent_of(p->path);
	p->base = base_of(p->path);
	if (!parent || !p->base)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = look(j, p, p->container && strcmp(parent, ".") == 0 ? "/" : parent, err);
	return r == -ERR_NOT_FOUND ? missing(p, err) : r;
}

/* The folder that receives, and the new name in it or NULL. */
static int receiver(const struct copy_job *j, char **ret_dir, const char **ret_name, struct error *err)
{
	const struct place *to = &j->to;
	bool into = to->is_dir && !to->missing;

	if (j->from.is_dir && !to->is_dir)
		return error_set(err, ERR_USAGE, "destination must be a directory when copying a directory");
	*ret_name = into ? NULL : to->base;
	*ret_dir = to->is_dir ? z_dup(to->target) : parent_of(to->target);
	return *ret_dir ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- from a container ------------------------------------------------------------------------------------------------ */

/* The root folder has no name of its own: its content is asked for. */
static int open_source(struct copy_job *j, struct download **ret, struct error *err)
{
	bool root = strcmp(j->from.target, "/") == 0;

	return engine_copy_out(j->engine, j->from.container, root ? "/." : j->from.target, ret, err);
}

static int to_stdout(struct copy_job *j, struct error *err)
{
	CLEANUP(download_close_p) struct download *d = NULL;
	const int out = STDOUT_FILENO;
	struct byte_sink sink = bytes_to_fd(&out);
	struct byte_source source;
	int r;

	if (isatty(STDOUT_FILENO))
		return error_set(err, ERR_USAGE, "refusing to copy an archive to a terminal: redirect it to a file");
	r = session_flush(j->session, err);
	if (r < 0 || (r = find_source(j, err)) < 0 || (r = open_source(j, &d, err)) < 0)
		return r;
	source = download_source(d);
	return bytes_copy(&source, &sink, NULL, err);
}

static int to_here(struct copy_job *j, struct error *err)
{
	CLEANUP(download_close_p) struct download *d = NULL;
	CLEANUP(tar_reader_close_p) struct tar_reader *tar = NULL;
	CLEANUP(free_p) char *dir = NULL;
	const char *name;
	bool root, strip;
	struct byte_source source;
	int r;

	if ((r = find_source(j, err)) < 0 || (r = find_destination(j, err)) < 0 || (r = receiver(j, &dir, &name, err)) < 0)
		return r;
	root = strcmp(j->from.target, "/") == 0;
	strip = !root && (name || (j->from.is_dir && content_only(j->from.path)));
	if (root && name) {
		CLEANUP(free_p) char *inner = path_join(dir, name);

		if (!inner || (r = path_make_dirs(inner, 0755, err)) < 0)
			return r < 0 ? r : error_set(err, ERR_SYSTEM, "out of memory");
		free(dir);
		dir = ptr_take(&inner);
	}
	r = open_source(j, &d, err);
	if (r < 0)
		return r;
	source = download_source(d);
	r = tar_reader_open(&source, &tar, err);
	if (r >= 0) {
		struct unpack_req q = { .dir = dir, .strip = strip ? j->from.base : NULL, .rename_to = strip ? name : NULL,
					.keep_existing_kind = !j->args->overwrite };

		r = unpack_tree(tar, &q, NULL, err);
	}
	return r < 0 ? error_context(err, "copy %s:%s", j->from.container, j->from.path) : 0;
}

/* ---- to a container -------------------------------------------------------------------------------------------------- */

static int send(struct copy_job *j, const struct byte_producer *archive, const char *dir, const char *from_name, const char *to_name,
		struct error *err)
{
	struct copy_in_req q = { .container = j->to.container, .dir = dir, .archive = archive, .rename_from = to_name ? from_name : NULL,
				 .rename_to = to_name, .copy_ids = !j->args->archive, .overwrite = j->args->overwrite };

	return engine_copy_in(j->engine, &q, err);
}

/* Standard input, whose beginning was looked at. */
struct peeked {
	struct byte_source rest;
	char head[ARCHIVE_HEAD];
	size_t n, used;
};

static ssize_t read_peeked(void *ctx, void *p, size_t n, struct error *err)
{
	struct peeked *k = ctx;
	size_t have = k->n - k->used < n ? k->n - k->used : n;

	if (have == 0)
		return source_read(&k->rest, p, n, err);
	memcpy(p, k->head + k->used, have);
	k->used += have;
	return (ssize_t)have;
}

static int peek(struct peeked *k, struct error *err)
{
	ssize_t n = 1;

	while (n > 0 && k->n < sizeof k->head) {
		n = source_read(&k->rest, k->head + k->n, sizeof k->head - k->n, err);
		k->n += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		return (int)n;
	return archive_detect(k->head, k->n) ? 0 : error_set(err, ERR_USAGE, "source must be a (compressed) tar archive when copying from stdin");
}

static int from_stdin(struct copy_job *j, struct error *err)
{
	const int in = STDIN_FILENO;
	struct peeked stdin_tar = { .rest = bytes_from_fd(&in, -1) };
	struct byte_source source = { .read = read_peeked, .ctx = &stdin_tar, .length = -1 };
	struct byte_producer archive = bytes_producer(&source);
	int r = find_destination(j, err);

	if (r >= 0)
		r = peek(&stdin_tar, err);
	if (r < 0)
		return r;
	if (!j->to.is_dir)
		return error_set(err, ERR_USAGE, "destination must be a directory when copying from stdin");
	return send(j, &archive, j->to.target, NULL, NULL, err);
}

struct packing {
	const char *path, *name_as;
	bool own_ids;
};

static int pack(void *ctx, const struct byte_sink *to, struct error *err)
{
	const struct packing *p = ctx;
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	struct pack_req q = { .dir = p->path, .name_as = p->name_as, .own_ids = p->own_ids, .fifos_and_devices = true };
	int r = tar_writer_open(to, &w, err);

	if (r >= 0)
		r = pack_tree(w, &q, NULL, err);
	return r < 0 ? r : tar_writer_end(w, err);
}

/* The new name is given here already, so that every host understands it. */
static int from_here(struct copy_job *j, struct error *err)
{
	CLEANUP(free_p) char *dir = NULL;
	const char *name;
	struct packing p = { .own_ids = !j->args->archive };
	struct byte_producer archive = { .produce = pack, .ctx = &p, .length = -1, .again = true };
	int r;

	if ((r = find_source(j, err)) < 0 || (r = find_destination(j, err)) < 0 || (r = receiver(j, &dir, &name, err)) < 0)
		return r;
	p.path = j->from.target;
	p.name_as = name ? name : j->from.is_dir && content_only(j->from.path) ? "" : j->from.base;
	return send(j, &archive, dir, NULL, NULL, err);
}

static int between(struct copy_job *j, struct error *err)
{
	CLEANUP(download_close_p) struct download *d = NULL;
	CLEANUP(free_p) char *dir = NULL, *path = NULL;
	const char *name;
	struct byte_source source;
	struct byte_producer archive;
	int r;

	if ((r = find_source(j, err)) < 0 || (r = find_destination(j, err)) < 0 || (r = receiver(j, &dir, &name, err)) < 0)
		return r;
	if (!name && j->from.is_dir && content_only(j->from.path))
		path = path_join(j->from.target, ".");
	else
		path = z_dup(j->from.target);
	r = path ? engine_copy_out(j->engine, j->from.container, path, &d, err) : error_set(err, ERR_SYSTEM, "out of memory");
	if (r < 0)
		return r;
	source = download_source(d);
	archive = bytes_producer(&source);
	return send(j, &archive, dir, j->from.base, name, err);
}

static int cp_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct copy_job j = { .session = s, .args = args };
	int r = parse_places(&j, names, err);

	if (r >= 0 && !j.from.container)
		session_expect_upload(s, j.from.path);
	if (r >= 0)
		r = session_engine(s, &j.engine, err);
	if (r >= 0)
		r = j.from.stream ? from_stdin(&j, err) : j.to.stream ? to_stdout(&j, err) : !j.from.container ? from_here(&j, err)
		  : !j.to.container ? to_here(&j, err) : between(&j, err);
	place_done(&j.from);
	place_done(&j.to);
	return r;
}

const struct cmd cmd_cp = {
	.names = (const char *const[]){ "cp", "container cp", NULL },
	.synopsis = "[options] [CONTAINER:]SRC_PATH [CONTAINER:]DEST_PATH",
	.brief = "Copy files between this machine and a container, or between containers",
	.about = "Copies a file or folder. \"/.\" behind a source folder copies its content; - is a tar archive on standard input or output.\n"
		 "Paths in containers start at the root folder; a path of this machine with a colon in it needs ./ in front.",
	.examples = "podman cp myfile web:/etc/myfile\npodman cp web:/var/log/. logs\npodman cp web:/data - | tar -tf -",
	.opts = cp_opts,
	.args_size = sizeof(struct cp_args),
	.args_default = &(struct cp_args){ .archive = true },
	.min_names = 2,
	.max_names = 2,
	.complete = "@container",
	.run = cp_run,
};

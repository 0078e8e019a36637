/* cmd/podman/build.c: build: a folder of this machine becomes an image on the host. */
#include "cmd/podman/build.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/js.h"
#include "base/log.h"
#include "base/path.h"
#include "base/units.h"
#include "cmd/podman/build_context.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/creds.h"
#include "cmd/session.h"
#include "output/human.h"

#define LARGE_CONTEXT ((uint64_t)500 * 1000 * 1000)
#define PROGRESS_MS 200
#define ARG_FILE_MAX (1024 * 1024)
#define SIZE_COLUMN 12

struct build_job {
	struct session *session;
	struct flags *flags;
	struct build_context context;
	struct creds_args creds;
	FILE *out;            /* of the build's output: stdout or --logfile */
	bool quiet, progress; /* progress: on a terminal */
	uint64_t drawn_ms;    /* when the progress was drawn the last time; 0: it is not on the screen */
	char last_line[80];   /* of the output, to know whether the ID was printed */
	size_t last_n;
};

/* ---- flags ----------------------------------------------------------------------------------------------------------- */

/* docker's, without meaning here. */
static const char *const ignored[] = { "builder", "compress", "disable-content-trust", "load", "loglevel", "progress", "provenance",
				       "cni-config-dir", "cni-plugin-path" };

static int set(struct flags *f, const char *name, const char *value, struct error *err)
{
	flags_drop(f, name);
	return flags_add(f, name, str_from(value)) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* A name without a value takes the one that it has here; without one here it is dropped, as podman does. */
static int take_from_environment(struct flags *f, const char *name, struct error *err)
{
	const struct flag *typed = flags_find(f, name);
	CLEANUP(strv_done) struct strv values = { 0 };
	bool ok = true;

	if (!typed)
		return 0;
	for (size_t i = 0; ok && i < typed->values.n; i++) {
		const char *v = typed->values.v[i], *here = strchr(v, '=') ? NULL : getenv(v);

		if (strchr(v, '='))
			ok = strv_add(&values, v);
		else if (here)
			ok = strv_addf(&values, "%s=%s", v, here);
	}
	flags_drop(f, name);
	for (size_t i = 0; ok && i < values.n; i++)
		ok = flags_add(f, name, str_from(values.v[i]));
	return ok ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* Lines KEY=VALUE of --build-arg-file come before what was typed, which so has the last word. */
static int read_arg_files(struct flags *f, struct error *err)
{
	const struct flag *files = flags_find(f, "build-arg-file"), *typed = flags_find(f, "build-arg");
	CLEANUP(strv_done) struct strv args = { 0 };
	bool ok = true;

	for (size_t i = 0; files && i < files->values.n; i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT(ARG_FILE_MAX);
		struct str line, rest;
		bool more = true;
		int r = path_read(files->values.v[i], &text, err);

		if (r < 0)
			return error_context(err, "--build-arg-file");
		for (rest = buf_str(&text); more && ok;) {
			more = str_cut(rest, '\n', &line, &rest);
			line = str_trim(line);
			if (line.n && line.p[0] != '#')
				ok = strv_add_str(&args, line);
		}
	}
	if (!files)
		return 0;
	ok = ok && (!typed || strv_add_all(&args, &typed->values));
	flags_drop(f, "build-arg-file");
	flags_drop(f, "build-arg");
	for (size_t i = 0; ok && i < args.n; i++)
		ok = flags_add(f, "build-arg", str_from(args.v[i]));
	return ok ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* --pull, --pull=true, --pull-always and --pull-never are spellings of one policy. */
static int settle_pull(struct flags *f, struct error *err)
{
	static const char *const policies[] = { "always", "missing", "ifmissing", "never", "newer", "ifnewer" };
	const char *typed = flags_get(f, "pull"), *policy = typed;
	bool value, known = false;

	if (typed && bool_parse(str_from(typed), &value))
		policy = value ? "always" : "missing";
	if (flags_bool(f, "pull-always", false))
		policy = "always";
	if (flags_bool(f, "pull-never", false))
		policy = "never";
	flags_drop(f, "pull-always");
	flags_drop(f, "pull-never");
	if (!policy)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++)
		known |= strcmp(policy, policies[i]) == 0;
	if (!known)
		return error_set(err, ERR_USAGE, "unsupported pull policy \"%s\": it is always, missing, never or newer", policy);
	return set(f, "pull", strncmp(policy, "if", 2) == 0 ? policy + 2 : policy, err);
}

static int settle_defaults(struct flags *f, struct error *err)
{
	const char *layers = getenv("BUILDAH_LAYERS"), *format = getenv("BUILDAH_FORMAT");
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		flags_drop(f, ignored[i]);
	if (flags_bool(f, "squash", false) && flags_bool(f, "squash-all", false))
		return error_set(err, ERR_USAGE, "cannot specify --squash-all with --squash");
	if (flags_bool(f, "squash-all", false) && flags_bool(f, "layers", false))
		return error_set(err, ERR_USAGE, "cannot specify --squash-all with --layers");
	/* podman on the host keeps layers unless it is told otherwise; the services do the opposite. */
	if (!flags_find(f, "layers"))
		r = set(f, "layers", flags_bool(f, "squash-all", false) ? "false" : layers && *layers ? layers : "true", err);
	if (r >= 0 && !flags_find(f, "format") && format && *format)
		r = set(f, "format", format, err);
	return r;
}

/* What no host gets by its service; buildx and the local podman have it. */
static int refuse(const struct flags *f, struct error *err)
{
	static const struct {
		const char *flag, *why;
	} rows[] = {
		{ "push", "push the image with podman push afterwards" },
		{ "output", "podman save and podman cp bring an image's content here" },
		{ "logsplit", "it splits the log of a build for several platforms" },
		{ "stdin", "the service has no standard input for RUN steps" },
		{ "hooks-dir", "the service takes no hooks from a client" },
		{ "runtime", "the host's containers.conf names the runtime" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (flags_find(f, rows[i].flag) && strcmp(flags_get(f, rows[i].flag), "false") != 0)
			return error_set(err, ERR_UNSUPPORTED, "--%s is not supported on a remote host: %s", rows[i].flag, rows[i].why);
	return 0;
}

static int settle_flags(struct flags *f, struct error *err)
{
	int r = refuse(f, err);

	if (r >= 0)
		r = read_arg_files(f, err);
	if (r >= 0)
		r = take_from_environment(f, "build-arg", err);
	if (r >= 0)
		r = take_from_environment(f, "env", err);
	if (r >= 0)
		r = settle_pull(f, err);
	return r < 0 ? r : settle_defaults(f, err);
}

/* ---- progress and output --------------------------------------------------------------------------------------------- */

static void print_size(FILE *out, uint64_t bytes, int width)
{
	CLEANUP(buf_done) struct buf size = BUF_INIT(64);

	human_size((double)bytes, 4, true, &size);
	fprintf(out, "%*s", width, buf_z(&size));
}

static void wipe_progress(struct build_job *j)
{
	if (j->drawn_ms) {
		fputs("\r\033[K", session_err(j->session));
		fflush(session_err(j->session));
	}
	j->drawn_ms = 0;
}

static void on_progress(void *ctx, const struct pack_stats *now)
{
	struct build_job *j = ctx;

	if (j->drawn_ms && clock_ms() < j->drawn_ms + PROGRESS_MS)
		return;
	j->drawn_ms = clock_ms();
	fputs("\r\033[KSending build context: ", session_err(j->session));
	print_size(session_err(j->session), now->bytes, 0);
	fprintf(session_err(j->session), " in %llu files", (unsigned long long)now->files);
	fflush(session_err(j->session));
}

/* Once, when all of it is sent. */
static void warn_large(struct build_job *j)
{
	const struct pack_stats *s = &j->context.stats;
	FILE *out = session_err(j->session);

	if (s->bytes < LARGE_CONTEXT || j->quiet)
		return;
	fputs("Warning: the build context has ", out);
	print_size(out, s->bytes, 0);
	fprintf(out, " in %llu files; the largest entries:\n", (unsigned long long)s->files);
	for (size_t i = 0; i < PACK_LARGEST && s->largest[i].bytes; i++) {
		print_size(out, s->largest[i].bytes, SIZE_COLUMN);
		fprintf(out, "  %s\n", s->largest[i].name);
	}
	fprintf(out, "Name what the build does not need in %s/.containerignore\n", j->context.dir);
}

static int produce(void *ctx, const struct byte_sink *to, struct error *err)
{
	struct build_job *j = ctx;
	struct byte_producer inner = build_context_producer(&j->context, j->context.length);
	int r = producer_run(&inner, to, err);

	wipe_progress(j);
	if (r >= 0)
		warn_large(j);
	return r;
}

/* The last line, as far as it may be an ID. */
static void remember(struct build_job *j, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (j->last_n && j->last_line[j->last_n - 1] == '\n')
			j->last_n = 0;
		if (j->last_n < sizeof j->last_line)
			j->last_line[j->last_n++] = text.p[i];
		else if (text.p[i] == '\n')
			j->last_n = 0;
	}
}

static int on_text(void *ctx, struct str text, struct error *err)
{
	struct build_job *j = ctx;

	remember(j, text);
	if (j->quiet)
		return 0;
	/* What a step prints is seen while it runs. */
	if (fwrite(text.p, 1, text.n, j->out) != text.n || fflush(j->out) != 0)
		return session_output_failed(err);
	return 0;
}

static void print_id(struct build_job *j, const char *id)
{
	struct str last = str_trim((struct str){ j->last_line, j->last_n });

	if (!j->quiet && str_eq_z(last, id))
		return;
	if (!j->quiet && j->last_n && j->last_line[j->last_n - 1] != '\n')
		fputc('\n', j->out);
	fprintf(j->quiet ? session_out(j->session) : j->out, "%s\n", id);
}

/* ---- the build ------------------------------------------------------------------------------------------------------- */

/* A base image that the host has and that brings no triggers (ONBUILD) with it. No service tells them, but the history does: docker writes each
 * instruction there. buildah may write several as one, but drops triggers from all but docker's format. */
static bool is_plain_base(struct engine *e, const char *image)
{
	CLEANUP(js_put_p) struct json_object *found = NULL;
	CLEANUP(error_done) struct error unused = ERROR_INIT;
	struct json_object *history, *labels;
	bool oci;

	if (engine_inspect(e, OBJECT_IMAGE, image, false, &found, &unused) < 0)
		return false;
	history = js_get(found, "History");
	labels = js_get(found, "Labels");
	oci = strstr(js_get_str(found, "ManifestType", ""), "vnd.oci.") != NULL;
	if (js_len(history) == 0 || (!oci && js_get(labels, "io.buildah.version")))
		return false;
	for (size_t i = 0; i < js_len(history); i++)
		if (strstr(js_get_str(js_at(history, i), "created_by", ""), "ONBUILD"))
			return false;
	return true;
}

/* Sends only what the Containerfiles can need, where their text and the base images tell that for certain. */
static int narrow(struct build_job *j, struct engine *e, struct error *err)
{
	static const char *const uncertain[] = { "pull", "from", "build-context", "cpp-flag", "platform", "arch", "os", "variant", "all-platforms" };
	CLEANUP(build_need_done) struct build_need need = { 0 };
	int r;

	for (size_t i = 0; i < ARRAY_LEN(uncertain); i++)
		if (flags_find(j->flags, uncertain[i]))
			return 0;
	r = build_context_need(&j->context, &need, err);
	for (size_t i = 0; r >= 0 && !need.all && i < need.bases.n; i++)
		need.all = !is_plain_base(e, need.bases.v[i]);
	if (r < 0 || need.all)
		return r;
	log_debug("build: the Containerfile needs %zu paths of %s", need.paths.n, j->context.dir);
	return build_context_narrow(&j->context, &need.paths, err);
}

static int open_context(struct build_job *j, struct engine *e, const struct strv *names, struct error *err)
{
	static const struct strv none = { 0 };
	const struct flag *files = flags_find(j->flags, "file");
	CLEANUP(strv_done) struct strv excludes = { 0 };
	struct build_context_req q = { .typed = names->n ? names->v[0] : NULL, .files = files ? &files->values : &none,
				       .ignorefile = flags_get(j->flags, "ignorefile"), .base_names = engine_can(e, ENGINE_BUILD_BASE_NAMES),
				       .dockerignore = engine_can(e, ENGINE_BUILD_DOCKERIGNORE) };
	int r = build_context_open(&q, &j->context, err);

	if (r >= 0)
		r = build_context_secrets(&j->context, j->flags, err);
	/* The others get a .dockerignore that says the same. */
	if (r >= 0 && !q.dockerignore)
		r = build_context_excludes(&j->context, &excludes, err);
	for (size_t i = 0; r >= 0 && i < excludes.n; i++)
		if (!flags_add(j->flags, "excludes", str_from(excludes.v[i])))
			r = error_set(err, ERR_SYSTEM, "out of memory");
	if (r >= 0)
		r = narrow(j, e, err);
	if (r >= 0 && engine_can(e, ENGINE_UPLOAD_LENGTH))
		r = build_context_length(&j->context, &j->context.length, err);
	j->context.progress = j->progress ? on_progress : NULL;
	j->context.ctx = j;
	flags_drop(j->flags, "file");
	flags_drop(j->flags, "ignorefile");
	return r;
}

/* The flags go from the bag, so that they reach no host. */
static int credentials(struct build_job *j, char **ret, struct error *err)
{
	CLEANUP(strv_done) struct strv registries = { 0 };
	int r = build_context_registries(&j->context, &registries, err);

	if (r >= 0)
		r = creds_header_all(&j->creds, &registries, ret, err);
	flags_drop(j->flags, "authfile");
	flags_drop(j->flags, "creds");
	flags_drop(j->flags, "cert-dir");
	return r;
}

static int write_iidfile(const char *path, const char *id, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(128);

	buf_addf(&text, "sha256:%s", id);
	return path_write_atomic(path, buf_str(&text), 0644, err);
}

static int send_build(struct build_job *j, struct engine *e, const char *iidfile, struct error *err)
{
	const struct flag *tags = flags_find(j->flags, "tag");
	CLEANUP(free_p) char *auth = NULL, *id = NULL;
	CLEANUP(strv_done) struct strv names = { 0 };
	struct byte_producer context = { .produce = produce, .ctx = j, .length = j->context.length, .again = true };
	struct build_req q = { .context = &context, .dockerfiles = &j->context.dockerfiles, .flags = j->flags, .quiet = j->quiet };
	int r;

	if (tags && !strv_add_all(&names, &tags->values))
		return error_set(err, ERR_SYSTEM, "out of memory");
	flags_drop(j->flags, "tag");
	r = credentials(j, &auth, err);
	if (r < 0)
		return r;
	q.tags = &names;
	q.auth_map = auth;
	r = engine_image_build(e, &q, on_text, j, &id, err);
	wipe_progress(j);
	if (r < 0)
		return r;
	print_id(j, id);
	return iidfile ? write_iidfile(iidfile, id, err) : 0;
}

static int build_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct flags *f = &((struct build_args *)args)->flags;
	struct build_job j = { .session = s, .flags = f, .out = session_out(s), .quiet = flags_bool(f, "quiet", false) };
	CLEANUP(free_p) char *iidfile = NULL, *logfile = NULL;
	struct engine *e;
	int r = settle_flags(f, err);

	if (r < 0 || (r = session_engine(s, &e, err)) < 0)
		return r;
	creds_from_flags(f, &j.creds);
	iidfile = z_dup(flags_get(f, "iidfile"));
	logfile = z_dup(flags_get(f, "logfile"));
	j.progress = !j.quiet && isatty(fileno(session_err(s)));
	flags_drop(f, "iidfile");
	flags_drop(f, "logfile");
	flags_drop(f, "quiet");
	if (logfile && !(j.out = fopen(logfile, "we")))
		return error_set_errno(err, "--logfile %s", logfile);
	r = open_context(&j, e, names, err);
	if (r >= 0)
		r = send_build(&j, e, iidfile, err);
	build_context_done(&j.context);
	creds_args_done(&j.creds);
	if (logfile && fclose(j.out) != 0 && r >= 0)
		r = error_set_errno(err, "--logfile %s", logfile);
	return r;
}

const struct cmd cmd_build = {
	.names = (const char *const[]){ "build", "image build", "buildx build", "builder build", NULL },
	.synopsis = "[options] [CONTEXT]",
	.brief = "Build an image from a Containerfile and a folder of this machine",
	.about = "Sends the folder, without what its .containerignore or .dockerignore leaves out, to the host while it is read, and builds there.\n"
		 "CONTEXT may also be - (a tar archive or a Containerfile on standard input), a URL of one, or a git repository (URL#REF:FOLDER).",
	.examples = "podman build --tag web .\npodman build -f Containerfile.debug --build-arg VERSION=1.2 .\npodman build - < Containerfile",
	.opts = build_opts,
	.args_size = sizeof(struct build_args),
	.max_names = 1,
	.complete = "@dir",
	.run = build_run,
};

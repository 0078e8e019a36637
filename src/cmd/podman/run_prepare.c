#include "cmd/podman/run_prepare.h"

#include <limits.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/units.h"

#define FILE_MAX_BYTES (16 * 1024 * 1024)

extern char **environ;

/* KEY=VALUE entries in the order of their first mention; a later value replaces an earlier one. */
static bool entry_set(struct strv *all, struct str entry)
{
	struct str key;

	str_cut(entry, '=', &key, NULL);
	for (size_t i = 0; i < all->n; i++) {
		struct str have;

		str_cut(str_from(all->v[i]), '=', &have, NULL);
		if (str_eq(have, key)) {
			char *copy = str_dup(entry);

			if (!copy)
				return false;
			free(all->v[i]);
			all->v[i] = copy;
			return true;
		}
	}
	return strv_add_str(all, entry);
}

/* KEY*: every variable of the client that starts so. */
static bool env_add_prefix(struct strv *env, struct str prefix)
{
	for (char **e = environ; *e; e++)
		if (str_starts(str_from(*e), prefix) && !entry_set(env, str_from(*e)))
			return false;
	return true;
}

/* KEY=VALUE as it is, KEY with the client's value (left out when unset), KEY*. */
static bool env_add(struct strv *env, struct str word)
{
	struct str key;

	if (str_cut(word, '=', &key, NULL))
		return entry_set(env, word);
	if (word.n && word.p[word.n - 1] == '*')
		return env_add_prefix(env, (struct str){ word.p, word.n - 1 });

	CLEANUP(free_p) char *name = str_dup(word);
	const char *value = name ? getenv(name) : NULL;
	CLEANUP(buf_done) struct buf entry = BUF_INIT(FILE_MAX_BYTES);

	if (!value)
		return name != NULL;
	return buf_addf(&entry, "%s=%s", name, value) && entry_set(env, buf_str(&entry));
}

static bool label_add(struct strv *labels, struct str word)
{
	return entry_set(labels, word);
}

/* A file of lines: KEY=VALUE or KEY; blank lines and those that start with # are skipped. "-" is standard input. */
static int add_file(const char *path, struct strv *out, bool (*add)(struct strv *, struct str), const char *flag, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(FILE_MAX_BYTES);
	int r = path_read(str_eq_z(STR("-"), path) ? "/dev/stdin" : path, &text, err);
	struct str rest = buf_str(&text), line;
	bool more = rest.n > 0;

	if (r < 0)
		return error_context(err, "--%s %s", flag, path);
	while (more) {
		more = str_cut(rest, '\n', &line, &rest);
		if (str_ends(line, STR("\r")))
			line.n--;
		while (line.n && (*line.p == ' ' || *line.p == '\t'))
			line.p++, line.n--;
		if (line.n == 0 || *line.p == '#')
			continue;
		if (*line.p == '=')
			return error_set(err, ERR_USAGE, "--%s %s: no variable name on line '%.*s'", flag, path, STR_ARG(line));
		if (!add(out, line))
			return error_set(err, ERR_SYSTEM, "out of memory");
	}
	return 0;
}

/* Replaces the flag and its file flag by one list of resolved entries. */
static int resolve_entries(struct flags *f, const char *flag, const char *file_flag, bool (*add)(struct strv *, struct str),
			   struct error *err)
{
	CLEANUP(strv_done) struct strv all = { 0 };
	const struct flag *files = flags_find(f, file_flag), *words = flags_find(f, flag);
	bool ok = true;

	for (size_t i = 0; files && i < files->values.n; i++) {
		int r = add_file(files->values.v[i], &all, add, file_flag, err);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; words && i < words->values.n; i++) {
		if (words->values.v[i][0] == '=' || words->values.v[i][0] == '\0')
			return error_set(err, ERR_USAGE, "invalid value \"%s\" for --%s: no name before the =", words->values.v[i], flag);
		ok &= add(&all, str_from(words->values.v[i]));
	}
	flags_drop(f, file_flag);
	flags_drop(f, flag);
	for (size_t i = 0; i < all.n; i++)
		ok &= flags_add(f, flag, str_from(all.v[i]));
	return ok ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

int resolve_env(struct flags *f, struct error *err)
{
	return resolve_entries(f, "env", "env-file", env_add, err);
}

/* A source that starts with a dot is relative to the client's folder, as podman has it; the host gets an absolute path. */
static int absolute_volumes(struct flags *f, struct strv *ret_paths, struct error *err)
{
	const struct flag *given = flags_find(f, "volume");
	CLEANUP(strv_done) struct strv done = { 0 };
	char cwd[PATH_MAX];
	bool ok = true;

	if (!given)
		return 0;
	if (!getcwd(cwd, sizeof cwd))
		return error_set_errno(err, "read the current folder");
	for (size_t i = 0; i < given->values.n; i++) {
		struct str word = str_from(given->values.v[i]), source, rest;
		bool cut = str_cut(word, ':', &source, &rest);
		CLEANUP(free_p) char *path = NULL;

		if (!cut || source.n == 0 || (*source.p != '.' && *source.p != '/')) {
			ok &= strv_add_str(&done, word);
			continue;
		}
		if (*source.p == '.') {
			CLEANUP(free_p) char *relative = str_dup(source);
			CLEANUP(free_p) char *real = relative ? realpath(relative, NULL) : NULL;

			path = real ? ptr_take(&real) : relative ? path_join(cwd, relative) : NULL;
		} else {
			path = str_dup(source);
		}
		ok &= path && strv_add(ret_paths, path) && strv_addf(&done, "%s:%.*s", path, STR_ARG(rest));
	}
	flags_drop(f, "volume");
	for (size_t i = 0; i < done.n; i++)
		ok &= flags_add(f, "volume", str_from(done.v[i]));
	return ok ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* Sources of --mount type=bind,source=PATH,... */
static bool mount_sources(const struct flags *f, struct strv *ret_paths)
{
	const struct flag *given = flags_find(f, "mount");

	for (size_t i = 0; given && i < given->values.n; i++) {
		struct str rest = str_from(given->values.v[i]), word, key, value;
		bool more = true;

		while (more) {
			more = str_cut(rest, ',', &word, &rest);
			if (str_cut(word, '=', &key, &value) && (str_eq(key, STR("source")) || str_eq(key, STR("src"))) && value.n &&
			    *value.p == '/' && !strv_add_str(ret_paths, value))
				return false;
		}
	}
	return true;
}

/* Moves the last value of a flag out of f; NULL when it was not given. */
static char *take(struct flags *f, const char *name)
{
	char *value = z_dup(flags_get(f, name));

	flags_drop(f, name);
	return value;
}

static bool take_bool(struct flags *f, const char *name, bool dflt)
{
	bool value = flags_bool(f, name, dflt);

	flags_drop(f, name);
	return value;
}

static int take_platform(struct flags *f, struct run_plan *p, struct error *err)
{
	CLEANUP(free_p) char *platform = take(f, "platform");
	struct str os, rest, arch, variant;

	/* The host's spec wants them too, so only the combined spelling goes. The two override-* spellings are the 1.x ones. */
	p->arch = z_dup(flags_get(f, "arch") ? flags_get(f, "arch") : flags_get(f, "override-arch"));
	p->os = z_dup(flags_get(f, "os") ? flags_get(f, "os") : flags_get(f, "override-os"));
	p->variant = z_dup(flags_get(f, "variant"));
	if (!platform)
		return 0;
	if (p->arch || p->os || p->variant)
		return error_set(err, ERR_USAGE, "--platform option can not be specified with --arch or --os");
	str_cut(str_from(platform), '/', &os, &rest);
	str_cut(rest, '/', &arch, &variant);
	if (!flags_add(f, "os", os) || (arch.n && !flags_add(f, "arch", arch)) || (variant.n && !flags_add(f, "variant", variant)))
		return error_set(err, ERR_SYSTEM, "out of memory");
	p->os = str_dup(os);
	p->arch = arch.n ? str_dup(arch) : NULL;
	p->variant = variant.n ? str_dup(variant) : NULL;
	return 0;
}

static int take_pull(struct flags *f, struct run_plan *p, struct error *err)
{
	static const char *const words[] = { "missing", "always", "never", "newer" };
	CLEANUP(free_p) char *given = take(f, "pull");
	const char *word = given ? given : "missing";
	bool yes;

	/* docker's and old podman's bool spelling */
	if (given && bool_parse(str_from(given), &yes))
		word = yes ? "always" : "missing";
	if (given && str_eq_z(STR("ifnewer"), given))
		word = "newer";
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq_z(str_from(words[i]), word)) {
			p->pull = z_dup(word);
			return p->pull ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
		}
	return error_set(err, ERR_USAGE, "unsupported pull policy \"%s\" (missing, always, never, newer)", word);
}

/* Which of stdin, stdout, stderr the user's side takes part in. */
static int take_attach(struct flags *f, struct run_plan *p, struct error *err)
{
	const struct flag *given = flags_find(f, "attach");

	p->want_stdin = p->interactive;
	p->want_stdout = p->want_stderr = !given;
	for (size_t i = 0; given && i < given->values.n; i++) {
		const char *word = given->values.v[i];

		if (strcasecmp(word, "stdout") == 0)
			p->want_stdout = true;
		else if (strcasecmp(word, "stderr") == 0)
			p->want_stderr = true;
		else if (strcasecmp(word, "stdin") == 0)
			p->want_stdin = true;
		else
			return error_set(err, ERR_USAGE, "invalid stream \"%s\" for --attach - must be one of stdin, stdout, or stderr", word);
	}
	if (given && p->detach)
		return error_set(err, ERR_USAGE, "--attach and --detach exclude each other");
	return 0;
}

static void take_creds(struct flags *f, struct run_plan *p)
{
	struct flags given = { 0 };

	if (flags_find(f, "tls-verify"))
		flags_add(&given, "tls-verify", str_from(flags_get(f, "tls-verify")));
	flags_drop(f, "tls-verify");
	p->authfile = take(f, "authfile");
	p->login = take(f, "creds");
	p->creds = (struct creds_args){ .authfile = p->authfile, .creds = p->login, .given = given };
}

int run_prepare(struct flags *f, struct run_plan *ret, struct error *err)
{
	CLEANUP(run_plan_done) struct run_plan p = { 0 };
	int r;

	p.cidfile = take(f, "cidfile");
	p.name = z_dup(flags_get(f, "name"));
	p.replace = take_bool(f, "replace", false);
	p.remove = flags_bool(f, "rm", false);
	p.remove_image = take_bool(f, "rmi", false);
	p.quiet = take_bool(f, "quiet", false);
	p.detach = take_bool(f, "detach", false);
	p.interactive = flags_bool(f, "interactive", false);
	p.tty = flags_bool(f, "tty", false);
	p.sig_proxy = take_bool(f, "sig-proxy", true);
	p.detach_keys = take(f, "detach-keys");
	p.retry = take(f, "retry");
	p.retry_delay = take(f, "retry-delay");
	take_creds(f, &p);
	if (p.replace && !p.name)
		return error_set(err, ERR_USAGE, "cannot replace container without --name being set");
	if ((r = take_attach(f, &p, err)) < 0 || (r = take_pull(f, &p, err)) < 0 || (r = take_platform(f, &p, err)) < 0 ||
	    (r = resolve_env(f, err)) < 0 ||
	    (r = resolve_entries(f, "label", "label-file", label_add, err)) < 0 || (r = absolute_volumes(f, &p.local_paths, err)) < 0)
		return r;
	if (!mount_sources(f, &p.local_paths))
		return error_set(err, ERR_SYSTEM, "out of memory");
	if (p.cidfile && access(p.cidfile, F_OK) == 0)
		return error_set(err, ERR_USAGE, "container id file exists. Ensure another container is not using it or delete %s", p.cidfile);
	*ret = p;
	p = (struct run_plan){ 0 };
	return 0;
}

void run_plan_done(struct run_plan *p)
{
	free(p->cidfile);
	free(p->pull);
	free(p->name);
	free(p->detach_keys);
	free(p->arch);
	free(p->os);
	free(p->variant);
	free(p->retry);
	free(p->retry_delay);
	free(p->authfile);
	free(p->login);
	creds_args_done(&p->creds);
	strv_done(&p->local_paths);
}

int run_explain_path(const struct run_plan *p, const char *host, struct error *err)
{
	struct stat st;

	if (!err || !err->text)
		return -ERR_REMOTE;
	for (size_t i = 0; i < p->local_paths.n; i++) {
		const char *path = p->local_paths.v[i];

		if (!strstr(err->text, path) || !strstr(err->text, "no such file"))
			continue;
		if (stat(path, &st) == 0)
			return error_hint(err,
					  "%s exists on this machine, but the container runs on %s and %s is looked up there: copy it to that host "
					  "(scp -r), or use a volume (-v NAME:/path) or an image that holds it",
					  path, host, path);
		return error_hint(err, "%s is looked up on %s, where the container runs", path, host);
	}
	return -(int)err->kind;
}

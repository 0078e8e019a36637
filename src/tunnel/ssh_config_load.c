/* Asking "ssh -G", and remembering what it said. Starting ssh costs 30 ms, as much as the rest of a warm command. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/proc.h"
#include "tunnel/ssh_config.h"

#define ASK_MS        20000
#define FILE_MAX      ((size_t)1024 * 1024)
#define STAMPS_MAX    ((size_t)64 * 1024)
#define INCLUDE_DEPTH 8

#ifdef __APPLE__
#define MTIME(st) ((st).st_mtimespec)
#else
#define MTIME(st) ((st).st_mtim)
#endif

/* The state of all files that the answer depends on, as text that is compared. */
struct stamps {
	struct buf text;
	const char *home;
	bool any_file;
	bool changing; /* the answer depends on more than files: Match exec, Match localnetwork */
};

static void stamp_file(struct stamps *s, const char *path, int depth);

static void stamp_glob(struct stamps *s, const char *pattern, int depth)
{
	glob_t found = { 0 };

	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			stamp_file(s, found.gl_pathv[i], depth + 1);
	globfree(&found);
}

/* Relative names are looked up beside the file that includes them, which is where ssh looks for the user's and the system's file. */
static void stamp_include(struct stamps *s, const char *from, struct str word, int depth)
{
	CLEANUP(free_p) char *name = str_dup(word);
	CLEANUP(free_p) char *dir = z_dup(from);
	CLEANUP(free_p) char *pattern = NULL;
	char *slash = dir ? strrchr(dir, '/') : NULL;

	if (!name || !dir)
		return;
	if (slash)
		*slash = '\0';
	if (name[0] == '~' && name[1] == '/')
		pattern = path_join(s->home, name + 2);
	else
		pattern = path_join(slash ? dir : ".", name);
	if (pattern)
		stamp_glob(s, pattern, depth);
}

static bool word_is(struct str word, const char *z)
{
	return word.n == strlen(z) && strncasecmp(word.p, z, word.n) == 0;
}

/* Words of a configuration line: split at blanks and at the "=" that may follow the keyword; quotes are dropped at the ends. */
static bool next_word(struct str *rest, struct str *word)
{
	size_t n = 0;

	while (rest->n && strchr(" \t=\"", rest->p[0]) && rest->p[0])
		*rest = (struct str){ rest->p + 1, rest->n - 1 };
	while (n < rest->n && rest->p[n] && !strchr(" \t=\"\r", rest->p[n]))
		n++;
	*word = (struct str){ rest->p, n };
	*rest = (struct str){ rest->p + n, rest->n - n };
	return n > 0;
}

static void stamp_line(struct stamps *s, const char *path, struct str line, int depth)
{
	struct str word, rest = line;
	bool include, match;

	if (!next_word(&rest, &word))
		return;
	include = word_is(word, "include");
	match = word_is(word, "match");
	while ((include || match) && next_word(&rest, &word)) {
		if (include)
			stamp_include(s, path, word, depth);
		else if (word_is(word, "exec") || word_is(word, "!exec") || word_is(word, "localnetwork"))
			s->changing = true;
	}
}

static void stamp_file(struct stamps *s, const char *path, int depth)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(FILE_MAX);
	struct str all, line;
	struct stat st;

	if (depth > INCLUDE_DEPTH || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	s->any_file = true;
	buf_addf(&s->text, "%s %lld.%09ld %lld\n", path, (long long)MTIME(st).tv_sec, MTIME(st).tv_nsec, (long long)st.st_size);
	if (path_read(path, &text, NULL) < 0)
		return;
	all = buf_str(&text);
	while (all.n) {
		str_cut(all, '\n', &line, &all);
		stamp_line(s, path, line, depth);
	}
}

static void stamp_all(struct stamps *s)
{
	CLEANUP(free_p) char *own = path_join(s->home, ".ssh/config");
	const char *file = ssh_config_file();

	if (file) {
		stamp_file(s, file, 0);
		return;
	}
	if (own)
		stamp_file(s, own, 0);
	stamp_file(s, "/etc/ssh/ssh_config", 0);
}

/* Everything that was asked, in one line. */
static void question(const struct tunnel_dest *to, struct buf *b)
{
	const char *file = ssh_config_file();

	buf_addf(b, "%s %s %d %s\n", to->host, to->user ? to->user : "-", to->port, file ? file : "-");
}

/* FNV-1a: only a file name; the question itself stands in the file. */
static uint64_t hash_of(struct str s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
	return h;
}

static char *memory_dir(void)
{
	CLEANUP(free_p) char *cache = path_cache_home();

	return cache ? path_join(cache, "farpod") : NULL;
}

static char *memory_file(struct str asked)
{
	CLEANUP(free_p) char *dir = memory_dir();
	char name[40];

	snprintf(name, sizeof name, "ssh-%016llx", (unsigned long long)hash_of(asked));
	return dir ? path_join(dir, name) : NULL;
}

/* What a remembered answer must begin with: the question, the stamps, an empty line. */
static bool recall(const char *file, struct str head, struct buf *answer)
{
	if (path_read(file, answer, NULL) < 0 || !str_starts(buf_str(answer), head))
		return false;
	buf_consume(answer, head.n);
	return true;
}

static void keep(const char *file, struct str head, struct str answer)
{
	CLEANUP(buf_done) struct buf all = BUF_INIT(STAMPS_MAX + SSH_CONFIG_MAX);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *dir = memory_dir();

	buf_add(&all, head);
	buf_add(&all, answer);
	if (!dir || path_make_dirs(dir, 0700, &err) < 0 || path_write_atomic(file, buf_str(&all), 0600, &err) < 0)
		log_debug("the answer of ssh -G is not remembered: %s", err.text ? err.text : "no cache folder");
}

/* The last line that ssh printed on stderr says why it gave up. */
static struct str last_line(const struct buf *errs)
{
	struct str text = str_trim(buf_str(errs)), line = text;

	while (str_cut(text, '\n', NULL, &line))
		text = line;
	return str_trim(text);
}

static int ask(const struct tunnel_dest *to, struct buf *answer, struct error *err)
{
	CLEANUP(buf_done) struct buf errs = BUF_INIT(64 * 1024);
	CLEANUP(strv_done) struct strv argv = { 0 };
	const char *file = ssh_config_file();
	bool ok = strv_add(&argv, "ssh") && strv_add(&argv, "-T") && strv_add(&argv, "-G");
	int status, r;

	if (file)
		ok = ok && strv_add(&argv, "-F") && strv_add(&argv, file);
	if (to->user)
		ok = ok && strv_add(&argv, "-l") && strv_add(&argv, to->user);
	if (to->port)
		ok = ok && strv_add(&argv, "-p") && strv_addf(&argv, "%d", to->port);
	if (!ok || !strv_add(&argv, "--") || !strv_add(&argv, to->host))
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = proc_capture(argv.v, clock_after_ms(ASK_MS), answer, &errs, &status, err);
	if (r < 0)
		return r;
	if (status != 0)
		return error_set(err, ERR_USAGE, "ssh -G %s: %.*s", to->host, STR_ARG(last_line(&errs)));
	return 0;
}

static int ask_or_recall(const struct tunnel_dest *to, const struct stamps *s, struct buf *answer, struct error *err)
{
	CLEANUP(buf_done) struct buf head = BUF_INIT(STAMPS_MAX);
	CLEANUP(free_p) char *file = NULL;
	int r;

	question(to, &head);
	file = s->changing ? NULL : memory_file(buf_str(&head));
	buf_add(&head, buf_str(&s->text));
	buf_add_char(&head, '\n');
	if (file && !head.failed && recall(file, buf_str(&head), answer))
		return 0;
	buf_clear(answer);
	r = ask(to, answer, err);
	if (r == 0 && file && !head.failed)
		keep(file, buf_str(&head), buf_str(answer));
	return r;
}

int ssh_config_load(const struct tunnel_dest *to, struct ssh_config *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf answer = BUF_INIT(STAMPS_MAX + SSH_CONFIG_MAX);
	CLEANUP(free_p) char *home = ssh_config_home();
	struct stamps s = { .text = BUF_INIT(STAMPS_MAX), .home = home };
	int r = 0;

	if (!home)
		return error_set(err, ERR_SYSTEM, "out of memory");
	stamp_all(&s);
	if (s.any_file)
		r = ask_or_recall(to, &s, &answer, err);
	buf_done(&s.text);
	/* Without a program called ssh nobody obeys its configuration. */
	if (r == -ERR_SYSTEM && err && err->sys_errno == ENOENT) {
		log_debug("ssh is not installed: its configuration files are not read");
		error_clear(err);
		buf_clear(&answer);
		r = 0;
	}
	return r < 0 ? r : ssh_config_parse(buf_str(&answer), to, home, ret, err);
}

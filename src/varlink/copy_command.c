/* varlink/copy_command.c: what commands in a running container tell and give. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "varlink/copy.h"
#include "varlink/repack.h"
#include "varlink/script.h"

/* Exit statuses of the scripts below; 126 and 127 are the shell's. */
#define EXIT_MISSING  44
#define EXIT_NO_TOOLS 46

/* Where it finally is, a NUL, and a line of ls, whose first words look the same everywhere. */
static const char stat_script[] = "[ -e \"$1\" ] || exit 44\n"
				  "readlink -f \"$1\" || exit 46\n"
				  "printf '\\000'\n"
				  "ls -ldnL \"$1\" || exit 46";

/* GNU tar's 1: a file changed meanwhile; others': an error. */
static const char tar_script[] = "command -v tar >/dev/null || exit 46\n"
				 "tar -C \"$1\" -cf - \"./$2\" 2>/dev/null; s=$?\n"
				 "[ $s = 1 ] && case $(tar --version 2>/dev/null) in *GNU*) s=0;; esac\n"
				 "exit $s";

bool copy_mode(struct str text, uint32_t *ret)
{
	static const struct {
		char c;
		uint32_t bits;
	} types[] = { { '-', 0 },        { 'd', COPY_MODE_DIR }, { 'l', COPY_MODE_SYMLINK },  { 'p', 1U << 25 },
		      { 's', 1U << 24 }, { 'b', 1U << 26 },      { 'c', 1U << 26 | 1U << 21 } };
	static const uint32_t special[] = { 1U << 23, 1U << 22, 1U << 20 }; /* setuid, setgid, sticky */
	uint32_t mode = 0;
	size_t type = 0;

	while (type < ARRAY_LEN(types) && text.n && types[type].c != text.p[0])
		type++;
	if (text.n < 10 || type == ARRAY_LEN(types))
		return false;
	for (size_t i = 0; i < 9; i++) {
		char c = text.p[i + 1];

		if (!strchr("-rwxstST", c) || !c)
			return false;
		if (c != '-' && c != 'S' && c != 'T')
			mode |= 1U << (8 - i);
		if (strchr("sStT", c))
			mode |= special[i / 3];
	}
	*ret = types[type].bits | mode;
	return true;
}

static struct str word(struct str *rest)
{
	struct str one;

	*rest = str_trim(*rest);
	if (!str_cut(*rest, ' ', &one, rest))
		*rest = (struct str){ 0 };
	return one;
}

/* "-rw-r--r-- 1 0 0 1234 ...". Devices have two numbers in the size's place. */
static bool parse_ls(struct str line, struct copy_stat *ret)
{
	if (!copy_mode(word(&line), &ret->mode))
		return false;
	for (size_t i = 0; i < 3; i++)
		word(&line);
	if (!int_parse(word(&line), &ret->size))
		ret->size = 0;
	ret->is_dir = (ret->mode & COPY_MODE_DIR) != 0;
	return true;
}

static int run_stat(struct host *h, const char *container, const char *path, struct buf *out, int *ret_status, struct error *err)
{
	CLEANUP(script_close_p) struct script *s = NULL;
	int r = script_open(h, container, stat_script, (const char *const[]){ path, NULL }, false, &s, err);

	return r < 0 ? r : script_finish(s, out, ret_status, err);
}

int copy_stat_by_command(struct host *h, const char *container, const char *path, struct copy_stat *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(128 * 1024);
	struct copy_stat found = { 0 };
	struct str target, line;
	int status = 0, r = run_stat(h, container, path, &out, &status, err);

	if (r < 0)
		return r;
	if (status == EXIT_MISSING)
		return error_set(err, ERR_NOT_FOUND, "no such file or directory: %s", path);
	if (status || !str_cut(buf_str(&out), 0, &target, &line) || !parse_ls(line, &found) || target.n < 2 || target.p[0] != '/')
		return 0;
	/* readlink's own line end, and no other. */
	target.n--;
	found.link_target = str_dup(target);
	found.name = copy_base(path);
	if (!found.link_target || !found.name) {
		copy_stat_done(&found);
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	*ret = found;
	return 1;
}

/* ---- the archive ----------------------------------------------------------------------------------------------------- */

struct command_output {
	struct download download; /* first */
	struct script *script;
	char first[4096]; /* read at the opening */
	size_t n_first, off;
};

static ssize_t output_read(struct download *d, void *p, size_t n, struct error *err)
{
	struct command_output *o = (struct command_output *)d;
	ssize_t got;

	if (o->off < o->n_first) {
		if (n > o->n_first - o->off)
			n = o->n_first - o->off;
		memcpy(p, o->first + o->off, n);
		o->off += n;
		return (ssize_t)n;
	}
	got = script_read(o->script, p, n, err);
	if (got == 0 && script_status(o->script) != 0)
		return error_set(err, ERR_REMOTE, "tar in the container failed with exit status %d", script_status(o->script));
	return got;
}

static void output_close(struct download *d)
{
	struct command_output *o = (struct command_output *)d;

	script_close_p(&o->script);
	free(o);
}

/* Waits for the first bytes, or for the exit status of a container without tar. 1, 0 as copy_out_by_command. */
static int open_output(struct host *h, const char *container, const char *dir, const char *name, struct download **ret,
		       struct error *err)
{
	CLEANUP(download_close_p) struct download *d = NULL;
	struct command_output *o = calloc(1, sizeof *o);
	ssize_t n;
	int r;

	if (!o)
		return error_set(err, ERR_SYSTEM, "out of memory");
	o->download = (struct download){ .read = output_read, .close = output_close };
	d = &o->download;
	r = script_open(h, container, tar_script, (const char *const[]){ dir, name, NULL }, false, &o->script, err);
	n = r < 0 ? r : script_read(o->script, o->first, sizeof o->first, err);
	if (n < 0)
		return (int)n;
	if (n == 0 && (script_status(o->script) == EXIT_NO_TOOLS || script_status(o->script) >= 126))
		return 0;
	o->n_first = (size_t)n;
	*ret = ptr_take(&d);
	return 1;
}

/* "/a/b" to "/a" and "b". */
static void split(const char *path, struct buf *dir, struct buf *base)
{
	const char *slash = strrchr(path, '/');

	buf_add(dir, slash == path ? STR("/") : (struct str){ path, (size_t)(slash - path) });
	buf_add_z(base, slash + 1);
}

int copy_out_by_command(struct host *h, const char *container, const char *path, struct download **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf dir = BUF_INIT(64 * 1024), base = BUF_INIT(64 * 1024);
	struct copy_stat st = { 0 };
	struct download *d = NULL;
	int r = copy_stat_by_command(h, container, path, &st, err);

	if (r <= 0)
		return r;
	/* Of a folder's content the archive has no entry above. */
	if (!*st.name)
		buf_add_z(&dir, st.link_target);
	else
		split(st.link_target, &dir, &base);
	r = open_output(h, container, buf_z(&dir), buf_z(&base), &d, err);
	if (r > 0 && repack_open(d, &(struct repack_req){ .root = buf_z(&base), .name = st.name }, ret, err) < 0)
		r = -ERR_SYSTEM;
	copy_stat_done(&st);
	return r;
}

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/ignore.h"
#include "base/cleanup.h"
#include "base/path.h"
#include "build.h"
#include "tree.h"

/* 1.6.2 looks at the file only when something is taken back in it. */
static bool obeyed(const struct build *b, struct str text)
{
	struct str line;

	if (b->host->version != V162)
		return true;
	while (text.n) {
		if (!str_cut(text, '\n', &line, &text))
			text.n = 0;
		if (str_starts(str_trim(line), STR("!")))
			return true;
	}
	return false;
}

static void leave_out(struct build *b, const char *path, const char *inner)
{
	tree_remove(path);
	strv_add(&b->ignored, inner);
}

static void apply_in(struct build *b, const struct ignore *g, const char *folder);

static void apply_to(struct build *b, const struct ignore *g, const char *inner)
{
	CLEANUP(free_p) char *path = path_join(b->context, inner);
	bool out = ignore_match(g, inner);
	struct stat st;

	if (!path || lstat(path, &st) < 0)
		return;
	if (!S_ISDIR(st.st_mode)) {
		if (out)
			leave_out(b, path, inner);
		return;
	}
	if (out && ignore_prunes(g, inner)) {
		leave_out(b, path, inner);
		return;
	}
	apply_in(b, g, inner);
	/* A folder stays for what was taken back below it. */
	if (out && rmdir(path) == 0)
		strv_add(&b->ignored, inner);
}

static void apply_in(struct build *b, const struct ignore *g, const char *folder)
{
	CLEANUP(free_p) char *path = path_join(b->context, folder);
	CLEANUP(strv_done) struct strv names = { 0 };

	if (path)
		tree_list(path, &names);
	for (size_t i = 0; i < names.n; i++) {
		CLEANUP(free_p) char *inner = *folder ? path_join(folder, names.v[i]) : z_dup(names.v[i]);

		if (inner)
			apply_to(b, g, inner);
	}
}

int build_ignore(struct build *b, struct error *err)
{
	CLEANUP(free_p) char *path = path_join(b->context, ".dockerignore");
	CLEANUP(buf_done) struct buf text = BUF_INIT(IGNORE_MAX_BYTES);
	CLEANUP(ignore_free_p) struct ignore *g = NULL;
	int r;

	if (!path)
		return error_set(err, ERR_SYSTEM, "out of memory");
	if (access(path, F_OK) < 0)
		return 0;
	r = path_read(path, &text, err);
	if (r < 0 || !obeyed(b, buf_str(&text)))
		return r;
	r = ignore_parse(buf_str(&text), ".dockerignore", &g, err);
	if (r == 0)
		apply_in(b, g, "");
	return r;
}

bool build_is_ignored(const struct build *b, const char *pattern)
{
	for (size_t i = 0; i < b->ignored.n; i++) {
		size_t n = strlen(b->ignored.v[i]);

		if (fnmatch(pattern, b->ignored.v[i], FNM_PATHNAME) == 0)
			return true;
		if (strncmp(pattern, b->ignored.v[i], n) == 0 && pattern[n] == '/')
			return true;
	}
	return false;
}

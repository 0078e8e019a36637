#include "cmd/podman/folder_merge.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/path.h"

static void dir_close_p(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int merge(const char *from, const char *to, int depth, struct error *err);

static int move_one(const char *from, const char *to, int depth, struct error *err)
{
	struct stat st;

	if (lstat(from, &st) < 0)
		return error_set_errno(err, "look at %s", from);
	if (S_ISDIR(st.st_mode))
		return merge(from, to, depth + 1, err);
	return rename(from, to) < 0 ? error_set_errno(err, "rename to %s", to) : 0;
}

static int move_name(const char *from, const char *to, const char *name, int depth, struct error *err)
{
	CLEANUP(free_p) char *source = path_join(from, name);
	CLEANUP(free_p) char *target = path_join(to, name);

	return source && target ? move_one(source, target, depth, err) : error_set(err, ERR_SYSTEM, "out of memory");
}

/* An image's table of contents. */
static bool comes_last(const char *name, int depth)
{
	return depth == 0 && (strcmp(name, "index.json") == 0 || strcmp(name, "manifest.json") == 0);
}

static int move_all(const char *from, const char *to, int depth, struct error *err)
{
	CLEANUP(dir_close_p) DIR *dir = opendir(from);
	const struct dirent *entry;
	int r = 0;

	if (!dir)
		return error_set_errno(err, "open %s", from);
	while (r == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && !comes_last(entry->d_name, depth))
			r = move_name(from, to, entry->d_name, depth, err);
	return r;
}

static int move_last(const char *from, const char *to, const char *name, struct error *err)
{
	CLEANUP(free_p) char *source = path_join(from, name);
	struct stat st;

	if (!source)
		return error_set(err, ERR_SYSTEM, "out of memory");
	return stat(source, &st) < 0 ? 0 : move_name(from, to, name, 0, err);
}

static int merge(const char *from, const char *to, int depth, struct error *err)
{
	int r;

	if (depth > FOLDER_MERGE_DEPTH)
		return error_set(err, ERR_PROTOCOL, "folders are nested too deeply");
	/* Takes the place of nothing and of an empty folder in one step. */
	if (rename(from, to) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST && errno != EXDEV && errno != EINVAL && errno != EBUSY)
		return error_set_errno(err, "rename to %s", to);
	r = move_all(from, to, depth, err);
	if (r == 0 && depth == 0 && (r = move_last(from, to, "manifest.json", err)) == 0)
		r = move_last(from, to, "index.json", err);
	return r;
}

int folder_merge(const char *from, const char *to, struct error *err)
{
	return merge(from, to, 0, err);
}

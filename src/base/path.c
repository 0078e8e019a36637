#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define READ_BLOCK ((size_t)16 * 1024)

/* The value when it is an absolute path; the XDG specification says to ignore a relative one. */
static const char *env_dir(const char *name)
{
	const char *dir = getenv(name);

	return dir && dir[0] == '/' ? dir : NULL;
}

const char *path_home(void)
{
	static char *from_database;
	const char *home = getenv("HOME");
	const struct passwd *pw;

	if (home && home[0])
		return home;
	if (!from_database) {
		pw = getpwuid(getuid());
		from_database = z_dup(pw && pw->pw_dir ? pw->pw_dir : "");
	}
	return from_database ? from_database : "";
}

static char *xdg_home(const char *env_name, const char *dflt)
{
	const char *dir = env_dir(env_name);

	return dir ? z_dup(dir) : path_join(path_home(), dflt);
}

char *path_config_home(void)
{
	return xdg_home("XDG_CONFIG_HOME", ".config");
}

char *path_cache_home(void)
{
	return xdg_home("XDG_CACHE_HOME", ".cache");
}

const char *path_tmp(void)
{
	const char *dir = env_dir("TMPDIR");

	return dir ? dir : "/tmp";
}

char *path_expand_home(const char *path)
{
	if (strcmp(path, "~") == 0)
		return z_dup(path_home());
	if (strncmp(path, "~/", 2) == 0)
		return path_join(path_home(), path + 2);
	return z_dup(path);
}

char *path_join(const char *dir, const char *name)
{
	size_t n = strlen(dir);
	char *joined;

	if (name[0] == '/' || n == 0)
		return z_dup(name);
	if (asprintf(&joined, "%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name) < 0)
		return NULL;
	return joined;
}

static int make_dir(const char *path, mode_t mode, struct error *err)
{
	struct stat st;
	int failure;

	if (mkdir(path, mode) == 0)
		return 0;
	failure = errno;
	/* Whatever mkdir said: on a read-only parent it may be EROFS or EACCES for a folder that exists. */
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	errno = failure;
	return error_set_errno(err, "make folder %s", path);
}

int path_make_dirs(const char *path, mode_t mode, struct error *err)
{
	CLEANUP(free_p) char *part = z_dup(path);
	int r = 0;

	if (!part)
		return error_set_errno(err, "make folder %s", path);
	for (char *slash = part; r == 0 && *slash && (slash = strchr(slash + 1, '/'));) {
		*slash = 0;
		r = make_dir(part, mode, err);
		*slash = '/';
	}
	return r == 0 ? make_dir(part, mode, err) : r;
}

static int open_error(struct error *err, const char *path)
{
	int e = errno, r;

	if (e != ENOENT && e != ENOTDIR)
		return error_set_errno(err, "open %s", path);
	r = error_set(err, ERR_NOT_FOUND, "open %s: %s", path, strerror(e));
	if (err)
		err->sys_errno = e;
	return r;
}

/* What to ask read for: one byte more than fits shows that a file is too large. */
static size_t next_block(const struct buf *b)
{
	size_t room = b->max - b->n;

	return room < READ_BLOCK ? room + 1 : READ_BLOCK;
}

int path_read(const char *path, struct buf *b, struct error *err)
{
	CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char block[READ_BLOCK];

	if (fd < 0)
		return open_error(err, path);
	for (;;) {
		ssize_t n = read(fd, block, next_block(b));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, "read %s", path);
		if (n == 0)
			return buf_check(b, path, err);
		if (!buf_add_bytes(b, block, (size_t)n))
			return buf_check(b, path, err);
	}
}

static int write_synced(int fd, struct str content, mode_t mode, struct error *err)
{
	int r = fd_write_all(fd, content.p, content.n, 0, err);

	if (r < 0)
		return r;
	if (fchmod(fd, mode) < 0)
		return error_set_errno(err, "set its mode");
	if (fsync(fd) < 0)
		return error_set_errno(err, "fsync");
	return 0;
}

/* /dev/stdout, /dev/null, a pipe: nothing may take their place. */
static bool is_device(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static int write_through(const char *path, struct str content, struct error *err)
{
	CLEANUP(fd_close_p) int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return error_set_errno(err, "write %s", path);
	return fd_write_all(fd, content.p, content.n, 0, err) < 0 ? error_context(err, "write %s", path) : 0;
}

int path_write_atomic(const char *path, struct str content, mode_t mode, struct error *err)
{
	/* People keep their configuration elsewhere and link to it; the link stays and its target is replaced. */
	CLEANUP(free_p) char *linked = realpath(path, NULL);
	const char *target = linked ? linked : path;
	CLEANUP(free_p) char *temporary = NULL;
	CLEANUP(fd_close_p) int fd = -1;
	int r;

	if (is_device(path))
		return write_through(path, content, err);
	if (asprintf(&temporary, "%s.XXXXXX", target) < 0) {
		temporary = NULL;
		return error_set_errno(err, "write %s", path);
	}
	fd = mkstemp(temporary);
	if (fd < 0)
		return error_set_errno(err, "write %s", path);
	fd_set_cloexec(fd);
	r = write_synced(fd, content, mode, err);
	if (r == 0 && rename(temporary, target) < 0)
		r = error_set_errno(err, "rename");
	if (r == 0)
		return 0;
	unlink(temporary);
	return error_context(err, "write %s", path);
}

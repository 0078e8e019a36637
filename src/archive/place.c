#include "archive/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "archive/listing.h"
#include "base/cleanup.h"
#include "base/fd.h"

#ifndef NAME_MAX
#define NAME_MAX 255
#endif

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

int place_clean(const char *name, struct buf *out, struct error *err)
{
	struct str rest = str_from(name), part;
	bool more = true;

	if (*name == '/')
		return error_set(err, ERR_PROTOCOL, "the archive holds \"%s\": an absolute name is not written", name);
	while (more) {
		more = str_cut(rest, '/', &part, &rest);
		if (!part.n || str_eq_z(part, "."))
			continue;
		if (str_eq_z(part, ".."))
			return error_set(err, ERR_PROTOCOL, "the archive holds \"%s\": a name with \"..\" is not written", name);
		if (out->n)
			buf_add_char(out, '/');
		buf_add(out, part);
	}
	return buf_check(out, "a name in the archive", err);
}

void place_split(struct str path, struct str *ret_dir, struct str *ret_name)
{
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	*ret_name = (struct str){ path.p + n, path.n - n };
	*ret_dir = (struct str){ path.p, n ? n - 1 : 0 };
}

/* What stands where the folder should be, and isn't one: a symbolic link may lead anywhere. */
static int clear_way(int dir, const char *part, struct place_rules rules, struct error *err)
{
	struct stat st;

	if (fstatat(dir, part, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set_errno(err, "%s", part);
	if (S_ISLNK(st.st_mode))
		return error_set(err, ERR_PROTOCOL, "\"%s\" is a symbolic link: nothing is written through it", part);
	if (rules.keep_kind || !rules.make)
		return error_set(err, ERR_CONFLICT, "\"%s\" is there and is no folder", part);
	return place_remove(dir, part, err);
}

static int open_part(int dir, const char *part, struct place_rules rules, int *ret_fd, struct error *err)
{
	int fd = openat(dir, part, DIR_FLAGS);

	/* O_NOFOLLOW on a link: ELOOP, and ENOTDIR with O_DIRECTORY on Linux. */
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP)) {
		int r = clear_way(dir, part, rules, err);

		if (r < 0)
			return r;
		errno = ENOENT;
	}
	if (fd < 0 && errno == ENOENT && !rules.make)
		return error_set(err, ERR_NOT_FOUND, "\"%s\" is not there", part);
	if (fd < 0 && errno == ENOENT) {
		if (mkdirat(dir, part, 0755) < 0)
			return error_set_errno(err, "make the folder %s", part);
		fd = openat(dir, part, DIR_FLAGS);
	}
	if (fd < 0)
		return error_set_errno(err, "open the folder %s", part);
	*ret_fd = fd;
	return 0;
}

int place_open_dir(int root, struct str path, struct place_rules rules, int *ret_fd, struct error *err)
{
	CLEANUP(fd_close_p) int fd = openat(root, ".", DIR_FLAGS);

	if (fd < 0)
		return error_set_errno(err, "open the folder");
	while (path.n) {
		char part[NAME_MAX + 1];
		struct str head;
		int next = -1, r;

		str_cut(path, '/', &head, &path);
		if (head.n > NAME_MAX)
			return error_set(err, ERR_SYSTEM, "a name of %zu bytes is too long for this system", head.n);
		memcpy(part, head.p, head.n);
		part[head.n] = '\0';
		r = open_part(fd, part, rules, &next, err);
		if (r < 0)
			return r;
		close(fd);
		fd = next;
	}
	*ret_fd = fd_take(&fd);
	return 0;
}

static int remove_content(int dir, const char *name, struct error *err)
{
	CLEANUP(fd_close_p) int fd = openat(dir, name, DIR_FLAGS);
	CLEANUP(listing_done) struct listing in = LISTING_INIT;
	int r;

	if (fd < 0)
		return error_set_errno(err, "open the folder %s", name);
	r = listing_read(&in, fd, name, err);
	for (size_t i = 0; i < in.n && r == 0; i++)
		r = place_remove(fd, in.names[i], err);
	return r;
}

int place_remove(int dir, const char *name, struct error *err)
{
	struct stat st;
	int r = 0;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : error_set_errno(err, "remove %s", name);
	if (S_ISDIR(st.st_mode))
		r = remove_content(dir, name, err);
	if (r == 0 && unlinkat(dir, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0)
		return error_set_errno(err, "remove %s", name);
	return r;
}

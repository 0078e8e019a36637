/* base/scratch.c: a small child process waits for the end of a pipe and removes the folder: it sees Ctrl-C, SIGKILL and a crash alike. */
#include "base/scratch.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"

#define WALK_FDS 16
#define FDS_CLOSED 256

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

/* Folders that an archive made unwritable are opened up on the way down. */
static int open_folder(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)walk;
	if (type == FTW_D || type == FTW_DNR)
		(void)chmod(path, (st->st_mode & 0777) | S_IRWXU);
	return 0;
}

/* Makes the folder, tells its path (or an empty one and errno), waits for the other end to close, removes it. The process that makes it removes it, so that
 * there is no moment at which a signal leaves it behind. */
static void remover_run(char *path, int fd)
{
	static const int deaf[] = { SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGPIPE };
	int failed;
	char c;

	for (size_t i = 0; i < ARRAY_LEN(deaf); i++)
		signal(deaf[i], SIG_IGN);
	/* A reader of our output must not wait for this process. */
	for (int i = 0; i < FDS_CLOSED; i++)
		if (i != fd)
			close(i);
	failed = mkdtemp(path) ? 0 : errno;
	/* Nobody there any more is seen by the read. */
	(void)fd_write_all(fd, &failed, sizeof failed, 0, NULL);
	(void)fd_write_all(fd, path, strlen(path) + 1, 0, NULL);
	while (read(fd, &c, 1) < 0 && errno == EINTR)
		;
	if (failed)
		_exit(0);
	nftw(path, open_folder, WALK_FDS, FTW_PHYS);
	nftw(path, remove_entry, WALK_FDS, FTW_DEPTH | FTW_PHYS);
	_exit(0);
}

/* The path that the remover made. */
static int hear(int fd, char *path, size_t n, struct error *err)
{
	int failed;
	size_t have = 0;
	ssize_t got = fd_read_some(fd, &failed, sizeof failed, 0, err);

	if (got == sizeof failed && failed) {
		errno = failed;
		return error_set_errno(err, "make a temporary folder %s", path);
	}
	while (got > 0 && (have == 0 || path[have - 1]) && have < n) {
		got = fd_read_some(fd, path + have, n - have, 0, err);
		have += got > 0 ? (size_t)got : 0;
	}
	return have && path[have - 1] == '\0' ? 0 : error_set(err, ERR_SYSTEM, "make a temporary folder: the process that does it ended");
}

int scratch_open(const char *prefix, struct scratch *ret, struct error *err)
{
	return scratch_open_in(path_tmp(), prefix, ret, err);
}

int scratch_open_in(const char *dir, const char *prefix, struct scratch *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(4096);
	struct scratch s = SCRATCH_INIT;
	int fds[2], r;

	buf_addf(&path, "%s/%s-XXXXXX", dir, prefix);
	r = buf_check(&path, "name of a temporary folder", err);
	if (r < 0 || (r = fd_socketpair(fds, err)) < 0)
		return r;
	s.remover = fork();
	if (s.remover == 0)
		remover_run(path.p, fds[0]);
	close(fds[0]);
	if (s.remover < 0) {
		r = error_set_errno(err, "start a process");
		close(fds[1]);
		return r;
	}
	s.alive = fds[1];
	r = hear(s.alive, path.p, path.n + 1, err);
	if (r < 0) {
		scratch_done(&s);
		return r;
	}
	s.path = buf_take(&path);
	*ret = s;
	return 0;
}

void scratch_done(struct scratch *s)
{
	if (s->alive >= 0) {
		close(s->alive);
		while (waitpid(s->remover, NULL, 0) < 0 && errno == EINTR)
			;
	}
	free(s->path);
	*s = SCRATCH_INIT;
}

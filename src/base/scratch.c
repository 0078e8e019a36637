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

static void remover_run(const char *path, int fd)
{
	static const int deaf[] = { SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGPIPE };
	char c;

	for (size_t i = 0; i < ARRAY_LEN(deaf); i++)
		signal(deaf[i], SIG_IGN);
	/* A reader of our output must not wait for this process. */
	for (int i = 0; i < 256; i++)
		if (i != fd)
			close(i);
	while (read(fd, &c, 1) < 0 && errno == EINTR)
		;
	nftw(path, open_folder, WALK_FDS, FTW_PHYS);
	nftw(path, remove_entry, WALK_FDS, FTW_DEPTH | FTW_PHYS);
	_exit(0);
}

int scratch_open(const char *prefix, struct scratch *ret, struct error *err)
{
	return scratch_open_in(path_tmp(), prefix, ret, err);
}

int scratch_open_in(const char *dir, const char *prefix, struct scratch *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(4096);
	int fds[2], r;
	pid_t pid;

	buf_addf(&path, "%s/%s-XXXXXX", dir, prefix);
	r = buf_check(&path, "name of a temporary folder", err);
	if (r < 0 || (r = fd_pipe(fds, err)) < 0)
		return r;
	if (!mkdtemp(path.p)) {
		r = error_set_errno(err, "make a temporary folder %s", path.p);
		close(fds[0]);
		close(fds[1]);
		return r;
	}
	pid = fork();
	if (pid == 0)
		remover_run(path.p, fds[0]);
	close(fds[0]);
	if (pid < 0) {
		r = error_set_errno(err, "start a process");
		rmdir(path.p);
		close(fds[1]);
		return r;
	}
	*ret = (struct scratch){ .path = buf_take(&path), .alive = fds[1], .remover = pid };
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

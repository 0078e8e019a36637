/* An archive of any bytes is unpacked into a folder whose neighbour is watched: nothing may come to it, and nothing in it may change. */
#include <ftw.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/tar.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/path.h"

#define FILE_MAX ((rlim_t)4 * 1024 * 1024) /* a sparse file of a short archive may have any size */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char top[64];

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* Two of them can be held at a time. */
static const char *below_top(const char *name)
{
	static char paths[2][128];
	static unsigned turn;
	char *path = paths[turn++ & 1];

	snprintf(path, sizeof paths[0], "%s/%s", top, name);
	return path;
}

static int open_up(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)walk;
	if (type == FTW_D || type == FTW_DNR)
		(void)!chmod(path, 0700);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, open_up, 16, FTW_PHYS);
	nftw(path, remove_one, 16, FTW_PHYS | FTW_DEPTH);
}

static void remove_top(void)
{
	remove_tree(top);
}

static void make_ground(void)
{
	struct rlimit files = { FILE_MAX, FILE_MAX };

	snprintf(top, sizeof top, "%s/fuzz-tar-XXXXXX", strlen(path_tmp()) < 32 ? path_tmp() : "/tmp");
	check(mkdtemp(top) != NULL);
	atexit(remove_top);
	check(mkdir(below_top("out"), 0755) == 0);
	check(path_write_atomic(below_top("out/secret"), STR("secret"), 0644, NULL) == 0);
	setrlimit(RLIMIT_FSIZE, &files);
	signal(SIGXFSZ, SIG_IGN);
	umask(022);
}

static void check_outside(void)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64);
	struct stat st;

	check(path_read(below_top("out/secret"), &text, NULL) == 0 && str_eq(buf_str(&text), STR("secret")));
	check(stat(below_top("out/secret"), &st) == 0 && st.st_nlink == 1 && (st.st_mode & 07777) == 0644);
	check(stat(below_top("out"), &st) == 0 && (st.st_mode & 07777) == 0755);
	/* Without its file the folder is empty. */
	check(rename(below_top("out/secret"), below_top("secret")) == 0);
	check(rmdir(below_top("out")) == 0 && mkdir(below_top("out"), 0755) == 0);
	check(rename(below_top("secret"), below_top("out/secret")) == 0);
}

struct input {
	struct str left;
};

static ssize_t read_input(void *ctx, void *p, size_t n, struct error *err)
{
	struct input *in = ctx;
	size_t give = in->left.n < n ? in->left.n : n;

	(void)err;
	memcpy(p, in->left.p, give);
	in->left = (struct str){ in->left.p + give, in->left.n - give };
	return (ssize_t)give;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
	CLEANUP(free_p) char *dir = NULL;
	struct input in = { { (const char *)data, n } };
	struct byte_source source = { read_input, &in, -1 };

	if (!top[0])
		make_ground();
	dir = z_dup(below_top("in"));
	check(dir && mkdir(dir, 0755) == 0);
	if (tar_reader_open(&source, &t, &err) == 0)
		(void)unpack_tree(t, &(struct unpack_req){ .dir = dir }, NULL, &err);
	check_outside();
	remove_tree(dir);
	return 0;
}

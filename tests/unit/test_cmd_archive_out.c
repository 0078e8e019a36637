/* Archives that come from a host: what breaks off, a full disk and an end by signal leave what was there, and nothing else. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "archive/tar.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/scratch.h"
#include "cmd/podman/archive_out.h"
#include "cmd/podman/folder_merge.h"
#include "cmd/podman/tar_end.h"

#define GONE_MS 5000
#define ARCHIVE_MAX (1024 * 1024)
#define BIG (200 * 1024)

/* ---- a host's archive ------------------------------------------------------------------------------------------------ */

struct fake {
	struct download download;
	struct str bytes;
	size_t at, piece;
	bool breaks; /* at the end of bytes */
	bool hangs;
};

static ssize_t fake_read(struct download *d, void *p, size_t n, struct error *err)
{
	struct fake *f = (struct fake *)d;
	size_t left = f->bytes.n - f->at;

	if (left == 0 && f->hangs)
		pause();
	if (left == 0)
		return f->breaks ? error_set(err, ERR_CONNECT, "the connection broke") : 0;
	n = n < left ? n : left;
	n = f->piece && n > f->piece ? f->piece : n;
	memcpy(p, f->bytes.p + f->at, n);
	f->at += n;
	return (ssize_t)n;
}

static struct fake fake_of(struct str bytes, size_t piece)
{
	return (struct fake){ .download = { .read = fake_read }, .bytes = bytes, .piece = piece };
}

/* manifest.json, a folder with one file of size bytes. */
static void make_tar(struct buf *out, size_t size)
{
	struct byte_sink sink = bytes_to_buf(out);
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	CLEANUP(free_p) char *data = calloc(1, size);
	struct tar_entry manifest = { .name = "manifest.json", .type = TAR_FILE, .mode = 0644, .size = 2 };
	struct tar_entry dir = { .name = "sub", .type = TAR_DIR, .mode = 0755 };
	struct tar_entry file = { .name = "sub/file", .type = TAR_FILE, .mode = 0644, .size = (int64_t)size };

	assert_non_null(data);
	memset(data, 'x', size);
	assert_int_equal(tar_writer_open(&sink, &w, NULL), 0);
	assert_int_equal(tar_write_entry(w, &manifest, NULL), 0);
	assert_int_equal(tar_write_data(w, "{}", 2, NULL), 0);
	assert_int_equal(tar_write_entry(w, &dir, NULL), 0);
	assert_int_equal(tar_write_entry(w, &file, NULL), 0);
	assert_int_equal(tar_write_data(w, data, size, NULL), 0);
	assert_int_equal(tar_writer_end(w, NULL), 0);
}

/* ---- this machine ---------------------------------------------------------------------------------------------------- */

struct place {
	struct scratch dir;
	char *file, *folder; /* in dir */
	struct buf tar;
};

static int place_open(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	p->dir = SCRATCH_INIT;
	p->tar = BUF_INIT(ARCHIVE_MAX);
	assert_int_equal(scratch_open("unit", &p->dir, NULL), 0);
	p->file = path_join(p->dir.path, "out.tar");
	p->folder = path_join(p->dir.path, "out");
	make_tar(&p->tar, BIG);
	*state = p;
	return 0;
}

static int place_close(void **state)
{
	struct place *p = *state;

	buf_done(&p->tar);
	free(p->file);
	free(p->folder);
	scratch_done(&p->dir);
	free(p);
	return 0;
}

static size_t entries(const char *dir)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void file_is(const char *path, struct str want)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(ARCHIVE_MAX);

	assert_int_equal(path_read(path, &b, NULL), 0);
	assert_true(str_eq(buf_str(&b), want));
}

static void put_old(const char *path)
{
	assert_int_equal(path_write_atomic(path, STR("old"), 0640, NULL), 0);
}

/* ---- files ----------------------------------------------------------------------------------------------------------- */

static void test_file(void **state)
{
	struct place *p = *state;
	struct fake f = fake_of(buf_str(&p->tar), 1000);
	struct stat st;

	put_old(p->file);
	assert_int_equal(archive_to_file(NULL, &f.download, p->file, NULL), 0);
	file_is(p->file, buf_str(&p->tar));
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(entries(p->dir.path), 1);
}

static void test_broken(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *row;
		size_t keep; /* bytes; 0: all but the end marker */
		bool breaks;
		const char *says;
	} rows[] = {
		{ "ends in a file", 100 * 1024, false, "its end is missing" },
		{ "ends between two blocks", 512, false, "its end is missing" },
		{ "ends behind the last file", 0, false, "its end is missing" },
		{ "connection breaks", 100 * 1024, true, "the connection broke" },
		{ "connection breaks at once", 1, true, "the connection broke" },
	};

	put_old(p->file);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct str part = buf_str(&p->tar);
		struct fake f;

		/* Folder, file and manifest with their headers: what is behind them is the end marker. */
		part.n = rows[i].keep ? rows[i].keep : 512 + 512 + 512 + 512 + (BIG + 511) / 512 * 512;
		f = fake_of(part, 0);
		f.breaks = rows[i].breaks;
		if (archive_to_file(NULL, &f.download, p->file, &err) == 0 || !strstr(err.text, rows[i].says) || !strstr(err.text, "out.tar"))
			row_fail(rows[i].row, "%s", err.text ? err.text : "taken for whole");
		file_is(p->file, STR("old"));
		assert_int_equal(entries(p->dir.path), 1);

		f.at = 0;
		if (archive_to_folder(&f.download, p->folder, NULL) == 0)
			row_fail(rows[i].row, "taken for whole");
		assert_int_equal(entries(p->dir.path), 1);
	}
}

static void test_link_and_folder(void **state)
{
	struct place *p = *state;
	CLEANUP(free_p) char *link = path_join(p->dir.path, "link.tar");
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct fake f = fake_of(buf_str(&p->tar), 0);
	struct stat st;

	put_old(p->file);
	assert_int_equal(symlink("out.tar", link), 0);
	assert_int_equal(archive_to_file(NULL, &f.download, link, NULL), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	file_is(p->file, buf_str(&p->tar));
	f.at = 0;
	assert_int_equal(archive_to_file(NULL, &f.download, p->dir.path, &err), -ERR_USAGE);
	assert_non_null(strstr(err.text, "is a directory"));
}

/* A file size limit stands for a full disk: the same write fails in the same place. */
static void test_full(void **state)
{
	struct place *p = *state;
	struct rlimit before, small;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct fake f = fake_of(buf_str(&p->tar), 0);
	int r;

	put_old(p->file);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ .rlim_cur = BIG / 2, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = archive_to_file(NULL, &f.download, p->file, &err);
	f.at = 0;
	assert_true(archive_to_folder(&f.download, p->folder, NULL) < 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(r, -ERR_SYSTEM);
	file_is(p->file, STR("old"));
	assert_int_equal(entries(p->dir.path), 1);
}

static void test_killed(void **state)
{
	struct place *p = *state;
	uint64_t end = clock_after_ms(GONE_MS);
	int status;
	pid_t pid;

	put_old(p->file);
	pid = fork();
	if (pid == 0) {
		struct fake f = fake_of((struct str){ p->tar.p, BIG / 2 }, 0);

		f.hangs = true;
		archive_to_file(NULL, &f.download, p->file, NULL);
		_exit(1);
	}
	while (entries(p->dir.path) < 2 && clock_ms() < end)
		usleep(1000);
	assert_int_equal(entries(p->dir.path), 2);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	while (entries(p->dir.path) > 1 && clock_ms() < end)
		usleep(1000);
	assert_int_equal(entries(p->dir.path), 1);
	file_is(p->file, STR("old"));
}

/* ---- folders --------------------------------------------------------------------------------------------------------- */

static void test_folder(void **state)
{
	struct place *p = *state;
	CLEANUP(free_p) char *manifest = path_join(p->folder, "manifest.json");
	CLEANUP(free_p) char *other = path_join(p->folder, "notes");
	CLEANUP(free_p) char *file = path_join(p->folder, "sub/file");
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct fake f = fake_of(buf_str(&p->tar), 777);
	struct stat st;

	assert_int_equal(archive_to_folder(&f.download, p->folder, NULL), 0);
	file_is(manifest, STR("{}"));
	put_old(manifest);
	put_old(other);
	/* Once more over it: its own files are replaced, others stay. */
	f.at = 0;
	assert_int_equal(archive_to_folder(&f.download, p->folder, NULL), 0);
	file_is(manifest, STR("{}"));
	file_is(other, STR("old"));
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, BIG);
	assert_int_equal(entries(p->dir.path), 1);

	assert_int_equal(archive_folder_check(other, &err), -ERR_USAGE);
	assert_int_equal(archive_folder_check("", &err), -ERR_USAGE);
	assert_non_null(err.hint);
}

/* A file that stands where a folder has to be is an error, and stays. */
static void test_folder_in_the_way(void **state)
{
	struct place *p = *state;
	CLEANUP(free_p) char *in_the_way = path_join(p->folder, "sub");
	struct fake f = fake_of(buf_str(&p->tar), 0);

	assert_int_equal(mkdir(p->folder, 0755), 0);
	put_old(in_the_way);
	assert_true(archive_to_folder(&f.download, p->folder, NULL) < 0);
	file_is(in_the_way, STR("old"));
	assert_int_equal(entries(p->dir.path), 1);
}

/* ---- the end marker -------------------------------------------------------------------------------------------------- */

/* Zeros may come in any pieces. */
static void test_tar_end(void **state)
{
	struct place *p = *state;
	static const size_t pieces[] = { 1, 7, 511, 512, 513, 4096, ARCHIVE_MAX };

	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct tar_end t = { 0 };

		for (size_t at = 0; at < p->tar.n; at += pieces[i])
			tar_end_add(&t, p->tar.p + at, p->tar.n - at < pieces[i] ? p->tar.n - at : pieces[i]);
		assert_int_equal(t.bytes, p->tar.n);
		assert_int_equal(tar_end_check(&t, NULL), 0);
	}
}

static void test_tar_end_others(void **state)
{
	static const char gzip[] = "\x1f\x8b\x08\x00\x00\x00 and so on";
	struct tar_end empty = { 0 }, packed = { 0 }, text = { 0 };

	(void)state;
	assert_int_equal(tar_end_check(&empty, NULL), -ERR_PROTOCOL);
	tar_end_add(&packed, gzip, sizeof gzip);
	assert_int_equal(tar_end_check(&packed, NULL), 0);
	tar_end_add(&text, "Error", 5);
	assert_int_equal(tar_end_check(&text, NULL), -ERR_PROTOCOL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, place_open, place_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_file),   TEST(test_broken), TEST(test_link_and_folder), TEST(test_full),    TEST(test_killed),
		TEST(test_folder), TEST(test_folder_in_the_way), TEST(test_tar_end), TEST(test_tar_end_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

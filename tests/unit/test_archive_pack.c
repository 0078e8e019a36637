#include "archive_streams.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "archive/ignore.h"
#include "base/strv.h"

/* A folder with one of everything. */
static void make_tree(const char *dir)
{
	static const char *const folders[] = { "", "/a", "/a/sub", "/b", "/b/keep", "/empty" };
	static const char *const files[] = { "Dockerfile", "a/1", "a/10", "a/2", "a/sub/x.log", "b/keep/me", "b/y.log", "a-b", "z\xff" };
	CLEANUP(buf_done) struct buf path = BUF_INIT(4096);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		buf_clear(&path);
		buf_addf(&path, "%s%s", dir, folders[i]);
		assert_true(mkdir(path.p, 0755) == 0 || i == 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		put_file(dir, files[i], files[i]);
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(link("a/1", "b/one"), 0);
	assert_int_equal(link("a/1", "one"), 0);
	assert_int_equal(symlink("../../outside", "a/link"), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	memcpy(at.sun_path, "socket", 7);
	assert_int_equal(bind(s, (struct sockaddr *)&at, sizeof at), 0);
	close(s);
	assert_int_equal(chmod("a/2", 04755), 0);
	assert_int_equal(chmod("empty", 0700), 0);
	assert_int_equal(chdir("/"), 0);
}

/* The archive as text: a line for each entry. */
static char *listing_of(struct str archive)
{
	static const char letters[] = { [TAR_FILE] = 'f', [TAR_DIR] = 'd', [TAR_SYMLINK] = 'l', [TAR_HARDLINK] = 'h', [TAR_FIFO] = 'p' };
	CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
	CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX);
	struct memory m = { archive, 0 };
	struct byte_source source = memory_source(&m);
	struct tar_entry e;

	assert_int_equal(tar_reader_open(&source, &t, NULL), 0);
	while (tar_read_entry(t, &e, NULL) > 0) {
		char data[64];
		ssize_t n = tar_read_data(t, data, sizeof data, NULL);

		buf_addf(&out, "%c %s", letters[e.type], e.name);
		if (e.link)
			buf_addf(&out, " -> %s", e.link);
		/* A file's content is its name. */
		if (n > 0 && !str_ends(str_from(e.name), (struct str){ data, (size_t)n }))
			buf_addf(&out, " = %.*s", (int)n, data);
		buf_add_char(&out, '\n');
	}
	return buf_take(&out);
}

static int pack_into(struct buf *out, const struct pack_req *q, struct pack_stats *stats, struct error *err)
{
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	struct byte_sink sink = bytes_to_buf(out);
	int r = tar_writer_open(&sink, &w, err);

	if (r == 0)
		r = pack_tree(w, q, stats, err);
	return r < 0 ? r : tar_writer_end(w, err);
}

static const struct {
	const char *row;
	struct pack_req req; /* dir is the tree's */
	const char *below;   /* dir + this */
	const char *ignore, *keep;
	const char *entries;
} rows[] = {
	{ "all", { 0 }, "", NULL, NULL,
	  "f Dockerfile\nd a\nf a/1\nf a/10\nf a/2\nl a/link -> ../../outside\nd a/sub\nf a/sub/x.log\nf a-b\nd b\nd b/keep\nf b/keep/me\n"
	  "h b/one -> a/1\nf b/y.log\nd empty\nh one -> a/1\nf z\xff\n" },
	{ "fifos", { .fifos_and_devices = true }, "", "*\n!fifo", NULL, "p fifo\n" },
	{ "one kind", { 0 }, "", "**/*.log\none", NULL,
	  "f Dockerfile\nd a\nf a/1\nf a/10\nf a/2\nl a/link -> ../../outside\nd a/sub\nf a-b\nd b\nd b/keep\nf b/keep/me\nh b/one -> a/1\nd empty\n"
	  "f z\xff\n" },
	{ "the first name is ignored", { 0 }, "", "*\n!b/one\n!one", NULL, "f b/one = a/1\nh one -> b/one\n" },
	{ "back again from below", { 0 }, "", "*\n!b/keep", NULL, "d b/keep\nf b/keep/me\n" },
	{ "kept", { 0 }, "", "*", "Dockerfile", "f Dockerfile\n" },
	{ "kept from below", { 0 }, "", "*", "b/keep/me", "f b/keep/me\n" },
	{ "nothing", { 0 }, "", "*", NULL, "" },
	{ "empty", { 0 }, "/empty", NULL, NULL, "" },
	{ "a folder under a name", { .name_as = "n" }, "/a", NULL, NULL,
	  "d n\nf n/1 = a/1\nf n/10 = a/10\nf n/2 = a/2\nl n/link -> ../../outside\nd n/sub\nf n/sub/x.log = a/sub/x.log\n" },
	{ "its content", { .name_as = "" }, "/b/keep", NULL, NULL, "f me = b/keep/me\n" },
	{ "a file under a name", { .name_as = "n/m" }, "/a/10", NULL, NULL, "f n/m = a/10\n" },
	{ "a symbolic link under a name", { .name_as = "n" }, "/a/link", NULL, NULL, "l n -> ../../outside\n" },
	{ "rules are about the path below", { .name_as = "n" }, "/a", "1*\nn\nlink\nsub/x.log", NULL, "d n\nf n/2 = a/2\nd n/sub\n" },
};

static void trees_go_in_as_asked_for(void **state)
{
	CLEANUP(scratch_done) struct scratch tmp = SCRATCH_INIT;

	(void)state;
	assert_int_equal(scratch_open("pack-", &tmp, NULL), 0);
	make_tree(tmp.path);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX), dir = BUF_INIT(4096), sized = BUF_INIT(ARCHIVE_MAX);
		CLEANUP(ignore_free_p) struct ignore *g = NULL;
		CLEANUP(strv_done) struct strv keep = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(free_p) char *entries = NULL;
		struct pack_req q = rows[i].req;

		buf_addf(&dir, "%s%s", tmp.path, rows[i].below);
		if (rows[i].ignore)
			assert_int_equal(ignore_parse(str_from(rows[i].ignore), "ignore", &g, NULL), 0);
		if (rows[i].keep)
			strv_add(&keep, rows[i].keep);
		q.dir = dir.p;
		q.ignore = g;
		q.keep = &keep;
		if (pack_into(&out, &q, NULL, &err) < 0)
			row_fail(rows[i].row, "%s", err.text);
		entries = listing_of(buf_str(&out));
		if (strcmp(entries, rows[i].entries) != 0)
			row_fail(rows[i].row, "entries:\n%s", entries);
		q.sizes_only = true;
		assert_int_equal(pack_into(&sized, &q, NULL, &err), 0);
		if (sized.n != out.n)
			row_fail(rows[i].row, "the size is said to be %zu and is %zu", sized.n, out.n);
	}
}

static void entries_have_mode_time_and_owner(void **state)
{
	CLEANUP(scratch_done) struct scratch tmp = SCRATCH_INIT;

	(void)state;
	assert_int_equal(scratch_open("pack-", &tmp, NULL), 0);
	put_file(tmp.path, "f", "x");
	assert_int_equal(chdir(tmp.path), 0);
	assert_int_equal(chmod("f", 04751), 0);
	assert_int_equal(utimensat(AT_FDCWD, "f", (struct timespec[]){ { .tv_sec = 5 }, { .tv_sec = 1234567890, .tv_nsec = 7 } }, 0), 0);
	if (geteuid() == 0)
		assert_int_equal(chown("f", 12, 34), 0);
	assert_int_equal(chmod("f", 04751), 0);
	assert_int_equal(chdir("/"), 0);
	for (int own = 0; own < 2; own++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX);
		CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
		struct memory m = { { NULL, 0 }, 0 };
		struct byte_source source = memory_source(&m);
		struct tar_entry e;

		assert_int_equal(pack_into(&out, &(struct pack_req){ .dir = tmp.path, .own_ids = own }, NULL, NULL), 0);
		m.text = buf_str(&out);
		assert_int_equal(tar_reader_open(&source, &t, NULL), 0);
		assert_int_equal(tar_read_entry(t, &e, NULL), 1);
		assert_int_equal(e.mode, 04751);
		assert_int_equal(e.mtime_s, 1234567890);
		assert_int_equal(e.uid, !own ? 0 : geteuid() == 0 ? 12 : geteuid());
		assert_int_equal(e.gid, !own ? 0 : geteuid() == 0 ? 34 : getegid());
	}
}

static void count_calls(void *ctx, const struct pack_stats *now)
{
	unsigned *calls = ctx;

	(*calls)++;
	assert_true(now->files > 0);
}

static void the_largest_are_named(void **state)
{
	static const struct {
		const char *name;
		size_t size;
	} files[] = { { "a", 5 }, { "b/x", 2000000 }, { "b/y", 3000000 }, { "c", 100 }, { "d", 70 }, { "e", 3 }, { "f", 4000000 }, { "g", 0 } };
	CLEANUP(scratch_done) struct scratch tmp = SCRATCH_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX), inside = BUF_INIT(4096);
	struct pack_stats stats;
	unsigned calls = 0;

	(void)state;
	assert_int_equal(scratch_open("pack-", &tmp, NULL), 0);
	buf_addf(&inside, "%s/b", tmp.path);
	assert_int_equal(mkdir(inside.p, 0755), 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		CLEANUP(free_p) char *path = path_join(tmp.path, files[i].name);

		put_file(tmp.path, files[i].name, "");
		assert_int_equal(truncate(path, (off_t)files[i].size), 0);
	}
	assert_int_equal(pack_into(&out, &(struct pack_req){ .dir = tmp.path, .progress = count_calls, .ctx = &calls }, &stats, NULL), 0);
	assert_int_equal(stats.files, 8);
	assert_int_equal(stats.bytes, 9000178);
	assert_true(calls > 3 && calls < 20);
	assert_string_equal(stats.largest[0].name, "b");
	assert_int_equal(stats.largest[0].bytes, 5000000);
	assert_string_equal(stats.largest[1].name, "f");
	assert_string_equal(stats.largest[2].name, "c");
	assert_string_equal(stats.largest[3].name, "d");
	assert_string_equal(stats.largest[4].name, "a");
}

/* Changes the size of a file while it is read. */
struct changer {
	const char *path;
	off_t size;
	bool done;
};

static void change_on_progress(void *ctx, const struct pack_stats *now)
{
	struct changer *c = ctx;

	if (now->bytes < 1000000 || c->done)
		return;
	c->done = true;
	assert_int_equal(truncate(c->path, c->size), 0);
}

static void a_file_that_changes_keeps_its_size(void **state)
{
	static const off_t sizes[] = { 1500000, 9000000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		CLEANUP(scratch_done) struct scratch tmp = SCRATCH_INIT;
		CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX);
		CLEANUP(free_p) char *path = NULL, *entries = NULL;
		struct changer c = { .size = sizes[i] };
		struct pack_stats stats;

		assert_int_equal(scratch_open("pack-", &tmp, NULL), 0);
		put_file(tmp.path, "f", "");
		put_file(tmp.path, "g", "g");
		c.path = path = path_join(tmp.path, "f");
		assert_int_equal(truncate(path, 5000000), 0);
		assert_int_equal(pack_into(&out, &(struct pack_req){ .dir = tmp.path, .progress = change_on_progress, .ctx = &c }, &stats, NULL),
				 0);
		assert_true(c.done);
		assert_int_equal(stats.bytes, 5000001);
		entries = listing_of(buf_str(&out));
		assert_non_null(strstr(entries, "\nf g\n"));
	}
}

static void what_cannot_be_read_is_named(void **state)
{
	CLEANUP(scratch_done) struct scratch tmp = SCRATCH_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX), path = BUF_INIT(4096);
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(scratch_open("pack-", &tmp, NULL), 0);
	buf_addf(&path, "%s/none", tmp.path);
	assert_int_equal(pack_into(&out, &(struct pack_req){ .dir = path.p }, NULL, &err), -ERR_SYSTEM);
	assert_non_null(strstr(err.text, path.p));
	assert_int_equal(pack_into(&out, &(struct pack_req){ .dir = path.p, .name_as = "x" }, NULL, &err), -ERR_SYSTEM);
	assert_non_null(strstr(err.text, path.p));
	put_file(tmp.path, "none", "secret");
	assert_int_equal(chmod(path.p, 0), 0);
	if (geteuid() != 0) {
		assert_int_equal(pack_into(&out, &(struct pack_req){ .dir = tmp.path }, NULL, &err), -ERR_SYSTEM);
		assert_string_equal(err.text, "open none: Permission denied");
	}
	assert_int_equal(pack_into(&out, &(struct pack_req){ .dir = tmp.path, .sizes_only = true }, NULL, &err), 0);
}

static void a_folder_of_many_names_is_sorted(void **state)
{
	CLEANUP(scratch_done) struct scratch tmp = SCRATCH_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT(ARCHIVE_MAX);
	CLEANUP(free_p) char *entries = NULL;
	struct str rest, line, before = STR("");

	(void)state;
	assert_int_equal(scratch_open("pack-", &tmp, NULL), 0);
	assert_int_equal(chdir(tmp.path), 0);
	for (unsigned i = 0; i < 500; i++) {
		char name[32];

		snprintf(name, sizeof name, "%u", i * 7919 % 500);
		close(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
		/* The first has many names more. */
		if (i > 0)
			continue;
		for (unsigned j = 0; j < 300; j++) {
			snprintf(name, sizeof name, "link%u", j);
			assert_int_equal(link("0", name), 0);
		}
	}
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(pack_into(&out, &(struct pack_req){ .dir = tmp.path }, NULL, NULL), 0);
	entries = listing_of(buf_str(&out));
	rest = str_from(entries);
	while (str_cut(rest, '\n', &line, &rest)) {
		struct str name = { line.p + 2, line.n - 2 };
		size_t n = name.n < before.n ? name.n : before.n;
		int order = memcmp(before.p, name.p, n);

		assert_true(order < 0 || (order == 0 && before.n < name.n) || line.p[0] == 'h');
		before = name;
	}
	assert_non_null(strstr(entries, "h link299 -> 0\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_go_in_as_asked_for),
		cmocka_unit_test(entries_have_mode_time_and_owner),
		cmocka_unit_test(the_largest_are_named),
		cmocka_unit_test(a_file_that_changes_keeps_its_size),
		cmocka_unit_test(what_cannot_be_read_is_named),
		cmocka_unit_test(a_folder_of_many_names_is_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

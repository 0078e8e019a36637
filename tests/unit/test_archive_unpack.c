#include "archive_streams.h"

#include <sys/wait.h>

/* Each test has a folder with: in/ to unpack into, out/secret that must not change, way -> in. */
static void make_ground(const char *top)
{
	assert_int_equal(chdir(top), 0);
	assert_int_equal(mkdir("in", 0755), 0);
	assert_int_equal(mkdir("out", 0755), 0);
	put_file("out", "secret", "secret");
	assert_int_equal(symlink("in", "way"), 0);
	assert_int_equal(chdir("/"), 0);
}

/* Nothing came to out/, and its file is what it was. */
static void check_outside(const char *row, const char *top)
{
	CLEANUP(free_p) char *out = path_join(top, "out"), *text = read_text(out, "secret");
	struct stat st, folder;
	CLEANUP(free_p) char *secret = path_join(out, "secret");

	if (strcmp(text, "secret") != 0)
		row_fail(row, "the file outside holds \"%s\"", text);
	if (stat(secret, &st) < 0 || st.st_nlink != 1 || (st.st_mode & 07777) != 0644)
		row_fail(row, "the file outside changed: mode %o, %d names", st.st_mode & 07777, (int)st.st_nlink);
	if (stat(out, &folder) < 0 || (folder.st_mode & 07777) != 0755)
		row_fail(row, "the folder outside changed");
	if (remove(out) == 0 || chdir(out) < 0)
		row_fail(row, "the folder outside is gone");
	for (const char *const *n = (const char *const[]){ "x", "file", "new", "d", NULL }; *n; n++)
		if (access(*n, F_OK) == 0)
			row_fail(row, "%s was made outside", *n);
	assert_int_equal(chdir("/"), 0);
	for (const char *const *n = (const char *const[]){ "x", "file", "new", "escaped", NULL }; *n; n++) {
		CLEANUP(free_p) char *path = path_join(top, *n);

		if (access(path, F_OK) == 0)
			row_fail(row, "%s was made outside", *n);
	}
}

#define ENTRIES_MAX 6

struct small_entry {
	const char *name;
	enum tar_type type;
	const char *text; /* a file's content, a link's target */
	unsigned mode;
};

static void pack_small(const struct small_entry *e, struct buf *out)
{
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	struct byte_sink sink = bytes_to_buf(out);

	assert_int_equal(tar_writer_open(&sink, &w, NULL), 0);
	for (size_t i = 0; i < ENTRIES_MAX && e[i].name; i++)
		put_entry(w, (struct tar_entry){ .name = e[i].name, .type = e[i].type, .link = e[i].text, .mode = e[i].mode, .mtime_s = 1000 },
			  e[i].type == TAR_FILE ? e[i].text : NULL);
	assert_int_equal(tar_writer_end(w, NULL), 0);
}

static int unpack_text(struct str archive, const struct unpack_req *q, uint64_t *ret_bytes, struct error *err)
{
	CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
	struct memory m = { archive, 0 };
	struct byte_source source = memory_source(&m);
	int r = tar_reader_open(&source, &t, err);

	return r < 0 ? r : unpack_tree(t, q, ret_bytes, err);
}

#define F(n, t) { n, TAR_FILE, t, 0 }
#define D(n) { n, TAR_DIR, NULL, 0755 }
#define L(n, t) { n, TAR_SYMLINK, t, 0 }
#define H(n, t) { n, TAR_HARDLINK, t, 0 }

static const struct {
	const char *row;
	struct small_entry entries[ENTRIES_MAX];
	const char *text; /* of the error; NULL: all is well, and stays inside */
} attacks[] = {
	{ "..", { F("../x", "evil") }, "the archive holds \"../x\": a name with \"..\" is not written" },
	{ ".. in the middle", { F("a/../../x", "evil") }, "the archive holds \"a/../../x\": a name with \"..\" is not written" },
	{ "deep ..", { F("a/b/c/d/../../../../../out/secret", "evil") }, "is not written" },
	{ ".. at the end", { D("a/..") }, "is not written" },
	{ ".. alone", { D("..") }, "is not written" },
	{ ".. of a folder", { D("../out/d") }, "is not written" },
	{ ".. of a link", { L("../x", "y") }, "is not written" },
	{ "absolute", { F("/x", "evil") }, "the archive holds \"/x\": an absolute name is not written" },
	{ "absolute twice", { F("//x", "evil") }, "an absolute name is not written" },
	{ "absolute folder", { D("/x") }, "an absolute name is not written" },
	{ "file through a link", { L("l", "../out"), F("l/x", "evil") }, "l/x: \"l\" is a symbolic link: nothing is written through it" },
	{ "file over a file through a link", { L("l", "../out"), F("l/secret", "evil") }, "nothing is written through it" },
	{ "folder through a link", { L("l", "../out"), D("l/d") }, "nothing is written through it" },
	{ "link through a link", { L("l", "../out"), L("l/x", "secret") }, "nothing is written through it" },
	{ "deep through a link", { D("a"), L("a/l", "../../out"), F("a/l/d/x", "evil") }, "nothing is written through it" },
	{ "link to a link", { L("a", "b"), L("b", "../out"), F("a/x", "evil") }, "nothing is written through it" },
	{ "through ..", { L("up", ".."), F("up/escaped", "evil") }, "nothing is written through it" },
	{ "through .", { L("self", "."), F("self/x", "evil") }, "nothing is written through it" },
	{ "file in the place of a link", { L("l", "../out/secret"), F("l", "mine") }, NULL },
	{ "folder in the place of a link", { L("l", "../out"), D("l"), F("l/x", "mine") }, NULL },
	{ "the mode of a link's target", { L("l", "../out"), { "l", TAR_DIR, NULL, 0700 } }, NULL },
	{ "folder, link, and then in it", { D("a"), F("a/b", "1"), L("a", "../out"), F("a/x", "evil") }, "nothing is written through it" },
	{ "the mode of a folder that became a link", { { "a", TAR_DIR, NULL, 0700 }, L("a", "../out") }, NULL },
	{ "hard link to ..", { H("x", "../out/secret") }, "a name with \"..\" is not written" },
	{ "hard link to an absolute name", { H("x", "/etc/passwd") }, "an absolute name is not written" },
	{ "hard link through a link", { L("l", "../out"), H("x", "l/secret") },
	  "x: it is a hard link to \"l/secret\", which is not a file of the archive" },
	{ "hard link to a link, then written", { L("l", "../out/secret"), H("h", "l"), F("h", "mine") }, NULL },
	{ "hard link to nothing", { H("x", "none") }, "which is not a file of the archive" },
	{ "hard link to a folder", { D("d"), H("x", "d") }, "which is not a file of the archive" },
	{ "hard link to the folder itself", { H("x", ".") }, "which is not a file of the archive" },
	{ "hard link to itself", { F("x", "1"), H("x", "x") }, NULL },
	{ "file in the place of the folder", { F(".", "evil") }, "the archive holds \".\", which would take the place of the folder" },
	{ "link in the place of the folder", { L("./", "../out"), F("x", "mine") }, "which would take the place of the folder" },
	{ "link in the place of the folder above", { D("d"), L("d/.", "../out"), F("d/x", "evil") }, "nothing is written through it" },
};

static void nothing_gets_outside(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(attacks); i++) {
		size_t a = i / 2;
		CLEANUP(scratch_done) struct scratch top = SCRATCH_INIT;
		CLEANUP(buf_done) struct buf archive = BUF_INIT(ARCHIVE_MAX);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(free_p) char *dir = NULL;
		int r;

		assert_int_equal(scratch_open("unpack-", &top, NULL), 0);
		make_ground(top.path);
		/* The way to the folder may lead through a link. */
		dir = path_join(top.path, i & 1 ? "way" : "in");
		pack_small(attacks[a].entries, &archive);
		r = unpack_text(buf_str(&archive), &(struct unpack_req){ .dir = dir, .own_ids = true, .special = true }, NULL, &err);
		if (!attacks[a].text && r < 0)
			row_fail(attacks[a].row, "%s", err.text);
		if (attacks[a].text && r != -ERR_PROTOCOL)
			row_fail(attacks[a].row, "returned %d", r);
		if (attacks[a].text && !strstr(err.text, attacks[a].text))
			row_fail(attacks[a].row, "says \"%s\"", err.text);
		check_outside(attacks[a].row, top.path);
	}
}

/* A link that was there before the archive came is not followed either. */
static void links_that_were_there_are_not_followed(void **state)
{
	static const struct small_entry through[ENTRIES_MAX] = { F("l/x", "evil") }, over[ENTRIES_MAX] = { F("l", "mine") };
	CLEANUP(scratch_done) struct scratch top = SCRATCH_INIT;
	CLEANUP(buf_done) struct buf archive = BUF_INIT(ARCHIVE_MAX), second = BUF_INIT(ARCHIVE_MAX);
	CLEANUP(free_p) char *dir = NULL, *at = NULL, *text = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(scratch_open("unpack-", &top, NULL), 0);
	make_ground(top.path);
	dir = path_join(top.path, "in");
	at = path_join(dir, "l");
	assert_int_equal(symlink("../out", at), 0);
	pack_small(through, &archive);
	pack_small(over, &second);
	assert_int_equal(unpack_text(buf_str(&archive), &(struct unpack_req){ .dir = dir }, NULL, &err), -ERR_PROTOCOL);
	assert_string_equal(err.text, "l/x: \"l\" is a symbolic link: nothing is written through it");
	assert_int_equal(unpack_text(buf_str(&second), &(struct unpack_req){ .dir = dir }, NULL, NULL), 0);
	text = read_text(dir, "l");
	assert_string_equal(text, "mine");
	check_outside("links before", top.path);
}

static const struct {
	const char *row;
	struct small_entry before[ENTRIES_MAX], then[ENTRIES_MAX];
	const char *file, *content; /* what is there afterwards when kinds may change */
	bool conflict;              /* when they may not */
} kinds[] = {
	{ "file over file", { F("a", "1") }, { F("a", "2") }, "a", "2", false },
	{ "link over file", { F("a", "1"), F("b", "3") }, { L("a", "b") }, "a", "3", false },
	{ "file over link", { F("b", "1"), L("a", "b") }, { F("a", "2") }, "b", "1", false },
	{ "folder over folder", { D("a"), F("a/1", "1") }, { D("a"), F("a/2", "2") }, "a/1", "1", false },
	{ "file over folder", { D("a"), D("a/b"), F("a/b/c", "1") }, { F("a", "2") }, "a", "2", true },
	{ "link over folder", { D("a"), F("a/x", "1"), F("b", "3") }, { L("a", "b") }, "a", "3", true },
	{ "folder over file", { F("a", "1") }, { D("a"), F("a/x", "2") }, "a/x", "2", true },
	{ "folder over link", { D("b"), L("a", "b") }, { D("a"), F("a/x", "2") }, "a/x", "2", true },
	{ "folder on the way over file", { F("a", "1") }, { F("a/b/c", "2") }, "a/b/c", "2", true },
	{ "hard link over folder", { D("a"), F("b", "1") }, { H("a", "b") }, "a", "1", true },
};

static void kinds_change_or_are_in_conflict(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(kinds); i++) {
		size_t k = i / 2;
		bool keep = i & 1, conflict = keep && kinds[k].conflict;
		CLEANUP(scratch_done) struct scratch top = SCRATCH_INIT;
		CLEANUP(buf_done) struct buf before = BUF_INIT(ARCHIVE_MAX), then = BUF_INIT(ARCHIVE_MAX);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(free_p) char *text = NULL;
		int r;

		assert_int_equal(scratch_open("unpack-", &top, NULL), 0);
		pack_small(kinds[k].before, &before);
		pack_small(kinds[k].then, &then);
		assert_int_equal(unpack_text(buf_str(&before), &(struct unpack_req){ .dir = top.path }, NULL, NULL), 0);
		r = unpack_text(buf_str(&then), &(struct unpack_req){ .dir = top.path, .keep_existing_kind = keep }, NULL, &err);
		if (r != (conflict ? -ERR_CONFLICT : 0))
			row_fail(kinds[k].row, "returned %d: %s", r, err.text ? err.text : "");
		if (conflict && strncmp(err.text, kinds[k].then[0].name, strlen(kinds[k].then[0].name)) != 0)
			row_fail(kinds[k].row, "says \"%s\"", err.text);
		if (conflict)
			continue;
		text = read_text(top.path, kinds[k].file);
		if (strcmp(text, kinds[k].content) != 0)
			row_fail(kinds[k].row, "%s holds \"%s\"", kinds[k].file, text);
	}
}

static const struct {
	const char *row, *strip, *rename_to;
	struct small_entry entries[ENTRIES_MAX];
	const char *file; /* that then holds "1" */
	bool fails;
} names[] = {
	{ "as it is", NULL, NULL, { D("a"), F("a/f", "1") }, "a/f", false },
	{ "dots and slashes", NULL, NULL, { D("./"), D("./a/"), F("./a//./f", "1") }, "a/f", false },
	{ "no folders before", NULL, NULL, { F("a/b/c/f", "1") }, "a/b/c/f", false },
	{ "taken away", "a", NULL, { D("a"), F("a/f", "1") }, "f", false },
	{ "taken away with dots", "a", "", { D("./a/"), F("./a/f", "1") }, "f", false },
	{ "renamed", "a", "new", { D("a"), F("a/f", "1") }, "new/f", false },
	{ "a file renamed", "a", "new", { F("a", "1") }, "new", false },
	{ "a hard link renamed", "a", "new", { F("a/f", "1"), H("a/g", "a/f") }, "new/g", false },
	{ "a file loses all its name", "a", NULL, { F("a", "1") }, NULL, true },
	{ "another first part", "a", NULL, { D("a"), F("b/f", "1") }, NULL, true },
	{ "the beginning of it", "a", "new", { F("ab/f", "1") }, NULL, true },
	{ "a hard link to elsewhere", "a", "new", { F("a/f", "1"), H("a/g", "f") }, NULL, true },
};

static void first_parts_of_names_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(scratch_done) struct scratch top = SCRATCH_INIT;
		CLEANUP(buf_done) struct buf archive = BUF_INIT(ARCHIVE_MAX);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(free_p) char *text = NULL;
		struct unpack_req q = { .strip = names[i].strip, .rename_to = names[i].rename_to };
		int r;

		assert_int_equal(scratch_open("unpack-", &top, NULL), 0);
		q.dir = top.path;
		pack_small(names[i].entries, &archive);
		r = unpack_text(buf_str(&archive), &q, NULL, &err);
		if (r != (names[i].fails ? -ERR_PROTOCOL : 0))
			row_fail(names[i].row, "returned %d: %s", r, err.text ? err.text : "");
		if (names[i].fails)
			continue;
		text = read_text(top.path, names[i].file);
		if (strcmp(text, "1") != 0)
			row_fail(names[i].row, "%s holds \"%s\"", names[i].file, text);
	}
}

/* What an ordinary user gets: the body runs as one when the test is root. */
static void as_user(const char *dir, void (*body)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		alarm(30);
		if (chdir(dir) < 0 || (geteuid() == 0 && (chown(dir, 1234, 1234) < 0 || setgid(1234) < 0 || setuid(1234) < 0)))
			_exit(2);
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#define USER_CHECK(ok)                                                                                                         \
	do {                                                                                                                   \
		if (!(ok)) {                                                                                                   \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #ok);                                               \
			_exit(1);                                                                                              \
		}                                                                                                              \
	} while (0)

static void unpack_as_user(void)
{
	static const struct small_entry entries[ENTRIES_MAX] = {
		{ "ro", TAR_DIR, NULL, 0555 },
		{ "ro/none", TAR_DIR, NULL, 0200 },
		{ "ro/none/f", TAR_FILE, "1", 06755 },
		{ "ro/g", TAR_FILE, "2", 0444 },
		{ "p", TAR_FIFO, NULL, 0600 },
	};
	CLEANUP(buf_done) struct buf archive = BUF_INIT(ARCHIVE_MAX);
	uint64_t bytes = 0;
	struct stat st;

	pack_small(entries, &archive);
	/* Twice: the second time finds what the first one made. */
	for (int i = 0; i < 2; i++) {
		USER_CHECK(unpack_text(buf_str(&archive), &(struct unpack_req){ .dir = ".", .own_ids = true }, &bytes, NULL) == 0);
		USER_CHECK(bytes == 2);
		USER_CHECK(stat("ro", &st) == 0 && (st.st_mode & 07777) == 0555 && st.st_mtime == 1000);
		USER_CHECK(stat("ro/none", &st) == 0 && (st.st_mode & 07777) == 0200 && st.st_mtime == 1000);
		USER_CHECK(chmod("ro/none", 0700) == 0 && chmod("ro", 0755) == 0);
		USER_CHECK(stat("ro/none/f", &st) == 0 && (st.st_mode & 07777) == 0755 && st.st_uid == geteuid() && st.st_mtime == 1000);
		USER_CHECK(stat("ro/g", &st) == 0 && (st.st_mode & 07777) == 0444);
		USER_CHECK(lstat("p", &st) < 0);
	}
}

static void modes_and_times_are_the_archive_s(void **state)
{
	CLEANUP(scratch_done) struct scratch top = SCRATCH_INIT;

	(void)state;
	assert_int_equal(scratch_open("unpack-", &top, NULL), 0);
	as_user(top.path, unpack_as_user);
}

static void owners_are_the_archive_s_for_root(void **state)
{
	CLEANUP(scratch_done) struct scratch top = SCRATCH_INIT;
	CLEANUP(buf_done) struct buf archive = BUF_INIT(ARCHIVE_MAX);
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	struct byte_sink sink = bytes_to_buf(&archive);
	static const enum tar_type types[] = { TAR_FILE, TAR_DIR, TAR_SYMLINK, TAR_FIFO };

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(scratch_open("unpack-", &top, NULL), 0);
	assert_int_equal(tar_writer_open(&sink, &w, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		put_entry(w, (struct tar_entry){ .name = (const char *[]){ "a", "b", "c", "d" }[i], .type = types[i], .link = "x", .uid = 77, .gid = 88,
						 .mode = 04755 }, NULL);
	assert_int_equal(tar_writer_end(w, NULL), 0);
	for (int own = 1; own >= 0; own--) {
		assert_int_equal(unpack_text(buf_str(&archive), &(struct unpack_req){ .dir = top.path, .own_ids = own, .special = true }, NULL, NULL), 0);
		for (size_t i = 0; i < ARRAY_LEN(types); i++) {
			CLEANUP(free_p) char *path = path_join(top.path, (const char *[]){ "a", "b", "c", "d" }[i]);
			struct stat st;

			assert_int_equal(lstat(path, &st), 0);
			if (types[i] != TAR_DIR || own) {
				assert_int_equal(st.st_uid, own ? 77 : 0);
				assert_int_equal(st.st_gid, own ? 88 : 0);
			}
			if (types[i] == TAR_FILE)
				assert_int_equal(st.st_mode & 07777, own ? 04755 : 0755);
		}
	}
}

/* What was complete stays, what was not leaves nothing, and what it would have replaced is still there. */
static void a_cut_archive_leaves_whole_files_only(void **state)
{
	static const struct small_entry entries[ENTRIES_MAX] = { F("a", "whole"), F("b", "cut"), F("c", "never") };
	CLEANUP(scratch_done) struct scratch top = SCRATCH_INIT;
	CLEANUP(buf_done) struct buf archive = BUF_INIT(ARCHIVE_MAX);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *a = NULL, *b = NULL;

	(void)state;
	assert_int_equal(scratch_open("unpack-", &top, NULL), 0);
	put_file(top.path, "b", "before");
	pack_small(entries, &archive);
	/* Header and content of "a", the header of "b" and a piece of its content. */
	assert_int_equal(unpack_text((struct str){ archive.p, 3 * 512 + 1 }, &(struct unpack_req){ .dir = top.path }, NULL, &err), -ERR_PROTOCOL);
	a = read_text(top.path, "a");
	b = read_text(top.path, "b");
	assert_string_equal(a, "whole");
	assert_string_equal(b, "before");
	assert_int_equal(chdir(top.path), 0);
	assert_int_equal(unlink("a"), 0);
	assert_int_equal(unlink("b"), 0);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(top.path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_gets_outside),
		cmocka_unit_test(links_that_were_there_are_not_followed),
		cmocka_unit_test(kinds_change_or_are_in_conflict),
		cmocka_unit_test(first_parts_of_names_change),
		cmocka_unit_test(modes_and_times_are_the_archive_s),
		cmocka_unit_test(owners_are_the_archive_s_for_root),
		cmocka_unit_test(a_cut_archive_leaves_whole_files_only),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

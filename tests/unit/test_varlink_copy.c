/* cp on varlink hosts: names and modes as tables, a running container by its commands, a stopped one by its export. */
#include "varlink_stream.h"

#include "archive/tar.h"
#include "varlink/copy.h"
#include "varlink/repack.h"

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

static void bases(void **state)
{
	static const char *const rows[][2] = { { "/a/b", "b" },   { "/a/b/", "b" }, { "/a/b//", "b" }, { "/", "" },
					       { "/a/.", "" },    { "/.", "" },     { "a", "a" },      { "/a/..", ".." },
					       { "/a/.b", ".b" }, { "/a/./", "" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(free_p) char *base = copy_base(rows[i][0]);

		if (strcmp(base, rows[i][1]) != 0)
			row_fail(rows[i][0], "%s", base);
	}
}

static void cleaned_names(void **state)
{
	static const char *const rows[][2] = { { "./a", "a" }, { "./", "" },   { ".", "" },        { "/a/b/", "a/b" },
					       { "a", "a" },   { ".a", ".a" }, { "../a", "../a" }, { ".//./a/", "a" },
					       { "..", ".." }, { "", "" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!str_eq_z(repack_clean(rows[i][0]), rows[i][1]))
			row_fail(rows[i][0], "%.*s", STR_ARG(repack_clean(rows[i][0])));
}

static void modes(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint32_t mode;
	} rows[] = {
		{ "-rw-r--r--", true, 0644 },
		{ "drwxr-xr-x", true, COPY_MODE_DIR | 0755 },
		{ "drwxrwxrwt", true, COPY_MODE_DIR | 1U << 20 | 0777 },
		{ "drwxrwx--T", true, COPY_MODE_DIR | 1U << 20 | 0770 },
		{ "-rwsr-sr-x", true, 1U << 23 | 1U << 22 | 0755 },
		{ "-rwSr-Sr--", true, 1U << 23 | 1U << 22 | 0644 },
		{ "lrwxrwxrwx", true, COPY_MODE_SYMLINK | 0777 },
		{ "crw-rw-rw-", true, 1U << 26 | 1U << 21 | 0666 },
		{ "brw-rw----", true, 1U << 26 | 0660 },
		{ "prw-r--r--", true, 1U << 25 | 0644 },
		{ "-rw-r--r--+", true, 0644 },
		{ "-rw-r--r-", false, 0 },
		{ "xrw-r--r--", false, 0 },
		{ "-rw-r--r-!", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t mode = 0;

		if (copy_mode(str_from(rows[i].text), &mode) != rows[i].ok || mode != rows[i].mode)
			row_fail(rows[i].text, "%x", mode);
	}
}

/* ---- a running container --------------------------------------------------------------------------------------------- */

#define EXEC(text) CALL(text), REPLY("{}")

static void a_running_container_is_asked_by_a_command(void **state)
{
	static const struct {
		struct step said;
		int expect;
		const char *target;
		int64_t size;
		bool is_dir;
	} rows[] = {
		{ SEND("\0\0\0\0\0\0\0\x24"
		       "/x/f\n\0-rw-r--r-- 1 0 0 1234 Jan 1 f\n" QUIT("\0")),
		  0, "/x/f", 1234, false },
		{ SEND("\0\0\0\0\0\0\0\x1d"
		       "/d\n\0"
		       "drwxr-xr-x 2 0 0 4096 /d\n" QUIT("\0")),
		  0, "/d", 4096, true },
		{ SEND(QUIT("\x2c")), -ERR_NOT_FOUND, NULL, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct step calls[] = { GET_INFO("1.9.3"), STATE("3"), AT_EOF, END };
		const struct step exec[] = { EXEC("\"user\":\"0\""), rows[i].said, AT_EOF, END };
		struct peer peer;
		struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, exec, NULL });
		struct copy_stat st = { 0 };
		int r = engine_copy_stat(e, "c", "link/", &st, NULL);

		assert_int_equal(r, rows[i].expect);
		if (r == 0) {
			assert_string_equal(st.link_target, rows[i].target);
			assert_string_equal(st.name, "link");
			assert_int_equal(st.size, rows[i].size);
			assert_int_equal(st.is_dir, rows[i].is_dir);
		}
		copy_stat_done(&st);
		engine_close(e);
		peer_finish(&peer);
	}
}

static void nothing_goes_into_a_container_that_does_not_run(void **state)
{
	static const struct step calls[] = { GET_INFO("1.9.3"), STATE("6"), AT_EOF, END };
	struct peer peer;
	struct engine *e = engine_of(&peer, (const struct step *const[]){ calls, NULL });
	struct copy_in_req q = { .container = "c", .dir = "/" };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(engine_copy_in(e, &q, &err), -ERR_UNSUPPORTED);
	assert_string_equal(err.hint, "Start it first: podman start c");
	engine_close(e);
	peer_finish(&peer);
}

/* ---- a stopped one --------------------------------------------------------------------------------------------------- */

static void add(struct tar_writer *w, enum tar_type type, const char *name, const char *text)
{
	struct tar_entry e = { .name = name, .type = type, .mode = type == TAR_DIR ? 0755 : 0640 };

	if (type == TAR_FILE)
		e.size = (int64_t)strlen(text);
	else
		e.link = text;
	assert_int_equal(tar_write_entry(w, &e, NULL), 0);
	if (type == TAR_FILE)
		assert_int_equal(tar_write_data(w, text, strlen(text), NULL), 0);
}

/* An export: names of one file inside and outside of /d, links of all kinds. */
static void make_export(struct buf *to)
{
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	struct byte_sink sink = bytes_to_buf(to);

	assert_int_equal(tar_writer_open(&sink, &w, NULL), 0);
	add(w, TAR_DIR, "a", NULL);
	add(w, TAR_FILE, "a/one", "first");
	add(w, TAR_DIR, "d", NULL);
	add(w, TAR_SYMLINK, "d/abs", "/a/one");
	add(w, TAR_HARDLINK, "d/hard", "a/one");
	add(w, TAR_HARDLINK, "d/hard2", "a/one");
	add(w, TAR_FILE, "d/in", "inside");
	add(w, TAR_HARDLINK, "d/in2", "d/in");
	add(w, TAR_SYMLINK, "d/up", "../d/in");
	add(w, TAR_FILE, "dd", "not this");
	add(w, TAR_SYMLINK, "loop", "loop");
	add(w, TAR_SYMLINK, "to-d", "d");
	assert_int_equal(tar_writer_end(w, NULL), 0);
}

struct exporting {
	struct buf tar;
	char len[64];
	struct step calls[16], receive[5];
};

/* A host of a stopped container that is exported n times. */
static void exporting_init(struct exporting *x, size_t n)
{
	static const struct step export[] = { CALL("ExportContainer"), REPLY("{\"parameters\":{\"tarfile\":\"/t/e\"}}") };
	static const struct step receive[] = { CALL("ReceiveFile"), END, END, AT_EOF, END }, end[] = { AT_EOF, END };
	const struct step info[] = { GET_INFO("1.8.0"), STATE("6") };
	size_t at = ARRAY_LEN(info);

	*x = (struct exporting){ .tar = BUF_INIT(1 << 20) };
	make_export(&x->tar);
	memcpy(x->calls, info, sizeof info);
	for (size_t i = 0; i < n; i++, at += 2)
		memcpy(x->calls + at, export, sizeof export);
	memcpy(x->calls + at, end, sizeof end);
	memcpy(x->receive, receive, sizeof receive);
	snprintf(x->len, sizeof x->len, "{\"parameters\":{\"len\":%zu}}", x->tar.n);
	x->receive[1] = (struct step){ STEP_SEND, x->len, strlen(x->len) + 1 };
	x->receive[2] = (struct step){ STEP_SEND, x->tar.p, x->tar.n };
}

static void a_stopped_container_is_looked_at_in_its_export(void **state)
{
	static const struct {
		const char *path;
		int expect;
		const char *target;
		int64_t size;
		bool is_dir;
	} rows[] = {
		{ "/a/one", 0, "/a/one", 5, false },
		{ "a/one", 0, "/a/one", 5, false },
		{ "/d/abs", 0, "/a/one", 5, false },
		{ "/d/up", 0, "/d/in", 6, false },
		{ "/to-d/in", 0, "/d/in", 6, false },
		{ "/to-d", 0, "/d", 0, true },
		{ "/to-d/", 0, "/d", 0, true },
		{ "/d/.", 0, "/d", 0, true },
		{ "/d/hard", 0, "/d/hard", 5, false },
		{ "/", 0, "/", 0, true },
		{ "/../../d/../a", 0, "/a", 0, true },
		{ "/nope", -ERR_NOT_FOUND, NULL, 0, false },
		{ "/loop", -ERR_NOT_FOUND, NULL, 0, false },
		{ "/a/one/", -ERR_NOT_FOUND, NULL, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct exporting x;
		struct peer peer;
		struct engine *e;
		struct copy_stat st = { 0 };
		int r;

		exporting_init(&x, 1);
		e = engine_of(&peer, (const struct step *const[]){ x.calls, x.receive, NULL });
		r = engine_copy_stat(e, "c", rows[i].path, &st, NULL);
		engine_close(e);
		peer_finish(&peer);
		buf_done(&x.tar);
		if (r != rows[i].expect)
			row_fail(rows[i].path, "%d", r);
		if (r == 0 &&
		    (strcmp(st.link_target, rows[i].target) != 0 || st.size != rows[i].size || st.is_dir != rows[i].is_dir))
			row_fail(rows[i].path, "%s %d %d", st.link_target, (int)st.size, st.is_dir);
		copy_stat_done(&st);
	}
}

/* "name:type:content;" of all entries. */
static int list(struct download *d, struct buf *to, struct error *err)
{
	CLEANUP(tar_reader_close_p) struct tar_reader *t = NULL;
	struct byte_source source = download_source(d);
	struct tar_entry e;
	char piece[64];
	int r = tar_reader_open(&source, &t, err);

	while (r >= 0 && (r = tar_read_entry(t, &e, err)) > 0) {
		ssize_t n = e.type == TAR_FILE ? tar_read_data(t, piece, sizeof piece, err) : 0;

		buf_addf(to, "%s:%c:%.*s%s;", e.name, "fdlhcbp"[e.type], (int)(n > 0 ? n : 0), piece,
			 e.type == TAR_FILE || !e.link ? "" : e.link);
	}
	return r;
}

static void what_is_asked_for_comes_out_of_the_export(void **state)
{
	static const struct {
		const char *path;
		size_t exports;
		int expect;
		const char *entries;
	} rows[] = {
		{ "/a", 1, 0, "a:d:;a/one:f:first;" },
		{ "/a/one", 1, 0, "one:f:first;" },
		{ "/a/.", 1, 0, "one:f:first;" },
		/* A hard link to what stays away is a file, the next one a link to that. */
		{ "/d", 2, 0, "d:d:;d/abs:l:/a/one;d/hard:f:first;d/hard2:h:d/hard;d/in:f:inside;d/in2:h:d/in;d/up:l:../d/in;" },
		{ "/d/hard2", 2, 0, "hard2:f:first;" },
		{ "/nope", 1, -ERR_NOT_FOUND, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf got = BUF_INIT(64 * 1024);
		struct exporting x;
		struct peer peer;
		struct engine *e;
		struct download *d;
		int r;

		exporting_init(&x, rows[i].exports);
		e = engine_of(&peer,
			      (const struct step *const[]){ x.calls, x.receive, rows[i].exports > 1 ? x.receive : NULL, NULL });
		assert_int_equal(engine_copy_out(e, "c", rows[i].path, &d, NULL), 0);
		r = list(d, &got, NULL);
		d->close(d);
		engine_close(e);
		peer_finish(&peer);
		buf_done(&x.tar);
		if (r != rows[i].expect || strcmp(buf_z(&got), rows[i].entries) != 0)
			row_fail(rows[i].path, "%d %s", r, buf_z(&got));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bases),
		cmocka_unit_test(cleaned_names),
		cmocka_unit_test(modes),
		cmocka_unit_test(a_running_container_is_asked_by_a_command),
		cmocka_unit_test(nothing_goes_into_a_container_that_does_not_run),
		cmocka_unit_test(a_stopped_container_is_looked_at_in_its_export),
		cmocka_unit_test(what_is_asked_for_comes_out_of_the_export),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

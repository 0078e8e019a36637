/* Stores on disk: what one writes it reads, nothing is seen before commit, nothing stays of what failed. */
#include "image_fixture.h"

#include <dirent.h>

#include "base/base64.h"

static const struct store_options plain = { .tls_verify = -1 };

static const struct {
	const char *transport, *rest, *read; /* read: NULL: as written */
	bool oci, manifest;
} stores[] = {
	{ "dir", "d", NULL, false, true },
	{ "dir", "d-oci", NULL, true, true },
	{ "oci", "o", NULL, true, true },
	{ "oci", "o2:name", NULL, true, true },
	{ "oci", "o3:name", "o3", true, true },
	{ "oci", "o4:quay.io/ns/name:1.0", "o4:@0", true, true },
	{ "oci-archive", "o.tar", NULL, true, true },
	{ "oci-archive", "o2.tar:name", "o2.tar", true, true },
	{ "docker-archive", "a.tar", NULL, false, false },
	{ "docker-archive", "a2.tar:busybox", "a2.tar:docker.io/library/busybox:latest", false, false },
	{ "docker-archive", "a3.tar:x/y:1", "a3.tar:@0", false, false },
};

static size_t count_entries(const char *folder)
{
	DIR *at = opendir(folder);
	struct dirent *e;
	size_t n = 0;

	if (!at)
		return 0;
	while ((e = readdir(at)))
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(at);
	return n;
}

static void round_trip(size_t i, bool known)
{
	CLEANUP(scratch_done) struct scratch at = SCRATCH_INIT;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(fixture_done) struct fixture f = { 0 };
	CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
	CLEANUP(image_source_close_p) struct image_source *s = NULL;
	CLEANUP(free_p) char *name = NULL;
	CLEANUP(free_p) char *back = NULL;

	assert_int_equal(scratch_open("test", &at, NULL), 0);
	name = fixture_name(stores[i].transport, at.path, stores[i].rest);
	back = fixture_name(stores[i].transport, at.path, stores[i].read ? stores[i].read : stores[i].rest);
	fixture_make(&f, stores[i].oci);
	if (image_destination_open(name, &plain, NULL, &d, &err) < 0 || fixture_write(d, &f, known, &err) < 0 || d->ops->commit(d, &err) < 0)
		row_fail(stores[i].rest, "%s", err.text);
	image_destination_close_p(&d);
	assert_int_equal(count_entries(at.path), 1);
	if (image_source_open(back, &plain, NULL, &s, &err) < 0)
		row_fail(stores[i].rest, "%s", err.text);
	assert_string_equal(s->policy_transport, stores[i].transport);
	fixture_read(s, &f, stores[i].manifest, stores[i].rest);
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stores); i++) {
		round_trip(i, true);
		round_trip(i, false);
	}
}

static void nothing_stays_without_commit(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stores); i++) {
		CLEANUP(scratch_done) struct scratch at = SCRATCH_INIT;
		CLEANUP(fixture_done) struct fixture f = { 0 };
		CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
		CLEANUP(free_p) char *name = NULL;

		assert_int_equal(scratch_open("test", &at, NULL), 0);
		name = fixture_name(stores[i].transport, at.path, stores[i].rest);
		fixture_make(&f, stores[i].oci);
		assert_int_equal(image_destination_open(name, &plain, NULL, &d, NULL), 0);
		assert_int_equal(fixture_write(d, &f, true, NULL), 0);
		image_destination_close_p(&d);
		if (count_entries(at.path))
			row_fail(name, "something is left");
	}
}

/* A blob that is not what its digest or size says is refused, and is not there afterwards. */
static void what_is_wrong_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stores); i++)
		for (int how = 0; how < 4; how++) {
			CLEANUP(scratch_done) struct scratch at = SCRATCH_INIT;
			CLEANUP(error_done) struct error err = ERROR_INIT;
			CLEANUP(fixture_done) struct fixture f = { 0 };
			CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
			CLEANUP(free_p) char *name = NULL;
			struct store_blob b = { .size = -1 };
			struct byte_producer content = { fixture_produce, &f.layers[0].bytes, -1, false };
			char digest[DIGEST_MAX];
			int64_t size;

			assert_int_equal(scratch_open("test", &at, NULL), 0);
			name = fixture_name(stores[i].transport, at.path, stores[i].rest);
			fixture_make(&f, stores[i].oci);
			b.digest = how == 0 ? f.layers[1].digest : how == 3 ? "sha256:../../../../etc/passwd" : f.layers[0].digest;
			if (how == 1 || how == 2)
				b.size = (int64_t)f.layers[0].bytes.n + (how == 1 ? 1 : -1);
			assert_int_equal(image_destination_open(name, &plain, NULL, &d, NULL), 0);
			if (d->ops->put(d, &b, &content, digest, &size, &err) != -ERR_PROTOCOL)
				row_fail(name, "case %d was taken", how);
			if (how < 3)
				assert_int_equal(d->ops->has(d, &b, NULL, &size, NULL), 0);
			image_destination_close_p(&d);
			assert_int_equal(count_entries(at.path), 0);
		}
}

/* The manifest of an image that was there stays until another one is whole. */
static void what_was_there_stays(void **state)
{
	static const char *const kinds[][2] = { { "dir", "d" }, { "oci", "o:name" }, { "oci-archive", "o.tar" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		for (int again = 0; again < 2; again++) {
			CLEANUP(scratch_done) struct scratch at = SCRATCH_INIT;
			CLEANUP(fixture_done) struct fixture f = { 0 }, g = { 0 };
			CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
			CLEANUP(image_source_close_p) struct image_source *s = NULL;
			CLEANUP(free_p) char *name = NULL;

			assert_int_equal(scratch_open("test", &at, NULL), 0);
			name = fixture_name(kinds[i][0], at.path, kinds[i][1]);
			fixture_make(&f, true);
			fixture_make(&g, true);
			buf_done(&g.layers[1].bytes);
			fixture_layer(&g.layers[1], "other", 20);
			buf_add_char(&g.manifest.bytes, '\n');
			digest_of(buf_str(&g.manifest.bytes), g.manifest.digest);
			assert_int_equal(image_destination_open(name, &plain, NULL, &d, NULL), 0);
			assert_int_equal(fixture_write(d, &f, true, NULL), 0);
			assert_int_equal(d->ops->commit(d, NULL), 0);
			image_destination_close_p(&d);

			assert_int_equal(image_destination_open(name, &plain, NULL, &d, NULL), 0);
			assert_int_equal(fixture_put(d, &g.layers[1], NULL, true, NULL), 0);
			assert_int_equal(fixture_write(d, again ? &f : &g, true, NULL), 0);
			if (again)
				assert_int_equal(d->ops->commit(d, NULL), 0);
			image_destination_close_p(&d);
			assert_int_equal(image_source_open(name, &plain, NULL, &s, NULL), 0);
			fixture_read(s, &f, true, name);
		}
}

static void a_folder_of_others_is_left_alone(void **state)
{
	CLEANUP(scratch_done) struct scratch at = SCRATCH_INIT;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
	CLEANUP(free_p) char *file = NULL;
	CLEANUP(free_p) char *name = NULL;

	(void)state;
	assert_int_equal(scratch_open("test", &at, NULL), 0);
	file = path_join(at.path, "thesis.txt");
	name = fixture_name("dir", at.path, "");
	assert_int_equal(path_write_atomic(file, STR("x"), 0644, NULL), 0);
	assert_int_equal(image_destination_open(name, &plain, NULL, &d, &err), -ERR_CONFLICT);
	assert_string_equal(err.text, "not a containers image directory, don't want to overwrite important data");
	assert_int_equal(count_entries(at.path), 1);
}

/* Signatures are binary. */
static void signatures_of_dir(void **state)
{
	CLEANUP(scratch_done) struct scratch at = SCRATCH_INIT;
	CLEANUP(fixture_done) struct fixture f = { 0 };
	CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
	CLEANUP(image_source_close_p) struct image_source *s = NULL;
	CLEANUP(strv_done) struct strv two = { 0 }, got = { 0 };
	CLEANUP(free_p) char *name = NULL;
	struct strv *all = &two;

	(void)state;
	assert_true(strv_add(all, "AAECAwD/") && strv_add(all, "c2Vjb25k"));
	assert_int_equal(scratch_open("test", &at, NULL), 0);
	name = fixture_name("dir", at.path, "d");
	fixture_make(&f, false);
	assert_int_equal(image_destination_open(name, &plain, NULL, &d, NULL), 0);
	assert_int_equal(fixture_write(d, &f, true, NULL), 0);
	assert_int_equal(d->ops->signatures(d, NULL, all, NULL), 0);
	assert_int_equal(d->ops->commit(d, NULL), 0);
	image_destination_close_p(&d);
	assert_int_equal(image_source_open(name, &plain, NULL, &s, NULL), 0);
	assert_int_equal(s->ops->signatures(s, NULL, &got, NULL), 0);
	assert_int_equal(got.n, 2);
	assert_string_equal(got.v[0], two.v[0]);
	assert_string_equal(got.v[1], two.v[1]);
}

/* ---- names ------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name, *text;
	bool source, destination;
} names[] = {
	{ "busybox", "Invalid image name \"busybox\", expected colon-separated transport:reference", true, true },
	{ "xyz:foo", "Invalid image name \"xyz:foo\", unknown transport \"xyz\"", true, true },
	{ "docker:foo", "docker: image reference foo does not start with //", true, true },
	{ "docker://", "invalid reference format", true, true },
	{ "docker://Foo/bar", "invalid reference format: repository name must be lowercase", true, true },
	{ "oci:x:a..b", "Invalid image a..b", true, true },
	{ "oci:x:-a", "Invalid image -a", true, true },
	{ "oci:x:a/", "Invalid image a/", true, true },
	{ "oci:x:@1", "Invalid image @1", false, true },
	{ "oci-archive:x:a b", "Invalid image a b", true, true },
	{ "dir:/there/is/nothing", "lstat /there/is: no such file or directory", true, true },
	{ "docker-archive:", "docker-archive reference  isn't of the form <path>[:<reference>]", true, true },
	{ "docker-archive:x:@y", "Invalid source index @y", true, true },
	{ "docker-archive:x:@-1", "Invalid source index @-1: must not be negative", true, true },
};

static void names_that_lead_nowhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		for (int side = 0; side < 2; side++) {
			CLEANUP(error_done) struct error err = ERROR_INIT;
			CLEANUP(image_source_close_p) struct image_source *s = NULL;
			CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
			int r;

			if (!(side ? names[i].destination : names[i].source))
				continue;
			r = side ? image_destination_open(names[i].name, &plain, NULL, &d, &err) : image_source_open(names[i].name, &plain, NULL, &s, &err);
			if (r != -ERR_USAGE || strcmp(err.text, names[i].text) != 0)
				row_fail(names[i].name, "%d %s", r, err.text);
		}
}

static const struct {
	const char *in, *name, *reference;
} shown[] = {
	{ "docker://busybox", "docker://busybox:latest", "docker.io/library/busybox:latest" },
	{ "docker://docker.io/ns/x:1", "docker://ns/x:1", "docker.io/ns/x:1" },
	{ "docker://localhost:5000/a", "docker://localhost:5000/a:latest", "localhost:5000/a:latest" },
	{ "docker://library/library/x", "docker://library/library/x:latest", "docker.io/library/library/x:latest" },
	{ "docker://quay.io/a/b:1@sha256:0123456789012345678901234567890123456789012345678901234567890123",
	  "docker://quay.io/a/b:1@sha256:0123456789012345678901234567890123456789012345678901234567890123",
	  "quay.io/a/b:1@sha256:0123456789012345678901234567890123456789012345678901234567890123" },
};

static void names_for_people_and_policies(void **state)
{
	struct store_options o = { .tls_verify = -1, .registries_conf = "/dev/null" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(image_source_close_p) struct image_source *s = NULL;
		CLEANUP(image_destination_close_p) struct image_destination *d = NULL;

		if (image_source_open(shown[i].in, &o, NULL, &s, &err) < 0 || image_destination_open(shown[i].in, &o, NULL, &d, &err) < 0)
			row_fail(shown[i].in, "%s", err.text);
		assert_string_equal(s->name, shown[i].name);
		assert_string_equal(s->reference, shown[i].reference);
		assert_string_equal(s->policy_scope, shown[i].reference);
		assert_string_equal(d->name, shown[i].name);
		assert_int_equal(d->fixed_digest, strchr(shown[i].in, '@') != NULL);
	}
}

static void only_registries_delete(void **state)
{
	static const char *const kinds[] = { "dir", "oci", "oci-archive", "docker-archive" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		char name[64], text[128];

		snprintf(name, sizeof name, "%s:x", kinds[i]);
		snprintf(text, sizeof text, "Deleting images not implemented for %s: images", kinds[i]);
		assert_int_equal(image_delete(name, &plain, &err), -ERR_UNSUPPORTED);
		assert_string_equal(err.text, text);
	}
}

/* ---- others' stores ---------------------------------------------------------------------------------------------------- */

static int load(void *ctx, const struct byte_producer *archive, struct error *err)
{
	struct byte_sink to = bytes_to_buf(ctx);

	assert_true(archive->length > 0);
	return producer_run(archive, &to, err);
}

struct reading {
	struct str left;
};

static ssize_t read_some(void *ctx, void *p, size_t n, struct error *err)
{
	struct reading *r = ctx;

	(void)err;
	n = n < r->left.n ? n : r->left.n;
	if (n)
		memcpy(p, r->left.p, n);
	r->left = (struct str){ r->left.p + n, r->left.n - n };
	return (ssize_t)n;
}

static void a_host_loads_and_saves_archives(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(fixture_done) struct fixture f = { 0 };
	CLEANUP(buf_done) struct buf archive = BUF_INIT(1 << 23);
	CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
	CLEANUP(image_source_close_p) struct image_source *s = NULL;
	struct reading reading;
	struct byte_source stream = { read_some, &reading, -1 };

	(void)state;
	fixture_make(&f, false);
	assert_int_equal(image_destination_to_archive("containers-storage:busybox", "busybox", load, &archive, &d, NULL), 0);
	assert_int_equal(fixture_write(d, &f, true, NULL), 0);
	assert_int_equal(archive.n, 0);
	if (d->ops->commit(d, &err) < 0)
		fail_msg("%s", err.text);
	reading.left = buf_str(&archive);
	if (image_source_of_archive("containers-storage:busybox", &stream, &s, &err) < 0)
		fail_msg("%s", err.text);
	fixture_read(s, &f, false, "archive of a host");
	/* Cut off in the middle. */
	image_source_close_p(&s);
	reading.left = (struct str){ archive.p, archive.n / 2 };
	assert_int_equal(image_source_of_archive("containers-storage:busybox", &stream, &s, &err), -ERR_PROTOCOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(nothing_stays_without_commit),
		cmocka_unit_test(what_is_wrong_is_refused),
		cmocka_unit_test(what_was_there_stays),
		cmocka_unit_test(a_folder_of_others_is_left_alone),
		cmocka_unit_test(signatures_of_dir),
		cmocka_unit_test(names_that_lead_nowhere),
		cmocka_unit_test(names_for_people_and_policies),
		cmocka_unit_test(only_registries_delete),
		cmocka_unit_test(a_host_loads_and_saves_archives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

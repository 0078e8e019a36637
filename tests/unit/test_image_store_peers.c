/* Stores against others' programs: the distribution's docker-registry, and skopeo, which reads what we wrote and writes what we read. Skipped, with the reason,
 * where these are not installed. */
#include "image_fixture.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/proc.h"

static const char script[] = "set -u\n"
			     ". \"$1/hosts.sh\"; . \"$1/registry.sh\"\n"
			     "registry_can_run || { echo \"skip $registry_why\"; exit 0; }\n"
			     "trap hosts_end EXIT; hosts_new\n"
			     "registry_start plain plain || { echo \"fail $(tail -n 3 \"$registry_dir\"/*log)\"; exit 1; }\n"
			     "echo \"host $registry_host\"; echo ready; cat >/dev/null\n";

static struct {
	char host[64], why[512]; /* host: "" with why when there is no registry */
	struct scratch at;
} lab = { .at = SCRATCH_INIT };

static struct store_options options = { .tls_verify = 0, .registries_conf = "/dev/null" };

static void need_registry(void)
{
	if (lab.host[0])
		return;
	print_message("no registry: %s\n", lab.why);
	skip();
}

/* Fails the row when the program does. */
static void run_skopeo(const char *row, const char *a, const char *b, const char *c, const char *d, const char *e)
{
	CLEANUP(buf_done) struct buf errs = BUF_INIT(64 * 1024);
	char *argv[] = { (char[]){ "skopeo" }, (char[]){ "--insecure-policy" }, (char *)(uintptr_t)a, (char *)(uintptr_t)b, (char *)(uintptr_t)c,
			 (char *)(uintptr_t)d, (char *)(uintptr_t)e, NULL };
	int status = -1;

	if (proc_capture(argv, 0, NULL, &errs, &status, NULL) < 0 || status != 0)
		row_fail(row, "skopeo %s: %s", a, buf_z(&errs));
}

static void need_skopeo(void)
{
	char *argv[] = { (char[]){ "skopeo" }, (char[]){ "--version" }, NULL };
	int status = -1;

	if (proc_capture(argv, 0, NULL, NULL, &status, NULL) == 0 && status == 0)
		return;
	print_message("skopeo is not installed\n");
	skip();
}

static char *docker_name(const char *rest)
{
	char *name;

	assert_true(asprintf(&name, "docker://%s/%s", lab.host, rest) > 0);
	return name;
}

static char *with_digest(const char *tagged, const char *digest)
{
	const char *colon = strrchr(tagged, ':');
	char *name = NULL;

	assert_non_null(colon);
	assert_true(asprintf(&name, "%.*s@%s", (int)(colon - tagged), tagged, digest) > 0);
	return name;
}

static struct image_destination *destination(const char *name)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct image_destination *d = NULL;

	if (image_destination_open(name, &options, NULL, &d, &err) < 0)
		row_fail(name, "%s", err.text);
	return d;
}

static struct image_source *source(const char *name)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct image_source *s = NULL;

	if (image_source_open(name, &options, NULL, &s, &err) < 0)
		row_fail(name, "%s", err.text);
	return s;
}

static void write_image(const char *name, struct fixture *f, bool known)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(image_destination_close_p) struct image_destination *d = destination(name);

	if (fixture_write(d, f, known, &err) < 0 || d->ops->commit(d, &err) < 0)
		row_fail(name, "%s", err.text);
}

static void read_image(const char *name, const struct fixture *f, bool manifest)
{
	CLEANUP(image_source_close_p) struct image_source *s = source(name);

	fixture_read(s, f, manifest, name);
}

/* ---- a registry -------------------------------------------------------------------------------------------------------- */

static void a_registry_keeps_images(void **state)
{
	(void)state;
	need_registry();
	for (int known = 0; known < 2; known++) {
		CLEANUP(fixture_done) struct fixture f = { 0 };
		CLEANUP(free_p) char *name = docker_name(known ? "store/known:1" : "store/unknown:1");
		CLEANUP(free_p) char *by_digest = NULL;
		CLEANUP(image_source_close_p) struct image_source *s = NULL;
		CLEANUP(strv_done) struct strv tags = { 0 };

		fixture_make(&f, known);
		write_image(name, &f, known);
		read_image(name, &f, true);
		by_digest = with_digest(name, f.manifest.digest);
		read_image(by_digest, &f, true);
		s = source(name);
		assert_int_equal(s->ops->tags(s, &tags, NULL), 0);
		assert_int_equal(tags.n, 1);
		assert_string_equal(tags.v[0], "1");
	}
}

static void blobs_are_mounted_from_next_door(void **state)
{
	CLEANUP(fixture_done) struct fixture f = { 0 };
	CLEANUP(free_p) char *first = NULL;
	CLEANUP(free_p) char *second = NULL;
	CLEANUP(free_p) char *from = NULL;
	CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
	struct store_blob b = { .size = -1 };
	int64_t size = 0;

	(void)state;
	need_registry();
	fixture_make(&f, false);
	first = docker_name("mount/a:1");
	second = docker_name("mount/b:1");
	write_image(first, &f, true);
	assert_true(asprintf(&from, "%s/mount/a", lab.host) > 0);
	d = destination(second);
	b.digest = f.layers[0].digest;
	b.size = (int64_t)f.layers[0].bytes.n;
	assert_int_equal(d->ops->has(d, &b, NULL, &size, NULL), 0);
	assert_int_equal(d->ops->has(d, &b, "elsewhere.example/mount/a", &size, NULL), 0);
	assert_int_equal(d->ops->has(d, &b, from, &size, NULL), 1);
	assert_int_equal(size, b.size);
	assert_int_equal(d->ops->has(d, &b, NULL, &size, NULL), 1);
}

struct worker {
	struct image_destination *to;
	struct image_source *from;
	const struct fixture *f;
	unsigned number;
	struct error err;
	bool failed;
	pthread_t thread;
};

/* Every thread sends blobs of its own: docker-registry may stumble over one that is written again while it is read. */
static bool put_own(struct worker *w, unsigned i)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT(1 << 20);
	struct byte_producer content = { fixture_produce, &bytes, -1, true };
	struct store_blob b = { .size = -1 };
	char digest[DIGEST_MAX], expected[DIGEST_MAX];
	int64_t size;

	for (unsigned k = 0; k < 20000; k++)
		buf_addf(&bytes, "%u %u %u\n", w->number, i, k);
	digest_of(buf_str(&bytes), expected);
	if (i % 2) {
		b.digest = expected;
		b.size = content.length = (int64_t)bytes.n;
	}
	return w->to->ops->put(w->to, &b, &content, digest, &size, &w->err) == 0 && strcmp(digest, expected) == 0 && size == (int64_t)bytes.n;
}

static bool get_shared(struct worker *w, unsigned i)
{
	const struct fixture_blob *f = &w->f->layers[i % FIXTURE_LAYERS];
	struct store_blob b = { .digest = f->digest, .size = (int64_t)f->bytes.n };
	CLEANUP(buf_done) struct buf got = BUF_INIT(1 << 23);
	struct byte_sink sink = bytes_to_buf(&got);

	return w->from->ops->blob(w->from, &b, &sink, &w->err) == 0 && str_eq(buf_str(&got), (struct str){ f->bytes.p, f->bytes.n });
}

static void *work(void *ctx)
{
	struct worker *w = ctx;

	for (unsigned i = 0; i < 4 && !w->failed; i++)
		w->failed = !put_own(w, i) || !get_shared(w, i);
	return NULL;
}

static void several_threads_use_one_store(void **state)
{
	CLEANUP(fixture_done) struct fixture f = { 0 };
	CLEANUP(free_p) char *name = NULL;
	CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
	CLEANUP(image_source_close_p) struct image_source *s = NULL;
	struct worker workers[6];

	(void)state;
	need_registry();
	fixture_make(&f, false);
	name = docker_name("threads/a:1");
	write_image(name, &f, true);
	d = destination(name);
	s = source(name);
	assert_true(d->parallel && s->parallel);
	for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
		workers[i] = (struct worker){ .to = d, .from = s, .f = &f, .number = (unsigned)i };
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(workers); i++)
		pthread_join(workers[i].thread, NULL);
	for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
		CLEANUP(error_done) struct error err = workers[i].err;

		if (workers[i].failed)
			fail_msg("%s", err.text ? err.text : "other bytes");
	}
}

static int produce_failure(void *ctx, const struct byte_sink *to, struct error *err)
{
	const struct buf *b = ctx;
	int r = sink_write(to, b->p, b->n / 2, err);

	return r < 0 ? r : error_set(err, ERR_CONNECT, "the other side went away");
}

/* An error of the source comes out of put as it was. */
static void a_source_that_breaks_is_told(void **state)
{
	CLEANUP(fixture_done) struct fixture f = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *name = NULL;
	CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
	struct byte_producer content = { produce_failure, &f.layers[0].bytes, -1, false };
	struct store_blob b = { .size = -1 };
	char digest[DIGEST_MAX];
	int64_t size;

	(void)state;
	need_registry();
	fixture_make(&f, false);
	name = docker_name("broken/a:1");
	d = destination(name);
	for (int known = 0; known < 2; known++) {
		b.digest = known ? f.layers[0].digest : NULL;
		b.size = content.length = known ? (int64_t)f.layers[0].bytes.n : -1;
		error_clear(&err);
		assert_true(d->ops->put(d, &b, &content, digest, &size, &err) < 0);
		if (!strstr(err.text, "the other side went away"))
			fail_msg("%s", err.text);
	}
	b = (struct store_blob){ .digest = f.layers[0].digest, .size = -1 };
	assert_int_equal(d->ops->has(d, &b, NULL, &size, NULL), 0);
}

static void signatures_lie_beside_the_registry(void **state)
{
	CLEANUP(fixture_done) struct fixture f = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *name = NULL;
	CLEANUP(free_p) char *folder = path_join(lab.at.path, "registries.d");
	CLEANUP(free_p) char *file = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
	CLEANUP(image_destination_close_p) struct image_destination *d = NULL;
	CLEANUP(image_source_close_p) struct image_source *s = NULL;
	CLEANUP(strv_done) struct strv wrote = { 0 }, got = { 0 };

	(void)state;
	need_registry();
	fixture_make(&f, false);
	name = docker_name("signed/a:1");
	assert_int_equal(path_make_dirs(folder, 0700, NULL), 0);
	file = path_join(folder, "test.yaml");
	buf_addf(&text, "docker:\n  %s/signed:\n    lookaside: file://%s/sigs/\n  %s:\n    lookaside: file:///nowhere\n", lab.host, lab.at.path, lab.host);
	assert_int_equal(path_write_atomic(file, buf_str(&text), 0600, NULL), 0);
	options.registries_d = folder;
	d = destination(name);
	assert_int_equal(fixture_write(d, &f, true, NULL), 0);
	assert_true(strv_add(&wrote, "AAEC") && strv_add(&wrote, "AAED"));
	if (d->ops->signatures(d, NULL, &wrote, &err) < 0)
		fail_msg("%s", err.text);
	s = source(name);
	if (s->ops->signatures(s, NULL, &got, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(got.n, 2);
	assert_string_equal(got.v[1], "AAED");
	/* Fewer than before: what is left over goes. */
	strv_clear(&got);
	strv_clear(&wrote);
	assert_true(strv_add(&wrote, "AAEF"));
	assert_int_equal(d->ops->signatures(d, NULL, &wrote, NULL), 0);
	assert_int_equal(s->ops->signatures(s, NULL, &got, NULL), 0);
	assert_int_equal(got.n, 1);

	if (image_delete(name, &options, &err) < 0)
		fail_msg("%s", err.text);
	strv_clear(&got);
	assert_int_equal(s->ops->signatures(s, NULL, &got, NULL), 0);
	assert_int_equal(got.n, 0);
	assert_int_equal(image_delete(name, &options, &err), -ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "Image may not exist or is not stored with a v2 Schema in a v2 registry"));
	options.registries_d = NULL;
}

/* A mirror that has nothing is passed over, and named when all fail. */
static void mirrors_come_first(void **state)
{
	CLEANUP(fixture_done) struct fixture f = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	CLEANUP(free_p) char *name = NULL;
	CLEANUP(free_p) char *file = path_join(lab.at.path, "registries.conf");
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
	CLEANUP(image_source_close_p) struct image_source *s = NULL, *missing = NULL;

	(void)state;
	need_registry();
	fixture_make(&f, false);
	name = docker_name("mirrored/a:1");
	write_image(name, &f, true);
	buf_addf(&text, "[[registry]]\nprefix = \"mirrors.invalid\"\nlocation = \"127.0.0.1:1\"\n[[registry.mirror]]\nlocation = \"%s/empty\"\ninsecure = true\n"
			"[[registry.mirror]]\nlocation = \"%s/mirrored\"\ninsecure = true\n", lab.host, lab.host);
	assert_int_equal(path_write_atomic(file, buf_str(&text), 0600, NULL), 0);
	options.registries_conf = file;
	s = source("docker://mirrors.invalid/a:1");
	fixture_read(s, &f, true, "from a mirror");
	missing = source("docker://mirrors.invalid/b:1");
	assert_true(missing->ops->manifest(missing, NULL, &m, &err) < 0);
	if (!strstr(err.text, "(Mirrors also failed: [") || !strstr(err.text, "/mirrored/b:1: reading manifest 1 in"))
		fail_msg("%s", err.text);
	options.registries_conf = "/dev/null";
}

/* ---- skopeo ------------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *transport, *rest;
	bool oci;
} kinds[] = {
	{ "dir", "dir", false },
	{ "dir", "dir-oci", true },
	{ "oci", "layout:name", true },
	{ "oci", "layout2", true },
	{ "oci-archive", "layout.tar:name", true },
	{ "oci-archive", "layout2.tar", true },
	{ "docker-archive", "archive.tar:x/y:1", false },
	{ "docker-archive", "archive2.tar", false },
	{ "docker", "skopeo/a:1", false },
	{ "docker", "skopeo/b:1", true },
};

/* One as name, the other as dir:, whose files can be compared. */
static void each_kind(const char *prefix, void (*try)(const char *name, const char *folder, const char *row, struct fixture *f))
{
	need_skopeo();
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		CLEANUP(scratch_done) struct scratch at = SCRATCH_INIT;
		CLEANUP(fixture_done) struct fixture f = { 0 };
		CLEANUP(free_p) char *name = NULL;
		CLEANUP(free_p) char *folder = NULL;
		CLEANUP(free_p) char *rest = NULL;

		if (strcmp(kinds[i].transport, "docker") == 0 && !lab.host[0])
			continue;
		assert_int_equal(scratch_open("test", &at, NULL), 0);
		assert_true(asprintf(&rest, "%s-%s", prefix, kinds[i].rest) > 0);
		name = strcmp(kinds[i].transport, "docker") == 0 ? docker_name(rest) : fixture_name(kinds[i].transport, at.path, rest);
		folder = fixture_name("dir", at.path, "compare");
		fixture_make(&f, kinds[i].oci);
		try(name, folder, kinds[i].rest, &f);
	}
}

static bool made_anew(const char *name)
{
	return strncmp(name, "docker-archive:", 15) == 0;
}

static void ours_then_skopeo(const char *name, const char *folder, const char *row, struct fixture *f)
{
	write_image(name, f, true);
	run_skopeo(row, "copy", "--src-tls-verify=false", "--preserve-digests", name, folder);
	read_image(folder, f, !made_anew(name));
}

static void skopeo_reads_what_we_wrote(void **state)
{
	(void)state;
	each_kind("ours", ours_then_skopeo);
}

/* Registries and layouts get their layers compressed by skopeo: what comes back is another image, but a whole one. */
static void read_whole(const char *name)
{
	CLEANUP(image_source_close_p) struct image_source *s = source(name);
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	struct json_object *layers;
	enum manifest_kind kind;

	assert_int_equal(s->ops->manifest(s, NULL, &m, NULL), 0);
	assert_int_equal(manifest_read(buf_str(&m.bytes), m.type, &doc, &kind, NULL), 0);
	layers = js_get(doc, "layers");
	assert_int_equal(js_len(layers), FIXTURE_LAYERS);
	for (size_t i = 0; i <= js_len(layers); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(buf_done) struct buf got = BUF_INIT(1 << 23);
		struct byte_sink sink = bytes_to_buf(&got);
		struct manifest_blob m_blob;
		struct store_blob b;

		assert_int_equal(manifest_blob_read(i < js_len(layers) ? js_at(layers, i) : js_get(doc, "config"), &m_blob, NULL), 0);
		b = (struct store_blob){ .digest = m_blob.digest, .size = m_blob.size };
		if (s->ops->blob(s, &b, &sink, &err) < 0)
			row_fail(name, "%s", err.text);
	}
}

static void skopeo_then_ours(const char *name, const char *folder, const char *row, struct fixture *f)
{
	write_image(folder, f, true);
	run_skopeo(row, "copy", "--dest-tls-verify=false", "-q", folder, name);
	if (made_anew(name) || strncmp(name, "dir:", 4) == 0)
		read_image(name, f, !made_anew(name));
	else
		read_whole(name);
}

static void we_read_what_skopeo_wrote(void **state)
{
	(void)state;
	each_kind("theirs", skopeo_then_ours);
}

static void read_file(const char *folder, const char *name, struct buf *ret)
{
	CLEANUP(free_p) char *path = path_join(folder, name);

	*ret = BUF_INIT(1 << 23);
	assert_int_equal(path_read(path, ret, NULL), 0);
	assert_true(ret->n > 0);
}

/* The same image in the same order gives the same archive. */
static void archives_equal_byte_for_byte(void **state)
{
	CLEANUP(scratch_done) struct scratch at = SCRATCH_INIT;
	CLEANUP(fixture_done) struct fixture f = { 0 };
	CLEANUP(free_p) char *folder = NULL;
	CLEANUP(free_p) char *ours = NULL;
	CLEANUP(free_p) char *theirs = NULL;
	CLEANUP(buf_done) struct buf a = BUF_INIT(0), b = BUF_INIT(0);

	(void)state;
	need_skopeo();
	assert_int_equal(scratch_open("test", &at, NULL), 0);
	fixture_make(&f, false);
	folder = fixture_name("dir", at.path, "d");
	ours = fixture_name("docker-archive", at.path, "ours.tar:localhost:5000/x/y:1");
	theirs = fixture_name("docker-archive", at.path, "theirs.tar:localhost:5000/x/y:1");
	write_image(ours, &f, true);
	run_skopeo("archive", "copy", "-q", ours, folder, NULL);
	/* skopeo copies several layers at once: from an archive it takes one after the other. */
	run_skopeo("archive", "copy", "-q", ours, theirs, NULL);
	read_file(at.path, "ours.tar", &a);
	read_file(at.path, "theirs.tar", &b);
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.p, b.p, a.n);
}

/* ---- the lab ----------------------------------------------------------------------------------------------------------- */

static int read_lab(int fd)
{
	CLEANUP(buf_done) struct buf in = BUF_INIT(64 * 1024);
	char piece[1024];
	ssize_t n;

	while (!strstr(buf_z(&in), "ready\n") && (n = read(fd, piece, sizeof piece)) > 0)
		buf_add_bytes(&in, piece, (size_t)n);
	if (sscanf(buf_z(&in), "skip %511[^\n]", lab.why) == 1 || sscanf(buf_z(&in), "host %63s", lab.host) == 1)
		return 0;
	printf("the registry did not start: %s\n", buf_z(&in));
	return 1;
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_registry_keeps_images),
		cmocka_unit_test(blobs_are_mounted_from_next_door),
		cmocka_unit_test(several_threads_use_one_store),
		cmocka_unit_test(a_source_that_breaks_is_told),
		cmocka_unit_test(signatures_lie_beside_the_registry),
		cmocka_unit_test(mirrors_come_first),
		cmocka_unit_test(skopeo_reads_what_we_wrote),
		cmocka_unit_test(we_read_what_skopeo_wrote),
		cmocka_unit_test(archives_equal_byte_for_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char[sizeof script]){ 0 }, (char[]){ "sh" }, (char[]){ TEST_DATA "/../system" }, NULL };
	pid_t pid;
	int fd, status;

	memcpy(argv[2], script, sizeof script);
	if (scratch_open("peers", &lab.at, NULL) < 0 || proc_bridge(argv, &fd, &pid, NULL) < 0)
		return 1;
	/* Nothing of this machine's own configuration counts. */
	setenv("HOME", lab.at.path, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv("REGISTRY_AUTH_FILE");
	status = read_lab(fd);
	if (status == 0)
		status = run_all();
	shutdown(fd, SHUT_WR);
	while (read(fd, &(char){ 0 }, 1) > 0)
		;
	close(fd);
	waitpid(pid, NULL, 0);
	scratch_done(&lab.at);
	return status;
}

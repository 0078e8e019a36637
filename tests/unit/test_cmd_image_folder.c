/* Folders that hold an image, on their way to a host: which kind they are, and what becomes of a docker-dir. */
#include <stdio.h>
#include <sys/stat.h>

#include "unit.h"

#include "archive/tar.h"
#include "base/digest.h"
#include "base/js.h"
#include "base/path.h"
#include "base/scratch.h"
#include "base/strv.h"
#include "cmd/podman/archive_in.h"
#include "cmd/podman/image_folder.h"

#define ARCHIVE_MAX (1024 * 1024)
#define SHA_CONFIG "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" /* of "{}" */
#define SHA_LAYER "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"  /* of "x" */

static void put(const char *dir, const char *name, const char *text)
{
	CLEANUP(free_p) char *path = path_join(dir, name);

	assert_int_equal(path_write_atomic(path, str_from(text), 0644, NULL), 0);
}

static void test_kind(void **state)
{
	static const struct {
		const char *file, *text;
		int r;
		bool docker;
	} rows[] = {
		{ "notes", "x", -ERR_USAGE, false },
		{ "manifest.json", "{\"schemaVersion\":2}", 0, true },
		{ "manifest.json", " \n[{\"Config\":\"a.json\"}]", 0, false }, /* an unpacked docker-archive */
		{ "index.json", "{}", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(scratch_done) struct scratch dir = SCRATCH_INIT;
		bool docker = false;

		assert_int_equal(scratch_open("unit", &dir, NULL), 0);
		put(dir.path, rows[i].file, rows[i].text);
		if (image_folder_kind(dir.path, &docker, NULL) != rows[i].r || docker != rows[i].docker)
			row_fail(rows[i].text, "docker-dir: %d", docker);
	}
}

/* Names and contents of a tar as "name=content". */
static void list(struct str tar, struct strv *ret)
{
	CLEANUP(buf_done) struct buf in = BUF_INIT(ARCHIVE_MAX);
	CLEANUP(tar_reader_close_p) struct tar_reader *r = NULL;
	struct byte_source source;
	struct tar_entry e;
	FILE *f = tmpfile();
	int fd = fileno(f);

	assert_int_equal(fwrite(tar.p, 1, tar.n, f), tar.n);
	rewind(f);
	source = bytes_from_fd(&fd, -1);
	assert_int_equal(tar_reader_open(&source, &r, NULL), 0);
	while (tar_read_entry(r, &e, NULL) == 1) {
		char data[1024];
		ssize_t n = tar_read_data(r, data, sizeof data, NULL);

		assert_true(n >= 0);
		assert_true(strv_addf(ret, "%s=%.*s", e.name, (int)n, data));
	}
	fclose(f);
}

static void docker_dir(const char *dir, const char *manifest)
{
	put(dir, "version", "Directory Transport Version: 1.1\n");
	put(dir, SHA_CONFIG, "{}");
	put(dir, SHA_LAYER, "x");
	put(dir, "manifest.json", manifest);
}

#define MANIFEST                                                                                                                 \
	"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"config\":{\"digest\":\"sha256:" SHA_CONFIG \
	"\"},\"layers\":[{\"digest\":\"sha256:" SHA_LAYER "\"},{\"digest\":\"sha256:" SHA_LAYER "\"}]}"

/* Every file once, each in its place, the manifest byte for byte. */
static void test_docker(void **state)
{
	CLEANUP(scratch_done) struct scratch dir = SCRATCH_INIT;
	CLEANUP(buf_done) struct buf tar = BUF_INIT(ARCHIVE_MAX), manifest = BUF_INIT(8192), index = BUF_INIT(8192);
	CLEANUP(strv_done) struct strv files = { 0 };
	struct byte_sink sink = bytes_to_buf(&tar);
	char digest[DIGEST_MAX];

	(void)state;
	assert_int_equal(scratch_open("unit", &dir, NULL), 0);
	docker_dir(dir.path, MANIFEST);
	assert_int_equal(image_folder_docker(dir.path, &sink, NULL), 0);
	list(buf_str(&tar), &files);
	digest_of(STR(MANIFEST), digest);
	buf_addf(&manifest, "blobs/sha256/%s=%s", digest + strlen("sha256:"), MANIFEST);
	buf_addf(&index,
		 "index.json={\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"digest\":\"%s\","
		 "\"size\":%zu}]}",
		 digest, strlen(MANIFEST));
	assert_int_equal(files.n, 5);
	assert_true(strv_has(&files, "blobs/sha256/" SHA_CONFIG "={}"));
	assert_true(strv_has(&files, "blobs/sha256/" SHA_LAYER "=x"));
	assert_true(strv_has(&files, "oci-layout={\"imageLayoutVersion\":\"1.0.0\"}"));
	assert_true(strv_has(&files, buf_z(&manifest)));
	assert_true(strv_has(&files, buf_z(&index)));
}

static void test_docker_refused(void **state)
{
	static const struct {
		const char *manifest, *says;
	} rows[] = {
		{ "{", "manifest.json" },
		{ "{}", "is no manifest of an image" },
		{ "{\"config\":{\"digest\":\"sha256:../../etc/passwd\"}}", "has a digest" },
		{ "{\"config\":{}}", "has a digest" },
		{ "{\"config\":{\"digest\":\"sha256:" SHA_CONFIG "\"},\"mediaType\":\"a\\\"b\"}", "is no manifest of an image" },
		{ "{\"config\":{\"digest\":\"sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\"}}", "No such file" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(scratch_done) struct scratch dir = SCRATCH_INIT;
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(buf_done) struct buf tar = BUF_INIT(ARCHIVE_MAX);
		struct byte_sink sink = bytes_to_buf(&tar);

		assert_int_equal(scratch_open("unit", &dir, NULL), 0);
		docker_dir(dir.path, rows[i].manifest);
		if (image_folder_docker(dir.path, &sink, &err) >= 0 || !strstr(err.text, rows[i].says))
			row_fail(rows[i].manifest, "%s", err.text ? err.text : "taken");
	}
}

/* A regular file has a length and can be read twice; an empty one is refused before a host is asked. */
static void test_archive_in(void **state)
{
	CLEANUP(scratch_done) struct scratch dir = SCRATCH_INIT;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(archive_in_done) struct archive_in in = ARCHIVE_IN_INIT, none = ARCHIVE_IN_INIT, folder = ARCHIVE_IN_INIT;
	CLEANUP(free_p) char *file = NULL, *empty = NULL;

	(void)state;
	assert_int_equal(scratch_open("unit", &dir, NULL), 0);
	file = path_join(dir.path, "file");
	empty = path_join(dir.path, "empty");
	put(dir.path, "file", "an archive, or so");
	put(dir.path, "empty", "");
	assert_int_equal(archive_in_open(file, ARCHIVE_OF_IMAGES, &in, NULL), 0);
	assert_int_equal(in.producer.length, strlen("an archive, or so"));
	for (int i = 0; i < 3; i++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT(ARCHIVE_MAX);
		struct byte_sink sink = bytes_to_buf(&b);

		assert_int_equal(producer_run(&in.producer, &sink, NULL), 0);
		assert_string_equal(buf_z(&b), "an archive, or so");
	}
	assert_int_equal(archive_in_open(empty, ARCHIVE_OF_IMAGES, &none, &err), -ERR_PROTOCOL);
	assert_int_equal(archive_in_open(dir.path, ARCHIVE_OF_FILES, &folder, &err), -ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kind),	       cmocka_unit_test(test_docker),
		cmocka_unit_test(test_docker_refused), cmocka_unit_test(test_archive_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

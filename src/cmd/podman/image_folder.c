#include "cmd/podman/image_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/tar.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/fd.h"
#include "base/js.h"
#include "base/path.h"
#include "base/strv.h"

#define DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"

static bool has(const char *dir, const char *name)
{
	CLEANUP(free_p) char *path = path_join(dir, name);
	struct stat st;

	return path && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* An unpacked docker-archive, which other clients leave for docker-dir, has a list of images there. */
static int manifest_is_list(const char *dir, bool *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(IMAGE_FOLDER_MANIFEST_MAX);
	CLEANUP(free_p) char *path = path_join(dir, "manifest.json");
	int r = path ? path_read(path, &text, err) : error_set(err, ERR_SYSTEM, "out of memory");

	*ret = str_starts(str_trim(buf_str(&text)), STR("["));
	return r;
}

int image_folder_kind(const char *dir, bool *ret_docker, struct error *err)
{
	bool list;
	int r;

	*ret_docker = false;
	if (has(dir, "index.json"))
		return 0;
	if (has(dir, "manifest.json")) {
		r = manifest_is_list(dir, &list, err);
		*ret_docker = r == 0 && !list;
		return r;
	}
	return error_set(err, ERR_USAGE, "%s is a directory without an image: it has neither index.json (oci-dir) nor manifest.json (docker-dir)", dir);
}

int image_folder_plain(const char *dir, const struct byte_sink *to, struct error *err)
{
	CLEANUP(tar_writer_close_p) struct tar_writer *w = NULL;
	int r = tar_writer_open(to, &w, err);

	if (r < 0 || (r = pack_tree(w, &(struct pack_req){ .dir = dir }, NULL, err)) < 0)
		return r;
	return tar_writer_end(w, err);
}

/* ---- docker-dir ---- */

struct folder {
	const char *dir;
	struct tar_writer *w;
	struct strv written; /* digests: layers may repeat */
};

static void folder_done(struct folder *f)
{
	tar_writer_close_p(&f->w);
	strv_done(&f->written);
}

static int add_text(struct folder *f, const char *name, struct str text, struct error *err)
{
	int r = tar_write_entry(f->w, &(struct tar_entry){ .name = name, .type = TAR_FILE, .mode = 0644, .size = (int64_t)text.n }, err);

	return r < 0 ? r : tar_write_data(f->w, text.p, text.n, err);
}

static int write_data(void *ctx, const void *p, size_t n, struct error *err)
{
	return tar_write_data(ctx, p, n, err);
}

static int add_open_file(struct folder *f, const char *name, const int *fd, struct error *err)
{
	struct byte_sink sink = { .write = write_data, .ctx = f->w };
	struct byte_source source;
	struct stat st;
	int r;

	if (fstat(*fd, &st) < 0)
		return error_set_errno(err, "stat");
	source = bytes_from_fd(fd, (int64_t)st.st_size);
	r = tar_write_entry(f->w, &(struct tar_entry){ .name = name, .type = TAR_FILE, .mode = 0644, .size = (int64_t)st.st_size }, err);
	return r < 0 ? r : bytes_copy(&source, &sink, NULL, err);
}

/* blobs/ALGORITHM/HEX out of the file HEX. */
static int add_blob(struct folder *f, struct json_object *descriptor, struct error *err)
{
	const char *digest = js_get_str(descriptor, "digest", "");
	CLEANUP(buf_done) struct buf name = BUF_INIT(512);
	CLEANUP(free_p) char *path = NULL;
	CLEANUP(fd_close_p) int fd = -1;
	struct str algorithm, hex;

	if (!digest_valid(str_from(digest)))
		return error_set(err, ERR_PROTOCOL, "manifest.json has a digest \"%s\"", digest);
	if (strv_has(&f->written, digest))
		return 0;
	str_cut(str_from(digest), ':', &algorithm, &hex);
	buf_addf(&name, "blobs/%.*s/%.*s", STR_ARG(algorithm), STR_ARG(hex));
	path = path_join(f->dir, hex.p);
	if (!path || !strv_add(&f->written, digest))
		return error_set(err, ERR_SYSTEM, "out of memory");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set_errno(err, "open %s", path);
	return add_open_file(f, buf_z(&name), &fd, err);
}

static int add_blobs(struct folder *f, struct json_object *manifest, struct error *err)
{
	struct json_object *layers = js_get(manifest, "layers");
	int r = add_blob(f, js_get(manifest, "config"), err);

	for (size_t i = 0; r == 0 && i < js_len(layers); i++)
		r = add_blob(f, js_at(layers, i), err);
	return r;
}

static int add_index(struct folder *f, struct str manifest, const char *type, struct error *err)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(512), index = BUF_INIT(4096);
	char digest[DIGEST_MAX];
	int r;

	digest_of(manifest, digest);
	buf_addf(&name, "blobs/sha256/%s", digest + strlen("sha256:"));
	buf_addf(&index, "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu}]}", type, digest, manifest.n);
	r = buf_check(&index, "index.json", err);
	if (r < 0 || (r = add_text(f, buf_z(&name), manifest, err)) < 0 || (r = add_text(f, "oci-layout", STR("{\"imageLayoutVersion\":\"1.0.0\"}"), err)) < 0)
		return r;
	return add_text(f, "index.json", buf_str(&index), err);
}

static bool plain_type(const char *type)
{
	return strspn(type, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.+-_") == strlen(type);
}

int image_folder_docker(const char *dir, const struct byte_sink *to, struct error *err)
{
	CLEANUP(folder_done) struct folder f = { .dir = dir };
	CLEANUP(buf_done) struct buf text = BUF_INIT(IMAGE_FOLDER_MANIFEST_MAX);
	CLEANUP(free_p) char *path = path_join(dir, "manifest.json");
	CLEANUP(js_put_p) struct json_object *manifest = NULL;
	const char *type;
	int r;

	if (!path)
		return error_set(err, ERR_SYSTEM, "out of memory");
	if ((r = path_read(path, &text, err)) < 0 || (r = js_parse(buf_str(&text), path, &manifest, err)) < 0)
		return r;
	type = js_get_str(manifest, "mediaType", DOCKER_MANIFEST);
	if (!js_get(manifest, "config") || !plain_type(type))
		return error_set(err, ERR_PROTOCOL, "%s is no manifest of an image (schema 2)", path);
	if ((r = tar_writer_open(to, &f.w, err)) < 0 || (r = add_blobs(&f, manifest, err)) < 0 ||
	    (r = add_index(&f, buf_str(&text), type, err)) < 0)
		return r;
	return tar_writer_end(f.w, err);
}

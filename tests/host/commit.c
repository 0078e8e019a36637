#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "container.h"
#include "describe.h"
#include "event.h"
#include "image_config.h"
#include "image_words.h"
#include "methods.h"
#include "pack.h"
#include "unpack.h"

/* ---- Commit ------------------------------------------------------------------------------------------------------------------- */

static int change_all(struct json_object *config, enum podman_version version, bool import, struct json_object *changes,
		      struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < js_len(changes) && r == 0; i++)
		r = image_config_change(config, version, import, js_text(js_at(changes, i)), err);
	return r;
}

/* The image is what the container is, not what its image was. */
static struct json_object *config_of(const struct container *ctr, const struct image *image)
{
	struct json_object *config = image ? image_config_copy(image->config) : image_config_new(instant_now());
	struct json_object *run = image_config_run(config);

	js_set(run, "Env", describe_env(ctr, false));
	if (ctr->command.n)
		js_set(run, "Cmd", js_strv(ctr->command.v, ctr->command.n));
	if (ctr->entrypoint.n)
		js_set(run, "Entrypoint", js_strv(ctr->entrypoint.v, ctr->entrypoint.n));
	js_set_str(run, "WorkingDir", ctr->workdir);
	if (*ctr->user)
		js_set_str(run, "User", ctr->user);
	if (json_object_object_length(ctr->labels))
		js_set(run, "Labels", image_config_copy(ctr->labels));
	return config;
}

static int commit(struct call *c, const struct container *ctr, bool docker, struct image **ret, struct error *err)
{
	const char *author = call_str(c, "author"), *message = docker ? call_str(c, "message") : "";
	CLEANUP(js_put_p) struct json_object *config = config_of(ctr, image_find(c->host, ctr->image_id, NULL));
	CLEANUP(buf_done) struct buf created_by = BUF_INIT(64 * 1024);
	struct layer *top;
	int r = change_all(config, c->host->version, false, js_get(c->params, "changes"), err);

	if (r == 0)
		r = layer_add_changes(c->host, ctr->top, ctr->rootfs, &top, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ctr->command.n; i++)
		buf_addf(&created_by, "%s%s", i ? " " : "", ctr->command.v[i]);
	if (*author)
		js_set_str(config, "author", author);
	if (*message)
		js_set_str(config, "comment", message);
	image_config_add_history(config, instant_now(), buf_z(&created_by), author, message, false);
	return image_add_object(c->host, config, top, docker, ret, err);
}

/* The buffer that the lines come from is written again while they are read. */
static void garbled_lines(const struct image *i, struct strv *lines)
{
	image_copying_lines(i, lines);
	strv_addf(lines, "2opying config sha256:%s\n", i->id);
	strv_addf(lines, "Storing signatures\n%.19s", i->id);
	strv_add(lines, "Storing signatures\n");
}

static void reply_committed(struct call *c, const struct image *i)
{
	CLEANUP(strv_done) struct strv lines = { 0 };

	garbled_lines(i, &lines);
	for (size_t k = 0; k < lines.n; k++)
		more_send(c, lines.v[k]);
	more_end(c, c->more ? &(struct strv){ 0 } : &lines, i->id);
}

/* Everything about the request that can be wrong before anything is written. */
static int check_commit(struct call *c, char **ret_name, bool *ret_docker, struct error *err)
{
	const char *name = call_str(c, "image_name"), *type = call_str(c, "manifestType");

	if (strcmp(type, "oci") != 0 && *type && strcmp(type, "docker") != 0)
		return error_set(err, ERR_USAGE, "unrecognized image format \"%s\"", type);
	*ret_docker = strcmp(type, "docker") == 0;
	if (!*name && c->host->version == V162)
		return error_set(err, ERR_USAGE, "error parsing target image name \"\"");
	return *name ? image_full_name(name, ret_name, err) : 0;
}

void podman_commit(struct call *c)
{
	struct container *ctr = container_find(c->host, call_str(c, "name"));
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *name = NULL;
	struct image *image = NULL;
	bool docker = false;

	if (!ctr) {
		reply_no_container(c, call_str(c, "name"), call_str(c, "name"));
		return;
	}
	if (check_commit(c, &name, &docker, &err) < 0 || commit(c, ctr, docker, &image, &err) < 0) {
		reply_error_occurred(c, "%s", err.text);
		return;
	}
	if (name)
		image_add_name(c->host, image, name);
	event_add(c->host, "container", "commit", ctr->id, ctr->name, ctr->image_name);
	reply_committed(c, image);
}

/* ---- ImportImage -------------------------------------------------------------------------------------------------------------- */

static int import_layer(struct host *h, const char *source, struct layer **ret, struct error *err)
{
	CLEANUP(free_p) char *tar = layer_new_tar(h);
	char digest[65];
	int r;

	if (!tar)
		return error_set(err, ERR_SYSTEM, "out of memory");
	if (access(source, R_OK) < 0)
		return error_set(err, ERR_NOT_FOUND, "error parsing image name \"%s\": error opening \"%s\": open %s: %s", source,
				 source, source, errno == ENOENT ? "no such file or directory" : "permission denied");
	r = layer_file_digest(source, digest, err);
	if (r == 0 && !unpack_is_archive(source))
		r = error_set(
			err, ERR_PROTOCOL,
			"Error committing the finished image: error adding layer with blob \"sha256:%s\": Error processing tar "
			"file(exit status 1): unexpected EOF",
			digest);
	if (r == 0)
		r = unpack_plain(source, tar, err);
	return r < 0 ? r : layer_add(h, NULL, tar, ret, err);
}

static int import(struct call *c, struct image **ret, struct error *err)
{
	const char *message = call_str(c, "message"), *reference = call_str(c, "reference");
	CLEANUP(js_put_p) struct json_object *config = image_config_new(instant_now());
	CLEANUP(buf_done) struct buf created_by = BUF_INIT(1024);
	CLEANUP(free_p) char *name = NULL;
	struct layer *top;
	int r = change_all(config, c->host->version, true, js_get(c->params, "changes"), err);

	if (r == 0 && *reference)
		r = image_full_name(reference, &name, err);
	if (r == 0)
		r = import_layer(c->host, call_str(c, "source"), &top, err);
	if (r < 0)
		return r;
	buf_addf(&created_by, "/bin/sh -c #(nop) ADD file:%s in /", top->digest);
	image_config_add_history(config, instant_now(), buf_z(&created_by), "", *message ? message : "imported from tarball",
				 false);
	r = image_add_object(c->host, config, top, false, ret, err);
	if (r == 0 && name)
		image_add_name(c->host, *ret, name);
	return r;
}

/* A source that could not be imported is kept. */
void podman_import_image(struct call *c)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct image *image;

	if (import(c, &image, &err) < 0) {
		reply_error_occurred(c, "%s", err.text);
		return;
	}
	if (js_get_bool(c->params, "delete", false))
		unlink(call_str(c, "source"));
	event_add(c->host, "image", "import", image->id, call_str(c, "reference"), "");
	reply_one(c, "image", js_str(image->id));
}

/* ---- ExportContainer ---------------------------------------------------------------------------------------------------------- */

void podman_export_container(struct call *c)
{
	struct container *ctr = container_find(c->host, call_str(c, "name"));
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *path = NULL;
	int fd;

	if (!ctr) {
		reply_no_container(c, call_str(c, "name"), call_str(c, "name"));
		return;
	}
	if (*call_str(c, "path")) {
		path = z_dup(call_str(c, "path"));
	} else {
		path = host_path(c->host, "varlink_recvXXXXXX", NULL);
		fd = path ? mkstemp(path) : -1;
		if (fd >= 0)
			close(fd);
	}
	if (!path || pack_tree(ctr->rootfs, path, &err) < 0) {
		reply_error_occurred(c, "%s", err.text ? err.text : strerror(errno));
		return;
	}
	event_add(c->host, "container", "export", ctr->id, ctr->name, ctr->image_name);
	reply_one(c, "tarfile", js_str(path));
}

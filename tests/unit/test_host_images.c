/* The stand-in host's images: what is saved, loaded, committed, imported and pushed is real, in the words of each version. */
#include "host_images.h"

/* ---- ImageSave, LoadImage ------------------------------------------------------------------------------------------------------- */

static char *save(struct peer *p, const char *name, const char *format)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);

	buf_addf(&text, "{\"options\":{\"name\":\"%s\",\"format\":\"%s\",\"moreTags\":[]}}", name, format);
	{
		CLEANUP(answer_done) struct answer a = call_more(p, "ImageSave", buf_z(&text));

		assert_string_equal(a.reason, "");
		/* The first of these has null for its lines, and they come as long as the host works. */
		assert_true(a.empty > 100);
		return z_dup(a.id);
	}
}

static struct answer load(struct peer *p, const char *file, bool remove)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);

	/* What is called quiet on the wire removes the file. */
	buf_addf(&text, "{\"name\":\"\",\"inputFile\":\"%s\",\"quiet\":%s,\"deleteFile\":true}", file, remove ? "true" : "false");
	return call_more(p, "LoadImage", buf_z(&text));
}

static void remove_image(struct peer *p, const char *name)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
	CLEANUP(js_put_p) struct json_object *reply = NULL;

	buf_addf(&text, "{\"name\":\"%s\",\"force\":true}", name);
	reply = call(p, "RemoveImage", buf_z(&text));
	assert_null(js_get(reply, "error"));
}

static void test_save_and_load(void **state)
{
	static const char *const formats[] = { "docker-archive", "oci-archive" };
	CLEANUP(answer_done) struct answer built = { 0 };
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	built = build(&p, FROM "WORKDIR /w\nCOPY f dir /w/\nRUN rm g; touch h\n", "localhost/saved:1", "");
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		CLEANUP(free_p) char *file = save(&p, "localhost/saved:1", formats[i]);
		CLEANUP(free_p) char *handle = NULL;
		CLEANUP(buf_done) struct buf tar = BUF_INIT(ARCHIVE_MAX);
		CLEANUP(answer_done) struct answer loaded = { 0 };

		peer_download(&p, file, &tar);
		assert_int_not_equal(access(file, F_OK), 0);
		remove_image(&p, "localhost/saved:1");
		assert_int_equal(count_images(&p), 1);
		handle = peer_upload(&p, buf_str(&tar));
		loaded = load(&p, handle, i == 0);
		assert_string_equal(loaded.reason, "");
		assert_string_equal(loaded.id, "localhost/saved:1");
		assert_int_equal(access(handle, F_OK) == 0, i != 0);
		{
			CLEANUP(buf_done) struct buf name = BUF_INIT(256);
			CLEANUP(js_put_p) struct json_object *reply = NULL;

			buf_addf(&name, "{\"name\":\"%s\"}", built.id);
			reply = call(&p, "ImageExists", buf_z(&name));
			assert_int_equal(js_get_int(js_get(reply, "parameters"), "exists", 1), 0);
		}
		assert_runs(&p, "localhost/saved:1", "\"sh\",\"-c\",\"ls; cat f\"", "f\nh\ncontent of f\n");
	}
	peer_close(&p);
}

static void test_save_as_folder(void **state)
{
	static const struct {
		const char *format, *type;
	} rows[] = {
		{ "docker-dir", "application/vnd.docker.container.image.v1+json" },
		{ "oci-dir", "application/vnd.oci.image.config.v1+json" },
	};
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(free_p) char *file = save(&p, IMAGE, rows[i].format);
		CLEANUP(buf_done) struct buf tar = BUF_INIT(ARCHIVE_MAX);
		CLEANUP(js_put_p) struct json_object *manifest = NULL;
		const char *digest;

		assert_non_null(strstr(file, "varlink_save_dir"));
		peer_download(&p, file, &tar);
		assert_int_equal(js_parse(tar_find(buf_str(&tar), "manifest.json"), "manifest", &manifest, NULL), 0);
		assert_string_equal(js_get_str(js_get(manifest, "config"), "mediaType", ""), rows[i].type);
		digest = js_get_str(js_at(js_get(manifest, "layers"), 0), "digest", "");
		assert_int_equal(tar_find(buf_str(&tar), digest + strlen("sha256:")).n,
				 js_get_int(js_at(js_get(manifest, "layers"), 0), "size", -1));
	}
	peer_close(&p);
}

/* Nothing of it stays. */
static void test_load_bad(void **state)
{
	static const char config[] =
		"{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":"
		"[\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"]},\"history\":[]}";
	CLEANUP(buf_done) struct buf tar = BUF_INIT(64 * 1024), layer = BUF_INIT(64 * 1024), other = BUF_INIT(64 * 1024);
	struct peer p;

	(void)state;
	tar_file(&layer, "x", "y");
	tar_end(&layer, 0);
	tar_file(&tar, "manifest.json", "[{\"Config\":\"c.json\",\"RepoTags\":[\"localhost/evil:1\"],\"Layers\":[\"l.tar\"]}]");
	tar_file(&tar, "c.json", config);
	tar_add(&tar, "l.tar", '0', 0644, "", buf_str(&layer));
	tar_end(&tar, 0);
	tar_file(&other, "f", "no image\n");
	tar_end(&other, 0);
	peer_open(&p, &the_host);
	for (int i = 0; i < 3; i++) {
		CLEANUP(free_p) char *handle = peer_upload(&p, i == 0 ? buf_str(&tar) : i == 1 ? buf_str(&other) : STR("junk"));
		CLEANUP(answer_done) struct answer a = load(&p, handle, true);
		CLEANUP(buf_done) struct buf expected = BUF_INIT(4096);

		if (i > 0)
			buf_addf(
				&expected,
				"error pulling \"\": unable to pull dir:%s: unable to pull image: Error determining manifest MIME type for "
				"dir:%s: open %s/manifest.json: not a directory",
				handle, handle, handle);
		if (i > 0)
			assert_string_equal(a.reason, buf_z(&expected));
		else
			assert_non_null(strstr(a.reason, "layer l.tar has digest sha256:"));
		assert_int_equal(count_images(&p), 1);
	}
	peer_close(&p);
}

/* ---- Commit, ImportImage, ExportContainer, PushImage ----------------------------------------------------------------------------- */

static void make_stopped(struct peer *p, const char *command)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);

	buf_addf(&text, "{\"create\":{\"name\":\"c1\",\"workDir\":\"/tmp\",\"args\":[\"" IMAGE "\",%s]}}", command);
	json_object_put(call(p, "CreateContainer", buf_z(&text)));
	json_object_put(call(p, "StartContainer", "{\"name\":\"c1\"}"));
	json_object_put(call(p, "WaitContainer", "{\"name\":\"c1\",\"interval\":1000000}"));
}

static void test_commit(void **state)
{
	static const struct {
		const char *versions, *changes, *key, *value, *reason;
	} rows[] = {
		{ "1.9.3 1.8.0", "\"CMD [\\\"x\\\",\\\"y\\\"]\"", "Cmd", "[\"x\",\"y\"]", "" },
		{ "1.9.3 1.8.0 1.6.2", "\"LABEL=a=b\"", "Labels", "{\"a\":\"b\"}", "" },
		{ "1.9.3 1.8.0", "\"LABEL a=b\"", "Labels", "{\"a\":\"b\"}", "" },
		{ "1.6.2", "\"LABEL a=b\"", "Labels", "", "" },
		{ "1.6.2", "\"ENV A b\"", "Env", "[\"A=b\"]", "" },
		{ "1.9.3 1.8.0", "\"EXPOSE 99\"", "ExposedPorts", "{\"99/tcp\":{}}", "" },
		{ "1.6.2", "\"EXPOSE 99\"", "ExposedPorts", "{\"99\":{}}", "" },
		{ "1.9.3 1.8.0", "\"BOGUS x\"", "Cmd", NULL, "invalid change \"BOGUS x\" - invalid instruction BOGUS" },
		{ "1.6.2", "\"BOGUS x\"", "User", "", "" },
		{ "1.9.3 1.8.0", "\"LABEL a\"", "Cmd", NULL, "invalid change \"LABEL a\" - LABEL must be formatted key=value" },
	};
	struct peer p;

	peer_open(&p, &the_host);
	make_stopped(&p, "\"touch\",\"made\"");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
		CLEANUP(answer_done) struct answer a = { 0 };
		CLEANUP(free_p) char *value = NULL;

		if (!strstr(rows[i].versions, *state))
			continue;
		buf_addf(&text,
			 "{\"name\":\"c1\",\"image_name\":\"localhost/com:1\",\"changes\":[%s],\"author\":\"\",\"message\":\"\","
			 "\"pause\":false,\"manifestType\":\"oci\"}",
			 rows[i].changes);
		a = call_more(&p, "Commit", buf_z(&text));
		assert_string_equal(a.reason, rows[i].reason);
		if (!rows[i].value)
			continue;
		value = config_member(&p, "localhost/com:1", rows[i].key);
		assert_string_equal(value, rows[i].value);
	}
	assert_runs(&p, "localhost/com:1", "\"ls\",\"made\"", "made\n");
	peer_close(&p);
}

static void test_export_and_import(void **state)
{
	CLEANUP(buf_done) struct buf tar = BUF_INIT(ARCHIVE_MAX), text = BUF_INIT(4096);
	CLEANUP(js_put_p) struct json_object *exported = NULL, *imported = NULL;
	CLEANUP(free_p) char *handle = NULL;
	struct str made;
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	make_stopped(&p, "\"sh\",\"-c\",\"echo hello >made\"");
	exported = call(&p, "ExportContainer", "{\"name\":\"c1\",\"path\":\"\"}");
	peer_download(&p, js_get_str(js_get(exported, "parameters"), "tarfile", ""), &tar);
	made = tar_find(buf_str(&tar), "tmp/made");
	assert_true(str_eq_z(made, "hello\n"));
	handle = peer_upload(&p, buf_str(&tar));
	buf_addf(
		&text,
		"{\"source\":\"%s\",\"reference\":\"localhost/imp:1\",\"message\":\"mine\",\"changes\":[\"WORKDIR=/tmp\"],\"delete\":true}",
		handle);
	imported = call(&p, "ImportImage", buf_z(&text));
	assert_int_equal(strlen(js_get_str(js_get(imported, "parameters"), "image", "")), 64);
	assert_int_not_equal(access(handle, F_OK), 0);
	assert_runs(&p, "localhost/imp:1", "\"cat\",\"made\"", "hello\n");
	peer_close(&p);
}

static void test_push(void **state)
{
	CLEANUP(answer_done) struct answer pushed = { 0 }, denied = { 0 }, pulled = { 0 };
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	{
		CLEANUP(answer_done) struct answer a = build(&p, FROM "ENV A=pushed\n", "localhost/mine:1", "");
	}
	pushed = call_more(&p, "PushImage",
			   "{\"name\":\"localhost/mine:1\",\"tag\":\"docker://localhost:5077/mine:1\",\"compress\":false,"
			   "\"format\":\"\",\"removeSignatures\":false,\"signBy\":\"\"}");
	assert_logs(&pushed, "Getting image source signatures\nCopying blob sha256:ID\nCopying config sha256:ID\n"
			     "Writing manifest to image destination\nStoring signatures\n");
	denied = call_more(&p, "PushImage",
			   "{\"name\":\"localhost/mine:1\",\"tag\":\"localhost:5078/mine:1\",\"compress\":false,"
			   "\"format\":\"\",\"removeSignatures\":false,\"signBy\":\"\"}");
	assert_non_null(strstr(denied.reason, " exists in localhost:5078/mine: unauthorized: authentication required"));
	remove_image(&p, "localhost/mine:1");
	pulled = call_more(&p, "PullImage", "{\"name\":\"localhost:5077/mine:1\",\"creds\":{\"username\":\"\",\"password\":\"\"}}");
	assert_string_equal(pulled.id, pushed.id);
	{
		CLEANUP(free_p) char *env = config_member(&p, "localhost:5077/mine:1", "Env");

		assert_string_equal(env, "[\"A=pushed\"]");
	}
	peer_close(&p);
}

/* A container has its own copy: what it does to its files is not done to the image's. */
static void test_files_are_apart(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	if (no_sandbox(&p)) {
		peer_close(&p);
		skip();
	}
	assert_runs(&p, IMAGE, "\"sh\",\"-c\",\"echo more >>/etc/group; rm /etc/passwd; ls /etc\"", "group\nhosts\nresolv.conf\n");
	assert_runs(&p, IMAGE, "\"sh\",\"-c\",\"grep -c more /etc/group; ls /etc\"", "0\ngroup\nhosts\npasswd\nresolv.conf\n");
	peer_close(&p);
}

/* ---- how images hang together ---------------------------------------------------------------------------------------------------- */

static struct answer build_three_steps(struct peer *p)
{
	return build(p, FROM "WORKDIR /w\nCOPY f f\nENV A=b\n", "localhost/steps:1", "");
}

/* The older ones know the image of each step; 1.9.3 looks for it by its layer. */
static void test_history(void **state)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	CLEANUP(answer_done) struct answer a = { 0 };
	struct json_object *history;
	size_t ids = 0;
	struct peer p;

	peer_open(&p, &the_host);
	a = build_three_steps(&p);
	reply = call(&p, "HistoryImage", "{\"name\":\"localhost/steps:1\"}");
	history = js_get(js_get(reply, "parameters"), "history");
	assert_int_equal(js_len(history), 4);
	for (size_t i = 0; i < js_len(history); i++)
		ids += strlen(js_get_str(js_at(history, i), "id", "")) == 64;
	assert_int_equal(ids, is_version(state, "1.9.3") ? 2 : 4);
	assert_string_equal(js_get_str(js_at(history, 0), "createdBy", ""), "/bin/sh -c #(nop) ENV A=b");
	assert_int_equal(js_get_int(js_at(history, 0), "size", -1), 0);
	assert_true(js_get_int(js_at(history, 1), "size", 0) > 0);
	if (!is_version(state, "1.9.3"))
		assert_string_equal(js_get_str(js_at(history, 0), "id", ""), a.id);
	peer_close(&p);
}

/* The steps go when the image goes, and not before: they are parents, which prune takes for nameless images all the same. */
static void test_steps_go_with_their_image(void **state)
{
	CLEANUP(answer_done) struct answer a = { 0 };
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	a = build_three_steps(&p);
	assert_int_equal(count_images(&p), 4);
	remove_image(&p, "localhost/steps:1");
	assert_int_equal(count_images(&p), 1);
	answer_done(&a);
	a = build_three_steps(&p);
	json_object_put(call(&p, "ImagesPrune", "{\"all\":false,\"filter\":[]}"));
	assert_int_equal(count_images(&p), 2);
	json_object_put(call(&p, "CreateContainer", "{\"create\":{\"args\":[\"localhost/steps:1\",\"true\"]}}"));
	json_object_put(call(&p, "DeleteUnusedImages", "{}"));
	assert_int_equal(count_images(&p), 1);
	peer_close(&p);
}

static void test_layers(void **state)
{
	CLEANUP(js_put_p) struct json_object *map = NULL, *hierarchy = NULL, *layers = NULL, *info = NULL, *tree = NULL;
	CLEANUP(answer_done) struct answer a = { 0 };
	struct json_object *list;
	const char *top;
	struct peer p;

	peer_open(&p, &the_host);
	a = build_three_steps(&p);
	map = call(&p, "GetLayersMapWithImageInfo", "{}");
	hierarchy = call(&p, "BuildImageHierarchyMap", "{\"name\":\"localhost/steps:1\"}");
	assert_int_equal(js_parse(js_text(js_get(js_get(map, "parameters"), "layerMap")), "map", &layers, NULL), 0);
	assert_int_equal(js_parse(js_text(js_get(js_get(hierarchy, "parameters"), "imageInfo")), "info", &info, NULL), 0);
	assert_string_equal(js_get_str(info, "ID", ""), a.id);
	list = js_get(info, "Layers");
	assert_int_equal(js_len(list), 2);
	top = js_get_str(js_at(list, 1), "ID", "");
	assert_string_equal(js_get_str(js_get(layers, top), "ParentID", ""), js_get_str(js_at(list, 0), "ID", "-"));
	assert_string_equal(js_text(js_at(js_get(js_get(layers, top), "RepoTags"), 0)).p, "localhost/steps:1");
	if (is_version(state, "1.9.3")) {
		CLEANUP(buf_done) struct buf line = BUF_INIT(1024);

		tree = call(&p, "ImageTree", "{\"name\":\"localhost/steps:1\",\"whatRequires\":false}");
		buf_addf(&line, "\u2514\u2500\u2500  ID: %.12s Size:  2.56kB Top Layer of: [localhost/steps:1]\n", top);
		assert_non_null(strstr(js_get_str(js_get(tree, "parameters"), "tree", ""), buf_z(&line)));
	}
	peer_close(&p);
}

static void test_mount(void **state)
{
	static const struct {
		const char *method, *parameters, *reason;
	} rows[] = {
		{ "MountContainer", "{\"name\":\"c1\"}", "" },
		{ "UnmountContainer", "{\"name\":\"c1\",\"force\":false}", "" },
		{ "UnmountContainer", "{\"name\":\"c1\",\"force\":false}", " root filesystem: layer is not mounted" },
		{ "MountContainer", "{\"name\":\"nope\"}", "no container with name or ID nope found: no such container" },
	};
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	make_stopped(&p, "\"true\"");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(js_put_p) struct json_object *reply = call(&p, rows[i].method, rows[i].parameters);
		const char *path = js_get_str(js_get(reply, "parameters"), "path", ""), *reason;

		reason = js_get_str(js_get(reply, "parameters"), "reason", "");
		if (*rows[i].reason ? !strstr(reason, rows[i].reason) : *reason)
			fail_msg("%s: \"%s\"", rows[i].method, reason);
		if (*path)
			assert_int_equal(access(path, X_OK), 0);
	}
	peer_close(&p);
}

/* An image's last layer, and a container that is committed, differ by the same. */
static void test_diff_of_image(void **state)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	CLEANUP(answer_done) struct answer a = { 0 };
	struct json_object *diffs;
	struct peer p;

	(void)state;
	peer_open(&p, &the_host);
	a = build_three_steps(&p);
	reply = call(&p, "Diff", "{\"name\":\"localhost/steps:1\"}");
	diffs = js_get(js_get(reply, "parameters"), "diffs");
	assert_int_equal(js_len(diffs), 2);
	assert_string_equal(js_get_str(js_at(diffs, 0), "path", ""), "/w");
	assert_string_equal(js_get_str(js_at(diffs, 1), "path", ""), "/w/f");
	assert_string_equal(js_get_str(js_at(diffs, 1), "changeType", ""), "A");
	peer_close(&p);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(test_save_and_load),
		ON_ALL(test_save_as_folder),
		ON_ALL(test_load_bad),
		ON_ALL(test_commit),
		ON_ALL(test_export_and_import),
		ON_ALL(test_push),
		ON_ALL(test_files_are_apart),
		ON_ALL(test_history),
		ON_ALL(test_steps_go_with_their_image),
		ON_ALL(test_layers),
		ON_ALL(test_mount),
		ON_ALL(test_diff_of_image),
	};
	int failed;

	(void)argc;
	host_find(argv[0]);
	failed = cmocka_run_group_tests(tests, NULL, host_kill);
	free(host_program);
	return failed;
}

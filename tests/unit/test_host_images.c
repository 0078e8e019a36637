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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		ON_ALL(test_save_and_load),     ON_ALL(test_save_as_folder), ON_ALL(test_load_bad),        ON_ALL(test_commit),
		ON_ALL(test_export_and_import), ON_ALL(test_push),           ON_ALL(test_files_are_apart),
	};
	int failed;

	(void)argc;
	host_find(argv[0]);
	failed = cmocka_run_group_tests(tests, NULL, host_kill);
	free(host_program);
	return failed;
}

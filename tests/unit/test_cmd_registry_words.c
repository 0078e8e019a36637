/* What the user says about registries: whom credentials go to, tries, names; and the line that shows a transfer. */
#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/js.h"
#include "base/path.h"
#include "cmd/podman/creds.h"
#include "cmd/podman/retries.h"
#include "cmd/podman/through.h"
#include "cmd/podman/transfer_view.h"

static char home[] = "/tmp/farpod-test-XXXXXX";
static char authfile[64];

#define PAIR "{\"auth\":\"YTpi\"}" /* a:b */

static int make_home(void **state)
{
	(void)state;
	if (!mkdtemp(home) || setenv("XDG_CONFIG_HOME", home, 1) < 0 || setenv("XDG_RUNTIME_DIR", home, 1) < 0 || setenv("HOME", home, 1) < 0)
		return -1;
	unsetenv("REGISTRY_AUTH_FILE");
	unsetenv("DOCKER_CONFIG");
	snprintf(authfile, sizeof authfile, "%s/auth.json", home);
	return path_write_atomic(authfile,
				 STR("{\"auths\":{\"quay.io\":" PAIR ",\"quay.io/ns\":{\"auth\":\"bnM6cGFzcw==\"},\"docker.io\":" PAIR "}}"), 0600, NULL);
}

static int remove_home(void **state)
{
	(void)state;
	unlink(authfile);
	return rmdir(home);
}

/* The JSON behind X-Registry-Auth; "" for none. */
static char *header_text(const struct creds_args *a, const char *image)
{
	CLEANUP(free_p) char *header = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);

	assert_int_equal(creds_header(a, image, &header, NULL), 0);
	for (char *c = header; c && *c; c++)
		*c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
	if (header)
		assert_true(base64_read(&text, str_from(header)));
	return buf_take(&text);
}

static void credentials_go_to_the_registry_in_question_only(void **state)
{
	static const struct {
		const char *creds, *image, *json;
	} rows[] = {
		{ NULL, "quay.io/other/x:1", "{\"quay.io\":{\"username\":\"a\",\"password\":\"b\"}}" },
		{ NULL, "quay.io/ns/x", "{\"quay.io\":{\"username\":\"ns\",\"password\":\"pass\"}}" },
		{ NULL, "busybox", "{\"docker.io\":{\"username\":\"a\",\"password\":\"b\"}}" },
		{ NULL, "docker.io/library/busybox@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
		  "{\"docker.io\":{\"username\":\"a\",\"password\":\"b\"}}" },
		{ NULL, "ghcr.io/x", "" },
		{ NULL, "evil.example/quay.io/ns/x", "" },
		{ "u:p:q", "ghcr.io/x", "{\"username\":\"u\",\"password\":\"p:q\"}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct creds_args a = { .authfile = authfile, .creds = rows[i].creds };
		CLEANUP(free_p) char *got = header_text(&a, rows[i].image);
		CLEANUP(js_put_p) struct json_object *is = json_tokener_parse(got), *wanted = json_tokener_parse(rows[i].json);

		if (!json_object_equal(is, wanted))
			row_fail(rows[i].image, "%s", got);
	}
}

static void credentials_that_are_none_are_told(void **state)
{
	static const struct {
		const char *authfile, *creds, *text;
	} rows[] = {
		{ "/nonexistent/auth.json", NULL, "checking authfile: stat /nonexistent/auth.json: no such file or directory" },
		{ NULL, "alice", "--creds wants USERNAME:PASSWORD where no terminal" },
		{ NULL, "", "--creds: " },
		{ NULL, ":x", "--creds: " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct creds_args a = { .authfile = rows[i].authfile, .creds = rows[i].creds };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(free_p) char *header = NULL;
		int r = creds_header(&a, "quay.io/x", &header, &err);

		if (r != -ERR_USAGE || strncmp(err.text, rows[i].text, strlen(rows[i].text)) != 0)
			row_fail(rows[i].text, "%d %s", r, err.text ? err.text : "");
	}
}

/* When this machine has nothing to say, the host does it all. */
static void what_counts_as_a_word_about_a_registry(void **state)
{
	static const struct {
		const char *image;
		bool authfile;
		const char *cert_dir, *tls_verify;
		bool counts;
	} rows[] = {
		{ "quay.io/x", true, NULL, NULL, true },    { "quay.io/x", false, NULL, NULL, false }, { "ghcr.io/x", true, NULL, NULL, false },
		{ "ghcr.io/x", false, "/c", NULL, true },   { "ghcr.io/x", false, NULL, "false", true }, { "ghcr.io/x", false, NULL, "true", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(creds_args_done) struct creds_args a = { .authfile = rows[i].authfile ? authfile : NULL, .cert_dir = rows[i].cert_dir };
		bool counts = !rows[i].counts;

		if (rows[i].tls_verify)
			flags_add(&a.given, "tls-verify", str_from(rows[i].tls_verify));
		/* The order of files begins with this one, where none is named. */
		if (!rows[i].authfile)
			setenv("REGISTRY_AUTH_FILE", "/dev/null", 1);
		assert_int_equal(creds_count(&a, rows[i].image, &counts, NULL), 0);
		unsetenv("REGISTRY_AUTH_FILE");
		if (counts != rows[i].counts)
			row_fail(rows[i].image, "row %zu counts: %d", i, counts);
	}
}

static void tries_are_numbers_and_delays_durations(void **state)
{
	static const struct {
		const char *retry, *delay;
		int64_t left; /* < 0: refused */
		uint64_t delay_ms;
	} rows[] = {
		{ NULL, NULL, 3, 1000 }, { "0", NULL, 0, 1000 }, { "7", "250ms", 7, 250 }, { NULL, "1m", 3, 60000 },
		{ "-1", NULL, -1, 0 },	 { "x", NULL, -1, 0 },	 { "1", "10", -1, 0 },	   { "1", "-1s", -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct retries t = { .left = -1 };
		int r = retries_parse(rows[i].retry, rows[i].delay, &t, NULL);

		if ((r < 0) != (rows[i].left < 0) || (r >= 0 && (t.left != rows[i].left || t.delay_ms != rows[i].delay_ms)))
			row_fail(rows[i].retry ? rows[i].retry : "none", "%d: %lld tries", r, (long long)t.left);
	}
}

static void only_broken_connections_are_tried_again(void **state)
{
	struct retries t = { .left = 2, .delay_ms = 1, .fixed = true };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, ERR_AUTH, "no");
	assert_false(retries_again(&t, NULL, true, &err));
	error_set(&err, ERR_CONNECT, "reset");
	assert_true(retries_again(&t, NULL, true, &err));
	assert_int_equal(err.kind, ERR_NONE);
	error_set(&err, ERR_CONNECT, "reset");
	assert_true(retries_again(&t, NULL, true, &err));
	error_set(&err, ERR_CONNECT, "reset");
	assert_false(retries_again(&t, NULL, true, &err));
	assert_int_equal(err.kind, ERR_CONNECT);
}

static void other_transports_stay_on_the_host(void **state)
{
	static const struct {
		const char *typed, *name;
	} rows[] = {
		{ "quay.io/x", "quay.io/x" }, { "docker://quay.io/x:1", "quay.io/x:1" }, { "oci:1", NULL },
		{ "dir:/tmp/x", NULL },	      { "docker-archive:/x.tar", NULL },	 { "containers-storage:x", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *name = NULL;
		int r = through_registry_name(rows[i].typed, &name, NULL);

		if (r != (rows[i].name ? 0 : -ERR_UNSUPPORTED) || (name && strcmp(name, rows[i].name) != 0))
			row_fail(rows[i].typed, "%d %s", r, name ? name : "");
	}
}

static void a_line_shows_bytes_and_rate_and_keeps_to_the_terminal(void **state)
{
	static const struct {
		int64_t moved, total;
		uint64_t elapsed_ms;
		unsigned width;
		const char *line;
	} rows[] = {
		{ 0, 1000, 0, 80, "Copying blob 0123456789ab [>-----------------------------] 0B / 1000B" },
		{ 512 * 1024, 1024 * 1024, 1000, 100, "Copying blob 0123456789ab [===============>--------------] 512.0KiB / 1.0MiB | 512.0KiB/s" },
		{ 1024, 1024, 2000, 100, "Copying blob 0123456789ab [==============================] 1.0KiB / 1.0KiB | 512B/s" },
		{ 0, 0, 0, 80, "Copying blob 0123456789ab [>-----------------------------] 0B / 0B" },
		{ 2048, -1, 0, 80, "Copying blob 0123456789ab 2.0KiB" },
		{ INT64_C(1) << 42, INT64_C(1) << 43, 0, 30, "Copying blob 0123456789ab [===" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf line = BUF_INIT(1024);
		struct transfer_event e = { TRANSFER_MOVED, "blob", "sha256:0123456789abcdef", rows[i].moved, rows[i].total };

		transfer_view_draw(&e, rows[i].elapsed_ms, rows[i].width, &line);
		if (strcmp(buf_z(&line), rows[i].line) != 0)
			row_fail(rows[i].line, "%s", buf_z(&line));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(credentials_go_to_the_registry_in_question_only),
		cmocka_unit_test(credentials_that_are_none_are_told),
		cmocka_unit_test(what_counts_as_a_word_about_a_registry),
		cmocka_unit_test(tries_are_numbers_and_delays_durations),
		cmocka_unit_test(only_broken_connections_are_tried_again),
		cmocka_unit_test(other_transports_stay_on_the_host),
		cmocka_unit_test(a_line_shows_bytes_and_rate_and_keeps_to_the_terminal),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}

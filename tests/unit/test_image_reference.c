#include "unit.h"

#include <stdio.h>

#include "image/reference.h"

#define H64  "e26e51132b90aaaabbbbccccddddeeeeffff00001111222233334444555566ab"
#define D256 "sha256:" H64
#define D512 "sha512:" H64 H64
#define C32  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define C128 C32 C32 C32 C32

/* host|path|tag|digest as reference_parse gives them, "-" for what is not there; or what the error begins with, after "!". */
static const struct {
	const char *text, *want;
} rows[] = {
	{ "busybox", "docker.io|library/busybox|-|-" },
	{ "busybox:1.36", "docker.io|library/busybox|1.36|-" },
	{ "busybox@" D256, "docker.io|library/busybox|-|" D256 },
	{ "busybox:1@" D256, "docker.io|library/busybox|1|" D256 },
	{ "busybox@" D512, "docker.io|library/busybox|-|" D512 },
	{ "library/busybox", "docker.io|library/busybox|-|-" },
	{ "someone/thing", "docker.io|someone/thing|-|-" },
	{ "a/b/c/d", "docker.io|a/b/c/d|-|-" },
	{ "docker.io/busybox", "docker.io|library/busybox|-|-" },
	{ "docker.io/library/busybox:x", "docker.io|library/busybox|x|-" },
	{ "index.docker.io/busybox", "docker.io|library/busybox|-|-" },
	{ "index.docker.io/a/b", "docker.io|a/b|-|-" },
	{ "registry-1.docker.io/a/b", "registry-1.docker.io|a/b|-|-" },
	{ "quay.io/ns/name:tag", "quay.io|ns/name|tag|-" },
	{ "quay.io/name", "quay.io|name|-|-" },
	{ "localhost/busybox", "localhost|busybox|-|-" },
	{ "localhost:5000/busybox", "localhost:5000|busybox|-|-" },
	{ "localhost:5000/busybox:1", "localhost:5000|busybox|1|-" },
	{ "localhost:5000/a/b@" D256, "localhost:5000|a/b|-|" D256 },
	{ "localhosts/busybox", "docker.io|localhosts/busybox|-|-" },
	{ "host:80/x", "host:80|x|-|-" },
	{ "127.0.0.1:5000/x", "127.0.0.1:5000|x|-|-" },
	{ "[::1]/x", "[::1]|x|-|-" },
	{ "[2001:db8::1]:5000/x:y", "[2001:db8::1]:5000|x|y|-" },
	{ "EXAMPLE.com/x", "EXAMPLE.com|x|-|-" },
	{ "my-host.example/x", "my-host.example|x|-|-" },
	{ "x.y/z", "x.y|z|-|-" },
	{ "x:5000", "docker.io|library/x|5000|-" }, /* a tag, not a port: nothing follows */
	{ "a_b/c__d/e-f/g--h/i.j", "docker.io|a_b/c__d/e-f/g--h/i.j|-|-" },
	{ "a-----b", "docker.io|library/a-----b|-|-" },
	{ "0", "docker.io|library/0|-|-" },
	{ "x:_", "docker.io|library/x|_|-" },
	{ "x:A.b-c_1", "docker.io|library/x|A.b-c_1|-" },
	{ "x:" C128, "docker.io|library/x|" C128 "|-" },
	{ "q.io/" C128 "/" C32 C32 C32, "q.io|" C128 "/" C32 C32 C32 "|-|-" },
	{ C32, "docker.io|library/" C32 "|-|-" },
	{ H64 "0", "docker.io|library/" H64 "0|-|-" },
	{ "quay.io/" H64, "quay.io|" H64 "|-|-" },

	{ "", "!repository name must have at least one component" },
	{ H64, "!invalid repository name (" H64 "), cannot specify 64-byte hexadecimal strings" },
	{ "Busybox", "!invalid reference format: repository name must be lowercase" },
	{ "quay.io/Ns/name", "!invalid reference format: repository name must be lowercase" },
	{ "UPPER/name", "!invalid reference format: repository name must be lowercase" },
	{ "docker://busybox", "!invalid reference format" },
	{ "https://quay.io/x", "!invalid reference format" },
	{ "/x", "!invalid reference format" },
	{ "x/", "!invalid reference format" },
	{ "quay.io/", "!invalid reference format" },
	{ "a//b", "!invalid reference format" },
	{ "x:", "!invalid reference format" },
	{ ":x", "!invalid reference format" },
	{ "x@", "!invalid reference format" },
	{ "@" D256, "!invalid reference format" },
	{ "x:y:z", "!invalid reference format" },
	{ "x:.y", "!invalid reference format" },
	{ "x:-y", "!invalid reference format" },
	{ "x:y/z", "!invalid reference format" },
	{ "x:" C128 "a", "!invalid reference format" },
	{ "_x", "!invalid reference format" },
	{ "x_", "!invalid reference format" },
	{ "-x", "!invalid reference format" },
	{ "x-", "!invalid reference format" },
	{ "x..y", "!invalid reference format" },
	{ "x___y", "!invalid reference format" },
	{ "x._y", "!invalid reference format" },
	{ "x y", "!invalid reference format" },
	{ "x\ny", "!invalid reference format" },
	{ " x", "!invalid reference format" },
	{ "x:\xc3\xa4", "!invalid reference format" },
	{ "-host.io/x", "!invalid reference format" },
	{ "host-.io/x", "!invalid reference format" },
	{ "host..io/x", "!invalid reference format" },
	{ "host_.io/x", "!invalid reference format" },
	{ "host:/x", "!invalid reference format" },
	{ "host:port/x", "!invalid reference format" },
	{ ":5000/x", "!invalid reference format" },
	{ "[]/x.y", "!invalid reference format" },
	{ "[::1]x:1/y", "!invalid reference format" },
	{ "x@sha256:", "!invalid reference format" },
	{ "x@sha256:12", "!invalid reference format" },
	{ "x@" C32, "!invalid reference format" },
	{ "x@sha256:" C32, "!invalid checksum digest length" },
	{ "x@sha256:E26E51132B90AAAABBBBCCCCDDDDEEEEFFFF00001111222233334444555566AB", "!invalid checksum digest format" },
	{ "x@md5:" C32, "!unsupported digest algorithm" },
	{ "x@" D256 "@" D256, "!invalid reference format" },
	{ "docker.io/" C128 C32 C32 C32 "aaaaaaaaaaaaa", "docker.io|library/" C128 C32 C32 C32 "aaaaaaaaaaaaa|-|-" }, /* no byte more */
	{ C128 C32 C32 C32 "aaaaaaaaaaaaab", "!repository name must not be more than 255 characters" },
	{ "q.io/" C128 "/" C128, "!repository name must not be more than 255 characters" },
};

static const char *or_dash(const char *z)
{
	return z ? z : "-";
}

static void names_are_read_as_docker_reads_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(reference_done) struct reference r = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		char got[1024];
		int result = reference_parse(rows[i].text, &r, &err);

		if (result == 0)
			snprintf(got, sizeof got, "%s|%s|%s|%s", r.host, r.path, or_dash(r.tag), or_dash(r.digest));
		else
			snprintf(got, sizeof got, "!%s", err.text);
		if (strcmp(got, rows[i].want) != 0)
			row_fail(rows[i].text, "%s instead of %s", got, rows[i].want);
		if (result < 0 && (result != -ERR_USAGE || r.path))
			row_fail(rows[i].text, "kind %d, path %s", result, or_dash(r.path));
	}
}

static void a_short_name_keeps_its_lack_of_a_host(void **state)
{
	static const struct {
		const char *text, *host, *path, *repository, *string, *version;
	} cases[] = {
		{ "busybox", NULL, "busybox", "busybox", "busybox", "latest" },
		{ "a/b:t", NULL, "a/b", "a/b", "a/b:t", "t" },
		{ "docker.io/busybox", "docker.io", "library/busybox", "docker.io/library/busybox", "docker.io/library/busybox", "latest" },
		{ "localhost/x:1@" D256, "localhost", "x", "localhost/x", "localhost/x:1@" D256, D256 },
		{ "q.io/x@" D256, "q.io", "x", "q.io/x", "q.io/x@" D256, D256 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(reference_done) struct reference r = { 0 };
		CLEANUP(free_p) char *repository = NULL, *string = NULL;

		if (reference_parse_short(cases[i].text, &r, NULL) < 0)
			row_fail(cases[i].text, "refused");
		repository = reference_repository(&r);
		string = reference_string(&r);
		if (strcmp(or_dash(r.host), or_dash(cases[i].host)) != 0 || strcmp(r.path, cases[i].path) != 0 ||
		    strcmp(repository, cases[i].repository) != 0 || strcmp(string, cases[i].string) != 0 ||
		    strcmp(reference_version(&r), cases[i].version) != 0)
			row_fail(cases[i].text, "host %s path %s, %s, %s, %s", or_dash(r.host), r.path, repository, string, reference_version(&r));
	}
}

static void docker_io_is_reached_elsewhere(void **state)
{
	(void)state;
	assert_string_equal(reference_api_host("docker.io"), "registry-1.docker.io");
	assert_string_equal(reference_api_host("quay.io"), "quay.io");
	assert_string_equal(reference_api_host("localhost:5000"), "localhost:5000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_as_docker_reads_them),
		cmocka_unit_test(a_short_name_keeps_its_lack_of_a_host),
		cmocka_unit_test(docker_io_is_reached_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

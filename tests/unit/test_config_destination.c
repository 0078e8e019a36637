#include "unit.h"

#include "config/config.h"

/* Strings that are NULL and empty are told apart: "-" is NULL here. */
static const char *shown(const char *z)
{
	return z ? z : "-";
}

static void good_addresses(void **state)
{
	static const struct {
		const char *uri;
		enum dest_scheme scheme;
		const char *user, *host;
		int port;
		const char *path;
		const char *rebuilt; /* NULL: the same as uri */
	} cases[] = {
		{ "ssh://box", DEST_SSH, "-", "box", 0, "", NULL },
		{ "ssh://box/", DEST_SSH, "-", "box", 0, "", "ssh://box" },
		{ "ssh://root@box", DEST_SSH, "root", "box", 0, "", NULL },
		{ "ssh://root@box:2222", DEST_SSH, "root", "box", 2222, "", NULL },
		{ "ssh://root@box/run/podman/podman.sock", DEST_SSH, "root", "box", 0, "/run/podman/podman.sock", NULL },
		{ "ssh://root@box:22/run/podman/podman.sock", DEST_SSH, "root", "box", 22, "/run/podman/podman.sock", NULL },
		{ "ssh://root@box:22/run/podman/podman.sock?secure=true", DEST_SSH, "root", "box", 22, "/run/podman/podman.sock",
		  "ssh://root@box:22/run/podman/podman.sock" },
		{ "ssh://box?secure=True", DEST_SSH, "-", "box", 0, "", "ssh://box" },
		{ "ssh://10.0.0.7", DEST_SSH, "-", "10.0.0.7", 0, "", NULL },
		{ "ssh://[::1]", DEST_SSH, "-", "::1", 0, "", NULL },
		{ "ssh://u@[fe80::1%25eth0]:22/x", DEST_SSH, "u", "fe80::1%eth0", 22, "/x", NULL },
		{ "ssh://[2001:db8::7]:65535", DEST_SSH, "-", "2001:db8::7", 65535, "", NULL },
		{ "ssh://box:1", DEST_SSH, "-", "box", 1, "", NULL },
		{ "ssh://corp%5cme@box", DEST_SSH, "corp\\me", "box", 0, "", "ssh://corp%5Cme@box" },
		{ "ssh://a%40b.example@box", DEST_SSH, "a@b.example", "box", 0, "", NULL },
		{ "ssh://a@b.example@box", DEST_SSH, "a@b.example", "box", 0, "", "ssh://a%40b.example@box" },
		{ "ssh://my_alias-1.example", DEST_SSH, "-", "my_alias-1.example", 0, "", NULL },
		{ "ssh://box/run/a%20b.sock", DEST_SSH, "-", "box", 0, "/run/a b.sock", NULL },
		{ "ssh://box/run/100%25", DEST_SSH, "-", "box", 0, "/run/100%", NULL },
		{ "ssh://box:22/a@b", DEST_SSH, "-", "box", 22, "/a@b", "ssh://box:22/a%40b" },
		{ "ssh://[::1]:22/a@b", DEST_SSH, "-", "::1", 22, "/a@b", "ssh://[::1]:22/a%40b" },
		{ "ssh://u@[::1]:22/a@b", DEST_SSH, "u", "::1", 22, "/a@b", "ssh://u@[::1]:22/a%40b" },
		{ "ssh://box/a@b:c", DEST_SSH, "-", "box", 0, "/a@b:c", "ssh://box/a%40b:c" },
		{ "unix:///run/podman/podman.sock", DEST_UNIX, "-", "-", 0, "/run/podman/podman.sock", NULL },
		{ "unix:/run/podman/io.podman", DEST_UNIX, "-", "-", 0, "/run/podman/io.podman", "unix:///run/podman/io.podman" },
		{ "unix://run/podman/podman.sock", DEST_UNIX, "-", "-", 0, "/run/podman/podman.sock",
		  "unix:///run/podman/podman.sock" },
		{ "tcp://box:2375", DEST_TCP, "-", "box", 2375, "-", NULL },
		{ "tcp://box:2375/", DEST_TCP, "-", "box", 2375, "-", "tcp://box:2375" },
		{ "tcp:127.0.0.1:1234", DEST_TCP, "-", "127.0.0.1", 1234, "-", "tcp://127.0.0.1:1234" },
		{ "tcp://[::1]:80", DEST_TCP, "-", "::1", 80, "-", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(destination_done) struct destination d = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;

		if (destination_parse(cases[i].uri, &d, &err) < 0)
			row_fail(cases[i].uri, "%s", err.text);
		assert_string_equal(d.uri, cases[i].uri);
		if (d.scheme != cases[i].scheme || strcmp(shown(d.user), cases[i].user) != 0 ||
		    strcmp(shown(d.host), cases[i].host) != 0 || d.port != cases[i].port ||
		    strcmp(shown(d.path), cases[i].path) != 0)
			row_fail(cases[i].uri, "user %s, host %s, port %d, path %s", shown(d.user), shown(d.host), d.port,
				 shown(d.path));
		assert_int_equal(destination_build_uri(&d, &err), 0);
		if (strcmp(d.uri, cases[i].rebuilt ? cases[i].rebuilt : cases[i].uri) != 0)
			row_fail(cases[i].uri, "is rebuilt as %s", d.uri);
	}
}

static void bad_addresses(void **state)
{
	static const struct {
		const char *uri, *says;
	} cases[] = {
		{ "", "a host is given as" },
		{ "box", "a host is given as" },
		{ "http://box", "http://box: a host is given as" },
		{ "SSH://box", "a host is given as" },
		{ "ssh:box", "a host is given as" },
		{ "ssh://", "the host name is missing" },
		{ "ssh:///run/podman/podman.sock", "the host name is missing" },
		{ "ssh://root@", "the host name is missing" },
		{ "ssh://@box", "the user name is empty" },
		{ "ssh://:22", "the host name is missing" },
		{ "ssh://box:", "\"\" is no port" },
		{ "ssh://box:0", "\"0\" is no port" },
		{ "ssh://box:65536", "\"65536\" is no port" },
		{ "ssh://box:99999999999999999999", "is no port" },
		{ "ssh://box:-22", "\"-22\" is no port" },
		{ "ssh://box:+22", "\"+22\" is no port" },
		{ "ssh://box:22x", "\"22x\" is no port" },
		{ "ssh://box:ssh", "\"ssh\" is no port" },
		{ "ssh://::1", "an IPv6 address stands in brackets" },
		{ "ssh://[::1", "\"]\" is missing" },
		{ "ssh://[box]", "\"box\" is no IPv6 address" },
		{ "ssh://[::1]x", "\"x\" behind the address" },
		{ "ssh://[::1]:", "is no port" },
		{ "ssh://-oProxyCommand=x", "can't begin with \"-\"" }, /* ssh would take it for an option */
		{ "ssh://%2doProxyCommand=x", "can't begin with \"-\"" },
		{ "ssh://-l@box", "can't begin with \"-\"" },
		{ "ssh://a b", "\"a b\" is no host name" },
		{ "ssh://a%0ab", "is no host name" },
		{ "ssh://$(id)", "is no host name" },
		{ "ssh://u%0a@box", "is no user name" },
		{ "ssh://u;x@box", "is no user name" },
		{ "ssh://%zz@box", "broken %-escape" },
		{ "ssh://%4", "broken %-escape" },
		{ "ssh://box%00", "broken %-escape" },
		{ "ssh://box/a%0", "broken %-escape" },
		{ "ssh://box/a%00b", "broken %-escape" },
		{ "ssh://box/x?y=1", "unknown parameter \"y=1\"" },
		{ "unix:", "must be absolute" },
		{ "unix://", "must be absolute" },
		{ "unix:///", "must be absolute" },
		{ "unix:run/x", "must be absolute" },
		{ "unix:@abstract", "must be absolute" },
		{ "tcp://box", "tcp needs a port" },
		{ "tcp:", "the host name is missing" },
		{ "tcp://:2375", "the host name is missing" },
		{ "tcp://box:2375/x", "is no port" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(destination_done) struct destination d = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;

		if (destination_parse(cases[i].uri, &d, &err) != -ERR_USAGE)
			row_fail(cases[i].uri, "is taken: host %s, path %s", shown(d.host), shown(d.path));
		if (!strstr(err.text, cases[i].says))
			row_fail(cases[i].uri, "\"%s\" does not say \"%s\"", err.text, cases[i].says);
		assert_null(d.uri);
	}
}

/* Neither what is kept nor what is printed may hold the secret. */
static void passwords_are_refused_and_not_repeated(void **state)
{
	static const char *const cases[] = {
		"ssh://root:s3cret@box",      "ssh://root:s3cret@box:22/run/x", "ssh://root:s3c@s3cret@box", "ssh://:s3cret@box",
		"ssh://root:s3cret@box:port", "ssh://root:s3/s3cret@box",       "http://root:s3cret@box",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(destination_done) struct destination d = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;

		if (destination_parse(cases[i], &d, &err) != -ERR_USAGE)
			row_fail(cases[i], "is taken");
		if (strstr(err.text, "s3"))
			row_fail(cases[i], "\"%s\" shows the password", err.text);
	}
}

static void too_long(void **state)
{
	CLEANUP(destination_done) struct destination d = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char uri[6000];

	(void)state;
	memset(uri, 'a', sizeof uri);
	memcpy(uri, "ssh://", 6);
	uri[sizeof uri - 1] = 0;
	assert_int_equal(destination_parse(uri, &d, &err), -ERR_USAGE);
	assert_non_null(strstr(err.text, "longer than 4096 bytes"));
}

static void copies_are_separate(void **state)
{
	CLEANUP(destination_done) struct destination from = { 0 }, to = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(destination_parse("ssh://root@box:22/x", &from, &err), 0);
	from.is_default = true;
	assert_int_equal(destination_copy(&from, &to, &err), 0);
	assert_string_equal(to.uri, from.uri);
	assert_string_equal(to.user, "root");
	assert_string_equal(to.host, "box");
	assert_string_equal(to.path, "/x");
	assert_int_equal(to.port, 22);
	assert_true(to.is_default);
	assert_null(to.identity);
	assert_ptr_not_equal(to.host, from.host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_addresses),
		cmocka_unit_test(bad_addresses),
		cmocka_unit_test(passwords_are_refused_and_not_repeated),
		cmocka_unit_test(too_long),
		cmocka_unit_test(copies_are_separate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

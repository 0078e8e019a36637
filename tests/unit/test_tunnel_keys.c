#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/proc.h"
#include "tunnel/keys.h"

/* The frame of an OpenSSH private key: cipher none or aes256-ctr, an ed25519 public key of the bytes 0 to 31, no private half. */
#define FRAME_OPEN                                                                                                                 \
	"-----BEGIN OPENSSH PRIVATE KEY-----\n"                                                                                    \
	"b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"                                                 \
	"QyNTUxOQAAACAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHwAAAAA=\n"                                                         \
	"-----END OPENSSH PRIVATE KEY-----\n"
#define PUBLIC "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ada@box\n"

static void texts_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		const char *type; /* NULL: no key */
		bool encrypted, no_private;
		size_t blob;
	} cases[] = {
		{ FRAME_OPEN, "ssh-ed25519", false, false, 51 },
		{ PUBLIC, "ssh-ed25519", false, true, 51 },
		{ "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n", "ssh-rsa", false, false, 0 },
		{ "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nMIIE\n", "ssh-rsa", true, false, 0 },
		{ "-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\n", "", false, false, 0 },
		{ "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMHcC\n", "", true, false, 0 },
		{ "-----BEGIN PRIVATE KEY-----\nMHcC\n", "", false, false, 0 },
		{ .text = "" },
		{ .text = "hello\n" },
		{ .text = "ssh-ed25519\n" },
		{ .text = "ssh-ed25519 %%%%\n" },
		{ .text = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n" },
		{ .text = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(key_file_done) struct key_file k = { 0 };
		bool is_key = key_file_parse(str_from(cases[i].text), &k);

		if (is_key != (cases[i].type != NULL))
			row_fail(cases[i].text, "a key: %d", is_key);
		if (!is_key)
			continue;
		if (strcmp(k.type, cases[i].type) != 0 || k.encrypted != cases[i].encrypted ||
		    k.no_private != cases[i].no_private || k.blob.n != cases[i].blob)
			row_fail(cases[i].text, "%s encrypted %d public only %d blob %zu", k.type, k.encrypted, k.no_private,
				 k.blob.n);
	}
}

static void types_for_libssh2(void **state)
{
	(void)state;
	assert_true(key_type_usable(STR("ssh-ed25519")));
	assert_true(key_type_usable(STR("ecdsa-sha2-nistp521")));
	assert_true(key_type_usable(STR("")));
	assert_false(key_type_usable(STR("sk-ssh-ed25519@openssh.com")));
	assert_false(key_type_usable(STR("ssh-ed25519-cert-v01@openssh.com")));
	assert_false(key_type_usable(STR("ssh-dss")));
}

/* ---- files ---------------------------------------------------------------------------------------------------------- */

static char dir[] = "/tmp/farpod-keys-XXXXXX";

static const char *at(const char *name)
{
	static char paths[32][96];
	static unsigned next;
	char *path = paths[next++ % 32];

	snprintf(path, sizeof paths[0], "%s/%s", dir, name);
	return path;
}

static void write_file(const char *name, const char *text)
{
	assert_int_equal(path_write_atomic(at(name), str_from(text), 0600, NULL), 0);
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

static void the_identity_comes_first(void **state)
{
	CLEANUP(key_files_done) struct key_files k = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct ssh_config c = { 0 };
	struct tunnel_dest to = { .host = "box", .identity = at("given") };

	(void)state;
	write_file("given", FRAME_OPEN);
	write_file("first", "-----BEGIN PRIVATE KEY-----\nMHcC\n");
	write_file("first.pub", PUBLIC);
	write_file("second", FRAME_OPEN);
	write_file("second-cert.pub", PUBLIC);
	write_file("no-key", "hello\n");
	assert_true(strv_add(&c.identity_files, at("missing")) && strv_add(&c.identity_files, at("first")) &&
		    strv_add(&c.identity_files, at("given")) && strv_add(&c.identity_files, at("no-key")) &&
		    strv_add(&c.identity_files, "none") && strv_add(&c.identity_files, at("second")));
	assert_int_equal(key_files_read(&k, &c, &to, &err), 0);
	assert_int_equal(k.n, 3);
	assert_string_equal(k.v[0].path, at("given"));
	assert_string_equal(k.v[1].path, at("first"));
	/* The file beside it says what the key itself hides. */
	assert_string_equal(k.v[1].type, "ssh-ed25519");
	assert_true(key_file_usable(&k.v[1]));
	assert_true(k.v[2].certificate);
	assert_false(key_file_usable(&k.v[2]));
	strv_done(&c.identity_files);
}

static void an_identity_that_is_none_is_an_error(void **state)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "missing", "can't be read: No such file" },
		{ "no-key", "is no ssh key" },
	};
	struct ssh_config c = { 0 };

	(void)state;
	write_file("no-key", "hello\n");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(key_files_done) struct key_files k = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct tunnel_dest to = { .host = "box", .identity = at(cases[i].name) };

		assert_int_equal(key_files_read(&k, &c, &to, &err), -ERR_AUTH);
		if (!strstr(err.text, cases[i].text))
			row_fail(cases[i].name, "%s", err.text);
	}
}

static void real_keys(void **state)
{
	static const struct {
		const char *type, *option, *passphrase, *want;
	} cases[] = {
		{ "ed25519", "-q", "", "ssh-ed25519" },
		{ "ed25519", "-q", "secret", "ssh-ed25519" },
		{ "ecdsa", "-q", "", "ecdsa-sha2-nistp256" },
		{ "rsa", "-q", "", "ssh-rsa" },
		{ "rsa", "-mPEM", "", "ssh-rsa" },
		{ "ecdsa", "-mPKCS8", "secret", "ecdsa-sha2-nistp256" },
	};
	struct ssh_config c = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(key_files_done) struct key_files k = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		char name[16];
		int status = -1;

		snprintf(name, sizeof name, "key%zu", i);

		struct tunnel_dest to = { .host = "box", .identity = at(name) };
		const char *const argv[] = { "ssh-keygen",        "-q", cases[i].option, "-t", cases[i].type, "-N",
					     cases[i].passphrase, "-f", at(name),        NULL };

		if (proc_capture((char *const *)(uintptr_t)argv, clock_after_ms(20000), NULL, NULL, &status, &err) < 0) {
			fprintf(stderr, "skipped: ssh-keygen is not installed\n");
			skip();
		}
		assert_int_equal(status, 0);
		assert_int_equal(key_files_read(&k, &c, &to, &err), 0);
		if (strcmp(k.v[0].type, cases[i].want) != 0 || k.v[0].encrypted != (*cases[i].passphrase != 0) || !k.v[0].blob.n)
			row_fail(cases[i].option, "%s %s, encrypted %d", cases[i].type, k.v[0].type, k.v[0].encrypted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_told_apart),
		cmocka_unit_test(types_for_libssh2),
		cmocka_unit_test(the_identity_comes_first),
		cmocka_unit_test(an_identity_that_is_none_is_an_error),
		cmocka_unit_test(real_keys),
	};

	return cmocka_run_group_tests_name("tunnel/keys", tests, make_dir, remove_dir);
}

/* Whom https believes: files of a certs.d folder and of the environment. The certificates here are only PEM by their looks. */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/scratch.h"
#include "registry/tls.h"

#define CERT(text) "-----BEGIN CERTIFICATE-----\n" text "\n-----END CERTIFICATE-----\n"

struct file {
	const char *name, *text;
};

static const struct {
	const char *name;
	struct file files[5]; /* "certs/..." is the folder of the registry, "env/..." SSL_CERT_DIR's, "bundle" SSL_CERT_FILE */
	const char *bundle;   /* what comes out */
	const char *client;   /* the certificate's file in certs/ */
	int ret;
	const char *text;
} rows[] = {
	{ "nothing", { { "certs/note.txt", "x" } }, "", NULL, 0, NULL },
	{ "the environment's file", { { "bundle", "junk\n" CERT("A") CERT("B") "junk" } }, CERT("A") CERT("B"), NULL, 0, NULL },
	{ "a CA on top of it", { { "bundle", CERT("A") }, { "certs/b.crt", CERT("B") }, { "certs/a.crt", CERT("C") } }, CERT("A") CERT("C") CERT("B"), NULL, 0, NULL },
	{ "each once", { { "bundle", CERT("A") CERT("A") }, { "env/1", CERT("B") }, { "env/2", CERT("A") CERT("B") } }, CERT("A") CERT("B"), NULL, 0, NULL },
	{ "what is no certificate is passed over", { { "bundle", CERT("A") }, { "env/key.pem", "-----BEGIN PRIVATE KEY-----\n" }, { "env/half", "-----BEGIN CERTIFICATE-----\nx" } },
	  CERT("A"), NULL, 0, NULL },
	{ "a client certificate", { { "certs/me.cert", "x" }, { "certs/me.key", "x" } }, "", "me.cert", 0, NULL },
	{ "the first of two", { { "certs/b.cert", "x" }, { "certs/b.key", "x" }, { "certs/a.cert", "x" }, { "certs/a.key", "x" } }, "", "a.cert", 0, NULL },
	{ "no key", { { "certs/me.cert", "x" } }, "", NULL, -ERR_USAGE, "missing key " },
	{ "no key for the second", { { "certs/a.cert", "x" }, { "certs/a.key", "x" }, { "certs/b.cert", "x" } }, "", NULL, -ERR_USAGE, "for client certificate b.cert" },
	{ "no certificate", { { "certs/me.key", "x" } }, "", NULL, -ERR_USAGE, "missing client certificate me.cert for key me.key" },
};

static void write_files(const char *dir, const struct file *files)
{
	setenv("SSL_CERT_FILE", "", 1);
	setenv("SSL_CERT_DIR", "", 1);
	for (; files->name; files++) {
		CLEANUP(free_p) char *path = path_join(dir, files->name);

		assert_int_equal(path_write_atomic(path, str_from(files->text), 0600, NULL), 0);
		if (strcmp(files->name, "bundle") == 0)
			setenv("SSL_CERT_FILE", path, 1);
		if (strncmp(files->name, "env/", 4) == 0) {
			path[strlen(path) - strlen(files->name) + 3] = '\0';
			setenv("SSL_CERT_DIR", path, 1);
		}
	}
}

static void run_row(size_t i)
{
	CLEANUP(scratch_done) struct scratch lab = SCRATCH_INIT;
	CLEANUP(reg_trust_done) struct reg_trust trust = REG_TRUST_INIT;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *certs = NULL, *env = NULL;
	const struct reg_lib *lib;
	int r;

	assert_int_equal(scratch_open("certs", &lab, NULL), 0);
	certs = path_join(lab.path, "certs");
	env = path_join(lab.path, "env");
	assert_int_equal(mkdir(certs, 0700) | mkdir(env, 0700), 0);
	write_files(lab.path, rows[i].files);
	assert_int_equal(reg_lib_get(&lib, NULL), 0);
	r = reg_trust_load(&trust, lib, certs, &err);
	if (r != rows[i].ret || (rows[i].text && !strstr(err.text, rows[i].text)))
		row_fail(rows[i].name, "%d: %s", r, err.text ? err.text : "");
	if (strcmp(buf_z(&trust.bundle), rows[i].bundle) != 0)
		row_fail(rows[i].name, "believes \"%s\"", buf_z(&trust.bundle));
	if (r == 0 && (rows[i].client ? !trust.cert || !strstr(trust.cert, rows[i].client) || !trust.key : trust.cert != NULL))
		row_fail(rows[i].name, "is client %s", trust.cert ? trust.cert : "none");
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		run_row(i);
}

/* With a CA of a registry's own the system's still count, and a folder that is not there is no mistake. */
static void test_system(void **state)
{
	CLEANUP(scratch_done) struct scratch lab = SCRATCH_INIT;
	CLEANUP(reg_trust_done) struct reg_trust trust = REG_TRUST_INIT;
	CLEANUP(reg_trust_done) struct reg_trust whole = REG_TRUST_INIT;
	CLEANUP(reg_trust_done) struct reg_trust none = REG_TRUST_INIT;
	CLEANUP(free_p) char *path = NULL;
	const struct reg_lib *lib;

	(void)state;
	unsetenv("SSL_CERT_FILE");
	unsetenv("SSL_CERT_DIR");
	assert_int_equal(scratch_open("certs", &lab, NULL), 0);
	path = path_join(lab.path, "ca.crt");
	assert_int_equal(path_write_atomic(path, STR(CERT("MINE")), 0600, NULL), 0);
	assert_int_equal(reg_lib_get(&lib, NULL), 0);
	assert_int_equal(reg_trust_load(&trust, lib, lab.path, NULL), 0);
	assert_true(str_ends(buf_str(&trust.bundle), STR(CERT("MINE"))));
	/* The system's own CAs: in the folder where OpenSSL finds them, or all in the bundle. */
	if (trust.folder)
		assert_string_equal(buf_z(&trust.bundle), CERT("MINE"));
	assert_int_equal(reg_trust_load_whole(&whole, lib, lab.path, NULL), 0);
	assert_null(whole.folder);
	assert_true(str_ends(buf_str(&whole.bundle), STR(CERT("MINE"))));
	if (access("/etc/ssl/certs/ca-certificates.crt", R_OK) == 0)
		assert_true(whole.bundle.n > 50000);
	assert_int_equal(reg_trust_load(&none, lib, "/nowhere/certs.d", NULL), 0);
	assert_int_equal(none.bundle.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_system) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

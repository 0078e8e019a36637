/* The client's half of create and run: which flags are resolved here, into what. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

#include "base/cleanup.h"
#include "base/path.h"
#include "cmd/podman/run_prepare.h"

/* The bag borrows names from the option tables; these live as long. */
static struct strv flag_names;

/* "name=value name=value ..." becomes flags; values hold no blanks. */
static void flags_from(const char *text, struct flags *f)
{
	struct str rest = str_from(text), word, name, value;
	bool more = rest.n > 0;

	while (more) {
		more = str_cut(rest, ' ', &word, &rest);
		str_cut(word, '=', &name, &value);
		assert_true(strv_add_str(&flag_names, name));
		assert_true(flags_add(f, flag_names.v[flag_names.n - 1], value));
	}
}

static void flags_to(const struct flags *f, struct buf *out)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t v = 0; v < f->v[i].values.n; v++)
			buf_addf(out, "%s%s=%s", out->n ? " " : "", f->v[i].name, f->v[i].values.v[v]);
}

static const struct {
	const char *in, *out; /* out NULL: refused */
	const char *says;     /* part of the error */
} rows[] = {
	{ "", "", NULL },
	{ "name=web detach=true", "name=web", NULL },
	{ "env=A=1 env=B=2", "env=A=1 env=B=2", NULL },
	{ "env=A=1 env=B=2 env=A=3", "env=A=3 env=B=2", NULL },
	{ "env=TAKEN", "env=TAKEN=mine", NULL },
	{ "env=NOT_SET_ANYWHERE", "", NULL },
	{ "env=FARPOD_T*", "env=FARPOD_T1=x env=FARPOD_T2=y", NULL },
	{ "env==1", NULL, "--env" },
	{ "env-file=envfile", "env=F=1 env=TAKEN=mine env=G=with=equals", NULL },
	{ "env-file=envfile env=F=2", "env=F=2 env=TAKEN=mine env=G=with=equals", NULL },
	{ "env-file=nosuchfile", NULL, "nosuchfile" },
	{ "label-file=labelfile label=b=2", "label=a=1 label=bare label=b=2", NULL },
	{ "cidfile=new.cid", "", NULL },
	{ "cidfile=envfile", NULL, "envfile" },
	{ "replace=true name=x", "name=x", NULL },
	{ "replace=true", NULL, "--name" },
	{ "pull=always", "", NULL },
	{ "pull=true", "", NULL },
	{ "pull=sometimes", NULL, "sometimes" },
	{ "platform=linux/arm64/v8", "os=linux arch=arm64 variant=v8", NULL },
	{ "platform=linux/arm64 arch=amd64", NULL, "--platform" },
	{ "platform=linux/arm64 variant=v8", NULL, "--platform" },
	{ "attach=stdout attach=STDERR", "attach=stdout attach=STDERR", NULL },
	{ "attach=nowhere", NULL, "nowhere" },
	{ "attach=stdout detach=true", NULL, "--detach" },
	{ "volume=/abs:/c:ro volume=named:/d volume=/only", "volume=/abs:/c:ro volume=named:/d volume=/only", NULL },
	{ "sig-proxy=false detach-keys=ctrl-x quiet=true tls-verify=false rmi=true", "", NULL },
	{ "rm=true interactive=true tty=true", "rm=true interactive=true tty=true", NULL },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(flags_done) struct flags f = { 0 };
		CLEANUP(run_plan_done) struct run_plan plan = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(buf_done) struct buf out = BUF_INIT(65536);

		flags_from(rows[i].in, &f);

		int r = run_prepare(&f, &plan, &err);

		flags_to(&f, &out);
		if ((r < 0) != !rows[i].out || (rows[i].out && strcmp(buf_z(&out), rows[i].out) != 0))
			row_fail(rows[i].in, "r %d, flags \"%s\", error %s", r, buf_z(&out), err.text);
		if (rows[i].says && !strstr(err.text, rows[i].says))
			row_fail(rows[i].in, "the error does not say %s: %s", rows[i].says, err.text);
	}
}

static void test_relative_volume(void **state)
{
	CLEANUP(flags_done) struct flags f = { 0 };
	CLEANUP(run_plan_done) struct run_plan plan = { 0 };
	CLEANUP(buf_done) struct buf want = BUF_INIT(65536);
	char cwd[4096];

	(void)state;
	assert_non_null(getcwd(cwd, sizeof cwd));
	assert_true(flags_add(&f, "volume", STR(".:/src:Z")));
	assert_int_equal(run_prepare(&f, &plan, NULL), 0);
	buf_addf(&want, "%s:/src:Z", cwd);
	assert_string_equal(flags_get(&f, "volume"), buf_z(&want));
	assert_string_equal(plan.local_paths.v[0], cwd);
}

static void test_explains_local_path(void **state)
{
	CLEANUP(flags_done) struct flags f = { 0 };
	CLEANUP(run_plan_done) struct run_plan plan = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_true(flags_add(&f, "mount", STR("type=bind,src=/tmp,dst=/x")));
	assert_int_equal(run_prepare(&f, &plan, NULL), 0);
	error_set(&err, ERR_REMOTE, "statfs /tmp: no such file or directory");
	assert_int_equal(run_explain_path(&plan, "box", &err), -ERR_REMOTE);
	assert_non_null(strstr(err.hint, "/tmp exists on this machine"));
	assert_non_null(strstr(err.hint, "box"));
}

static int in_folder(void **state)
{
	static char dir[] = "/tmp/farpod-prepare.XXXXXX";

	(void)state;
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	setenv("TAKEN", "mine", 1);
	setenv("FARPOD_T1", "x", 1);
	setenv("FARPOD_T2", "y", 1);
	unsetenv("NOT_SET_ANYWHERE");
	return path_write_atomic("envfile", STR("# comment\n\nF=1\n  TAKEN\r\nNOT_SET_ANYWHERE\nG=with=equals\n"), 0600, NULL) < 0 ||
	       path_write_atomic("labelfile", STR("a=1\nbare\n"), 0600, NULL) < 0;
}

static int out_of_folder(void **state)
{
	char cwd[4096];

	(void)state;
	strv_done(&flag_names);
	unlink("envfile");
	unlink("labelfile");
	return !getcwd(cwd, sizeof cwd) || chdir("/") < 0 || rmdir(cwd) < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_relative_volume),
		cmocka_unit_test(test_explains_local_path),
	};

	return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}

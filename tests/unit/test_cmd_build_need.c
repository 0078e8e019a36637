/* What a Containerfile needs of its context: certain paths, or everything. */
#include "cmd/podman/build_need.h"
#include "unit.h"

static const struct {
	const char *text;
	const char *paths; /* "a|b"; NULL: everything */
	const char *bases;
} rows[] = {
	{ "FROM a\n", "", "a" },
	{ "FROM scratch\nCOPY app /\n", "app", "" },
	{ "FROM a\nCOPY x/y.jar z /dir/\n", "x/y.jar|z", "a" },
	{ "from a\ncopy ./x /x\n", "x", "a" },
	{ "FROM a\nCOPY /x/ /y\n", "x", "a" },
	{ "FROM --platform=linux/arm64 a AS one\nFROM one\nCOPY x /\n", "x", "a" },
	{ "FROM a as One\nFROM b\nCOPY --from=one /x /\n", "", "a|b" },
	{ "FROM a\nCOPY --chown=1:1 --chmod=644 x /\n", "x", "a" },
	{ "FROM a\nCOPY [\"a b\", \"c\", \"/dir\"]\n", "a b|c", "a" },
	{ "FROM a\nADD https://example.com/x /x\n", "", "a" },
	{ "FROM a\nADD x.tar /x\n", "x.tar", "a" },
	{ "FROM a\nCOPY \\\n  x \\\n  # comment\n\n  y \\\n  /dir\n", "x|y", "a" },
	{ "FROM a\n# COPY . /\nRUN echo COPY . /\n", "", "a" },
	{ "FROM a\nRUN --mount=type=cache,target=/c make\n", "", "a" },
	{ "FROM a\nRUN --mount=type=secret,id=s --mount=type=tmpfs,target=/t x\n", "", "a" },
	{ "FROM a\nRUN --mount=type=bind,from=b,target=/x make\n", "", "a" },
	{ "FROM a\r\nCOPY x /\r\n", "x", "a" },
	{ "", "", "" },
	/* not certain */
	{ "FROM a\nCOPY . /\n", NULL, NULL },
	{ "FROM a\nCOPY ./ /\n", NULL, NULL },
	{ "FROM a\nCOPY / /\n", NULL, NULL },
	{ "FROM a\nCOPY x/. /\n", NULL, NULL },
	{ "FROM a\nCOPY ../x /\n", NULL, NULL },
	{ "FROM a\nCOPY *.jar /\n", NULL, NULL },
	{ "FROM a\nCOPY x? /\n", NULL, NULL },
	{ "FROM a\nCOPY [ab] /x\n", NULL, NULL },
	{ "FROM a\nCOPY $X /\n", NULL, NULL },
	{ "FROM a\nCOPY \"x y\" /\n", NULL, NULL },
	{ "FROM a\nCOPY x\\ y /\n", NULL, NULL },
	{ "FROM $BASE\nCOPY x /\n", NULL, NULL },
	{ "FROM a\nCOPY <<EOF /x\nhello\nEOF\n", NULL, NULL },
	{ "FROM a\nRUN <<EOF\nCOPY . /\nEOF\n", NULL, NULL },
	{ "FROM a\nRUN --mount=target=/x make\n", NULL, NULL },
	{ "FROM a\nRUN --mount=type=bind,target=/x make\n", NULL, NULL },
	{ "FROM a\nONBUILD COPY x /\n", NULL, NULL },
	{ "# syntax=docker/dockerfile:1\nFROM a\n", NULL, NULL },
	{ "# escape=`\nFROM a\n", NULL, NULL },
};

static void join(const struct strv *v, struct buf *out)
{
	for (size_t i = 0; i < v->n; i++)
		buf_addf(out, "%s%s", i ? "|" : "", v->v[i]);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(build_need_done) struct build_need n = { 0 };
		CLEANUP(buf_done) struct buf paths = BUF_INIT(4096), bases = BUF_INIT(4096);

		assert_int_equal(build_need_read(str_from(rows[i].text), &n, NULL), 0);
		join(&n.paths, &paths);
		join(&n.bases, &bases);
		if (n.all != !rows[i].paths)
			row_fail(rows[i].text, "all is %d", n.all);
		if (!n.all && (strcmp(buf_z(&paths), rows[i].paths) || strcmp(buf_z(&bases), rows[i].bases)))
			row_fail(rows[i].text, "got %s from %s", buf_z(&paths), buf_z(&bases));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

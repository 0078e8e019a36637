#include "unit.h"

#include "base/path.h"
#include "cmd/podman/create_opts.h"

/* One line of flags-run.txt, which lists what every version has. */
struct known {
	struct str name, short_name, type, commands, versions;
};

static struct str next_field(struct str *rest)
{
	struct str field;

	str_cut(*rest, ' ', &field, rest);
	return field;
}

static void each_known(void (*each)(const struct known *, void *), void *ctx)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(1024 * 1024);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct str line, rest;
	size_t n = 0;

	if (path_read(TEST_DATA "/flags-run.txt", &text, &err) < 0)
		fail_msg("%s", err.text);
	rest = buf_str(&text);
	while (str_cut(rest, '\n', &line, &rest)) {
		struct known k;

		if (!line.n || line.p[0] == '#')
			continue;
		k.name = next_field(&line);
		k.short_name = next_field(&line);
		k.type = next_field(&line);
		k.commands = next_field(&line);
		k.versions = next_field(&line);
		assert_true(k.versions.n > 0);
		each(&k, ctx);
		n++;
	}
	assert_true(n > 150);
}

struct search {
	struct str name;
	const struct opt *found;
};

static void match(void *ctx, const struct opt *row)
{
	struct search *s = ctx;

	if (str_eq_z(s->name, row->long_name))
		s->found = row;
}

static const struct opt *find(const struct opt *table, struct str name)
{
	struct search s = { .name = name };

	opts_each(table, match, &s);
	return s.found;
}

static const char *type_word(enum opt_type type)
{
	static const char *const words[] = { [OPT_T_BOOL] = "bool",   [OPT_T_STR] = "string",	    [OPT_T_INT] = "int",     [OPT_T_UINT] = "uint",
					     [OPT_T_FLOAT] = "float", [OPT_T_STRV] = "stringArray", [OPT_T_SLICE] = "strings" };

	return words[type];
}

/* True when the flag belongs to podman, not only to docker. */
static bool is_podmans(const struct known *k)
{
	return !str_eq_z(k->versions, "docker");
}

static void check_row(const struct known *k, const struct opt *table, const char *command)
{
	const struct opt *row = find(table, k->name);
	CLEANUP(free_p) char *name = str_dup(k->name);
	char letter[2] = "-";

	if (!row)
		row_fail(name, "missing in %s", command);
	if (!(row->flags & OPT_BAG))
		row_fail(name, "not kept in the bag");
	if (row->short_name)
		letter[0] = row->short_name;
	if (!str_eq_z(k->short_name, letter))
		row_fail(name, "short name %s, want %.*s", letter, STR_ARG(k->short_name));
	if (!row->alias_of && !str_eq_z(k->type, type_word(row->type)))
		row_fail(name, "type %s, want %.*s", type_word(row->type), STR_ARG(k->type));
	if (!row->alias_of && is_podmans(k) == !!(row->flags & OPT_HIDDEN))
		row_fail(name, "shown or hidden wrongly");
}

static void check_known(const struct known *k, void *ctx)
{
	struct str first, second;
	bool both = str_cut(k->commands, '+', &first, &second);

	(void)ctx;
	if (both || str_eq_z(first, "run"))
		check_row(k, run_opts, "run");
	/* 1.x listed flags for create that only run can mean; they are taken there without being shown. */
	if (both && find(create_opts, k->name) && !find(create_opts, k->name)->alias_of)
		assert_true(find(create_opts, k->name)->type == find(run_opts, k->name)->type);
	if (both)
		assert_non_null(find(create_opts, k->name));
	if (str_eq_z(first, "create") && !both)
		check_row(k, create_opts, "create");
}

static void no_flag_of_any_version_is_missing(void **state)
{
	(void)state;
	each_known(check_known, NULL);
}

static void note_name(const struct known *k, void *ctx)
{
	struct search *s = ctx;

	if (str_eq(k->name, s->name))
		s->found = run_opts;
}

static void is_known(void *ctx, const struct opt *row)
{
	struct search s = { .name = str_from(row->long_name) };

	(void)ctx;
	if (row->alias_of) {
		/* An older spelling leads to a flag of the same type, or one that takes it as text. */
		const struct opt *target = find(run_opts, str_from(row->alias_of));

		if (!target || target->alias_of || (row->type != target->type && row->type == OPT_T_BOOL))
			row_fail(row->long_name, "an alias of %s", row->alias_of);
		return;
	}
	each_known(note_name, &s);
	if (!s.found)
		row_fail(row->long_name, "no version has it");
}

static void every_row_is_a_flag_of_some_version(void **state)
{
	(void)state;
	opts_each(run_opts, is_known, NULL);
	opts_each(create_opts, is_known, NULL);
}

static void a_usual_command_line(void **state)
{
	struct str word, rest = STR("-itd --rm --name web -p8080:80 -p 1:1,2:2 -e A=1,2 -v /a:/b:ro,z --cpus 1.5 --net=host -m 1g -h box "
				    "alpine sh -c ls");
	static const struct {
		const char *flag, *value;
		size_t n;
	} want[] = { { "interactive", "true", 1 }, { "tty", "true", 1 },    { "detach", "true", 1 },  { "rm", "true", 1 },
		     { "name", "web", 1 },	   { "publish", "2:2", 3 }, { "env", "A=1,2", 1 },    { "volume", "/a:/b:ro,z", 1 },
		     { "cpus", "1.5", 1 },	   { "network", "host", 1 }, { "memory", "1g", 1 }, { "hostname", "box", 1 } };
	struct run_args a = { 0 };
	const struct opt_set set = { run_opts, &a };
	CLEANUP(strv_done) struct strv words = { 0 }, names = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	bool help = false, more = true;

	(void)state;
	while (more) {
		more = str_cut(rest, ' ', &word, &rest);
		assert_true(strv_add_str(&words, word));
	}
	if (opts_parse(&set, 1, true, (int)words.n, words.v, &names, &help, &err) < 0)
		fail_msg("%s", err.text);
	assert_false(help);
	assert_int_equal(names.n, 4);
	assert_int_equal(a.flags.n, ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct flag *f = flags_find(&a.flags, want[i].flag);

		if (!f || f->values.n != want[i].n || strcmp(f->values.v[f->values.n - 1], want[i].value) != 0)
			row_fail(want[i].flag, "%zu values, last %s", f ? f->values.n : 0, f ? f->values.v[f->values.n - 1] : "none");
	}
	opts_done(run_opts, &a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_flag_of_any_version_is_missing),
		cmocka_unit_test(every_row_is_a_flag_of_some_version),
		cmocka_unit_test(a_usual_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

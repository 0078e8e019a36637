#include "unit.h"

#include "base/buf.h"
#include "cli/opt.h"

/* One field of each kind; what was parsed is compared as text. */
struct args {
	bool all, quiet;
	const char *format, *pull, *host;
	int64_t time, limit;
	double cpus;
	struct strv env, filter;
	struct flags bag;
};

struct globals {
	const char *connection;
	int64_t port;
	bool remote;
};

static const struct opt included[] = {
	{ .type = OPT_T_STR, .flags = OPT_BAG, .short_name = 'm', .long_name = "memory" },
	{ .type = OPT_T_INT, .flags = OPT_BAG, .long_name = "pids-limit" },
	{ .type = OPT_T_UINT, .flags = OPT_BAG, .long_name = "cpu-shares" },
	{ .type = OPT_T_FLOAT, .flags = OPT_BAG, .long_name = "bag-cpus" },
	{ .type = OPT_T_BOOL, .flags = OPT_BAG, .long_name = "rm" },
	{ .type = OPT_T_SLICE, .flags = OPT_BAG, .long_name = "cap-add" },
	{ .type = OPT_T_STRV, .flags = OPT_BAG, .short_name = 'v', .long_name = "volume" },
	{ .type = OPT_T_STR, .flags = OPT_BAG, .long_name = "network" },
	{ .type = OPT_T_STR, .flags = OPT_BAG | OPT_HIDDEN, .long_name = "net", .alias_of = "network" },
	OPT_END
};

static const struct opt rows[] = {
	OPT_BOOL('a', "all", struct args, all, "All"),
	OPT_BOOL('q', "quiet", struct args, quiet, "Quiet"),
	OPT_STR(0, "format", struct args, format, NULL, "Format"),
	{ .type = OPT_T_STR, .flags = OPT_NO_VALUE_OK, .short_name = 'p', .long_name = "pull", .offset = offsetof(struct args, pull) },
	OPT_INT('n', "limit", struct args, limit, NULL, "Limit"),
	OPT_UINT('t', "time", struct args, time, NULL, "Time"),
	{ .type = OPT_T_FLOAT, .long_name = "cpus", .offset = OPT_FIELD(struct args, cpus, double) },
	OPT_STRV('e', "env", struct args, env, NULL, "Env"),
	OPT_SLICE('f', "filter", struct args, filter, NULL, "Filter"),
	OPT_INCLUDE(included, struct args, bag),
	OPT_END
};

static const struct opt host_row[] = { OPT_STR('h', "hostname", struct args, host, NULL, "Host name"), OPT_END };

static const struct opt global_rows[] = {
	OPT_STR('c', "connection", struct globals, connection, NULL, "Connection"),
	OPT_INT(0, "port", struct globals, port, NULL, "Port"),
	OPT_BOOL('r', "remote", struct globals, remote, "Remote"),
	/* the command's own wins */
	OPT_STR('t', "format", struct globals, connection, NULL, "Never reached"),
	OPT_END
};

static void add_list(struct buf *b, const char *name, const struct strv *v)
{
	for (size_t i = 0; i < v->n; i++)
		buf_addf(b, "%s[%s] ", name, v->v[i]);
}

static void describe(struct buf *b, const struct args *a, const struct globals *g, const struct strv *names, bool help)
{
	buf_addf(b, "%s%s%s", a->all ? "all " : "", a->quiet ? "quiet " : "", help ? "help " : "");
	if (a->format)
		buf_addf(b, "format=%s ", a->format);
	if (a->pull)
		buf_addf(b, "pull=%s ", a->pull);
	if (a->host)
		buf_addf(b, "host=%s ", a->host);
	if (a->time)
		buf_addf(b, "time=%lld ", (long long)a->time);
	if (a->limit)
		buf_addf(b, "limit=%lld ", (long long)a->limit);
	if (a->cpus != 0)
		buf_addf(b, "cpus=%g ", a->cpus);
	add_list(b, "env", &a->env);
	add_list(b, "filter", &a->filter);
	for (size_t i = 0; i < a->bag.n; i++)
		add_list(b, a->bag.v[i].name, &a->bag.v[i].values);
	if (g->connection)
		buf_addf(b, "connection=%s ", g->connection);
	if (g->port)
		buf_addf(b, "port=%lld ", (long long)g->port);
	if (g->remote)
		buf_add_z(b, "remote ");
	add_list(b, "", names);
	if (b->n && b->p[b->n - 1] == ' ')
		b->p[--b->n] = 0;
}

/* The words are separated by single blanks; "<>" is the empty word. */
static void split_words(const char *line, struct strv *ret)
{
	struct str word, rest = str_from(line);
	bool more = rest.n > 0;

	while (more) {
		more = str_cut(rest, ' ', &word, &rest);
		assert_true(strv_add_str(ret, str_eq_z(word, "<>") ? STR("") : word));
	}
}

/* How a set of rows reads a line: what it says, or "! " and the error. */
static void read_words(const struct strv *words, const struct opt *table, bool stop_at_first, struct buf *out)
{
	struct args a = { 0 };
	struct globals g = { 0 };
	const struct opt_set sets[] = { { table, &a }, { global_rows, &g } };
	CLEANUP(strv_done) struct strv names = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	bool help = false;

	if (opts_parse(sets, ARRAY_LEN(sets), stop_at_first, (int)words->n, words->v, &names, &help, &err) < 0) {
		assert_int_equal(err.kind, ERR_USAGE);
		buf_addf(out, "! %s%s%s", err.text, err.hint ? " / " : "", err.hint ? err.hint : "");
	} else {
		describe(out, &a, &g, &names, help);
	}
	opts_done(table, &a);
	opts_done(global_rows, &g);
}

static void check_line(const char *line, const char *want, const struct opt *table, bool stop_at_first)
{
	CLEANUP(strv_done) struct strv words = { 0 };
	CLEANUP(buf_done) struct buf got = BUF_INIT(64 * 1024);

	split_words(line, &words);
	read_words(&words, table, stop_at_first, &got);
	if (strcmp(buf_z(&got), want) != 0)
		row_fail(line, "got  %s\nwant %s", buf_z(&got), want);
}

#define INVALID(what, flag, why) "! invalid argument \"" what "\" for \"" flag "\" flag: " why
#define PARSING(fn, what)        "strconv." fn ": parsing \"" what "\": "
#define SYNTAX(what, flag, fn)   INVALID(what, flag, PARSING(fn, what) "invalid syntax")
#define RANGE(what, flag, fn)    INVALID(what, flag, PARSING(fn, what) "value out of range")

struct line {
	const char *line, *want;
};

static const struct line grammar[] = {
	{ "", "" },
	{ "a b", "[a] [b]" },
	{ "-a", "all" },
	{ "--all", "all" },
	{ "--all x", "all [x]" },
	{ "x --all y", "all [x] [y]" },
	{ "--all=true", "all" },
	{ "--all=false", "" },
	{ "-a --all=false", "" },
	{ "-a=0", "" },
	{ "-a=T", "all" },
	{ "--all=1", "all" },
	{ "--all false", "all [false]" },
	{ "-aq", "all quiet" },
	{ "-qa x", "all quiet [x]" },
	{ "-aq=false", "all" },
	{ "--format json", "format=json" },
	{ "--format=json", "format=json" },
	{ "--format=", "format=" },
	{ "--format <>", "format=" },
	{ "--format=a=b", "format=a=b" },
	{ "--format a --format b", "format=b" },
	{ "--format -a", "format=-a" },
	{ "--format -- x", "format=-- [x]" },
	{ "-t 3", "time=3" },
	{ "-t3", "time=3" },
	{ "-t=3", "time=3" },
	{ "--time 3", "time=3" },
	{ "--time=3", "time=3" },
	{ "-at3", "all time=3" },
	{ "-at 3 x", "all time=3 [x]" },
	{ "-at=3", "all time=3" },
	{ "-ta", "! invalid argument \"a\" for \"-t, --time\" flag: strconv.ParseUint: parsing \"a\": invalid syntax" },
	{ "-n -5", "limit=-5" },
	{ "-n-5", "limit=-5" },
	{ "-e A=1 -e B=2,3", "env[A=1] env[B=2,3]" },
	{ "-eA=1", "env[A=1]" },
	{ "-e=A=1", "env[A=1]" },
	{ "-e= x", "env[=] [x]" }, /* pflag: two letters are no "-x=value" */
	{ "-p", "pull=true" },
	{ "-p never", "pull=true [never]" },
	{ "--pull never", "pull=true [never]" },
	{ "--pull=never", "pull=never" },
	{ "-p=never", "pull=never" },
	{ "-pa", "all pull=true" },
	{ "--", "" },
	{ "-- -a", "[-a]" },
	{ "-a -- -q", "all [-q]" },
	{ "-- -- x", "[--] [x]" },
	{ "-", "[-]" },
	{ "- -a", "all [-]" },
	{ "<>", "[]" },
	{ "<> -a", "all []" },
	{ "-c box", "connection=box" },
	{ "x -c box --port 22", "connection=box port=22 [x]" },
	{ "-arq", "all quiet remote" },
	{ "--help", "help" },
	{ "-h", "help" },
	{ "-ah x", "all help [x]" },
	{ "--help=false", "" },
	{ "--help=x", SYNTAX("x", "--help", "ParseBool") },
	{ "x --help y", "help [x] [y]" },
	{ "-- --help", "[--help]" },
	{ "--x", "! unknown flag: --x" },
	{ "--x=y", "! unknown flag: --x" },
	{ "--frmat x", "! unknown flag: --frmat / did you mean --format?" },
	{ "--filters x", "! unknown flag: --filters / did you mean --filter?" },
	{ "--mem x", "! unknown flag: --mem / did you mean --memory?" },
	{ "--conection x", "! unknown flag: --conection / did you mean --connection?" },
	{ "--zebra x", "! unknown flag: --zebra" },
	{ "--ALL", "! unknown flag: --ALL / did you mean --all?" },
	{ "--al", "! unknown flag: --al / did you mean --all?" },
	{ "-Z", "! unknown shorthand flag: 'Z' in -Z" },
	{ "-aZq", "! unknown shorthand flag: 'Z' in -Zq" },
	{ "-a=", "! unknown shorthand flag: '=' in -=" },
	{ "-ab=1", "! unknown shorthand flag: 'b' in -b=1" },
	{ "-'", "! unknown shorthand flag: '\\'' in -'" },
	{ "-\\", "! unknown shorthand flag: '\\\\' in -\\" },
	{ "-\x01", "! unknown shorthand flag: '\\x01' in -\x01" },
	{ "-\x7f", "! unknown shorthand flag: '\\x7f' in -\x7f" },
	{ "-\n", "! unknown shorthand flag: '\\n' in -\n" },
	{ "-\xc3\xa9", "! unknown shorthand flag: '\xc3\x83' in -\xc3\xa9" },
	{ "-\xad", "! unknown shorthand flag: '\\u00ad' in -\xad" },
	{ "-\"", "! unknown shorthand flag: '\"' in -\"" },
	{ "-t", "! flag needs an argument: 't' in -t" },
	{ "-at", "! flag needs an argument: 't' in -t" },
	{ "--time", "! flag needs an argument: --time" },
	{ "--format", "! flag needs an argument: --format" },
	{ "--=x", "! bad flag syntax: --=x" },
	{ "---", "! bad flag syntax: ---" },
	{ "---all", "! bad flag syntax: ---all" },
};

static const struct line values[] = {
	{ "--all=x", SYNTAX("x", "-a, --all", "ParseBool") },
	{ "-a=x", SYNTAX("x", "-a, --all", "ParseBool") },
	{ "--all=", SYNTAX("", "-a, --all", "ParseBool") },
	{ "--all=tRUE", SYNTAX("tRUE", "-a, --all", "ParseBool") },
	{ "--all=yes", SYNTAX("yes", "-a, --all", "ParseBool") },
	{ "-t x", SYNTAX("x", "-t, --time", "ParseUint") },
	{ "--time=x", SYNTAX("x", "-t, --time", "ParseUint") },
	{ "-t -1", SYNTAX("-1", "-t, --time", "ParseUint") },
	{ "-t +1", SYNTAX("+1", "-t, --time", "ParseUint") },
	{ "-t <>", SYNTAX("", "-t, --time", "ParseUint") },
	{ "-t 99999999999", "time=99999999999" },
	{ "-t 9223372036854775807", "time=9223372036854775807" },
	{ "-t 9223372036854775808", RANGE("9223372036854775808", "-t, --time", "ParseUint") },
	{ "-t 18446744073709551616", RANGE("18446744073709551616", "-t, --time", "ParseUint") },
	{ "-n x", SYNTAX("x", "-n, --limit", "ParseInt") },
	{ "-n +7", "limit=7" },
	{ "-n -", SYNTAX("-", "-n, --limit", "ParseInt") },
	{ "-n 1.5", SYNTAX("1.5", "-n, --limit", "ParseInt") },
	{ "-n 1e9", SYNTAX("1e9", "-n, --limit", "ParseInt") },
	{ "-n 0x1f", "limit=31" },
	{ "-n 0X1F", "limit=31" },
	{ "-n -0x1f", "limit=-31" },
	{ "-n 0b101", "limit=5" },
	{ "-n 0o17", "limit=15" },
	{ "-n 017", "limit=15" },
	{ "-n 08", SYNTAX("08", "-n, --limit", "ParseInt") },
	{ "-n 0x", SYNTAX("0x", "-n, --limit", "ParseInt") },
	{ "-n 0b2", SYNTAX("0b2", "-n, --limit", "ParseInt") },
	{ "-n 1_000", "limit=1000" },
	{ "-n 0x_1f", "limit=31" },
	{ "-n 0_7", "limit=7" },
	{ "-n _1", SYNTAX("_1", "-n, --limit", "ParseInt") },
	{ "-n 1_", SYNTAX("1_", "-n, --limit", "ParseInt") },
	{ "-n 1__0", SYNTAX("1__0", "-n, --limit", "ParseInt") },
	{ "-n 0x10_0zz", SYNTAX("0x10_0zz", "-n, --limit", "ParseInt") },
	{ "-n 9223372036854775807", "limit=9223372036854775807" },
	{ "-n 9223372036854775808", RANGE("9223372036854775808", "-n, --limit", "ParseInt") },
	{ "-n -9223372036854775808", "limit=-9223372036854775808" },
	{ "-n -9223372036854775809", RANGE("-9223372036854775809", "-n, --limit", "ParseInt") },
	{ "-n 99999999999999999999", RANGE("99999999999999999999", "-n, --limit", "ParseInt") },
	{ "--port 22x", SYNTAX("22x", "--port", "ParseInt") },
	{ "--cpus 1.5", "cpus=1.5" },
	{ "--cpus .5", "cpus=0.5" },
	{ "--cpus 2", "cpus=2" },
	{ "--cpus 1e3", "cpus=1000" },
	{ "--cpus x", SYNTAX("x", "--cpus", "ParseFloat") },
	{ "--cpus <>", SYNTAX("", "--cpus", "ParseFloat") },
	{ "--cpus 1.5x", SYNTAX("1.5x", "--cpus", "ParseFloat") },
	{ "--cpus 1e999", RANGE("1e999", "--cpus", "ParseFloat") },
	{ "--filter a=b,c=d", "filter[a=b] filter[c=d]" },
	{ "-f a -f b,c", "filter[a] filter[b] filter[c]" },
	{ "-f <>", "" },
	{ "-f ,", "filter[] filter[]" },
	{ "-f a,", "filter[a] filter[]" },
	{ "-f \"a,b\",c", "filter[a,b] filter[c]" },
	{ "-f \"a\"\"b\"", "filter[a\"b]" },
	{ "-f \"\"", "filter[]" },
	{ "-f \"a\nb\",c", "filter[a\nb] filter[c]" },
	{ "-f a\nb", "filter[a]" }, /* one record only */
	{ "-f \n\na,b", "filter[a] filter[b]" },
	{ "-f a,b\r\n", "filter[a] filter[b]" },
	{ "-f a\"b", INVALID("a\\\"b", "-f, --filter", "parse error on line 1, column 2: bare \" in non-quoted-field") },
	{ "-f x,a\"b", INVALID("x,a\\\"b", "-f, --filter", "parse error on line 1, column 4: bare \" in non-quoted-field") },
	{ "-f \"ab", INVALID("\\\"ab", "-f, --filter", "parse error on line 1, column 4: extraneous or missing \" in quoted-field") },
	{ "-f \"a\"b", INVALID("\\\"a\\\"b", "-f, --filter", "parse error on line 1, column 3: extraneous or missing \" in quoted-field") },
	{ "-f a,\"b\nc", INVALID("a,\\\"b\\nc", "-f, --filter",
				 "record on line 1; parse error on line 2, column 2: extraneous or missing \" in quoted-field") },
	{ "-f \"a\n\r", INVALID("\\\"a\\n\\r", "-f, --filter",
			       "parse error on line 1, column 4: extraneous or missing \" in quoted-field") },
	{ "-f \n", INVALID("\\n", "-f, --filter", "EOF") },
	{ "--cpus \xff\t\xc3\xa9", INVALID("\\xff\\t\xc3\xa9", "--cpus",
					  "strconv.ParseFloat: parsing \"\\xff\\t\xc3\xa9\": invalid syntax") },
};

static const struct line bags[] = {
	{ "-m 1g", "memory[1g]" },
	{ "-m 1g --memory=2g", "memory[1g] memory[2g]" },
	{ "--pids-limit -1", "pids-limit[-1]" },
	{ "--pids-limit 0x10", "pids-limit[0x10]" },
	{ "--pids-limit x", SYNTAX("x", "--pids-limit", "ParseInt") },
	{ "--cpu-shares 18446744073709551615", "cpu-shares[18446744073709551615]" },
	{ "--cpu-shares -1", SYNTAX("-1", "--cpu-shares", "ParseUint") },
	{ "--bag-cpus 1.50", "bag-cpus[1.50]" },
	{ "--bag-cpus x", SYNTAX("x", "--bag-cpus", "ParseFloat") },
	{ "--rm", "rm[true]" },
	{ "--rm=F", "rm[false]" },
	{ "--rm=x", SYNTAX("x", "--rm", "ParseBool") },
	{ "--cap-add a,b --cap-add c", "cap-add[a] cap-add[b] cap-add[c]" },
	{ "--cap-add <>", "" },
	{ "-v a:b,c -v d", "volume[a:b,c] volume[d]" },
	{ "--net host", "network[host]" },
	{ "--net host --network none", "network[host] network[none]" },
};

static const struct line first_name_ends_flags[] = {
	{ "-a x -q", "all [x] [-q]" },
	{ "-a -- x -q", "all [x] [-q]" },
	{ "x -- -q", "[x] [--] [-q]" },
	{ "-e A=1 img sh -c ls", "env[A=1] [img] [sh] [-c] [ls]" },
	{ "-c box img --help", "connection=box [img] [--help]" },
	{ "- -a", "[-] [-a]" },
	{ "<> -a", "[] [-a]" },
	{ "--help img", "help [img]" },
};

static const struct line with_own_h[] = {
	{ "-h box", "host=box" },
	{ "-hbox", "host=box" },
	{ "-h", "! flag needs an argument: 'h' in -h" },
	{ "--help", "help" },
};

static void check_all(const struct line *lines, size_t n, const struct opt *table, bool stop_at_first)
{
	for (size_t i = 0; i < n; i++)
		check_line(lines[i].line, lines[i].want, table, stop_at_first);
}

static void the_grammar_is_that_of_pflag(void **state)
{
	(void)state;
	check_all(grammar, ARRAY_LEN(grammar), rows, false);
}

static void values_are_checked_in_the_words_of_strconv(void **state)
{
	(void)state;
	check_all(values, ARRAY_LEN(values), rows, false);
}

static void a_bag_keeps_text_by_name(void **state)
{
	(void)state;
	check_all(bags, ARRAY_LEN(bags), rows, false);
}

static void flags_can_end_at_the_first_name(void **state)
{
	(void)state;
	check_all(first_name_ends_flags, ARRAY_LEN(first_name_ends_flags), rows, true);
}

static void h_belongs_to_the_command_that_has_it(void **state)
{
	(void)state;
	check_all(with_own_h, ARRAY_LEN(with_own_h), host_row, false);
}

static void count_row(void *ctx, const struct opt *row)
{
	assert_non_null(row->long_name);
	++*(size_t *)ctx;
}

static void each_row_is_visited_once(void **state)
{
	size_t n = 0;

	(void)state;
	opts_each(rows, count_row, &n);
	assert_int_equal(n, ARRAY_LEN(rows) - 2 + ARRAY_LEN(included) - 1);
	opts_each(NULL, count_row, &n);
	assert_int_equal(n, ARRAY_LEN(rows) - 2 + ARRAY_LEN(included) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_grammar_is_that_of_pflag),
		cmocka_unit_test(values_are_checked_in_the_words_of_strconv),
		cmocka_unit_test(a_bag_keeps_text_by_name),
		cmocka_unit_test(flags_can_end_at_the_first_name),
		cmocka_unit_test(h_belongs_to_the_command_that_has_it),
		cmocka_unit_test(each_row_is_visited_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "unit.h"

#include <stdio.h>

#include "base/js.h"
#include "output/list.h"

static const struct list_field fields[] = {
	{ "ID", "CONTAINER ID" }, { "Names", NULL }, { "CreatedAt", NULL }, { "Labels", NULL }, { NULL, NULL },
};

static const struct list_spec spec = {
	.name = "ps",
	.go_type = "containers.psReporter",
	.fields = fields,
	.table = "{{.ID}}\t{{.Names}}",
	.json_indent = 2,
};

static const char *const two_rows[] = {
	"{\"ID\":\"0123456789ab\",\"Names\":\"web\",\"CreatedAt\":\"2 days ago\",\"Labels\":{\"a\":\"1\"}}",
	"{\"ID\":\"ba9876543210\",\"Names\":\"a long name <x>\",\"CreatedAt\":\"3 days ago\",\"Labels\":{}}",
};

/* What the list prints; the error's text when it fails. Owned by the caller. */
static char *print_list(const struct list_spec *s, const char *format, bool no_heading, size_t n_rows)
{
	CLEANUP(list_free_p) struct list *l = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	int r = list_open(&l, s, format, no_heading, out, &err);

	for (size_t i = 0; r == 0 && i < n_rows; i++) {
		CLEANUP(js_put_p) struct json_object *row = NULL;

		assert_int_equal(js_parse(str_from(two_rows[i]), "row", &row, NULL), 0);
		r = list_row(l, row, &err);
	}
	if (r == 0)
		r = list_close(l, &err);
	fclose(out);
	if (r < 0) {
		free(text);
		text = ptr_take(&err.text);
	}
	return text;
}

#define JSON_OF_TWO                                                                                                                \
	"[\n  {\n    \"ID\": \"0123456789ab\",\n    \"Names\": \"web\",\n    \"CreatedAt\": \"2 days ago\",\n"                     \
	"    \"Labels\": {\n      \"a\": \"1\"\n    }\n  },\n  {\n    \"ID\": \"ba9876543210\",\n"                                 \
	"    \"Names\": \"a long name \\u003cx\\u003e\",\n    \"CreatedAt\": \"3 days ago\",\n    \"Labels\": {}\n  }\n]\n"

static void formats(void **state)
{
	static const struct {
		const char *format;
		bool no_heading;
		size_t rows;
		const char *want;
	} cases[] = {
		/* the default table */
		{ NULL, false, 2, "CONTAINER ID  NAMES\n0123456789ab  web\nba9876543210  a long name <x>\n" },
		{ "", false, 1, "CONTAINER ID  NAMES\n0123456789ab  web\n" },
		{ "table", false, 1, "CONTAINER ID  NAMES\n0123456789ab  web\n" },
		{ NULL, false, 0, "CONTAINER ID  NAMES\n" },
		{ NULL, true, 1, "0123456789ab  web\n" },
		{ NULL, true, 0, "" },
		/* tables of the user; blanks part columns as tabs do */
		{ "table {{.Names}}\\t{{.ID}}", false, 1, "NAMES       CONTAINER ID\nweb         0123456789ab\n" },
		{ "table {{.Names}} {{.ID}}", false, 1, "NAMES       CONTAINER ID\nweb         0123456789ab\n" },
		{ "table\\t{{.Names}}", false, 1, "            NAMES\n            web\n" },
		{ "table {{.CreatedAt}}\\t{{ .Names }}", false, 1, "CREATED AT  NAMES\n2 days ago  web\n" },
		{ "table {{.Names}}", true, 1, "web\n" },
		{ "table {{upper .Names}}\\t{{.ID}}", false, 1, "NAMES       CONTAINER ID\nWEB         0123456789ab\n" },
		{ "table {{join (split .Names \" \") \"+\"}}\\t{{.ID}}", true, 2,
		  "web              0123456789ab\na+long+name+<x>  ba9876543210\n" },
		{ "table {{.Labels.a}}\\t{{.ID}}", false, 1, "LABELS      CONTAINER ID\n1           0123456789ab\n" },
		{ "table {{.CreatedAt}}", false, 0, "CREATED AT\n" },
		/* templates */
		{ "{{.ID}}", false, 2, "0123456789ab\nba9876543210\n" },
		{ "{{.ID}}\\t{{.Names}}", false, 1, "0123456789ab\tweb\n" },
		{ "{{.ID}} {{.Names}}\\n", false, 1, "0123456789ab web\n" },
		{ "{{printf \"%s\\n\" .ID}}", false, 1, "0123456789ab\n\n" },
		{ "{{.ID -}}", false, 2, "0123456789abba9876543210" },
		{ "plain", false, 2, "plain\nplain\n" },
		{ "{{.ID}}", false, 0, "" },
		{ "{{json .Names}}", false, 2, "\"web\"\n\"a long name <x>\"\n" },
		{ "{{.Labels}}", false, 2, "map[a:1]\nmap[]\n" },
		{ "tables {{.ID}}", false, 1, "tables 0123456789ab\n" },
		/* over all rows at once */
		{ "{{range .}}{{.ID}} {{end}}", false, 2, "0123456789ab ba9876543210 \n" },
		{ "{{ range . }}{{.ID}},{{end}}", false, 1, "0123456789ab,\n" },
		{ "{{range .}}x{{else}}none{{end}}", false, 0, "none\n" },
		/* JSON */
		{ "json", false, 2, JSON_OF_TWO },
		{ "{{json .}}", false, 2, JSON_OF_TWO },
		{ " {{ json  . }} ", false, 2, JSON_OF_TWO },
		{ "{{json}}", false, 2, JSON_OF_TWO },
		{ "json", false, 0, "[]\n" },
		/* refused */
		{ "{{.Foo}}", false, 0, "" },
		{ "{{.Foo}}", false, 1,
		  "template: ps:1:2: executing \"ps\" at <.Foo>: can't evaluate field Foo in type containers.psReporter" },
		{ "table {{.Foo}}", false, 1,
		  "template: ps:1:2: executing \"ps\" at <.Foo>: can't evaluate field Foo in type containers.psReporter" },
		{ "{{.ID", false, 0, "template: ps:1: unclosed action" },
		{ "{{foo}}", false, 0, "template: ps:1: function \"foo\" not defined" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(free_p) char *got = print_list(&spec, cases[i].format, cases[i].no_heading, cases[i].rows);

		if (strcmp(got, cases[i].want) != 0)
			row_fail(cases[i].format ? cases[i].format : "(default)", "prints \"%s\"", got);
	}
}

static void other_widths_and_compact_json(void **state)
{
	static const struct list_spec narrow = {
		.name = "volume", .fields = fields, .table = "{{.Names}}\t{{.ID}}", .min_width = 1, .padding = 3
	};
	CLEANUP(free_p) char *table = print_list(&narrow, NULL, false, 1);
	CLEANUP(free_p) char *json = print_list(&narrow, "json", false, 2);

	(void)state;
	assert_string_equal(table, "NAMES   CONTAINER ID\nweb     0123456789ab\n");
	assert_string_equal(json,
			    "[{\"ID\":\"0123456789ab\",\"Names\":\"web\",\"CreatedAt\":\"2 days ago\",\"Labels\":{\"a\":\"1\"}},"
			    "{\"ID\":\"ba9876543210\",\"Names\":\"a long name \\u003cx\\u003e\",\"CreatedAt\":\"3 days "
			    "ago\",\"Labels\":{}}]\n");
}

/* By the package camelcase, which Podman's tables use. */
static void headers_are_split_into_words(void **state)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "Names", "NAMES\n" },
		{ "CreatedAt", "CREATED AT\n" },
		{ "CPUPerc", "CPU PERC\n" },
		{ "PIDNS", "PIDNS\n" },
		{ "MemUsageBytes", "MEM USAGE BYTES\n" },
		{ "RunningFor", "RUNNING FOR\n" },
		{ "IPv6Enabled", "I PV 6 ENABLED\n" },
		{ "DNSEnabled", "DNS ENABLED\n" },
		{ "VMType", "VM TYPE\n" },
		{ "A", "A\n" },
		{ "a1B2", "A 1 B 2\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf format = BUF_INIT(100);
		CLEANUP(free_p) char *got = NULL;

		buf_addf(&format, "table {{.%s}}", cases[i].name);
		got = print_list(&spec, buf_z(&format), false, 0);
		if (strcmp(got, cases[i].want) != 0)
			row_fail(cases[i].name, "gives %s", got);
	}
}

static void the_mode_is_known_at_once(void **state)
{
	static const struct {
		const char *format;
		enum list_mode mode;
	} cases[] = {
		{ NULL, LIST_TABLE },        { "table {{.ID}}", LIST_TABLE },    { "json", LIST_JSON },
		{ "{{json .}}", LIST_JSON }, { "{{.ID}}", LIST_TEMPLATE },       { "{{json .ID}}", LIST_TEMPLATE },
		{ "jsonx", LIST_TEMPLATE },  { "{{json . }} x", LIST_TEMPLATE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(list_free_p) struct list *l = NULL;

		assert_int_equal(list_open(&l, &spec, cases[i].format, false, stdout, NULL), 0);
		assert_int_equal(list_mode(l), cases[i].mode);
	}
}

static void a_full_disk_is_reported(void **state)
{
	CLEANUP(list_free_p) struct list *l = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	if (!full)
		skip(); /* not on macOS */
	assert_int_equal(list_open(&l, &spec, NULL, false, full, &err), 0);
	assert_int_equal(list_close(l, &err), -ERR_SYSTEM);
	assert_non_null(strstr(err.text, "write the list"));
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(other_widths_and_compact_json),
		cmocka_unit_test(headers_are_split_into_words),
		cmocka_unit_test(the_mode_is_known_at_once),
		cmocka_unit_test(a_full_disk_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "cmd/podman/removed.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/session.h"

static void print_list(struct session *s, const char *word, struct json_object *list)
{
	for (size_t i = 0; i < js_len(list); i++)
		fprintf(session_out(s), "%s: %.*s\n", word, STR_ARG(js_text(js_at(list, i))));
}

int removed_print(struct session *s, struct json_object *report)
{
	struct json_object *errors = js_get(report, "Errors");

	print_list(s, "Untagged", js_get(report, "Untagged"));
	print_list(s, "Deleted", js_get(report, "Deleted"));
	for (size_t i = 0; i < js_len(errors); i++) {
		CLEANUP(error_done) struct error one = ERROR_INIT;

		error_set(&one, ERR_REMOTE, "%.*s", STR_ARG(js_text(js_at(errors, i))));
		session_report(s, &one);
	}
	if (js_len(errors) == 0)
		return 0;

	int64_t status = js_get_int(report, "ExitCode", 0);

	return status > 0 && status < 256 ? (int)status : session_status(s);
}

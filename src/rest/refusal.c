/* rest/refusal.c: what a status over 399 and its body mean. Handlers send {"cause":"...","message":"...","response":404}; message is the
 * whole chain of the service's error, cause its innermost link. The router itself answers in plain text. */
#include <string.h>

#include "base/cleanup.h"
#include "rest/rest.h"

/* Innermost errors that say more than the status: Podman up to 5.x answers many of them with 500 or 400. */
static const struct {
	const char *cause;
	enum err_kind kind;
} causes[] = {
	{ "no such container", ERR_NOT_FOUND },
	{ "no such image", ERR_NOT_FOUND },
	{ "image not known", ERR_NOT_FOUND },
	{ "no such volume", ERR_NOT_FOUND },
	{ "no such pod", ERR_NOT_FOUND },
	{ "network not found", ERR_NOT_FOUND },
	{ "no such exec session", ERR_NOT_FOUND },
	{ "no such secret", ERR_NOT_FOUND },
	{ "container state improper", ERR_CONFLICT },
	{ "that name is already in use", ERR_CONFLICT },
	{ "name is in use", ERR_CONFLICT },
	{ "volume is being used", ERR_CONFLICT },
	{ "volume already exists", ERR_CONFLICT },
	{ "image is in use by a container", ERR_CONFLICT },
	{ "image is being used", ERR_CONFLICT },
	{ "container already exists", ERR_CONFLICT },
	{ "pod already exists", ERR_CONFLICT },
	{ "network already exists", ERR_CONFLICT },
	{ "network is being used", ERR_CONFLICT },
	{ "secret name in use", ERR_CONFLICT },
};

static enum err_kind kind_of(int status, const char *cause)
{
	for (size_t i = 0; i < ARRAY_LEN(causes); i++)
		if (str_ends(str_from(cause), str_from(causes[i].cause)))
			return causes[i].kind;
	if (status == 404)
		return ERR_NOT_FOUND;
	return status == 409 ? ERR_CONFLICT : ERR_REMOTE;
}

/* One line: the texts come from outside, and a line break would break up what is printed. */
static void add_line(struct buf *out, const char *text)
{
	struct str s = str_trim(str_from(text));

	for (size_t i = 0; i < s.n; i++)
		buf_add_char(out, (unsigned char)s.p[i] < ' ' && s.p[i] != '\t' ? ' ' : s.p[i]);
}

/* A partial failure, of a pod operation: {"Errs":["...","..."],"Id":"..."}, or of a manifest list's change: {"Id":"...","errors":["..."]}. */
static void add_errs(struct buf *out, struct json_object *errs)
{
	for (size_t i = 0; i < js_len(errs); i++) {
		buf_add_z(out, out->n ? "; " : "");
		add_line(out, json_object_get_string(js_at(errs, i)));
	}
}

static int of_json(int status, struct json_object *o, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);
	const char *cause = js_get_str(o, "cause", ""), *message = js_get_str(o, "message", "");

	if (*message || *cause)
		add_line(&text, *message ? message : cause);
	else
		add_errs(&text, js_get_any(o, "Errs", "errors", NULL));
	if (!text.n)
		buf_addf(&text, "the service answered with status %d and no reason", status);
	return error_set(err, kind_of(status, *cause ? cause : message), "%s", buf_z(&text));
}

int rest_error_text(int status, const char *text, struct error *err)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(64 * 1024);

	add_line(&line, text);
	return error_set(err, kind_of(status, buf_z(&line)), "%s", buf_z(&line));
}

int rest_error_of(int status, const char *content_type, struct str body, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);
	CLEANUP(free_p) char *z = NULL;

	body = str_trim(body);
	if (body.n && body.p[0] == '{' && js_parse(body, "error", &o, NULL) == 0)
		return of_json(status, o, err);
	if (str_starts(str_from(content_type), STR("text/plain")) &&
	    ((status == 404 && str_eq(body, STR("Not Found"))) || (status == 405 && str_eq(body, STR("Method Not Allowed")))))
		return error_set(err, ERR_UNSUPPORTED, "the service has no such route");
	if (body.n > 4096)
		body.n = 4096;
	z = str_dup(body);
	add_line(&text, z ? z : "");
	if (!text.n)
		buf_addf(&text, "the service answered with status %d", status);
	return error_set(err, kind_of(status, ""), "%s", buf_z(&text));
}

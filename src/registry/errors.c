#include "registry/errors.h"

#include <ctype.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/js.h"

#define TEXT_MAX (16 * 1024)
#define SHOWN_OF_HTML 50

static const struct {
	int status;
	const char *text;
} statuses[] = {
	{ 200, "OK" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 413, "Request Entity Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Requested Range Not Satisfiable" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
};

void reg_status_text(int status, struct buf *out)
{
	buf_addf(out, "%d", status);
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].status == status)
			buf_addf(out, " (%s)", statuses[i].text);
}

static const struct {
	const char *code;
	enum err_kind kind;
} codes[] = {
	{ "UNAUTHORIZED", ERR_AUTH },          { "DENIED", ERR_AUTH },           { "MANIFEST_UNKNOWN", ERR_NOT_FOUND },
	{ "MANIFEST_BLOB_UNKNOWN", ERR_REMOTE }, { "NAME_UNKNOWN", ERR_NOT_FOUND }, { "BLOB_UNKNOWN", ERR_NOT_FOUND },
	/* What registries say to a manifest of a type that they don't take. */
	{ "MANIFEST_INVALID", ERR_UNSUPPORTED },
	{ "TAG_INVALID", ERR_UNSUPPORTED },
};

static enum err_kind kind_of(int status, const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (strcasecmp(codes[i].code, code) == 0)
			return codes[i].kind;
	if (status == 401 || status == 403)
		return ERR_AUTH;
	if (status == 415)
		return ERR_UNSUPPORTED;
	return status == 404 ? ERR_NOT_FOUND : ERR_REMOTE;
}

/* The text comes from outside and goes to a terminal, as one line. */
static char harmless(char c)
{
	return (unsigned char)c < ' ' || c == 127 ? ' ' : c;
}

static void add_line(struct buf *out, struct str s)
{
	s = str_trim(s);
	for (size_t i = 0; i < s.n; i++)
		buf_add_char(out, harmless(s.p[i]));
}

/* "MANIFEST_UNKNOWN" is "manifest unknown". */
static void add_code(struct buf *out, const char *code)
{
	for (; *code; code++)
		buf_add_char(out, *code == '_' ? ' ' : (char)tolower((unsigned char)harmless(*code)));
}

static void add_one(struct buf *out, struct json_object *e)
{
	const char *code = js_get_str(e, "code", "unknown");
	struct str message = js_text(js_get(e, "message"));

	add_code(out, code);
	buf_add_z(out, ": ");
	if (message.n)
		add_line(out, message);
	else
		add_code(out, code);
}

/* {"errors":[{"code","message","detail"}]}; Docker Hub's {"message"} or {"detail"}, and the {"details"} of other services. */
static void add_json(struct buf *out, struct json_object *o, const char **ret_code)
{
	struct json_object *errors = js_get(o, "errors");

	*ret_code = js_get_str(js_at(errors, 0), "code", "");
	if (js_len(errors) > 1)
		buf_add_z(out, "errors: ");
	for (size_t i = 0; i < js_len(errors); i++) {
		buf_add_z(out, i ? "; " : "");
		add_one(out, js_at(errors, i));
	}
	if (!js_len(errors))
		add_line(out, js_text(js_get_any(o, "message", "details", "detail", "error_description", NULL)));
}

static void add_other(struct buf *out, int status, struct str body)
{
	struct str begin = { body.p, body.n < SHOWN_OF_HTML ? body.n : SHOWN_OF_HTML };

	buf_addf(out, "StatusCode: %d, ", status);
	add_line(out, begin);
	buf_add_z(out, begin.n < body.n ? "..." : "");
}

static void add_bare(struct buf *out, int status)
{
	if (status == 401)
		buf_add_z(out, "unauthorized: authentication required");
	else if (status == 403)
		buf_add_z(out, "denied: requested access to the resource is denied");
	else if (status == 429)
		buf_add_z(out, "too many requests to registry");
	else {
		buf_add_z(out, "invalid status code from registry ");
		reg_status_text(status, out);
	}
}

int reg_refusal(int status, struct str body, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEXT_MAX);
	const char *code = "";

	body = str_trim(body);
	if (status == 429)
		add_bare(&text, status);
	else if (body.n && *body.p == '{' && js_parse(body, "error", &o, NULL) == 0)
		add_json(&text, o, &code);
	else if (body.n)
		add_other(&text, status, body);
	if (!text.n)
		add_bare(&text, status);
	return error_set(err, kind_of(status, code), "%s", buf_z(&text));
}

int reg_reply_refusal(const struct reg_reply *reply, struct error *err)
{
	return reg_refusal(reply->status, buf_str(&reply->body), err);
}

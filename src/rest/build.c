/* rest/build.c: POST build: the context goes up as tar, then the text of the build comes as records. */
#include "rest/build.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "rest/split.h"

#define SHORT_ID 12
#define LONG_ID  64

static const struct build_row *row_of(const char *flag)
{
	for (size_t i = 0; i < build_n_rows; i++)
		if (strcmp(build_rows[i].flag, flag) == 0)
			return &build_rows[i];
	return NULL;
}

static int put_flag(struct build_query *b, const struct flag *f, struct error *err)
{
	const struct build_row *row = row_of(f->name);

	if (!row || (row->since && !build_at_least(b, row->since)))
		return build_unsupported(b, f->name, err);
	return row->put && f->values.n ? row->put(b, row, &f->values, err) : 0;
}

int build_query_flags(struct build_query *b, struct error *err)
{
	static build_group_fn *const groups[] = { build_group_platform, build_group_pull,       build_group_layers,
						  build_group_format,   build_group_namespaces, build_group_removal,
						  build_group_isolation };

	for (size_t i = 0; i < b->flags->n; i++) {
		int r = put_flag(b, &b->flags->v[i], err);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		int r = groups[i](b, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Up to 3.0 one plain name is read. */
static int put_dockerfiles(struct build_query *b, const struct strv *names, struct error *err)
{
	if (build_at_least(b, V(3, 1)))
		rest_query_list(b->url, "dockerfile", names);
	else if (names && names->n > 1)
		return engine_unsupported(&b->rest->engine, err, "build with several Containerfiles");
	else if (names && names->n)
		rest_query(b->url, "dockerfile", names->v[0]);
	return 0;
}

struct build_ctx {
	const struct build_req *req;
	build_text_fn *text;
	void *ctx;
	char id[LONG_ID + 1]; /* the last line so far that is one, short or long */
	bool sent;            /* all of the context */
};

static bool is_id(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (!isxdigit((unsigned char)line.p[i]) || isupper((unsigned char)line.p[i]))
			return false;
	return line.n == SHORT_ID || line.n == LONG_ID;
}

static void remember_id(struct build_ctx *c, struct str text)
{
	struct str line, rest = str_trim(text);

	for (bool more = rest.n > 0; more;) {
		more = str_cut(rest, '\n', &line, &rest);
		line = str_trim(line);
		if (!is_id(line))
			continue;
		memcpy(c->id, line.p, line.n);
		c->id[line.n] = '\0';
	}
}

/* "... exit status 9" is the status of the step that failed. */
static int failed(const char *text, struct error *err)
{
	static const char words[] = "exit status ";
	const char *at = NULL;
	int r = rest_error_text(500, text, err);
	int64_t status;

	for (const char *p = text; (p = strstr(p, words)); p++)
		at = p + sizeof words - 1;
	if (at && int_parse((struct str){ at, strspn(at, "0123456789") }, &status) && status > 0 && status < 256)
		error_exit_status(err, (int)status);
	return r;
}

/* {"stream":"STEP 1/5: FROM ...\n"}; {"errorDetail":{"message":"..."},"error":"..."}; what else there is ("aux") says nothing to people. */
static int build_record(void *ctx, struct json_object *o, struct error *err)
{
	struct build_ctx *c = ctx;
	const char *text = js_get_str(o, "error", js_get_str(js_get(o, "errorDetail"), "message", ""));
	struct str stream = js_text(js_get(o, "stream"));

	if (*text)
		return failed(text, err);
	if (!stream.n)
		return 0;
	remember_id(c, stream);
	return c->text ? c->text(c->ctx, stream, err) : 0;
}

static int produce(void *ctx, const struct byte_sink *to, struct error *err)
{
	struct build_ctx *c = ctx;
	int r = producer_run(c->req->context, to, err);

	c->sent = r >= 0;
	return r;
}

static int send_build(struct rest *r, const struct build_req *q, const struct buf *url, struct build_ctx *c, struct error *err)
{
	CLEANUP(buf_done) struct buf headers = BUF_INIT(HTTP_MAX_HEAD);
	struct byte_producer context = { produce, c, q->context->length, false };
	int n = q->auth_map ? rest_auth_header(&headers, "X-Registry-Config", q->auth_map, err) : 0;

	if (n < 0)
		return n;
	n = rest_each(
		r,
		&(struct rest_req){ .method = "POST", .url = url, .headers = buf_z(&headers), .upload = &context, .what = "build" },
		SPLIT_RECORDS, build_record, c, err);
	if (n == -ERR_CONNECT)
		return error_context(err, c->sent ? "the connection broke during the build; the host may still be building"
						  : "the build context was not sent");
	if (n >= 0 && !c->id[0])
		return error_set(err, ERR_CONNECT,
				 "the connection broke during the build; the host may still be building: its text ended "
				 "without an image ID");
	return n;
}

static int full_id(struct engine *e, const char *id, char **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	int n;

	if (strlen(id) == LONG_ID)
		return rest_take_id(id, "what it built", ret, err);
	n = rest_inspect(e, OBJECT_IMAGE, id, false, &o, err);
	return n < 0 ? n : rest_take_id(js_get_str(o, "Id", NULL), "what it built", ret, err);
}

int rest_image_build(struct engine *e, const struct build_req *q, build_text_fn *text, void *ctx, char **ret_id, struct error *err)
{
	static const struct flags none = { 0 };
	CLEANUP(buf_done) struct buf url = URL_INIT;
	struct build_query b = { rest_of(e), q->flags ? q->flags : &none, &url };
	struct build_ctx c = { .req = q, .text = text, .ctx = ctx };
	int n;

	rest_path(&url, rest_of(e), "/build", NULL);
	n = put_dockerfiles(&b, q->dockerfiles, err);
	rest_query_each(&url, "t", q->tags);
	if (q->quiet && !flags_find(b.flags, "quiet"))
		rest_query_bool(&url, "q", true);
	if (n >= 0)
		n = build_query_flags(&b, err);
	if (n >= 0)
		n = send_build(rest_of(e), q, &url, &c, err);
	return n < 0 ? n : full_id(e, c.id, ret_id, err);
}

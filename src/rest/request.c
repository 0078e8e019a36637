/* rest/request.c: one request on the kept connection, or on a new one. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "rest/rest.h"

#define REFUSAL_MAX (1024 * 1024) /* of an error's body */

/* A host that takes an archive may stop for a while, to write what it has to a slow disk; so it has longer than for a reply. */
#define STALL_REPLIES 2

int rest_broken(const struct rest *r, struct error *err)
{
	const char *why = r->dialer->last_failure ? r->dialer->last_failure(r->dialer->ctx) : NULL;

	if (!err)
		return -ERR_CONNECT;
	if (err->kind == ERR_CONNECT && why && *why)
		return error_set(err, ERR_CONNECT, "%s", why);
	if (err->kind == ERR_CONNECT && r->dialer->where)
		return error_context(err, "%s", r->dialer->where);
	return -(int)err->kind;
}

int rest_dial(struct rest *r, struct http **ret, struct error *err)
{
	int fd, n = r->dialer->dial(r->dialer->ctx, &fd, err);

	return n < 0 ? n : http_open(fd, ret, err);
}

int rest_write(struct http *h, const struct rest_req *q, uint64_t deadline_ms, struct error *err)
{
	struct http_req hq = { .method = q->method, .target = buf_z(q->url), .headers = q->headers };
	int r = buf_check(q->url, "request", err);

	if (r < 0)
		return r;
	if (q->body) {
		hq.content_type = "application/json";
		hq.body = str_from(js_wire(q->body));
	}
	if (q->upload) {
		hq.content_type = "application/x-tar";
		hq.upload = q->upload;
		hq.stall_ms = STALL_REPLIES * engine_reply_ms();
	}
	return http_write_request(h, &hq, deadline_ms, err);
}

static int exchange(struct http *h, const struct rest_req *q, uint64_t deadline_ms, struct http_reply *ret, struct error *err)
{
	int r = rest_write(h, q, deadline_ms, err);

	return r < 0 ? r : http_read_head(h, deadline_ms, ret, err);
}

/* The kept connection when it still stands. A service that ends after an idle time closes it while nothing is asked. */
static struct http *take_idle(struct rest *r)
{
	struct http *h = ptr_take(&r->idle);

	if (h && !http_idle_alive(h)) {
		http_close(h);
		h = NULL;
	}
	return h;
}

/* Only what changes nothing may be sent twice: the service may have closed after it read the request. */
static bool may_repeat(const struct http *h, const struct rest_req *q, uint64_t deadline_ms, int failure)
{
	return failure == -ERR_CONNECT && http_silent(h) && strcmp(q->method, "GET") == 0 &&
	       (!deadline_ms || clock_ms() < deadline_ms);
}

static int send_somehow(struct rest *r, const struct rest_req *q, uint64_t deadline_ms, struct http **h, struct http_reply *ret,
			struct error *err)
{
	int n;

	*h = take_idle(r);
	if (*h) {
		n = exchange(*h, q, deadline_ms, ret, err);
		if (n >= 0 || !may_repeat(*h, q, deadline_ms, n))
			return n;
		error_clear(err);
		http_close(ptr_take(h));
	}
	n = rest_dial(r, h, err);
	return n < 0 ? n : exchange(*h, q, deadline_ms, ret, err);
}

int rest_send(struct rest *r, const struct rest_req *q, struct http **ret, struct http_reply *ret_reply, struct error *err)
{
	CLEANUP(http_close_p) struct http *h = NULL;
	uint64_t deadline_ms = q->timeout_ms ? clock_after_ms(q->timeout_ms) : 0;
	int n = send_somehow(r, q, deadline_ms, &h, ret_reply, err);

	if (n < 0)
		return h ? rest_broken(r, err) : n;
	if (ret_reply->status >= 400) {
		n = rest_refused(r, h, ret_reply, q, err);
		rest_release(r, ptr_take(&h));
		return n;
	}
	*ret = ptr_take(&h);
	return 0;
}

void rest_release(struct rest *r, struct http *h)
{
	if (h && !r->idle && http_reusable(h))
		r->idle = h;
	else
		http_close(h);
}

int rest_call(struct rest *r, const struct rest_req *q, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT(HTTP_MAX_BODY);
	struct http_reply reply;
	struct http *h;
	int n = rest_send(r, q, &h, &reply, err);

	if (n < 0)
		return n;
	n = http_read_all(h, &body, q->timeout_ms ? clock_after_ms(q->timeout_ms) : 0, err);
	rest_release(r, h);
	if (n < 0)
		return rest_broken(r, err);
	if (ret) {
		*ret = NULL;
		n = str_trim(buf_str(&body)).n ? js_parse(buf_str(&body), "the reply", ret, err) : 0;
	}
	return n < 0 ? n : reply.status;
}

int rest_get(struct rest *r, const struct buf *url, const char *what, struct json_object **ret, struct error *err)
{
	return rest_call(r, &(struct rest_req){ .method = "GET", .url = url, .what = what, .timeout_ms = engine_reply_ms() }, ret,
			 err);
}

int rest_refused(struct rest *r, struct http *h, const struct http_reply *reply, const struct rest_req *q, struct error *err)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT(REFUSAL_MAX);
	int n = http_read_all(h, &body, clock_after_ms(engine_reply_ms()), err);

	if (n < 0)
		return rest_broken(r, err);
	n = rest_error_of(reply->status, reply->content_type, buf_str(&body), err);
	if (n == -ERR_UNSUPPORTED)
		return engine_unsupported(&r->engine, err, "%s", q->what ? q->what : "this request");
	return n;
}

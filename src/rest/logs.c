/* rest/logs.c: the log of one container. The body is framed also when the container has a terminal. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "rest/stream.h"

/* How long the first answer is waited for, so that a refusal is told at once. A container that has not logged anything yet lets the
 * service send nothing at all, not even the head, while it follows. */
#define FIRST_ANSWER_MS 300

static int logs_end(struct rest_stream *s, struct error *err)
{
	(void)err;
	return s->output_done;
}

static void query_logs(struct buf *url, const struct logs_req *q)
{
	rest_query_bool(url, "follow", q->follow);
	rest_query(url, "since", q->since);
	rest_query(url, "until", q->until);
	rest_query_bool(url, "stdout", true);
	rest_query_bool(url, "stderr", true);
	if (q->tail >= 0)
		rest_query_int(url, "tail", q->tail);
	rest_query_bool(url, "timestamps", q->timestamps);
}

/* 1: the head was read and is no refusal; 0: it is still to come. */
static int first_answer(struct rest *r, struct http *h, const struct rest_req *q, bool follow, struct error *err)
{
	uint64_t deadline_ms = clock_after_ms(follow ? FIRST_ANSWER_MS : engine_reply_ms());
	struct http_reply reply;

	for (;;) {
		int n = http_try_head(h, &reply, err);

		if (n < 0)
			return rest_broken(r, err);
		if (n > 0)
			return reply.status < 400 ? 1 : rest_refused(r, h, &reply, q, err);
		n = fd_wait(http_fd(h), POLLIN, deadline_ms, err);
		if (n <= 0)
			return n;
	}
}

int rest_container_logs(struct engine *e, const struct logs_req *q, struct stream **ret, struct error *err)
{
	struct rest *r = rest_of(e);
	CLEANUP(buf_done) struct buf url = URL_INIT;
	CLEANUP(http_close_p) struct http *h = NULL;
	struct rest_req req = { .method = "GET", .url = &url, .what = "logs" };
	struct rest_stream *s = NULL;
	int n = rest_dial(r, &h, err), has_head;

	if (n < 0)
		return n;
	rest_path(&url, r, "/containers/{}/logs", q->name);
	query_logs(&url, q);
	n = rest_write(h, &req, clock_after_ms(engine_reply_ms()), err);
	if (n < 0)
		return rest_broken(r, err);
	has_head = first_answer(r, h, &req, q->follow, err);
	if (has_head < 0)
		return has_head;
	n = rest_stream_new(r, ptr_take(&h), q->name, false, logs_end, &s, err);
	if (n < 0)
		return n;
	s->head_pending = !has_head;
	s->frames.end_lines = !rest_at_least(r, 4, 0, 0); /* 3.0 sends lines without their end */
	*ret = &s->stream;
	return 0;
}

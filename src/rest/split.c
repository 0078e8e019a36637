#include "rest/split.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define PIECE (32 * 1024)

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int broken(struct error *err)
{
	return error_set(err, ERR_PROTOCOL, "the reply is not the list that was asked for");
}

static int give(struct split *s, item_fn *each, void *ctx, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *item = NULL;
	int r;

	if (s->instead) {
		s->at = SPLIT_END;
		return str_eq(buf_str(&s->value), STR("null")) ? 0 : broken(err);
	}
	r = js_parse(buf_str(&s->value), "the reply", &item, err);
	buf_clear(&s->value);
	s->at = SPLIT_BEHIND;
	if (r < 0)
		return r;
	r = each(ctx, item, err);
	return r < 0 ? r : 0;
}

/* Bytes of p that belong to the value; *ret_end when it ends there. A scalar ends before a blank, comma or bracket. */
static size_t scan_scalar(const char *p, size_t n, bool *ret_end)
{
	size_t i = 0;

	while (i < n && !is_blank(p[i]) && !memchr(",]}[{\"", p[i], 6))
		i++;
	*ret_end = i < n;
	return i;
}

/* Inside a string: up to behind its closing quote. */
static size_t scan_string(struct split *s, const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && s->quoted) {
		if (s->escaped)
			s->escaped = false;
		else if (p[i] == '\\')
			s->escaped = true;
		else if (p[i] == '"')
			s->quoted = false;
		i++;
	}
	return i;
}

static size_t scan_nested(struct split *s, const char *p, size_t n, bool *ret_end)
{
	size_t i = 0;

	*ret_end = false;
	while (i < n && !*ret_end) {
		if (s->quoted) {
			i += scan_string(s, p + i, n - i);
			*ret_end = !s->quoted && s->depth == 0;
			continue;
		}
		if (p[i] == '"')
			s->quoted = true;
		else if (p[i] == '{' || p[i] == '[')
			s->depth++;
		else if (p[i] == '}' || p[i] == ']')
			s->depth--;
		*ret_end = !s->quoted && s->depth == 0;
		i++;
	}
	return i;
}

/* A byte outside values, no blank, in a list: 1 when an element begins with it, 0 when it is consumed. */
static int between_elements(struct split *s, char c, struct error *err)
{
	switch (s->at) {
	case SPLIT_BEGIN:
		s->instead = c == 'n';
		if (c == '[')
			s->at = SPLIT_OPEN;
		return c == '[' ? 0 : s->instead ? 1 : broken(err);
	case SPLIT_OPEN:
		if (c == ']')
			s->at = SPLIT_END;
		return c != ']';
	case SPLIT_BEHIND:
		if (c != ',' && c != ']')
			return broken(err);
		s->at = c == ',' ? SPLIT_COMMA : SPLIT_END;
		return 0;
	case SPLIT_COMMA:
		return 1;
	default:
		return broken(err);
	}
}

static bool begins_value(char c)
{
	return c == '{' || c == '[' || c == '"' || c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n';
}

/* As between_elements for both modes; s is set up for the value when one begins. */
static int between(struct split *s, char c, struct error *err)
{
	int r = s->mode == SPLIT_ARRAY ? between_elements(s, c, err) : 1;

	if (r <= 0)
		return r;
	if (!begins_value(c))
		return broken(err);
	s->at = SPLIT_VALUE;
	s->depth = 0;
	s->quoted = s->escaped = false;
	s->scalar = c != '{' && c != '[' && c != '"';
	return 1;
}

int split_feed(struct split *s, const char *p, size_t n, item_fn *each, void *ctx, struct error *err)
{
	for (size_t i = 0; i < n;) {
		bool end = false;
		size_t len;
		int r = 1;

		if (s->at != SPLIT_VALUE)
			r = is_blank(p[i]) ? 0 : between(s, p[i], err);
		if (r < 0)
			return r;
		if (r == 0) {
			i++;
			continue;
		}
		len = s->scalar ? scan_scalar(p + i, n - i, &end) : scan_nested(s, p + i, n - i, &end);
		if (!buf_add_bytes(&s->value, p + i, len))
			return error_set(err, ERR_PROTOCOL, "the reply has a value of over %d bytes", SPLIT_MAX_VALUE);
		i += len;
		r = end ? give(s, each, ctx, err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

int split_finish(struct split *s, item_fn *each, void *ctx, struct error *err)
{
	if (s->at == SPLIT_VALUE && s->scalar) {
		int r = give(s, each, ctx, err);

		if (r < 0)
			return r;
	}
	if (s->at == SPLIT_END || (s->mode == SPLIT_RECORDS && (s->at == SPLIT_BEGIN || s->at == SPLIT_BEHIND)))
		return 0;
	return error_set(err, ERR_PROTOCOL, "the reply ends in the middle of a value");
}

void split_done(struct split *s)
{
	buf_done(&s->value);
}

static int feed_body(const struct rest *r, struct http *h, uint64_t timeout_ms, struct split *s, item_fn *each, void *ctx, struct error *err)
{
	char piece[PIECE];

	for (;;) {
		ssize_t got = http_read_body(h, piece, sizeof piece, timeout_ms ? clock_after_ms(timeout_ms) : 0, err);
		int n;

		if (got < 0)
			return rest_broken(r, err);
		n = got ? split_feed(s, piece, (size_t)got, each, ctx, err) : split_finish(s, each, ctx, err);
		if (n < 0 || got == 0)
			return n;
	}
}

int rest_each(struct rest *r, const struct rest_req *q, enum split_mode mode, item_fn *each, void *ctx, struct error *err)
{
	CLEANUP(split_done) struct split s = SPLIT_INIT(mode);
	struct http_reply reply;
	struct http *h;
	int n = rest_send(r, q, &h, &reply, err);

	if (n < 0)
		return n;
	n = feed_body(r, h, q->timeout_ms, &s, each, ctx, err);
	rest_release(r, h);
	return n;
}

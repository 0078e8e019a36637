#include "rest/http_head.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"

size_t http_head_end(struct str in, size_t from)
{
	/* The end may straddle the place where the last search stopped. */
	for (size_t i = from > 3 ? from - 3 : 0; i + 4 <= in.n; i++) {
		const char *cr = memchr(in.p + i, '\r', in.n - 3 - i);

		if (!cr)
			return 0;
		i = (size_t)(cr - in.p);
		if (memcmp(cr, "\r\n\r\n", 4) == 0)
			return i + 4;
	}
	return 0;
}

bool http_head_plausible(struct str in)
{
	static const char begin[] = "HTTP/1.";
	size_t n = in.n < sizeof begin - 1 ? in.n : sizeof begin - 1;

	return n == 0 || memcmp(in.p, begin, n) == 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200 OK"; the reason may be missing, with or without its blank. */
static bool parse_status(const char *line, struct http_head *ret)
{
	if (strncmp(line, "HTTP/1.", 7) != 0 || !is_digit(line[7]) || line[8] != ' ')
		return false;
	if (!is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]) || (line[12] && line[12] != ' '))
		return false;
	ret->http10 = line[7] == '0';
	ret->reply.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
	return ret->reply.status >= 100;
}

/* RFC 9110 5.6.2: what a header name is made of. */
static bool is_token(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] >= 127 || strchr("\"(),/:;<=>?@[\\]{}", p[i]))
			return false;
	return n > 0;
}

static char *skip_blanks(char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

static void cut_blanks(char *p)
{
	size_t n = strlen(p);

	while (n && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		p[--n] = '\0';
}

/* True when a comma list has the word, in any case. */
static bool list_has(const char *list, const char *word)
{
	struct str rest = str_from(list), item;
	size_t n = strlen(word);

	for (bool more = true; more;) {
		more = str_cut(rest, ',', &item, &rest);
		item = str_trim(item);
		if (item.n == n && strncasecmp(item.p, word, n) == 0)
			return true;
	}
	return false;
}

static int take_length(const char *value, struct http_reply *r, struct error *err)
{
	int64_t n;

	if (!is_digit(value[0]) || !int_parse(str_from(value), &n) || (r->length >= 0 && r->length != n))
		return error_set(err, ERR_PROTOCOL, "the reply has a bad Content-Length \"%.40s\"", value);
	r->length = n;
	return 0;
}

static int take_header(const char *name, const char *value, struct http_head *ret, struct error *err)
{
	struct http_reply *r = &ret->reply;

	if (strcasecmp(name, "Content-Length") == 0)
		return take_length(value, r, err);
	if (strcasecmp(name, "Transfer-Encoding") == 0) {
		if (strcasecmp(value, "chunked") != 0 || r->chunked)
			return error_set(err, ERR_PROTOCOL, "the reply has an unknown Transfer-Encoding \"%.40s\"", value);
		r->chunked = true;
	} else if (strcasecmp(name, "Connection") == 0) {
		r->close = list_has(value, "close") || (ret->http10 && !list_has(value, "keep-alive"));
	} else if (strcasecmp(name, "Content-Type") == 0) {
		snprintf(r->content_type, sizeof r->content_type, "%s", value);
	}
	return 0;
}

static bool has_control(const char *p)
{
	for (; *p; p++)
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 127)
			return true;
	return false;
}

/* "Name: value". The line is changed: the colon becomes NUL, and the value moves to just behind it. */
static int parse_line(char *line, struct http_head *ret, struct error *err)
{
	char *colon = strchr(line, ':'), *value;
	size_t len;

	if (*line == ' ' || *line == '\t')
		return error_set(err, ERR_PROTOCOL, "the reply has a folded header line");
	if (!colon || !is_token(line, (size_t)(colon - line)))
		return error_set(err, ERR_PROTOCOL, "the reply has a header line without a name");
	value = skip_blanks(colon + 1);
	cut_blanks(value);
	if (has_control(value))
		return error_set(err, ERR_PROTOCOL, "the reply has a control character in a header");
	*colon = '\0';
	len = strlen(value);
	memmove(colon + 1, value, len);
	/* What the move left behind must not look like another line to http_head_find. */
	memset(colon + 1 + len, 0, (size_t)(value - colon) - 1);
	return take_header(line, colon + 1, ret, err);
}

/* What the lines mean together (RFC 9112, section 6.3). */
static int conclude(bool for_head, struct http_head *ret, struct error *err)
{
	struct http_reply *r = &ret->reply;

	ret->has_body = !for_head && r->status >= 200 && r->status != 204 && r->status != 304;
	if (r->chunked && r->length >= 0)
		return error_set(err, ERR_PROTOCOL, "the reply has both a Content-Length and chunks");
	r->hijackable = r->status == 101 || (ret->has_body && !r->chunked && r->length < 0);
	if (r->hijackable)
		r->close = true;
	return 0;
}

int http_head_parse(char *text, size_t n, bool for_head, struct http_head *ret, struct error *err)
{
	struct http_head head = { .reply.length = -1 };
	char *end = text + n - 2;
	bool first = true;

	if (memchr(text, '\0', n))
		return error_set(err, ERR_PROTOCOL, "the head of the reply has a zero byte");
	for (char *line = text, *next; line < end; line = next) {
		char *cr = strstr(line, "\r\n");
		int r = 0;

		next = cr + 2;
		cr[0] = cr[1] = '\0';
		if (first && (has_control(line) || !parse_status(line, &head)))
			return error_set(err, ERR_PROTOCOL, "what answers is not an HTTP service");
		if (first)
			head.reply.close = head.http10;
		else
			r = parse_line(line, &head, err);
		if (r < 0)
			return r;
		first = false;
	}
	*ret = head;
	return conclude(for_head, ret, err);
}

static const char *skip_zeros(const char *p, const char *end)
{
	while (p < end && !*p)
		p++;
	return p;
}

const char *http_head_find(const char *text, size_t n, const char *name)
{
	const char *end = text + n;

	for (const char *line = skip_zeros(text + strlen(text), end); line < end;) {
		const char *value = line + strlen(line) + 1;

		if (strcasecmp(line, name) == 0)
			return value;
		line = skip_zeros(value + strlen(value), end);
	}
	return NULL;
}

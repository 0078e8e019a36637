#include "tunnel/lines.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/units.h"

void line_add(struct buf *b, const char *word)
{
	if (b->n)
		buf_add_char(b, ' ');
	if (!*word)
		buf_add_char(b, '%');
	for (const unsigned char *p = (const unsigned char *)word; *p; p++) {
		if (*p <= ' ' || *p == '%' || *p == 0x7f)
			buf_addf(b, "%%%02X", *p);
		else
			buf_add_char(b, (char)*p);
	}
}

void line_add_number(struct buf *b, int64_t number)
{
	if (b->n)
		buf_add_char(b, ' ');
	buf_addf(b, "%lld", (long long)number);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Into out, which has room for word.n + 1 bytes. */
static bool decode(struct str word, char *out)
{
	for (size_t i = 0; i < word.n; i++) {
		int high, low;

		if (word.p[i] != '%') {
			*out++ = word.p[i];
			continue;
		}
		if (word.n - i < 3)
			return false;
		high = hex_digit(word.p[i + 1]);
		low = hex_digit(word.p[i + 2]);
		if (high < 0 || low < 0 || high + low == 0)
			return false;
		*out++ = (char)(high * 16 + low);
		i += 2;
	}
	*out = '\0';
	return true;
}

static bool next_word(struct str *rest, struct str *ret)
{
	if (!rest->n)
		return false;
	str_cut(*rest, ' ', ret, rest);
	return ret->n > 0;
}

bool line_take(struct str *rest, char **ret_word)
{
	CLEANUP(free_p) char *out = NULL;
	struct str word;

	if (!next_word(rest, &word) || memchr(word.p, '\0', word.n))
		return false;
	if (str_eq(word, STR("%")))
		word = STR("");
	out = malloc(word.n + 1);
	if (!out || !decode(word, out))
		return false;
	*ret_word = ptr_take(&out);
	return true;
}

bool line_take_number(struct str *rest, int64_t *ret)
{
	struct str word;

	return next_word(rest, &word) && int_parse(word, ret);
}

int line_read(int fd, uint64_t deadline_ms, struct buf *into, struct error *err)
{
	for (;;) {
		char c;
		ssize_t n = fd_read_some(fd, &c, 1, deadline_ms, err);

		if (n < 0)
			return (int)n;
		if (n == 0)
			return error_set(err, ERR_CONNECT, "the ssh keeper closed the connection");
		if (c == '\n')
			return 0;
		if (into->n == LINE_MAX_BYTES || !buf_add_char(into, c))
			return error_set(err, ERR_PROTOCOL, "the ssh keeper sent a line of more than %zu bytes", LINE_MAX_BYTES);
	}
}

static const char *const request_words[] = {
	[REQUEST_UNIX] = "unix",
	[REQUEST_TCP] = "tcp",
	[REQUEST_EXEC] = "exec",
	[REQUEST_RUN] = "run",
};

void request_format(const struct request *q, struct buf *b)
{
	line_add(b, request_words[q->kind]);
	line_add(b, q->what);
	if (q->kind == REQUEST_TCP)
		line_add_number(b, q->port);
}

static bool request_kind_parse(const char *word, enum request_kind *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(request_words); i++)
		if (strcmp(word, request_words[i]) == 0) {
			*ret = (enum request_kind)i;
			return true;
		}
	return false;
}

int request_parse(struct str line, struct request *ret, struct error *err)
{
	CLEANUP(free_p) char *word = NULL;
	CLEANUP(free_p) char *what = NULL;
	struct str rest = line;
	enum request_kind kind;
	int64_t port = 0;
	bool ok = line_take(&rest, &word) && request_kind_parse(word, &kind) && line_take(&rest, &what) && *what;

	if (ok && kind == REQUEST_TCP)
		ok = line_take_number(&rest, &port) && port > 0 && port < 65536;
	if (!ok || rest.n)
		return error_set(err, ERR_PROTOCOL, "the ssh keeper was asked for something that it does not know");
	*ret = (struct request){ .kind = kind, .what = ptr_take(&what), .port = (int)port };
	return 0;
}

void request_done(struct request *q)
{
	free(q->what);
	*q = (struct request){ 0 };
}

/* The words of those kinds that this room makes. */
static const char *const kind_words[] = {
	[ERR_USAGE] = "usage",       [ERR_SYSTEM] = "system",           [ERR_CONNECT] = "connect",         [ERR_AUTH] = "auth",
	[ERR_PROTOCOL] = "protocol", [ERR_UNSUPPORTED] = "unsupported", [ERR_INTERRUPTED] = "interrupted",
};

static enum err_kind kind_parse(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(kind_words); i++)
		if (kind_words[i] && strcmp(word, kind_words[i]) == 0)
			return (enum err_kind)i;
	return ERR_NONE;
}

void failure_format(const struct error *e, struct buf *b)
{
	bool known = e->kind < ARRAY_LEN(kind_words) && kind_words[e->kind];

	line_add(b, "fail");
	line_add(b, kind_words[known ? e->kind : ERR_SYSTEM]);
	line_add_number(b, e->sys_errno);
	line_add(b, e->text ? e->text : "");
	line_add(b, e->hint ? e->hint : "");
}

bool failure_parse(struct str rest, struct error *ret)
{
	CLEANUP(free_p) char *word = NULL;
	CLEANUP(free_p) char *text = NULL;
	CLEANUP(free_p) char *hint = NULL;
	int64_t number;
	enum err_kind kind;

	if (!line_take(&rest, &word) || !line_take_number(&rest, &number) || !line_take(&rest, &text) || !line_take(&rest, &hint))
		return false;
	kind = kind_parse(word);
	if (kind == ERR_NONE || number < 0 || number > 100000)
		return false;
	error_set(ret, kind, "%s", text);
	if (*hint)
		error_hint(ret, "%s", hint);
	ret->sys_errno = (int)number;
	return true;
}

#include "output/template_lex.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "output/utf8.h"

#define END_OF_TEXT UINT32_MAX

static const struct {
	const char *word;
	enum token_kind kind;
} keywords[] = {
	{ ".", TOKEN_DOT },         { "nil", TOKEN_NIL },     { "if", TOKEN_IF },
	{ "else", TOKEN_ELSE },     { "end", TOKEN_END },     { "range", TOKEN_RANGE },
	{ "with", TOKEN_WITH },     { "break", TOKEN_BREAK }, { "continue", TOKEN_CONTINUE },
	{ "define", TOKEN_DEFINE }, { "block", TOKEN_BLOCK }, { "template", TOKEN_TEMPLATE },
	{ "true", TOKEN_BOOL },     { "false", TOKEN_BOOL },
};

static bool is_space(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

/* Letters beyond ASCII are not told from other characters there: nothing else could stand in their place. */
static bool is_word(uint32_t c)
{
	return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= 0x80 && c != END_OF_TEXT && c != UTF8_BAD && utf8_printable(c));
}

static uint32_t at(const struct lexer *l, size_t pos)
{
	return pos < l->in.n ? (unsigned char)l->in.p[pos] : END_OF_TEXT;
}

static uint32_t peek(const struct lexer *l, size_t *ret_n)
{
	uint32_t c = END_OF_TEXT;

	*ret_n = l->pos < l->in.n ? utf8_at(l->in, l->pos, &c) : 0;
	return c;
}

static struct str rest(const struct lexer *l, size_t pos)
{
	return (struct str){ l->in.p + pos, l->in.n - pos };
}

static struct token emit(struct lexer *l, enum token_kind kind)
{
	struct token t = { kind, { l->in.p + l->start, l->pos - l->start }, l->start };

	l->start = l->pos;
	return t;
}

PRINTF_LIKE(2, 3)
static struct token fail(struct lexer *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->message, sizeof l->message, fmt, ap);
	va_end(ap);
	return (struct token){ TOKEN_ERROR, str_from(l->message), l->start };
}

/* Go's %#U: U+0040 '@'. */
static struct token fail_char(struct lexer *l, const char *what, uint32_t c)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(16);

	if (c == END_OF_TEXT)
		return fail(l, "%s end of text", what);
	if (utf8_printable(c)) {
		buf_add_z(&shown, " '");
		utf8_add(&shown, c);
		buf_add_z(&shown, "'");
	}
	return fail(l, "%s U+%04X%s", what, (unsigned)c, buf_z(&shown));
}

static bool left_trims(const struct lexer *l, size_t pos)
{
	return at(l, pos) == '-' && is_space(at(l, pos + 1));
}

static bool right_trims(const struct lexer *l, size_t pos)
{
	return is_space(at(l, pos)) && at(l, pos + 1) == '-' && str_starts(rest(l, pos + 2), STR("}}"));
}

static bool at_right(const struct lexer *l, bool *ret_trims)
{
	*ret_trims = right_trims(l, l->pos);
	return *ret_trims || str_starts(rest(l, l->pos), STR("}}"));
}

static size_t find(const struct lexer *l, const char *z)
{
	for (size_t i = l->pos; i < l->in.n; i++)
		if (str_starts(rest(l, i), str_from(z)))
			return i;
	return l->in.n;
}

static void skip_spaces(struct lexer *l)
{
	while (is_space(at(l, l->pos)))
		l->pos++;
	l->start = l->pos;
}

static struct token right_delimiter(struct lexer *l, bool trims)
{
	struct token t;

	if (trims)
		l->start = l->pos += 2;
	l->pos += 2;
	t = emit(l, TOKEN_RIGHT);
	if (trims)
		skip_spaces(l);
	l->inside = false;
	return t;
}

/* At "/" of a comment: to behind its }}. */
static bool skip_comment(struct lexer *l, struct token *ret_error)
{
	bool trims;

	l->start = l->pos;
	l->pos += 2;
	l->pos = find(l, "*/");
	if (l->pos == l->in.n) {
		*ret_error = fail(l, "unclosed comment");
		return false;
	}
	l->pos += 2;
	if (!at_right(l, &trims)) {
		*ret_error = fail(l, "comment ends before closing delimiter");
		return false;
	}
	right_delimiter(l, trims);
	return true;
}

/* At "{{": a comment vanishes, anything else starts an action. False: go on with text. */
static bool left_delimiter(struct lexer *l, struct token *ret)
{
	size_t marker = left_trims(l, l->pos + 2) ? 2 : 0;

	if (str_starts(rest(l, l->pos + 2 + marker), STR("/*"))) {
		l->pos += 2 + marker;
		return !skip_comment(l, ret);
	}
	l->pos += 2;
	*ret = emit(l, TOKEN_LEFT);
	l->start = l->pos += marker;
	l->inside = true;
	l->parens = 0;
	return true;
}

static struct token outside(struct lexer *l)
{
	struct token t;

	for (;;) {
		size_t left = find(l, "{{"), end = left;

		if (left < l->in.n && left_trims(l, left + 2))
			while (end > l->start && is_space(at(l, end - 1)))
				end--;
		if (end > l->start) {
			l->pos = end;
			t = emit(l, TOKEN_TEXT);
			return t;
		}
		l->start = l->pos = left;
		if (left == l->in.n)
			return emit(l, TOKEN_EOF);
		if (left_delimiter(l, &t))
			return t;
	}
}

/* A run of blanks, without the last one when that belongs to " -}}". */
static struct token spaces(struct lexer *l)
{
	while (is_space(at(l, l->pos)))
		l->pos++;
	if (right_trims(l, l->pos - 1)) {
		l->pos--;
		if (l->pos == l->start)
			return right_delimiter(l, true);
	}
	return emit(l, TOKEN_SPACE);
}

/* What may stand behind a name. */
static bool at_end_of_word(const struct lexer *l)
{
	uint32_t c = at(l, l->pos);

	return c == END_OF_TEXT || is_space(c) || (c && c < 0x80 && strchr(".,|:()", (int)c)) ||
	       str_starts(rest(l, l->pos), STR("}}"));
}

static struct token word(struct lexer *l, enum token_kind kind)
{
	struct token t;
	uint32_t c;
	size_t n;

	while (c = peek(l, &n), is_word(c))
		l->pos += n;
	if (!at_end_of_word(l))
		return fail_char(l, "bad character", c);
	t = emit(l, kind);
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
		if (str_eq_z(t.text, keywords[i].word))
			t.kind = keywords[i].kind;
	return t;
}

static void accept_run(struct lexer *l, const char *set)
{
	while (l->pos < l->in.n && l->in.p[l->pos] && strchr(set, l->in.p[l->pos]))
		l->pos++;
}

static bool accept(struct lexer *l, const char *set)
{
	bool yes = l->pos < l->in.n && l->in.p[l->pos] && strchr(set, l->in.p[l->pos]);

	l->pos += yes;
	return yes;
}

/* Takes what looks like a number. False when a letter follows, which it takes too for the message. */
static bool scan_number(struct lexer *l)
{
	const char *digits = "0123456789_", *exponent = "eE";
	size_t n;

	accept(l, "+-");
	if (accept(l, "0")) {
		if (accept(l, "xX")) {
			digits = "0123456789abcdefABCDEF_";
			exponent = "pP";
		} else if (accept(l, "oO")) {
			digits = "01234567_";
			exponent = "";
		} else if (accept(l, "bB")) {
			digits = "01_";
			exponent = "";
		}
	}
	accept_run(l, digits);
	if (accept(l, "."))
		accept_run(l, digits);
	if (accept(l, exponent)) {
		accept(l, "+-");
		accept_run(l, "0123456789_");
	}
	accept(l, "i");
	if (!is_word(peek(l, &n)))
		return true;
	l->pos += n;
	return false;
}

/* The parser tells whether it is a number. A second one may follow in Go (1+2i); it is taken to be refused as a whole. */
static struct token number(struct lexer *l)
{
	CLEANUP(buf_done) struct buf shown = BUF_INIT(1024);
	bool good = scan_number(l);

	if (good && at(l, l->pos) != '+' && at(l, l->pos) != '-')
		return emit(l, TOKEN_NUMBER);
	if (good)
		scan_number(l);
	utf8_quote((struct str){ l->in.p + l->start, l->pos - l->start }, &shown);
	return fail(l, "bad number syntax: %s", buf_z(&shown));
}

/* Behind the first quote. */
static struct token quoted(struct lexer *l, char quote, enum token_kind kind, const char *what)
{
	for (;;) {
		uint32_t c = at(l, l->pos++);
		bool escaped = c == '\\';

		if (escaped)
			c = at(l, l->pos++);
		if (c == END_OF_TEXT || c == '\n')
			return fail(l, "unterminated %s", what);
		if (c == (uint32_t)quote && !escaped)
			return emit(l, kind);
	}
}

static struct token raw_string(struct lexer *l)
{
	const char *end = memchr(l->in.p + l->pos, '`', l->in.n - l->pos);

	if (!end)
		return fail(l, "unterminated raw quoted string");
	l->pos = (size_t)(end - l->in.p) + 1;
	return emit(l, TOKEN_RAW_STRING);
}

/* A closing one too many is the parser's to refuse. */
static struct token parenthesis(struct lexer *l, bool open)
{
	l->parens += open ? 1 : -1;
	return emit(l, open ? TOKEN_OPEN : TOKEN_CLOSE);
}

static struct token declare(struct lexer *l)
{
	if (at(l, l->pos) != '=')
		return fail(l, "expected :=");
	l->pos++;
	return emit(l, TOKEN_DECLARE);
}

static struct token inside(struct lexer *l)
{
	bool trims;
	uint32_t c;
	size_t n;

	if (at_right(l, &trims))
		return l->parens ? fail(l, "unclosed left paren") : right_delimiter(l, trims);
	c = peek(l, &n);
	if (c == END_OF_TEXT)
		return fail(l, "unclosed action");
	if (is_space(c))
		return spaces(l);
	if (is_digit(c) || c == '+' || c == '-' || (c == '.' && is_digit(at(l, l->pos + 1))))
		return number(l);
	l->pos += n;
	switch (c) {
	case '=':
		return emit(l, TOKEN_ASSIGN);
	case ':':
		return declare(l);
	case '|':
		return emit(l, TOKEN_PIPE);
	case '"':
		return quoted(l, '"', TOKEN_STRING, "quoted string");
	case '\'':
		return quoted(l, '\'', TOKEN_RUNE, "character constant");
	case '`':
		return raw_string(l);
	case '$':
		return word(l, TOKEN_VARIABLE);
	case '.':
		return word(l, TOKEN_FIELD);
	case '(':
	case ')':
		return parenthesis(l, c == '(');
	}
	if (is_word(c))
		return word(l, TOKEN_NAME);
	return c < 0x80 && utf8_printable(c) ? emit(l, TOKEN_CHAR) : fail_char(l, "unrecognized character in action:", c);
}

struct token lexer_next(struct lexer *l)
{
	if (l->message[0])
		return (struct token){ TOKEN_ERROR, str_from(l->message), l->start };
	return l->inside ? inside(l) : outside(l);
}

void token_describe(const struct token *t, struct buf *out)
{
	struct str s = t->text;
	uint32_t c;

	if (t->kind == TOKEN_EOF)
		buf_add_z(out, "EOF");
	else if (t->kind == TOKEN_ERROR)
		buf_add(out, s);
	else if (t->kind > TOKEN_KEYWORD)
		buf_addf(out, "<%.*s>", STR_ARG(s));
	else if (s.n > 10) {
		for (size_t n = s.n = 0; n < 10 && s.n < t->text.n; n++)
			s.n += utf8_at(t->text, s.n, &c);
		utf8_quote(s, out);
		buf_add_z(out, "...");
	} else
		utf8_quote(s, out);
}

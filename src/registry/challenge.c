#include "registry/challenge.h"

#include <stdlib.h>
#include <strings.h>

#include "base/cleanup.h"

static bool is_token_char(char c)
{
	return c > ' ' && c < 127 && !strchr("\"(),/:;<=>?@[\\]{}", c);
}

static void skip(struct str *s, const char *set)
{
	while (s->n && *s->p && strchr(set, *s->p)) {
		s->p++;
		s->n--;
	}
}

static struct str take_token(struct str *s)
{
	struct str token = { s->p, 0 };

	while (token.n < s->n && is_token_char(s->p[token.n]))
		token.n++;
	s->p += token.n;
	s->n -= token.n;
	return token;
}

/* The inside of a quoted string, whose opening quote is at the front. A missing closing one ends it with the header. */
static void take_quoted(struct str *s, struct buf *out)
{
	size_t i = 1;

	for (; i < s->n && s->p[i] != '"'; i++) {
		if (s->p[i] == '\\' && i + 1 < s->n)
			i++;
		buf_add_char(out, s->p[i]);
	}
	if (i < s->n)
		i++;
	s->p += i;
	s->n -= i;
}

/* An unquoted value goes to the next comma: realms have been seen without quotes, and ":" and "/" are no token characters. */
static void take_bare(struct str *s, struct buf *out)
{
	struct str value = { s->p, 0 };

	while (value.n < s->n && s->p[value.n] != ',')
		value.n++;
	s->p += value.n;
	s->n -= value.n;
	buf_add(out, str_trim(value));
}

static void set_param(struct reg_challenge *c, struct str name, struct buf *value)
{
	const struct {
		struct str name;
		char **field;
	} params[] = { { STR("realm"), &c->realm }, { STR("service"), &c->service }, { STR("scope"), &c->scope } };

	for (size_t i = 0; i < ARRAY_LEN(params); i++)
		if (name.n == params[i].name.n && strncasecmp(name.p, params[i].name.p, name.n) == 0 && !*params[i].field && !value->failed &&
		    strlen(buf_z(value)) == value->n)
			*params[i].field = buf_take(value);
}

/* After the "=". */
static void take_param(struct str *s, struct str name, struct reg_challenge *c)
{
	CLEANUP(buf_done) struct buf value = BUF_INIT(REG_CHALLENGE_MAX);

	skip(s, " \t");
	if (s->n && *s->p == '"')
		take_quoted(s, &value);
	else
		take_bare(s, &value);
	if (c)
		set_param(c, name, &value);
}

static enum reg_scheme scheme_of(struct str word)
{
	if (word.n == 5 && strncasecmp(word.p, "Basic", 5) == 0)
		return REG_AUTH_BASIC;
	if (word.n == 6 && strncasecmp(word.p, "Bearer", 6) == 0)
		return REG_AUTH_BEARER;
	return REG_AUTH_NONE;
}

/* A scheme's token68 ("Negotiate YII==") has no parameters and ends at a comma. */
static bool is_token68(struct str s)
{
	size_t i = 0;

	while (i < s.n && (is_token_char(s.p[i]) || s.p[i] == '/'))
		i++;
	while (i < s.n && s.p[i] == '=')
		i++;
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	return i > 0 && (i == s.n || s.p[i] == ',');
}

static void skip_to_comma(struct str *s)
{
	while (s->n && *s->p != ',') {
		s->p++;
		s->n--;
	}
}

/* Walks over one header: words followed by "=" are parameters of the scheme before them, all others are schemes. */
static void walk(struct str s, struct reg_challenge *found)
{
	struct reg_challenge *current = NULL;

	for (skip(&s, ", \t"); s.n; skip(&s, ", \t")) {
		struct str word = take_token(&s);

		skip(&s, " \t");
		if (word.n && s.n && *s.p == '=') {
			s.p++;
			s.n--;
			take_param(&s, word, current);
			continue;
		}
		if (word.n && found->scheme != REG_AUTH_NONE)
			return; /* the one that was looked for is complete */
		found->scheme = scheme_of(word);
		current = found->scheme != REG_AUTH_NONE ? found : NULL;
		if (!word.n || is_token68(s))
			skip_to_comma(&s);
	}
}

bool reg_challenge_parse(struct str value, struct reg_challenge *ret)
{
	CLEANUP(reg_challenge_done) struct reg_challenge found = { 0 };

	if (value.n > REG_CHALLENGE_MAX)
		return false;
	walk(value, &found);
	if (found.scheme == REG_AUTH_NONE)
		return false;
	reg_challenge_done(ret);
	*ret = found;
	found = (struct reg_challenge){ 0 };
	return true;
}

void reg_challenge_done(struct reg_challenge *c)
{
	free(c->realm);
	free(c->service);
	free(c->scope);
	*c = (struct reg_challenge){ 0 };
}

bool reg_challenge_copy(struct reg_challenge *c, const struct reg_challenge *from)
{
	*c = (struct reg_challenge){ from->scheme, z_dup(from->realm), z_dup(from->service), z_dup(from->scope) };
	return !(from->realm && !c->realm) && !(from->service && !c->service) && !(from->scope && !c->scope);
}

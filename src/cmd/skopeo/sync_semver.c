#include "cmd/skopeo/sync_semver.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define TERMS_MAX  32
#define DIGITS_MAX 18

enum op { OP_EQUAL, OP_NOT, OP_MORE, OP_LESS, OP_MORE_EQUAL, OP_LESS_EQUAL, OP_TILDE, OP_CARET };

struct version {
	uint64_t part[3]; /* major, minor, patch */
	struct str pre;   /* behind the "-"; borrowed */
	size_t given;     /* parts that are no wildcard and not left out */
};

struct term {
	enum op op;
	struct version v;
	bool or_before; /* begins another alternative */
};

struct semver_range {
	char *text; /* the pre-releases' */
	struct term terms[TERMS_MAX];
	size_t n;
};

/* ---- versions ---------------------------------------------------------------------------------------------------------- */

static bool is_wildcard(char c)
{
	return c == 'x' || c == 'X' || c == '*';
}

/* One number of at most DIGITS_MAX digits; 0 digits: none. */
static size_t read_number(const char *p, uint64_t *ret)
{
	size_t n = 0;

	for (*ret = 0; isdigit((unsigned char)p[n]) && n < DIGITS_MAX; n++)
		*ret = *ret * 10 + (uint64_t)(p[n] - '0');
	return n;
}

static size_t word_length(const char *p)
{
	size_t n = 0;

	while (isalnum((unsigned char)p[n]) || (p[n] && strchr("-.", p[n])))
		n++;
	return n;
}

/* Numbers and, where they are allowed, wildcards; what follows a wildcard is one, too. */
static const char *read_parts(const char *p, bool wildcards, struct version *ret)
{
	bool open = false;

	for (size_t i = 0; i < 3; i++) {
		size_t n = read_number(p, &ret->part[i]);

		if (!n && !(wildcards && is_wildcard(*p)))
			return NULL;
		if (!n) {
			open = true;
			n = 1;
		}
		if (open)
			ret->part[i] = 0;
		else
			ret->given = i + 1;
		p += n;
		if (*p != '.')
			break;
		p += i < 2;
	}
	return p;
}

/* The end of the version that begins at p; NULL: none does. */
static const char *read_version(const char *p, bool wildcards, struct version *ret)
{
	*ret = (struct version){ 0 };
	p = read_parts(p + (*p == 'v'), wildcards, ret);
	if (p && *p == '-' && word_length(p + 1)) {
		ret->pre = (struct str){ p + 1, word_length(p + 1) };
		p += 1 + ret->pre.n;
	}
	if (p && *p == '+')
		p += 1 + word_length(p + 1);
	return p;
}

static int compare_word(struct str a, struct str b)
{
	bool a_number = a.n && strspn(a.p, "0123456789") >= a.n, b_number = b.n && strspn(b.p, "0123456789") >= b.n;
	size_t n = a.n < b.n ? a.n : b.n;
	int r;

	if (a_number != b_number)
		return a_number ? -1 : 1;
	if (a_number && a.n != b.n)
		return a.n < b.n ? -1 : 1;
	r = memcmp(a.p, b.p, n);
	return r ? r : (a.n > b.n) - (a.n < b.n);
}

/* semver.org 2.0.0, 11: a pre-release comes before its version. */
static int compare_pre(struct str a, struct str b)
{
	struct str x, y;
	int r = 0;

	if (!a.n || !b.n)
		return (b.n > 0) - (a.n > 0);
	while (r == 0 && a.n && b.n) {
		str_cut(a, '.', &x, &a);
		str_cut(b, '.', &y, &b);
		r = compare_word(x, y);
	}
	return r ? r : (a.n > 0) - (b.n > 0);
}

static int compare(const struct version *a, const struct version *b)
{
	for (size_t i = 0; i < 3; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return compare_pre(a->pre, b->pre);
}

/* ---- one term ---------------------------------------------------------------------------------------------------------- */

/* Whether the parts that were given are the same. */
static bool same_given(const struct version *v, const struct version *c, size_t at_most)
{
	for (size_t i = 0; i < c->given && i < at_most; i++)
		if (v->part[i] != c->part[i])
			return false;
	return true;
}

/* The left-most part that is not 0 stays. */
static bool in_caret(const struct version *v, const struct version *c)
{
	size_t fixed = 0;

	while (fixed < 2 && c->part[fixed] == 0 && fixed + 1 < c->given)
		fixed++;
	return compare(v, c) >= 0 && same_given(v, c, fixed + 1);
}

static bool in_term(const struct version *v, const struct term *t)
{
	const struct version *c = &t->v;
	bool whole = c->given == 3;

	if (v->pre.n && !c->pre.n)
		return false;
	switch (t->op) {
	case OP_EQUAL:
		return whole ? compare(v, c) == 0 : same_given(v, c, 3);
	case OP_NOT:
		return whole ? compare(v, c) != 0 : !same_given(v, c, 3);
	case OP_MORE:
		return compare(v, c) > 0 && (whole || !same_given(v, c, 3));
	case OP_LESS:
		return compare(v, c) < 0;
	case OP_MORE_EQUAL:
		return compare(v, c) >= 0;
	case OP_LESS_EQUAL:
		return compare(v, c) <= 0 || (!whole && same_given(v, c, 3));
	case OP_TILDE:
		return compare(v, c) >= 0 && same_given(v, c, 2);
	case OP_CARET:
		return in_caret(v, c);
	}
	return false;
}

bool semver_range_has(const struct semver_range *r, const char *tag)
{
	struct version v;
	const char *end = read_version(tag, false, &v);
	bool all = true;

	if (!end || *end)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		if (r->terms[i].or_before && all)
			return true;
		all = (all || r->terms[i].or_before) && in_term(&v, &r->terms[i]);
	}
	return all;
}

/* ---- reading a range --------------------------------------------------------------------------------------------------- */

static const char *read_op(const char *p, enum op *ret)
{
	static const struct {
		const char *word;
		enum op op;
	} ops[] = {
		{ "!=", OP_NOT },        { ">=", OP_MORE_EQUAL }, { "=>", OP_MORE_EQUAL }, { "<=", OP_LESS_EQUAL },
		{ "=<", OP_LESS_EQUAL }, { "~>", OP_TILDE },      { "~", OP_TILDE },       { "^", OP_CARET },
		{ ">", OP_MORE },        { "<", OP_LESS },        { "=", OP_EQUAL },
	};

	*ret = OP_EQUAL;
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (strncmp(p, ops[i].word, strlen(ops[i].word)) == 0) {
			*ret = ops[i].op;
			return p + strlen(ops[i].word);
		}
	return p;
}

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/* "1.2 - 1.4": the second half, when there is one. */
static const char *read_upper(const char *p, struct term *t, struct term *ret_upper)
{
	const char *dash = skip_blanks(p), *end;

	if (t->op != OP_EQUAL || dash == p || *dash != '-')
		return p;
	end = read_version(skip_blanks(dash + 1), true, &ret_upper->v);
	if (!end)
		return NULL;
	t->op = OP_MORE_EQUAL;
	ret_upper->op = OP_LESS_EQUAL;
	return end;
}

/* One term, or the two of a range with a dash. */
static const char *read_term(const char *p, bool or_before, struct semver_range *r)
{
	struct term upper = { 0 }, *t = &r->terms[r->n];

	p = skip_blanks(read_op(p, &t->op));
	t->or_before = or_before;
	p = read_version(p, true, &t->v);
	if (p)
		p = read_upper(p, t, &upper);
	if (!p)
		return NULL;
	r->n++;
	if (upper.op == OP_LESS_EQUAL)
		r->terms[r->n++] = upper;
	return p;
}

static bool read_range(struct semver_range *r)
{
	const char *p = skip_blanks(r->text);
	bool or_before = false;

	do {
		if (r->n + 2 > TERMS_MAX)
			return false;
		p = read_term(p, or_before, r);
		if (!p)
			return false;
		p = skip_blanks(p);
		or_before = strncmp(p, "||", 2) == 0;
		p = skip_blanks(p + (or_before ? 2 : *p == ','));
	} while (*p || or_before);
	return true;
}

int semver_range_parse(const char *text, struct semver_range **ret, struct error *err)
{
	CLEANUP(semver_range_close_p) struct semver_range *r = calloc(1, sizeof *r);

	if (!r || !(r->text = z_dup(text)))
		return error_set(err, ERR_SYSTEM, "out of memory");
	if (!read_range(r))
		return error_set(err, ERR_USAGE, "improper constraint: %s", text);
	*ret = ptr_take(&r);
	return 0;
}

void semver_range_close_p(struct semver_range **r)
{
	if (*r)
		free((*r)->text);
	free(*r);
	*r = NULL;
}

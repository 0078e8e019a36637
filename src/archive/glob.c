#include "archive/glob.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum step_kind {
	STEP_RUNE,    /* this one */
	STEP_ANY,     /* ?: one but '/' */
	STEP_CLASS,   /* [...] */
	STEP_STAR,    /* any number of anything but '/' */
	STEP_REST,    /* any number of anything */
	STEP_FOLDERS, /* nothing, or STEP_INSIDE */
	STEP_INSIDE,  /* any number of anything and a '/' behind it */
};

struct range {
	uint32_t first, last;
};

struct step {
	enum step_kind kind;
	bool negated;
	uint32_t rune;
	size_t range, n_ranges; /* in glob.ranges */
};

/* Most patterns need no automaton. */
enum glob_kind { GLOB_EXACT, GLOB_PREFIX, GLOB_SUFFIX, GLOB_STEPS };

struct glob {
	enum glob_kind kind;
	char *text;
	size_t n_text;
	struct step *steps;
	size_t n_steps;
	struct range *ranges;
	size_t n_ranges;
};

/* Takes one character off s. A byte that isn't UTF-8 gets a number that no character has. */
static uint32_t next_rune(struct str *s)
{
	const unsigned char *p = (const unsigned char *)s->p;
	static const struct { unsigned char mask, lead; uint32_t least; } forms[] = {
		{ 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 },
	};

	for (size_t n = 0; n < ARRAY_LEN(forms) && n < s->n; n++) {
		uint32_t rune = p[0] & (unsigned char)~forms[n].mask;
		size_t i = 1;

		if ((p[0] & forms[n].mask) != forms[n].lead)
			continue;
		for (; i <= n && (p[i] & 0xc0) == 0x80; i++)
			rune = rune << 6 | (p[i] & 0x3f);
		if (i <= n || rune < forms[n].least || rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000))
			break;
		*s = (struct str){ s->p + n + 1, s->n - n - 1 };
		return rune;
	}
	*s = (struct str){ s->p + 1, s->n - 1 };
	return 0x110000 + p[0];
}

/* One end of a range: a character, or one behind a backslash. Something must follow it, if only the bracket that closes. */
static int range_end(struct str *s, uint32_t *ret, struct error *err)
{
	if (!s->n)
		return error_set(err, ERR_USAGE, "\"[\" is not closed");
	if (*s->p == '-' || *s->p == ']')
		return error_set(err, ERR_USAGE, "\"-\" or \"]\" in \"[...]\" stands where a character should; write \"\\-\" or \"\\]\"");
	if (*s->p == '\\')
		*s = (struct str){ s->p + 1, s->n - 1 };
	if (!s->n)
		return error_set(err, ERR_USAGE, "\"[\" is not closed");
	*ret = next_rune(s);
	if (*ret > 0x10ffff)
		return error_set(err, ERR_USAGE, "a byte that is not UTF-8 in \"[...]\"");
	return s->n ? 0 : error_set(err, ERR_USAGE, "\"[\" is not closed");
}

/* What is behind "[". */
static int add_class(struct glob *g, struct str *s, struct error *err)
{
	struct step step = { .kind = STEP_CLASS, .range = g->n_ranges };

	if (s->n && *s->p == '^') {
		step.negated = true;
		*s = (struct str){ s->p + 1, s->n - 1 };
	}
	do {
		struct range *range = &g->ranges[g->n_ranges];
		int r = range_end(s, &range->first, err);

		if (r < 0)
			return r;
		range->last = range->first;
		if (*s->p == '-') {
			*s = (struct str){ s->p + 1, s->n - 1 };
			r = range_end(s, &range->last, err);
		}
		if (r < 0)
			return r;
		if (range->last < range->first)
			return error_set(err, ERR_USAGE, "a range in \"[...]\" runs backwards");
		g->n_ranges++;
	} while (*s->p != ']');
	*s = (struct str){ s->p + 1, s->n - 1 };
	step.n_ranges = g->n_ranges - step.range;
	g->steps[g->n_steps++] = step;
	return 0;
}

static void add_step(struct glob *g, enum step_kind kind)
{
	g->steps[g->n_steps++].kind = kind;
}

/* What is behind "**". */
static void add_folders(struct glob *g, struct str *s)
{
	bool first = g->n_steps == 0;

	if (s->n && *s->p == '/')
		*s = (struct str){ s->p + 1, s->n - 1 };
	if (s->n) {
		add_step(g, STEP_FOLDERS);
		add_step(g, STEP_INSIDE);
		g->kind = GLOB_STEPS;
	} else {
		add_step(g, STEP_REST);
		g->kind = g->kind == GLOB_EXACT ? GLOB_PREFIX : GLOB_STEPS;
	}
	/* moby compares only the end then: "**x" takes "dir/yx" too, where "a**x" would not take "a/yx". */
	if (first)
		g->kind = GLOB_SUFFIX;
}

static int add_steps(struct glob *g, struct str s, struct error *err)
{
	int r = 0;

	while (s.n && r == 0) {
		uint32_t rune = next_rune(&s);
		bool twice = rune == '*' && s.n && *s.p == '*';

		if (twice) {
			s = (struct str){ s.p + 1, s.n - 1 };
			add_folders(g, &s);
			continue;
		}
		if (rune == '*' || rune == '?' || rune == '[' || rune == '\\')
			g->kind = GLOB_STEPS;
		if (rune == '*' || rune == '?') {
			add_step(g, rune == '*' ? STEP_STAR : STEP_ANY);
		} else if (rune == '[') {
			r = add_class(g, &s, err);
		} else if (rune == '\\' && !s.n) {
			r = error_set(err, ERR_USAGE, "it ends with a backslash");
		} else {
			g->steps[g->n_steps].rune = rune == '\\' ? next_rune(&s) : rune;
			add_step(g, STEP_RUNE);
		}
	}
	return r;
}

int glob_compile(struct str pattern, struct glob **ret, struct error *err)
{
	CLEANUP(glob_free_p) struct glob *g = calloc(1, sizeof *g);
	int r;

	if (pattern.n > GLOB_MAX)
		return error_set(err, ERR_USAGE, "it is longer than %d bytes", GLOB_MAX);
	if (g) {
		g->text = str_dup(pattern);
		g->n_text = pattern.n;
		g->steps = calloc(pattern.n + 1, sizeof *g->steps);
		g->ranges = calloc(pattern.n + 1, sizeof *g->ranges);
	}
	if (!g || !g->text || !g->steps || !g->ranges)
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = add_steps(g, pattern, err);
	if (r < 0)
		return r;
	*ret = ptr_take(&g);
	return 0;
}

static bool in_class(const struct glob *g, const struct step *s, uint32_t rune)
{
	for (size_t i = s->range; i < s->range + s->n_ranges; i++)
		if (rune >= g->ranges[i].first && rune <= g->ranges[i].last)
			return !s->negated;
	return s->negated;
}

/* Sets state i and those that are reached from it without a character. */
static void enter(const struct glob *g, bool *on, size_t i)
{
	while (!on[i]) {
		on[i] = true;
		if (i == g->n_steps)
			return;
		switch (g->steps[i].kind) {
		case STEP_STAR:
		case STEP_REST:
			i++;
			break;
		case STEP_FOLDERS:
			on[i + 1] = true;
			i += 2;
			break;
		default:
			return;
		}
	}
}

/* Moves state i by one character. */
static void advance(const struct glob *g, size_t i, uint32_t rune, bool *next)
{
	const struct step *s = &g->steps[i];

	switch (s->kind) {
	case STEP_RUNE:
		if (rune == s->rune)
			enter(g, next, i + 1);
		break;
	case STEP_ANY:
		if (rune != '/')
			enter(g, next, i + 1);
		break;
	case STEP_CLASS:
		if (in_class(g, s, rune))
			enter(g, next, i + 1);
		break;
	case STEP_STAR:
		if (rune != '/')
			enter(g, next, i);
		break;
	case STEP_REST:
		enter(g, next, i);
		break;
	case STEP_INSIDE:
		next[i] = true;
		if (rune == '/')
			enter(g, next, i + 1);
		break;
	case STEP_FOLDERS:
		break; /* enter() went on from it */
	}
}

static void advance_all(const struct glob *g, uint32_t rune, const bool *now, bool *next)
{
	memset(next, 0, g->n_steps + 1);
	for (size_t i = 0; i < g->n_steps; i++)
		if (now[i])
			advance(g, i, rune, next);
}

/* The states that are on behind path, in on[n_steps + 1]; the last one means that all of it matches. False: none is on.
 * folders: it is also enough, and the end, when the last one is on before a slash. */
static bool run(const struct glob *g, struct str path, bool folders, bool *on)
{
	bool next[GLOB_MAX + 1];

	memset(on, 0, g->n_steps + 1);
	enter(g, on, 0);
	while (path.n && memchr(on, true, g->n_steps + 1)) {
		if (folders && *path.p == '/' && on[g->n_steps])
			return true;
		advance_all(g, next_rune(&path), on, next);
		memcpy(on, next, g->n_steps + 1);
	}
	return memchr(on, true, g->n_steps + 1);
}

static bool ends_like(struct str path, struct str suffix)
{
	if (str_ends(path, suffix))
		return true;
	/* No folder at all: x itself. */
	return suffix.n && *suffix.p == '/' && str_eq(path, (struct str){ suffix.p + 1, suffix.n - 1 });
}

static bool folder_ends_like(struct str path, struct str suffix)
{
	for (size_t n = 0; n < path.n; n++)
		if (path.p[n] == '/' && ends_like((struct str){ path.p, n }, suffix))
			return true;
	return ends_like(path, suffix);
}

bool glob_match(const struct glob *g, struct str path)
{
	bool on[GLOB_MAX + 1];
	struct str text = { g->text, g->n_text };

	switch (g->kind) {
	case GLOB_EXACT:
		return str_starts(path, text) && (path.n == text.n || path.p[text.n] == '/');
	case GLOB_PREFIX:
		return str_starts(path, (struct str){ text.p, text.n - 2 });
	case GLOB_SUFFIX:
		return folder_ends_like(path, (struct str){ text.p + 2, text.n - 2 });
	default:
		return run(g, path, true, on) && on[g->n_steps];
	}
}

bool glob_can_match_below(const struct glob *g, struct str path)
{
	bool on[GLOB_MAX + 1], next[GLOB_MAX + 1];

	if (g->kind == GLOB_SUFFIX)
		return true;
	if (!run(g, path, false, on))
		return false;
	advance_all(g, '/', on, next);
	return memchr(next, true, g->n_steps + 1);
}

void glob_free_p(struct glob **g)
{
	if (*g) {
		free((*g)->text);
		free((*g)->steps);
		free((*g)->ranges);
	}
	free(ptr_take(g));
}

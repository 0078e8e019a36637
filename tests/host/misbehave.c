#include "misbehave.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

static const struct {
	const char *word;
	enum misbehave_kind kind;
} kinds[] = {
	{ "close-mid-reply", CLOSE_MID_REPLY }, { "close-now", CLOSE_NOW }, { "stall", STALL },
	{ "split-frames", SPLIT_FRAMES },       { "slow", SLOW },           { "garbage", GARBAGE },
	{ "endless-line", ENDLESS_LINE },
};

int misbehave_parse(const char *text, struct misbehave *ret, struct error *err)
{
	struct str word, method = { 0 };
	bool one = str_cut(str_from(text), ':', &word, &method);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!str_eq_z(word, kinds[i].word))
			continue;
		misbehave_done(ret);
		ret->kind = kinds[i].kind;
		ret->method = one ? str_dup(method) : NULL;
		return 0;
	}
	return error_set(err, ERR_USAGE, "unknown misbehaviour %.*s: one of %s", STR_ARG(word), MISBEHAVE_WORDS);
}

enum misbehave_kind misbehave_for(const struct misbehave *m, const char *method)
{
	return !m->method || strcmp(m->method, method) == 0 ? m->kind : BEHAVE;
}

void misbehave_done(struct misbehave *m)
{
	free(m->method);
	*m = (struct misbehave){ 0 };
}

#include "base/flags.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

static struct flag *find(const struct flags *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].name, name) == 0)
			return &f->v[i];
	return NULL;
}

static struct flag *append(struct flags *f, const char *name)
{
	if (f->n == f->cap) {
		size_t cap = f->cap ? f->cap * 2 : 16;
		struct flag *v = realloc(f->v, cap * sizeof *v);

		if (!v)
			return NULL;
		f->v = v;
		f->cap = cap;
	}
	f->v[f->n] = (struct flag){ .name = name };
	return &f->v[f->n++];
}

bool flags_add(struct flags *f, const char *name, struct str value)
{
	struct flag *flag = find(f, name);

	if (!flag)
		flag = append(f, name);
	if (!flag)
		return false;
	if (strv_add_str(&flag->values, value))
		return true;
	if (!flag->values.n)
		flags_drop(f, name);
	return false;
}

const struct flag *flags_find(const struct flags *f, const char *name)
{
	return find(f, name);
}

const char *flags_get(const struct flags *f, const char *name)
{
	const struct flag *flag = find(f, name);

	return flag && flag->values.n ? flag->values.v[flag->values.n - 1] : NULL;
}

bool flags_bool(const struct flags *f, const char *name, bool dflt)
{
	const char *value = flags_get(f, name);
	bool on = dflt;

	return value && bool_parse(str_from(value), &on) ? on : dflt;
}

void flags_drop(struct flags *f, const char *name)
{
	struct flag *flag = find(f, name);

	if (!flag)
		return;
	strv_done(&flag->values);
	f->n--;
	memmove(flag, flag + 1, (size_t)(&f->v[f->n] - flag) * sizeof *flag);
}

void flags_done(struct flags *f)
{
	for (size_t i = 0; i < f->n; i++)
		strv_done(&f->v[i].values);
	free(f->v);
	*f = (struct flags){ 0 };
}

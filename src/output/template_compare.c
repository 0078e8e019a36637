/* Comparisons of templates: all follow from equal and less. */
#include "output/template_funcs.h"

#include <json-c/json.h>

#include "base/cleanup.h"

static bool is_basic(struct value v)
{
	return v.kind >= VALUE_BOOL && v.kind <= VALUE_STRING;
}

static bool is_integer(struct value v)
{
	return v.kind == VALUE_INT || v.kind == VALUE_UINT;
}

static bool is_nothing(struct value v)
{
	return v.kind == VALUE_NONE || v.kind == VALUE_NULL;
}

/* -1, 0, 1; of two integers or two values of one basic kind. */
static int order(struct value a, struct value b)
{
	int r;

	if (a.kind != b.kind && is_integer(a) && is_integer(b)) {
		if (a.kind == VALUE_UINT)
			return -order(b, a);
		return a.i < 0 || (uint64_t)a.i < b.u ? -1 : (uint64_t)a.i > b.u;
	}
	switch (a.kind) {
	case VALUE_BOOL:
		return a.b - b.b;
	case VALUE_INT:
		return (a.i > b.i) - (a.i < b.i);
	case VALUE_UINT:
		return (a.u > b.u) - (a.u < b.u);
	case VALUE_FLOAT:
		return (a.f > b.f) - (a.f < b.f);
	case VALUE_STRING:
		r = memcmp(a.s.n ? a.s.p : "", b.s.n ? b.s.p : "", a.s.n < b.s.n ? a.s.n : b.s.n);
		return r ? r : (a.s.n > b.s.n) - (a.s.n < b.s.n);
	default:
		return 0;
	}
}

/* Lists and objects compare with nil only, except structs, which Go compares field by field. */
static bool eq_others(struct call *c, struct value a, struct value b, bool *ret)
{
	if (!is_nothing(a) && !is_nothing(b) && a.kind != b.kind) {
		buf_addf(&c->problem, "non-comparable types ");
		value_printf(c->w, STR("%s: "), &a, 1, &c->problem);
		buf_addf(&c->problem, "%s, %s: ", value_type(c->w, a), value_type(c->w, b));
		value_print(c->w, &b, 1, &c->problem);
		return false;
	}
	if (value_is_nil(a) || value_is_nil(b)) {
		*ret = value_is_nil(a) == value_is_nil(b);
		return true;
	}
	if (a.kind != VALUE_STRUCT) {
		buf_addf(&c->problem, "non-comparable type ");
		value_printf(c->w, STR("%s"), &b, 1, &c->problem);
		buf_addf(&c->problem, ": %s", value_type(c->w, b));
		return false;
	}
	*ret = json_object_equal(a.json, b.json);
	return true;
}

static bool eq_one(struct call *c, struct value a, struct value b, bool *ret)
{
	*ret = false;
	if ((is_basic(a) && a.kind == b.kind) || (is_integer(a) && is_integer(b))) {
		*ret = order(a, b) == 0;
		return true;
	}
	if (!is_basic(a) && !is_basic(b))
		return eq_others(c, a, b, ret);
	if (is_nothing(a) || is_nothing(b))
		return true;
	return call_fail(c, "incompatible types for comparison");
}

/* Whether the first argument equals one of the others. */
static bool equal(struct call *c, bool *ret)
{
	*ret = false;
	if (c->n < 2)
		return call_fail(c, "missing argument for comparison");
	for (size_t i = 1; i < c->n && !*ret; i++)
		if (!eq_one(c, c->v[0], c->v[i], ret))
			return false;
	return true;
}

static bool less(struct call *c, bool *ret)
{
	struct value a = c->v[0], b = c->v[1];
	bool comparable = a.kind == b.kind || (is_integer(a) && is_integer(b));

	*ret = false;
	if (!is_basic(a) || !is_basic(b) || (comparable && a.kind == VALUE_BOOL))
		return call_fail(c, "invalid type for comparison");
	if (!comparable)
		return call_fail(c, "incompatible types for comparison");
	*ret = order(a, b) < 0;
	return true;
}

static bool less_or_equal(struct call *c, bool *ret)
{
	return less(c, ret) && (*ret || equal(c, ret));
}

static bool give(struct call *c, bool fine, bool truth)
{
	c->result = value_bool(truth);
	return fine;
}

bool compare_eq(struct call *c)
{
	bool truth, fine = equal(c, &truth);

	return give(c, fine, truth);
}

bool compare_ne(struct call *c)
{
	bool truth, fine = equal(c, &truth);

	return give(c, fine, !truth);
}

bool compare_lt(struct call *c)
{
	bool truth, fine = less(c, &truth);

	return give(c, fine, truth);
}

bool compare_le(struct call *c)
{
	bool truth, fine = less_or_equal(c, &truth);

	return give(c, fine, truth);
}

bool compare_gt(struct call *c)
{
	bool truth, fine = less_or_equal(c, &truth);

	return give(c, fine, !truth);
}

bool compare_ge(struct call *c)
{
	bool truth, fine = less(c, &truth);

	return give(c, fine, !truth);
}

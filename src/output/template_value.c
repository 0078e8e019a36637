#include "output/template_value.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/js.h"
#include "output/template_shape.h"

struct value value_string(struct str s)
{
	return (struct value){ .kind = VALUE_STRING, .s = s };
}

struct value value_int(int64_t i)
{
	return (struct value){ .kind = VALUE_INT, .i = i };
}

struct value value_bool(bool b)
{
	return (struct value){ .kind = VALUE_BOOL, .b = b };
}

static bool is_map_key(const struct world *w, const char *key)
{
	return key && (w->shape->is_map ? w->shape->is_map(key) : shape_is_map(key));
}

/* A key that no Go field can have shows a map, whatever it was found under. */
static bool has_foreign_key(struct json_object *o)
{
	json_object_object_foreach(o, key, member)
	{
		(void)member;
		for (const char *p = key; *p; p++)
			if (strchr("/.:- ", *p))
				return true;
	}
	return false;
}

/* Go's Duration, in nanoseconds. */
static struct value duration(const struct world *w, struct json_object *o)
{
	struct buf b = BUF_INIT(64);
	struct value v = { .kind = VALUE_STRING, .json = o };

	duration_string(json_object_get_int64(o), &b);
	v.s = str_from(pool_dup(w->pool, buf_str(&b)));
	buf_done(&b);
	return v;
}

static struct value integer(struct json_object *o)
{
	struct value v = { .kind = VALUE_INT, .i = json_object_get_int64(o), .json = o };
	uint64_t u = v.i == INT64_MAX ? json_object_get_uint64(o) : 0;

	if (u > INT64_MAX) {
		v.kind = VALUE_UINT;
		v.u = u;
	}
	return v;
}

/* The text of a point in time, with the zone that the host wrote. NULL when it is none. */
static const char *time_text(const struct world *w, struct str rfc3339)
{
	char text[64];
	struct buf b = BUF_INIT(sizeof text);
	struct instant t;
	const char *z = NULL;
	int zone;

	if (!instant_parse_rfc3339(rfc3339, &t))
		return NULL;
	zone = t.zone_s / 60;
	t.s += t.zone_s;
	instant_go_string(t, &b);
	if (zone && str_ends(buf_str(&b), STR("+0000 UTC"))) {
		b.n -= strlen("+0000 UTC");
		snprintf(text, sizeof text, "%c%02d%02d", zone < 0 ? '-' : '+', abs(zone) / 60, abs(zone) % 60);
		buf_addf(&b, "%s %s", text, text);
	}
	if (!b.failed)
		z = pool_dup(w->pool, buf_str(&b));
	buf_done(&b);
	return z;
}

static struct value string(const struct world *w, struct json_object *o, const char *key)
{
	struct value v = { .kind = VALUE_STRING, .s = js_text(o), .json = o };
	const char *time = w->shape && !w->shape->text_times && key && shape_is_time(key) ? time_text(w, v.s) : NULL;

	if (time)
		v.s = str_from(time);
	return v;
}

/* What a null stands for is known from the key alone; most are slices. */
static struct value null(const struct world *w, const char *key)
{
	if (!w->shape || !key || shape_is_pointer(key))
		return (struct value){ .kind = VALUE_NULL };
	return (struct value){ .kind = is_map_key(w, key) ? VALUE_MAP : VALUE_LIST, .key = key };
}

static struct value object(const struct world *w, struct json_object *o, const char *key, bool element)
{
	bool is_map = !w->shape || (!element && is_map_key(w, key)) || has_foreign_key(o);

	return (struct value){ .kind = is_map ? VALUE_MAP : VALUE_STRUCT, .json = o, .key = key };
}

/* parent: the key of the object that it was found in. */
static struct value make(const struct world *w, struct json_object *o, const char *parent, const char *key, bool element)
{
	switch (json_object_get_type(o)) {
	case json_type_null:
		return null(w, key);
	case json_type_boolean:
		return (struct value){ .kind = VALUE_BOOL, .b = json_object_get_boolean(o), .json = o };
	case json_type_double:
		return (struct value){ .kind = VALUE_FLOAT, .f = json_object_get_double(o), .json = o };
	case json_type_int:
		if (w->shape && shape_is_duration(parent, key))
			return duration(w, o);
		return integer(o);
	case json_type_string:
		return string(w, o, key);
	case json_type_array:
		return (struct value){ .kind = VALUE_LIST, .json = o, .key = key };
	case json_type_object:
		return object(w, o, key, element);
	}
	return (struct value){ .kind = VALUE_NONE };
}

struct value value_root(const struct world *w, struct json_object *o)
{
	return o ? make(w, o, NULL, NULL, false) : (struct value){ .kind = VALUE_NONE };
}

struct value value_under(const struct world *w, struct value of, struct json_object *o, const char *key)
{
	return make(w, o, of.key, key, false);
}

struct value value_element(const struct world *w, struct value of, struct json_object *o)
{
	/* The key of an element tells about its fields, not about itself. */
	if (o)
		return make(w, o, of.key, of.key, true);
	/* Podman's maps whose members can be null hold lists: ports. */
	return (struct value){ .kind = w->shape && of.kind == VALUE_MAP ? VALUE_LIST : VALUE_NULL };
}

/* Equal up to case and underscores: {{.ID}} is "Id" in one answer, {{.NetworkInterface}} "network_interface" in another. */
static bool same_word(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "_");
		b += strspn(b, "_");
		if ((*a | 0x20) != (*b | 0x20))
			return false;
		if (!*a || !*b)
			return *a == *b;
	}
}

static const char *folded_key(struct json_object *o, const char *name)
{
	json_object_object_foreach(o, key, member)
	{
		(void)member;
		if (same_word(key, name))
			return key;
	}
	return NULL;
}

static bool left_out(const struct world *w, const char *parent, const char *name, struct value *ret)
{
	switch (shape_left_out(parent, name)) {
	case SHAPE_POINTER:
		*ret = (struct value){ .kind = VALUE_NULL };
		return true;
	case SHAPE_TEXT:
		*ret = value_string(STR(""));
		return true;
	case SHAPE_NUMBER:
		*ret = value_int(0);
		return true;
	case SHAPE_BOOL:
		*ret = value_bool(false);
		return true;
	case SHAPE_LIST:
		*ret = (struct value){ .kind = VALUE_LIST };
		return true;
	case SHAPE_UNKNOWN:
		break;
	}
	*ret = (struct value){ .kind = VALUE_MAP, .key = name };
	return is_map_key(w, name);
}

bool value_field(const struct world *w, struct value of, const char *name, struct value *ret)
{
	struct json_object *member;

	*ret = (struct value){ .kind = VALUE_NONE };
	if (json_object_object_get_ex(of.json, name, &member)) {
		*ret = of.kind == VALUE_MAP ? value_element(w, of, member) : value_under(w, of, member, name);
		return true;
	}
	if (of.kind == VALUE_MAP)
		return true;
	name = of.json && folded_key(of.json, name) ? folded_key(of.json, name) : name;
	if (json_object_object_get_ex(of.json, name, &member)) {
		*ret = value_under(w, of, member, name);
		return true;
	}
	return left_out(w, of.key, name, ret);
}

static int by_key(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return strcmp(x->key, y->key);
}

struct member *value_members(const struct world *w, struct value of, size_t *ret_n)
{
	size_t n = value_len(of), i = 0;
	struct member *m = pool_alloc(w->pool, (n + 1) * sizeof *m);

	*ret_n = n;
	if (!m || !n)
		return m;
	json_object_object_foreach(of.json, key, member) m[i++] = (struct member){ key, member };
	if (of.kind == VALUE_MAP)
		qsort(m, n, sizeof *m, by_key);
	return m;
}

bool value_is_object(struct value v)
{
	return v.kind == VALUE_MAP || v.kind == VALUE_STRUCT;
}

size_t value_len(struct value v)
{
	if (v.kind == VALUE_STRING)
		return v.s.n;
	if (v.kind == VALUE_LIST)
		return js_len(v.json);
	return value_is_object(v) && v.json ? (size_t)json_object_object_length(v.json) : 0;
}

bool value_truth(struct value v)
{
	switch (v.kind) {
	case VALUE_NONE:
	case VALUE_NULL:
		return false;
	case VALUE_BOOL:
		return v.b;
	case VALUE_INT:
		return v.i != 0;
	case VALUE_UINT:
		return v.u != 0;
	case VALUE_FLOAT:
		return v.f != 0;
	case VALUE_STRING:
	case VALUE_LIST:
	case VALUE_MAP:
		return value_len(v) > 0;
	case VALUE_STRUCT:
		return true;
	}
	return false;
}

bool value_is_nil(struct value v)
{
	return v.kind == VALUE_NONE || v.kind == VALUE_NULL || ((v.kind == VALUE_LIST || v.kind == VALUE_MAP) && !v.json);
}

/* Whether Go would have a []string or map[string]string here: Podman's types do wherever all values are strings. */
static bool all_strings(const struct world *w, struct value v)
{
	size_t n;
	const struct member *m;

	if (v.kind == VALUE_LIST) {
		for (size_t i = 0; i < value_len(v); i++)
			if (!json_object_is_type(js_at(v.json, i), json_type_string))
				return false;
		return true;
	}
	m = value_members(w, v, &n);
	for (size_t i = 0; m && i < n; i++)
		if (!json_object_is_type(m[i].o, json_type_string))
			return false;
	return true;
}

const char *value_type(const struct world *w, struct value v)
{
	switch (v.kind) {
	case VALUE_NONE:
	case VALUE_NULL:
		return "interface {}";
	case VALUE_BOOL:
		return "bool";
	case VALUE_INT:
		return "int";
	case VALUE_UINT:
		return v.u <= 0xFF ? "uint8" : "uint64";
	case VALUE_FLOAT:
		return "float64";
	case VALUE_STRING:
		return "string";
	case VALUE_LIST:
		return all_strings(w, v) ? "[]string" : "[]interface {}";
	case VALUE_MAP:
		return all_strings(w, v) ? "map[string]string" : "map[string]interface {}";
	case VALUE_STRUCT:
		/* The types' names are not in the JSON. */
		return v.key ? v.key : w->shape && w->shape->go_type ? w->shape->go_type : "struct";
	}
	return "";
}

struct json_object *value_json(struct value v)
{
	if (v.json)
		return json_object_get(v.json);
	switch (v.kind) {
	case VALUE_BOOL:
		return json_object_new_boolean(v.b);
	case VALUE_INT:
		return json_object_new_int64(v.i);
	case VALUE_UINT:
		return json_object_new_uint64(v.u);
	case VALUE_FLOAT:
		return json_object_new_double(v.f);
	case VALUE_STRING:
		return js_strn(v.s);
	default:
		return NULL;
	}
}

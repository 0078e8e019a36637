#include "words.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/js.h"

struct json_object *words_time(struct instant t)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64);

	instant_rfc3339(t, &text);
	return js_strn(buf_str(&text));
}

struct json_object *words_time_s(struct instant t)
{
	t.ns = 0;
	return words_time(t);
}

static int64_t nanoseconds_since(struct instant t)
{
	struct instant now = instant_now();

	return (now.s - t.s) * INT64_C(1000000000) + (now.ns - t.ns);
}

void words_since(struct buf *out, struct instant t)
{
	int64_t seconds = nanoseconds_since(t) / INT64_C(1000000000);
	int64_t minutes = seconds / 60, hours = (seconds + 1800) / 3600;

	if (seconds < 1)
		buf_add_z(out, "Less than a second");
	else if (seconds == 1)
		buf_add_z(out, "1 second");
	else if (seconds < 60)
		buf_addf(out, "%" PRId64 " seconds", seconds);
	else if (minutes == 1)
		buf_add_z(out, "About a minute");
	else if (minutes < 60)
		buf_addf(out, "%" PRId64 " minutes", minutes);
	else if (hours == 1)
		buf_add_z(out, "About an hour");
	else if (hours < 48)
		buf_addf(out, "%" PRId64 " hours", hours);
	else if (hours < 24 * 7 * 2)
		buf_addf(out, "%" PRId64 " days", hours / 24);
	else if (hours < 24 * 30 * 2)
		buf_addf(out, "%" PRId64 " weeks", hours / 24 / 7);
	else if (hours < 24 * 365 * 2)
		buf_addf(out, "%" PRId64 " months", hours / 24 / 30);
	else
		buf_addf(out, "%" PRId64 " years", hours / 24 / 365);
}

void words_duration_since(struct buf *out, struct instant t)
{
	duration_string(nanoseconds_since(t), out);
}

struct json_object *words_array(const struct strv *v)
{
	return js_strv(v->v, v->n);
}

struct json_object *words_array_or_null(const struct strv *v)
{
	return v->n ? words_array(v) : NULL;
}

void words_setf(struct json_object *o, const char *key, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	js_set(o, key, js_strn(buf_str(&text)));
}

struct json_object *words_parse(const char *text)
{
	struct json_object *o = NULL;

	return js_parse(str_from(text), "template", &o, NULL) < 0 ? json_object_new_object() : o;
}

void words_drop_unless(struct json_object *o, const char *key, bool keep)
{
	if (!keep)
		json_object_object_del(o, key);
}

bool words_has(struct str word, const char *const *list)
{
	for (; *list; list++)
		if (str_eq_z(word, *list))
			return true;
	return false;
}

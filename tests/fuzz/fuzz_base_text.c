/* Every reader of foreign text in base over the same bytes; what is taken must survive the way back. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/js.h"
#include "base/units.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void read_json(struct str text)
{
	CLEANUP(js_put_p) struct json_object *o = NULL, *again = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (js_parse(text, "fuzz", &o, &err) == 0)
		check(js_parse(str_from(js_wire(o)), "fuzz", &again, &err) == 0);
}

static void read_instant(struct str text)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(100);
	struct instant t, again;

	if (!instant_parse_rfc3339(text, &t))
		return;
	instant_go_string(t, &b);
	buf_clear(&b);
	instant_rfc3339(t, &b);
	/* A zone can carry the first and last day out of the four-digit years. */
	if (t.s >= -62167219200 && t.s <= 253402300799)
		check(instant_parse_rfc3339(buf_str(&b), &again) && again.s == t.s && again.ns == t.ns);
}

static void read_duration(struct str text)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(100);
	int64_t ns, again;

	if (!duration_parse(text, &ns))
		return;
	duration_string(ns, &b);
	check(duration_parse(buf_str(&b), &again) && again == ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = { (const char *)data, n };
	double real;
	int64_t v;
	bool on;

	read_json(text);
	read_instant(text);
	read_duration(text);
	check(!size_parse(text, &v) || v >= -1);
	check(!size_parse_decimal(text, &v) || v >= -1);
	int_parse(text, &v);
	float_parse(text, &real);
	bool_parse(text, &on);
	return 0;
}

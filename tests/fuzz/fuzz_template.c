/* Templates of --format over one document, as plain JSON and as Podman's types; tables of the same bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/strv.h"
#include "output/tabular.h"
#include "output/template.h"

/* Nested ranges multiply: short texts over short lists stay quick. */
#define TEXT_MAX   400
#define OUTPUT_MAX (64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char document[] =
	"{\"s\":\"web\",\"e\":\"\",\"i\":42,\"n\":-7,\"f\":1.5,\"t\":true,\"nul\":null,\"l\":[\"a\",\"b\"],"
	"\"lm\":[1,null],\"Labels\":{\"a\":\"1\"},\"big\":18446744073709551615,\"Created\":\"2026-11-23T17:37:30Z\","
	"\"State\":{\"Status\":\"up\",\"Pid\":1},\"Ports\":{\"80/tcp\":[{\"HostPort\":\"8080\"}],\"81/tcp\":null}}";

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void run(const struct template *t, struct json_object *dot, const struct template_shape *shape)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(OUTPUT_MAX), aligned = BUF_INIT(16 * OUTPUT_MAX);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int r = template_run(t, dot, shape, &out, &err);

	check(r == 0 || (r == -(int)err.kind && err.text));
	if (r == 0)
		tabular_align(buf_str(&out), 12, 2, &aligned);
}

static void parse_and_run(const char *text)
{
	CLEANUP(template_free_p) struct template *t = NULL;
	CLEANUP(js_put_p) struct json_object *dot = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(strv_done) struct strv fields = { 0 };
	struct template_shape shape = { .go_type = "type" };
	int r = template_parse(str_from(text), "fuzz", &t, &err);

	check(r == 0 ? t != NULL : r == -ERR_USAGE && err.text);
	if (r < 0)
		return;
	check(template_fields(t, &fields, &err) == 0);
	check(js_parse(str_from(document), "document", &dot, &err) == 0);
	run(t, dot, NULL);
	run(t, dot, &shape);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(buf_done) struct buf aligned = BUF_INIT(OUTPUT_MAX);
	CLEANUP(free_p) char *text = NULL, *plain = NULL;

	tabular_align((struct str){ (const char *)data, n }, 12, 2, &aligned);
	if (n > TEXT_MAX)
		return 0;
	text = str_dup((struct str){ (const char *)data, n });
	check(text != NULL);
	plain = template_unescape(text);
	check(plain && strlen(plain) <= n);
	parse_and_run(plain);
	return 0;
}

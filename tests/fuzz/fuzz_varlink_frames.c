/* Replies of a hostile varlink service: a stream, a plain reply or an upgrade (by the first byte), cut as they come, and what becomes of their
 * parameters. */
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/js.h"
#include "varlink/host.h"
#include "varlink/log_tail.h"
#include "varlink/translate.h"
#include "varlink/varlink.h"

#define INPUT_MAX (100 * 1024) /* fits into a socket's buffer, so that one thread is enough */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void translate(struct json_object *o)
{
	struct json_object *made[] = { translate_container(o, true, true),
				       translate_image(o),
				       translate_top(js_get(o, "top")),
				       translate_volume(o),
				       translate_info(o, NULL),
				       translate_version(o),
				       translate_ports(js_text(js_get(o, "ports"))) };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct log_line line;

	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		js_wire(made[i]);
		json_object_put(made[i]);
	}
	log_reply_line(o, &line, &err);
	translate_inspected_container(o);
}

static void read_stream(struct varlink *v)
{
	static const struct engine_ops ops = { .protocol = "varlink" };
	struct host h = { .engine.ops = &ops };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	bool continues = true;
	int r = 1;

	while (r > 0 && continues) {
		CLEANUP(js_put_p) struct json_object *params = NULL;

		r = varlink_try_next(v, &params, &continues, &err);
		if (r > 0)
			translate(params);
	}
	if (r == -ERR_REMOTE)
		host_refusal(&h, varlink_error_name(v), varlink_error_params(v), &err);
}

static void read_raw(struct varlink *v)
{
	char piece[4096];

	while (varlink_read_raw(v, piece, sizeof piece, NULL) > 0)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(varlink_close_p) struct varlink *v = NULL;
	CLEANUP(js_put_p) struct json_object *params = NULL;
	int fds[2];

	if (n < 1 || n > INPUT_MAX || fd_socketpair(fds, NULL) < 0)
		return 0;
	if (write(fds[1], data + 1, n - 1) != (ssize_t)n - 1 || varlink_open(fds[0], &v, NULL) < 0) {
		close(fds[1]);
		return 0;
	}
	shutdown(fds[1], SHUT_WR);
	if (data[0] % 3 == 0 && varlink_more(v, "a.b.C", NULL, NULL) == 0)
		read_stream(v);
	else if (data[0] % 3 == 1 && varlink_call(v, "a.b.C", NULL, 0, &params, NULL) == 0)
		translate(params);
	else if (data[0] % 3 == 2 && varlink_upgrade(v, "a.b.C", NULL, 0, NULL, NULL) == 0)
		read_raw(v);
	close(fds[1]);
	return 0;
}

#include "varlink/input.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"

#define KEYS "ctrl-],ctrl-_,ctrl-]"
static const char key_bytes[] = { 0x1d, 0x1f, 0x1d };

#define RETRY_FIRST_MS 30
#define RETRY_MAX_MS   240

int input_init(struct input *in, struct host *h, const char *name, struct error *err)
{
	*in = (struct input){
		.host = h, .name = z_dup(name), .state = INPUT_WAITING, .wire = WIRE_INIT(h), .retry_ms = RETRY_FIRST_MS
	};
	in->retry_at_ms = clock_ms();
	return in->name ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

void input_done(struct input *in)
{
	if (in->state == INPUT_NONE)
		return;
	wire_close(&in->wire);
	free(in->name);
	in->name = NULL;
	in->state = INPUT_NONE;
}

static int type_keys(struct input *in, struct error *err)
{
	if (in->held)
		log_warn("the last byte of standard input (0x1d, alone) can't be sent to this host");
	for (size_t i = 0; i < sizeof key_bytes; i++)
		if (!frame_add(&in->wire.out, FRAME_STDIN, key_bytes + i, 1))
			return buf_check(&in->wire.out, "standard input", err);
	in->state = INPUT_DETACHED;
	return 0;
}

static int attach(struct input *in, struct error *err)
{
	struct json_object *params = host_name(in->name);
	int r;

	js_set_str(params, "detachKeys", KEYS);
	/* Not "start": a container that ends in this moment would be started again. */
	js_set_bool(params, "start", false);
	r = wire_open(&in->wire, "Attach", params, err);
	if (r < 0)
		return r;
	in->state = INPUT_OPEN;
	return in->eof ? type_keys(in, err) : 0;
}

static void try_later(struct input *in)
{
	in->retry_at_ms = clock_after_ms((uint64_t)in->retry_ms);
	in->retry_ms = in->retry_ms * 2 < RETRY_MAX_MS ? in->retry_ms * 2 : RETRY_MAX_MS;
}

static int try_open(struct input *in, struct error *err)
{
	const char *state;
	int r = host_container_state(in->host, in->name, &state, err);

	if (r == 0 && strcmp(state, "running") == 0) {
		r = attach(in, err);
		if (r != -ERR_CONFLICT)
			return r;
		/* It ended, or was paused, between the two calls: the next look tells. */
		try_later(in);
		return error_clear(err);
	}
	if (r == -ERR_NOT_FOUND ||
	    (r == 0 && (strcmp(state, "exited") == 0 || strcmp(state, "stopped") == 0 || strcmp(state, "removing") == 0))) {
		in->state = INPUT_GONE;
		return error_clear(err);
	}
	try_later(in);
	return r;
}

struct pollfd input_poll(const struct input *in, int *timeout_ms)
{
	uint64_t now = clock_ms();

	if (in->state == INPUT_WAITING) {
		int left = in->retry_at_ms > now ? (int)(in->retry_at_ms - now) : 0;

		if (*timeout_ms < 0 || left < *timeout_ms)
			*timeout_ms = left;
	}
	/* What the container says comes here a second time and must be read, or it would stand still. */
	return in->state == INPUT_NONE ? (struct pollfd){ .fd = -1 } : wire_poll(&in->wire, true, timeout_ms);
}

int input_dispatch(struct input *in, const struct pollfd *p, struct error *err)
{
	int r;

	if (in->state == INPUT_WAITING)
		return clock_ms() >= in->retry_at_ms ? try_open(in, err) : 0;
	if (in->state != INPUT_OPEN && in->state != INPUT_DETACHED)
		return 0;
	r = wire_flush(&in->wire, p, err);
	if (r == 0)
		r = wire_read(&in->wire, p, NULL, err);
	if (r == 0)
		return 0;
	/* It may close as it likes once the keys are typed; the container's end is told on the other attachment. */
	if (r == 1 || (r == -ERR_CONNECT && in->state == INPUT_DETACHED)) {
		wire_close(&in->wire);
		in->state = INPUT_GONE;
		return error_clear(err);
	}
	return r;
}

size_t input_room(const struct input *in)
{
	return in->state == INPUT_OPEN ? wire_room(&in->wire) : 0;
}

/* No frame is one byte long, but for one that is not the first key. */
int input_write(struct input *in, const char *p, size_t n, struct error *err)
{
	char first[WIRE_PIECE];
	int r = 0;

	if (in->held && n > 0) {
		size_t piece = n < sizeof first - 1 ? n : sizeof first - 2;

		first[0] = key_bytes[0];
		memcpy(first + 1, p, piece);
		in->held = false;
		p += piece;
		n -= piece;
		r = wire_stdin(&in->wire, first, piece + 1, err);
	}
	if (r == 0 && n == 1 && *p == key_bytes[0]) {
		in->held = true;
		return 0;
	}
	while (r == 0 && n > 0) {
		size_t piece = n < WIRE_PIECE ? n : WIRE_PIECE;

		if (n - piece == 1)
			piece--;
		r = wire_stdin(&in->wire, p, piece, err);
		p += piece;
		n -= piece;
	}
	return r;
}

int input_close(struct input *in, struct error *err)
{
	in->eof = true;
	return in->state == INPUT_OPEN ? type_keys(in, err) : 0;
}

/* A list or a stream of records from a hostile service. Cut anywhere, it must give the same values; the first byte chooses the mode and the
 * cut. Elements go through what brings older spellings up to date. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rest/normalize.h"
#include "rest/split.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int note(void *ctx, struct json_object *item, struct error *err)
{
	(void)err;
	buf_add_z(ctx, js_wire(item));
	buf_add_char(ctx, '\n');
	normalize_container(item);
	normalize_image(item);
	return 0;
}

static int play(enum split_mode mode, const uint8_t *data, size_t n, size_t step, struct buf *seen)
{
	CLEANUP(split_done) struct split s = SPLIT_INIT(mode);

	for (size_t i = 0; i < n; i += step) {
		size_t len = n - i < step ? n - i : step;
		CLEANUP(free_p) char *piece = malloc(len);
		int r;

		memcpy(piece, data + i, len);
		r = split_feed(&s, piece, len, note, seen, NULL);
		if (r < 0)
			return r;
	}
	return split_finish(&s, note, seen, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(buf_done) struct buf whole = BUF_INIT(64 * 1024 * 1024), cut = BUF_INIT(64 * 1024 * 1024);
	enum split_mode mode;
	int r;

	if (n == 0)
		return 0;
	mode = data[0] & 1 ? SPLIT_ARRAY : SPLIT_RECORDS;
	r = play(mode, data + 1, n - 1, n, &whole);
	if (r != play(mode, data + 1, n - 1, (size_t)(data[0] >> 1) + 1, &cut) || !str_eq(buf_str(&whole), buf_str(&cut)))
		abort();
	return 0;
}

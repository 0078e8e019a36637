/* Output of attach, exec and logs from a hostile service. The first byte chooses how it is cut and read; bytes that come out must be bytes
 * that went in. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "rest/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int count(void *ctx, enum stream_channel channel, const char *p, size_t n, struct error *err)
{
	size_t *sum = ctx;
	volatile char last = p[n - 1];

	(void)err;
	(void)last;
	if (channel != STREAM_STDOUT && channel != STREAM_STDERR)
		abort();
	*sum += n;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(frames_done) struct frames f = FRAMES_INIT(n && data[0] & 1);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	size_t sum = 0, step;
	struct stream_sink sink = { count, &sum };
	bool ends = n && data[0] & 2;

	if (n == 0)
		return 0;
	step = (size_t)(data[0] >> 2) + 1;
	f.end_lines = ends;
	for (size_t i = 1; i < n; i += step) {
		size_t len = n - i < step ? n - i : step;
		CLEANUP(free_p) char *block = malloc(len);

		memcpy(block, data + i, len);
		if (frames_feed(&f, block, len, &sink, &err) < 0)
			break;
	}
	if (sum > n - 1)
		abort();
	frames_whole(&f);
	return 0;
}

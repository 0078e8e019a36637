/* The index of an archive: every file that is found lies within the archive, whatever its headers say. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "image/tar_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct input {
	const uint8_t *p;
	size_t n;
};

static ssize_t read_at(void *ctx, void *p, size_t n, int64_t offset, struct error *err)
{
	const struct input *in = ctx;
	size_t left;

	(void)err;
	if (offset < 0)
		abort();
	left = (uint64_t)offset < in->n ? in->n - (size_t)offset : 0;
	n = n < left ? n : left;
	if (n)
		memcpy(p, in->p + offset, n);
	return (ssize_t)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "manifest.json", "index.json", "a", "dir/a", "link", "hard", "" };
	CLEANUP(tar_index_close_p) struct tar_index *t = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct input input = { data, n };
	struct tar_input in = { read_at, &input, (int64_t)n, "f" };

	if (tar_index_open(&in, &t, &err) < 0) {
		if (t || !err.text)
			abort();
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		int64_t at, size;

		if (tar_index_find(t, names[i], &at, &size, NULL) == 0 && (at < 512 || size < 0 || at + size > (int64_t)n))
			abort();
	}
	return 0;
}

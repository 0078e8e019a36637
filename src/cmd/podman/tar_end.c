#include "cmd/podman/tar_end.h"

#include <inttypes.h>
#include <string.h>

#include "archive/filter.h"

static unsigned zeros_at_end(const unsigned char *p, size_t n)
{
	unsigned zeros = 0;

	while (zeros < TAR_END && zeros < n && p[n - 1 - zeros] == 0)
		zeros++;
	return zeros;
}

void tar_end_add(struct tar_end *t, const void *p, size_t n)
{
	unsigned zeros = zeros_at_end(p, n);

	for (size_t i = 0; i < n && t->bytes + i < TAR_END_HEAD; i++)
		t->head[t->bytes + i] = ((const unsigned char *)p)[i];
	if (zeros < n)
		t->zeros = zeros;
	else
		t->zeros = t->zeros + zeros < TAR_END ? t->zeros + zeros : TAR_END;
	t->bytes += n;
}

int tar_end_check(const struct tar_end *t, struct error *err)
{
	size_t head = t->bytes < TAR_END_HEAD ? (size_t)t->bytes : TAR_END_HEAD;

	if (t->bytes == 0)
		return error_set(err, ERR_PROTOCOL, "the host sent an empty archive");
	if (compression_detect(t->head, head) != COMPRESSION_NONE)
		return 0;
	if (t->zeros < TAR_END || t->bytes % TAR_UNIT != 0)
		return error_set(err, ERR_PROTOCOL, "the archive broke off after %" PRIu64 " bytes: its end is missing", t->bytes);
	return 0;
}

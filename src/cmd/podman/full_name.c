#include "cmd/podman/full_name.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/buf.h"
#include "image/reference.h"

#define NAME_MAX_BYTES 4096

int full_name(const char *typed, char **ret, struct error *err)
{
	CLEANUP(reference_done) struct reference ref = { 0 };
	CLEANUP(buf_done) struct buf name = BUF_INIT(NAME_MAX_BYTES);
	int r = reference_parse_short(typed, &ref, err);

	if (r < 0)
		return r;
	if (ref.digest)
		return error_set(err, ERR_USAGE, "%s: tag by digest not supported", typed);
	buf_addf(&name, "%s/%s:%s", ref.host ? ref.host : "localhost", ref.path, ref.tag ? ref.tag : "latest");
	r = buf_check(&name, "name of an image", err);
	if (r == 0)
		*ret = buf_take(&name);
	return r;
}

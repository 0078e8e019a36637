#include "base/escape.h"

static bool is_plain(char c, const char *also)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	return strchr(unreserved, c) || strchr(also, c);
}

void escape_url(struct buf *out, const char *z, const char *also)
{
	for (; *z; z++) {
		if (is_plain(*z, also))
			buf_add_char(out, *z);
		else
			buf_addf(out, "%%%02X", (unsigned)(unsigned char)*z);
	}
}

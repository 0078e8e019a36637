/* rest/record.c: what requests about images have in common: credentials, progress records, IDs. */
#include <string.h>

#include "base/cleanup.h"
#include "rest/rest.h"

#define NO_CREDENTIALS "e30=" /* {} */

int rest_auth_header(struct buf *headers, const char *name, const char *value, struct error *err)
{
	buf_addf(headers, "%s: %s\r\n", name, value ? value : NO_CREDENTIALS);
	return buf_check(headers, "credentials", err);
}

/* A record's text may have several lines, and none of them needs to end. */
void rest_report(progress_fn *progress, void *ctx, struct str text)
{
	struct str line;

	text = str_trim(text);
	for (bool more = progress && text.n > 0; more;) {
		CLEANUP(free_p) char *z = NULL;

		more = str_cut(text, '\n', &line, &text);
		z = str_dup(str_trim(line));
		if (z)
			progress(ctx, z);
	}
}

int rest_take_id(const char *id, const char *what, char **ret, struct error *err)
{
	if (id && strncmp(id, "sha256:", 7) == 0)
		id += 7;
	if (!id || !*id)
		return error_set(err, ERR_PROTOCOL, "the service told no ID of %s", what);
	*ret = z_dup(id);
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "image ID: out of memory");
}

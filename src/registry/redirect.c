/* registry/redirect.c: redirects, followed by hand. A blob usually comes from a storage service whose signed address replaces our authorization: that must
 * not see it, and refuses requests that have both. */
#include <string.h>

#include "base/cleanup.h"
#include "registry/request.h"
#include "registry/url.h"

#define HOPS_MAX 10

static bool is_redirect(const struct reg_request *q, int status)
{
	if (status == 307 || status == 308)
		return !q->body;
	return (status == 301 || status == 302 || status == 303) && (strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0);
}

/* The address that a reply points to; 0 when it points nowhere. */
static int next_url(struct registry *r, const struct reg_request *q, const struct reg_reply *reply, char **ret, struct error *err)
{
	CLEANUP(free_p) char *location = NULL;
	int ret_resolve;

	if (!is_redirect(q, reply->status))
		return 0;
	location = reg_reply_text(reply, "Location");
	if (!location)
		return 0;
	ret_resolve = reg_url_resolve(r->lib, q->url, location, ret, err);
	if (ret_resolve < 0)
		return ret_resolve;
	if (!r->insecure && reg_url_is_downgrade(q->url, *ret))
		return error_set(err, ERR_PROTOCOL, "%s redirects from https to http, to %.*s", r->shown, (int)strcspn(*ret, "?"), *ret);
	return 1;
}

int reg_follow(struct registry *r, const struct reg_request *q, struct reg_reply *reply, struct error *err)
{
	CLEANUP(free_p) char *here = z_dup(q->url);
	struct reg_request hop = *q;

	for (int hops = 0;; hops++) {
		CLEANUP(free_p) char *next = NULL;
		int ret;

		if (!here)
			return error_set(err, ERR_SYSTEM, "address: out of memory");
		hop.url = here;
		ret = reg_request(r, &hop, reply, err);
		if (ret == 0)
			ret = next_url(r, &hop, reply, &next, err);
		if (ret <= 0)
			return ret;
		if (hops == HOPS_MAX)
			return error_set(err, ERR_PROTOCOL, "%s: stopped after %d redirects", r->shown, HOPS_MAX);
		/* Once dropped it stays dropped, wherever the next hop leads. */
		if (!reg_url_same_origin(r->lib, here, next))
			hop.authorization = NULL;
		free(here);
		here = ptr_take(&next);
	}
}

/* registry/download.c: a plain GET, with what the room knows about TLS, redirects and stalls, and without credentials. */
#include "registry/download.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "registry/request.h"

/* The host of an http or https URL, without the user that may stand before it. */
static int host_of(const char *url, char **ret, struct error *err)
{
	const char *start = strstr(url, "://");
	struct str host;

	if (!start)
		return error_set(err, ERR_USAGE, "%s is no URL", url);
	start += 3;
	host = (struct str){ start, strcspn(start, "/?#") };
	if (memchr(host.p, '@', host.n))
		return error_set(err, ERR_USAGE, "%.*s...: a URL with a user name in it is not taken: it would end up in logs", (int)(start - url), url);
	*ret = str_dup(host);
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

int download_url(const char *url, const struct byte_sink *sink, struct error *err)
{
	CLEANUP(registry_close_p) struct registry *r = NULL;
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(REG_ERROR_BODY_MAX);
	CLEANUP(free_p) char *host = NULL;
	struct registry_options o = { 0 };
	struct reg_request q = { .method = "GET", .url = url, .sink = sink };
	int ret = host_of(url, &host, err);

	if (ret == 0)
		ret = registry_open(host, &o, &r, err);
	if (ret == 0)
		ret = reg_follow(r, &q, &reply, err);
	if (ret < 0)
		return error_context(err, "%s", url);
	if (reply.status == 404 || reply.status == 410)
		return error_set(err, ERR_NOT_FOUND, "%s: HTTP status %d (not found)", url, reply.status);
	return reply.status == 200 ? 0 : error_set(err, ERR_REMOTE, "%s: HTTP status %d", url, reply.status);
}

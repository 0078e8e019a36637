#include "registry/url.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/escape.h"

static int set_url(const struct reg_lib *lib, CURLU *u, const char *text, struct error *err)
{
	/* Blanks and other odd bytes are escaped by libcurl, as browsers do; a user in the address would be sent as credentials. */
	CURLUcode code = lib->url_set(u, CURLUPART_URL, text, CURLU_URLENCODE | CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME);

	if (code == CURLUE_OK)
		return 0;
	return error_set(err, ERR_PROTOCOL, "the registry names a bad address \"%.200s\"%s", text, code == CURLUE_USER_NOT_ALLOWED ? " with a user in it" : "");
}

static char *part(const struct reg_lib *lib, CURLU *u, CURLUPart which, unsigned flags)
{
	char *theirs = NULL, *ours;

	if (lib->url_get(u, which, &theirs, flags) != CURLUE_OK)
		return NULL;
	ours = z_dup(theirs);
	lib->free(theirs);
	return ours;
}

static int resolve_into(const struct reg_lib *lib, CURLU *u, const char *base, const char *location, char **ret, struct error *err)
{
	CLEANUP(free_p) char *scheme = NULL;
	CLEANUP(free_p) char *url = NULL;
	int r = base ? set_url(lib, u, base, err) : 0;

	if (r == 0)
		r = set_url(lib, u, location, err);
	if (r < 0)
		return r;
	scheme = part(lib, u, CURLUPART_SCHEME, 0);
	if (!scheme || (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0))
		return error_set(err, ERR_PROTOCOL, "the registry names the address \"%.200s\", which is neither https nor http", location);
	/* A fragment is no part of a request. */
	lib->url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	url = part(lib, u, CURLUPART_URL, 0);
	if (!url)
		return error_set(err, ERR_PROTOCOL, "the registry names a bad address \"%.200s\"", location);
	*ret = ptr_take(&url);
	return 0;
}

int reg_url_resolve(const struct reg_lib *lib, const char *base, const char *location, char **ret, struct error *err)
{
	CURLU *u;
	int r;

	if (strlen(location) > REG_URL_MAX)
		return error_set(err, ERR_PROTOCOL, "the registry names an address of %zu bytes", strlen(location));
	u = lib->url();
	if (!u)
		return error_set(err, ERR_SYSTEM, "address: out of memory");
	r = resolve_into(lib, u, base, location, ret, err);
	lib->url_cleanup(u);
	return r;
}

static bool same_part(const struct reg_lib *lib, CURLU *a, CURLU *b, CURLUPart which, unsigned flags)
{
	CLEANUP(free_p) char *left = part(lib, a, which, flags);
	CLEANUP(free_p) char *right = part(lib, b, which, flags);

	return left && right && strcasecmp(left, right) == 0;
}

bool reg_url_same_origin(const struct reg_lib *lib, const char *a, const char *b)
{
	CURLU *left = lib->url(), *right = lib->url();
	bool same = left && right && set_url(lib, left, a, NULL) == 0 && set_url(lib, right, b, NULL) == 0 &&
		    same_part(lib, left, right, CURLUPART_SCHEME, 0) && same_part(lib, left, right, CURLUPART_HOST, 0) &&
		    same_part(lib, left, right, CURLUPART_PORT, CURLU_DEFAULT_PORT);

	lib->url_cleanup(left);
	lib->url_cleanup(right);
	return same;
}

bool reg_url_is_https(const char *url)
{
	return strncasecmp(url, "https://", 8) == 0;
}

bool reg_url_is_downgrade(const char *from, const char *to)
{
	return reg_url_is_https(from) && !reg_url_is_https(to);
}

bool reg_url_is_loopback(const char *url)
{
	static const char *const hosts[] = { "localhost", "[::1]" };
	const char *host = strstr(url, "://");
	size_t n;

	host = host ? host + 3 : url;
	if (strncmp(host, "127.", 4) == 0)
		return strspn(host, "0123456789.") == strcspn(host, ":/");
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		n = strlen(hosts[i]);
		if (strncasecmp(host, hosts[i], n) == 0 && (!host[n] || host[n] == ':' || host[n] == '/'))
			return true;
	}
	return false;
}

void reg_url_query(struct buf *url, const char *key, const char *value)
{
	buf_add_char(url, strchr(buf_z(url), '?') ? '&' : '?');
	buf_add_z(url, key);
	buf_add_char(url, '=');
	/* Registries compare digests and scopes after decoding, but some that do not decode have been seen: ":", "/" and "," are legal here. */
	escape_url(url, value, ":/,");
}

void reg_url_path(struct buf *url, const char *path)
{
	escape_url(url, path, "/:@");
}

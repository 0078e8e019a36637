#include "config/destination.h"

#include <ctype.h>

#include "base/cleanup.h"
#include "base/units.h"

void destination_done(struct destination *d)
{
	free(d->name);
	free(d->uri);
	free(d->source);
	free(d->user);
	free(d->host);
	free(d->path);
	free(d->identity);
	free(d->command);
	free(d->problem);
	*d = (struct destination){ 0 };
}

int destination_set(char **field, const char *value, struct error *err)
{
	char *copy = z_dup(value);

	if (value && !copy)
		return error_set(err, ERR_SYSTEM, "out of memory");
	free(*field);
	*field = copy;
	return 0;
}

int destination_copy(const struct destination *from, struct destination *to, struct error *err)
{
	CLEANUP(destination_done) struct destination d = *from;
	char **const fields[] = { &d.name, &d.uri, &d.source, &d.user, &d.host, &d.path, &d.identity, &d.command, &d.problem };
	int r = 0;

	/* Each is a copy, or NULL when one could not be made: nothing of from is freed. */
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		char *borrowed = ptr_take(fields[i]);

		if (r == 0)
			r = destination_set(fields[i], borrowed, err);
	}
	if (r < 0)
		return r;
	*to = d;
	d = (struct destination){ 0 };
	return 0;
}

/* ---- parts of a URL ---- */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-escapes replaced. A decoded NUL would end the text early, so it is refused. */
static char *decode(struct str s)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(DESTINATION_MAX);

	for (size_t i = 0; i < s.n; i++) {
		int high = i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
		int low = i + 2 < s.n ? hex_value(s.p[i + 2]) : -1;

		if (s.p[i] != '%') {
			buf_add_char(&out, s.p[i]);
			continue;
		}
		if (high < 0 || low < 0 || high + low == 0)
			return NULL;
		buf_add_char(&out, (char)(high << 4 | low));
		i += 2;
	}
	return buf_take(&out);
}

static bool has_control(const char *z)
{
	for (; *z; z++)
		if ((unsigned char)*z < 0x20 || *z == 0x7F)
			return true;
	return false;
}

int destination_check_host(const char *host, const char *what, struct error *err)
{
	if (!host[0])
		return error_set(err, ERR_USAGE, "%s: the host name is missing", what);
	if (host[0] == '-')
		return error_set(err, ERR_USAGE, "%s: a host name can't begin with \"-\"", what);
	if (has_control(host) || strpbrk(host, " /@?#\\\"'`$;&|<>()[]{}*!,^"))
		return error_set(err, ERR_USAGE, "%s: \"%s\" is no host name", what, host);
	return 0;
}

int destination_check_user(const char *user, const char *what, struct error *err)
{
	if (!user[0])
		return error_set(err, ERR_USAGE, "%s: the user name is empty", what);
	if (user[0] == '-')
		return error_set(err, ERR_USAGE, "%s: a user name can't begin with \"-\"", what);
	if (has_control(user) || strpbrk(user, " /:?#\"'`$;&|<>(){}*!,"))
		return error_set(err, ERR_USAGE, "%s: \"%s\" is no user name", what, user);
	return 0;
}

int destination_port(struct str text, const char *what, int *ret, struct error *err)
{
	int64_t port;

	if (!text.n || !isdigit((unsigned char)text.p[0]) || !int_parse(text, &port) || port < 1 || port > 65535)
		return error_set(err, ERR_USAGE, "%s: \"%.*s\" is no port; it is a number from 1 to 65535", what, STR_ARG(text));
	*ret = (int)port;
	return 0;
}

static int take_user(struct str user, const char *what, struct destination *d, struct error *err)
{
	d->user = decode(user);
	if (!d->user)
		return error_set(err, ERR_USAGE, "%s: broken %%-escape in the user name", what);
	return destination_check_user(d->user, what, err);
}

/* host, host:port, [v6] or [v6]:port */
static int take_host_port(struct str s, const char *what, struct destination *d, struct error *err)
{
	struct str host, port = STR("");
	bool has_port;
	int r;

	if (s.n && s.p[0] == '[') {
		s.p++;
		s.n--;
		if (!str_cut(s, ']', &host, &s))
			return error_set(err, ERR_USAGE, "%s: \"]\" is missing behind the address", what);
		if (!memchr(host.p, ':', host.n))
			return error_set(err, ERR_USAGE, "%s: \"%.*s\" is no IPv6 address", what, STR_ARG(host));
		has_port = str_cut(s, ':', &s, &port);
		if (s.n)
			return error_set(err, ERR_USAGE, "%s: \"%.*s\" behind the address", what, STR_ARG(s));
	} else {
		has_port = str_cut(s, ':', &host, &port);
	}
	if (has_port) {
		if (memchr(port.p, ':', port.n))
			return error_set(err, ERR_USAGE, "%s: an IPv6 address stands in brackets: [%.*s]", what, STR_ARG(s));
		r = destination_port(port, what, &d->port, err);
		if (r < 0)
			return r;
	}
	d->host = decode(host);
	if (!d->host)
		return error_set(err, ERR_USAGE, "%s: broken %%-escape in the host name", what);
	return destination_check_host(d->host, what, err);
}

static int take_path(struct str s, const char *what, struct destination *d, struct error *err)
{
	struct str path, query;

	/* Podman 2 and 3 wrote ?secure=true to have the host key checked, which is always done here. */
	if (str_cut(s, '?', &path, &query) && !str_starts(query, STR("secure=")))
		return error_set(err, ERR_USAGE, "%s: unknown parameter \"%.*s\"", what, STR_ARG(query));
	d->path = decode(path);
	if (!d->path || has_control(d->path))
		return error_set(err, ERR_USAGE, "%s: broken %%-escape in the path", what);
	return 0;
}

/* The ":password" of a URL, from its colon; empty when it has none. A password that was not escaped may hold "/" and "@". */
static struct str password_of(const char *uri)
{
	const char *authority = strstr(uri, "://"), *at = NULL, *colon;
	size_t n;

	if (!authority)
		return STR("");
	authority += 3;
	n = strcspn(authority, "/?");
	for (size_t i = 0; i < n; i++)
		if (authority[i] == '@')
			at = authority + i;
	colon = memchr(authority, ':', at ? (size_t)(at - authority) : n);
	if (!at && colon && authority[0] != '[' && strspn(colon + 1, "0123456789") != (size_t)(authority + n - colon - 1))
		at = strrchr(authority, '@'); /* what stands behind the colon is no port, so it began a password */
	return colon && at ? (struct str){ colon, (size_t)(at - colon) } : STR("");
}

char *destination_without_password(const char *uri)
{
	struct str password = password_of(uri);
	char *shown = z_dup(uri);

	if (shown && password.n)
		memmove(shown + (password.p - uri), password.p + password.n, strlen(password.p + password.n) + 1);
	return shown;
}

/* ---- the schemes ---- */

static int parse_ssh(struct str s, const char *what, struct destination *d, struct error *err)
{
	const char *slash = memchr(s.p, '/', s.n), *question = memchr(s.p, '?', s.n);
	const char *end = slash && (!question || slash < question) ? slash : question;
	struct str authority = { s.p, end ? (size_t)(end - s.p) : s.n };
	struct str path = { s.p + authority.n, s.n - authority.n };
	const char *at = NULL;
	int r = 0;

	/* The last @: users of some directories have one in their name. */
	for (size_t i = 0; i < authority.n; i++)
		if (authority.p[i] == '@')
			at = authority.p + i;
	if (at) {
		r = take_user((struct str){ authority.p, (size_t)(at - authority.p) }, what, d, err);
		authority = (struct str){ at + 1, authority.n - (size_t)(at + 1 - authority.p) };
	}
	if (r == 0)
		r = take_host_port(authority, what, d, err);
	if (r == 0)
		r = take_path(path, what, d, err);
	/* "ssh://box/" names no socket. */
	if (r == 0 && strcmp(d->path, "/") == 0)
		d->path[0] = 0;
	return r;
}

static int parse_unix(struct str s, const char *what, struct destination *d, struct error *err)
{
	int r = take_path(s, what, d, err);

	if (r < 0)
		return r;
	if (d->path[0] != '/' || !d->path[1])
		return error_set(err, ERR_USAGE, "%s: the socket's path must be absolute", what);
	return 0;
}

/* "unix://run/podman/podman.sock" has lost a slash; podman puts it back. */
static int parse_unix_url(struct str s, const char *what, struct destination *d, struct error *err)
{
	if (s.n && s.p[0] != '/' && s.p[0] != '?') {
		s.p--;
		s.n++;
	}
	return parse_unix(s, what, d, err);
}

static int parse_tcp(struct str s, const char *what, struct destination *d, struct error *err)
{
	int r;

	if (str_ends(s, STR("/")))
		s.n--;
	r = take_host_port(s, what, d, err);
	if (r == 0 && !d->port)
		return error_set(err, ERR_USAGE, "%s: tcp needs a port, as in tcp://host:2375", what);
	return r;
}

static const struct {
	struct str prefix;
	enum dest_scheme scheme;
	int (*parse)(struct str rest, const char *what, struct destination *d, struct error *err);
} schemes[] = {
	{ { "ssh://", 6 }, DEST_SSH, parse_ssh },  { { "unix://", 7 }, DEST_UNIX, parse_unix_url },
	{ { "unix:", 5 }, DEST_UNIX, parse_unix }, { { "tcp://", 6 }, DEST_TCP, parse_tcp },
	{ { "tcp:", 4 }, DEST_TCP, parse_tcp },
};

int destination_parse(const char *uri, struct destination *ret, struct error *err)
{
	CLEANUP(destination_done) struct destination d = { 0 };
	CLEANUP(free_p) char *shown = destination_without_password(uri);
	size_t i = 0;
	int r;

	if (!shown)
		return error_set(err, ERR_SYSTEM, "out of memory");
	if (strlen(uri) > DESTINATION_MAX)
		return error_set(err, ERR_USAGE, "the address of a host is longer than %d bytes", DESTINATION_MAX);
	if (strcmp(shown, uri) != 0)
		return error_set(
			err, ERR_USAGE,
			"%s: a password in a URL is not supported, since others can read it in files and lists of processes; use a key "
			"or ssh-agent, or leave it out to be asked",
			shown);
	while (i < ARRAY_LEN(schemes) && !str_starts(str_from(uri), schemes[i].prefix))
		i++;
	if (i == ARRAY_LEN(schemes))
		return error_set(err, ERR_USAGE,
				 "%s: a host is given as ssh://[USER@]HOST[:PORT][/PATH], unix:///PATH or tcp://HOST:PORT", shown);
	d.scheme = schemes[i].scheme;
	r = schemes[i].parse(str_from(uri + schemes[i].prefix.n), shown, &d, err);
	if (r == 0)
		r = destination_set(&d.uri, uri, err);
	if (r < 0)
		return r;
	*ret = d;
	d = (struct destination){ 0 };
	return 0;
}

/* ---- the way back ---- */

/* What RFC 3986 calls unreserved, and "/" which a path keeps. */
static void encode(struct buf *out, const char *z)
{
	for (; *z; z++) {
		if (isalnum((unsigned char)*z) || strchr("-._~/:", *z))
			buf_add_char(out, *z);
		else
			buf_addf(out, "%%%02X", (unsigned char)*z);
	}
}

int destination_build_uri(struct destination *d, struct error *err)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(4 * DESTINATION_MAX);
	bool v6 = d->host && strchr(d->host, ':');

	buf_add_z(&out, d->scheme == DEST_SSH ? "ssh://" : d->scheme == DEST_TCP ? "tcp://" : "unix://");
	if (d->user) {
		encode(&out, d->user);
		buf_add_char(&out, '@');
	}
	buf_add_z(&out, v6 ? "[" : "");
	encode(&out, d->host ? d->host : "");
	buf_add_z(&out, v6 ? "]" : "");
	if (d->port)
		buf_addf(&out, ":%d", d->port);
	if (d->path)
		encode(&out, d->path);
	free(d->uri);
	d->uri = buf_take(&out);
	return d->uri ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

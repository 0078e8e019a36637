#include "registry/page.h"

#include <strings.h>

#include "base/cleanup.h"
#include "registry/call.h"

#define PAGE_MAX_BYTES (16 * 1024 * 1024)
#define PAGES_MAX 100000

static struct str after(struct str s, size_t n)
{
	return (struct str){ s.p + n, s.n - n };
}

/* One "; name=value" or "; name=\"value\"" at the front of *s. False at the end of the link. */
static bool take_param(struct str *s, struct str *ret_name, struct str *ret_value)
{
	size_t n = 0;

	*s = str_trim(*s);
	if (!s->n || *s->p != ';')
		return false;
	*s = str_trim(after(*s, 1));
	while (n < s->n && !strchr("=;,", s->p[n]))
		n++;
	*ret_name = str_trim((struct str){ s->p, n });
	*s = after(*s, n);
	*ret_value = STR("");
	if (!s->n || *s->p != '=')
		return true;
	*s = str_trim(after(*s, 1));
	if (s->n && *s->p == '"') {
		*s = after(*s, 1);
		for (n = 0; n < s->n && s->p[n] != '"'; n++)
			;
		*ret_value = (struct str){ s->p, n };
		*s = after(*s, n < s->n ? n + 1 : n);
		return true;
	}
	for (n = 0; n < s->n && !strchr(";,", s->p[n]); n++)
		;
	*ret_value = str_trim((struct str){ s->p, n });
	*s = after(*s, n);
	return true;
}

/* rel may name several relations. */
static bool is_next(struct str rel)
{
	struct str word;

	for (bool more = true; more;) {
		more = str_cut(rel, ' ', &word, &rel);
		if (word.n == 4 && strncasecmp(word.p, "next", 4) == 0)
			return true;
	}
	return false;
}

/* "https:" of "https://host/path"; STR("") of a path. */
static struct str scheme_of(struct str url)
{
	size_t n = 0;

	while (n < url.n && !strchr(":/?#", url.p[n]))
		n++;
	return (struct str){ url.p, n && n < url.n && url.p[n] == ':' ? n + 1 : 0 };
}

static struct str without_origin(struct str url)
{
	url = after(url, scheme_of(url).n);
	if (str_starts(url, STR("//"))) {
		url = after(url, 2);
		while (url.n && *url.p != '/' && *url.p != '?')
			url = after(url, 1);
	}
	/* What is left is no host, whatever it looks like. */
	while (str_starts(url, STR("//")))
		url = after(url, 1);
	return url;
}

bool reg_link_next(struct str value, struct str *ret)
{
	while (value.n) {
		struct str url, name, param, skipped;
		bool next = false;

		if (!str_cut(value, '<', &skipped, &value) || !str_cut(value, '>', &url, &value))
			return false;
		while (take_param(&value, &name, &param))
			if (name.n == 3 && strncasecmp(name.p, "rel", 3) == 0)
				next = next || is_next(param);
		url = without_origin(str_trim(url));
		if (next && url.n) {
			*ret = url;
			return true;
		}
	}
	return false;
}

static int each_of(const struct reg_reply *reply, const char *member, reg_page_fn *each, void *ctx, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	struct json_object *list;
	int r = js_parse(buf_str(&reply->body), "the registry's list", &o, err);

	list = r < 0 ? NULL : js_get(o, member);
	if (list && !json_object_is_type(list, json_type_array))
		return error_set(err, ERR_PROTOCOL, "the registry's list has no %s", member);
	for (size_t i = 0; i < js_len(list) && r == 0; i++)
		r = each(ctx, js_at(list, i), err);
	return r;
}

/* The next page's target from the reply of this one; 0 when it was the last. */
static int next_target(const struct reg_reply *reply, char **target, struct error *err)
{
	struct str value, next;
	char *z;

	if (!reg_reply_header(reply, "Link", 0, &value) || !reg_link_next(value, &next))
		return 0;
	if (str_eq_z(next, *target))
		return error_set(err, ERR_PROTOCOL, "the registry's list leads back to the same page");
	z = str_dup(next);
	if (!z)
		return error_set(err, ERR_SYSTEM, "list: out of memory");
	free(*target);
	*target = z;
	return 1;
}

int reg_pages(struct registry *r, const char *target, const char *scope, const char *member, reg_page_fn *each, void *ctx, int *ret_status, struct error *err)
{
	CLEANUP(free_p) char *here = z_dup(target);

	if (!here)
		return error_set(err, ERR_SYSTEM, "list: out of memory");
	for (int page = 0; page < PAGES_MAX; page++) {
		CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(PAGE_MAX_BYTES);
		int ret = reg_call(r, &(struct reg_call){ .method = "GET", .target = here, .scope = scope }, &reply, err);

		if (ret < 0)
			return ret;
		*ret_status = reply.status;
		if (!reg_good(&reply))
			return 0;
		ret = each_of(&reply, member, each, ctx, err);
		if (ret != 0)
			return ret < 0 ? ret : 0;
		ret = next_target(&reply, &here, err);
		if (ret <= 0)
			return ret;
	}
	return error_set(err, ERR_PROTOCOL, "the registry's list has over %d pages", PAGES_MAX);
}

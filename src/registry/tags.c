/* registry/tags.c: the tags of a repository. */
#include "base/cleanup.h"
#include "registry/call.h"
#include "registry/errors.h"
#include "registry/page.h"

#define TAGS_MAX      250000
#define TAG_MAX_BYTES 128 /* distribution/reference, grammar of a tag */

static int add_tag(void *ctx, struct json_object *element, struct error *err)
{
	struct strv *tags = ctx;
	struct str tag = js_text(element);

	if (!tag.n || tag.n > TAG_MAX_BYTES || memchr(tag.p, '\0', tag.n) || tags->n == TAGS_MAX)
		return error_set(err, ERR_PROTOCOL, tags->n == TAGS_MAX ? "the list of tags does not end" : "the list of tags has something else in it");
	return strv_add_str(tags, tag) ? 0 : error_set(err, ERR_SYSTEM, "tags: out of memory");
}

static int refusal(int status, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64);

	reg_status_text(status, &text);
	return error_set(err, status == 404 ? ERR_NOT_FOUND : status == 401 || status == 403 ? ERR_AUTH : ERR_REMOTE,
			 "invalid status code from registry %s", buf_z(&text));
}

int registry_tags(struct registry *r, const char *path, struct strv *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf target = BUF_INIT(REG_TARGET_MAX), scope = BUF_INIT(1024);
	int status = 0, code = reg_target(&target, path, "tags", "list", err);

	if (code == 0)
		code = reg_scope(&scope, path, "pull", err);
	if (code == 0)
		code = reg_pages(r, buf_z(&target), buf_z(&scope), "tags", add_tag, ret, &status, err);
	if (code == 0 && (status < 200 || status > 299))
		code = refusal(status, err);
	return code < 0 ? error_context(err, "fetching tags list") : code;
}

/* registry/blob_put.c: blobs up, and whether they are there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "registry/call.h"
#include "registry/errors.h"
#include "registry/retry.h"
#include "registry/url.h"

static const char *const octets[] = { "Content-Type: application/octet-stream", NULL };

/* ---- there already? ---------------------------------------------------------------------------------------------------- */

static int head(struct registry *r, const char *path, const char *digest, int64_t *ret_size, struct error *err)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(REG_ERROR_BODY_MAX);
	CLEANUP(buf_done) struct buf target = BUF_INIT(REG_TARGET_MAX), scope = BUF_INIT(1024);
	struct str length;
	int ret = reg_target(&target, path, "blobs", digest, err);

	if (ret == 0)
		ret = reg_scope(&scope, path, "pull", err);
	if (ret == 0)
		ret = reg_call(r, &(struct reg_call){ .method = "HEAD", .target = buf_z(&target), .scope = buf_z(&scope) }, &reply, err);
	if (ret < 0)
		return ret;
	if (reply.status == 404)
		return 0;
	if (!reg_good(&reply))
		return reg_reply_refusal(&reply, err);
	if (ret_size && (!reg_reply_header(&reply, "Content-Length", 0, &length) || !int_parse(length, ret_size)))
		*ret_size = -1;
	return 1;
}

int registry_blob_head(struct registry *r, const char *path, const char *digest, int64_t *ret_size, struct error *err)
{
	int ret = head(r, path, digest, ret_size, err);

	return ret < 0 ? error_context(err, "checking whether a blob %s exists in %s/%s", digest, r->shown, path) : ret;
}

/* ---- a new upload ------------------------------------------------------------------------------------------------------ */

/* Where an upload goes on: the newest Location counts. */
static int take_location(struct registry *r, const struct reg_reply *reply, char **location, struct error *err)
{
	CLEANUP(free_p) char *text = reg_reply_text(reply, "Location");
	char *url = NULL;
	int ret;

	if (!text)
		return error_set(err, ERR_PROTOCOL, "the registry does not say where the upload goes (no Location)");
	ret = reg_url_resolve(r->lib, reply->url, text, &url, err);
	if (ret < 0)
		return ret;
	free(*location);
	*location = url;
	return 0;
}

/* query: "" or "?mount=...". */
static int start(struct registry *r, const char *path, const char *query, const char *scope, struct reg_reply *reply, struct error *err)
{
	CLEANUP(buf_done) struct buf target = BUF_INIT(REG_TARGET_MAX);
	int ret = reg_target(&target, path, "blobs/uploads", "", err);

	buf_add_z(&target, query);
	if (ret == 0)
		ret = buf_check(&target, "repository name", err);
	if (ret == 0)
		ret = reg_call(r, &(struct reg_call){ .method = "POST", .target = buf_z(&target), .scope = scope }, reply, err);
	return ret == 0 && !reg_good(reply) ? reg_reply_refusal(reply, err) : ret;
}

/* A session that is not wanted is given back; whether that succeeds is the registry's business. */
static void cancel(struct registry *r, const char *location, const char *scope)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(REG_ERROR_BODY_MAX);

	reg_call(r, &(struct reg_call){ .method = "DELETE", .target = location, .scope = scope, .once = true }, &reply, NULL);
}

static int mount(struct registry *r, const char *path, const char *digest, const char *from, struct error *err)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(REG_ERROR_BODY_MAX);
	CLEANUP(buf_done) struct buf query = BUF_INIT(4096), scope = BUF_INIT(2048);
	CLEANUP(free_p) char *location = NULL;
	int ret;

	reg_url_query(&query, "mount", digest);
	reg_url_query(&query, "from", from);
	ret = reg_scope(&scope, path, "pull,push", err);
	if (ret == 0)
		ret = reg_scope(&scope, from, "pull", err);
	if (ret == 0)
		ret = buf_check(&query, "repository name", err);
	if (ret == 0)
		ret = start(r, path, buf_z(&query), buf_z(&scope), &reply, err);
	if (ret < 0)
		return ret;
	if (reply.status == 201)
		return 1;
	if (take_location(r, &reply, &location, NULL) == 0)
		cancel(r, location, buf_z(&scope));
	return 0;
}

int registry_blob_mount(struct registry *r, const char *path, const char *digest, const char *from, struct error *err)
{
	int ret = mount(r, path, digest, from, err);

	return ret < 0 ? error_context(err, "mounting %s from %s to %s/%s", digest, from, r->shown, path) : ret;
}

/* ---- the bytes --------------------------------------------------------------------------------------------------------- */

/* What one try has read of the source. */
struct upload {
	const struct blob_upload *wanted;
	const char *scope;
	struct digest *hash; /* NULL: the source is trusted */
	int64_t sent;
	char *location;
};

static void upload_done(struct upload *u)
{
	digest_close_p(&u->hash);
	free(u->location);
}

static ssize_t upload_read(void *ctx, void *p, size_t n, struct error *err)
{
	struct upload *u = ctx;
	ssize_t got = source_read(&u->wanted->source, p, n, err);

	if (got > 0) {
		if (u->hash)
			digest_add(u->hash, p, (size_t)got);
		u->sent += got;
	}
	return got;
}

static struct byte_source body_of(struct upload *u)
{
	return (struct byte_source){ .read = upload_read, .ctx = u, .length = u->wanted->source.length };
}

/* PUT Location&digest=, with all of the body or with none. */
static int finish(struct registry *r, struct upload *u, const char *digest, const struct byte_source *body, struct reg_reply *reply, struct error *err)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT(REG_URL_MAX);
	int ret;

	buf_add_z(&url, u->location);
	reg_url_query(&url, "digest", digest);
	ret = buf_check(&url, "address of the upload", err);
	if (ret < 0)
		return ret;
	return reg_call(r, &(struct reg_call){ .method = "PUT", .target = buf_z(&url), .scope = u->scope, .headers = octets, .body = body, .once = true }, reply,
			err);
}

static int put_at_once(struct registry *r, struct upload *u, struct reg_reply *reply, struct error *err)
{
	struct byte_source body = body_of(u);

	return finish(r, u, u->wanted->digest, &body, reply, err);
}

static void end_digest(struct upload *u, char digest[DIGEST_MAX])
{
	if (u->hash)
		digest_end(u->hash, digest);
	else
		snprintf(digest, DIGEST_MAX, "%s", u->wanted->digest);
}

static int put_in_pieces(struct registry *r, struct upload *u, char digest[DIGEST_MAX], struct reg_reply *reply, struct error *err)
{
	struct byte_source body = body_of(u);
	int ret = reg_call(r, &(struct reg_call){ .method = "PATCH", .target = u->location, .scope = u->scope, .headers = octets, .body = &body, .once = true },
			   reply, err);

	if (ret < 0 || !reg_good(reply))
		return ret;
	end_digest(u, digest);
	ret = take_location(r, reply, &u->location, err);
	return ret < 0 ? ret : finish(r, u, u->wanted->digest ? u->wanted->digest : digest, NULL, reply, err);
}

/* What came out of the source is what was announced; checked before the registry's own complaint, which says less. */
static int check_sent(const struct upload *u, const char *digest, struct error *err)
{
	if (u->wanted->digest && strcmp(u->wanted->digest, digest) != 0)
		return error_set(err, ERR_PROTOCOL, "Digest did not match, expected %s, got %s", u->wanted->digest, digest);
	return 0;
}

/* One try, from the first byte. *ret_whole: all of the source was sent and hashed. */
static int send_once(struct registry *r, const char *path, struct upload *u, bool pieces, char digest[DIGEST_MAX], struct reg_reply *reply, struct error *err)
{
	int ret = start(r, path, "", u->scope, reply, err);

	if (ret == 0)
		ret = take_location(r, reply, &u->location, err);
	if (ret == 0 && !(u->wanted->verified && u->wanted->digest))
		ret = digest_open(u->wanted->digest, &u->hash, err);
	if (ret < 0)
		return ret;
	digest[0] = '\0';
	if (pieces)
		ret = put_in_pieces(r, u, digest, reply, err);
	else
		ret = put_at_once(r, u, reply, err);
	if (ret == 0 && !digest[0] && u->sent == u->wanted->source.length)
		end_digest(u, digest);
	return ret == 0 && digest[0] ? check_sent(u, digest, err) : ret;
}

static int go_back(const struct blob_upload *u, struct error *err)
{
	return u->rewind(u->source.ctx, err);
}

/* Some registries take no body with the last PUT. */
static bool wants_pieces(const struct reg_reply *reply)
{
	return reply->status == 404 || reply->status == 405 || reply->status == 501;
}

static bool can_repeat(const struct upload *u)
{
	return u->wanted->rewind || !u->sent;
}

/* 1 when there is to be another try, in pieces or as before. */
static int again(struct registry *r, struct reg_retry *state, const struct reg_reply *reply, bool *pieces, int ret, struct error *err)
{
	if (ret < 0 || *pieces || !wants_pieces(reply))
		return reg_retry(r, state, reply, ret, err);
	*pieces = true;
	return 1;
}

static int put(struct registry *r, const char *path, const struct blob_upload *wanted, const char *scope, char digest[DIGEST_MAX], int64_t *ret_size,
	       struct error *err)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(REG_ERROR_BODY_MAX);
	struct reg_retry state = { 0 };
	bool pieces = !wanted->digest || wanted->source.length < 0;

	for (;;) {
		CLEANUP(upload_done) struct upload u = { .wanted = wanted, .scope = scope };
		int ret = send_once(r, path, &u, pieces, digest, &reply, err);

		if (ret == 0 && reg_good(&reply)) {
			*ret_size = u.sent;
			return 0;
		}
		ret = can_repeat(&u) ? again(r, &state, &reply, &pieces, ret, err) : ret;
		if (ret <= 0)
			return ret < 0 ? ret : reg_reply_refusal(&reply, err);
		ret = u.sent ? go_back(wanted, err) : 0;
		if (ret < 0)
			return ret;
	}
}

int registry_blob_put(struct registry *r, const char *path, const struct blob_upload *u, char ret_digest[DIGEST_MAX], int64_t *ret_size, struct error *err)
{
	CLEANUP(buf_done) struct buf scope = BUF_INIT(1024);
	char digest[DIGEST_MAX];
	int64_t size = 0;
	int ret = reg_scope(&scope, path, "pull,push", err);

	if (ret == 0)
		ret = put(r, path, u, buf_z(&scope), digest, &size, err);
	if (ret < 0)
		return ret == -ERR_INTERRUPTED ? ret : error_context(err, "writing blob to %s/%s", r->shown, path);
	memcpy(ret_digest, digest, DIGEST_MAX);
	if (ret_size)
		*ret_size = size;
	return 0;
}

/* registry/manifest.c: manifests: read, looked at, written, deleted. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "registry/call.h"
#include "registry/errors.h"
#include "registry/manifest_type.h"

/* All that image code may understand, in the order of containers/image; a registry that converts gives the first that it can. */
static const char *const accepts[] = {
	"Accept: application/vnd.oci.image.manifest.v1+json",
	"Accept: application/vnd.docker.distribution.manifest.v2+json",
	"Accept: application/vnd.docker.distribution.manifest.v1+prettyjws",
	"Accept: application/vnd.docker.distribution.manifest.v1+json",
	"Accept: application/vnd.docker.distribution.manifest.list.v2+json",
	"Accept: application/vnd.oci.image.index.v1+json",
	NULL,
};

void registry_manifest_done(struct registry_manifest *m)
{
	buf_done(&m->bytes);
	free(m->type);
	m->type = NULL;
}

static int manifest_call(struct registry *r, const char *method, const char *path, const char *version, const char *actions, const struct reg_call *rest,
			 struct reg_reply *reply, struct error *err)
{
	CLEANUP(buf_done) struct buf target = BUF_INIT(REG_TARGET_MAX), scope = BUF_INIT(1024);
	struct reg_call call = *rest;
	int ret = reg_target(&target, path, "manifests", version, err);

	if (ret == 0)
		ret = reg_scope(&scope, path, actions, err);
	if (ret < 0)
		return ret;
	call.method = method;
	call.target = buf_z(&target);
	call.scope = buf_z(&scope);
	return reg_call(r, &call, reply, err);
}

/* ERR_PROTOCOL when the bytes are not what their digest, if they were asked for by one, says. */
static int check_digest(const char *version, const char *type, struct str bytes, char ret[DIGEST_MAX], struct error *err)
{
	bool by_digest = digest_valid(str_from(version));
	int r = reg_manifest_digest(type, bytes, by_digest ? version : NULL, ret, err);

	if (r == 0 && by_digest && strcmp(ret, version) != 0)
		return error_set(err, ERR_PROTOCOL, "Manifest does not match provided manifest digest %s: it is %s", version, ret);
	return r;
}

int registry_manifest_of(struct buf *bytes, const char *told, const char *version, struct registry_manifest *ret, struct error *err)
{
	CLEANUP(free_p) char *type = reg_manifest_type(told, buf_str(bytes));
	int r;

	if (!type)
		return error_set(err, ERR_SYSTEM, "manifest: out of memory");
	r = check_digest(version, type, buf_str(bytes), ret->digest, err);
	if (r < 0)
		return r;
	ret->type = ptr_take(&type);
	ret->bytes = *bytes;
	*bytes = BUF_INIT(0);
	return 0;
}

static int get(struct registry *r, const char *path, const char *version, struct registry_manifest *ret, struct error *err)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(REGISTRY_MAX_MANIFEST);
	int code = manifest_call(r, "GET", path, version, "pull", &(struct reg_call){ .headers = accepts }, &reply, err);

	if (code == 0 && !reg_good(&reply))
		code = reg_reply_refusal(&reply, err);
	if (code == 0) {
		CLEANUP(free_p) char *told = reg_reply_text(&reply, "Content-Type");

		code = registry_manifest_of(&reply.body, told, version, ret, err);
	}
	return code;
}

int registry_manifest_get(struct registry *r, const char *path, const char *version, struct registry_manifest *ret, struct error *err)
{
	int code = get(r, path, version, ret, err);
	/* A registry that does not answer has nothing to do with this one. */
	bool absent = code < 0 && err && err->text && str_starts(str_from(err->text), STR("pinging container registry "));

	return code < 0 && !absent ? error_context(err, "reading manifest %s in %s/%s", version, r->shown, path) : code;
}

/* Not every registry names the digest in the reply of a HEAD: then the manifest itself has to come. */
static int digest_by_get(struct registry *r, const char *path, const char *version, char ret_digest[DIGEST_MAX], struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	int code = get(r, path, version, &m, err);

	if (code < 0)
		return code;
	memcpy(ret_digest, m.digest, DIGEST_MAX);
	return 1;
}

static int head(struct registry *r, const char *path, const char *version, char ret_digest[DIGEST_MAX], struct error *err)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(REG_ERROR_BODY_MAX);
	struct str digest;
	int code = manifest_call(r, "HEAD", path, version, "pull", &(struct reg_call){ .headers = accepts }, &reply, err);

	if (code < 0)
		return code;
	if (reply.status == 404)
		return 0;
	if (!reg_good(&reply))
		return reg_reply_refusal(&reply, err);
	if (!reg_reply_header(&reply, "Docker-Content-Digest", 0, &digest) || !digest_valid(digest))
		return digest_by_get(r, path, version, ret_digest, err);
	memcpy(ret_digest, digest.p, digest.n);
	ret_digest[digest.n] = '\0';
	return 1;
}

int registry_manifest_head(struct registry *r, const char *path, const char *version, char ret_digest[DIGEST_MAX], struct error *err)
{
	int code = head(r, path, version, ret_digest, err);

	return code < 0 ? error_context(err, "reading digest %s in %s/%s", version, r->shown, path) : code;
}

int registry_manifest_put(struct registry *r, const char *path, const char *version, const char *type, struct str bytes, struct error *err)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(REG_ERROR_BODY_MAX);
	CLEANUP(buf_done) struct buf content_type = BUF_INIT(1024);
	const char *headers[] = { NULL, NULL };
	int code;

	buf_addf(&content_type, "Content-Type: %s", type);
	headers[0] = buf_z(&content_type);
	code = buf_check(&content_type, "media type", err);
	if (code == 0)
		code = manifest_call(r, "PUT", path, version, "pull,push", &(struct reg_call){ .headers = headers, .text = bytes }, &reply, err);
	if (code == 0 && !reg_good(&reply))
		code = reg_reply_refusal(&reply, err);
	return code < 0 ? error_context(err, "uploading manifest %s to %s/%s", version, r->shown, path) : code;
}

int registry_manifest_delete(struct registry *r, const char *path, const char *digest, struct error *err)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(REG_ERROR_BODY_MAX);
	/* docker-registry wants "delete", quay "*": both take "*". */
	int code = manifest_call(r, "DELETE", path, digest, "*", &(struct reg_call){ .headers = accepts }, &reply, err);

	if (code == 0 && reply.status == 404)
		return error_set(err, ERR_NOT_FOUND,
				 "Unable to delete %s/%s@%s. Image may not exist or is not stored with a v2 Schema in a v2 registry", r->shown, path, digest);
	if (code == 0 && !reg_good(&reply))
		code = reg_reply_refusal(&reply, err);
	return code < 0 ? error_context(err, "Failed to delete %s/%s@%s", r->shown, path, digest) : code;
}

/* A registry in memory, in the place of the registry room: a test that includes this links these functions instead, sees which blobs move and can break a
 * transfer at any byte. */
#ifndef REGISTRY_FAKE_H
#define REGISTRY_FAKE_H

#include "unit.h"

#include <stdio.h>

#include "base/digest.h"
#include "registry/registry.h"

#define MAX_BLOBS 32
#define MAX_BYTES (4 * 1024 * 1024)

struct blob {
	char path[64], digest[DIGEST_MAX];
	struct buf bytes;
};

struct registry {
	struct blob blobs[MAX_BLOBS];
	size_t n;
	struct buf manifest; /* the last that was put, or what is to be got as "v1" */
	char type[128], version[DIGEST_MAX];
	unsigned puts, gets, mounts, heads, manifest_puts;
	int64_t put_breaks_after; /* bytes of an upload; < 0: never */
	bool lies;                /* gives other bytes than the digest says */
};

static struct registry *registry_new(void)
{
	struct registry *r = calloc(1, sizeof *r);

	assert_non_null(r);
	r->put_breaks_after = -1;
	r->manifest = BUF_INIT(MAX_BYTES);
	return r;
}

static void forget_blobs(struct registry *r)
{
	for (size_t i = 0; i < r->n; i++)
		buf_done(&r->blobs[i].bytes);
	r->n = 0;
}

static void registry_drop(struct registry **r)
{
	forget_blobs(*r);
	buf_done(&(*r)->manifest);
	free(*r);
}

static struct blob *find(struct registry *r, const char *path, const char *digest)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->blobs[i].path, path) == 0 && strcmp(r->blobs[i].digest, digest) == 0)
			return &r->blobs[i];
	return NULL;
}

static void add_blob(struct registry *r, const char *path, struct str bytes, char ret_digest[DIGEST_MAX])
{
	struct blob *b = &r->blobs[r->n];

	assert_true(r->n < MAX_BLOBS);
	digest_of(bytes, ret_digest);
	if (find(r, path, ret_digest))
		return;
	snprintf(b->path, sizeof b->path, "%s", path);
	snprintf(b->digest, sizeof b->digest, "%s", ret_digest);
	b->bytes = BUF_INIT(MAX_BYTES);
	assert_true(buf_add(&b->bytes, bytes));
	r->n++;
}

void registry_close_p(struct registry **r)
{
	*r = NULL;
}

void registry_manifest_done(struct registry_manifest *m)
{
	buf_done(&m->bytes);
	free(m->type);
}

int registry_manifest_get(struct registry *r, const char *path, const char *version, struct registry_manifest *ret, struct error *err)
{
	struct blob *b = find(r, path, version);
	struct str bytes = b ? buf_str(&b->bytes) : buf_str(&r->manifest);

	if (!b && strcmp(version, r->version) != 0)
		return error_set(err, ERR_NOT_FOUND, "manifest unknown");
	ret->bytes = BUF_INIT(MAX_BYTES);
	assert_true(buf_add(&ret->bytes, bytes));
	ret->type = z_dup(b ? "" : r->type);
	digest_of(bytes, ret->digest);
	return 0;
}

int registry_manifest_put(struct registry *r, const char *path, const char *version, const char *type, struct str bytes, struct error *err)
{
	(void)path, (void)err;
	buf_clear(&r->manifest);
	assert_true(buf_add(&r->manifest, bytes));
	snprintf(r->type, sizeof r->type, "%s", type);
	snprintf(r->version, sizeof r->version, "%s", version);
	r->manifest_puts++;
	return 0;
}

int registry_blob_head(struct registry *r, const char *path, const char *digest, int64_t *ret_size, struct error *err)
{
	struct blob *b = find(r, path, digest);

	(void)err;
	r->heads++;
	if (b && ret_size)
		*ret_size = (int64_t)b->bytes.n;
	return b != NULL;
}

int registry_blob_get(struct registry *r, const char *path, const char *digest, int64_t size, const struct byte_sink *sink, struct error *err)
{
	struct blob *b = find(r, path, digest);
	int n = 0;

	r->gets++;
	if (!b)
		return error_set(err, ERR_NOT_FOUND, "blob unknown to registry");
	for (size_t at = 0; n >= 0 && at < b->bytes.n; at += 1000)
		n = sink_write(sink, b->bytes.p + at, b->bytes.n - at < 1000 ? b->bytes.n - at : 1000, err);
	if (n >= 0 && (r->lies || (int64_t)b->bytes.n != size))
		return error_set(err, ERR_PROTOCOL, "blob %s is not what its digest says", digest);
	return n;
}

int registry_blob_mount(struct registry *r, const char *path, const char *digest, const char *from, struct error *err)
{
	struct blob *b = find(r, from, digest);
	char same[DIGEST_MAX];

	(void)err;
	r->mounts++;
	if (b)
		add_blob(r, path, buf_str(&b->bytes), same);
	return b != NULL;
}

int registry_blob_put(struct registry *r, const char *path, const struct blob_upload *u, char ret_digest[DIGEST_MAX], int64_t *ret_size, struct error *err)
{
	CLEANUP(buf_done) struct buf got = BUF_INIT(MAX_BYTES);
	char digest[DIGEST_MAX];
	ssize_t n = 1;

	r->puts++;
	while (n > 0) {
		char piece[777];

		n = source_read(&u->source, piece, sizeof piece, err);
		if (n > 0)
			assert_true(buf_add_bytes(&got, piece, (size_t)n));
		if (r->put_breaks_after >= 0 && (int64_t)got.n > r->put_breaks_after)
			return error_set(err, ERR_CONNECT, "connection reset");
	}
	if (n < 0)
		return (int)n;
	add_blob(r, path, buf_str(&got), digest);
	assert_true(!u->digest || strcmp(u->digest, digest) == 0);
	memcpy(ret_digest, digest, DIGEST_MAX);
	if (ret_size)
		*ret_size = (int64_t)got.n;
	return 0;
}

#endif

/* registry/blob_get.c: blobs down. The hash runs along, over all tries: a connection that breaks costs only what was on its way. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "registry/call.h"
#include "registry/errors.h"
#include "registry/retry.h"

/* Progress after which a break counts as the first one again: a large layer over a bad line may break many times. */
#define PROGRESS_BYTES (1024 * 1024)

struct download {
	const char *digest;
	int64_t size; /* < 0: not known */
	const struct byte_sink *sink;
	const struct reg_reply *reply;
	struct digest *hash;
	int64_t got;
	int64_t skip; /* bytes of this reply that were had before: the server begins anew */
	bool begun;   /* of this reply */
};

/* "bytes 5-9/10": 5. */
static int64_t range_start(const struct reg_reply *reply)
{
	struct str value, start;
	int64_t n;

	if (!reg_reply_header(reply, "Content-Range", 0, &value) || !str_starts(value, STR("bytes ")))
		return -1;
	value = (struct str){ value.p + 6, value.n - 6 };
	return str_cut(value, '-', &start, NULL) && int_parse(str_trim(start), &n) ? n : -1;
}

static int begin(struct download *d, struct error *err)
{
	d->begun = true;
	d->skip = d->got;
	if (d->reply->status != 206)
		return 0;
	d->skip = 0;
	if (range_start(d->reply) != d->got)
		return error_set(err, ERR_PROTOCOL, "the registry was asked for the bytes from %lld on and sent others", (long long)d->got);
	return 0;
}

static int download_write(void *ctx, const void *p, size_t n, struct error *err)
{
	struct download *d = ctx;
	const char *bytes = p;
	int r = d->begun ? 0 : begin(d, err);

	if (r < 0)
		return r;
	if (d->skip) {
		size_t old = d->skip < (int64_t)n ? (size_t)d->skip : n;

		d->skip -= (int64_t)old;
		bytes += old;
		n -= old;
	}
	if (!n)
		return 0;
	d->got += (int64_t)n;
	if (d->size >= 0 && d->got > d->size)
		return error_set(err, ERR_PROTOCOL, "Size mismatch when copying %s, expected %lld, got more", d->digest, (long long)d->size);
	digest_add(d->hash, bytes, n);
	return sink_write(d->sink, bytes, n, err);
}

/* One request for what is missing. */
static int fetch(struct registry *r, struct download *d, const char *target, const char *scope, struct reg_reply *reply, struct error *err)
{
	CLEANUP(buf_done) struct buf range = BUF_INIT(64);
	const char *headers[] = { NULL, NULL };
	struct byte_sink sink = { .write = download_write, .ctx = d };
	int ret;

	d->begun = false;
	buf_addf(&range, "Range: bytes=%lld-", (long long)d->got);
	if (d->got)
		headers[0] = buf_z(&range);
	ret = reg_call(r, &(struct reg_call){ .method = "GET", .target = target, .scope = scope, .headers = headers, .sink = &sink, .once = true }, reply, err);
	if (ret < 0 || reg_good(reply) || reply->status == 429 || reply->status == 503)
		return ret;
	/* Nothing is left of what was broken off at its end; the digest tells. */
	return reply->status == 416 && d->got ? 0 : reg_reply_refusal(reply, err);
}

/* A reply without a length ends with its connection, whatever the reason: too few bytes are a break. Where a length was kept, the blob itself is too small. */
static bool is_short(const struct download *d, int ret, const struct reg_reply *reply)
{
	struct str unused;
	bool told = reg_reply_header(reply, "Content-Length", 0, &unused) || reg_reply_header(reply, "Transfer-Encoding", 0, &unused);

	return ret == 0 && reg_good(reply) && !told && d->size >= 0 && d->got < d->size;
}

static int fetch_all(struct registry *r, struct download *d, const char *target, const char *scope, struct error *err)
{
	CLEANUP(reg_reply_done) struct reg_reply reply = REG_REPLY_INIT(REG_ERROR_BODY_MAX);
	struct reg_retry state = { 0 };
	int ret;

	d->reply = &reply;
	do {
		int64_t before = d->got;

		ret = fetch(r, d, target, scope, &reply, err);
		if (is_short(d, ret, &reply)) {
			reply.code = CURLE_PARTIAL_FILE;
			ret = error_set(err, ERR_CONNECT, "unexpected EOF after %lld of %lld bytes", (long long)d->got, (long long)d->size);
		}
		/* A line that went silent under way is a break. */
		if (ret == -ERR_CONNECT && reply.code == CURLE_OPERATION_TIMEDOUT && d->got > before)
			reply.code = CURLE_PARTIAL_FILE;
		if (d->got - before >= PROGRESS_BYTES)
			state = (struct reg_retry){ 0 };
		ret = reg_retry(r, &state, &reply, ret, err);
	} while (ret > 0);
	d->reply = NULL;
	return ret == 0 && reply.status != 416 && !reg_good(&reply) ? reg_reply_refusal(&reply, err) : ret;
}

static int check(struct download *d, struct error *err)
{
	char got[DIGEST_MAX];

	if (d->size >= 0 && d->got != d->size)
		return error_set(err, ERR_PROTOCOL, "Size mismatch when copying %s, expected %lld, got %lld", d->digest, (long long)d->size,
				 (long long)d->got);
	digest_end(d->hash, got);
	if (strcmp(got, d->digest) != 0)
		return error_set(err, ERR_PROTOCOL, "Digest did not match, expected %s, got %s", d->digest, got);
	return 0;
}

static int get(struct registry *r, const char *path, struct download *d, struct error *err)
{
	CLEANUP(buf_done) struct buf target = BUF_INIT(REG_TARGET_MAX), scope = BUF_INIT(1024);
	int ret;

	if (!digest_valid(str_from(d->digest)))
		return error_set(err, ERR_USAGE, "invalid digest");
	ret = reg_target(&target, path, "blobs", d->digest, err);
	if (ret == 0)
		ret = reg_scope(&scope, path, "pull", err);
	if (ret == 0)
		ret = digest_open(d->digest, &d->hash, err);
	if (ret < 0)
		return ret;
	ret = fetch_all(r, d, buf_z(&target), buf_z(&scope), err);
	if (ret == 0)
		ret = check(d, err);
	digest_close_p(&d->hash);
	return ret;
}

int registry_blob_get(struct registry *r, const char *path, const char *digest, int64_t size, const struct byte_sink *sink, struct error *err)
{
	struct download d = { .digest = digest, .size = size, .sink = sink };
	int ret = get(r, path, &d, err);

	return ret < 0 && ret != -ERR_INTERRUPTED ? error_context(err, "reading blob %s in %s/%s", digest, r->shown, path) : ret;
}

/* image/lookaside.c: signatures at BASE/PATH@ALGORITHM=HEX/signature-N, N from 1 until one is missing. */
#include "image/lookaside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/path.h"
#include "image/store_files.h"
#include "image/store_own.h"
#include "registry/download.h"

static int folder_of(const char *base, const char *digest, struct buf *ret, struct error *err)
{
	struct str algorithm, hex;
	int r = store_check_digest(digest, err);

	if (r < 0)
		return r;
	str_cut(str_from(digest), ':', &algorithm, &hex);
	buf_addf(ret, "%s@%.*s=%.*s", base, STR_ARG(algorithm), STR_ARG(hex));
	return buf_check(ret, "address of signatures", err);
}

/* The path of a file:// address; NULL for another one. */
static const char *local_path(const char *url)
{
	return strncmp(url, "file:///", 8) == 0 ? url + 7 : NULL;
}

static int read_one(const char *url, struct buf *ret, struct error *err)
{
	const char *path = local_path(url);
	struct byte_sink sink = bytes_to_buf(ret);

	if (path)
		return path_read(path, ret, err);
	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return error_set(err, ERR_UNSUPPORTED, "Unsupported scheme when reading signature from %s", url);
	return download_url(url, &sink, err);
}

int lookaside_read(const struct lookaside *l, const char *digest, struct strv *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf folder = BUF_INIT(16384);
	int r = folder_of(l->read, digest, &folder, err);

	for (unsigned i = 1; r == 0; i++) {
		CLEANUP(buf_done) struct buf url = BUF_INIT(16384), bytes = BUF_INIT(LOOKASIDE_MAX_BYTES), text = BUF_INIT(LOOKASIDE_MAX_BYTES * 2);

		if (i > LOOKASIDE_MAX)
			return error_set(err, ERR_PROTOCOL, "%s has more than %d signatures", buf_z(&folder), LOOKASIDE_MAX);
		buf_addf(&url, "%s/signature-%u", buf_z(&folder), i);
		r = read_one(buf_z(&url), &bytes, err);
		if (r == -ERR_NOT_FOUND)
			return error_clear(err);
		if (r < 0)
			return error_context(err, "reading signatures");
		base64_add(&text, buf_str(&bytes));
		if (text.failed || !strv_add(ret, buf_z(&text)))
			return store_no_memory(err);
	}
	return r;
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

static int write_one(const char *folder, size_t number, const char *text, struct error *err)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT(LOOKASIDE_MAX_BYTES);
	char name[32];

	if (!base64_read(&bytes, str_from(text)))
		return error_set(err, ERR_PROTOCOL, "a signature is no base64");
	snprintf(name, sizeof name, "signature-%zu", number);
	return store_file_write(folder, name, buf_str(&bytes), err);
}

/* Those behind the last one that counts. */
static int remove_from(const char *folder, size_t number, struct error *err)
{
	for (;; number++) {
		CLEANUP(buf_done) struct buf path = BUF_INIT(16384);

		buf_addf(&path, "%s/signature-%zu", folder, number);
		if (unlink(buf_z(&path)) < 0)
			return errno == ENOENT || errno == ENOTDIR ? 0 : error_set_errno(err, "remove %s", buf_z(&path));
	}
}

int lookaside_write(const struct lookaside *l, const char *digest, const struct strv *signatures, struct error *err)
{
	CLEANUP(buf_done) struct buf folder = BUF_INIT(16384);
	const char *base = local_path(l->write);
	int r;

	if (!base)
		return error_set(err, ERR_UNSUPPORTED, "Writing directly to %s is not supported. Configure a lookaside-staging: location", l->write);
	r = folder_of(base, digest, &folder, err);
	if (r == 0 && signatures->n)
		r = path_make_dirs(buf_z(&folder), 0755, err);
	for (size_t i = 0; r == 0 && i < signatures->n; i++)
		r = write_one(buf_z(&folder), i + 1, signatures->v[i], err);
	if (r == 0)
		r = remove_from(buf_z(&folder), signatures->n + 1, err);
	if (r == 0 && !signatures->n)
		(void)rmdir(buf_z(&folder));
	return r;
}

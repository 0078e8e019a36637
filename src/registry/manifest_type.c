#include "registry/manifest_type.h"

#include <stdlib.h>
#include <strings.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/js.h"

#define SCHEMA1 "application/vnd.docker.distribution.manifest.v1+json"
#define SCHEMA1_SIGNED "application/vnd.docker.distribution.manifest.v1+prettyjws"
#define SCHEMA2 "application/vnd.docker.distribution.manifest.v2+json"
#define LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define OCI_INDEX "application/vnd.oci.image.index.v1+json"

static const char *known(const char *type)
{
	static const char *const types[] = { SCHEMA2, LIST, OCI_MANIFEST, OCI_INDEX };

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i], type) == 0)
			return types[i];
	return NULL;
}

/* As containers/image guesses (manifest.GuessMIMEType). */
static const char *guess(struct json_object *o)
{
	const char *named = known(js_get_str(o, "mediaType", ""));
	const char *config = js_get_str(js_get(o, "config"), "mediaType", "");
	int64_t version = js_get_int(o, "schemaVersion", 0);

	if (named)
		return named;
	if (version == 1)
		return js_len(js_get(o, "signatures")) ? SCHEMA1_SIGNED : SCHEMA1;
	if (version != 2)
		return "";
	if (strcmp(config, "application/vnd.docker.container.image.v1+json") == 0)
		return SCHEMA2;
	return js_len(js_get(o, "manifests")) && !js_get(o, "config") ? OCI_INDEX : OCI_MANIFEST;
}

char *reg_manifest_type(const char *told, struct str bytes)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	struct str type = str_from(told);

	str_cut(type, ';', &type, NULL);
	type = str_trim(type);
	if (type.n && !str_eq(type, STR("text/plain")) && !str_eq(type, STR("application/json")) && !str_eq(type, STR("application/octet-stream")))
		return str_dup(type);
	if (js_parse(bytes, "manifest", &o, NULL) < 0)
		return z_dup("");
	return z_dup(guess(o));
}

/* base64url without padding. */
static bool decode_base64url(struct str s, struct buf *out)
{
	CLEANUP(buf_done) struct buf plain = BUF_INIT(s.n + 4);

	for (size_t i = 0; i < s.n; i++)
		buf_add_char(&plain, s.p[i] == '-' ? '+' : s.p[i] == '_' ? '/' : s.p[i]);
	while (plain.n % 4 && !plain.failed)
		buf_add_char(&plain, '=');
	return !plain.failed && base64_read(out, buf_str(&plain));
}

/* What was signed: the first formatLength bytes and formatTail, which the first signature's protected header names. */
static bool schema1_payload(struct str bytes, struct buf *out)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(js_put_p) struct json_object *format = NULL;
	CLEANUP(buf_done) struct buf header = BUF_INIT(64 * 1024);
	int64_t length;

	if (js_parse(bytes, "manifest", &o, NULL) < 0 || !decode_base64url(js_text(js_get(js_at(js_get(o, "signatures"), 0), "protected")), &header) ||
	    js_parse(buf_str(&header), "signature", &format, NULL) < 0)
		return false;
	length = js_get_int(format, "formatLength", -1);
	if (length <= 0 || length > (int64_t)bytes.n)
		return false;
	buf_add_bytes(out, bytes.p, (size_t)length);
	return decode_base64url(js_text(js_get(format, "formatTail")), out) && !out->failed;
}

int reg_manifest_digest(const char *type, struct str bytes, const char *like, char ret[DIGEST_MAX], struct error *err)
{
	CLEANUP(buf_done) struct buf payload = BUF_INIT(bytes.n + 64 * 1024);
	CLEANUP(digest_close_p) struct digest *d = NULL;
	int r = digest_open(like, &d, err);

	if (r < 0)
		return r;
	if (strcmp(type, SCHEMA1_SIGNED) == 0) {
		if (!schema1_payload(bytes, &payload))
			return error_set(err, ERR_PROTOCOL, "the signed manifest has no payload");
		bytes = buf_str(&payload);
	}
	digest_add(d, bytes.p, bytes.n);
	digest_end(d, ret);
	return 0;
}

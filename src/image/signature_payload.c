#include "image/signature_payload.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/digest.h"
#include "image/strict_json.h"

void signature_payload_done(struct signature_payload *p)
{
	free(p->reference);
	free(p->digest);
	free(p->creator);
	*p = (struct signature_payload){ 0 };
}

/* ---- writing -------------------------------------------------------------------------------------------------------------- */

static struct json_object *object_of(const char *key, const char *text)
{
	struct json_object *o = json_object_new_object();

	js_set_str(o, key, text);
	return o;
}

/* In the order of its keys, as other signers write it. */
int signature_payload_make(const char *type, const char *reference, const char *digest, struct buf *ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = json_object_new_object();
	struct json_object *critical = json_object_new_object(), *optional = object_of("creator", "farpod " FARPOD_VERSION);

	js_set(critical, "identity", object_of("docker-reference", reference));
	js_set(critical, "image", object_of("docker-manifest-digest", digest));
	js_set_str(critical, "type", type);
	js_set_int(optional, "timestamp", (int64_t)time(NULL));
	js_set(o, "critical", critical);
	js_set(o, "optional", optional);
	buf_add_z(ret, js_wire(o));
	return buf_check(ret, "signature", err);
}

/* ---- reading -------------------------------------------------------------------------------------------------------------- */

static int read_timestamp(struct json_object *o, struct signature_payload *ret, struct error *err)
{
	double d;

	if (!o)
		return 0;
	if (!json_object_is_type(o, json_type_int) && !json_object_is_type(o, json_type_double))
		return error_set(err, ERR_USAGE, "\"timestamp\" must be a number");
	d = json_object_get_double(o);
	if (d != floor(d) || fabs(d) > 9e15)
		return error_set(err, ERR_USAGE, "Field optional.timestamp is not an integer");
	ret->timestamp = (int64_t)d;
	ret->has_timestamp = true;
	return 0;
}

/* Here anything may stand; null is what cosign writes for nothing. */
static int read_optional(struct json_object *o, struct signature_payload *ret, struct error *err)
{
	struct json_object *creator = js_get(o, "creator");

	if (o && !json_object_is_type(o, json_type_object))
		return error_set(err, ERR_USAGE, "\"optional\" must be an object");
	if (creator && !json_object_is_type(creator, json_type_string))
		return error_set(err, ERR_USAGE, "\"creator\" must be a string");
	ret->creator = creator ? str_dup(js_text(creator)) : NULL;
	return read_timestamp(js_get(o, "timestamp"), ret, err);
}

static int read_critical(struct json_object *o, const char *type, struct signature_payload *ret, struct error *err)
{
	struct json_object *said, *image, *identity, *digest, *reference;
	const struct strict_field fields[] = {
		{ "type", json_type_string, true, &said },
		{ "image", json_type_object, true, &image },
		{ "identity", json_type_object, true, &identity },
	};
	const struct strict_field image_fields[] = { { "docker-manifest-digest", json_type_string, true, &digest } };
	const struct strict_field identity_fields[] = { { "docker-reference", json_type_string, true, &reference } };
	int r = STRICT_FIELDS(o, fields, err);

	if (r < 0)
		return r;
	if (!str_eq_z(js_text(said), type))
		return error_set(err, ERR_USAGE, "Unrecognized signature type %s", json_object_get_string(said));
	if ((r = STRICT_FIELDS(image, image_fields, err)) < 0 || (r = STRICT_FIELDS(identity, identity_fields, err)) < 0)
		return r;
	if (!digest_valid(js_text(digest)))
		return error_set(err, ERR_USAGE, "invalid docker-manifest-digest value \"%s\"", json_object_get_string(digest));
	ret->digest = str_dup(js_text(digest));
	ret->reference = str_dup(js_text(reference));
	return ret->digest && ret->reference ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int parse(struct str text, const char *type, struct signature_payload *ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	struct json_object *critical, *optional;
	const struct strict_field fields[] = {
		{ "critical", json_type_object, true, &critical },
		{ "optional", json_type_null, true, &optional },
	};
	int r = strict_json_parse(text, &o, err);

	if (r == 0)
		r = STRICT_FIELDS(o, fields, err);
	if (r == 0)
		r = read_critical(critical, type, ret, err);
	return r < 0 ? r : read_optional(optional, ret, err);
}

int signature_payload_parse(struct str text, const char *type, struct signature_payload *ret, struct error *err)
{
	CLEANUP(signature_payload_done) struct signature_payload p = { 0 };
	CLEANUP(error_done) struct error why = ERROR_INIT;

	if (parse(text, type, &p, &why) < 0)
		return error_set(err, ERR_AUTH, "%s", why.text);
	*ret = p;
	p = (struct signature_payload){ 0 };
	return 0;
}

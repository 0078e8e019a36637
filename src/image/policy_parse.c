/* image/policy_parse.c: the JSON of containers-policy.json(5). What it does not know, it refuses: a requirement that is skipped is a door that is open. */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "image/policy_own.h"
#include "image/strict_json.h"

#define SCOPES_MAX       4096
#define REQUIREMENTS_MAX 64 /* of one scope */
#define KEYS_MAX         64 /* of one requirement */

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

void policy_requirement_done(struct policy_requirement *q)
{
	strv_done(&q->key_paths);
	strv_done(&q->key_data);
	policy_identity_done(&q->identity);
	free(q->refusal);
	*q = (struct policy_requirement){ 0 };
}

static void scope_done(struct policy_scope *s)
{
	for (size_t i = 0; i < s->n; i++)
		policy_requirement_done(&s->v[i]);
	free(s->v);
	free(s->transport);
	free(s->name);
	*s = (struct policy_scope){ 0 };
}

void policy_close_p(struct policy **p)
{
	if (!*p)
		return;
	scope_done(&(*p)->dflt);
	for (size_t i = 0; i < (*p)->n; i++)
		scope_done(&(*p)->scopes[i]);
	free((*p)->scopes);
	free(*p);
	*p = NULL;
}

/* ---- keys ----------------------------------------------------------------------------------------------------------------- */

static int add_texts(struct json_object *one_or_more, const char *key, struct strv *ret, struct error *err)
{
	bool list = json_object_is_type(one_or_more, json_type_array);
	size_t n = list ? js_len(one_or_more) : 1;

	if (!n || n > KEYS_MAX)
		return error_set(err, ERR_USAGE, n ? "\"%s\" contains too many entries" : "\"%s\" contains no entries", key);
	for (size_t i = 0; i < n; i++) {
		struct json_object *text = list ? js_at(one_or_more, i) : one_or_more;

		if (!json_object_is_type(text, json_type_string))
			return error_set(err, ERR_USAGE, "\"%s\" must be text", key);
		if (!strv_add_str(ret, js_text(text)))
			return no_memory(err);
	}
	return 0;
}

static int check_base64(const struct strv *data, struct error *err)
{
	for (size_t i = 0; i < data->n; i++) {
		CLEANUP(buf_done) struct buf bytes = BUF_INIT(POLICY_MAX_BYTES);

		if (!base64_read(&bytes, str_from(data->v[i])))
			return error_set(err, ERR_USAGE, "illegal base64 in the data of a key");
	}
	return 0;
}

/* Where the keys of a requirement are: one member of four. */
struct key_members {
	struct json_object *path, *paths, *data, *datas;
};

static int take_keys(const struct key_members *m, struct policy_requirement *q, struct error *err)
{
	int r = 0;

	if (m->path)
		r = add_texts(m->path, "keyPath", &q->key_paths, err);
	if (r == 0 && m->paths)
		r = add_texts(m->paths, "keyPaths", &q->key_paths, err);
	if (r == 0 && m->data)
		r = add_texts(m->data, "keyData", &q->key_data, err);
	if (r == 0 && m->datas)
		r = add_texts(m->datas, "keyDatas", &q->key_data, err);
	return r < 0 ? r : check_base64(&q->key_data, err);
}

static int take_identity(struct json_object *o, struct policy_requirement *q, struct error *err)
{
	return o ? policy_identity_parse(o, &q->identity, err) : 0;
}

/* ---- requirements --------------------------------------------------------------------------------------------------------- */

static int parse_bare(struct json_object *o, struct policy_requirement *q, struct error *err)
{
	struct json_object *type;
	const struct strict_field fields[] = { { "type", json_type_string, true, &type } };

	(void)q;
	return STRICT_FIELDS(o, fields, err);
}

static int take_key_type(const char *key_type, struct policy_requirement *q, struct error *err)
{
	static const char *const others[] = { "signedByGPGKeys", "X509Certificates", "signedByX509CAs" };

	if (strcmp(key_type, "GPGKeys") == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(key_type, others[i]) == 0)
			return asprintf(&q->refusal, "Unimplemented \"keyType\" value \"%s\"", key_type) < 0 ? no_memory(err) : 0;
	return error_set(err, ERR_USAGE, "Unrecognized keyType value \"%s\"", key_type);
}

static int parse_signed_by(struct json_object *o, struct policy_requirement *q, struct error *err)
{
	struct json_object *type, *key_type, *identity;
	struct key_members m = { 0 };
	const struct strict_field fields[] = {
		{ "type", json_type_string, true, &type },
		{ "keyType", json_type_string, true, &key_type },
		{ "keyPath", json_type_string, false, &m.path },
		{ "keyPaths", json_type_array, false, &m.paths },
		{ "keyData", json_type_string, false, &m.data },
		{ "signedIdentity", json_type_object, false, &identity },
	};
	int r = STRICT_FIELDS(o, fields, err);
	int sources = !!m.path + !!m.paths + !!m.data;

	if (r < 0)
		return r;
	if (sources != 1)
		return error_set(err, ERR_USAGE, "Exactly one of keyPath, keyPaths and keyData must be specified, %s present",
				 sources ? "more than one" : "none of them");
	r = take_key_type(json_object_get_string(key_type), q, err);
	if (r == 0)
		r = take_keys(&m, q, err);
	return r < 0 ? r : take_identity(identity, q, err);
}

/* Certificates of Fulcio, logs of Rekor and other authorities are known by name: such a policy can be read, and lets nothing pass. */
static int refuse_authorities(struct json_object *o, struct policy_requirement *q, struct error *err)
{
	static const char *const names[] = {
		"fulcio", "pki", "rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas",
	};

	for (size_t i = 0; i < ARRAY_LEN(names) && !q->refusal; i++)
		if (json_object_object_get_ex(o, names[i], NULL) &&
		    asprintf(&q->refusal, "sigstoreSigned with \"%s\" can't be checked by this program, which knows keys only", names[i]) < 0)
			return no_memory(err);
	return 0;
}

static int parse_sigstore(struct json_object *o, struct policy_requirement *q, struct error *err)
{
	struct json_object *type, *identity, *other;
	struct key_members m = { 0 };
	const struct strict_field fields[] = {
		{ "type", json_type_string, true, &type },
		{ "keyPath", json_type_string, false, &m.path },
		{ "keyPaths", json_type_array, false, &m.paths },
		{ "keyData", json_type_string, false, &m.data },
		{ "keyDatas", json_type_array, false, &m.datas },
		{ "signedIdentity", json_type_object, false, &identity },
		{ "fulcio", json_type_object, false, &other },
		{ "pki", json_type_object, false, &other },
		{ "rekorPublicKeyPath", json_type_string, false, &other },
		{ "rekorPublicKeyPaths", json_type_array, false, &other },
		{ "rekorPublicKeyData", json_type_string, false, &other },
		{ "rekorPublicKeyDatas", json_type_array, false, &other },
	};
	int r = STRICT_FIELDS(o, fields, err);
	int sources = !!m.path + !!m.paths + !!m.data + !!m.datas + !!js_get(o, "fulcio") + !!js_get(o, "pki");

	if (r < 0)
		return r;
	if (sources != 1)
		return error_set(err, ERR_USAGE, "exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio, and pki must be specified");
	r = refuse_authorities(o, q, err);
	if (r == 0)
		r = take_keys(&m, q, err);
	return r < 0 ? r : take_identity(identity, q, err);
}

static int parse_base_layer(struct json_object *o, struct policy_requirement *q, struct error *err)
{
	struct json_object *type, *identity;
	const struct strict_field fields[] = {
		{ "type", json_type_string, true, &type },
		{ "baseLayerIdentity", json_type_object, true, &identity },
	};
	int r = STRICT_FIELDS(o, fields, err);

	return r < 0 ? r : take_identity(identity, q, err);
}

int policy_requirement_parse(struct json_object *o, struct policy_requirement *ret, struct error *err)
{
	static const struct {
		const char *type;
		enum requirement_kind kind;
		int (*parse)(struct json_object *o, struct policy_requirement *q, struct error *err);
	} kinds[] = {
		{ "insecureAcceptAnything", REQUIRE_NOTHING, parse_bare },     { "reject", REQUIRE_REJECT, parse_bare },
		{ "signedBy", REQUIRE_SIGNED_BY, parse_signed_by },            { "sigstoreSigned", REQUIRE_SIGSTORE, parse_sigstore },
		{ "signedBaseLayer", REQUIRE_SIGNED_BASE_LAYER, parse_base_layer },
	};
	const char *type = js_get_str(o, "type", "");

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(type, kinds[i].type) == 0) {
			ret->kind = kinds[i].kind;
			return kinds[i].parse(o, ret, err);
		}
	return error_set(err, ERR_USAGE, "Unknown policy requirement type \"%s\"", type);
}

/* ---- scopes --------------------------------------------------------------------------------------------------------------- */

static int parse_requirements(struct json_object *list, struct policy_scope *ret, struct error *err)
{
	size_t n = js_len(list);

	if (!json_object_is_type(list, json_type_array) || !n)
		return error_set(err, ERR_USAGE, "List of verification policy requirements must not be empty");
	if (n > REQUIREMENTS_MAX)
		return error_set(err, ERR_USAGE, "more than %d requirements in one list", REQUIREMENTS_MAX);
	ret->v = calloc(n, sizeof *ret->v);
	if (!ret->v)
		return no_memory(err);
	for (ret->n = 0; ret->n < n;) {
		int r = policy_requirement_parse(js_at(list, ret->n), &ret->v[ret->n], err);

		ret->n++;
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_scope(struct policy *p, const char *transport, const char *name, struct json_object *list, struct error *err)
{
	struct policy_scope *grown = realloc(p->scopes, (p->n + 1) * sizeof *grown), *s;

	if (!grown)
		return no_memory(err);
	p->scopes = grown;
	s = &grown[p->n++];
	*s = (struct policy_scope){ .transport = z_dup(transport), .name = z_dup(name) };
	if (!s->transport || !s->name)
		return no_memory(err);
	if (!policy_scope_valid(transport, name))
		return error_set(err, ERR_USAGE, "Unknown key \"%s\"", name);
	return parse_requirements(list, s, err);
}

static int add_transport(struct policy *p, const char *transport, struct json_object *scopes, struct error *err)
{
	int r = 0;

	if (!json_object_is_type(scopes, json_type_object))
		return error_set(err, ERR_USAGE, "\"%s\" must be an object", transport);
	json_object_object_foreach(scopes, name, list)
	{
		if (p->n == SCOPES_MAX)
			return error_set(err, ERR_USAGE, "more than %d scopes", SCOPES_MAX);
		r = add_scope(p, transport, name, list, err);
		if (r < 0)
			break;
	}
	return r;
}

static int parse(struct json_object *o, struct policy *p, struct error *err)
{
	struct json_object *dflt, *transports;
	const struct strict_field fields[] = {
		{ "default", json_type_array, false, &dflt },
		{ "transports", json_type_object, false, &transports },
	};
	int r = STRICT_FIELDS(o, fields, err);

	if (r < 0)
		return r;
	if (!dflt)
		return error_set(err, ERR_USAGE, "Default policy is missing");
	r = parse_requirements(dflt, &p->dflt, err);
	if (r < 0 || !transports)
		return r;
	json_object_object_foreach(transports, name, scopes)
	{
		r = add_transport(p, name, scopes, err);
		if (r < 0)
			break;
	}
	return r;
}

int policy_parse(struct str text, const char *name, struct policy **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(policy_close_p) struct policy *p = calloc(1, sizeof *p);
	int r;

	if (!p)
		return no_memory(err);
	r = strict_json_parse(text, &o, err);
	if (r == 0)
		r = parse(o, p, err);
	if (r < 0)
		return error_context(err, "invalid policy in \"%s\"", name);
	*ret = ptr_take(&p);
	return 0;
}

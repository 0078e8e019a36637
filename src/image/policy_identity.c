/* image/policy_identity.c: signedIdentity: for which names a signature counts (containers-policy.json(5), "signedBy"). */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "image/policy_own.h"
#include "image/reference.h"
#include "image/strict_json.h"

void policy_identity_done(struct policy_identity *id)
{
	free(id->value);
	free(id->signed_prefix);
	*id = (struct policy_identity){ 0 };
}

/* ---- reading -------------------------------------------------------------------------------------------------------------- */

/* key: of the value, NULL for a kind that has none. */
static const struct identity_word {
	const char *word;
	enum identity_kind kind;
	const char *key, *second_key;
} words[] = {
	{ "matchExact", IDENTITY_EXACT, NULL, NULL },
	{ "matchRepoDigestOrExact", IDENTITY_REPO_DIGEST_OR_EXACT, NULL, NULL },
	{ "matchRepository", IDENTITY_REPOSITORY, NULL, NULL },
	{ "exactReference", IDENTITY_EXACT_REFERENCE, "dockerReference", NULL },
	{ "exactRepository", IDENTITY_EXACT_REPOSITORY, "dockerRepository", NULL },
	{ "remapIdentity", IDENTITY_REMAP, "prefix", "signedPrefix" },
};

static const struct identity_word *word_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, type) == 0)
			return &words[i];
	return NULL;
}

static bool is_name_only(const struct reference *r)
{
	return !r->tag && !r->digest;
}

static int check_reference(const struct identity_word *w, const char *text, struct error *err)
{
	CLEANUP(reference_done) struct reference ref = { 0 };
	CLEANUP(error_done) struct error why = ERROR_INIT;

	if (reference_parse(text, &ref, &why) < 0)
		return error_set(err, ERR_USAGE, "Invalid format of %s \"%s\": %s", w->key, text, why.text);
	if (w->kind == IDENTITY_EXACT_REFERENCE && is_name_only(&ref))
		return error_set(err, ERR_USAGE, "dockerReference \"%s\" contains neither a tag nor digest", text);
	return 0;
}

/* A host, or a host and a path: nothing is put in front of either. */
static int check_prefix(const char *prefix, struct error *err)
{
	CLEANUP(reference_done) struct reference ref = { 0 };
	CLEANUP(buf_done) struct buf name = BUF_INIT(4096);

	buf_addf(&name, "%s%s", prefix, strchr(prefix, '/') ? "" : "/x");
	if (name.failed || reference_parse_short(buf_z(&name), &ref, NULL) < 0 || ref.digest || ref.tag)
		return error_set(err, ERR_USAGE, "prefix \"%s\" is not valid", prefix);
	return 0;
}

static int check_values(const struct identity_word *w, const struct policy_identity *id, struct error *err)
{
	int r;

	if (w->kind != IDENTITY_REMAP)
		return w->key ? check_reference(w, id->value, err) : 0;
	r = check_prefix(id->value, err);
	return r < 0 ? r : check_prefix(id->signed_prefix, err);
}

int policy_identity_parse(struct json_object *o, struct policy_identity *ret, struct error *err)
{
	CLEANUP(policy_identity_done) struct policy_identity id = { 0 };
	const struct identity_word *w = word_of(js_get_str(o, "type", ""));
	struct json_object *type, *value = NULL, *second = NULL;
	struct strict_field fields[3] = { { "type", json_type_string, true, &type } };
	size_t n = 1;
	int r;

	if (!w)
		return error_set(err, ERR_USAGE, "Unknown policy reference match type \"%s\"", js_get_str(o, "type", ""));
	if (w->key)
		fields[n++] = (struct strict_field){ w->key, json_type_string, true, &value };
	if (w->second_key)
		fields[n++] = (struct strict_field){ w->second_key, json_type_string, true, &second };
	r = strict_json_fields(o, fields, n, err);
	if (r < 0)
		return r;
	id = (struct policy_identity){ w->kind, value ? str_dup(js_text(value)) : NULL, second ? str_dup(js_text(second)) : NULL };
	if ((value && !id.value) || (second && !id.signed_prefix))
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = check_values(w, &id, err);
	if (r < 0)
		return r;
	*ret = id;
	id = (struct policy_identity){ 0 };
	return 0;
}

/* ---- matching ------------------------------------------------------------------------------------------------------------- */

static bool same_text(char *a, char *b)
{
	bool same = a && b && strcmp(a, b) == 0;

	free(a);
	free(b);
	return same;
}

static bool same_repository(const struct reference *a, const struct reference *b)
{
	return same_text(reference_repository(a), reference_repository(b));
}

static bool same_reference(const struct reference *a, const struct reference *b)
{
	return !is_name_only(a) && !is_name_only(b) && same_text(reference_string(a), reference_string(b));
}

/* What is asked for by digest may be signed under any tag of its repository: that the digest is right is checked apart. */
static bool repo_digest_or_exact(const struct reference *image, const struct reference *in_signature)
{
	if (image->digest && !image->tag)
		return !is_name_only(in_signature) && same_repository(image, in_signature);
	return same_reference(image, in_signature);
}

/* A prefix ends where a component of the name does. Owned by the caller; NULL: it does not begin with it. */
static char *remapped(const struct policy_identity *id, const char *image, const char *repository)
{
	size_t n = strlen(id->value);
	CLEANUP(buf_done) struct buf name = BUF_INIT(4096);

	if (strncmp(repository, id->value, n) != 0 || (repository[n] && repository[n] != '/'))
		return NULL;
	buf_addf(&name, "%s%s", id->signed_prefix, image + n);
	return buf_take(&name);
}

static bool remap_matches(const struct policy_identity *id, const struct reference *image, const struct reference *in_signature)
{
	CLEANUP(free_p) char *text = reference_string(image);
	CLEANUP(free_p) char *repository = reference_repository(image);
	CLEANUP(free_p) char *other = text && repository ? remapped(id, text, repository) : NULL;
	CLEANUP(free_p) char *again = NULL;
	CLEANUP(reference_done) struct reference ref = { 0 };

	if (!other)
		return text && repository && repo_digest_or_exact(image, in_signature);
	if (reference_parse(other, &ref, NULL) < 0)
		return false;
	/* A name to which a host or library/ had to be added is none that a policy can mean. */
	again = reference_string(&ref);
	return again && strcmp(again, other) == 0 && repo_digest_or_exact(&ref, in_signature);
}

/* The policy's own value, not the image's name, says for whom the signature must be. */
static bool value_matches(const struct policy_identity *id, const struct reference *in_signature)
{
	CLEANUP(reference_done) struct reference want = { 0 };

	if (reference_parse(id->value, &want, NULL) < 0)
		return false;
	return id->kind == IDENTITY_EXACT_REFERENCE ? same_reference(&want, in_signature) : same_repository(&want, in_signature);
}

bool policy_identity_matches(const struct policy_identity *id, const char *image, const char *in_signature)
{
	CLEANUP(reference_done) struct reference ref = { 0 }, signed_for = { 0 };

	if (reference_parse(in_signature, &signed_for, NULL) < 0)
		return false;
	if (id->kind == IDENTITY_EXACT_REFERENCE || id->kind == IDENTITY_EXACT_REPOSITORY)
		return value_matches(id, &signed_for);
	if (!image[0] || reference_parse(image, &ref, NULL) < 0)
		return false;
	switch (id->kind) {
	case IDENTITY_EXACT:
		return same_reference(&ref, &signed_for);
	case IDENTITY_REPOSITORY:
		return same_repository(&ref, &signed_for);
	case IDENTITY_REMAP:
		return remap_matches(id, &ref, &signed_for);
	default:
		return repo_digest_or_exact(&ref, &signed_for);
	}
}

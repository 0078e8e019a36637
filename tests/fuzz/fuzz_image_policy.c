/* Policies and the payloads of signatures: what is taken has no second meaning, and asking it about images ends. Keys are not touched. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "image/policy.h"
#include "image/policy_own.h"
#include "image/signature_payload.h"
#include "image/strict_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void ask(const struct policy *p)
{
	static const char *const images[][2] = {
		{ "docker", "a.b.example.com:5000/ns/name:tag" }, { "docker", "docker.io/library/busybox:latest" }, { "docker", "" },
		{ "dir", "/srv/images/one" },                     { "oci", "/" },                                   { "docker-archive", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(images); i++) {
		const struct policy_scope *s = policy_scope_find(p, images[i][0], images[i][1]);

		check(s && s->n > 0);
		check(s == &p->dflt || strcmp(s->transport, images[i][0]) == 0);
		for (size_t k = 0; k < s->n; k++) {
			const struct policy_requirement *q = &s->v[k];

			check((q->kind != REQUIRE_SIGNED_BY && q->kind != REQUIRE_SIGSTORE) || policy_key_count(q) || q->refusal);
			policy_identity_matches(&q->identity, images[i][1], "example.com/ns/name:tag");
		}
	}
}

/* What is left of a text when json-c has read it leads to the same members: nothing was there twice. */
static void check_strict(struct str text)
{
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(js_put_p) struct json_object *again = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (strict_json_parse(text, &o, &err) < 0)
		return;
	check(strict_json_parse(str_from(js_wire(o)), &again, &err) == 0 && json_object_equal(o, again));
}

static void check_payload(struct str text, const char *type)
{
	CLEANUP(signature_payload_done) struct signature_payload p = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (signature_payload_parse(text, type, &p, &err) == 0)
		check(p.reference && p.digest && strchr(p.digest, ':'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = { (const char *)data, n };
	CLEANUP(policy_close_p) struct policy *p = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (policy_parse(text, "policy.json", &p, &err) == 0)
		ask(p);
	check_strict(text);
	check_payload(text, SIGNATURE_TYPE_SIMPLE);
	check_payload(text, SIGNATURE_TYPE_SIGSTORE);
	return 0;
}

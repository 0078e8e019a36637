/* sigstore: the box around cosign's keys (vectors of "Cryptography in NaCl"), pairs of keys, signatures, and policies that ask for them. */
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/base64.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/scratch.h"
#include "image/policy.h"
#include "image/secretbox.h"
#include "image/sigstore.h"

/* ---- NaCl ----------------------------------------------------------------------------------------------------------------- */

static size_t unhex(const char *hex, uint8_t *out)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned byte;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		out[i] = (uint8_t)byte;
	}
	return n;
}

#define SHARED    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
#define FIRST_KEY "1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389"
#define NONCE     "69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37"
#define SECOND    "dc908dda0b9344a953629b733820778880f3ceb421bb61b91cbd4c3e66256ce4"
#define MESSAGE                                                                                                                                \
	"be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3b" \
	"e8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705"
#define BOX                                                                                                                                    \
	"f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2" \
	"c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622" \
	"a43d14a6599b1f654cb45a74e355a5"

static void test_hsalsa20(void **state)
{
	uint8_t key[32], nonce[24], want[32], got[32];

	(void)state;
	unhex(SHARED, key);
	memset(nonce, 0, sizeof nonce);
	unhex(FIRST_KEY, want);
	hsalsa20(key, nonce, got);
	assert_memory_equal(got, want, 32);
	unhex(NONCE, nonce);
	hsalsa20(want, nonce, got);
	unhex(SECOND, want);
	assert_memory_equal(got, want, 32);
}

/* The Salsa20 specification, section 9: key 1..16 and 201..216, n 101..116. */
static void test_salsa20(void **state)
{
	static const uint8_t want[64] = {
		69,  37, 68,  39,  41,  15, 107, 193, 255, 139, 122, 6,   170, 233, 217, 98,  89,  144, 182, 106, 21,  51,
		200, 65, 239, 49,  222, 34, 215, 114, 40,  126, 104, 197, 7,   225, 197, 153, 31,  2,   102, 78,  76,  176,
		84,  245, 246, 184, 177, 160, 133, 130, 6, 72,  149, 119, 192, 195, 132, 236, 234, 103, 246, 74,
	};
	uint8_t key[32], nonce[8], got[64];
	uint64_t counter = 0;

	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		key[i] = (uint8_t)(i + 1);
		key[16 + i] = (uint8_t)(i + 201);
	}
	for (unsigned i = 0; i < 8; i++) {
		nonce[i] = (uint8_t)(101 + i);
		counter |= (uint64_t)(109 + i) << (8 * i);
	}
	salsa20_block(key, nonce, counter, got);
	assert_memory_equal(got, want, 64);
}

static void test_secretbox(void **state)
{
	uint8_t key[32], nonce[24], message[256], box[256], got[256 + SECRETBOX_TAG];
	size_t n = unhex(MESSAGE, message), box_n = unhex(BOX, box);

	(void)state;
	unhex(FIRST_KEY, key);
	unhex(NONCE, nonce);
	assert_int_equal(box_n, n + SECRETBOX_TAG);
	assert_true(secretbox_seal(key, nonce, message, n, got));
	assert_memory_equal(got, box, box_n);
	memset(got, 0, sizeof got);
	assert_true(secretbox_open(key, nonce, box, box_n, got));
	assert_memory_equal(got, message, n);
	for (size_t i = 0; i < box_n; i++) {
		box[i] ^= 1;
		assert_false(secretbox_open(key, nonce, box, box_n, got));
		box[i] ^= 1;
	}
	assert_false(secretbox_open(key, nonce, box, box_n - 1, got));
	assert_false(secretbox_open(key, nonce, box, 15, got));
	assert_false(secretbox_open(message, nonce, box, box_n, got));
}

/* ---- keys and signatures -------------------------------------------------------------------------------------------------- */

struct keys {
	struct scratch folder;
	char *prefix, *private_path, *public_path;
	struct buf public_pem;
};

static struct keys fixture;

static int make_keys(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	fixture = (struct keys){ .folder = SCRATCH_INIT, .public_pem = BUF_INIT(4096) };
	if (scratch_open("sigstore", &fixture.folder, &err) < 0)
		return -1;
	fixture.prefix = path_join(fixture.folder.path, "key");
	fixture.private_path = path_join(fixture.folder.path, "key.private");
	fixture.public_path = path_join(fixture.folder.path, "key.pub");
	if (sigstore_key_make(fixture.prefix, "pass phrase", &err) < 0 || path_read(fixture.public_path, &fixture.public_pem, &err) < 0) {
		print_error("%s\n", err.text);
		return -1;
	}
	return 0;
}

static int drop_keys(void **state)
{
	(void)state;
	free(fixture.prefix);
	free(fixture.private_path);
	free(fixture.public_path);
	buf_done(&fixture.public_pem);
	scratch_done(&fixture.folder);
	return 0;
}

static void test_files(void **state)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(stat(fixture.private_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(fixture.public_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(path_read(fixture.private_path, &text, &err), 0);
	assert_true(str_starts(buf_str(&text), STR("-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n")));
	assert_true(str_starts(buf_str(&fixture.public_pem), STR("-----BEGIN PUBLIC KEY-----\n")));
	assert_int_equal(sigstore_key_make(fixture.prefix, "x", &err), -ERR_CONFLICT);
	assert_true(strstr(err.text, "Refusing to overwrite existing \"") == err.text);
}

static void test_signing(void **state)
{
	CLEANUP(free_p) char *signature = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct str public_key = buf_str(&fixture.public_pem);

	(void)state;
	if (sigstore_sign(fixture.private_path, "pass phrase", STR("content"), &signature, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(sigstore_verify(public_key, STR("content"), signature, &err), 0);
	assert_int_equal(sigstore_verify(public_key, STR("contens"), signature, &err), -ERR_AUTH);
	assert_int_equal(sigstore_verify(public_key, STR("content"), "AAAA", &err), -ERR_AUTH);
	assert_int_equal(sigstore_verify(public_key, STR("content"), "", &err), -ERR_AUTH);
	assert_int_equal(sigstore_verify(public_key, STR("content"), "%%%", &err), -ERR_AUTH);
	assert_int_equal(sigstore_verify(STR("no key"), STR("content"), signature, &err), -ERR_AUTH);
}

static void test_wrong_passphrase(void **state)
{
	char *signature = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(sigstore_sign(fixture.private_path, "other", STR("x"), &signature, &err), -ERR_AUTH);
	assert_null(signature);
	assert_true(strstr(err.text, "the passphrase is wrong") != NULL);
	assert_int_equal(sigstore_sign(fixture.public_path, "other", STR("x"), &signature, &err), -ERR_USAGE);
	assert_true(strstr(err.text, "unsupported pem type: PUBLIC KEY") != NULL);
}

/* Made with libsodium and another scrypt, of the older strength and under the newer name. */
static void test_foreign_key(void **state)
{
	CLEANUP(free_p) char *signature = NULL;
	CLEANUP(buf_done) struct buf public_key = BUF_INIT(4096);
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	if (sigstore_sign(TEST_DATA "/sigstore/foreign.private", "foreign", STR("content"), &signature, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(path_read(TEST_DATA "/sigstore/foreign.pub", &public_key, &err), 0);
	assert_int_equal(sigstore_verify(buf_str(&public_key), STR("content"), signature, &err), 0);
	assert_int_equal(sigstore_verify(buf_str(&fixture.public_pem), STR("content"), signature, &err), -ERR_AUTH);
}

/* What a damaged or hostile file says of itself is checked before anything is computed. */
static void test_bad_key_files(void **state)
{
	static const struct {
		const char *json, *want;
	} rows[] = {
		{ "{}", "unsupported scrypt parameters" },
		{ "[]", "unsupported scrypt parameters" },
		{ "{\"kdf\":{\"name\":\"scrypt\",\"params\":{\"N\":1073741824,\"r\":8,\"p\":1}}}", "unsupported scrypt parameters" },
		{ "{\"kdf\":{\"name\":\"scrypt\",\"params\":{\"N\":32768,\"r\":8,\"p\":9}}}", "unsupported scrypt parameters" },
		{ "{\"kdf\":{\"name\":\"scrypt\",\"params\":{\"N\":32768,\"r\":8,\"p\":1}}}", "the private key has no \"salt\" in base64" },
		{ "{\"kdf\":{\"name\":\"scrypt\",\"params\":{\"N\":32768,\"r\":8,\"p\":1},\"salt\":\"AAAA\"},\"cipher\":{\"nonce\":\"AAAA\"},\"ciphertext\":\"AAAA\"}",
		  "the private key is not in a nacl/secretbox" },
		{ "no json", "private key: not JSON" },
	};
	CLEANUP(free_p) char *path = path_join(fixture.folder.path, "bad.private");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf pem = BUF_INIT(64 * 1024);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		char *signature = NULL;

		buf_add_z(&pem, "-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n");
		base64_add(&pem, str_from(rows[i].json));
		buf_add_z(&pem, "\n-----END ENCRYPTED COSIGN PRIVATE KEY-----\n");
		assert_int_equal(path_write_atomic(path, buf_str(&pem), 0600, &err), 0);
		if (sigstore_sign(path, "x", STR("x"), &signature, &err) == 0 || !strstr(err.text, rows[i].want))
			row_fail(rows[i].json, "\"%s\"", err.text ? err.text : "");
	}
}

/* OpenSSL's own program has another way through the same library: DER and PEM are what others write. */
static void test_openssl_verifies(void **state)
{
	CLEANUP(free_p) char *signature = NULL;
	CLEANUP(free_p) char *raw_path = path_join(fixture.folder.path, "raw");
	CLEANUP(buf_done) struct buf raw = BUF_INIT(4096), out = BUF_INIT(4096);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char *argv[] = { (char *)"openssl", (char *)"dgst", (char *)"-sha256", (char *)"-verify", fixture.public_path, (char *)"-signature", raw_path, NULL };
	int status;

	(void)state;
	assert_int_equal(sigstore_sign(fixture.private_path, "pass phrase", STR("content"), &signature, &err), 0);
	assert_true(base64_read(&raw, str_from(signature)));
	assert_int_equal(path_write_atomic(raw_path, buf_str(&raw), 0600, &err), 0);
	if (proc_exchange(argv, STR("content"), 0, &out, NULL, &status, &err) < 0)
		skip();
	assert_int_equal(status, 0);
	assert_string_equal(buf_z(&out), "Verified OK\n");
}

/* ---- policies ------------------------------------------------------------------------------------------------------------- */

/* A registry's repository with one image and, beside it, an image of signatures. */
struct repository {
	struct image_source image, beside;
	struct buf manifest;  /* of the signatures; empty: there is none */
	struct buf payload;   /* its one layer's content */
	char asked_for[256];  /* the tag */
	struct strv kept;     /* among the simple ones */
};

static int beside_manifest(struct image_source *s, const char *instance, struct registry_manifest *ret, struct error *err)
{
	struct repository *repo = (struct repository *)((char *)s - offsetof(struct repository, beside));
	struct buf copy = BUF_INIT(64 * 1024);

	(void)instance;
	if (!repo->manifest.n)
		return error_set(err, ERR_NOT_FOUND, "manifest unknown");
	buf_add(&copy, buf_str(&repo->manifest));
	return registry_manifest_of(&copy, NULL, "", ret, err);
}

static int beside_blob(struct image_source *s, const struct store_blob *b, const struct byte_sink *sink, struct error *err)
{
	struct repository *repo = (struct repository *)((char *)s - offsetof(struct repository, beside));

	(void)b;
	return sink_write(sink, repo->payload.p, repo->payload.n, err);
}

static void close_nothing(struct image_source *s)
{
	(void)s;
}

static const struct image_source_ops beside_ops = { .manifest = beside_manifest, .blob = beside_blob, .close = close_nothing };

static int image_sibling(struct image_source *s, const char *tag, struct image_source **ret, struct error *err)
{
	struct repository *repo = (struct repository *)s;

	(void)err;
	snprintf(repo->asked_for, sizeof repo->asked_for, "%s", tag);
	repo->beside.ops = &beside_ops;
	*ret = &repo->beside;
	return 0;
}

static int image_signatures(struct image_source *s, const char *instance, struct strv *ret, struct error *err)
{
	(void)instance;
	(void)err;
	return strv_add_all(ret, &((struct repository *)s)->kept) ? 0 : -ERR_SYSTEM;
}

static const struct image_source_ops image_ops = { .sibling = image_sibling, .signatures = image_signatures, .close = close_nothing };

/* sha256 and sha512 of "hi\n", which stands for the manifest. */
#define HEX    "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"
#define DIGEST "sha256:" HEX
#define D512                                                                                                                                   \
	"sha512:d78abb0542736865f94704521609c230dac03a2f369d043ac212d6933b91410e"                                                               \
	"06399e37f9c5cc88436a31737330c1c8eccb2c2f9f374d62f716432a32d50fac"
#define OTHER  "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

static void repository_done(struct repository *r)
{
	buf_done(&r->manifest);
	buf_done(&r->payload);
	strv_done(&r->kept);
}

/* Where a signature is put, and what is signed. */
struct signed_row {
	const char *reference, *digest, *layer_type;
	enum { NOWHERE, BESIDE, KEPT, UNANNOTATED } where;
	const char *payload; /* instead of what the two say */
	const char *identity;
	const char *want; /* NULL: accepted */
};

static void put_beside(struct repository *repo, const struct signed_row *row, const char *signature)
{
	char digest[DIGEST_MAX];

	digest_of(buf_str(&repo->payload), digest);
	buf_addf(&repo->manifest,
		 "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"size\":2,\"digest\":\"" OTHER "\"},\"layers\":["
		 "{\"mediaType\":\"%s\",\"size\":%zu,\"digest\":\"%s\",\"annotations\":{\"%s\":\"%s\"}}]}",
		 row->layer_type ? row->layer_type : SIGSTORE_LAYER_TYPE, repo->payload.n, digest,
		 row->where == UNANNOTATED ? "other" : SIGSTORE_SIGNATURE_ANNOTATION, signature);
}

static void put_kept(struct repository *repo, const struct signed_row *row, const char *signature)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024), payload = BUF_INIT(64 * 1024), whole = BUF_INIT(64 * 1024);

	base64_add(&payload, buf_str(&repo->payload));
	buf_add(&text, (struct str){ SIGSTORE_FORMAT_MARK, sizeof(SIGSTORE_FORMAT_MARK) - 1 });
	buf_addf(&text, "{\"mimeType\":\"%s\",\"payload\":\"%s\",\"annotations\":{\"%s\":\"%s\"}}", row->layer_type ? row->layer_type : SIGSTORE_LAYER_TYPE,
		 buf_z(&payload), SIGSTORE_SIGNATURE_ANNOTATION, signature);
	base64_add(&whole, buf_str(&text));
	assert_true(strv_add(&repo->kept, buf_z(&whole)));
}

static void sign_row(struct repository *repo, const struct signed_row *row)
{
	CLEANUP(free_p) char *signature = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (row->where == NOWHERE)
		return;
	repo->payload = BUF_INIT(64 * 1024);
	if (row->payload)
		buf_add_z(&repo->payload, row->payload);
	else
		assert_int_equal(sigstore_payload(row->reference, row->digest, &repo->payload, &err), 0);
	if (sigstore_sign(fixture.private_path, "pass phrase", buf_str(&repo->payload), &signature, &err) < 0)
		fail_msg("%s", err.text);
	if (row->where == KEPT)
		put_kept(repo, row, signature);
	else
		put_beside(repo, row, signature);
}

#define COSIGN(r, d, t, more)                                                                                                                  \
	"{\"critical\":{\"identity\":{\"docker-reference\":\"" r "\"},\"image\":{\"docker-manifest-digest\":\"" d "\"},\"type\":\"" t "\"}" more "}"
#define COSIGN_TYPE "cosign container image signature"

static const struct signed_row signed_rows[] = {
	{ "q.io/n:1", DIGEST, NULL, BESIDE, NULL, NULL, NULL },
	{ "q.io/n:1", DIGEST, NULL, KEPT, NULL, NULL, NULL },
	{ "q.io/n:1", D512, NULL, BESIDE, NULL, NULL, NULL },
	{ "q.io/n:2", DIGEST, NULL, BESIDE, NULL, NULL, "Signature for identity q.io/n:2 is not accepted" },
	{ "q.io/n:2", DIGEST, NULL, BESIDE, NULL, "{\"type\":\"matchRepository\"}", NULL },
	{ "q.io/n", DIGEST, NULL, BESIDE, NULL, "{\"type\":\"matchRepository\"}", NULL },
	{ "q.io/n:1", OTHER, NULL, BESIDE, NULL, NULL, "Signature for digest " OTHER " does not match" },
	{ "q.io/n:1", DIGEST, NULL, NOWHERE, NULL, NULL, "A signature was required, but no signature exists" },
	{ "q.io/n:1", DIGEST, NULL, UNANNOTATED, NULL, NULL, "missing " SIGSTORE_SIGNATURE_ANNOTATION " annotation" },
	{ "q.io/n:1", DIGEST, "application/x-attestation", BESIDE, NULL, NULL,
	  "A signature was required, but no signature exists (0 non-sigstore signatures, 1 sigstore non-signature attachments)" },
	{ "q.io/n:1", DIGEST, "application/x-attestation", KEPT, NULL, NULL,
	  "A signature was required, but no signature exists (0 non-sigstore signatures, 1 sigstore non-signature attachments)" },
	{ NULL, NULL, NULL, BESIDE, COSIGN("q.io/n:1", DIGEST, COSIGN_TYPE, ",\"optional\":null"), NULL, NULL },
	{ NULL, NULL, NULL, BESIDE, COSIGN("q.io/n:1", DIGEST, COSIGN_TYPE, ",\"optional\":{\"any\":[1]}"), NULL, NULL },
	{ NULL, NULL, NULL, BESIDE, COSIGN("q.io/n:1", DIGEST, COSIGN_TYPE, ""), NULL, "Key \"optional\" missing" },
	{ NULL, NULL, NULL, BESIDE, COSIGN("q.io/n:1", DIGEST, COSIGN_TYPE, ",\"optional\":{},\"x\":1"), NULL, "Unknown key \"x\"" },
	{ NULL, NULL, NULL, BESIDE, COSIGN("q.io/n:1", DIGEST, "atomic container signature", ",\"optional\":{}"), NULL,
	  "Unrecognized signature type atomic container signature" },
	{ NULL, NULL, NULL, BESIDE, COSIGN("q.io/n:1", "sha256:12", COSIGN_TYPE, ",\"optional\":{}"), NULL, "invalid docker-manifest-digest value \"sha256:12\"" },
	{ NULL, NULL, NULL, BESIDE, "no json", NULL, "JSON: not JSON at byte" },
};

static void check_row(const struct signed_row *row, const char *key_path, const char *want)
{
	struct repository repo = { .image = { .ops = &image_ops, .name = (char *)"docker://q.io/n:1", .policy_transport = (char *)"docker",
					      .policy_scope = (char *)"q.io/n:1", .reference = (char *)"q.io/n:1" },
				   .manifest = BUF_INIT(64 * 1024) };
	const struct registry_manifest m = { .digest = DIGEST, .bytes = { .p = (char *)"hi\n", .n = 3 } };
	CLEANUP(policy_close_p) struct policy *p = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
	int r;

	sign_row(&repo, row);
	buf_addf(&text, "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"%s\"%s%s}]}", key_path, row->identity ? ",\"signedIdentity\":" : "",
		 row->identity ? row->identity : "");
	if (policy_parse(buf_str(&text), "p", &p, &err) < 0)
		row_fail(buf_z(&text), "%s", err.text);
	r = policy_check(p, &repo.image, NULL, &m, &err);
	if (!want && r < 0)
		row_fail(buf_z(&repo.payload), "refused: %s", err.text);
	if (want && (r != -ERR_AUTH || !strstr(err.text, want)))
		row_fail(buf_z(&repo.payload), "%d \"%s\" instead of \"%s\"", r, r < 0 ? err.text : "", want);
	if (row->where == BESIDE)
		assert_string_equal(repo.asked_for, "sha256-" HEX ".sig");
	repository_done(&repo);
}

static void test_policies(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(signed_rows); i++)
		check_row(&signed_rows[i], fixture.public_path, signed_rows[i].want);
}

static void test_other_key(void **state)
{
	CLEANUP(free_p) char *prefix = path_join(fixture.folder.path, "other");
	CLEANUP(free_p) char *public_path = path_join(fixture.folder.path, "other.pub");
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(sigstore_key_make(prefix, "", &err), 0);
	check_row(&signed_rows[0], public_path, "cryptographic signature verification failed");
	check_row(&signed_rows[1], public_path, "cryptographic signature verification failed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hsalsa20),         cmocka_unit_test(test_salsa20),          cmocka_unit_test(test_secretbox),
		cmocka_unit_test(test_files),            cmocka_unit_test(test_signing),          cmocka_unit_test(test_wrong_passphrase),
		cmocka_unit_test(test_foreign_key),      cmocka_unit_test(test_bad_key_files),
		cmocka_unit_test(test_openssl_verifies), cmocka_unit_test(test_policies),         cmocka_unit_test(test_other_key),
	};

	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}

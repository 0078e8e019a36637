/* Simple signatures through gpg, with a keyring of the test's own; the real skopeo is the judge of what is written here and writes what is read here, where it is
 * installed. */
#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include "base/js.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/scratch.h"
#include "image/policy.h"
#include "image/signature_payload.h"

#define FINGERPRINT_MAX 128
#define MANIFEST                                                                                                                               \
	"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"config\":{\"mediaType\":"                 \
	"\"application/vnd.docker.container.image.v1+json\",\"size\":2,\"digest\":"                                                              \
	"\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\"},\"layers\":[]}"
#define OTHER_DIGEST "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

struct key {
	char fingerprint[FINGERPRINT_MAX];
	char *file; /* its public part */
};

static struct fixture {
	struct scratch folder;
	struct key ours, others;
	char digest[DIGEST_MAX];
	bool has_gpg, has_skopeo;
} fixture = { .folder = SCRATCH_INIT };

/* ---- programs ------------------------------------------------------------------------------------------------------------- */

/* Exit status; -1: not installed. errs may be NULL. */
static int run(char *const argv[], struct buf *out, struct buf *errs)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int status;

	return proc_capture(argv, 0, out, errs, &status, &err) < 0 ? -1 : status;
}

#define RUN(out, errs, ...) run((char *const[]){ __VA_ARGS__, NULL }, out, errs)
#define W(word) ((char *)(word))

static char *in_folder(const char *name)
{
	return path_join(fixture.folder.path, name);
}

static void write_file(const char *path, struct str content)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (path_write_atomic(path, content, 0600, &err) < 0)
		fail_msg("%s", err.text);
}

/* "fpr:::::::::FINGERPRINT:" is the first such line. */
static int read_fingerprint(const char *user, char ret[FINGERPRINT_MAX])
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(64 * 1024);
	const char *line;

	if (RUN(&out, NULL, W("gpg"), W("--batch"), W("--with-colons"), W("--list-keys"), W(user)) != 0)
		return -1;
	line = strstr(buf_z(&out), "\nfpr:::::::::");
	return line && sscanf(line + 13, "%127[0-9A-F]", ret) == 1 ? 0 : -1;
}

static int make_key(const char *user, const char *file, struct key *ret)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(64 * 1024);

	ret->file = in_folder(file);
	if (RUN(&out, NULL, W("gpg"), W("--batch"), W("--quiet"), W("--passphrase"), W(""), W("--quick-gen-key"), W(user), W("ed25519"), W("sign"), W("never")) != 0 ||
	    read_fingerprint(user, ret->fingerprint) < 0)
		return -1;
	return RUN(&out, NULL, W("gpg"), W("--batch"), W("--armor"), W("--output"), ret->file, W("--export"), ret->fingerprint) == 0 ? 0 : -1;
}

static int set_up(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT(64 * 1024);

	(void)state;
	/* The agent of the keyring listens on a socket in it: its path must be short. */
	if (scratch_open_in("/tmp", "gpg", &fixture.folder, &err) < 0)
		return -1;
	setenv("GNUPGHOME", fixture.folder.path, 1);
	digest_of(STR(MANIFEST), fixture.digest);
	fixture.has_gpg = RUN(&out, NULL, W("gpg"), W("--version")) == 0;
	buf_clear(&out);
	fixture.has_skopeo = RUN(&out, NULL, W("skopeo"), W("--version")) == 0 && strncmp(buf_z(&out), "skopeo version 1.", 17) == 0;
	if (!fixture.has_gpg)
		print_message("skipped: gpg is not installed\n");
	return !fixture.has_gpg || (make_key("ours@test", "ours.asc", &fixture.ours) == 0 && make_key("others@test", "others.asc", &fixture.others) == 0) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	(void)RUN(NULL, NULL, W("gpgconf"), W("--kill"), W("all"));
	free(fixture.ours.file);
	free(fixture.others.file);
	scratch_done(&fixture.folder);
	return 0;
}

static void need_gpg(void)
{
	if (!fixture.has_gpg)
		skip();
}

static void need_skopeo(void)
{
	need_gpg();
	if (!fixture.has_skopeo) {
		print_message("skipped: skopeo is not installed\n");
		skip();
	}
}

static void make_signature(const char *reference, const char *digest, const struct key *key, struct buf *ret)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (signature_make(reference, digest, key->fingerprint, NULL, ret, &err) < 0)
		fail_msg("%s", err.text);
}

/* ---- one signature -------------------------------------------------------------------------------------------------------- */

static void check_verify(struct str signature, const char *reference, const char *digest, const char *fingerprints, const char *keys_file, const char *want)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int r = signature_verify(signature, reference, digest, fingerprints, keys_file, &err);

	if (!want && r < 0)
		fail_msg("refused: %s", err.text);
	if (want && (r == 0 || !strstr(err.text, want)))
		fail_msg("%d \"%s\" instead of \"%s\"", r, r < 0 ? err.text : "", want);
}

static void test_verify(void **state)
{
	CLEANUP(buf_done) struct buf s = { 0 };
	CLEANUP(free_p) char *lower = NULL;
	const char *ours = fixture.ours.fingerprint;

	(void)state;
	need_gpg();
	make_signature("q.io/n:1", fixture.digest, &fixture.ours, &s);
	check_verify(buf_str(&s), "q.io/n:1", fixture.digest, ours, NULL, NULL);
	check_verify(buf_str(&s), "q.io/n:2", fixture.digest, ours, NULL, "Docker reference q.io/n:1 does not match q.io/n:2");
	check_verify(buf_str(&s), "UP", fixture.digest, ours, NULL, "repository name must be lowercase");
	check_verify(buf_str(&s), "q.io/n:1", OTHER_DIGEST, ours, NULL, "Signature for docker digest \"");
	check_verify(buf_str(&s), "q.io/n:1", fixture.digest, fixture.others.fingerprint, NULL, "does not match expected fingerprint");
	check_verify(buf_str(&s), "q.io/n:1", fixture.digest, ours + 24, NULL, "does not match expected fingerprint");
	check_verify(buf_str(&s), "q.io/n:1", fixture.digest, "", NULL, "does not match expected fingerprint");
	check_verify(buf_str(&s), "q.io/n:1", fixture.digest, ours, fixture.ours.file, NULL);
	check_verify(buf_str(&s), "q.io/n:1", fixture.digest, "any", fixture.ours.file, NULL);
	check_verify(buf_str(&s), "q.io/n:1", fixture.digest, "any", fixture.others.file, "Invalid GPG signature: its key is not one of those that are known, key ");
	check_verify(buf_str(&s), "q.io/n:1", fixture.digest, "any", NULL, "needs a file with public keys");
	check_verify(STR("no signature"), "q.io/n:1", fixture.digest, ours, NULL, "Invalid GPG signature: ");
	check_verify((struct str){ s.p, s.n - 20 }, "q.io/n:1", fixture.digest, ours, NULL, "Invalid GPG signature: ");
}

/* What gpg prints of a message is not all signed: one text, one signature, both good, or nothing. */
static void test_messages_that_are_more(void **state)
{
	CLEANUP(buf_done) struct buf one = { 0 }, two = { 0 }, both = BUF_INIT(64 * 1024), literal = BUF_INIT(64 * 1024);
	CLEANUP(free_p) char *text = in_folder("text");
	CLEANUP(free_p) char *stored = in_folder("stored");

	(void)state;
	need_gpg();
	make_signature("q.io/n:1", fixture.digest, &fixture.ours, &one);
	make_signature("q.io/n:2", fixture.digest, &fixture.ours, &two);
	buf_add(&both, buf_str(&one));
	buf_add(&both, buf_str(&two));
	/* gpg stops behind the first: what follows is neither checked nor told. */
	check_verify(buf_str(&both), "q.io/n:1", fixture.digest, fixture.ours.fingerprint, NULL, NULL);
	check_verify(buf_str(&both), "q.io/n:2", fixture.digest, fixture.ours.fingerprint, NULL, "Docker reference q.io/n:1 does not match q.io/n:2");
	write_file(text, STR("anything"));
	assert_int_equal(RUN(&literal, NULL, W("gpg"), W("--batch"), W("--output"), stored, W("--store"), text), 0);
	buf_clear(&literal);
	assert_int_equal(path_read(stored, &literal, NULL), 0);
	check_verify(buf_str(&literal), "q.io/n:1", fixture.digest, fixture.ours.fingerprint, NULL, "Invalid GPG signature");
	buf_add(&literal, buf_str(&one));
	check_verify(buf_str(&literal), "q.io/n:1", fixture.digest, fixture.ours.fingerprint, NULL, "Invalid GPG signature");
}

/* ---- keys and signatures in bad standing ---------------------------------------------------------------------------------- */

/* A shell does what would be many lines here: $1 is what is signed, and where the signature goes, too; the fingerprint is printed. */
static const struct {
	const char *what, *script, *want;
} standings[] = {
	{ "expired key", "signer --faked-system-time 20200101T000000 --quick-gen-key old@test ed25519 sign 2d; fpr old@test; "
			 "signer --faked-system-time 20200101T010000 -u old@test -o $1.sig --sign $1",
	  "Invalid GPG signature: its key has expired, key " },
	{ "expired signature", "signer --faked-system-time 20200101T000000 --quick-gen-key past@test ed25519 sign never; fpr past@test; "
			       "signer --faked-system-time 20200101T010000 --default-sig-expire 1d -u past@test -o $1.sig --sign $1",
	  "Invalid GPG signature: it has expired, key " },
	{ "revoked key", "signer --quick-gen-key rev@test ed25519 sign never; fpr rev@test; signer -u rev@test -o $1.sig --sign $1; "
			 "sed 's/^:---/---/' $GNUPGHOME/openpgp-revocs.d/$(fpr rev@test).rev | signer --import",
	  "Invalid GPG signature: its key was revoked, key " },
	{ "subkey", "signer --quick-gen-key sub@test ed25519 cert never; fpr sub@test; signer --quick-add-key $(fpr sub@test) ed25519 sign never; "
		    "signer -u sub@test -o $1.sig --sign $1", NULL },
	{ "two signers", "fpr ours@test; signer -u ours@test -u others@test -o $1.sig --sign $1", "Invalid GPG signature: there is more than one" },
	{ "apart from its text", "fpr ours@test; signer -u ours@test -o $1.sig --detach-sign $1", "Invalid GPG signature: " },
	{ "encrypted", "fpr ours@test; signer --pinentry-mode loopback --passphrase x -u ours@test -o $1.sig --sign --symmetric $1", "Invalid GPG signature: " },
	{ "armored", "fpr ours@test; signer --armor -u ours@test -o $1.sig --sign $1", NULL },
};

#define SCRIPT                                                                                                                                 \
	"exec 2>/dev/null; signer() { gpg --batch --quiet --passphrase '' \"$@\"; }; "                                              \
	"fpr() { gpg --batch --with-colons --list-keys $1 | sed -n '/^fpr/{s/[fpr:]//gp;q;}'; }; "

static void test_standings(void **state)
{
	CLEANUP(free_p) char *content = in_folder("content");
	CLEANUP(free_p) char *file = in_folder("content.sig");
	CLEANUP(buf_done) struct buf payload = BUF_INIT(4096);

	(void)state;
	need_gpg();
	assert_int_equal(signature_payload_make(SIGNATURE_TYPE_SIMPLE, "q.io/n:1", fixture.digest, &payload, NULL), 0);
	write_file(content, buf_str(&payload));
	for (size_t i = 0; i < ARRAY_LEN(standings); i++) {
		CLEANUP(buf_done) struct buf script = BUF_INIT(4096), out = BUF_INIT(4096), s = BUF_INIT(64 * 1024);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		char fingerprint[FINGERPRINT_MAX] = "";
		int r;

		unlink(file);
		buf_addf(&script, SCRIPT "%s", standings[i].script);
		(void)RUN(&out, NULL, W("sh"), W("-c"), W(buf_z(&script)), W("sh"), content);
		if (sscanf(buf_z(&out), "%127[0-9A-F]", fingerprint) != 1 || path_read(file, &s, NULL) < 0)
			row_fail(standings[i].what, "gpg made no signature: %s", buf_z(&out));
		r = signature_verify(buf_str(&s), "q.io/n:1", fixture.digest, fingerprint, NULL, &err);
		if ((r == 0) != !standings[i].want || (r < 0 && !strstr(err.text, standings[i].want)))
			row_fail(standings[i].what, "%d \"%s\"", r, r < 0 ? err.text : "");
	}
}

static void test_unknown_key(void **state)
{
	CLEANUP(buf_done) struct buf s = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	need_gpg();
	assert_int_equal(signature_make("q.io/n:1", fixture.digest, "0000000000000000000000000000000000000000", NULL, &s, &err), -ERR_AUTH);
	assert_true(strstr(err.text, "No secret key") != NULL);
}

static void test_dump(void **state)
{
	CLEANUP(buf_done) struct buf s = { 0 };
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;

	(void)state;
	need_gpg();
	make_signature("q.io/n:1", OTHER_DIGEST, &fixture.ours, &s);
	assert_int_equal(signature_dump(buf_str(&s), &o, &err), 0);
	assert_string_equal(js_get_str(o, "UntrustedDockerManifestDigest", ""), OTHER_DIGEST);
	assert_string_equal(js_get_str(o, "UntrustedDockerReference", ""), "q.io/n:1");
	assert_string_equal(js_get_str(o, "UntrustedShortKeyIdentifier", ""), fixture.ours.fingerprint + strlen(fixture.ours.fingerprint) - 16);
	assert_int_equal(signature_dump(STR("x"), &o, &err), -ERR_AUTH);
}

/* ---- what is signed ------------------------------------------------------------------------------------------------------- */

#define CRITICAL(r, d, t) "{\"identity\":{\"docker-reference\":" r "},\"image\":{\"docker-manifest-digest\":" d "},\"type\":" t "}"
#define GOOD              CRITICAL("\"a:1\"", "\"" OTHER_DIGEST "\"", "\"" SIGNATURE_TYPE_SIMPLE "\"")

static const struct {
	const char *text, *want;
} payloads[] = {
	{ "{\"critical\":" GOOD ",\"optional\":{}}", NULL },
	{ "{\"optional\":{\"timestamp\":1.0,\"creator\":\"x\",\"more\":[{}]},\"critical\":" GOOD "}", NULL },
	{ "{\"critical\":" GOOD "}", "Key \"optional\" missing" },
	{ "{\"optional\":{}}", "Key \"critical\" missing" },
	{ "{\"critical\":" GOOD ",\"optional\":{},\"critical\":" GOOD "}", "Duplicate key \"critical\"" },
	{ "{\"critical\":" GOOD ",\"optional\":[]}", "\"optional\" must be an object" },
	{ "{\"critical\":" GOOD ",\"optional\":{\"timestamp\":1.5}}", "Field optional.timestamp is not an integer" },
	{ "{\"critical\":" GOOD ",\"optional\":{\"timestamp\":\"1\"}}", "\"timestamp\" must be a number" },
	{ "{\"critical\":" GOOD ",\"optional\":{\"creator\":1}}", "\"creator\" must be a string" },
	{ "{\"critical\":" CRITICAL("1", "\"" OTHER_DIGEST "\"", "\"" SIGNATURE_TYPE_SIMPLE "\"") ",\"optional\":{}}", "\"docker-reference\" must be a string" },
	{ "{\"critical\":" CRITICAL("\"a\\u0000b\"", "\"" OTHER_DIGEST "\"", "\"" SIGNATURE_TYPE_SIMPLE "\"") ",\"optional\":{}}", "a NUL character" },
	{ "{\"critical\":" CRITICAL("\"a\"", "\"md5:1\"", "\"" SIGNATURE_TYPE_SIMPLE "\"") ",\"optional\":{}}", "invalid docker-manifest-digest value \"md5:1\"" },
	{ "{\"critical\":" CRITICAL("\"a\"", "\"" OTHER_DIGEST "\"", "\"x\"") ",\"optional\":{}}", "Unrecognized signature type x" },
	{ "null", "an object is expected" },
};

static void test_payloads(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(payloads); i++) {
		CLEANUP(signature_payload_done) struct signature_payload p = { 0 };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int r = signature_payload_parse(str_from(payloads[i].text), SIGNATURE_TYPE_SIMPLE, &p, &err);

		if ((r == 0) != !payloads[i].want || (r < 0 && !strstr(err.text, payloads[i].want)))
			row_fail(payloads[i].text, "%d \"%s\"", r, r < 0 ? err.text : "");
		if (r == 0)
			assert_string_equal(p.reference, "a:1");
	}
}

/* ---- with skopeo ---------------------------------------------------------------------------------------------------------- */

static void test_skopeo_verifies_ours(void **state)
{
	CLEANUP(buf_done) struct buf s = { 0 }, out = BUF_INIT(4096);
	CLEANUP(free_p) char *manifest = in_folder("manifest.json");
	CLEANUP(free_p) char *file = in_folder("signature");

	(void)state;
	need_skopeo();
	make_signature("q.io/n:1", fixture.digest, &fixture.ours, &s);
	write_file(manifest, STR(MANIFEST));
	write_file(file, buf_str(&s));
	assert_int_equal(RUN(&out, NULL, W("skopeo"), W("standalone-verify"), manifest, W("q.io/n:1"), fixture.ours.fingerprint, file), 0);
	assert_true(strstr(buf_z(&out), fixture.digest) != NULL);
}

static void test_ours_verifies_skopeo(void **state)
{
	CLEANUP(buf_done) struct buf s = BUF_INIT(64 * 1024), out = BUF_INIT(4096);
	CLEANUP(free_p) char *manifest = in_folder("manifest.json");
	CLEANUP(free_p) char *file = in_folder("signature");

	(void)state;
	need_skopeo();
	write_file(manifest, STR(MANIFEST));
	unlink(file);
	assert_int_equal(RUN(&out, NULL, W("skopeo"), W("standalone-sign"), manifest, W("q.io/n:1"), fixture.ours.fingerprint, W("-o"), file), 0);
	assert_int_equal(path_read(file, &s, NULL), 0);
	check_verify(buf_str(&s), "q.io/n:1", fixture.digest, fixture.ours.fingerprint, NULL, NULL);
	check_verify(buf_str(&s), "q.io/n:2", fixture.digest, fixture.ours.fingerprint, NULL, "Docker reference q.io/n:1 does not match q.io/n:2");
}

/* ---- policies ------------------------------------------------------------------------------------------------------------- */

/* A dir: image, with up to two signatures: NULL references are none. */
static const struct signed_image {
	const char *what;
	struct {
		const char *reference;
		bool others_key, other_digest;
	} signatures[2];
} images[] = {
	{ "unsigned", { { NULL, false, false }, { NULL, false, false } } },
	{ "signed", { { "q.io/n:1", false, false }, { NULL, false, false } } },
	{ "signed by others", { { "q.io/n:1", true, false }, { NULL, false, false } } },
	{ "signed twice", { { "q.io/n:1", true, false }, { "q.io/n:1", false, false } } },
	{ "other digest", { { "q.io/n:1", false, true }, { NULL, false, false } } },
	{ "other name", { { "q.io/m:2", false, false }, { NULL, false, false } } },
	{ "two bad ones", { { "q.io/m:2", false, false }, { "q.io/n:1", false, true } } },
};

/* %1: our key, %2: the others'. wants: one letter for each image: a(ccepted), r(efused). */
static const struct {
	const char *requirements, *wants;
} policies[] = {
	{ "{\"type\":\"insecureAcceptAnything\"}", "aaaaaaa" },
	{ "{\"type\":\"reject\"}", "rrrrrrr" },
	{ "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"%1\"}", "rrrrrrr" }, /* dir: has no name that could match */
	{ "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"%1\",\"signedIdentity\":{\"type\":\"exactReference\",\"dockerReference\":\"q.io/n:1\"}}",
	  "rararrr" },
	{ "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"%2\",\"signedIdentity\":{\"type\":\"exactReference\",\"dockerReference\":\"q.io/n:1\"}}",
	  "rraarrr" },
	{ "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"%1\",\"signedIdentity\":{\"type\":\"exactRepository\",\"dockerRepository\":\"q.io/m\"}}",
	  "rrrrraa" },
	{ "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"%1\",\"signedIdentity\":{\"type\":\"exactReference\",\"dockerReference\":\"q.io/n:1\"}},"
	  "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"%2\",\"signedIdentity\":{\"type\":\"exactReference\",\"dockerReference\":\"q.io/n:1\"}}",
	  "rrrarrr" },
	{ "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"/none\",\"signedIdentity\":{\"type\":\"exactRepository\",\"dockerRepository\":\"q.io/n\"}}",
	  "rrrrrrr" },
	{ "{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyData\":\"Zm9v\",\"signedIdentity\":{\"type\":\"exactRepository\",\"dockerRepository\":\"q.io/n\"}}",
	  "rrrrrrr" },
};

static void write_image(const char *dir, const struct signed_image *image)
{
	CLEANUP(free_p) char *manifest = path_join(dir, "manifest.json");
	CLEANUP(free_p) char *version = path_join(dir, "version");
	CLEANUP(free_p) char *config = path_join(dir, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");

	assert_int_equal(path_make_dirs(dir, 0700, NULL), 0);
	write_file(manifest, STR(MANIFEST));
	write_file(version, STR("Directory Transport Version: 1.1\n"));
	write_file(config, STR("{}"));
	for (size_t i = 0; i < ARRAY_LEN(image->signatures) && image->signatures[i].reference; i++) {
		CLEANUP(buf_done) struct buf s = { 0 }, name = BUF_INIT(4096);

		make_signature(image->signatures[i].reference, image->signatures[i].other_digest ? OTHER_DIGEST : fixture.digest,
			       image->signatures[i].others_key ? &fixture.others : &fixture.ours, &s);
		buf_addf(&name, "%s/signature-%zu", dir, i + 1);
		write_file(buf_z(&name), buf_str(&s));
	}
}

static void write_policy(const char *path, const char *requirements)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(16 * 1024);

	buf_add_z(&text, "{\"default\":[");
	for (const char *p = requirements; *p; p++) {
		if (*p == '%' && *++p)
			buf_add_z(&text, *p == '1' ? fixture.ours.file : fixture.others.file);
		else
			buf_add_char(&text, *p);
	}
	buf_add_z(&text, "]}");
	write_file(path, buf_str(&text));
}

static int decide(const char *policy, const char *dir, struct error *err)
{
	static const struct store_options none = { .tls_verify = -1 };
	CLEANUP(policy_close_p) struct policy *p = NULL;
	CLEANUP(image_source_close_p) struct image_source *from = NULL;
	CLEANUP(registry_manifest_done) struct registry_manifest m = { 0 };
	CLEANUP(buf_done) struct buf name = BUF_INIT(4096);

	buf_addf(&name, "dir:%s", dir);
	assert_int_equal(policy_read(policy, &p, NULL, err), 0);
	assert_int_equal(image_source_open(buf_z(&name), &none, NULL, &from, err), 0);
	assert_int_equal(from->ops->manifest(from, NULL, &m, err), 0);
	return policy_check(p, from, NULL, &m, err);
}

/* What skopeo says in the place of "Source image rejected: ..."; "" when it copies. */
static void ask_skopeo(const char *policy, const char *dir, struct buf *ret)
{
	CLEANUP(buf_done) struct buf from = BUF_INIT(4096), to = BUF_INIT(4096), out = BUF_INIT(64 * 1024), errs = BUF_INIT(64 * 1024);
	const char *text, *end;
	int status;

	buf_addf(&from, "dir:%s", dir);
	buf_addf(&to, "dir:%s/copied", fixture.folder.path);
	status = RUN(&out, &errs, W("skopeo"), W("--policy"), W(policy), W("copy"), W(buf_z(&from)), W(buf_z(&to)));
	text = strstr(buf_z(&errs), "Source image rejected: ");
	end = text ? strrchr(text, '"') : NULL;
	if (status != 0 && !text)
		fail_msg("skopeo: %s", buf_z(&errs));
	if (status != 0)
		buf_add(ret, (struct str){ text, end ? (size_t)(end - text) : strlen(text) });
}

/* Words that are gpg's or Go's own on either side. */
static bool same_reason(const char *ours, const char *theirs)
{
	static const char *const differing[] = { "Invalid GPG signature", "open /none", "; " };

	for (size_t i = 0; i < ARRAY_LEN(differing); i++)
		if (strstr(theirs, differing[i]))
			return true;
	return strcmp(ours, theirs) == 0;
}

static void check_decision(size_t p, size_t i, const char *policy, const char *dir)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(buf_done) struct buf theirs = BUF_INIT(64 * 1024);
	bool want = policies[p].wants[i] == 'a', got = decide(policy, dir, &err) == 0;

	if (got != want)
		row_fail(policies[p].requirements, "%s: %s", images[i].what, got ? "accepted" : err.text);
	if (!fixture.has_skopeo)
		return;
	ask_skopeo(policy, dir, &theirs);
	if ((theirs.n == 0) != got)
		row_fail(policies[p].requirements, "%s: skopeo says \"%s\", not \"%s\"", images[i].what, buf_z(&theirs), got ? "" : err.text);
	if (!got && !same_reason(err.text, buf_z(&theirs)))
		row_fail(policies[p].requirements, "%s: \"%s\" instead of \"%s\"", images[i].what, err.text, buf_z(&theirs));
}

static void test_decisions(void **state)
{
	CLEANUP(free_p) char *policy = in_folder("policy.json");

	(void)state;
	need_gpg();
	if (!fixture.has_skopeo)
		print_message("skopeo is not installed: nobody but the table judges\n");
	for (size_t i = 0; i < ARRAY_LEN(images); i++) {
		CLEANUP(buf_done) struct buf dir = BUF_INIT(4096);

		buf_addf(&dir, "%s/image-%zu", fixture.folder.path, i);
		write_image(buf_z(&dir), &images[i]);
		for (size_t p = 0; p < ARRAY_LEN(policies); p++) {
			write_policy(policy, policies[p].requirements);
			check_decision(p, i, policy, buf_z(&dir));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_messages_that_are_more),
		cmocka_unit_test(test_standings),
		cmocka_unit_test(test_unknown_key),
		cmocka_unit_test(test_dump),
		cmocka_unit_test(test_payloads),
		cmocka_unit_test(test_skopeo_verifies_ours),
		cmocka_unit_test(test_ours_verifies_skopeo),
		cmocka_unit_test(test_decisions),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

#include "image/signature_gpg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/proc.h"

#define ARGS_MAX       24
#define STATUS_MAX     (256 * 1024)
#define CHATTER_MAX    (64 * 1024)
#define VERIFY_WAIT_MS 60000
#define SIGN_WAIT_MS   300000 /* somebody may be typing a passphrase */

int gpg_open(bool users_own, struct gpg *ret, struct error *err)
{
	ret->users_own = users_own;
	return scratch_open("gpg", &ret->folder, err);
}

void gpg_done(struct gpg *g)
{
	scratch_done(&g->folder);
}

/* ---- running it ----------------------------------------------------------------------------------------------------------- */

struct gpg_run {
	char *argv[ARGS_MAX];
	size_t n;
};

static void add(struct gpg_run *run, const char *word)
{
	run->argv[run->n++] = (char *)word;
}

static void add_all(struct gpg_run *run, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(run, words[i]);
}

static int start(struct gpg_run *run, struct str input, uint64_t wait_ms, struct buf *out, struct buf *chatter, int *ret_status, struct error *err)
{
	struct error why = ERROR_INIT;
	int r = proc_exchange(run->argv, input, clock_after_ms(wait_ms), out, chatter, ret_status, &why);

	if (r < 0 && why.sys_errno == ENOENT) {
		error_done(&why);
		error_set(err, ERR_SYSTEM, "signatures need the program gpg, which is not installed");
		return error_hint(err, "install GnuPG (Debian, Ubuntu: gnupg; Homebrew: gnupg)");
	}
	return r < 0 ? error_move(err, &why) : 0;
}

/* The status lines go to a file: on an output they would stand among what the signature itself can bring gpg to print. */
static int run_for_status(struct gpg *g, const char *command, struct str input, struct buf *out, struct buf *status, struct error *err)
{
	static const char *const always[] = { "gpg", "--batch", "--no-tty", "--quiet", "--disable-dirmngr", "--no-auto-key-retrieve" };
	static const char *const own_home[] = { "--no-options", "--no-autostart", "--lock-never", "--trust-model", "always", "--homedir" };
	CLEANUP(free_p) char *file = path_join(g->folder.path, "status");
	struct gpg_run run = { 0 };
	int code, r;

	if (!file)
		return error_set(err, ERR_SYSTEM, "out of memory");
	/* Nothing of an earlier run may be taken for what this one says. */
	if (unlink(file) < 0 && errno != ENOENT)
		return error_set_errno(err, "remove %s", file);
	add_all(&run, always, ARRAY_LEN(always));
	if (!g->users_own) {
		add_all(&run, own_home, ARRAY_LEN(own_home));
		add(&run, g->folder.path);
	}
	add(&run, "--status-file");
	add(&run, file);
	add(&run, "--output");
	add(&run, "-");
	add(&run, command);
	r = start(&run, input, VERIFY_WAIT_MS, out, NULL, &code, err);
	return r < 0 ? r : path_read(file, status, err);
}

/* ---- status lines --------------------------------------------------------------------------------------------------------- */

/* "[GNUPG:] WORD rest": false at the end. */
static bool next_status(struct str *text, struct str *ret_word, struct str *ret_rest)
{
	struct str line;

	while (text->n) {
		if (!str_cut(*text, '\n', &line, text))
			*text = STR("");
		if (!str_starts(line, STR("[GNUPG:] ")))
			continue;
		line = (struct str){ line.p + 9, line.n - 9 };
		if (!str_cut(str_trim(line), ' ', ret_word, ret_rest))
			*ret_rest = STR("");
		return true;
	}
	return false;
}

/* Field i of a line, from 0. */
static struct str status_field(struct str rest, size_t i)
{
	struct str field = rest;

	for (size_t k = 0; k <= i; k++)
		if (!str_cut(rest, ' ', &field, &rest)) {
			rest = STR("");
			if (k < i)
				return STR("");
		}
	return field;
}

static void keep(char *to, size_t size, struct str s)
{
	size_t n = s.n < size ? s.n : size - 1;

	memcpy(to, s.p, n);
	to[n] = '\0';
}

int gpg_import(struct gpg *g, struct str keys, struct strv *ret_fingerprints, struct error *err)
{
	CLEANUP(buf_done) struct buf status = BUF_INIT(STATUS_MAX);
	CLEANUP(buf_done) struct buf out = BUF_INIT(CHATTER_MAX);
	struct str text, word, rest;
	int r = run_for_status(g, "--import", keys, &out, &status, err);

	if (r < 0)
		return r;
	for (text = buf_str(&status); next_status(&text, &word, &rest);)
		if (str_eq(word, STR("IMPORT_OK")) && !strv_add_str(ret_fingerprints, status_field(rest, 1)))
			return error_set(err, ERR_SYSTEM, "out of memory");
	return 0;
}

/* ---- one signature -------------------------------------------------------------------------------------------------------- */

/* Anything but one good signature of a key in good standing over one text is none: what else gpg may print of a message with two, nobody has signed. */
struct tally {
	unsigned signatures, texts, good, valid;
};

static void note_flaw(struct gpg_verdict *v, const char *flaw)
{
	if (!v->flaw[0])
		keep(v->flaw, sizeof v->flaw, str_from(flaw));
}

static void judge_line(struct gpg_verdict *v, struct tally *t, struct str word, struct str rest)
{
	static const struct {
		const char *word, *flaw;
	} flaws[] = {
		{ "BADSIG", "it does not fit what is signed" },
		{ "EXPSIG", "it has expired" },
		{ "EXPKEYSIG", "its key has expired" },
		{ "REVKEYSIG", "its key was revoked" },
		{ "ERRSIG", "its key is not one of those that are known" },
		{ "NODATA", "it is no OpenPGP message" },
		{ "BADARMOR", "its armor is damaged" },
		{ "TRUST_NEVER", "its key is marked as never to be trusted" },
		{ "ENC_TO", "it is encrypted" },
		{ "BEGIN_DECRYPTION", "it is encrypted" },
		{ "UNEXPECTED", "it is no OpenPGP message of the kind that is expected" },
	};

	t->signatures += str_eq(word, STR("NEWSIG"));
	t->texts += str_eq(word, STR("PLAINTEXT"));
	t->good += str_eq(word, STR("GOODSIG"));
	if (str_eq(word, STR("VALIDSIG"))) {
		t->valid++;
		keep(v->fingerprint, sizeof v->fingerprint, status_field(rest, 0));
		keep(v->primary, sizeof v->primary, status_field(rest, 9));
	}
	if (str_ends(word, STR("SIG")) && !str_eq(word, STR("NEWSIG")) && !str_eq(word, STR("VALIDSIG")))
		keep(v->key_id, sizeof v->key_id, status_field(rest, 0));
	for (size_t i = 0; i < ARRAY_LEN(flaws); i++)
		if (str_eq_z(word, flaws[i].word))
			note_flaw(v, flaws[i].flaw);
}

int gpg_verify(struct gpg *g, struct str signature, struct gpg_verdict *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf status = BUF_INIT(STATUS_MAX);
	struct str text, word, rest;
	struct tally t = { 0 };
	int r = run_for_status(g, "--verify", signature, &ret->content, &status, err);

	if (r < 0)
		return r;
	for (text = buf_str(&status); next_status(&text, &word, &rest);)
		judge_line(ret, &t, word, rest);
	if (t.signatures != 1)
		note_flaw(ret, t.signatures ? "there is more than one" : "there is none");
	if (t.texts != 1 || t.good != 1 || t.valid != 1)
		note_flaw(ret, "it is not one good signature over one text");
	ret->good = !ret->flaw[0];
	return 0;
}

void gpg_verdict_done(struct gpg_verdict *v)
{
	buf_done(&v->content);
}

int gpg_verdict_check(const struct gpg_verdict *v, struct error *err)
{
	if (v->good)
		return 0;
	return error_set(err, ERR_AUTH, "Invalid GPG signature: %s%s%s", v->flaw, v->key_id[0] ? ", key " : "", v->key_id);
}

/* ---- signing -------------------------------------------------------------------------------------------------------------- */

/* The last line of what gpg tells people, which says why. */
static struct str last_line(struct str text)
{
	struct str line, last = STR("");

	while (text.n) {
		if (!str_cut(text, '\n', &line, &text))
			text = STR("");
		if (str_trim(line).n)
			last = str_trim(line);
	}
	return last;
}

int gpg_sign(struct str content, const char *fingerprint, const char *passphrase_file, struct buf *ret, struct error *err)
{
	static const char *const always[] = { "gpg", "--batch", "--no-tty", "--quiet", "--no-armor", "--no-textmode", "--output", "-", "--local-user" };
	static const char *const unasked[] = { "--pinentry-mode", "loopback", "--passphrase-file" };
	CLEANUP(buf_done) struct buf chatter = BUF_INIT(CHATTER_MAX);
	struct gpg_run run = { 0 };
	int code, r;

	add_all(&run, always, ARRAY_LEN(always));
	add(&run, fingerprint);
	if (passphrase_file) {
		add_all(&run, unasked, ARRAY_LEN(unasked));
		add(&run, passphrase_file);
	}
	add(&run, "--sign");
	r = start(&run, content, SIGN_WAIT_MS, ret, &chatter, &code, err);
	if (r < 0)
		return r;
	if (code != 0 || !ret->n)
		return error_set(err, ERR_AUTH, "gpg can't sign with key %s: %.*s", fingerprint, STR_ARG(last_line(buf_str(&chatter))));
	return 0;
}

/* image/signature_gpg.h: the program gpg (GnuPG 2.2 and later), asked with --status-file (its doc/DETAILS), so that no word for people is ever judged. */
#ifndef IMAGE_SIGNATURE_GPG_H
#define IMAGE_SIGNATURE_GPG_H

#include "base/scratch.h"
#include "base/strv.h"

/* A keyring of its own, which knows only what was imported. */
struct gpg {
	struct scratch folder; /* for files of a run; the GNUPGHOME, too, of a keyring of its own */
	bool users_own;        /* the keyring of the user instead */
};

#define GPG_INIT ((struct gpg){ .folder = SCRATCH_INIT })

int gpg_open(bool users_own, struct gpg *ret, struct error *err);
void gpg_done(struct gpg *g);

/* Appends the fingerprints of the keys in it; none is no error. */
int gpg_import(struct gpg *g, struct str keys, struct strv *ret_fingerprints, struct error *err);

/* What gpg found out about one signature. */
struct gpg_verdict {
	struct buf content; /* what is signed; has its own limit */
	bool good;
	char fingerprint[65], primary[65]; /* of the key that signed and the one that it belongs to, when good */
	char key_id[17];
	char flaw[96]; /* why it is not good; "" when it is */
};

#define GPG_VERDICT_INIT(limit) ((struct gpg_verdict){ .content = BUF_INIT(limit) })

void gpg_verdict_done(struct gpg_verdict *v);
/* 0 when it is good, else ERR_AUTH. */
int gpg_verdict_check(const struct gpg_verdict *v, struct error *err);

/* Fails only when gpg can't be run. */
int gpg_verify(struct gpg *g, struct str signature, struct gpg_verdict *ret, struct error *err);
/* passphrase_file may be NULL. */
int gpg_sign(struct str content, const char *fingerprint, const char *passphrase_file, struct buf *ret, struct error *err);

#endif

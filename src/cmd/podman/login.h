/* cmd/podman/login.h: login and logout, which podman and skopeo have both. */
#ifndef CMD_PODMAN_LOGIN_H
#define CMD_PODMAN_LOGIN_H

#include "cli/opt.h"

struct session;

struct login_args {
	const char *username, *password, *authfile, *compat_auth_file, *cert_dir, *secret;
	const char *registries_conf; /* no flag of login itself; NULL: the usual one */
	bool password_stdin, get_login, verbose;
	struct flags given; /* tls-verify, when it was typed */
};

struct logout_args {
	const char *authfile, *compat_auth_file;
	const char *registries_conf;
	bool all;
};

/* Rows for these; login's without --secret, which is podman's. */
extern const struct opt login_opts[], logout_opts[];

/* For struct cmd.run; args is one of the above. */
int cmd_login_run(struct session *s, void *args, const struct strv *names, struct error *err);
int cmd_logout_run(struct session *s, void *args, const struct strv *names, struct error *err);

#endif

/* cmd/skopeo/login.c: login and logout: podman's, but for a registry that must be named. */
#include "cmd/podman/login.h"

#include "cmd/session.h"
#include "cmd/skopeo/commands.h"
#include "cmd/skopeo/globals.h"

static int skopeo_login_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct login_args *a = args;

	if (!names->n)
		return error_set(err, ERR_USAGE, "please provide a registry to login to");
	a->registries_conf = skopeo_globals_of(s)->registries_conf;
	return cmd_login_run(s, a, names, err);
}


static int skopeo_logout_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct logout_args *a = args;

	if (!names->n && !a->all)
		return error_set(err, ERR_USAGE, "please provide a registry to logout from");
	a->registries_conf = skopeo_globals_of(s)->registries_conf;
	return cmd_logout_run(s, a, names, err);
}

const struct cmd skopeo_login = {
	.names = (const char *const[]){ "login", NULL },
	.synopsis = "[options] REGISTRY",
	.brief = "Login to a container registry",
	.about = "Checks a user name and a password against a registry and keeps them on this machine, where podman finds them, too.",
	.examples = "skopeo login quay.io\nskopeo login -u alice --password-stdin registry.example.com <token",
	.opts = login_opts,
	.args_size = sizeof(struct login_args),
	.max_names = 1,
	.run = skopeo_login_run,
};

const struct cmd skopeo_logout = {
	.names = (const char *const[]){ "logout", NULL },
	.synopsis = "[options] REGISTRY",
	.brief = "Logout of a container registry",
	.about = "Forgets the credentials for a registry that this machine keeps.",
	.examples = "skopeo logout quay.io\nskopeo logout --all",
	.opts = logout_opts,
	.args_size = sizeof(struct logout_args),
	.max_names = 1,
	.run = skopeo_logout_run,
};

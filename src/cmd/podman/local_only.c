/* cmd/podman/local_only.c: commands of a podman that works on its own store, with the answer that podman's remote client gives for them. */
#include "base/buf.h"
#include "cmd/podman/commands.h"
#include "cmd/session.h"

static int refuse(const char *name, const char *instead, struct error *err)
{
	int r = error_set(err, ERR_UNSUPPORTED, "cannot use command \"podman %s\" with the remote podman client", name);

	return instead ? error_hint(err, "%s", instead) : r;
}

#define LOCAL_ONLY(symbol, spelling, text, instead)                                                                             \
	static int symbol##_run(struct session *s, void *args, const struct strv *names, struct error *err)                     \
	{                                                                                                                       \
		(void)s, (void)args, (void)names;                                                                               \
		return refuse(spelling, instead, err);                                                                          \
	}                                                                                                                       \
	const struct cmd cmd_##symbol = {                                                                                       \
		.names = (const char *const[]){ spelling, NULL },                                                               \
		.synopsis = "[options]",                                                                                        \
		.brief = text,                                                                                                  \
		.about = text,                                                                                                  \
		.max_names = CMD_ANY,                                                                                           \
		.raw = true,                                                                                                    \
		.hidden = true,                                                                                                 \
		.run = symbol##_run,                                                                                            \
	}

LOCAL_ONLY(image_sign, "image sign", "Sign an image (on the host only)", "on the host itself: podman image sign");
LOCAL_ONLY(image_trust_set, "image trust set", "Set the trust policy for a registry (on the host only)", "the policy is the host's file /etc/containers/policy.json");
LOCAL_ONLY(image_trust_show, "image trust show", "Display the trust policy (on the host only)", "the policy is the host's file /etc/containers/policy.json");
LOCAL_ONLY(image_mount, "image mount", "Mount an image's root file system (on the host only)", NULL);
LOCAL_ONLY(image_unmount, "image unmount", "Unmount an image's root file system (on the host only)", NULL);

/* cmd/session_own.h: the inside of a session, for main. */
#ifndef CMD_SESSION_OWN_H
#define CMD_SESSION_OWN_H

#include "cmd/session.h"

struct connection;
struct program;
struct skopeo_globals;

struct session {
	struct config_flags config;
	struct strv argv;
	struct connection *connection; /* NULL until the first session_engine */
	struct destination destination;
	const struct program *program;       /* whose command line this is; NULL before it is known */
	const struct skopeo_globals *skopeo; /* NULL: podman's personality */
	bool bulk;  /* much is expected to move */
	int status; /* of the first error that session_report printed */
};

void session_print_error(const struct session *s, const struct error *err);
void session_done(struct session *s);

#endif

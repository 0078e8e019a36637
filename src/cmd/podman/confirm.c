#include "cmd/podman/confirm.h"

#include <stdio.h>

#include "cmd/session.h"

int confirm(struct session *s, const char *warning, bool *ret, struct error *err)
{
	char answer[64];
	int r;

	fprintf(session_out(s), "%sAre you sure you want to continue? [y/N] ", warning);
	if ((r = session_flush(s, err)) < 0)
		return r;
	if (!fgets(answer, sizeof answer, stdin)) {
		error_set(err, ERR_USAGE, "EOF: there is no answer on standard input");
		return error_hint(err, "--force asks no question");
	}
	*ret = answer[0] == 'y' || answer[0] == 'Y';
	return 0;
}

#include "cmd/podman/progress.h"

#include <stdio.h>

#include "cmd/session.h"

void progress_line(void *session, const char *line)
{
	fprintf(session_err(session), "%s\n", line);
}

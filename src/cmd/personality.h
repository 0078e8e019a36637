/* cmd/personality.h: one program under the names of two: which commands it has, its global options, and what a command line asks for is done. */
#ifndef CMD_PERSONALITY_H
#define CMD_PERSONALITY_H

#include "base/error.h"

struct session;

/* argv: the words behind the program's name. Returns the exit status, or -kind with err filled; the form in which the session prints that error is the
 * personality's from here on. */
int personality_podman(struct session *s, int argc, char *const *argv, struct error *err);
int personality_skopeo(struct session *s, int argc, char *const *argv, struct error *err);

#endif

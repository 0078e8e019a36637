/* tunnel/prompt.h: questions on the terminal, whatever stdin and stdout are. */
#ifndef TUNNEL_PROMPT_H
#define TUNNEL_PROMPT_H

#include <stdbool.h>

#include "base/error.h"

/* Asks and reads one line. ERR_SYSTEM when there is no terminal, ERR_INTERRUPTED for ^C and the end of input. Bytes of the text that could
 * steer the terminal are shown as "?". */
int prompt_line(const char *text, bool echo, char **ret, struct error *err);

/* Shows a line without asking. */
void prompt_say(const char *text);

/* Overwrites and frees; NULL is fine. */
void secret_free(char *secret);
static inline void secret_free_p(char **secret)
{
	secret_free(*secret);
}

#endif

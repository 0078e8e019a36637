/* cli/value.h: putting what the user typed into the field of a row, as pflag's Value.Set does it for each type. */
#ifndef CLI_VALUE_H
#define CLI_VALUE_H

#include "cli/rows.h"

/* text is borrowed by an OPT_T_STR field, copied by all others. ERR_USAGE: invalid argument "x" for "-t, --time" flag: ... */
int value_set(struct row_at at, void *args, const char *text, struct error *err);

/* Frees what value_set made. */
void value_done(struct row_at at, void *args);

#endif

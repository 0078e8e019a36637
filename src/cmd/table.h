/* cmd/table.h: the commands of each personality. */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include "cli/cmd.h"

extern const struct cmd *const podman_table[];

/* Without its globals' struct, which main fills in a copy. */
extern const struct program podman_program, skopeo_program;

#endif

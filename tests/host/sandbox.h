/* sandbox.h: a container's own view of the machine, made in its process between fork and exec. Root gets a chroot and, on Linux,
 * namespaces; others get plain processes in a folder of their own. */
#ifndef HOST_SANDBOX_H
#define HOST_SANDBOX_H

#include "base/error.h"
#include "process.h"

/* In the host, around fork: the child gets PIDs of its own (or those of spec->join). Without effect where there are none. */
void sandbox_before_fork(const struct process_spec *spec);
void sandbox_after_fork(void);

/* In the child: mounts, root, working directory, user. */
int sandbox_enter(const struct process_spec *spec, struct error *err);

/* In the child: the file that argv[0] names, and that it can be run. */
int sandbox_find_command(const struct process_spec *spec, char **ret, struct error *err);

#endif

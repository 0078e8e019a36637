/* sandbox.h: a container's own view of the machine, made in its process between fork and exec. Root gets a chroot and, on Linux,
 * namespaces; where that can't be had, containers are plain processes in a folder of their own. */
#ifndef HOST_SANDBOX_H
#define HOST_SANDBOX_H

#include "base/error.h"
#include "process.h"

/* In the host, at its start: a user who is not root becomes the root of a user namespace, as rootless podman does. Where the system
 * does not allow it nothing happens. */
void sandbox_become_root(void);

/* In the host: fork, with PIDs of its own for the child of a new container where there are such. */
pid_t sandbox_fork(const struct process_spec *spec);

/* In the child, for an exec: goes on in a child of its own that has the container's PIDs; the process that was called keeps no
 * descriptor, waits for it and ends as it ends. */
void sandbox_join_pids(const struct process_spec *spec);

/* In the child: mounts, root, working directory, user. */
int sandbox_enter(const struct process_spec *spec, struct error *err);

/* In the child: the file that argv[0] names, and that it can be run. */
int sandbox_find_command(const struct process_spec *spec, char **ret, struct error *err);

#endif

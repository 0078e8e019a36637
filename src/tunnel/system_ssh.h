/* tunnel/system_ssh.h: the session in the hands of the system's ssh, where libssh2 cannot follow the user's set-up. */
#ifndef TUNNEL_SYSTEM_SSH_H
#define TUNNEL_SYSTEM_SSH_H

#include "tunnel/login.h"

struct system_ssh;

/* Starts "ssh -M -N" in the keeper's folder and waits until it is logged in; it may ask on the terminal itself. sys_errno ENOENT: there is
 * no ssh on this machine. */
int system_ssh_open(struct system_ssh **ret, struct keeper *k, const struct login_plan *p, struct error *err);

/* Until the owner ends or the session breaks; the owner is told of the latter. */
void system_ssh_serve(struct system_ssh *s);

void system_ssh_close(struct system_ssh *s);

#endif

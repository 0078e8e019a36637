/* base/proc.h: other programs: ssh, a bridge command, a credential helper. */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/* Runs argv[0] (searched on PATH), gives it no stdin, collects stdout into out and stderr into errs (either may be NULL: dropped).
 * Kills it at the deadline (clock_ms() value, 0 for none). ret_status: exit status, or 128 + signal. ERR_SYSTEM when it can't be started
 * (sys_errno ENOENT: not installed), ERR_CONNECT at the deadline. */
int proc_capture(char *const argv[], uint64_t deadline_ms, struct buf *out, struct buf *errs, int *ret_status, struct error *err);

/* As proc_capture, with a text on its stdin. A program that does not read all of it is no error. */
int proc_exchange(char *const argv[], struct str input, uint64_t deadline_ms, struct buf *out, struct buf *errs, int *ret_status,
		  struct error *err);

/* Starts argv with stdin and stdout on one end of a socketpair and returns the other end (owned by the caller). stderr stays ours.
 * ret_pid: the caller reaps it. */
int proc_bridge(char *const argv[], int *ret_fd, pid_t *ret_pid, struct error *err);

#endif

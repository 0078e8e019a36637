/* varlink/script.h: a shell script that runs in a container, as root, with its output read and its input written by calls that wait.
 * stdout and stderr are one. */
#ifndef VARLINK_SCRIPT_H
#define VARLINK_SCRIPT_H

#include "varlink/host.h"

struct script;

/* args: what the script sees as "$1" and so on, NULL at the end; borrowed during the call. */
int script_open(struct host *h, const char *container, const char *text, const char *const *args, bool with_input,
		struct script **ret, struct error *err);
/* As script_open, as the container's own user. */
int script_open_as_user(struct host *h, const char *container, const char *text, struct script **ret, struct error *err);

/* Output: > 0, 0 at its end, when script_status is known. */
ssize_t script_read(struct script *s, void *p, size_t n, struct error *err);
/* All output into out, and the end. ret: the exit status. */
int script_finish(struct script *s, struct buf *out, int *ret_status, struct error *err);
/* What is said meanwhile is kept for script_read, up to 16 KiB. 0: taken; 1: the script has ended and takes no more. */
int script_write(struct script *s, const void *p, size_t n, struct error *err);
int script_end_input(struct script *s, struct error *err);
int script_status(const struct script *s);
void script_close_p(struct script **s);

#endif

/* term/term.h: the terminal of the user: raw mode, size, signals as bytes. */
#ifndef TERM_TERM_H
#define TERM_TERM_H

#include <stdbool.h>

#include "base/error.h"

/* Size in characters of the terminal behind fd; false when it is none. */
bool term_size(int fd, unsigned *ret_width, unsigned *ret_height);

/* Raw mode (cfmakeraw) on fd until term_restore, which is safe to call at any time and from any exit path (atexit and fatal signals are
 * covered by the room itself). */
int term_raw(int fd, struct error *err);
void term_restore(void);

/* No echo on fd until term_restore, with the same care; lines are edited as ever and ^C is a signal. Not within raw mode. */
int term_hide(int fd, struct error *err);

/* Shows prompt on stdout and reads one line from stdin, returned without its end. echo false: what is typed is not shown. For commands
 * whose stdin is the user's answer (ssh asks on /dev/tty). ERR_SYSTEM "inappropriate ioctl for device" when stdin is no terminal, and
 * nothing is shown then; "EOF" at the end of input. *ret is owned by the caller, to be wiped. */
int term_ask(const char *prompt, bool echo, char **ret, struct error *err);

/* Signals become bytes on a pipe: term_signals_open installs handlers for those in the list (0-terminated) and returns the readable end;
 * each byte read is a signal number. One user at a time. term_signals_close puts the old handlers back. */
int term_signals_open(const int *signals, int *ret_fd, struct error *err);
void term_signals_close(void);

#endif

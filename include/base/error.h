/* base/error.h: the one error that travels up a call chain and is printed once, by main.
 *
 * A function that can fail returns 0 or more on success and -kind on failure, and fills the struct error that its caller passed
 * as the last argument. The lowest layer says what failed and with which value; layers above only add what they alone know. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stddef.h>

#define PRINTF_LIKE(fmt_arg, first_arg) __attribute__((format(printf, fmt_arg, first_arg)))

/* A kind exists because a caller branches on it. */
enum err_kind {
	ERR_NONE,
	ERR_USAGE,       /* the command line or a configuration value is wrong */
	ERR_SYSTEM,      /* a local system call failed; sys_errno says how */
	ERR_CONNECT,     /* the host or its service can't be reached, or the connection broke */
	ERR_AUTH,        /* host key or user authentication */
	ERR_PROTOCOL,    /* the peer sent something that its protocol does not allow */
	ERR_NOT_FOUND,   /* no such container, image, ... */
	ERR_CONFLICT,    /* the object is in use or in a state that forbids the request */
	ERR_REMOTE,      /* the service refused or failed, in its own words */
	ERR_UNSUPPORTED, /* this host's protocol or version can't do it */
	ERR_INTERRUPTED, /* a signal or the user ended it */
};

struct error {
	enum err_kind kind;
	int sys_errno;   /* 0 when no system call is behind it */
	int exit_status; /* 0: main derives it from kind */
	char *text;      /* owned; one line, no "Error: " in front */
	char *hint;      /* owned, may be NULL: what to type next */
};

#define ERROR_INIT ((struct error){ 0 })

/* Sets *err and returns -kind, so that a failing line reads: return error_set(err, ERR_USAGE, "..."). err may be NULL. */
int error_set(struct error *err, enum err_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* As error_set with ERR_SYSTEM; appends ": " and the text of errno. */
int error_set_errno(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts "fmt: " before the text that is there; returns the same -kind. */
int error_context(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Sets the hint, a second line for the user: what to type and where. Returns -kind. */
int error_hint(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Sets the exit status that main uses instead of the kind's. Returns -kind. */
int error_exit_status(struct error *err, int status);

/* Empties *err; returns 0. */
int error_clear(struct error *err);

/* Moves from to *to, which is emptied first; from is empty afterwards. Returns -kind of what was moved. */
int error_move(struct error *to, struct error *from);

/* Frees what *err owns; for CLEANUP. */
void error_done(struct error *err);

#endif

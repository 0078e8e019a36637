#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *text_v(const char *fmt, va_list ap) PRINTF_LIKE(1, 0);

/* NULL without memory: an error without a text is still an error of its kind. */
static char *text_v(const char *fmt, va_list ap)
{
	char *text;

	return vasprintf(&text, fmt, ap) < 0 ? NULL : text;
}

/* "head: tail"; takes head, borrows tail. Either may be NULL. */
static char *text_join(char *head, const char *tail)
{
	char *joined;

	if (!head || !tail)
		return head ? head : (tail ? strdup(tail) : NULL);
	if (asprintf(&joined, "%s: %s", head, tail) < 0)
		return head;
	free(head);
	return joined;
}

/* The new text is made by the caller before the old one is freed here, since it may quote it. */
static int replace(struct error *err, enum err_kind kind, int sys_errno, char *text)
{
	error_clear(err);
	err->kind = kind;
	err->sys_errno = sys_errno;
	err->text = text;
	return -(int)kind;
}

/* Without an error to ask, the kind is not known; the failure must stay a failure. */
static int kind_of(const struct error *err)
{
	return err ? -(int)err->kind : -(int)ERR_SYSTEM;
}

int error_set(struct error *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (!err)
		return -(int)kind;
	va_start(ap, fmt);
	text = text_v(fmt, ap);
	va_end(ap);
	return replace(err, kind, 0, text);
}

int error_set_errno(struct error *err, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	char *text;

	if (!err)
		return -(int)ERR_SYSTEM;
	va_start(ap, fmt);
	text = text_v(fmt, ap);
	va_end(ap);
	return replace(err, ERR_SYSTEM, saved, text_join(text, strerror(saved)));
}

int error_context(struct error *err, const char *fmt, ...)
{
	va_list ap;
	char *head, *old;

	if (!err)
		return kind_of(err);
	va_start(ap, fmt);
	head = text_v(fmt, ap);
	va_end(ap);
	old = err->text;
	err->text = text_join(head, old);
	free(old);
	return kind_of(err);
}

int error_hint(struct error *err, const char *fmt, ...)
{
	va_list ap;
	char *hint;

	if (!err)
		return kind_of(err);
	va_start(ap, fmt);
	hint = text_v(fmt, ap);
	va_end(ap);
	free(err->hint);
	err->hint = hint;
	return kind_of(err);
}

int error_exit_status(struct error *err, int status)
{
	if (err)
		err->exit_status = status;
	return kind_of(err);
}

int error_clear(struct error *err)
{
	if (!err)
		return 0;
	free(err->text);
	free(err->hint);
	*err = ERROR_INIT;
	return 0;
}

int error_move(struct error *to, struct error *from)
{
	int r = kind_of(from);

	if (!to) {
		error_clear(from);
	} else if (to != from) {
		error_clear(to);
		*to = *from;
		*from = ERROR_INIT;
	}
	return r;
}

void error_done(struct error *err)
{
	error_clear(err);
}

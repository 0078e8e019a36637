#include "cmd/session.h"

#include <errno.h>
#include <signal.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "cmd/session_own.h"
#include "connection/connection.h"

int session_engine(struct session *s, struct engine **ret, struct error *err)
{
	if (!s->connection) {
		int r = config_choose(&s->config, &s->destination, err);

		if (r == 0)
			r = connection_open(&s->destination, &s->connection, err);
		if (r < 0)
			return r;
	}
	*ret = connection_engine(s->connection);
	return 0;
}

const struct destination *session_destination(const struct session *s)
{
	return s->connection ? &s->destination : NULL;
}

const struct config_flags *session_config_flags(const struct session *s)
{
	return &s->config;
}

FILE *session_out(struct session *s)
{
	(void)s;
	return stdout;
}

FILE *session_err(struct session *s)
{
	(void)s;
	return stderr;
}

int session_output_failed(struct error *err)
{
	return fd_output_failed("write the output", err);
}

int session_flush(struct session *s, struct error *err)
{
	FILE *out = session_out(s);

	errno = EIO; /* for a write that failed earlier */
	return fflush(out) == 0 && !ferror(out) ? 0 : session_output_failed(err);
}

const struct strv *session_argv(const struct session *s)
{
	return &s->argv;
}

int session_exit_status(const struct error *err)
{
	return err->exit_status ? err->exit_status : 125;
}

void session_print_error(const struct session *s, const struct error *err)
{
	/* What was found before stands before it when both go to one place. */
	fflush(stdout);
	/* A pipeline whose reader left ends without words, as by SIGPIPE. */
	if (err->exit_status == 128 + SIGPIPE)
		return;
	fprintf(stderr, "Error: %s\n", err->text ? err->text : "out of memory");
	if (err->hint) {
		bool plain = str_starts(str_from(err->hint), STR("See '")) || str_starts(str_from(err->hint), STR("Try '"));

		fprintf(stderr, "%s%s\n", plain ? "" : "Hint: ", err->hint);
	}
	(void)s;
}

void session_report(struct session *s, struct error *err)
{
	session_print_error(s, err);
	if (!s->status)
		s->status = session_exit_status(err);
	error_clear(err);
}

int session_status(const struct session *s)
{
	return s->status;
}

void session_done(struct session *s)
{
	connection_close(s->connection);
	destination_done(&s->destination);
	strv_done(&s->argv);
}

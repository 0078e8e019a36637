#include "cmd/session.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "cmd/session_own.h"
#include "cmd/table.h"
#include "connection/connection.h"

/* From here on a slow cipher costs more than a slow login. */
#define BULK_BYTES ((off_t)64 * 1024 * 1024)

#define ERROR_LINE_MAX (48 * 1024)

int session_engine(struct session *s, struct engine **ret, struct error *err)
{
	if (!s->connection) {
		int r = config_choose(&s->config, &s->destination, err);

		s->destination.bulk = s->bulk;
		if (r == 0)
			r = connection_open(&s->destination, &s->connection, err);
		if (r < 0)
			return r;
	}
	*ret = connection_engine(s->connection);
	return 0;
}

void session_expect_bulk(struct session *s)
{
	s->bulk = true;
}

void session_expect_upload(struct session *s, const char *path)
{
	struct stat st;
	bool known = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &st) == 0 : stat(path, &st) == 0;

	s->bulk = known && S_ISREG(st.st_mode) && st.st_size >= BULK_BYTES;
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

const struct program *session_program(const struct session *s)
{
	return s->program ? s->program : &podman_program;
}

const struct strv *session_argv(const struct session *s)
{
	return &s->argv;
}

int session_exit_status(const struct error *err)
{
	return err->exit_status ? err->exit_status : 125;
}

/* Hints that only say where the help is. */
static bool points_to_help(const char *hint)
{
	return str_starts(str_from(hint), STR("See '")) || str_starts(str_from(hint), STR("Try '"));
}

static void print_as_podman(const struct error *err)
{
	fprintf(stderr, "Error: %s\n", err->text ? err->text : "out of memory");
	if (err->hint)
		fprintf(stderr, "%s%s\n", points_to_help(err->hint) ? "" : "Hint: ", err->hint);
}

/* As a line of its log. The way to the help is part of its sentence for commands, and not there for flags. */
static void print_as_skopeo(const struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(ERROR_LINE_MAX);
	bool help = err->hint && points_to_help(err->hint);
	struct log_field hint = { "hint", err->hint };

	buf_add_z(&text, err->text ? err->text : "out of memory");
	if (help && str_starts(str_from(err->hint), STR("Try '")))
		buf_addf(&text, "\n%s", err->hint);
	log_fields(LOG_FATAL_, buf_z(&text), &hint, err->hint && !help ? 1 : 0);
}

void session_print_error(const struct session *s, const struct error *err)
{
	/* What was found before stands before it when both go to one place. */
	fflush(stdout);
	/* A pipeline whose reader left ends without words, as by SIGPIPE. */
	if (err->exit_status == 128 + SIGPIPE)
		return;
	if (s->program == &skopeo_program)
		print_as_skopeo(err);
	else
		print_as_podman(err);
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

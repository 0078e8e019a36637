#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/wipe.h"
#include "term/term.h"

/* A terminal's line is no longer than this (MAX_CANON is 4096 on Linux, 1024 on macOS). */
#define ANSWER_MAX ((size_t)4096)

/* Up to the end of the line; without one where ^D ended it. */
static int read_line(struct buf *line, struct error *err)
{
	ssize_t n;

	do {
		char *room = buf_reserve(line, 1);

		if (!room)
			return error_set(err, ERR_USAGE, "the line is too long");
		n = fd_read_some(STDIN_FILENO, room, 1, 0, err);
		if (n < 0)
			return (int)n;
		line->n += (size_t)n;
	} while (n > 0 && line->p[line->n - 1] != '\n');
	if (line->n == 0)
		return error_set(err, ERR_SYSTEM, "EOF");
	while (line->n && strchr("\r\n", line->p[line->n - 1]))
		line->n--;
	return 0;
}

int term_ask(const char *prompt, bool echo, char **ret, struct error *err)
{
	CLEANUP(wipe_buf_done) struct buf line = BUF_INIT(ANSWER_MAX);
	struct termios t;
	int r;

	if (tcgetattr(STDIN_FILENO, &t) < 0)
		return error_set(err, ERR_SYSTEM, "inappropriate ioctl for device");
	if (!buf_reserve(&line, ANSWER_MAX))
		return buf_check(&line, "answer", err);
	/* Before the question is seen: its answer may come at once. */
	if (!echo && (r = term_hide(STDIN_FILENO, err)) < 0)
		return r;
	r = fd_write_all(STDOUT_FILENO, prompt, strlen(prompt), 0, err);
	if (r == 0)
		r = read_line(&line, err);
	if (!echo) {
		term_restore();
		fd_write_all(STDOUT_FILENO, "\n", 1, 0, NULL);
	}
	if (r < 0)
		return r;
	*ret = str_dup(buf_str(&line));
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

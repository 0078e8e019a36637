#include "tunnel/prompt.h"

#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fd.h"

#define ANSWER_MAX ((size_t)1024)
#define CTRL_C     0x03

void secret_free(char *secret)
{
	volatile char *p = secret;

	while (p && *p)
		*p++ = 0;
	free(secret);
}

static void show(int tty, const char *text)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(16 * 1024);

	for (const char *p = text; *p; p++)
		buf_add_char(&b, (unsigned char)*p < ' ' && *p != '\n' ? '?' : *p == 0x7f ? '?' : *p);
	fd_write_all(tty, buf_z(&b), b.n, 0, NULL);
}

/* ^C arrives as a byte that ends the line, so that no signal can leave the terminal without echo. */
static void question_mode(int tty, const struct termios *before, bool echo)
{
	struct termios mode = *before;

	mode.c_lflag &= ~(tcflag_t)ISIG;
	mode.c_cc[VEOL] = CTRL_C;
	if (!echo)
		mode.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(tty, TCSAFLUSH, &mode);
}

static int read_answer(int tty, char answer[ANSWER_MAX], struct error *err)
{
	ssize_t n = fd_read_some(tty, answer, ANSWER_MAX - 1, 0, err);

	if (n < 0)
		return (int)n;
	if (n == 0 || answer[n - 1] == CTRL_C)
		return error_set(err, ERR_INTERRUPTED, "interrupted");
	answer[n] = '\0';
	answer[strcspn(answer, "\r\n")] = '\0';
	return 0;
}

static void wipe_p(char (*answer)[ANSWER_MAX])
{
	volatile char *p = *answer;

	for (size_t i = 0; i < ANSWER_MAX; i++)
		p[i] = 0;
}

int prompt_line(const char *text, bool echo, char **ret, struct error *err)
{
	CLEANUP(fd_close_p) int tty = open("/dev/tty", O_RDWR | O_NOCTTY);
	CLEANUP(wipe_p) char answer[ANSWER_MAX] = "";
	struct termios before;
	int r;

	if (tty < 0 || tcgetattr(tty, &before) < 0)
		return error_set_errno(err, "no terminal to ask on");
	show(tty, text);
	question_mode(tty, &before, echo);
	r = read_answer(tty, answer, err);
	tcsetattr(tty, TCSAFLUSH, &before);
	if (!echo || r < 0)
		show(tty, "\n");
	if (r < 0)
		return r;
	*ret = z_dup(answer);
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

void prompt_say(const char *text)
{
	CLEANUP(fd_close_p) int tty = open("/dev/tty", O_RDWR | O_NOCTTY);

	if (tty < 0)
		return;
	show(tty, text);
	show(tty, "\n");
}

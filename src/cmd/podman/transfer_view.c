#include "cmd/podman/transfer_view.h"

#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/session.h"
#include "term/term.h"

#define REDRAW_MS 100
#define BAR       30
#define ID_SHOWN  12

void transfer_view_init(struct transfer_view *v, struct session *s, bool quiet)
{
	*v = (struct transfer_view){ .session = s, .quiet = quiet, .terminal = isatty(fileno(session_err(s))) };
}

static void add_size(struct buf *out, int64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double n = (double)bytes;
	size_t i = 0;

	while (n >= 1024 && i + 1 < sizeof units / sizeof *units) {
		n /= 1024;
		i++;
	}
	buf_addf(out, "%.*f%s", i ? 1 : 0, n, units[i]);
}

static void add_bar(struct buf *out, int64_t moved, int64_t total)
{
	int done = total > 0 ? (int)((double)moved / (double)total * BAR) : 0;

	buf_add_z(out, " [");
	for (int i = 0; i < BAR; i++)
		buf_add_char(out, i < done ? '=' : i == done ? '>' : '-');
	buf_add_z(out, "] ");
}

/* The digits behind "sha256:". */
static void add_name(struct buf *out, const struct transfer_event *e)
{
	const char *hex = strchr(e->digest, ':');

	buf_addf(out, "Copying %s %.*s", e->what, ID_SHOWN, hex ? hex + 1 : e->digest);
}

void transfer_view_draw(const struct transfer_event *e, uint64_t elapsed_ms, unsigned width, struct buf *out)
{
	add_name(out, e);
	if (e->total >= 0) {
		add_bar(out, e->moved, e->total);
		add_size(out, e->moved);
		buf_add_z(out, " / ");
		add_size(out, e->total);
	} else {
		buf_add_char(out, ' ');
		add_size(out, e->moved);
	}
	if (elapsed_ms >= REDRAW_MS) {
		buf_add_z(out, " | ");
		add_size(out, (int64_t)((double)e->moved * 1000 / (double)elapsed_ms));
		buf_add_z(out, "/s");
	}
	if (width && out->n > width) {
		out->n = width;
		out->p[width] = '\0';
	}
}

static void redraw(struct transfer_view *v, const char *text)
{
	/* Carriage return, erase to the end of the line (ECMA-48 EL). */
	fprintf(session_err(v->session), "\r\033[K%s", text);
	fflush(session_err(v->session));
	v->line_open = true;
}

void transfer_view_end(struct transfer_view *v)
{
	if (v->line_open)
		fputc('\n', session_err(v->session));
	v->line_open = false;
}

void transfer_view_say(struct transfer_view *v, const char *line)
{
	if (v->quiet)
		return;
	transfer_view_end(v);
	fprintf(session_err(v->session), "%s\n", line);
}

static void on_terminal(struct transfer_view *v, const struct transfer_event *e)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(1024);
	unsigned width = 80, height;
	uint64_t now = clock_ms();

	if (e->state == TRANSFER_STARTED)
		v->began_ms = now;
	if (e->state == TRANSFER_MOVED && now - v->drawn_ms < REDRAW_MS)
		return;
	v->drawn_ms = now;
	term_size(fileno(session_err(v->session)), &width, &height);
	if (e->state == TRANSFER_STARTED || e->state == TRANSFER_MOVED) {
		/* The last column stays free: writing there moves some terminals to the next line. */
		transfer_view_draw(e, now - v->began_ms, width > 1 ? width - 1 : 1, &line);
		redraw(v, buf_z(&line));
		return;
	}
	add_name(&line, e);
	buf_add_z(&line, e->state == TRANSFER_SKIPPED ? " skipped: already exists" : " done");
	redraw(v, buf_z(&line));
	transfer_view_end(v);
}

void transfer_view_event(void *view, const struct transfer_event *e)
{
	struct transfer_view *v = view;

	if (v->quiet)
		return;
	if (v->terminal)
		on_terminal(v, e);
	else if (e->state == TRANSFER_STARTED || e->state == TRANSFER_SKIPPED)
		fprintf(session_err(v->session), "Copying %s %s%s\n", e->what, *e->digest ? e->digest : "of unknown content",
			e->state == TRANSFER_SKIPPED ? " skipped: already exists" : "");
}

#include "cmd/skopeo/copy_view.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/podman/transfer_view.h"
#include "cmd/session.h"
#include "term/term.h"

#define REDRAW_MS      100
#define SHOWN          12 /* digits of a digest */
#define LINE_MAX_BYTES 1024

void copy_view_init(struct copy_view *v, struct session *s, bool quiet)
{
	*v = (struct copy_view){ .session = s, .quiet = quiet, .terminal = isatty(fileno(session_out(s))) };
}

/* ---- on a terminal ----------------------------------------------------------------------------------------------------- */

/* Back to the first bar, nothing below it (ECMA-48 CUU and ED). */
static void rub_out(struct copy_view *v, struct buf *out)
{
	if (v->drawn)
		buf_addf(out, "\033[%zuA\033[J", v->drawn);
	v->drawn = 0;
}

static void draw(struct copy_view *v, struct buf *out)
{
	unsigned width = 80, height;
	uint64_t now = clock_ms();

	term_size(fileno(session_out(v->session)), &width, &height);
	for (size_t i = 0; i < v->n; i++) {
		const struct copy_bar *b = &v->bars[i];
		struct transfer_event e = { TRANSFER_MOVED, b->kind, b->digest, b->moved, b->total };
		CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);

		/* The last column stays free: writing there moves some terminals to the next line. */
		transfer_view_draw(&e, now - b->began_ms, width > 1 ? width - 1 : 1, &line);
		buf_addf(out, "%s\n", buf_z(&line));
	}
	v->drawn = v->n;
	v->drawn_ms = now;
}

static void flush(struct copy_view *v, const struct buf *out)
{
	fwrite(buf_z(out), 1, out->n, session_out(v->session));
	fflush(session_out(v->session));
}

/* line (may be NULL) goes above the bars and stays. */
static void redraw(struct copy_view *v, const char *line)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT((COPY_VIEW_BARS + 2) * LINE_MAX_BYTES);

	rub_out(v, &out);
	if (line)
		buf_addf(&out, "%s\n", line);
	draw(v, &out);
	flush(v, &out);
}

static struct copy_bar *find(struct copy_view *v, const char *digest)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->bars[i].digest, digest) == 0)
			return &v->bars[i];
	return NULL;
}

static void add_bar(struct copy_view *v, const struct copy_event *e)
{
	struct copy_bar *b = &v->bars[v->n];

	if (v->n == COPY_VIEW_BARS)
		return;
	*b = (struct copy_bar){ .moved = e->moved, .total = e->total, .began_ms = clock_ms() };
	snprintf(b->digest, sizeof b->digest, "%s", e->digest);
	snprintf(b->kind, sizeof b->kind, "%s", e->kind);
	v->n++;
	redraw(v, NULL);
}

static void move_bar(struct copy_view *v, const struct copy_event *e)
{
	struct copy_bar *b = find(v, e->digest);

	if (!b)
		return;
	b->moved = e->moved;
	b->total = e->total;
	if (clock_ms() - v->drawn_ms >= REDRAW_MS)
		redraw(v, NULL);
}

static void end_bar(struct copy_view *v, const struct copy_event *e, const char *how)
{
	struct copy_bar *b = find(v, e->digest);
	const char *hex = strchr(e->digest, ':');
	char line[128];

	if (b) {
		v->n--;
		memmove(b, b + 1, (size_t)(v->bars + v->n - b) * sizeof *b);
	}
	snprintf(line, sizeof line, "Copying %s %.*s %s", e->kind, SHOWN, hex ? hex + 1 : e->digest, how);
	redraw(v, line);
}

static void on_terminal(struct copy_view *v, const struct copy_event *e)
{
	switch (e->state) {
	case COPY_LINE:
		redraw(v, e->text);
		break;
	case COPY_BLOB_STARTED:
		add_bar(v, e);
		break;
	case COPY_BLOB_MOVED:
		move_bar(v, e);
		break;
	case COPY_BLOB_DONE:
		end_bar(v, e, "done");
		break;
	case COPY_BLOB_SKIPPED:
		end_bar(v, e, "skipped: already exists");
		break;
	}
}

void copy_view_end(struct copy_view *v)
{
	v->n = 0;
	v->drawn = 0;
}

/* ---- elsewhere --------------------------------------------------------------------------------------------------------- */

void copy_view_event(void *view, const struct copy_event *e)
{
	struct copy_view *v = view;
	FILE *out = session_out(v->session);

	if (v->quiet)
		return;
	if (v->terminal)
		on_terminal(v, e);
	else if (e->state == COPY_LINE)
		fprintf(out, "%s\n", e->text);
	else if (e->state == COPY_BLOB_STARTED || e->state == COPY_BLOB_SKIPPED)
		fprintf(out, "Copying %s %s\n", e->kind, e->digest);
	else
		return;
	/* A pipe's reader follows what happens. */
	if (!v->terminal)
		fflush(out);
}

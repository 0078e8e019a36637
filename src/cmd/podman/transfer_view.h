/* cmd/podman/transfer_view.h: a transfer for the user, on stderr: on a terminal one line a blob that is redrawn while it moves, else one line when
 * it begins, in podman's words. */
#ifndef CMD_PODMAN_TRANSFER_VIEW_H
#define CMD_PODMAN_TRANSFER_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "image/transfer.h"

struct session;

struct transfer_view {
	struct session *session;
	bool quiet, terminal;
	bool line_open;               /* the cursor stands behind an unfinished line */
	uint64_t began_ms, drawn_ms;
};

void transfer_view_init(struct transfer_view *v, struct session *s, bool quiet);
/* A transfer_fn; ctx is the view. */
void transfer_view_event(void *view, const struct transfer_event *e);
/* A whole line, behind what is on its way. */
void transfer_view_say(struct transfer_view *v, const char *line);
/* The line under way ends as it is: something broke. */
void transfer_view_end(struct transfer_view *v);

/* What a redrawn line has: "Copying blob 7579c852e771 [=====>----] 3.4MiB / 3.9MiB | 1.2 MiB/s", at most width columns. */
void transfer_view_draw(const struct transfer_event *e, uint64_t elapsed_ms, unsigned width, struct buf *out);

#endif

/* cmd/skopeo/copy_view.h: a copy for its user, on stdout: skopeo's lines, and on a terminal below them one bar for each blob that is on its way. */
#ifndef CMD_SKOPEO_COPY_VIEW_H
#define CMD_SKOPEO_COPY_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "image/copy.h"

struct session;

#define COPY_VIEW_BARS 16 /* more than are ever on their way at once */

struct copy_bar {
	char digest[DIGEST_MAX];
	char kind[8];
	int64_t moved, total;
	uint64_t began_ms;
};

struct copy_view {
	struct session *session;
	bool quiet, terminal;
	struct copy_bar bars[COPY_VIEW_BARS];
	size_t n;
	size_t drawn; /* lines that stand below the cursor's first */
	uint64_t drawn_ms;
};

void copy_view_init(struct copy_view *v, struct session *s, bool quiet);
/* For copy_req.event; ctx is the view. */
void copy_view_event(void *view, const struct copy_event *e);
/* No bar is left: it ended, or broke. */
void copy_view_end(struct copy_view *v);

#endif

/* varlink/progress.h: the log lines of pull and commit. The service writes them from buffers that it overwrites meanwhile: "2opying config
 * sha256:..", "Storing signatures\nb9a1d1..", the same line twice. */
#ifndef VARLINK_PROGRESS_H
#define VARLINK_PROGRESS_H

#include "base/js.h"
#include "varlink/host.h"

#define PROGRESS_MAX 1024

/* Gives the lines that are whole to progress (NULL: nobody listens); last keeps the one before, which is not repeated. */
void progress_lines(struct json_object *logs, struct buf *last, progress_fn *progress, void *ctx);

/* Calls method with "more" (params taken) and gives its lines to progress until the last reply. ret_id: what that names, owned by
 * the caller. ERR_PROTOCOL when it names nothing. */
int progress_follow(struct host *h, const char *method, struct json_object *params, progress_fn *progress, void *ctx, char **ret_id,
		    struct error *err);

#endif

/* varlink/progress.h: the log lines of a pull. The service writes them from buffers that it overwrites meanwhile: "2opying config
 * sha256:..", "Storing signatures\nb9a1d1..", the same line twice. */
#ifndef VARLINK_PROGRESS_H
#define VARLINK_PROGRESS_H

#include "base/js.h"
#include "engine/engine.h"

#define PROGRESS_MAX 1024

/* Gives the lines that are whole to progress (NULL: nobody listens); last keeps the one before, which is not repeated. */
void progress_lines(struct json_object *logs, struct buf *last, progress_fn *progress, void *ctx);

#endif

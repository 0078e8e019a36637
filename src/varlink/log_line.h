/* varlink/log_line.h: lines of a container's log, and the points in time that logs is asked about. Pure. */
#ifndef VARLINK_LOG_LINE_H
#define VARLINK_LOG_LINE_H

#include "base/buf.h"
#include "base/clock.h"
#include "engine/stream.h"

struct log_line {
	struct instant time;
	enum stream_channel channel;
	bool partial; /* the text goes on in the next line of the channel, or has no end */
	struct str text;
};

/* "2026-11-23T17:40:43.824797412+00:00 stdout F text" as conmon writes it (k8s-file), without the line end. False when it is not
 * that. */
bool log_line_parse(struct str line, struct log_line *ret);

/* "2026-11-23T17:40:43.824797412Z": always nine digits, the zone kept. */
void log_time(struct instant t, struct buf *out);

/* RFC 3339 (also without zone, or the date alone: UTC), unix seconds, or a Go duration before now. ERR_USAGE. */
int log_when(const char *text, struct instant now, struct instant *ret, struct error *err);

/* Negative, 0, positive. */
int instant_cmp(struct instant a, struct instant b);

#endif

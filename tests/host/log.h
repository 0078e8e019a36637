/* log.h: what a container has written, kept as conmon keeps it in its k8s-file: "TIME stream F|P text". */
#ifndef HOST_LOG_H
#define HOST_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/clock.h"
#include "process.h"

struct log_line {
	struct instant time;
	enum output_stream stream;
	bool partial; /* P: the line's end had not come when it was written */
	char *text;   /* owned; may hold any byte but a line feed */
	size_t n;
};

struct log {
	struct log_line *v;
	size_t n, cap;
	size_t bytes;
};

/* Cuts a block into lines. When there is no memory, or the log is full, lines get lost, as on a full disk. */
void log_add(struct log *log, enum output_stream stream, struct str block);
void log_done(struct log *log);

#endif

/* varlink/log_tail.h: the last lines of a log from services that send them backwards (1.6.2, 1.8.0): they are fetched as a whole and handed
 * out in the order of their time. */
#ifndef VARLINK_LOG_TAIL_H
#define VARLINK_LOG_TAIL_H

#include "varlink/host.h"
#include "varlink/log_line.h"

#define LOG_TAIL_MAX_BYTES (64 * 1024 * 1024)

struct log_tail {
	struct buf lines; /* as conmon writes them */
	size_t begin, end; /* of what was not handed out yet */
	bool backwards;
};

#define LOG_TAIL_INIT ((struct log_tail){ .lines = BUF_INIT(LOG_TAIL_MAX_BYTES) })

/* id: of a container that exists. */
int log_tail_fetch(struct log_tail *t, struct host *h, const char *id, int64_t n, struct error *err);
/* Borrowed from t. False: that was all. */
bool log_tail_next(struct log_tail *t, struct log_line *ret);
/* The time of the youngest line; false when there is none. */
bool log_tail_youngest(const struct log_tail *t, struct instant *ret);
void log_tail_done(struct log_tail *t);

/* {names, follow, since, tail} of GetContainersLogs. since NULL: from the start. */
struct json_object *log_params(const char *id, bool follow, const struct instant *since, int64_t tail);
/* One reply of it. 1: a line, borrowed from reply; 0: the end, an empty line that says that more continue to come. */
int log_reply_line(struct json_object *reply, struct log_line *ret, struct error *err);

#endif

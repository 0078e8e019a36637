/* varlink/log_tail.h: the last lines of a log, fetched as a whole before they are handed out: 1.6.2 and 1.8.0 send them
 * backwards, and 1.9.3 can only count them in a small log; in others it closes the connection, and the file is read instead. */
#ifndef VARLINK_LOG_TAIL_H
#define VARLINK_LOG_TAIL_H

#include "varlink/host.h"
#include "varlink/log_line.h"

#define LOG_TAIL_MAX_BYTES (64 * 1024 * 1024)

struct log_tail {
	struct buf lines;  /* as conmon writes them */
	size_t begin, end; /* of what was not handed out yet */
	bool backwards;
};

#define LOG_TAIL_INIT ((struct log_tail){ .lines = BUF_INIT(LOG_TAIL_MAX_BYTES) })

/* id: of a container that exists; path: of its log on the host, "" when it is in no file. */
int log_tail_fetch(struct log_tail *t, struct host *h, const char *id, const char *path, int64_t n, struct error *err);
/* Borrowed from t. False: that was all. */
bool log_tail_next(struct log_tail *t, struct log_line *ret);
/* The time of the youngest line; false when there is none. */
bool log_tail_youngest(const struct log_tail *t, struct instant *ret);
void log_tail_done(struct log_tail *t);

/* The file on a connection of its own; ret_len: its length now. The bytes are read by varlink_read_raw. */
int log_file_open(struct host *h, const char *path, struct varlink **ret, uint64_t *ret_len, struct error *err);

/* {names, follow, since, tail} of GetContainersLogs. since NULL: from the start. */
struct json_object *log_params(const char *id, bool follow, const struct instant *since, int64_t tail);
/* One reply of it. 1: a line, borrowed from reply; 0: the end, an empty line that says that more continue to come. */
int log_reply_line(struct json_object *reply, struct log_line *ret, struct error *err);

#endif

/* tunnel/lines.h: the one-line messages between keeper, owner and clients, which tunnel/keeper.h describes.
 *
 * A line is words with one blank between them. A word is percent-encoded: blanks, control bytes and '%' become %XX, and the empty word
 * is a lone '%'. */
#ifndef TUNNEL_LINES_H
#define TUNNEL_LINES_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "tunnel/tunnel.h"

#define LINE_MAX_BYTES ((size_t)32 * 1024)

/* Appends a word, with a blank in front unless it is the first of its line. */
void line_add(struct buf *b, const char *word);
void line_add_number(struct buf *b, int64_t number);

/* Takes the next word off *rest, decoded and owned by the caller. False at the end, for a bad escape and for a %00. */
bool line_take(struct str *rest, char **ret_word);
bool line_take_number(struct str *rest, int64_t *ret);

/* One line without its newline, read byte by byte because raw bytes may follow. ERR_CONNECT at the end of file or the deadline. */
int line_read(int fd, uint64_t deadline_ms, struct buf *into, struct error *err);

/* What a client asks for. */
enum request_kind { REQUEST_UNIX, REQUEST_TCP, REQUEST_EXEC, REQUEST_RUN };

struct request {
	enum request_kind kind;
	char *what; /* socket path, host name or command line */
	int port;   /* REQUEST_TCP */
};

void request_format(const struct request *q, struct buf *b);
/* ERR_PROTOCOL. */
int request_parse(struct str line, struct request *ret, struct error *err);
void request_done(struct request *q);

/* "fail KIND ERRNO TEXT HINT" and back; failure_parse wants the line behind "fail". */
void failure_format(const struct error *e, struct buf *b);
bool failure_parse(struct str rest, struct error *ret);

#endif

/* base/bytes.h: where a stream of bytes comes from and where it goes, so that rooms can be plugged together without knowing each other:
 * a walk of a folder into a request, a reply into a file, a registry into a host. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* Pieces that streams are moved in. */
#define BYTES_PIECE (64 * 1024)

/* Gives bytes: > 0, 0 at the end, a negative error. Blocks. */
struct byte_source {
	ssize_t (*read)(void *ctx, void *p, size_t n, struct error *err);
	void *ctx;
	int64_t length; /* of all of it; -1: not known beforehand */
};

/* Takes all n bytes, borrowed during the call, or fails. */
struct byte_sink {
	int (*write)(void *ctx, const void *p, size_t n, struct error *err);
	void *ctx;
};

/* Writes all of a stream to a sink when it is run: a walk of a folder, a copy of a file. */
struct byte_producer {
	int (*produce)(void *ctx, const struct byte_sink *to, struct error *err);
	void *ctx;
	int64_t length; /* of all of it; -1: not known beforehand */
	bool again;     /* may be run a second time and gives the same */
};

static inline ssize_t source_read(const struct byte_source *s, void *p, size_t n, struct error *err)
{
	return s->read(s->ctx, p, n, err);
}

static inline int producer_run(const struct byte_producer *p, const struct byte_sink *to, struct error *err)
{
	return p->produce(p->ctx, to, err);
}

static inline int sink_write(const struct byte_sink *s, const void *p, size_t n, struct error *err)
{
	return s->write(s->ctx, p, n, err);
}

/* All of source into sink. ret_bytes may be NULL. ERR_PROTOCOL when source has a length and ends before or after it. */
int bytes_copy(const struct byte_source *source, const struct byte_sink *sink, int64_t *ret_bytes, struct error *err);

/* The bytes of a file descriptor, from where it stands. fd must outlive the source. length: -1 for no known one. */
struct byte_source bytes_from_fd(const int *fd, int64_t length);
/* A file descriptor of the user's output or a file; a reader that went away is ERR_INTERRUPTED (fd_output_failed). */
struct byte_sink bytes_to_fd(const int *fd);

/* Copies source. ctx is the source, which must outlive it. */
struct byte_producer bytes_producer(const struct byte_source *source);

struct buf;

/* Appends to b, which has its own limit. */
struct byte_sink bytes_to_buf(struct buf *b);

#endif

#include "base/bytes.h"

#include <errno.h>
#include <poll.h>

#include "base/buf.h"
#include "base/fd.h"

static int wrong_length(int64_t got, int64_t expected, struct error *err)
{
	if (got > expected)
		return error_set(err, ERR_PROTOCOL, "the stream is longer than its %lld bytes", (long long)expected);
	return error_set(err, ERR_PROTOCOL, "the stream ended after %lld of %lld bytes", (long long)got, (long long)expected);
}

int bytes_copy(const struct byte_source *source, const struct byte_sink *sink, int64_t *ret_bytes, struct error *err)
{
	char piece[BYTES_PIECE];
	int64_t sum = 0;

	for (;;) {
		ssize_t n = source_read(source, piece, sizeof piece, err);
		int r;

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		sum += n;
		if (source->length >= 0 && sum > source->length)
			return wrong_length(sum, source->length, err);
		r = sink_write(sink, piece, (size_t)n, err);
		if (r < 0)
			return r;
	}
	if (source->length >= 0 && sum < source->length)
		return wrong_length(sum, source->length, err);
	if (ret_bytes)
		*ret_bytes = sum;
	return 0;
}

static ssize_t read_fd(void *ctx, void *p, size_t n, struct error *err)
{
	const int *fd = ctx;

	return fd_read_some(*fd, p, n, 0, err);
}

/* What the sources and sinks below point at is never written through. */
static void *as_ctx(const int *fd)
{
	return (void *)(uintptr_t)fd;
}

struct byte_source bytes_from_fd(const int *fd, int64_t length)
{
	return (struct byte_source){ .read = read_fd, .ctx = as_ctx(fd), .length = length };
}

static int write_fd(void *ctx, const void *data, size_t n, struct error *err)
{
	const int *fd = ctx;
	const char *p = data;

	while (n) {
		ssize_t done = write(*fd, p, n);

		if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			int r = fd_wait(*fd, POLLOUT, 0, err);

			if (r < 0)
				return r;
		} else if (done < 0 && errno != EINTR) {
			return fd_output_failed("write", err);
		}
		p += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	return 0;
}

struct byte_sink bytes_to_fd(const int *fd)
{
	return (struct byte_sink){ .write = write_fd, .ctx = as_ctx(fd) };
}

static int write_buf(void *ctx, const void *p, size_t n, struct error *err)
{
	struct buf *b = ctx;

	buf_add_bytes(b, p, n);
	return buf_check(b, "the stream", err);
}

struct byte_sink bytes_to_buf(struct buf *b)
{
	return (struct byte_sink){ .write = write_buf, .ctx = b };
}

static int produce_source(void *ctx, const struct byte_sink *to, struct error *err)
{
	return bytes_copy(ctx, to, NULL, err);
}

struct byte_producer bytes_producer(const struct byte_source *source)
{
	return (struct byte_producer){ .produce = produce_source, .ctx = (void *)(uintptr_t)source, .length = source->length };
}

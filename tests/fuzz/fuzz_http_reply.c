/* A reply from a hostile service: head, body in all its forms, and what its refusal says. The first byte chooses the request's method and
 * the size of the reads. */
#include <stdint.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "rest/http.h"
#include "rest/rest.h"

#define INPUT_MAX (100 * 1024) /* fits into a socket's buffer, so that one thread is enough */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_body(struct http *h, size_t step, struct buf *body)
{
	char piece[4096];
	bool again = false;

	for (;;) {
		ssize_t got = http_try_body(h, piece, step, &again, NULL);

		if (got <= 0)
			return;
		buf_add_bytes(body, piece, (size_t)got);
	}
}

static void play(struct http *h, uint8_t choice)
{
	static const char *const methods[] = { "GET", "POST", "HEAD", "GET" };
	CLEANUP(buf_done) struct buf body = BUF_INIT(INPUT_MAX);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct http_reply reply;

	if (http_write_request(h, &(struct http_req){ .method = methods[choice & 3], .target = "/" }, 0, NULL) < 0)
		return;
	while (http_try_head(h, &reply, NULL) > 0) {
		http_header(h, "Libpod-Api-Version");
		read_body(h, (size_t)1 << (choice >> 2 & 7), &body);
		rest_error_of(reply.status, reply.content_type, buf_str(&body), &err);
		if (!http_reusable(h) || http_write_request(h, &(struct http_req){ .method = "GET", .target = "/" }, 0, NULL) < 0)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(http_close_p) struct http *h = NULL;
	int fds[2];

	if (n == 0 || n > INPUT_MAX || fd_socketpair(fds, NULL) < 0)
		return 0;
	if (http_open(fds[0], &h, NULL) == 0 && fd_write_all(fds[1], data + 1, n - 1, 0, NULL) == 0) {
		shutdown(fds[1], SHUT_WR);
		play(h, data[0]);
	}
	close(fds[1]);
	return 0;
}

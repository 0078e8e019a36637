/* The other texts that reach the tunnel from outside: requests of clients, reports of the keeper, key files, the log of ssh, the answer of
 * a login shell. */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tunnel/explain.h"
#include "tunnel/keys.h"
#include "tunnel/lines.h"
#include "tunnel/ssh_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_request(struct str text)
{
	CLEANUP(request_done) struct request q = { 0 }, again = { 0 };
	CLEANUP(buf_done) struct buf b = BUF_INIT(4 * text.n + 100);

	if (request_parse(text, &q, NULL) < 0)
		return;
	request_format(&q, &b);
	if (request_parse(buf_str(&b), &again, NULL) < 0 || again.kind != q.kind || again.port != q.port ||
	    strcmp(again.what, q.what) != 0)
		abort();
}

static void read_log(struct str text)
{
	struct keeper k = { .control = -1, .listen = -1 };
	struct ssh_log log = { .fd = -1 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct str line;

	while (text.n) {
		str_cut(text, '\n', &line, &text);
		ssh_log_line(&log, line, &k);
	}
	ssh_log_error(&log, "box", &err);
	ssh_log_done(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = { (const char *)data, n };
	CLEANUP(error_done) struct error err = ERROR_INIT, explained = ERROR_INIT;
	struct key_file key = { 0 };

	read_request(text);
	failure_parse(text, &err);
	key_file_parse(text, &key);
	key_file_done(&key);
	read_log(text);
	explain_socket("box", "/x", text, &explained);
	return 0;
}

/* What a hostile service answers to the operations on images and archives. The first byte chooses the operation, the rest is the reply. */
#include <stdint.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/js.h"
#include "engine/engine.h"
#include "rest/engine.h"

#define INPUT_MAX (100 * 1024) /* fits into a socket's buffer, so that one thread is enough */
#define MAX_DIALS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct service {
	const uint8_t *reply;
	size_t n;
	int ends[MAX_DIALS], dialled;
};

/* The first connection is for the ping; each later one has the reply and ends. */
static int dial(void *ctx, int *ret_fd, struct error *err)
{
	static const char ping[] =
		"HTTP/1.1 200 OK\r\nLibpod-Api-Version: 5.4.2\r\nConnection: close\r\nContent-Length: 2\r\n\r\nOK";
	struct service *s = ctx;
	int fds[2];

	if (s->dialled == MAX_DIALS)
		return error_set(err, ERR_CONNECT, "nobody listens");
	if (fd_socketpair(fds, err) < 0)
		return -ERR_SYSTEM;
	if (s->dialled == 0)
		fd_write_all(fds[1], ping, sizeof ping - 1, 0, NULL);
	else
		fd_write_all(fds[1], s->reply, s->n, 0, NULL);
	shutdown(fds[1], SHUT_WR);
	s->ends[s->dialled++] = fds[1];
	*ret_fd = fds[0];
	return 0;
}

static int archive(void *ctx, const struct byte_sink *to, struct error *err)
{
	(void)ctx;
	return sink_write(to, "archive", 7, err);
}

static int on_text(void *ctx, struct str text, struct error *err)
{
	(void)err;
	*(size_t *)ctx += text.n;
	return 0;
}

static void on_line(void *ctx, const char *line)
{
	*(size_t *)ctx += strlen(line);
}

static void drain(struct download *d, size_t *sum)
{
	char piece[4096];

	for (ssize_t n; (n = d->read(d, piece, sizeof piece, NULL)) > 0;)
		*sum += (size_t)n;
	d->close(d);
}

static void run(struct engine *e, uint8_t choice)
{
	static const struct byte_producer upload = { archive, NULL, -1, false };
	CLEANUP(strv_done) struct strv names = { 0 };
	CLEANUP(js_put_p) struct json_object *o = NULL;
	CLEANUP(copy_stat_done) struct copy_stat stat = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *text = NULL;
	struct download *d = NULL;
	size_t sum = 0;

	strv_add(&names, "x");
	switch (choice % 11) {
	case 0:
		engine_image_build(e, &(struct build_req){ .context = &upload }, on_text, &sum, &text, &err);
		break;
	case 1:
		engine_image_push(e, &(struct push_req){ .name = "x", .destination = "y" }, on_line, &sum, &text, &err);
		break;
	case 2:
		engine_image_load(e, &upload, &names, &err);
		break;
	case 3:
		engine_copy_stat(e, "c", "/x", &stat, &err);
		break;
	case 4:
		if (engine_image_save(e, &(struct save_req){ .names = &names, .format = "oci-archive" }, &d, &err) >= 0)
			drain(d, &sum);
		break;
	case 5:
		engine_image_prune(e, &(struct image_prune_req){ .all = true }, &o, &err);
		break;
	case 6:
		engine_image_search(e, &(struct search_req){ .term = "x" }, &o, &err);
		break;
	case 7:
		engine_image_tree(e, "x", false, &text, &err);
		break;
	case 8:
		engine_manifest_add(e, &(struct manifest_change_req){ .name = "x", .images = &names }, &text, &err);
		break;
	case 9:
		engine_image_import(e, &(struct import_req){ .archive = &upload }, &text, &err);
		break;
	default:
		engine_manifest_delete(e, &(struct image_remove_req){ .names = &names }, &o, &err);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct service s = { .reply = data + 1, .n = n ? n - 1 : 0 };
	struct dialer d = { .dial = dial, .ctx = &s, .where = "fuzz" };
	struct engine *e = NULL;

	if (n == 0 || n > INPUT_MAX)
		return 0;
	if (rest_engine_open(&e, &d, NULL) >= 0)
		run(e, data[0]);
	engine_close(e);
	for (int i = 0; i < s.dialled; i++)
		close(s.ends[i]);
	return 0;
}

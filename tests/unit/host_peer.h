/* host_peer.h: a stand-in host of its own for a test, and a small varlink client for it that knows nothing of the product's. */
#ifndef HOST_PEER_H
#define HOST_PEER_H

#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/js.h"
#include "base/path.h"
#include "base/proc.h"

enum { ANSWER_MS = 8000, MESSAGE_MAX = 4 * 1024 * 1024 };

#define IMAGE "localhost/busybox:latest"

static char *host_program; /* host_find says where it is */
static pid_t host_pid;     /* 0: none runs */

struct host {
	char *dir, *socket;
};

struct peer {
	int fd;
	struct buf in;
	struct buf output; /* payloads of the output frames */
	int quit;          /* the code of the quit frame, -1 before */
};

/* It lies one folder above the tests. */
static inline void host_find(const char *own_path)
{
	const char *slash = strrchr(own_path, '/');

	if (!slash || asprintf(&host_program, "%.*s/../io-podman-host", (int)(slash - own_path), own_path) < 0)
		exit(1);
	signal(SIGPIPE, SIG_IGN);
}

/* misbehave: as for --misbehave; NULL: the host is good. */
static inline void host_start(struct host *h, const char *version, const char *misbehave)
{
	uint64_t deadline_ms = clock_after_ms(ANSWER_MS);

	assert_true(asprintf(&h->dir, "%s/io-podman-host.%ld", path_tmp(), (long)getpid()) > 0);
	assert_true(asprintf(&h->socket, "unix:%s.sock", h->dir) > 0);
	host_pid = fork();
	if (host_pid == 0) {
		execl(host_program, host_program, "--version", version, "--state", h->dir, h->socket,
		      misbehave ? "--misbehave" : (char *)NULL, misbehave, (char *)NULL);
		_exit(127);
	}
	while (true) {
		CLEANUP(fd_close_p) int fd = -1;

		if (fd_connect_unix(h->socket + strlen("unix:"), &fd, NULL) == 0)
			return;
		if (clock_ms() > deadline_ms)
			fail_msg("%s does not listen", host_program);
		poll(NULL, 0, 10);
	}
}

static inline int host_kill(void **state)
{
	int status = 0;

	(void)state;
	if (!host_pid)
		return 0;
	kill(host_pid, SIGTERM);
	waitpid(host_pid, &status, 0);
	host_pid = 0;
	return status;
}

static inline void host_stop(struct host *h)
{
	char *remove[] = { (char[]){ "rm" }, (char[]){ "-rf" }, h->dir, NULL };
	int status = host_kill(NULL), removed;

	assert_int_equal(status, 0);
	proc_capture(remove, clock_after_ms(ANSWER_MS), NULL, NULL, &removed, NULL);
	free(h->socket);
	free(h->dir);
}

static inline void peer_open(struct peer *p, const struct host *h)
{
	struct error err = ERROR_INIT;

	*p = (struct peer){ .fd = -1, .in = BUF_INIT(MESSAGE_MAX), .output = BUF_INIT(MESSAGE_MAX), .quit = -1 };
	if (fd_connect_unix(h->socket + strlen("unix:"), &p->fd, &err) < 0)
		fail_msg("%s", err.text);
}

static inline void peer_close(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	buf_done(&p->in);
	buf_done(&p->output);
	p->fd = -1;
}

/* False at the end, or when nothing comes before the deadline. */
static inline bool peer_read(struct peer *p, uint64_t deadline_ms)
{
	char *room = buf_reserve(&p->in, 64 * 1024);
	ssize_t n;

	if (!room || fd_wait(p->fd, POLLIN, deadline_ms, NULL) <= 0)
		return false;
	n = read(p->fd, room, 64 * 1024);
	if (n <= 0)
		return false;
	p->in.n += (size_t)n;
	return true;
}

static inline void peer_send(struct peer *p, struct json_object *message)
{
	const char *text = js_wire(message);
	struct error err = ERROR_INIT;

	if (fd_write_all(p->fd, text, strlen(text) + 1, clock_after_ms(ANSWER_MS), &err) < 0)
		fail_msg("%s", err.text);
}

/* NULL when none comes. */
static inline struct json_object *peer_receive(struct peer *p)
{
	uint64_t deadline_ms = clock_after_ms(ANSWER_MS);
	struct json_object *o = NULL;
	struct str text;

	while (!p->in.n || !str_cut(buf_str(&p->in), '\0', &text, NULL))
		if (!peer_read(p, deadline_ms))
			return NULL;
	if (js_parse(text, "reply", &o, NULL) < 0)
		fail_msg("not JSON: %.*s", STR_ARG(text));
	buf_consume(&p->in, text.n + 1);
	return o;
}

static inline struct json_object *peer_call(struct peer *p, const char *text)
{
	struct json_object *o = json_tokener_parse(text), *reply;

	assert_non_null(o);
	peer_send(p, o);
	json_object_put(o);
	reply = peer_receive(p);
	assert_non_null(reply);
	return reply;
}

/* Takes whole frames out of the input. */
static inline void peer_take_frames(struct peer *p)
{
	while (p->in.n >= 8) {
		const unsigned char *h = (const unsigned char *)p->in.p;
		size_t n = (size_t)h[4] << 24 | (size_t)h[5] << 16 | (size_t)h[6] << 8 | h[7];

		if (p->in.n - 8 < n)
			return;
		if (h[0] == 0)
			buf_add_bytes(&p->output, h + 8, n);
		else if (h[0] == 4 && n == 4)
			p->quit = h[8] << 24 | h[9] << 16 | h[10] << 8 | h[11];
		else
			fail_msg("frame of stream %d", h[0]);
		buf_consume(&p->in, 8 + n);
	}
}

#endif

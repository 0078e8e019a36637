#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "connection.h"
#include "container.h"
#include "event.h"
#include "image.h"
#include "sandbox.h"
#include "tree.h"
#include "volume.h"

/* Signals come as bytes in this pipe: [0] is polled, [1] is the handler's. */
static int signal_fds[2] = { -1, -1 };

static void on_signal(int signal)
{
	int keep = errno;
	unsigned char b = (unsigned char)signal;

	/* A full pipe has a wake-up in it already. */
	(void)!write(signal_fds[1], &b, 1);
	errno = keep;
}

static void signals_ready(void *ctx, short revents)
{
	struct host *h = ctx;
	unsigned char b[64];
	ssize_t n = read(signal_fds[0], b, sizeof b);

	(void)revents;
	for (ssize_t i = 0; i < n; i++)
		if (b[i] != SIGCHLD)
			h->stop = true;
}

static int signals_open(struct error *err)
{
	static const int signals[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	int r = fd_pipe(signal_fds, err);

	if (r < 0)
		return r;
	fd_set_nonblock(signal_fds[0], true);
	fd_set_nonblock(signal_fds[1], true);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

bool host_version_parse(const char *text, enum podman_version *ret, const char **ret_text)
{
	static const struct {
		const char *text;
		enum podman_version version;
	} rows[] = { { "1.6.2", V162 }, { "1.8.0", V180 }, { "1.9.3", V193 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(text, rows[i].text) == 0) {
			*ret = rows[i].version;
			*ret_text = rows[i].text;
			return true;
		}
	return false;
}

char *host_path(const struct host *h, const char *a, const char *b)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s%s%s", h->dir, a, b ? "/" : "", b ? b : "") < 0 ? NULL : path;
}

void host_wake(struct host *h)
{
	loop_wake_at(&h->loop, clock_ms());
}

/* Looks random, is different every time, and needs no source of randomness: a multiplication by an odd number is a permutation. */
void host_new_id(struct host *h, char ret_id[65])
{
	uint64_t serial = ++h->next_serial, seed = (uint64_t)instant_now().ns ^ ((uint64_t)getpid() << 32);

	for (int i = 0; i < 4; i++) {
		seed = (seed + serial + 1) * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		snprintf(ret_id + 16 * i, 17, "%016llx", (unsigned long long)(seed ^ (seed >> 29)));
	}
}

static int host_listen(struct host *h, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int r;

	if (strlen(h->socket_path) >= sizeof address.sun_path)
		return error_set(err, ERR_USAGE, "socket path %s is too long", h->socket_path);
	strcpy(address.sun_path, h->socket_path);
	h->listen_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (h->listen_fd < 0 || fd_set_cloexec(h->listen_fd) < 0)
		return error_set_errno(err, "socket");
	unlink(h->socket_path);
	mask = umask(0177);
	r = bind(h->listen_fd, (struct sockaddr *)&address, sizeof address);
	umask(mask);
	if (r < 0 || listen(h->listen_fd, 64) < 0 || fd_set_nonblock(h->listen_fd, true) < 0)
		return error_set_errno(err, "listen on %s", h->socket_path);
	return 0;
}

static int make_dir(struct host *h, struct error *err)
{
	CLEANUP(free_p) char *resolved = NULL;
	CLEANUP(free_p) char *base = NULL;
	int r;

	if (!h->dir) {
		if (asprintf(&h->dir, "%s/io-podman-host.XXXXXX", path_tmp()) < 0 || !mkdtemp(h->dir))
			return error_set_errno(err, "temporary folder in %s", path_tmp());
		h->own_dir = true;
	}
	r = path_make_dirs(h->dir, 0700, err);
	if (r < 0)
		return r;
	resolved = realpath(h->dir, NULL);
	if (!resolved)
		return error_set_errno(err, "%s", h->dir);
	free(h->dir);
	h->dir = ptr_take(&resolved);
	/* Containers run as other users too. */
	(void)!chmod(h->dir, 0711);
	base = host_path(h, "base", NULL);
	return access(base, F_OK) == 0 ? 0 : tree_make_base(base, err);
}

int host_open(struct host *h, struct error *err)
{
	int r;

	h->listen_fd = -1;
	sandbox_become_root();
	if ((r = signals_open(err)) < 0 || (r = make_dir(h, err)) < 0 || (r = images_open(h, err)) < 0)
		return r;
	event_add(h, "system", "refresh", "", "", "");
	h->idle_since_ms = clock_ms();
	return host_listen(h, err);
}

static void listen_ready(void *ctx, short revents)
{
	(void)revents;
	connections_accept(ctx);
}

/* As "podman varlink --timeout": over when nobody has been connected for a while. Containers live on in the real one. */
static void check_idle(struct host *h)
{
	uint64_t now = clock_ms();

	if (!h->idle_ms || h->connections) {
		h->idle_since_ms = now;
		return;
	}
	if (now >= h->idle_since_ms + h->idle_ms)
		h->stop = true;
	else
		loop_wake_at(&h->loop, h->idle_since_ms + h->idle_ms);
}

int host_run(struct host *h, struct error *err)
{
	int r = 0;

	while (!h->stop && r == 0) {
		loop_want(&h->loop, signal_fds[0], POLLIN, signals_ready, h);
		loop_want(&h->loop, h->listen_fd, POLLIN, listen_ready, h);
		connections_want(h);
		processes_want(h);
		check_idle(h);
		r = loop_turn(&h->loop, err);
		processes_turn(h);
		containers_turn(h);
		connections_turn(h);
	}
	return r;
}

void host_close(struct host *h)
{
	if (h->listen_fd >= 0) {
		close(h->listen_fd);
		unlink(h->socket_path);
	}
	connections_drop(h);
	connections_turn(h);
	processes_kill_all(h);
	containers_free(h);
	images_free(h);
	pushed_free(h);
	layers_free(h);
	volumes_free(h);
	events_free(h);
	loop_done(&h->loop);
	misbehave_done(&h->misbehave);
	if (h->dir && h->own_dir)
		tree_remove(h->dir);
	free(h->dir);
	free(h->socket_path);
}

#include "cmd/podman/attached.h"

#include <signal.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "term/pump.h"
#include "term/term.h"

static const char *keys_text(const struct attached *a)
{
	return a->detach_keys ? a->detach_keys : DETACH_KEYS_DEFAULT;
}

static int size_fd(const struct attached *a)
{
	if (!a->tty)
		return -1;
	return a->want_stdin && isatty(STDIN_FILENO) ? STDIN_FILENO : isatty(STDOUT_FILENO) ? STDOUT_FILENO : -1;
}

bool attached_size(const struct attached *a, unsigned *ret_width, unsigned *ret_height)
{
	int fd = size_fd(a);

	return fd >= 0 && term_size(fd, ret_width, ret_height);
}

int attached_check(const struct attached *a, struct error *err)
{
	struct keys keys;

	if (a->tty && a->want_stdin && !isatty(STDIN_FILENO))
		log_warn("The input device is not a TTY. The --tty and --interactive flags might not work properly");
	return keys_parse(keys_text(a), &keys, err);
}

struct proxy {
	struct engine *engine;
	const char *container;
};

/* By name: the numbers of this machine need not be the host's (SIGUSR1 is 30 on macOS and 10 on Linux). */
static const char *signal_name(int sig)
{
	static const struct {
		int sig;
		const char *name;
	} names[] = { { SIGHUP, "HUP" }, { SIGINT, "INT" }, { SIGQUIT, "QUIT" }, { SIGUSR1, "USR1" }, { SIGUSR2, "USR2" }, { SIGALRM, "ALRM" } };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].sig == sig)
			return names[i].name;
	return "TERM";
}

/* --sig-proxy. A container that ended in the meantime is no error: its exit status is on the way. */
static int proxy_signal(void *ctx, int sig, struct error *err)
{
	struct proxy *p = ctx;
	CLEANUP(error_done) struct error late = ERROR_INIT;

	if (engine_container_kill(p->engine, p->container, signal_name(sig), &late) < 0) {
		if (late.kind == ERR_CONNECT)
			return error_move(err, &late);
		log_info("forwarding SIG%s to %s: %s", signal_name(sig), p->container, late.text);
	}
	return 0;
}

static int left_early(const struct attached *a, struct error *err)
{
	if (err && err->kind == ERR_INTERRUPTED && err->exit_status != 128 + SIGPIPE && a->container)
		error_hint(err, "%s may still be running: podman attach %s, or podman stop %s", a->container, a->container, a->container);
	return err ? -(int)err->kind : -ERR_INTERRUPTED;
}

int attached_pump(struct session *s, struct engine *e, const struct attached *a, struct stream *stream, struct error *err)
{
	CLEANUP(stream_close_p) struct stream *owned = stream;
	struct proxy proxy = { .engine = e, .container = a->container };
	struct pump p = { .stream = owned,
			  .stdin_fd = a->want_stdin ? STDIN_FILENO : -1,
			  .stdout_fd = fileno(session_out(s)),
			  .stderr_fd = fileno(session_err(s)),
			  .raw = a->tty && a->want_stdin && isatty(STDIN_FILENO),
			  .size_fd = size_fd(a),
			  .signal = a->sig_proxy && !a->tty ? proxy_signal : NULL,
			  .ctx = &proxy };
	enum pump_end end;
	int r = 0;

	/* Without a terminal nobody types keys, and data may hold any bytes. */
	if (p.raw)
		r = keys_parse(keys_text(a), &p.keys, err);
	if (r == 0)
		r = pump_run(&p, &end, err);
	if (r < 0)
		return left_early(a, err);
	return end == PUMP_DETACHED ? 0 : owned->ops->exit_status(owned) & 0xff;
}

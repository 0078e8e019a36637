#include "tunnel/keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "base/units.h"
#include "tunnel/lines.h"
#include "tunnel/login.h"
#include "tunnel/serve.h"
#include "tunnel/system_ssh.h"

/* The limit of macOS; Linux has 108. */
#define SOCKET_PATH_MAX 104
#define SAY_MS          5000

static volatile sig_atomic_t terminated;

static void on_terminate(int sig)
{
	(void)sig;
	terminated = 1;
}

/* ---- what the owner hears ------------------------------------------------------------------------------------------- */

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void say(struct keeper *k, struct buf *line)
{
	buf_add_char(line, '\n');
	if (!line->failed)
		fd_write_all(k->control, line->p, line->n, clock_after_ms(SAY_MS), NULL);
}

void keeper_hop(struct keeper *k, enum tunnel_hop hop, const char *detail)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	uint64_t now = now_us();

	line_add(&line, "hop");
	line_add_number(&line, (int64_t)hop);
	line_add_number(&line, (int64_t)(now - k->hop_us));
	line_add(&line, detail);
	say(k, &line);
	k->hop_us = now;
}

void keeper_lost(struct keeper *k, const char *text)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);

	line_add(&line, "lost");
	line_add(&line, text);
	say(k, &line);
}

static void say_failed(struct keeper *k, const struct error *why)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);

	failure_format(why, &line);
	say(k, &line);
}

static int say_ready(struct keeper *k, const char *transport, struct error *err)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES), path = BUF_INIT(SOCKET_PATH_MAX);

	if (!keeper_path(k, "s", &path))
		return error_set(err, ERR_SYSTEM, "out of memory");
	line_add(&line, "ready");
	line_add(&line, transport);
	line_add(&line, buf_z(&path));
	say(k, &line);
	return 0;
}

bool keeper_ends(const struct keeper *k, short control_events)
{
	(void)k;
	return terminated || control_events != 0;
}

/* ---- the folder and its socket -------------------------------------------------------------------------------------- */

/* From the moment that there is a folder to remove. */
static void end_in_order(void)
{
	struct sigaction terminate = { .sa_handler = on_terminate };

	sigaction(SIGTERM, &terminate, NULL);
	sigaction(SIGINT, &terminate, NULL);
	sigaction(SIGHUP, &terminate, NULL);
}

static bool make_dir_in(struct keeper *k, const char *parent)
{
	char template[sizeof k->dir];
	int n = snprintf(template, sizeof template, "%s/farpod-XXXXXX", parent);

	/* Names of sockets in it have to fit behind it. */
	if (n < 0 || (size_t)n >= sizeof template || !mkdtemp(template))
		return false;
	memcpy(k->dir, template, sizeof template);
	return true;
}

int keeper_make_dir(struct keeper *k, struct error *err)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (k->dir[0])
		return 0;
	end_in_order();
	if (runtime && runtime[0] == '/' && make_dir_in(k, runtime))
		return 0;
	/* TMPDIR may be too long a name, or not writable; /tmp is the last resort. */
	if (make_dir_in(k, path_tmp()) || make_dir_in(k, "/tmp"))
		return 0;
	return error_set_errno(err, "make a folder for the ssh session's socket in %s", path_tmp());
}

bool keeper_path(const struct keeper *k, const char *name, struct buf *out)
{
	return buf_addf(out, "%s/%s", k->dir, name) && out->n < SOCKET_PATH_MAX;
}

static int listen_on(struct keeper *k, struct error *err)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(SOCKET_PATH_MAX);
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	if (!keeper_path(k, "s", &path))
		return error_set(err, ERR_SYSTEM, "the socket's path is too long: %s/s", k->dir);
	memcpy(at.sun_path, path.p, path.n);
	k->listen = socket(AF_UNIX, SOCK_STREAM, 0);
	if (k->listen < 0 || fd_set_cloexec(k->listen) < 0 || fd_set_nonblock(k->listen, true) < 0 ||
	    bind(k->listen, (struct sockaddr *)&at, sizeof at) < 0 || listen(k->listen, 64) < 0)
		return error_set_errno(err, "listen on %s", buf_z(&path));
	return 0;
}

/* Everything in it is ours: sockets, and the script that hands a passphrase to ssh. */
static void remove_dir(struct keeper *k)
{
	DIR *dir = *k->dir ? opendir(k->dir) : NULL;
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(k->dir);
}

static bool is_ours(int client)
{
#ifdef SO_PEERCRED
	struct ucred peer;
	socklen_t len = sizeof peer;

	return getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid();
#else
	uid_t uid;
	gid_t gid;

	return getpeereid(client, &uid, &gid) == 0 && uid == geteuid();
#endif
}

int keeper_accept(struct keeper *k)
{
	int client = accept(k->listen, NULL, NULL);

	if (client < 0)
		return -1;
	if (is_ours(client) && fd_set_cloexec(client) == 0 && fd_set_nonblock(client, true) == 0)
		return client;
	close(client);
	return -1;
}

void keeper_answer(int client, const char *line)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(LINE_MAX_BYTES);

	buf_addf(&text, "%s\n", line);
	fd_write_all(client, buf_z(&text), text.n, clock_after_ms(SAY_MS), NULL);
}

void keeper_refuse(int client, const struct error *why)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(LINE_MAX_BYTES);

	failure_format(why, &line);
	keeper_answer(client, buf_z(&line));
}

/* ---- a process of its own ------------------------------------------------------------------------------------------- */

/* The owner's other descriptors are none of ours: an open pipe end here would hide an end of file elsewhere. */
static void close_others(int keep)
{
	DIR *dir = opendir("/dev/fd");
	const struct dirent *entry;

	/* No /proc: the few that a command has by now have low numbers. */
	for (int fd = STDERR_FILENO + 1; !dir && fd < 256; fd++)
		if (fd != keep)
			close(fd);
	while (dir && (entry = readdir(dir))) {
		int64_t fd;

		if (int_parse(str_from(entry->d_name), &fd) && fd > STDERR_FILENO && fd != keep && fd != dirfd(dir))
			close((int)fd);
	}
	if (dir)
		closedir(dir);
}

/* While logging in nobody looks at the control connection; the kernel tells when the owner dies. Elsewhere the deadlines of the login end
 * it. */
static void end_with_owner(void)
{
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
}

/* The owner's handlers would write into its pipe, or restore its terminal. */
static void reset_signals(void)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGCHLD, SIGWINCH, SIGTSTP, SIGALRM, SIGUSR1, SIGUSR2 };
	sigset_t none;

	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		signal(signals[i], SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Out of the reach of the terminal's ^C and hang-up: the owner decides what they mean for the session. */
static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (setsid() < 0)
		log_debug("the ssh keeper stays in the terminal's session");
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		close(null);
	}
	if (chdir("/") < 0)
		log_debug("the ssh keeper stays in its folder");
}

/* ---- transports ----------------------------------------------------------------------------------------------------- */

/* Logged in; from here to the owner's end. */
static int keep_libssh2(struct keeper *k, const struct login_plan *p, struct ssh_io *io, struct error *err)
{
	int r = keeper_make_dir(k, err);

	if (r == 0)
		r = listen_on(k, err);
	if (r == 0)
		r = say_ready(k, "libssh2", err);
	if (r == 0) {
		leave_terminal();
		serve(k, io, p->to->host);
		ssh_io_turn(io);
		libssh2_session_disconnect(io->session, "done");
		ssh_io_flush(io);
	}
	ssh_io_close(io);
	return r;
}

static int keep_system_ssh(struct keeper *k, const struct login_plan *p, struct error *err)
{
	struct system_ssh *ssh = NULL;
	int r = keeper_make_dir(k, err);

	if (r == 0)
		r = system_ssh_open(&ssh, k, p, err);
	if (r == 0)
		r = listen_on(k, err);
	if (r == 0)
		r = say_ready(k, "ssh", err);
	if (r == 0) {
		leave_terminal();
		system_ssh_serve(ssh);
	}
	system_ssh_close(ssh);
	return r;
}

/* libssh2 before 1.11 only has ciphers that it computes 16 bytes at a time: twice the processor time of the system's ssh with AES-GCM. */
static bool wants_fast_cipher(const struct login_plan *p)
{
	return p->to->bulk && !libssh2_version(0x010b00);
}

/* 1 when it did; 0 when the system's ssh is missing or would have to ask: nothing is lost then but its attempt. */
static int keep_fast(struct keeper *k, const struct login_plan *p)
{
	CLEANUP(error_done) struct error unused = ERROR_INIT;
	struct tunnel_dest to = *p->to;
	struct login_plan quiet = *p;

	to.interactive = false;
	quiet.to = &to;
	if (keep_system_ssh(k, &quiet, &unused) == 0)
		return 1;
	log_debug("the system's ssh is not used for speed: %s", unused.text);
	return 0;
}

/* libssh2 first; the system's ssh when that cannot do it, and when that failed for something it lacks. */
static int keep_auto(struct keeper *k, const struct login_plan *p, struct error *err)
{
	const char *reason = login_only_ssh(p);
	struct error second = ERROR_INIT;
	bool only_ssh = false;
	struct ssh_io io;
	int r;

	if (reason) {
		log_debug("using the system's ssh: %s", reason);
		return keep_system_ssh(k, p, err);
	}
	if (wants_fast_cipher(p) && keep_fast(k, p))
		return 0;
	r = login_run(k, p, &io, &only_ssh, err);
	if (r == 0)
		return keep_libssh2(k, p, &io, err);
	if (!only_ssh)
		return r;
	log_debug("trying the system's ssh: %s", err->text ? err->text : "libssh2 failed");
	r = keep_system_ssh(k, p, &second);
	/* Without ssh on this machine the first failure is the one to tell. */
	if (r < 0 && second.sys_errno != ENOENT)
		return error_move(err, &second);
	error_done(&second);
	return r < 0 ? -(int)err->kind : r;
}

static int keep_by(struct keeper *k, const struct login_plan *p, const char *transport, struct error *err)
{
	bool only_ssh;
	struct ssh_io io;
	int r;

	if (!transport || !*transport || strcmp(transport, "auto") == 0)
		return keep_auto(k, p, err);
	if (strcmp(transport, "ssh") == 0)
		return keep_system_ssh(k, p, err);
	if (strcmp(transport, "libssh2") != 0)
		return error_set(err, ERR_USAGE, "FARPOD_SSH is \"%s\"; it takes auto, libssh2 or ssh", transport);
	r = login_run(k, p, &io, &only_ssh, err);
	return r < 0 ? r : keep_libssh2(k, p, &io, err);
}

static int keep(struct keeper *k, const struct tunnel_dest *to, struct error *err)
{
	struct login_plan p = { 0 };
	int r;

	if (!to->host || !*to->host || *to->host == '-')
		return error_set(err, ERR_USAGE, "\"%s\" is no host name", to->host ? to->host : "");
	r = login_plan_make(&p, to, err);
	if (r == 0)
		keeper_hop(k, HOP_SSH_CONFIG, p.config.host);
	if (r == 0)
		r = keep_by(k, &p, getenv("FARPOD_SSH"), err);
	login_plan_done(&p);
	return r;
}

void keeper_main(const struct tunnel_dest *to, int control)
{
	struct error err = ERROR_INIT;
	struct keeper k = { .control = control, .listen = -1, .hop_us = now_us() };
	int r;

	close_others(control);
	reset_signals();
	end_with_owner();
	r = keep(&k, to, &err);
	remove_dir(&k);
	if (r < 0)
		say_failed(&k, &err);
	/* Not exit: the owner's handlers and its unwritten output are not ours to run. */
	_exit(r < 0 ? 1 : 0);
}

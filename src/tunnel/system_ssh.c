#include "tunnel/system_ssh.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "base/proc.h"
#include "tunnel/system_ssh_state.h"

/* After ConnectTimeout, for the login. */
#define LOGIN_MS 30000
#define LOOK_MS  20
#define END_MS   1000

/* ---- the master ----------------------------------------------------------------------------------------------------- */

bool ssh_argv_add(struct strv *argv, const char *const *words)
{
	bool ok = true;

	for (; *words; words++)
		ok = ok && strv_add(argv, *words);
	return ok;
}

static bool add_dest(struct strv *argv, const struct tunnel_dest *to)
{
	const char *file = ssh_config_file();
	bool ok = true;

	if (file)
		ok = ok && strv_add(argv, "-F") && strv_add(argv, file);
	if (to->user)
		ok = ok && strv_add(argv, "-l") && strv_add(argv, to->user);
	if (to->port)
		ok = ok && strv_add(argv, "-p") && strv_addf(argv, "%d", to->port);
	if (to->identity && *to->identity)
		ok = ok && strv_add(argv, "-i") && strv_add(argv, to->identity);
	if (to->ignore_hosts)
		ok = ok && ssh_argv_add(argv, (const char *const[]){ "-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null",
								     "-oGlobalKnownHostsFile=/dev/null", NULL });
	return ok && strv_add(argv, "--") && strv_add(argv, to->host);
}

/* Forwards and commands of the user's configuration are for his own sessions. DEBUG2 is what reports that a channel was opened. */
static bool master_argv(const struct system_ssh *s, bool may_ask, struct strv *argv)
{
	static const char *const options[] = { "ssh",
					       "-MNTx",
					       "-oControlPersist=no",
					       "-oClearAllForwardings=yes",
					       "-oStreamLocalBindUnlink=yes",
					       "-oServerAliveInterval=15",
					       "-oServerAliveCountMax=3",
					       "-oRemoteCommand=none",
					       "-oPermitLocalCommand=no",
					       "-oForkAfterAuthentication=no",
					       "-oLogLevel=DEBUG2",
					       NULL };
	bool ok = ssh_argv_add(argv, options);

	ok = ok && strv_addf(argv, "-oConnectTimeout=%d", s->p->config.connect_timeout_s);
	ok = ok && strv_addf(argv, "-oBatchMode=%s", may_ask ? "no" : "yes");
	/* In front of the defaults; ssh itself prefers a cipher that takes three times as long. */
	if (s->p->to->bulk)
		ok = ok && strv_add(argv, "-oCiphers=^aes128-gcm@openssh.com,aes256-gcm@openssh.com");
	return ok && strv_add(argv, "-S") && strv_add(argv, s->control) && add_dest(argv, s->p->to);
}

/* ssh takes a passphrase from the terminal or from a program that prints it. */
static bool make_askpass(struct system_ssh *s)
{
	static const char script[] = "#!/bin/sh\nprintf '%s\\n' \"$CONTAINER_PASSPHRASE\"\n";
	CLEANUP(buf_done) struct buf path = BUF_INIT(256);
	const char *passphrase = getenv("CONTAINER_PASSPHRASE");

	if (!passphrase || !*passphrase || s->p->to->interactive || !keeper_path(s->k, "askpass", &path) ||
	    path_write_atomic(buf_z(&path), str_from(script), 0700, NULL) < 0)
		return false;
	setenv("SSH_ASKPASS", buf_z(&path), 1);
	setenv("SSH_ASKPASS_REQUIRE", "force", 1);
	return true;
}

/* In the child. ssh obeys the ignored signals that it inherits, so ^C ends a question but not the session. */
static void become_ssh(char *const *argv, int log)
{
	int null = open("/dev/null", O_RDWR);

#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_DFL);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	execvp(argv[0], argv);
	_exit(SSH_EXIT_NOT_FOUND);
}

static int start_master(struct system_ssh *s, struct error *err)
{
	CLEANUP(strv_done) struct strv argv = { 0 };
	bool may_ask = make_askpass(s) || s->p->to->interactive;
	int fds[2], r;

	if (!master_argv(s, may_ask, &argv))
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = fd_pipe(fds, err);
	if (r < 0)
		return r;
	s->pid = fork();
	if (s->pid == 0)
		become_ssh(argv.v, fds[1]);
	close(fds[1]);
	s->log.fd = fds[0];
	fd_set_nonblock(fds[0], true);
	return s->pid < 0 ? error_set_errno(err, "fork") : 0;
}

static int master_failed(struct system_ssh *s, struct error *err)
{
	int status = 0, r;

	if (waitpid(s->pid, &status, 0) == s->pid)
		s->pid = -1;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != SSH_EXIT_NOT_FOUND || s->log.words[SSH_LOG_WORDS - 1])
		return ssh_log_error(&s->log, s->p->to->host, err);
	r = error_set(err, ERR_SYSTEM, "this host needs the system's ssh, and there is no program \"ssh\"");
	err->sys_errno = ENOENT;
	return r;
}

/* Logged in when its control socket is there; it makes that after the login. */
static int await_login(struct system_ssh *s, struct error *err)
{
	uint64_t deadline_ms =
		s->p->to->interactive ? 0 : clock_after_ms((uint64_t)s->p->config.connect_timeout_s * 1000 + LOGIN_MS);
	struct stat st;

	for (;;) {
		struct pollfd p[2] = { { .fd = s->log.fd, .events = POLLIN }, { .fd = s->k->control, .events = POLLIN } };

		if (stat(s->control, &st) == 0)
			return 0;
		poll(p, 2, LOOK_MS);
		if (keeper_ends(s->k, p[1].revents))
			return error_set(err, ERR_INTERRUPTED, "interrupted");
		ssh_log_read(&s->log, s->k);
		if (s->log.fd < 0)
			return master_failed(s, err);
		if (deadline_ms && clock_ms() >= deadline_ms)
			return error_set(err, ERR_CONNECT, "ssh %s: not logged in after %d s", s->p->to->host,
					 s->p->config.connect_timeout_s + LOGIN_MS / 1000);
	}
}

int system_ssh_open(struct system_ssh **ret, struct keeper *k, const struct login_plan *p, struct error *err)
{
	struct system_ssh *s = calloc(1, sizeof *s);
	CLEANUP(buf_done) struct buf path = BUF_INIT(sizeof s->control);
	int r;

	if (!s)
		return error_set(err, ERR_SYSTEM, "out of memory");
	s->k = k;
	s->p = p;
	s->pid = s->log.fd = -1;
	*ret = s;
	/* ssh makes a temporary name of it that is 17 bytes longer. */
	if (!keeper_path(k, "c", &path))
		return error_set(err, ERR_SYSTEM, "the socket's path is too long: %s/c", k->dir);
	memcpy(s->control, path.p, path.n);
	r = start_master(s, err);
	if (r == 0)
		r = await_login(s, err);
	if (r == 0)
		keeper_hop(k, HOP_AUTH, s->log.login ? s->log.login : "by the system's ssh");
	return r;
}

/* ssh removes its sockets when it is asked to end. */
static void end_master(struct system_ssh *s)
{
	uint64_t deadline_ms = clock_after_ms(END_MS);

	kill(s->pid, SIGTERM);
	while (s->log.fd >= 0 && clock_ms() < deadline_ms && fd_wait(s->log.fd, POLLIN, deadline_ms, NULL) == 1)
		ssh_log_read(&s->log, s->k);
	if (s->log.fd >= 0)
		kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}

void system_ssh_close(struct system_ssh *s)
{
	if (!s)
		return;
	if (s->pid > 0)
		end_master(s);
	for (size_t i = 0; i < s->n_forwards; i++)
		free(s->forwards[i].target);
	ssh_log_done(&s->log);
	free(s);
}

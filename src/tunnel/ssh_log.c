#include "tunnel/ssh_log.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"

#define LINE_MAX ((size_t)4096)

static bool contains(struct str s, const char *z)
{
	size_t n = strlen(z);

	for (size_t i = 0; i + n <= s.n; i++)
		if (memcmp(s.p + i, z, n) == 0)
			return true;
	return false;
}

/* What follows the words, when the line begins with them. */
static bool after(struct str line, const char *words, struct str *rest)
{
	struct str head = str_from(words);

	if (!str_starts(line, head))
		return false;
	*rest = (struct str){ line.p + head.n, line.n - head.n };
	return true;
}

static void keep(char **into, struct str s)
{
	char *copy = str_dup(s);

	if (!copy)
		return;
	free(*into);
	*into = copy;
}

static void debug_line(struct ssh_log *l, struct str line, struct keeper *k)
{
	struct str rest;

	if (after(line, "debug1: Connection established.", &rest)) {
		keeper_hop(k, HOP_TCP, "by the system's ssh");
		l->tcp_told = true;
	} else if (after(line, "debug1: Server host key: ", &rest)) {
		keep(&l->host_key, rest);
	} else if (after(line, "debug1: SSH2_MSG_SERVICE_ACCEPT received", &rest) && l->host_key && !l->host_key_told) {
		keeper_hop(k, HOP_HOST_KEY, l->host_key);
		l->host_key_told = true;
	} else if (after(line, "debug2: channel ", &rest) && contains(rest, ": open confirm ")) {
		l->confirmed++;
	}
}

/* Lines of a good connection, and the counts at its end. */
static bool is_chatter(struct str line)
{
	static const char *const heads[] = { "OpenSSH_",           "Warning: Permanently added", "Transferred: ",
					     "Bytes per second: ", "Pseudo-terminal will not",   "debug3: " };
	struct str rest;

	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		if (after(line, heads[i], &rest))
			return true;
	return !line.n;
}

void ssh_log_line(struct ssh_log *l, struct str line, struct keeper *k)
{
	struct str rest;

	line = str_trim(line);
	if (after(line, "debug1: ", &rest) || after(line, "debug2: ", &rest)) {
		debug_line(l, line, k);
	} else if (after(line, "Authenticated to ", &rest)) {
		keep(&l->login, rest);
	} else if (after(line, "channel ", &rest) && contains(rest, ": open failed: ")) {
		l->refused++;
	} else if (!is_chatter(line)) {
		if (after(line, "ssh: ", &rest))
			line = rest;
		log_debug("ssh: %.*s", STR_ARG(line));
		free(l->words[0]);
		memmove(&l->words[0], &l->words[1], (SSH_LOG_WORDS - 1) * sizeof l->words[0]);
		l->words[SSH_LOG_WORDS - 1] = str_dup(line);
	}
}

void ssh_log_read(struct ssh_log *l, struct keeper *k)
{
	char block[4096];
	ssize_t n;

	l->line.max = LINE_MAX;
	while ((n = read(l->fd, block, sizeof block)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (block[i] == '\n') {
				ssh_log_line(l, buf_str(&l->line), k);
				buf_clear(&l->line);
			} else if (l->line.n < LINE_MAX) {
				buf_add_char(&l->line, block[i]);
			}
		}
	if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
		fd_close_p(&l->fd);
		l->fd = -1;
	}
}

static const struct {
	const char *words;
	enum err_kind kind;
	const char *hint; /* "ssh %s" takes the host */
} causes[] = {
	{ "Could not resolve hostname", ERR_CONNECT,
	  "check the spelling, or give the host an address in ~/.ssh/config: ssh -v %s" },
	{ "Host key verification failed", ERR_AUTH, "accept or replace the host key: ssh %s true" },
	{ "No ECDSA host key is known", ERR_AUTH, "accept the host key: ssh %s true" },
	{ "Permission denied", ERR_AUTH, "put a key on the host or unlock it (ssh-add): ssh-copy-id %s" },
	{ "Too many authentication failures", ERR_AUTH,
	  "name the key: IdentityFile with IdentitiesOnly yes in ~/.ssh/config for %s" },
	{ "Connection refused", ERR_CONNECT, "check that sshd runs there and the port is right: ssh -v %s" },
	{ "timed out", ERR_CONNECT, "check that the host is up and that no firewall is in between: ssh -v %s" },
	{ "", ERR_CONNECT, "see what ssh says by itself: ssh -v %s true" },
};

int ssh_log_error(const struct ssh_log *l, const char *host, struct error *err)
{
	CLEANUP(buf_done) struct buf said = BUF_INIT(4 * LINE_MAX);
	CLEANUP(buf_done) struct buf hint = BUF_INIT(LINE_MAX);
	size_t i = 0;

	for (size_t j = 0; j < SSH_LOG_WORDS; j++)
		if (l->words[j])
			buf_addf(&said, "%s%s", said.n ? "; " : "", l->words[j]);
	if (!said.n)
		buf_add_z(&said, "it ended without a reason");
	while (!contains(buf_str(&said), causes[i].words))
		i++;
	error_set(err, causes[i].kind, "ssh %s: %s", host, buf_z(&said));
	for (const char *p = causes[i].hint; *p; p++) {
		if (p[0] == '%' && p[1] == 's') {
			buf_add_z(&hint, host);
			p++;
		} else {
			buf_add_char(&hint, *p);
		}
	}
	return error_hint(err, "%s", buf_z(&hint));
}

void ssh_log_done(struct ssh_log *l)
{
	if (l->fd >= 0)
		close(l->fd);
	buf_done(&l->line);
	for (size_t i = 0; i < SSH_LOG_WORDS; i++)
		free(l->words[i]);
	free(l->host_key);
	free(l->login);
	*l = (struct ssh_log){ .fd = -1 };
}

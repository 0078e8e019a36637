#include "tunnel/explain.h"

#include <errno.h>

#include "base/units.h"

#define ANSWER "farpod-answer: "

/* No single quote, no backslash and no newline: bash, csh and fish must all pass it on to sh as it is. Flags 00010000 in /proc/net/unix
 * mean that somebody listens; then it is sshd that does not want to. */
static const char script[] = "p=$1; w=missing; d=$p; "
			     "if test -S \"$p\"; then w=refused; "
			     "if test -r \"$p\" && test -w \"$p\"; then "
			     "if grep -qx \".* 00010000 .* $p\" /proc/net/unix; then w=forbidden; fi; "
			     "else w=denied; fi; "
			     "else while d=${d%/*}; test -n \"$d\"; do "
			     "if test -d \"$d\"; then test -x \"$d\" || w=denied; break; fi; done; fi; "
			     "echo \"" ANSWER "$w `id -u`\"";

void explain_command(const char *path, struct buf *out)
{
	buf_addf(out, "/bin/sh -c '%s' sh '", script);
	for (; *path; path++) {
		if (*path == '\'')
			buf_add_z(out, "'\\''");
		else
			buf_add_char(out, *path);
	}
	buf_add_char(out, '\'');
}

/* A login shell may print before and after. */
static bool find_answer(struct str output, struct str *ret_word, int64_t *ret_uid)
{
	struct str line, uid;

	while (output.n) {
		str_cut(output, '\n', &line, &output);
		line = str_trim(line);
		if (!str_starts(line, STR(ANSWER)))
			continue;
		line = (struct str){ line.p + strlen(ANSWER), line.n - strlen(ANSWER) };
		if (str_cut(line, ' ', ret_word, &uid) && int_parse(uid, ret_uid))
			return true;
	}
	return false;
}

static int set(struct error *err, int sys_errno)
{
	if (err)
		err->sys_errno = sys_errno;
	return -ERR_CONNECT;
}

int explain_socket(const char *host, const char *path, struct str output, struct error *err)
{
	int64_t uid;
	struct str word;

	if (!find_answer(output, &word, &uid)) {
		error_set(err, ERR_CONNECT, "sshd on %s does not connect to %s", host, path);
		return error_hint(err,
				  "the socket may be missing, or its user may not open it, or sshd does not forward streams "
				  "(AllowStreamLocalForwarding); look: ssh %s ls -l %s",
				  host, path);
	}
	if (str_eq(word, STR("missing"))) {
		error_set(err, ERR_CONNECT, "no socket %s on %s", path, host);
		return set(err, ENOENT);
	}
	if (str_eq(word, STR("refused"))) {
		error_set(err, ERR_CONNECT, "nobody listens on %s on %s", path, host);
		return set(err, ECONNREFUSED);
	}
	if (str_eq(word, STR("denied"))) {
		error_set(err, ERR_CONNECT, "the user with uid %lld may not open %s on %s", (long long)uid, path, host);
		return set(err, EACCES);
	}
	error_set(err, ERR_CONNECT, "sshd on %s forwards no streams to sockets", host);
	error_hint(err,
		   "on %s set \"AllowStreamLocalForwarding yes\" in /etc/ssh/sshd_config (DisableForwarding and options in "
		   "authorized_keys forbid it too), then type: systemctl reload sshd",
		   host);
	return set(err, EPERM);
}

#include "cmd/podman/globals.h"

#include <inttypes.h>

#define G struct globals
#define FIELD(f, type) OPT_FIELD(struct globals, f, type)

const struct opt global_opts[] = {
	{ .type = OPT_T_STR, .short_name = 'c', .long_name = "connection", .help = "Connection to use for the remote host",
	  .offset = FIELD(connection, const char *), .complete = "@connection" },
	OPT_STR(0, "url", G, url, NULL, "URL of the host's service, such as ssh://root@box/run/podman/podman.sock (CONTAINER_HOST)"),
	{ .type = OPT_T_STR, .long_name = "identity", .metavar = "path", .help = "Private key for SSH (CONTAINER_SSHKEY)",
	  .offset = FIELD(identity, const char *), .complete = "@file" },

	/* podman 1.x */
	OPT_STR(0, "remote-host", G, remote_host, NULL, "Host to log in to"),
	OPT_STR(0, "username", G, username, NULL, "Name of the user on the host"),
	OPT_INT(0, "port", G, port, NULL, "SSH port of the host"),
	{ .type = OPT_T_STR, .long_name = "identity-file", .metavar = "path", .help = "Private key for SSH",
	  .offset = FIELD(identity_file, const char *), .complete = "@file" },
	{ .type = OPT_T_BOOL, .flags = OPT_BAG, .long_name = "ignore-hosts", .help = "Do not check the host key",
	  .offset = FIELD(given, struct flags) },
	{ .type = OPT_T_STR, .long_name = "remote-config-path", .metavar = "path", .help = "Folder or file of podman-remote.conf",
	  .offset = FIELD(remote_config_path, const char *), .complete = "@file" },

	{ .type = OPT_T_STR, .long_name = "log-level", .dflt = "warn",
	  .help = "Log messages from this level on (trace, debug, info, warn, error, fatal, panic)", .offset = FIELD(log_level, const char *),
	  .complete = "trace|debug|info|warn|warning|error|fatal|panic" },
	OPT_BOOL(0, "syslog", G, syslog, "Log to syslog too"),
	OPT_BOOL(0, "noout", G, noout, "Print nothing to standard output"),
	{ .type = OPT_T_STR, .long_name = "out", .metavar = "path", .help = "Write standard output to this file", .offset = FIELD(out, const char *),
	  .complete = "@file" },
	OPT_BOOL('r', "remote", G, remote, "Has no effect: every host is a remote one"),

	/* docker's names */
	{ .type = OPT_T_STR, .flags = OPT_HIDDEN, .short_name = 'H', .long_name = "host", .offset = FIELD(url, const char *) },
	{ .type = OPT_T_STR, .flags = OPT_HIDDEN, .long_name = "context", .offset = FIELD(connection, const char *) },

	/* Taken and not used: libssh2 or the system's ssh is chosen by what the host needs, storage is the host's own business. */
	{ .type = OPT_T_STR, .flags = OPT_HIDDEN, .long_name = "ssh", .offset = FIELD(ssh, const char *), .complete = "golang|native" },
	{ .type = OPT_T_STRV, .flags = OPT_HIDDEN, .long_name = "storage-opt", .offset = FIELD(storage_opts, struct strv) },
	OPT_END
};

int globals_config(const struct globals *g, struct config_flags *ret, struct error *err)
{
	if (g->port < 0 || g->port > 65535)
		return error_set(err, ERR_USAGE, "invalid port %" PRId64 ": must be between 1 and 65535", g->port);
	*ret = (struct config_flags){ .connection = g->connection,
				      .url = g->url,
				      .identity = g->identity,
				      .remote_host = g->remote_host,
				      .username = g->username,
				      .identity_file = g->identity_file,
				      .remote_config_path = g->remote_config_path,
				      .port = (int)g->port,
				      .ignore_hosts = -1 };
	if (flags_find(&g->given, "ignore-hosts"))
		ret->ignore_hosts = flags_bool(&g->given, "ignore-hosts", false);
	return 0;
}

int globals_output(const struct globals *g, struct error *err)
{
	const char *path = g->noout ? "/dev/null" : g->out;

	if (path && !freopen(path, "w", stdout))
		return error_set_errno(err, "open %s for output", path);
	return 0;
}

void globals_done(struct globals *g)
{
	flags_done(&g->given);
	strv_done(&g->storage_opts);
}

/* cmd/podman/globals.h: the options in front of every command. */
#ifndef CMD_PODMAN_GLOBALS_H
#define CMD_PODMAN_GLOBALS_H

#include "cli/opt.h"
#include "config/config.h"

struct globals {
	const char *connection, *url, *identity;                                   /* since 2.0 */
	const char *remote_host, *username, *identity_file, *remote_config_path;   /* 1.x */
	const char *log_level, *out, *ssh;
	int64_t port;         /* 0: not given */
	struct flags given;   /* ignore-hosts, which may be on, off or not given */
	struct strv storage_opts;
	bool syslog, remote, noout;
};

#define GLOBALS_INIT ((struct globals){ .log_level = "warn", .ssh = "golang" })

/* Rows for a struct globals. */
extern const struct opt global_opts[];

/* What they say about the host; ret borrows from g. ERR_USAGE: no port number. */
int globals_config(const struct globals *g, struct config_flags *ret, struct error *err);

/* --noout and --out: where stdout goes from now on. */
int globals_output(const struct globals *g, struct error *err);

void globals_done(struct globals *g);

#endif

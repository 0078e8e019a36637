/* cmd/podman/connection.c: system connection list, add, remove, rename, default, test; the docker words context ls, create, rm, use. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/log.h"
#include "base/path.h"
#include "cmd/podman/commands.h"
#include "cmd/session.h"
#include "connection/connection.h"
#include "output/list.h"

#define PATH_BYTES_MAX 4096

/* ---- list ---- */

struct list_args {
	const char *format;
	bool quiet;
};

static const struct opt list_opts[] = { OPT_STR('f', "format", struct list_args, format, "string",
						"Print in this form: json, or a Go template"),
					OPT_BOOL('q', "quiet", struct list_args, quiet, "Print names only"), OPT_END };

/* podman heads these columns in mixed case, unlike all its other lists. */
static const struct list_field list_fields[] = {
	{ "Name", "Name" },           { "URI", "URI" },
	{ "Identity", "Identity" },   { "Default", "Default" },
	{ "ReadWrite", "ReadWrite" }, { "IsMachine", "IsMachine" },
	{ "Source", "Source" },       { NULL, NULL },
};

static const struct list_spec list_spec = {
	.name = "list",
	.go_type = "config.Connection",
	.fields = list_fields,
	.table = "{{.Name}}\t{{.URI}}\t{{.Identity}}\t{{.Default}}\t{{.ReadWrite}}\t{{.Source}}",
	.json_indent = 4,
};

static int print_row(struct list *l, const struct destination *d, bool dflt, const char *source, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *row = json_object_new_object();

	if (!row || !js_set_str(row, "Name", d->name ? d->name : "") || !js_set_str(row, "URI", d->uri) ||
	    !js_set_str(row, "Identity", d->identity ? d->identity : "") || !js_set_bool(row, "IsMachine", d->is_machine) ||
	    !js_set_bool(row, "Default", dflt) || !js_set_bool(row, "ReadWrite", d->read_write) ||
	    !js_set_str(row, "Source", source))
		return error_set(err, ERR_SYSTEM, "out of memory");
	return list_row(l, row, err);
}

static bool is_winner(const struct destination *d, const struct destination *winner)
{
	return winner->name && strcmp(d->name, winner->name) == 0;
}

static int print_rows(const struct connections *c, const struct destination *winner, const struct list_args *a, struct session *s,
		      struct error *err)
{
	CLEANUP(list_free_p) struct list *l = NULL;
	int r = list_open(&l, &list_spec, a->format, false, session_out(s), err);

	for (size_t i = 0; r == 0 && i < c->n; i++) {
		bool wins = is_winner(&c->v[i], winner);

		r = print_row(l, &c->v[i], wins, wins ? winner->source : c->v[i].source, err);
	}
	/* A host without a name (--url, CONTAINER_HOST, the local socket) is told to people; scripts ask for connections. */
	if (r == 0 && winner->uri && !winner->name && (!a->format || !a->format[0]))
		r = print_row(l, winner, true, winner->source, err);
	return r < 0 ? r : list_close(l, err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct destination *)a)->name, ((const struct destination *)b)->name);
}

static int list_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct list_args *a = args;
	CLEANUP(connections_done) struct connections c = { 0 };
	CLEANUP(destination_done) struct destination winner = { 0 };
	CLEANUP(error_done) struct error why = ERROR_INIT;
	int r = config_connections(session_config_flags(s), &c, err);

	(void)names;
	if (r < 0)
		return r;
	if (config_choose(session_config_flags(s), &winner, &why) < 0 && (c.n || why.kind != ERR_NOT_FOUND))
		log_warn("no host would be chosen: %s", why.text ? why.text : "out of memory");
	if (c.n)
		qsort(c.v, c.n, sizeof *c.v, by_name);
	if (!a->quiet)
		return print_rows(&c, &winner, a, s, err);
	for (size_t i = 0; i < c.n; i++)
		fprintf(session_out(s), "%s\n", c.v[i].name);
	return 0;
}

const struct cmd cmd_system_connection_list = {
	.names = (const char *const[]){ "system connection list", "system connection ls", "context list", "context ls", NULL },
	.synopsis = "[options]",
	.brief = "List the connections to hosts",
	.about = "Lists the connections of podman-connections.json, containers.conf and podman-remote.conf.\n"
		 "Default marks the host that commands with the same flags and environment go to, Source tells what chose it;\n"
		 "for the others it is the file that defines them.",
	.examples = "podman system connection list\n"
		    "podman system connection ls --format=json\n"
		    "CONTAINER_HOST=ssh://root@build podman system connection ls",
	.opts = list_opts,
	.args_size = sizeof(struct list_args),
	.run = list_run,
};

/* ---- add ---- */

struct add_args {
	bool make_default;
	const char *identity, *socket_path, *docker, *description;
	int64_t port;
};

static const struct opt add_opts[] = { OPT_BOOL('d', "default", struct add_args, make_default, "Make it the default connection"),
				       OPT_STR(0, "identity", struct add_args, identity, "string", "Private key file for SSH"),
				       OPT_INT('p', "port", struct add_args, port, "int", "SSH or TCP port of the host"),
				       OPT_STR(0, "socket-path", struct add_args, socket_path, "string",
					       "Socket of the Podman service on the host (default: looked for)"),
				       { .type = OPT_T_STR,
					 .flags = OPT_HIDDEN,
					 .long_name = "docker",
					 .help = "Docker endpoint: host=URL",
					 .offset = OPT_FIELD(struct add_args, docker, const char *) },
				       { .type = OPT_T_STR,
					 .flags = OPT_HIDDEN,
					 .long_name = "description",
					 .help = "Ignored; docker has it",
					 .offset = OPT_FIELD(struct add_args, description, const char *) },
				       OPT_END };

/* docker's "host=ssh://root@build"; files for TLS behind it are refused, since the connection would be without them. */
static int docker_endpoint(const char *text, const char **ret, struct error *err)
{
	if (strncmp(text, "host=", 5) != 0)
		return error_set(err, ERR_USAGE, "--docker: \"%s\" does not begin with host=", text);
	if (strchr(text, ','))
		return error_set(err, ERR_USAGE, "--docker: additional options \"%s\" are not supported", strchr(text, ',') + 1);
	*ret = text + 5;
	return 0;
}

static int add_where(const struct add_args *a, const struct strv *names, const char **ret, struct error *err)
{
	if (a->docker && names->n == 1)
		return docker_endpoint(a->docker, ret, err);
	if (names->n != 2 || a->docker) {
		error_set(err, ERR_USAGE, "accepts 2 arg(s), received %zu", names->n + (a->docker != NULL));
		return error_hint(err, "See 'podman system connection add --help'");
	}
	*ret = names->v[1];
	return 0;
}

static bool has_scheme(const char *where)
{
	static const char *const schemes[] = { "unix:", "tcp:" };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (strncmp(where, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return strstr(where, "://") != NULL;
}

/* [user@]host is ssh; tcp://host may have its port in --port. */
static int parse_where(const char *where, int64_t port, struct destination *d, struct error *err)
{
	CLEANUP(error_done) struct error without_port = ERROR_INIT;
	CLEANUP(buf_done) struct buf uri = BUF_INIT(PATH_BYTES_MAX);
	bool tcp = strncmp(where, "tcp:", 4) == 0;

	buf_addf(&uri, "%s%s", has_scheme(where) ? "" : "ssh://", where);
	if (buf_check(&uri, "the destination", err) < 0)
		return -ERR_SYSTEM;
	if (!tcp || !port)
		return destination_parse(buf_z(&uri), d, err);
	if (destination_parse(buf_z(&uri), d, &without_port) == 0)
		return 0;
	if (uri.p[uri.n - 1] == '/')
		uri.n--;
	buf_addf(&uri, ":%lld", (long long)port);
	return destination_parse(buf_z(&uri), d, err);
}

static int add_port(struct destination *d, int64_t port, struct error *err)
{
	if (!port)
		return 0;
	if (d->scheme == DEST_UNIX)
		return error_set(err, ERR_USAGE, "--port option not supported for unix scheme");
	if (port < 1 || port > 65535)
		return error_set(err, ERR_USAGE, "--port: %lld is no port; it is a number from 1 to 65535", (long long)port);
	if (d->port && d->port != port)
		return error_set(err, ERR_USAGE, "the port is given twice: %d in the destination and --port %lld", d->port,
				 (long long)port);
	d->port = (int)port;
	return 0;
}

static int add_socket_path(struct destination *d, const char *path, struct error *err)
{
	if (!path || !path[0])
		return 0;
	if (d->scheme == DEST_TCP)
		return error_set(err, ERR_USAGE, "--socket-path option not supported for tcp scheme");
	if (path[0] != '/')
		return error_set(err, ERR_USAGE, "--socket-path: \"%s\" must be an absolute path", path);
	free(d->path);
	d->path = z_dup(path);
	return d->path ? 0 : error_set_errno(err, "--socket-path");
}

/* Absolute, since the next command may run in another folder. */
static int add_identity(struct destination *d, const char *path, struct error *err)
{
	CLEANUP(free_p) char *expanded = NULL;
	char here[PATH_BYTES_MAX];

	if (!path || !path[0])
		return 0;
	if (d->scheme != DEST_SSH)
		return error_set(err, ERR_USAGE, "--identity option not supported for %s scheme",
				 d->scheme == DEST_TCP ? "tcp" : "unix");
	expanded = path_expand_home(path);
	if (!expanded || !getcwd(here, sizeof here))
		return error_set_errno(err, "--identity");
	if (access(expanded, R_OK) < 0)
		return error_set_errno(err, "--identity: %s", path);
	d->identity = path_join(here, expanded);
	return d->identity ? 0 : error_set_errno(err, "--identity");
}

/* The service may be started later, but a file that is no socket is a mistake. */
static int check_socket(const struct destination *d, struct error *err)
{
	struct stat st;

	if (d->scheme != DEST_UNIX)
		return 0;
	if (stat(d->path, &st) < 0)
		log_warn("%s: %s", d->path, strerror(errno));
	else if (!S_ISSOCK(st.st_mode))
		return error_set(err, ERR_USAGE, "\"%s\" exists and is not a unix domain socket", d->path);
	return 0;
}

static int add_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct add_args *a = args;
	CLEANUP(destination_done) struct destination d = { 0 };
	const char *where = NULL;
	int r = add_where(a, names, &where, err);

	(void)s;
	if (r == 0)
		r = parse_where(where, a->port, &d, err);
	if (r == 0)
		r = add_port(&d, a->port, err);
	if (r == 0)
		r = add_socket_path(&d, a->socket_path, err);
	if (r == 0)
		r = add_identity(&d, a->identity, err);
	if (r == 0)
		r = check_socket(&d, err);
	if (r == 0)
		r = destination_build_uri(&d, err);
	return r < 0 ? r : config_connection_add(names->v[0], &d, a->make_default, err);
}

const struct cmd cmd_system_connection_add = {
	.names = (const char *const[]){ "system connection add", "context create", NULL },
	.synopsis = "[options] NAME DESTINATION",
	.brief = "Record a connection to a host",
	.about = "Adds a connection to podman-connections.json. DESTINATION is one of\n"
		 "  [USER@]HOST                        a host that ssh knows\n"
		 "  ssh://[USER@]HOST[:PORT][/PATH]    the service's socket is looked for when PATH is left out\n"
		 "  unix:///PATH                       a socket on this machine\n"
		 "  tcp://HOST:PORT                    not encrypted\n"
		 "USER, PORT and key that are not given are taken from the configuration of ssh. The first connection becomes the\n"
		 "default when there is no other. A connection of the same name is replaced.",
	.examples = "podman system connection add build root@build.example.com\n"
		    "podman system connection add --default --identity ~/.ssh/dev_ed25519 dev ssh://dev@10.0.0.7:2222\n"
		    "podman system connection add local unix:///run/podman/podman.sock",
	.opts = add_opts,
	.args_size = sizeof(struct add_args),
	.min_names = 1,
	.max_names = 2,
	.run = add_run,
};

/* ---- remove, rename, default ---- */

struct remove_args {
	bool all;
};

static const struct opt remove_opts[] = { OPT_BOOL('a', "all", struct remove_args, all, "Remove all connections"), OPT_END };

static int remove_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct remove_args *a = args;
	int r;

	(void)s;
	if (a->all && names->n)
		return error_set(err, ERR_USAGE, "--all goes without names");
	if (!a->all && !names->n) {
		error_set(err, ERR_USAGE, "accepts 1 arg(s), received 0");
		return error_hint(err, "See 'podman system connection remove --help'");
	}
	r = config_connection_remove(a->all ? NULL : names->v[0], a->all, err);
	if (r != -ERR_NOT_FOUND)
		return r;
	/* podman (4.3.1, 5.4.2) ends with 0 and no word, and scripts remove before they add; the word is ours. */
	log_warn("%s", err->text);
	return error_clear(err);
}

const struct cmd cmd_system_connection_remove = {
	.names = (const char *const[]){ "system connection remove", "system connection rm", "context remove", "context rm", NULL },
	.synopsis = "[options] NAME",
	.brief = "Delete a connection",
	.about =
		"Deletes a connection from podman-connections.json. One that another file defines is deleted by editing that file.",
	.examples = "podman system connection remove build\npodman system connection rm --all",
	.opts = remove_opts,
	.args_size = sizeof(struct remove_args),
	.min_names = 0,
	.max_names = 1,
	.complete = "@connection",
	.run = remove_run,
};

static int rename_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	(void)s, (void)args;
	return config_connection_rename(names->v[0], names->v[1], err);
}

const struct cmd cmd_system_connection_rename = {
	.names = (const char *const[]){ "system connection rename", "system connection mv", NULL },
	.synopsis = "OLD NEW",
	.brief = "Rename a connection",
	.about = "Renames a connection of podman-connections.json. It stays the default when it was.",
	.examples = "podman system connection rename build build-old",
	.min_names = 2,
	.max_names = 2,
	.complete = "@connection",
	.run = rename_run,
};

static int default_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	(void)s, (void)args;
	return config_connection_default(names->v[0], err);
}

const struct cmd cmd_system_connection_default = {
	.names = (const char *const[]){ "system connection default", "context use", NULL },
	.synopsis = "NAME",
	.brief = "Make a connection the default",
	.about = "Makes a connection the one that commands use without --connection, --url and the environment's variables.\n"
		 "It may be defined in any of the files.",
	.examples = "podman system connection default build",
	.min_names = 1,
	.max_names = 1,
	.complete = "@connection",
	.run = default_run,
};

/* ---- test ---- */

static void print_hop(void *ctx, const char *hop, bool passed, uint64_t took_us, const char *detail)
{
	FILE *out = session_out(ctx);

	fprintf(out, "%-18s %-6s %9.1f ms  %s\n", hop, passed ? "ok" : "FAILED", (double)took_us / 1000, detail ? detail : "");
	fflush(out);
}

static int test_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	struct config_flags flags = *session_config_flags(s);
	CLEANUP(destination_done) struct destination d = { 0 };
	int r;

	(void)args;
	if (names->n)
		flags.connection = names->v[0];
	r = config_choose(&flags, &d, err);
	if (r == 0)
		r = connection_test(&d, print_hop, s, err);
	return r;
}

const struct cmd cmd_system_connection_test = {
	.names = (const char *const[]){ "system connection test", NULL },
	.synopsis = "[NAME]",
	.brief = "Try a connection step by step",
	.about = "Walks every hop to the Podman service of a connection, of the host that would be used when no NAME is given,\n"
		 "and prints how long each took. The first that fails ends it, with what to do about it.",
	.examples = "podman system connection test\npodman system connection test build",
	.min_names = 0,
	.max_names = 1,
	.complete = "@connection",
	.run = test_run,
};

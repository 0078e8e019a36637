/* The one order in which a host is chosen; config/config.h states it, docs/connections.md explains it. */
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/units.h"
#include "config/destination.h"
#include "config/known.h"

#define SOURCE_MAX ((size_t)3 * DESTINATION_MAX)

/* What a rule looks at. */
struct situation {
	const struct places *places;
	const struct config_flags *flags;
	const struct known *known;
};

/* 1: the rule has chosen ret; 0: it does not apply. */
typedef int rule_fn(const struct situation *s, struct destination *ret, struct error *err);

/* ---- named connections ---- */

static int not_found(const struct known *k, const char *name, struct error *err)
{
	CLEANUP(buf_done) struct buf names = BUF_INIT(SOURCE_MAX);

	for (size_t i = 0; i < k->list.n; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", k->list.v[i].name);
	error_set(err, ERR_NOT_FOUND, "connection \"%s\" not found", name);
	if (names.n && !names.failed)
		return error_hint(err, "the known connections are: %s", buf_z(&names));
	return error_hint(err, "podman system connection add %s ssh://USER@HOST", name[0] ? name : "NAME");
}

/* A default that lives in the file which declares it needs no second mention of that file. */
static int set_source(struct destination *d, const char *by, const char *file, struct error *err)
{
	CLEANUP(buf_done) struct buf source = BUF_INIT(SOURCE_MAX);

	buf_add_z(&source, by);
	if (!str_ends(str_from(by), str_from(file)))
		buf_addf(&source, ", defined in %s", file);
	free(d->source);
	d->source = buf_take(&source);
	return d->source ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int choose_listed(const struct destination *from, const char *by, struct destination *ret, struct error *err)
{
	int r;

	if (from->problem)
		return error_set(err, ERR_USAGE, "connection \"%s\" of %s: %s", from->name ? from->name : from->uri, from->source,
				 from->problem);
	r = destination_copy(from, ret, err);
	if (r == 0)
		r = set_source(ret, by, from->source, err);
	return r < 0 ? r : 1;
}

static int choose_named(const struct situation *s, const char *name, const char *by, struct destination *ret, struct error *err)
{
	const struct destination *d = known_find(s->known, name);

	return d ? choose_listed(d, by, ret, err) : not_found(s->known, name, err);
}

/* ---- addresses ---- */

static int choose_url(const char *url, const char *by, struct destination *ret, struct error *err)
{
	int r = destination_parse(url, ret, err);

	if (r < 0)
		return error_context(err, "%s", by);
	r = destination_set(&ret->source, by, err);
	return r < 0 ? r : 1;
}

static int set_identity(struct destination *d, const char *path, struct error *err)
{
	free(d->identity);
	d->identity = path_expand_home(path);
	return d->identity ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- the host of Podman 1's flags and their variables ---- */

static const char *flag_or_env(const char *flag, const char *variable)
{
	return flag && flag[0] ? flag : env_text(variable);
}

static int remote_port(const struct config_flags *flags, int *ret, struct error *err)
{
	const char *text = env_text("PODMAN_PORT");

	if (flags->port < 0 || flags->port > 65535)
		return error_set(err, ERR_USAGE, "--port: %d is no port; it is a number from 1 to 65535", flags->port);
	*ret = flags->port;
	return flags->port || !text ? 0 : destination_port(str_from(text), "PODMAN_PORT", ret, err);
}

static int remote_ignore_hosts(const struct config_flags *flags, bool *ret, struct error *err)
{
	const char *text = env_text("PODMAN_IGNORE_HOSTS");

	*ret = flags->ignore_hosts > 0;
	if (flags->ignore_hosts >= 0 || !text)
		return 0;
	if (!bool_parse(str_from(text), ret))
		return error_set(err, ERR_USAGE, "PODMAN_IGNORE_HOSTS: \"%s\" is neither true nor false", text);
	return 0;
}

static int choose_remote_host(const struct config_flags *flags, const char *host, const char *by, struct destination *d,
			      struct error *err)
{
	const char *user = flag_or_env(flags->username, "PODMAN_USER"),
		   *key = flag_or_env(flags->identity_file, "PODMAN_IDENTITY_FILE");
	int r;

	d->scheme = DEST_SSH;
	if (flags->username && !flags->username[0])
		return error_set(err, ERR_USAGE, "you must provide a username when providing a remote host name");
	r = destination_check_host(host, by, err);
	if (r == 0 && user)
		r = destination_check_user(user, flags->username ? "--username" : "PODMAN_USER", err);
	if (r == 0)
		r = remote_port(flags, &d->port, err);
	if (r == 0)
		r = remote_ignore_hosts(flags, &d->ignore_hosts, err);
	if (r == 0)
		r = destination_set(&d->host, host, err);
	if (r == 0)
		r = destination_set(&d->user, user, err);
	if (r == 0 && key)
		r = set_identity(d, key, err);
	if (r == 0)
		r = destination_build_uri(d, err);
	if (r == 0)
		r = destination_set(&d->source, by, err);
	return r < 0 ? r : 1;
}

/* ---- the rules ---- */

static int rule_connection_flag(const struct situation *s, struct destination *ret, struct error *err)
{
	return s->flags->connection ? choose_named(s, s->flags->connection, "--connection", ret, err) : 0;
}

static int rule_url_flag(const struct situation *s, struct destination *ret, struct error *err)
{
	return s->flags->url ? choose_url(s->flags->url, "--url", ret, err) : 0;
}

static int rule_remote_host_flag(const struct situation *s, struct destination *ret, struct error *err)
{
	const char *host = s->flags->remote_host;

	return host && host[0] ? choose_remote_host(s->flags, host, "--remote-host", ret, err) : 0;
}

static int rule_varlink_bridge(const struct situation *s, struct destination *ret, struct error *err)
{
	const char *command = env_text("PODMAN_VARLINK_BRIDGE");
	int r;

	(void)s;
	if (!command)
		return 0;
	ret->scheme = DEST_BRIDGE;
	if (asprintf(&ret->uri, "bridge:%s", command) < 0) {
		ret->uri = NULL;
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	r = destination_set(&ret->command, command, err);
	if (r == 0)
		r = destination_set(&ret->source, "PODMAN_VARLINK_BRIDGE", err);
	return r < 0 ? r : 1;
}

/* "unix:/run/podman/io.podman;mode=0600": what stands behind the semicolon is for servers. */
static int rule_varlink_address(const struct situation *s, struct destination *ret, struct error *err)
{
	const char *address = env_text("PODMAN_VARLINK_ADDRESS");
	CLEANUP(free_p) char *plain = NULL;

	(void)s;
	if (!address)
		return 0;
	plain = strndup(address, strcspn(address, ";"));
	if (!plain)
		return error_set(err, ERR_SYSTEM, "out of memory");
	return choose_url(plain, "PODMAN_VARLINK_ADDRESS", ret, err);
}

static int rule_container_connection(const struct situation *s, struct destination *ret, struct error *err)
{
	const char *name = env_text("CONTAINER_CONNECTION");

	return name ? choose_named(s, name, "CONTAINER_CONNECTION", ret, err) : 0;
}

static int rule_container_host(const struct situation *s, struct destination *ret, struct error *err)
{
	const char *url = env_text("CONTAINER_HOST"), *key = env_text("CONTAINER_SSHKEY");
	int r = url ? choose_url(url, "CONTAINER_HOST", ret, err) : 0;

	(void)s;
	if (r == 1 && key && set_identity(ret, key, err) < 0)
		return -ERR_SYSTEM;
	return r;
}

static int rule_podman_host(const struct situation *s, struct destination *ret, struct error *err)
{
	const char *host = env_text("PODMAN_HOST");

	return host ? choose_remote_host(s->flags, host, "PODMAN_HOST", ret, err) : 0;
}

static int rule_default(const struct situation *s, struct destination *ret, struct error *err)
{
	const struct known *k = s->known;

	if (k->dflt && !known_find(k, k->dflt)) {
		error_set(err, ERR_NOT_FOUND, "the default connection \"%s\" (%s) is not defined", k->dflt, k->dflt_from);
		return error_hint(err, "podman system connection default NAME, with a name from: podman system connection list");
	}
	if (k->dflt)
		return choose_named(s, k->dflt, k->dflt_from, ret, err);
	if (k->old_dflt.uri)
		return choose_listed(&k->old_dflt, "remote_uri", ret, err);
	if (k->undecided) {
		error_set(err, ERR_NOT_FOUND, "no default connection is defined");
		return error_hint(err, "name one with --connection, or set \"default = true\" for one in %s", k->undecided);
	}
	return 0;
}

static int rule_local(const struct situation *s, struct destination *ret, struct error *err)
{
	const struct strv *sockets = &s->places->local_sockets;
	size_t i = 0;
	int r;

	while (i < sockets->n && access(sockets->v[i], F_OK) < 0)
		i++;
	if (i == sockets->n)
		return 0;
	ret->scheme = DEST_LOCAL;
	r = destination_set(&ret->path, sockets->v[i], err);
	if (r == 0)
		r = destination_build_uri(ret, err);
	if (r == 0)
		r = destination_set(&ret->source, "the service on this machine", err);
	return r < 0 ? r : 1;
}

static int nothing(const struct situation *s, struct error *err)
{
	if (s->known->list.n) {
		error_set(err, ERR_NOT_FOUND, "no default connection is defined");
		return error_hint(err, "podman system connection default %s", s->known->list.v[0].name);
	}
	error_set(err, ERR_NOT_FOUND,
		  s->places->local_sockets.n ? "no connection to a host is defined, and no Podman service listens on this machine"
					     : "no connection to a host is defined");
	return error_hint(err, "podman system connection add NAME ssh://USER@HOST");
}

static rule_fn *const rules[] = {
	rule_connection_flag,      rule_url_flag,       rule_remote_host_flag, rule_varlink_bridge, rule_varlink_address,
	rule_container_connection, rule_container_host, rule_podman_host,      rule_default,        rule_local,
};

/* Flags that say how to reach a host but not which are lost when another rule names the host; say so, since a key or port that
 * is silently not used costs hours. */
static void warn_unused(const struct config_flags *f, const struct destination *d)
{
	const struct {
		const char *name;
		bool given;
	} flags[] = { { "--port", f->port != 0 },
		      { "--identity-file", f->identity_file != NULL },
		      { "--ignore-hosts", f->ignore_hosts >= 0 } };

	if (strcmp(d->source, "--remote-host") == 0 || strcmp(d->source, "PODMAN_HOST") == 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (flags[i].given)
			log_warn("%s goes with --remote-host and is not used: the host comes from %s", flags[i].name, d->source);
}

int places_choose(const struct places *p, const struct config_flags *flags, struct destination *ret, struct error *err)
{
	CLEANUP(known_done) struct known known = { 0 };
	CLEANUP(destination_done) struct destination d = { 0 };
	struct situation s = { .places = p, .flags = flags, .known = &known };
	int r = known_read(p, flags, &known, err);

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(rules); i++)
		r = rules[i](&s, &d, err);
	if (r == 0)
		return nothing(&s, err);
	if (r > 0 && flags->identity && flags->identity[0])
		r = set_identity(&d, flags->identity, err);
	if (r < 0)
		return r;
	warn_unused(flags, &d);
	log_debug("host %s, chosen by %s", d.uri, d.source);
	*ret = d;
	d = (struct destination){ 0 };
	return 0;
}

int config_choose(const struct config_flags *flags, struct destination *ret, struct error *err)
{
	CLEANUP(places_done) struct places p = { 0 };
	int r = places_find("", flags, &p, err);

	return r < 0 ? r : places_choose(&p, flags, ret, err);
}

int places_connections(const struct places *p, const struct config_flags *flags, struct connections *ret, struct error *err)
{
	CLEANUP(known_done) struct known known = { 0 };
	int r = known_read(p, flags, &known, err);

	if (r < 0)
		return r;
	*ret = known.list;
	known.list = (struct connections){ 0 };
	return 0;
}

int config_connections(const struct config_flags *flags, struct connections *ret, struct error *err)
{
	CLEANUP(places_done) struct places p = { 0 };
	int r = places_find("", flags, &p, err);

	return r < 0 ? r : places_connections(&p, flags, ret, err);
}

/* cmd/podman/port.c: published ports, out of the list of containers. */
#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/units.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/select.h"
#include "cmd/session.h"

#define PORT_MAX 65535

struct port_args {
	bool all, latest;
};

static const struct opt port_opts[] = {
	OPT_BOOL('a', "all", struct port_args, all, "Show the ports of all containers"),
	OPT_BOOL('l', "latest", struct port_args, latest, "Act on the container that was created last"),
	OPT_END
};

struct wanted {
	int64_t port; /* 0: all */
	char protocol[8];
};

struct job {
	struct session *session;
	const char *id; /* full; NULL with --all */
	struct wanted wanted;
	size_t printed;
};

/* "80" or "80/udp" */
static int parse_wanted(const char *text, struct wanted *ret, struct error *err)
{
	struct str number, protocol;

	if (!str_cut(str_from(text), '/', &number, &protocol))
		protocol = STR("tcp");
	if (!int_parse(number, &ret->port) || ret->port < 1 || ret->port > PORT_MAX || protocol.n >= sizeof ret->protocol)
		return error_set(err, ERR_USAGE, "port must be PORT or PORT/PROTOCOL, not \"%s\"", text);
	memcpy(ret->protocol, protocol.p, protocol.n);
	return 0;
}

static void print_mapping(struct job *j, struct json_object *item, struct json_object *mapping)
{
	const char *protocol = js_get_str(mapping, "protocol", "tcp"), *ip = js_get_str(mapping, "host_ip", "");
	int64_t range = js_get_int(mapping, "range", 1), inside = js_get_int(mapping, "container_port", 0);
	int64_t host = js_get_int(mapping, "host_port", 0);
	FILE *out = session_out(j->session);

	/* These are no ports, whatever the host says. */
	if (range < 0 || range > PORT_MAX || inside < 0 || inside > PORT_MAX || host < 0 || host > PORT_MAX)
		return;

	for (int64_t i = 0; i < (range ? range : 1); i++) {
		if (j->wanted.port && (inside + i != j->wanted.port || strcmp(protocol, j->wanted.protocol) != 0))
			continue;
		if (!j->id)
			fprintf(out, "%.12s\t", js_get_str(item, "Id", ""));
		if (!j->wanted.port)
			fprintf(out, "%" PRId64 "/%s -> ", inside + i, protocol);
		fprintf(out, "%s:%" PRId64 "\n", *ip ? ip : "0.0.0.0", host + i);
		j->printed++;
	}
}

static int print_ports(void *ctx, struct json_object *item, struct error *err)
{
	struct job *j = ctx;
	struct json_object *ports = js_get(item, "Ports");

	(void)err;
	if (j->id && strcmp(j->id, js_get_str(item, "Id", "")) != 0)
		return 0;
	for (size_t i = 0; i < js_len(ports); i++)
		print_mapping(j, item, js_at(ports, i));
	return 0;
}

static int port_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct port_args *a = args;
	struct job j = { .session = s };
	size_t at_port = a->all || a->latest ? 0 : 1;
	struct strv name = { names->v, names->n < at_port ? names->n : at_port, 0 };
	struct selection sel = { .names = &name, .latest = a->latest };
	struct container_list_req q = { .all = true };
	CLEANUP(js_put_p) struct json_object *found = NULL;
	CLEANUP(strv_done) struct strv chosen = { 0 };
	struct engine *e;
	int r;

	if (names->n < at_port)
		return error_set(err, ERR_USAGE, "you must supply a running container name or id");
	if (names->n > at_port && ((r = parse_wanted(names->v[at_port], &j.wanted, err)) < 0))
		return r;
	if ((r = session_engine(s, &e, err)) < 0)
		return r;
	if (!a->all) {
		if ((r = select_containers(e, &sel, &chosen, err)) < 0)
			return r;
		if (chosen.n == 0)
			return error_set(err, ERR_NOT_FOUND, "there is no container");
		r = engine_inspect(e, OBJECT_CONTAINER, chosen.v[0], false, &found, err);
		if (r < 0)
			return r;
		j.id = js_get_str(found, "Id", "");
	}
	r = engine_container_list(e, &q, print_ports, &j, err);
	if (r == 0 && j.wanted.port && !j.printed)
		return error_set(err, ERR_NOT_FOUND, "failed to find published port \"%" PRId64 "/%s\"", j.wanted.port, j.wanted.protocol);
	return r;
}

const struct cmd cmd_port = {
	.names = (const char *const[]){ "port", "container port", NULL },
	.synopsis = "[options] CONTAINER [PORT]",
	.brief = "List port mappings or a specific mapping for the container",
	.about = "Lists the ports of the host that lead to the container, or the one that leads to PORT.",
	.examples = "podman port web\npodman port web 80/tcp\npodman port --all",
	.opts = port_opts,
	.args_size = sizeof(struct port_args),
	.max_names = 2,
	.complete = "@container",
	.run = port_run,
};

#include "service.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gojson.h"
#include "interface.h"

static void get_info(struct call *c)
{
	struct json_object *o = json_object_new_object(), *interfaces = json_object_new_array();

	json_object_array_add(interfaces, js_str("org.varlink.service"));
	json_object_array_add(interfaces, js_str("io.podman"));
	js_set_str(o, "vendor", "Atomic");
	js_set_str(o, "product", "podman");
	js_set_str(o, "version", c->host->version_text);
	js_set_str(o, "url", "https://github.com/containers/libpod");
	js_set(o, "interfaces", interfaces);
	reply(c, o);
}

static void reply_bad(struct call *c, const char *error, const char *key, struct str value)
{
	struct json_object *o = json_object_new_object();
	char name[64] = "org.varlink.service.";

	js_set(o, key, js_strn(value));
	strncat(name, error, sizeof name - strlen(name) - 1);
	reply_error(c, name, o);
}

static void get_interface_description(struct call *c)
{
	const char *name = call_str(c, "interface");
	CLEANUP(buf_done) struct buf text = BUF_INIT(1024 * 1024);

	if (!interface_describe(c->host->version, name, &text)) {
		reply_bad(c, "InvalidParameter", "parameter", STR("interface"));
		return;
	}
	reply_one(c, "description", js_strn(buf_str(&text)));
}

static const struct method varlink_methods[] = {
	{ VALL, "GetInfo", "()", "", get_info },
	{ VALL, "GetInterfaceDescription", "(interface: string)", "", get_interface_description },
	{ 0 },
};

static const struct method *method_find(const struct method *table, enum podman_version version, struct str name)
{
	for (; table->name; table++)
		if ((table->versions & version) && str_eq_z(name, table->name))
			return table;
	return NULL;
}

/* The interface is what stands before the last dot. */
static bool split_name(struct str whole, struct str *ret_interface, struct str *ret_method)
{
	for (size_t i = whole.n; i > 0; i--) {
		if (whole.p[i - 1] != '.')
			continue;
		*ret_interface = (struct str){ whole.p, i - 1 };
		*ret_method = (struct str){ whole.p + i, whole.n - i };
		return true;
	}
	return false;
}

static void dispatch(struct call *c, struct str whole)
{
	struct str interface, name;
	const struct method *table;

	if (!split_name(whole, &interface, &name)) {
		reply_bad(c, "InvalidParameter", "parameter", STR("method"));
		return;
	}
	table = str_eq_z(interface, "io.podman") ? podman_methods : varlink_methods;
	if (table == varlink_methods && !str_eq_z(interface, "org.varlink.service")) {
		reply_bad(c, "InterfaceNotFound", "interface", interface);
		return;
	}
	c->method = method_find(table, c->host->version, name);
	if (!c->method)
		reply_bad(c, "MethodNotFound", "method", name);
	else if (!c->method->run)
		reply_bad(c, "MethodNotImplemented", "method", whole);
	else if (!interface_check(c->host->version, c->method->in, c->params))
		reply_bad(c, "InvalidParameter", "parameter", STR("parameters"));
	else
		c->method->run(c);
}

static struct call *call_new(struct connection *conn, struct json_object *message)
{
	struct call *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->conn = conn;
	c->host = conn->host;
	c->params = json_object_get(js_get(message, "parameters"));
	c->more = js_get_bool(message, "more", false);
	c->oneway = js_get_bool(message, "oneway", false);
	c->upgrade = js_get_bool(message, "upgrade", false);
	return c;
}

/* Whatever is no call ends the connection, as with the real service. */
void service_message(struct connection *conn, struct str text)
{
	CLEANUP(js_put_p) struct json_object *message = NULL;
	struct json_object *method;

	if (js_parse(text, "call", &message, NULL) < 0 || !json_object_is_type(message, json_type_object)) {
		connection_finish(conn);
		return;
	}
	method = js_get(message, "method");
	conn->call = call_new(conn, message);
	if (!conn->call) {
		connection_finish(conn);
		return;
	}
	dispatch(conn->call, js_text(method));
	if (conn->call && conn->call->answered)
		service_drop(conn);
}

void service_resume(struct connection *conn)
{
	if (conn->call->resume)
		conn->call->resume(conn->call);
	if (conn->call->answered)
		service_drop(conn);
}

void service_drop(struct connection *conn)
{
	struct call *c = conn->call;

	if (!c)
		return;
	if (c->state_free)
		c->state_free(c->state);
	json_object_put(c->params);
	free(c);
	conn->call = NULL;
}

void call_wait(struct call *c, void (*resume)(struct call *c), void *state, void (*state_free)(void *state))
{
	c->resume = resume;
	c->state = state;
	c->state_free = state_free;
}

void call_end(struct call *c)
{
	c->answered = true;
	host_wake(c->host);
}

void call_hang_up(struct call *c)
{
	connection_finish(c->conn);
	call_end(c);
}

const char *call_str(const struct call *c, const char *key)
{
	return js_get_str(c->params, key, "");
}

#include "connection/connection.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "connection/carrier.h"
#include "connection/probe.h"
#include "rest/engine.h"
#include "varlink/engine.h"

struct connection {
	struct carrier carrier;
	struct dialer dialer;
	struct engine *engine;
	enum protocol protocol;
};

/* The key of the memory: the host as it was asked for; NULL for local destinations, where asking costs nothing. */
static char *memory_key(const struct destination *to)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT(4096);

	if (to->scheme != DEST_SSH)
		return NULL;
	buf_addf(&key, "ssh://%s@%s:%d", to->user ? to->user : "", to->host, to->port);
	return buf_take(&key);
}

static int open_as(struct connection *c, enum protocol p, struct error *err)
{
	c->dialer = carrier_dialer(&c->carrier);
	c->protocol = p;
	return p == PROTOCOL_REST ? rest_engine_open(&c->engine, &c->dialer, err) : varlink_engine_open(&c->engine, &c->dialer, err);
}

/* Asks the socket in use: the likelier protocol first, and the other one when that is not spoken. */
static int ask(struct connection *c, enum protocol first, struct error *err)
{
	enum protocol other = first == PROTOCOL_REST ? PROTOCOL_VARLINK : PROTOCOL_REST;
	CLEANUP(error_done) struct error second = ERROR_INIT;
	int r = open_as(c, first, err);

	if (r != -ERR_PROTOCOL)
		return r;
	log_debug("%s: not %s: %s", c->carrier.where, protocol_word(first), err ? err->text : "");
	r = open_as(c, other, &second);
	if (r == 0)
		return error_clear(err);
	log_debug("%s: not %s: %s", c->carrier.where, protocol_word(other), second.text);
	error_context(err, "%s speaks neither the Podman REST API nor io.podman", c->carrier.where);
	return -ERR_PROTOCOL;
}

/* Whether a failed socket leaves hope for the next one in the list. */
static bool try_next(const struct error *err)
{
	return err->kind == ERR_CONNECT && (err->sys_errno == ENOENT || err->sys_errno == EACCES || err->sys_errno == ECONNREFUSED);
}

/* Tries the sockets that the user's service may have. */
static int ask_candidates(struct connection *c, const struct strv *paths, struct error *err)
{
	CLEANUP(error_done) struct error first = ERROR_INIT;
	int r = -ERR_CONNECT;

	for (size_t i = 0; i < paths->n; i++) {
		error_clear(err);
		r = carrier_use(&c->carrier, paths->v[i], err);
		if (r == 0)
			r = ask(c, protocol_guess(paths->v[i]), err);
		if (r == 0 || !err || !try_next(err))
			return r;
		log_debug("%s", err->text);
		/* The most telling of the failures is the one that is not plain absence. */
		if (!first.kind || (first.sys_errno == ENOENT && err->sys_errno != ENOENT))
			error_move(&first, err);
	}
	return error_move(err, &first);
}

static int find_service(struct connection *c, struct error *err)
{
	CLEANUP(strv_done) struct strv paths = { 0 };
	const struct destination *to = c->carrier.to;
	long uid = 0;
	int r;

	if (!to->user || !str_eq_z(STR("root"), to->user)) {
		r = carrier_uid(&c->carrier, &uid, err);
		if (r < 0)
			return r;
	}
	if (!probe_candidates(uid, &paths))
		return error_set(err, ERR_SYSTEM, "out of memory");
	return ask_candidates(c, &paths, err);
}

/* The path that the destination names or the memory knows; asks around when there is none, or when what is remembered is gone. */
static int find_engine(struct connection *c, struct error *err)
{
	const struct destination *to = c->carrier.to;
	CLEANUP(free_p) char *key = memory_key(to);
	CLEANUP(free_p) char *known = NULL;
	enum protocol protocol = PROTOCOL_UNKNOWN;
	int r = -ERR_CONNECT;

	if (key)
		memory_recall(key, &known, &protocol);
	if (to->scheme == DEST_TCP || to->scheme == DEST_BRIDGE)
		return ask(c, to->scheme == DEST_BRIDGE ? PROTOCOL_VARLINK : PROTOCOL_REST, err);
	if (to->path && *to->path)
		return ask(c, protocol_guess(to->path), err);
	if (known) {
		r = carrier_use(&c->carrier, known, err);
		if (r == 0)
			r = ask(c, protocol ? protocol : protocol_guess(known), err);
		if (r == 0 || !err || !try_next(err))
			return r;
		error_clear(err);
	}
	r = find_service(c, err);
	if (r == 0 && key)
		memory_keep(key, c->carrier.path, c->protocol);
	return r;
}

static int start_carrier(const struct destination *to, tunnel_hop_fn *hop, void *ctx, struct connection **ret, struct error *err)
{
	CLEANUP(connection_close_p) struct connection *c = calloc(1, sizeof *c);
	int r;

	if (!c)
		return error_set_errno(err, "connection");
	r = carrier_open(&c->carrier, to, hop, ctx, err);
	*ret = ptr_take(&c);
	return r;
}

static int name_it(const struct destination *to, struct error *err)
{
	return to->name ? error_context(err, "connection %s", to->name) : err ? -(int)err->kind : -ERR_CONNECT;
}

int connection_open(const struct destination *to, struct connection **ret, struct error *err)
{
	CLEANUP(connection_close_p) struct connection *c = NULL;
	int r = start_carrier(to, NULL, NULL, &c, err);

	log_debug("connecting to %s (from %s)", to->uri ? to->uri : "the local service", to->source ? to->source : "the defaults");
	if (r == 0)
		r = find_engine(c, err);
	if (r < 0)
		return name_it(to, err);
	log_debug("%s: %s", c->carrier.where, engine_name(c->engine));
	*ret = ptr_take(&c);
	return 0;
}

struct engine *connection_engine(struct connection *c)
{
	return c->engine;
}

void connection_close(struct connection *c)
{
	if (!c)
		return;
	engine_close(c->engine);
	carrier_done(&c->carrier);
	free(c);
}

void connection_close_p(struct connection **c)
{
	connection_close(*c);
}

/* What connection_test hands from hop to hop. */
struct walk {
	connection_hop_fn *hop;
	void *ctx;
	size_t n; /* tunnel hops that were passed */
};

static const char *const tunnel_hops[HOP_COUNT_] = { "ssh configuration", "name lookup", "TCP", "host key", "authentication" };

static void on_tunnel_hop(void *ctx, enum tunnel_hop hop, uint64_t took_us, const char *detail)
{
	struct walk *w = ctx;

	w->n = (size_t)hop + 1;
	w->hop(w->ctx, tunnel_hops[hop], true, took_us, detail);
}

/* The hop that an error of the tunnel belongs to is the one after the last that was passed. */
static int test_failed(struct walk *w, const char *hop, struct error *err)
{
	w->hop(w->ctx, hop, false, 0, err && err->text ? err->text : "");
	return err ? -(int)err->kind : -ERR_CONNECT;
}

static int test_service(struct connection *c, struct walk *w, struct error *err)
{
	uint64_t start = clock_ms();
	char version[96];
	int r = find_engine(c, err);

	if (r == -ERR_CONNECT)
		return test_failed(w, "socket", err);
	w->hop(w->ctx, "socket", true, 0, c->carrier.where);
	if (r < 0)
		return test_failed(w, "protocol", err);
	w->hop(w->ctx, "protocol", true, (clock_ms() - start) * 1000, protocol_word(c->protocol));
	snprintf(version, sizeof version, "Podman %s", c->engine->version);
	w->hop(w->ctx, "API version", true, 0, version);
	return 0;
}

int connection_test(const struct destination *to, connection_hop_fn *hop, void *ctx, struct error *err)
{
	struct walk w = { .hop = hop, .ctx = ctx };
	CLEANUP(connection_close_p) struct connection *c = NULL;
	CLEANUP(buf_done) struct buf from = BUF_INIT(8192);
	int r;

	buf_addf(&from, "%s, from %s", to->uri ? to->uri : "the local service", to->source ? to->source : "the defaults");
	hop(ctx, "configuration", true, 0, buf_z(&from));
	r = start_carrier(to, on_tunnel_hop, &w, &c, err);
	if (r < 0)
		r = test_failed(&w, w.n < HOP_COUNT_ ? tunnel_hops[w.n] : "authentication", err);
	else
		r = test_service(c, &w, err);
	return r < 0 ? name_it(to, err) : 0;
}

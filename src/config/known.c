#include "config/known.h"

#include "base/cleanup.h"
#include "base/js.h"
#include "base/path.h"
#include "config/destination.h"
#include "config/toml.h"

/* More connections than this are a mistake. */
#define CONNECTIONS_MAX 4096

void connections_done(struct connections *c)
{
	for (size_t i = 0; i < c->n; i++)
		destination_done(&c->v[i]);
	free(c->v);
	strv_done(&c->files_read);
	*c = (struct connections){ 0 };
}

void known_done(struct known *k)
{
	connections_done(&k->list);
	free(k->dflt);
	free(k->dflt_from);
	destination_done(&k->old_dflt);
	free(k->undecided);
	*k = (struct known){ 0 };
}

const struct destination *known_find(const struct known *k, const char *name)
{
	for (size_t i = 0; i < k->list.n; i++)
		if (strcmp(k->list.v[i].name, name) == 0)
			return &k->list.v[i];
	return NULL;
}

int known_add(struct known *k, struct destination *d, struct error *err)
{
	struct destination *more;

	if (known_find(k, d->name)) {
		destination_done(d);
		return 0;
	}
	if (k->list.n == CONNECTIONS_MAX)
		return error_set(err, ERR_USAGE, "%s: more than %d connections", d->source, CONNECTIONS_MAX);
	more = realloc(k->list.v, (k->list.n + 1) * sizeof *more);
	if (!more)
		return error_set(err, ERR_SYSTEM, "out of memory");
	k->list.v = more;
	k->list.v[k->list.n++] = *d;
	*d = (struct destination){ 0 };
	return 0;
}

/* given has name, uri, identity, source and the booleans, all borrowed. */
static int from_given(const struct destination *given, struct destination *ret, struct error *err)
{
	CLEANUP(free_p) char *identity = NULL;
	CLEANUP(error_done) struct error why = ERROR_INIT;
	int r = destination_parse(given->uri, ret, &why);

	if (r < 0) {
		ret->uri = destination_without_password(given->uri);
		ret->problem = ptr_take(&why.text);
		r = ret->uri ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
	}
	if (given->identity && given->identity[0])
		identity = path_expand_home(given->identity);
	if (r == 0)
		r = destination_set(&ret->name, given->name, err);
	if (r == 0)
		r = destination_set(&ret->identity, identity, err);
	if (r == 0)
		r = destination_set(&ret->source, given->source, err);
	if (r == 0 && given->problem)
		r = destination_set(&ret->problem, given->problem, err);
	ret->is_machine = given->is_machine;
	ret->read_write = given->read_write;
	return r;
}

int known_add_uri(struct known *k, const struct destination *given, struct error *err)
{
	CLEANUP(destination_done) struct destination d = { 0 };
	int r = from_given(given, &d, err);

	if (r < 0)
		return r;
	if (given->name)
		return known_add(k, &d, err);
	destination_done(&k->old_dflt);
	k->old_dflt = d;
	d = (struct destination){ 0 };
	return 0;
}

int known_default(struct known *k, const char *name, const char *key, const char *file, struct error *err)
{
	if (k->dflt)
		return 0;
	k->dflt = z_dup(name);
	if (!k->dflt || asprintf(&k->dflt_from, "%s of %s", key, file) < 0) {
		k->dflt_from = NULL;
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	return 0;
}

int known_read_toml(const struct place *file, struct known *k, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TOML_MAX_BYTES);
	int r = place_read(file, &text, err);

	*ret = NULL;
	if (r <= 0)
		return r;
	if (!strv_add(&k->list.files_read, file->path))
		return error_set(err, ERR_SYSTEM, "out of memory");
	return toml_parse(buf_str(&text), file->path, ret, err);
}

static int wrong_type(const char *where, const char *key, const char *wanted, struct error *err)
{
	return error_set(err, ERR_USAGE, "%s: %s must be %s", where, key, wanted);
}

int table_str(struct json_object *table, const char *key, const char *where, const char **ret, struct error *err)
{
	struct json_object *o = js_get(table, key);

	if (!o)
		return 0;
	if (!json_object_is_type(o, json_type_string))
		return wrong_type(where, key, "a string", err);
	/* What ends a C string early is no name, path or address. */
	if (strlen(json_object_get_string(o)) != (size_t)json_object_get_string_len(o))
		return wrong_type(where, key, "a string without U+0000", err);
	*ret = json_object_get_string(o);
	return 0;
}

int table_bool(struct json_object *table, const char *key, const char *where, bool *ret, struct error *err)
{
	struct json_object *o = js_get(table, key);

	if (!o)
		return 0;
	if (!json_object_is_type(o, json_type_boolean))
		return wrong_type(where, key, "true or false", err);
	*ret = json_object_get_boolean(o);
	return 0;
}

int table_port(struct json_object *table, const char *key, const char *where, int *ret, struct error *err)
{
	struct json_object *o = js_get(table, key);
	int64_t port = o ? json_object_get_int64(o) : 0;

	if (!o)
		return 0;
	/* 0 is what Podman 1 takes for "not given". */
	if (!json_object_is_type(o, json_type_int) || port < 0 || port > 65535)
		return wrong_type(where, key, "a port number from 1 to 65535", err);
	*ret = (int)port;
	return 0;
}

int table_table(struct json_object *table, const char *key, const char *where, struct json_object **ret, struct error *err)
{
	struct json_object *o = js_get(table, key);

	if (o && !json_object_is_type(o, json_type_object))
		return wrong_type(where, key, "a table", err);
	*ret = o;
	return 0;
}

static void mark_default(struct known *k)
{
	for (size_t i = 0; i < k->list.n; i++)
		k->list.v[i].is_default = k->dflt && strcmp(k->list.v[i].name, k->dflt) == 0;
}

int known_read(const struct places *p, const struct config_flags *flags, struct known *ret, struct error *err)
{
	CLEANUP(known_done) struct known k = { 0 };
	int r = known_read_json(&(struct place){ .path = p->connections }, &k, err);

	if (r == 0)
		r = known_read_containers_conf(p, &k, err);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(p->remote_conf); i++)
		if (p->remote_conf[i].path)
			r = known_read_remote_conf(&p->remote_conf[i], flags, &k, err);
	if (r < 0)
		return r;
	mark_default(&k);
	*ret = k;
	k = (struct known){ 0 };
	return 0;
}

#include "config/auth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/js.h"
#include "base/log.h"
#include "base/wipe.h"
#include "config/auth_file.h"
#include "config/auth_helper.h"
#include "config/auth_json.h"
#include "config/auth_key.h"

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- a pair ---- */

void credentials_done(struct credentials *c)
{
	wipe_free(c->username);
	wipe_free(c->password);
	wipe_free(c->identity_token);
	free(c->source);
	*c = (struct credentials){ 0 };
}

int credentials_parse(const char *creds, struct credentials *ret, struct error *err)
{
	struct str user, password;
	bool pair = str_cut(str_from(creds), ':', &user, &password);

	if (!creds[0])
		return error_set(err, ERR_USAGE, "credentials can't be empty");
	if (user.n == 0)
		return error_set(err, ERR_USAGE, "username can't be empty");
	*ret = (struct credentials){ .username = str_dup(user), .password = pair ? str_dup(password) : NULL };
	if (ret->username && (ret->password || !pair))
		return 0;
	credentials_done(ret);
	return no_memory(err);
}

/* ---- looking up ---- */

/* "FILE" or "docker-credential-NAME". */
static int found(struct credentials *c, const char *prefix, const char *name, struct error *err)
{
	free(c->source);
	if (asprintf(&c->source, "%s%s", prefix, name) < 0) {
		c->source = NULL;
		return no_memory(err);
	}
	log_debug("credentials: of %s", c->source);
	return 1;
}

/* The entry with the longest key that fits and that says something. */
static int from_entries(const struct auth_file *f, struct json_object *entries, const char *key, struct credentials *ret,
			struct error *err)
{
	CLEANUP(free_p) char *part = z_dup(key);

	if (!part)
		return no_memory(err);
	do {
		struct json_object *entry = auth_find(f, entries, part, NULL);

		if (entry && auth_entry_read(entry, ret))
			return found(ret, "", f->path, err);
	} while (auth_key_parent(part));
	return 0;
}

static int from_helper(const char *name, const char *key, struct credentials *ret, struct error *err)
{
	CLEANUP(free_p) char *host = str_dup(auth_key_host(key));
	int r = host ? auth_helper_get(name, host, ret, err) : no_memory(err);

	return r > 0 ? found(ret, "docker-credential-", name, err) : r;
}

/* credsStore is docker's. One that is not installed any more must not stand in the way of every pull, since podman never asks it. */
static int from_store(const struct auth_file *f, const char *name, const char *key, struct credentials *ret, struct error *err)
{
	CLEANUP(error_done) struct error why = ERROR_INIT;
	int r = from_helper(name, key, ret, &why);

	if (r >= 0 || why.sys_errno != ENOENT)
		return r < 0 ? error_move(err, &why) : r;
	log_warn("%s: credsStore: %s", f->path, why.text);
	return 0;
}

/* 1: found; 0: nothing. */
static int from_file(const struct auth_file *f, const char *key, struct credentials *ret, struct error *err)
{
	CLEANUP(auth_json_free_p) struct json_object *document = NULL;
	const char *helper, *store;
	int r = auth_file_read(f, &document, err);

	if (r < 0)
		return r;
	helper = auth_helper_of(f, document, key);
	if (helper && helper[0])
		return from_helper(helper, key, ret, err);
	r = from_entries(f, auth_file_entries(f, document), key, ret, err);
	store = helper ? NULL : auth_store_of(document);
	return r || !store ? r : from_store(f, store, key, ret, err);
}

/* A file that can't be read is an error only when no other has an answer. */
static int from_files(const struct auth_files *files, const char *key, struct credentials *ret, struct error *err)
{
	CLEANUP(error_done) struct error first = ERROR_INIT, one = ERROR_INIT;
	int r = 0;

	for (size_t i = 0; r <= 0 && i < files->n; i++) {
		r = from_file(&files->v[i], key, ret, &one);
		if (r < 0 && !first.kind)
			error_move(&first, &one);
	}
	return r > 0 ? 1 : first.kind ? error_move(err, &first) : 0;
}

int auth_lookup(const char *authfile, const char *key, struct credentials *ret, struct error *err)
{
	CLEANUP(auth_files_done) struct auth_files files = { 0 };
	CLEANUP(credentials_done) struct credentials c = { 0 };
	CLEANUP(free_p) char *normal = auth_key_normal(str_from(key), false);
	int r = normal ? auth_files_find(authfile, &files, err) : no_memory(err);

	*ret = (struct credentials){ 0 };
	if (r == 0)
		r = from_files(&files, normal, &c, err);
	if (r <= 0)
		return r;
	*ret = c;
	c = (struct credentials){ 0 };
	return 0;
}

/* ---- all of them ---- */

static struct json_object *as_request(const struct credentials *c)
{
	struct json_object *o = json_object_new_object();
	bool ok = o != NULL;

	if (c->identity_token) {
		ok = ok && js_set_str(o, "identitytoken", c->identity_token);
	} else {
		ok = ok && js_set_str(o, "username", c->username ? c->username : "");
		ok = ok && js_set_str(o, "password", c->password ? c->password : "");
	}
	if (!ok)
		auth_json_free_p(&o);
	return o;
}

static int put(struct json_object *all, const char *key, const struct credentials *c, struct error *err)
{
	struct json_object *o = as_request(c);

	return o && js_set(all, key, o) ? 0 : no_memory(err);
}

static int add_entries(const struct auth_file *f, struct json_object *all, struct error *err)
{
	CLEANUP(auth_json_free_p) struct json_object *document = NULL;
	struct json_object *entries;
	int r = auth_file_read(f, &document, err);

	entries = r == 0 ? auth_file_entries(f, document) : NULL;
	if (!json_object_is_type(entries, json_type_object))
		return r;
	json_object_object_foreach(entries, name, entry)
	{
		CLEANUP(credentials_done) struct credentials c = { 0 };
		CLEANUP(free_p) char *key = auth_key_normal(str_from(name), f->old);

		/* Of two files the first counts. */
		if (!key || js_get(all, key) || !auth_entry_read(entry, &c))
			continue;
		if ((r = put(all, key, &c, err)) < 0)
			return r;
	}
	return 0;
}

/* What the whole order says about a host counts more than a bare entry: a helper may be in charge of it. */
static int add_host(const char *authfile, const char *host, struct json_object *all, struct error *err)
{
	CLEANUP(credentials_done) struct credentials c = { 0 };
	CLEANUP(free_p) char *key = auth_key_normal(str_from(host), false);
	int r = key ? auth_lookup(authfile, key, &c, err) : no_memory(err);

	return r < 0 || (!c.username && !c.identity_token) ? r : put(all, key, &c, err);
}

int auth_all(const char *authfile, const struct strv *hosts, struct json_object **ret, struct error *err)
{
	CLEANUP(auth_files_done) struct auth_files files = { 0 };
	CLEANUP(auth_json_free_p) struct json_object *all = json_object_new_object();
	int r = all ? auth_files_find(authfile, &files, err) : no_memory(err);

	for (size_t i = 0; r == 0 && i < files.n; i++)
		r = add_entries(&files.v[i], all, err);
	for (size_t i = 0; r == 0 && hosts && i < hosts->n; i++)
		r = add_host(authfile, hosts->v[i], all, err);
	if (r == 0)
		*ret = ptr_take(&all);
	return r;
}

/* ---- in a request's header ---- */

int auth_header_map(struct json_object *map, char **ret, struct error *err)
{
	CLEANUP(wipe_buf_done) struct buf text = BUF_INIT(AUTH_MAX_BYTES);
	struct buf encoded = BUF_INIT(2 * AUTH_MAX_BYTES);

	auth_json_add_wire(&text, map);
	if (text.failed || !base64_add_url(&encoded, buf_str(&text))) {
		wipe_buf_done(&encoded);
		return error_set(err, ERR_SYSTEM, "the credentials are too large for a request");
	}
	*ret = buf_take(&encoded);
	return 0;
}

int auth_header(const struct credentials *c, char **ret, struct error *err)
{
	CLEANUP(auth_json_free_p) struct json_object *o = as_request(c);

	return o ? auth_header_map(o, ret, err) : no_memory(err);
}

#include "config/auth_json.h"

#include <openssl/crypto.h>
#include <stdint.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/js.h"
#include "base/wipe.h"

/* ---- the text ---- */

static void new_line(struct buf *out, int level)
{
	buf_add_char(out, '\n');
	for (int i = 0; i < level; i++)
		buf_add_char(out, '\t');
}

/* json-c keeps the text that it makes with the object: it may be a secret, so it goes at once. */
static void add_text(struct buf *out, struct json_object *o)
{
	size_t n;
	const char *text = json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);

	buf_add_bytes(out, text, n);
	if (o)
		OPENSSL_cleanse((char *)(uintptr_t)text, n);
}

static void add_value(struct buf *out, struct json_object *o, int level);

static void add_array(struct buf *out, struct json_object *o, int level)
{
	buf_add_char(out, '[');
	for (size_t i = 0; i < js_len(o); i++) {
		if (i)
			buf_add_char(out, ',');
		new_line(out, level + 1);
		add_value(out, js_at(o, i), level + 1);
	}
	if (js_len(o))
		new_line(out, level);
	buf_add_char(out, ']');
}

static void add_object(struct buf *out, struct json_object *o, int level)
{
	bool first = true;

	buf_add_char(out, '{');
	json_object_object_foreach(o, key, value)
	{
		CLEANUP(js_put_p) struct json_object *name = js_str(key);

		if (!first)
			buf_add_char(out, ',');
		first = false;
		new_line(out, level + 1);
		add_text(out, name);
		buf_add_z(out, ": ");
		add_value(out, value, level + 1);
	}
	if (!first)
		new_line(out, level);
	buf_add_char(out, '}');
}

static void add_value(struct buf *out, struct json_object *o, int level)
{
	if (json_object_is_type(o, json_type_object))
		add_object(out, o, level);
	else if (json_object_is_type(o, json_type_array))
		add_array(out, o, level);
	else
		add_text(out, o);
}

void auth_json_add(struct buf *out, struct json_object *o)
{
	add_value(out, o, 0);
}

void auth_json_add_wire(struct buf *out, struct json_object *o)
{
	add_text(out, o);
}

static void wipe(struct json_object *o)
{
	if (json_object_is_type(o, json_type_string)) {
		OPENSSL_cleanse((char *)(uintptr_t)json_object_get_string(o), (size_t)json_object_get_string_len(o));
	} else if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < js_len(o); i++)
			wipe(js_at(o, i));
	} else if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, key, value)
		{
			(void)key;
			wipe(value);
		}
	}
}

void auth_json_free_p(struct json_object **o)
{
	wipe(*o);
	json_object_put(*o);
	*o = NULL;
}

/* ---- entries ---- */

/* "user:password" in base64. Some programs padded it with NULs; a NUL anywhere else is no text. */
static bool read_pair(struct str auth, struct credentials *ret)
{
	CLEANUP(wipe_buf_done) struct buf pair = BUF_INIT(AUTH_MAX_BYTES);
	struct str user, password;

	buf_reserve(&pair, auth.n);
	if (!base64_read(&pair, auth) || !str_cut(buf_str(&pair), ':', &user, &password))
		return false;
	while (password.n && !password.p[password.n - 1])
		password.n--;
	if (memchr(pair.p, 0, user.n) || (password.n && memchr(password.p, 0, password.n)))
		return false;
	ret->username = str_dup(user);
	ret->password = str_dup(password);
	return ret->username && ret->password;
}

bool auth_entry_read(struct json_object *entry, struct credentials *ret)
{
	struct str auth = js_text(js_get(entry, "auth"));
	const char *token = js_get_str(entry, "identitytoken", "");
	bool pair = auth.n && read_pair(auth, ret);

	if (token[0])
		ret->identity_token = z_dup(token);
	if (ret->identity_token || (pair && ret->username[0]))
		return true;
	credentials_done(ret);
	return false;
}

struct json_object *auth_entry_make(const struct credentials *c)
{
	CLEANUP(wipe_buf_done) struct buf pair = BUF_INIT(AUTH_MAX_BYTES / 4), auth = BUF_INIT(AUTH_MAX_BYTES / 2);
	struct json_object *entry = json_object_new_object();

	buf_reserve(&pair, strlen(c->username ? c->username : "") + strlen(c->password ? c->password : "") + 1);
	buf_addf(&pair, "%s:%s", c->username ? c->username : "", c->password ? c->password : "");
	buf_reserve(&auth, (pair.n + 2) / 3 * 4);
	if (!entry || pair.failed || !base64_add(&auth, buf_str(&pair)) || !js_set_str(entry, "auth", buf_z(&auth)) ||
	    (c->identity_token && !js_set_str(entry, "identitytoken", c->identity_token))) {
		auth_json_free_p(&entry);
		return NULL;
	}
	return entry;
}

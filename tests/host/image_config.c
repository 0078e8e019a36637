#include "image_config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "words.h"

#ifdef __aarch64__
#define ARCHITECTURE "arm64"
#else
#define ARCHITECTURE "amd64"
#endif

struct json_object *image_config_new(struct instant created)
{
	struct json_object *o = json_object_new_object(), *rootfs = json_object_new_object();

	js_set(o, "created", words_time(created));
	js_set_str(o, "architecture", ARCHITECTURE);
	js_set_str(o, "os", "linux");
	js_set(o, "config", json_object_new_object());
	js_set_str(rootfs, "type", "layers");
	js_set(rootfs, "diff_ids", json_object_new_array());
	js_set(o, "rootfs", rootfs);
	js_set(o, "history", json_object_new_array());
	return o;
}

struct json_object *image_config_copy(struct json_object *config)
{
	struct json_object *copy = NULL;

	return json_object_deep_copy(config, &copy, NULL) == 0 ? copy : NULL;
}

/* The member, made when it is not there. */
static struct json_object *member(struct json_object *o, const char *key, struct json_object *(*make)(void))
{
	if (!js_get(o, key))
		js_set(o, key, make());
	return js_get(o, key);
}

struct json_object *image_config_run(struct json_object *config)
{
	return member(config, "config", json_object_new_object);
}

static int add_layer(void *ctx, const struct layer *l)
{
	struct json_object *holder = json_object_new_object();

	words_setf(holder, "t", "sha256:%s", l->digest);
	json_object_array_add(ctx, json_object_get(js_get(holder, "t")));
	json_object_put(holder);
	return 0;
}

void image_config_set_layers(struct json_object *config, const struct layer *top)
{
	struct json_object *ids = json_object_new_array();

	layer_each(top, add_layer, ids);
	js_set(member(config, "rootfs", json_object_new_object), "diff_ids", ids);
}

void image_config_add_history(struct json_object *config, struct instant created, const char *created_by, const char *author,
			      const char *comment, bool empty)
{
	struct json_object *o = json_object_new_object();

	js_set(o, "created", words_time(created));
	js_set_str(o, "created_by", created_by);
	if (*author)
		js_set_str(o, "author", author);
	if (*comment)
		js_set_str(o, "comment", comment);
	if (empty)
		js_set_bool(o, "empty_layer", true);
	json_object_array_add(member(config, "history", json_object_new_array), o);
	js_set(config, "created", words_time(created));
}

void image_config_set_env(struct json_object *config, struct str name, struct str value)
{
	struct json_object *env = member(image_config_run(config), "Env", json_object_new_array);
	CLEANUP(buf_done) struct buf text = BUF_INIT(256 * 1024);

	buf_addf(&text, "%.*s=%.*s", STR_ARG(name), STR_ARG(value));
	for (size_t i = 0; i < js_len(env); i++) {
		struct str have;

		str_cut(js_text(js_at(env, i)), '=', &have, NULL);
		if (!str_eq(have, name))
			continue;
		json_object_array_put_idx(env, i, js_strn(buf_str(&text)));
		return;
	}
	json_object_array_add(env, js_strn(buf_str(&text)));
}

/* obj[key] under a name that is no C string. */
static void set_named(struct json_object *o, struct str name, struct json_object *value)
{
	CLEANUP(free_p) char *key = str_dup(name);

	if (key)
		js_set(o, key, value);
	else
		json_object_put(value);
}

void image_config_set_label(struct json_object *config, struct str name, struct str value)
{
	set_named(member(image_config_run(config), "Labels", json_object_new_object), name, js_strn(value));
}

void image_config_add_key(struct json_object *config, const char *key, struct str name)
{
	set_named(member(image_config_run(config), key, json_object_new_object), name, json_object_new_object());
}

void image_config_set_command(struct json_object *config, const char *key, struct str text, const struct strv *shell)
{
	struct json_object *list = NULL;

	if (text.n && text.p[0] == '[' && js_parse(text, key, &list, NULL) == 0 && json_object_is_type(list, json_type_array)) {
		js_set(image_config_run(config), key, list);
		return;
	}
	json_object_put(list);
	list = shell && shell->n ? js_strv(shell->v, shell->n) : words_parse("[\"/bin/sh\",\"-c\"]");
	json_object_array_add(list, js_strn(text));
	js_set(image_config_run(config), key, list);
}

void image_config_set_text(struct json_object *config, const char *key, struct str value)
{
	js_set(image_config_run(config), key, js_strn(value));
}

void image_config_set_workdir(struct json_object *config, struct str path)
{
	const char *old = js_get_str(image_config_run(config), "WorkingDir", "/");
	CLEANUP(buf_done) struct buf whole = BUF_INIT(8192);

	if (path.n && path.p[0] != '/')
		buf_addf(&whole, "%s%s", old, old[strlen(old) - 1] == '/' ? "" : "/");
	buf_add(&whole, path);
	while (whole.n > 1 && whole.p[whole.n - 1] == '/')
		whole.n--;
	image_config_set_text(config, "WorkingDir", buf_str(&whole));
}

/* "KEY value", or "KEY=value" without a blank in it; 1.6.2 knew no difference. */
static void split_change(enum podman_version version, struct str change, struct buf *ret_word, struct str *ret_rest, char *ret_sep)
{
	struct str word;
	size_t n = 0;

	*ret_sep = ' ';
	if (version == V162) {
		while (n < change.n && change.p[n] != ' ' && change.p[n] != '=')
			n++;
		word = (struct str){ change.p, n };
		*ret_sep = n < change.n ? change.p[n] : ' ';
		*ret_rest = n < change.n ? (struct str){ change.p + n + 1, change.n - n - 1 } : STR("");
	} else if (!str_cut(change, ' ', &word, ret_rest)) {
		str_cut(change, '=', &word, ret_rest);
	}
	for (size_t i = 0; i < word.n; i++)
		buf_add_char(ret_word, (char)toupper((unsigned char)word.p[i]));
}

/* commit of 1.6.2 wanted "ENV A b" or "ENV=A=b", forgot what was set before, and ignored the rest; its import took only "ENV=A=b". */
static int old_pair(struct json_object *config, bool env, bool import, struct str rest, char sep, struct error *err)
{
	struct str name, value;
	bool pair = str_cut(rest, sep, &name, &value);

	if (import && sep == ' ')
		return pair ? error_set(err, ERR_USAGE, "invalid value %.*s", STR_ARG(rest))
			    : error_set(err, ERR_USAGE, "no value given for environment variable \"%.*s\"", STR_ARG(rest));
	if (!pair)
		return 0;
	if (!env) {
		image_config_set_label(config, name, value);
		return 0;
	}
	js_set(image_config_run(config), "Env", json_object_new_array());
	image_config_set_env(config, name, value);
	return 0;
}

static int pair(struct json_object *config, bool env, struct str rest, struct str change, struct error *err)
{
	struct str name, value = { 0 };
	bool whole = str_cut(rest, '=', &name, &value);

	if (!env && !whole)
		return error_set(err, ERR_USAGE, "invalid change \"%.*s\" - LABEL must be formatted key=value", STR_ARG(change));
	if (env)
		image_config_set_env(config, name, value);
	else
		image_config_set_label(config, name, value);
	return 0;
}

static void add_port(struct json_object *config, enum podman_version version, struct str port)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(256);

	buf_add(&text, port);
	if (version != V162 && !memchr(port.p, '/', port.n))
		buf_add_z(&text, "/tcp");
	image_config_add_key(config, "ExposedPorts", buf_str(&text));
}

int image_config_change(struct json_object *config, enum podman_version version, bool import, struct str change, struct error *err)
{
	CLEANUP(buf_done) struct buf word = BUF_INIT(64 * 1024);
	struct str rest = STR("");
	char sep;
	bool env;

	split_change(version, change, &word, &rest, &sep);
	env = str_eq_z(buf_str(&word), "ENV");
	if (env || str_eq_z(buf_str(&word), "LABEL"))
		return version == V162 ? old_pair(config, env, import, rest, sep, err) : pair(config, env, rest, change, err);
	if (str_eq_z(buf_str(&word), "CMD"))
		image_config_set_command(config, "Cmd", rest, NULL);
	else if (str_eq_z(buf_str(&word), "ENTRYPOINT"))
		image_config_set_command(config, "Entrypoint", rest, NULL);
	else if (str_eq_z(buf_str(&word), "USER"))
		image_config_set_text(config, "User", rest);
	else if (str_eq_z(buf_str(&word), "WORKDIR"))
		image_config_set_text(config, "WorkingDir", rest);
	else if (str_eq_z(buf_str(&word), "STOPSIGNAL") && version != V162)
		image_config_set_text(config, "StopSignal", rest);
	else if (str_eq_z(buf_str(&word), "EXPOSE"))
		add_port(config, version, rest);
	else if (str_eq_z(buf_str(&word), "VOLUME"))
		image_config_add_key(config, "Volumes", rest);
	else if (!str_eq_z(buf_str(&word), "ONBUILD") && version != V162)
		return error_set(err, ERR_USAGE, "invalid change \"%.*s\" - invalid instruction %s", STR_ARG(change), buf_z(&word));
	return 0;
}

/* rest/spec_mount_words.c: --mount type=TYPE,KEY=VALUE,... */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "rest/spec_mount.h"

struct mount {
	const char *type; /* bind, volume, tmpfs, ramfs, devpts */
	struct str source, subpath;
	struct buf destination; /* cleaned */
	struct json_object *options;
	bool read_write_set;
};

static void mount_done(struct mount *m)
{
	buf_done(&m->destination);
	json_object_put(m->options);
}

static void add_option(struct mount *m, const char *prefix, struct str word)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(MAX_PATH_TEXT);

	buf_add_z(&text, prefix);
	buf_add(&text, word);
	json_object_array_add(m->options, js_strn(buf_str(&text)));
}

static int needs_value(const char *key, struct error *err)
{
	return error_set(err, ERR_USAGE, "%s: must provide an argument for option", key);
}

static int not_for_type(const struct mount *m, const char *key, struct error *err)
{
	return error_set(err, ERR_USAGE, "\"%s\" option not supported for \"%s\" mount types", key, m->type);
}

/* readonly, ro, rw, each alone or with =true or =false. */
static int put_read_write(struct mount *m, struct str key, bool has_value, struct str value, struct error *err)
{
	bool writes = str_eq(key, STR("rw"));

	if (m->read_write_set)
		return error_set(
			err, ERR_USAGE,
			"cannot pass 'readonly', 'ro', or 'rw' mnt.Options more than once: must provide an argument for option");
	m->read_write_set = true;
	if (has_value && value.n == 5 && strncasecmp(value.p, "false", 5) == 0) {
		if (writes)
			add_option(m, "", STR("ro"));
	} else if (!has_value || (value.n == 4 && strncasecmp(value.p, "true", 4) == 0)) {
		add_option(m, "", writes ? STR("rw") : STR("ro"));
	}
	return 0;
}

static int put_destination(struct mount *m, struct str value, struct error *err)
{
	int r = mount_check_destination(value, err);

	if (r < 0)
		return r;
	if (m->destination.n)
		return error_set(err, ERR_USAGE,
				 "cannot pass \"destination\" option more than once: must provide an argument for option");
	mount_clean_path(value, &m->destination);
	return 0;
}

static int put_relabel(struct mount *m, struct str value, struct error *err)
{
	if (!str_eq(value, STR("private")) && !str_eq(value, STR("shared")))
		return error_set(err, ERR_USAGE, "relabel mount option must be 'private' or 'shared': invalid mount option");
	add_option(m, "", str_eq(value, STR("private")) ? STR("Z") : STR("z"));
	return 0;
}

static int put_chown(struct mount *m, struct str value, struct error *err)
{
	if (value.n == 5 && strncasecmp(value.p, "false", 5) == 0)
		return 0;
	if (value.n && (value.n != 4 || strncasecmp(value.p, "true", 4) != 0))
		return error_set(
			err, ERR_USAGE,
			"'U' or 'chown' must be set to true or false, instead received \"%.*s\": must provide an argument for option",
			STR_ARG(value));
	add_option(m, "", STR("U"));
	return 0;
}

enum mount_key {
	KEY_SOURCE,
	KEY_DESTINATION,
	KEY_READ_WRITE,
	KEY_WORD,
	KEY_TMPFS_WORD,
	KEY_PROPAGATION,
	KEY_NONRECURSIVE,
	KEY_IDMAP,
	KEY_RELABEL,
	KEY_CHOWN,
	KEY_SIZE,
	KEY_MODE,
	KEY_SUBPATH,
	KEY_VOLUME_OPT,
	KEY_NOTHING,
};

static const struct {
	const char *word;
	enum mount_key key;
	const char *only_for; /* a mount type; NULL: all */
	bool needs_value;
} mount_keys[] = {
	{ "src", KEY_SOURCE, NULL, true },
	{ "source", KEY_SOURCE, NULL, true },
	{ "dst", KEY_DESTINATION, NULL, true },
	{ "destination", KEY_DESTINATION, NULL, true },
	{ "target", KEY_DESTINATION, NULL, true },
	{ "ro", KEY_READ_WRITE },
	{ "readonly", KEY_READ_WRITE },
	{ "rw", KEY_READ_WRITE },
	{ "bind-propagation", KEY_PROPAGATION, "bind", true },
	{ "bind-nonrecursive", KEY_NONRECURSIVE, "bind" },
	{ "tmpcopyup", KEY_TMPFS_WORD, "tmpfs" },
	{ "notmpcopyup", KEY_TMPFS_WORD, "tmpfs" },
	{ "tmpfs-size", KEY_SIZE, "tmpfs", true },
	{ "tmpfs-mode", KEY_MODE, "tmpfs", true },
	{ "subpath", KEY_SUBPATH, "volume", true },
	{ "volume-subpath", KEY_SUBPATH, "volume", true },
	{ "volume-opt", KEY_VOLUME_OPT, "volume" },
	{ "idmap", KEY_IDMAP },
	{ "relabel", KEY_RELABEL },
	{ "U", KEY_CHOWN },
	{ "chown", KEY_CHOWN },
	{ "consistency", KEY_NOTHING },
	{ "nodev", KEY_WORD },
	{ "dev", KEY_WORD },
	{ "noexec", KEY_WORD },
	{ "exec", KEY_WORD },
	{ "nosuid", KEY_WORD },
	{ "suid", KEY_WORD },
	{ "noswap", KEY_WORD },
	{ "shared", KEY_WORD },
	{ "rshared", KEY_WORD },
	{ "private", KEY_WORD },
	{ "rprivate", KEY_WORD },
	{ "slave", KEY_WORD },
	{ "rslave", KEY_WORD },
	{ "unbindable", KEY_WORD },
	{ "runbindable", KEY_WORD },
	{ "Z", KEY_WORD },
	{ "z", KEY_WORD },
	{ "no-dereference", KEY_WORD },
};

static int put_key(struct mount *m, enum mount_key key, struct str word, struct str name, bool has_value, struct str value,
		   struct error *err)
{
	switch (key) {
	case KEY_SOURCE:
		if (value.n == 0)
			return error_set(err, ERR_USAGE, "host directory cannot be empty: must provide an argument for option");
		m->source = value;
		return strcmp(m->type, "tmpfs") == 0 ? not_for_type(m, "source", err) : 0;
	case KEY_DESTINATION:
		return put_destination(m, value, err);
	case KEY_READ_WRITE:
		return put_read_write(m, name, has_value, value, err);
	case KEY_RELABEL:
		return put_relabel(m, value, err);
	case KEY_CHOWN:
		return put_chown(m, value, err);
	case KEY_SUBPATH:
		m->subpath = value;
		return 0;
	case KEY_PROPAGATION:
		add_option(m, "", value);
		return 0;
	case KEY_NONRECURSIVE:
		add_option(m, "", STR("bind"));
		return 0;
	case KEY_SIZE:
		add_option(m, "size=", value);
		return 0;
	case KEY_MODE:
		add_option(m, "mode=", value);
		return 0;
	case KEY_WORD:
	case KEY_TMPFS_WORD:
		add_option(m, "", name);
		return 0;
	case KEY_IDMAP:
	case KEY_VOLUME_OPT:
		add_option(m, "", word);
		return 0;
	case KEY_NOTHING:
		return 0;
	}
	return 0;
}

static int put_mount_word(struct mount *m, struct str word, struct error *err)
{
	struct str name, value;
	bool has_value = str_cut(word, '=', &name, &value);

	for (size_t i = 0; i < ARRAY_LEN(mount_keys); i++) {
		if (!str_eq_z(name, mount_keys[i].word))
			continue;
		if (mount_keys[i].only_for && strcmp(mount_keys[i].only_for, m->type) != 0)
			return not_for_type(m, mount_keys[i].word, err);
		if (mount_keys[i].needs_value && !has_value)
			return needs_value(mount_keys[i].word, err);
		return put_key(m, mount_keys[i].key, word, name, has_value, value, err);
	}
	return error_set(err, ERR_USAGE, "%.*s: invalid mount option", STR_ARG(name));
}

static int put_devpts_word(struct mount *m, struct str word, struct error *err)
{
	static const char *const words[] = { "uid", "gid", "mode", "ptmxmode", "newinstance", "max" };
	struct str name, value;
	bool has_value = str_cut(word, '=', &name, &value);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_eq_z(name, words[i])) {
			add_option(m, "", word);
			return 0;
		}
	}
	if (!has_value)
		return needs_value("destination", err);
	if (!str_eq(name, STR("target")) && !str_eq(name, STR("dst")) && !str_eq(name, STR("destination")))
		return error_set(err, ERR_USAGE, "%.*s: invalid mount option", STR_ARG(name));
	return put_destination(m, value, err);
}

/* Each word but "type" goes to put. */
static int each_word(const char *text, int (*put)(struct mount *, struct str, struct error *), struct mount *m, struct error *err)
{
	struct str rest = str_from(text), word;

	for (bool more = true; more;) {
		int r;

		more = str_cut(rest, ',', &word, &rest);
		if (str_starts(word, STR("type=")))
			continue;
		r = put(m, word, err);
		if (r < 0)
			return r;
	}
	return m->destination.n ? 0 : error_set(err, ERR_USAGE, "must set volume destination");
}

static int finish_mount(struct spec *s, struct mount *m, struct error *err)
{
	bool is_bind = strcmp(m->type, "bind") == 0, is_volume = strcmp(m->type, "volume") == 0;
	struct str destination = buf_str(&m->destination), source = m->source;
	struct json_object *options = ptr_take(&m->options), *o;

	if (is_bind) {
		int r = mount_check_options(options, &options, err);

		if (r < 0)
			return r;
		source = source.n ? source : destination;
	} else if (!is_volume) {
		source = str_from(m->type);
	}
	if (!is_volume)
		return mount_add_place(s, "mounts", mount_object(m->type, source, destination, options), destination, err);
	o = mount_volume_object(source, destination, options);
	if (m->subpath.n)
		js_set(o, "SubPath", js_strn(m->subpath));
	return mount_add_place(s, "volumes", o, destination, err);
}

static int add_plain_mount(struct spec *s, const char *text, const char *type, struct error *err)
{
	CLEANUP(mount_done)
	struct mount m = { .type = type, .destination = BUF_INIT(MAX_PATH_TEXT), .options = json_object_new_array() };
	int r = each_word(text, strcmp(type, "devpts") == 0 ? put_devpts_word : put_mount_word, &m, err);

	if (r == 0 && m.subpath.n && !spec_at_least(s, V(4, 8)))
		return spec_unsupported(s, err, "mount type=volume,subpath");
	return r < 0 ? r : finish_mount(s, &m, err);
}

/* type=image and type=artifact: SOURCE and DESTINATION, and members of their own. */

struct content_mount {
	struct json_object *o;
	bool is_image;
};

static int put_content_word(struct content_mount *m, struct str word, struct error *err)
{
	CLEANUP(buf_done) struct buf clean = BUF_INIT(MAX_PATH_TEXT);
	struct str name, value;
	bool has_value = str_cut(word, '=', &name, &value);

	if (str_eq(name, STR("consistency")) || str_eq(name, STR("type")))
		return 0;
	if (str_eq(name, STR("rw")) || str_eq(name, STR("readwrite"))) {
		if (!m->is_image || (!str_eq(value, STR("true")) && !str_eq(value, STR("false"))))
			return error_set(err, ERR_USAGE, "invalid rw value \"%.*s\": invalid mount option", STR_ARG(value));
		js_set_bool(m->o, "ReadWrite", value.p[0] == 't');
		return 0;
	}
	if (!has_value)
		return error_set(err, ERR_USAGE, "%.*s: must provide an argument for option", STR_ARG(name));
	if (str_eq(name, STR("src")) || str_eq(name, STR("source"))) {
		js_set(m->o, "Source", js_strn(value));
	} else if (str_eq(name, STR("dst")) || str_eq(name, STR("destination")) || str_eq(name, STR("target"))) {
		int r = mount_check_destination(value, err);

		if (r < 0)
			return r;
		mount_clean_path(value, &clean);
		js_set(m->o, "Destination", js_strn(buf_str(&clean)));
	} else if (m->is_image && str_eq(name, STR("subpath"))) {
		js_set(m->o, "subPath", js_strn(value));
	} else if (!m->is_image && (str_eq(name, STR("title")) || str_eq(name, STR("digest")))) {
		js_set(m->o, name.p[0] == 't' ? "Title" : "Digest", js_strn(value));
	} else {
		return error_set(err, ERR_USAGE, "%.*s: invalid mount option", STR_ARG(name));
	}
	return 0;
}

static int add_content_mount(struct spec *s, const char *text, bool is_image, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *o = json_object_new_object();
	struct content_mount m = { .o = o, .is_image = is_image };
	struct str rest = str_from(text), word;

	if (is_image)
		js_set_bool(o, "ReadWrite", false);
	for (bool more = true; more;) {
		int r;

		more = str_cut(rest, ',', &word, &rest);
		r = put_content_word(&m, word, err);
		if (r < 0)
			return r;
	}
	if (!js_get(o, "Source") || !js_get(o, "Destination"))
		return error_set(err, ERR_USAGE, "must set source and destination for %s volume", is_image ? "image" : "artifact");
	word = js_text(js_get(o, "Destination"));
	return mount_add_place(s, is_image ? "image_volumes" : "artifact_volumes", json_object_get(o), word, err);
}

static struct str mount_type(const char *text)
{
	struct str rest = str_from(text), word;

	for (bool more = true; more;) {
		more = str_cut(rest, ',', &word, &rest);
		if (str_starts(word, STR("type=")))
			return (struct str){ word.p + 5, word.n - 5 };
	}
	return STR("volume"); /* as docker and newer podman have it */
}

int mount_add(struct spec *s, const char *text, struct error *err)
{
	static const char *const plain[] = { "bind", "volume", "tmpfs", "ramfs", "devpts" };
	struct str type = mount_type(text);

	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (str_eq_z(type, plain[i]))
			return add_plain_mount(s, text, plain[i], err);
	if (str_eq(type, STR("image"))) {
		if (!spec_at_least(s, V(3, 0)))
			return spec_unsupported(s, err, "mount type=image");
		return add_content_mount(s, text, true, err);
	}
	if (str_eq(type, STR("artifact"))) {
		if (!spec_at_least(s, V(5, 6)))
			return spec_unsupported(s, err, "mount type=artifact");
		return add_content_mount(s, text, false, err);
	}
	if (str_eq(type, STR("glob"))) /* podman expands it on the machine of the client, whose files these are not */
		return spec_unsupported(s, err, "mount type=glob");
	return error_set(err, ERR_USAGE, "invalid filesystem type \"%.*s\"", STR_ARG(type));
}

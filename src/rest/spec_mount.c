/* rest/spec_mount.c: --volume, --mount, --tmpfs and the tmpfs of --read-only. Paths on the left side are the host's. */
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "rest/spec_mount.h"

void mount_clean_path(struct str path, struct buf *out)
{
	struct str part;
	size_t start = out->n;

	for (bool more = true; more;) {
		more = str_cut(path, '/', &part, &path);
		if (part.n == 0 || str_eq(part, STR(".")))
			continue;
		if (str_eq(part, STR(".."))) {
			while (out->n > start && out->p[out->n - 1] != '/')
				out->n--;
			out->n -= out->n > start;
			continue;
		}
		buf_add_char(out, '/');
		buf_add(out, part);
	}
	if (out->n == start)
		buf_add_char(out, '/');
}

int mount_check_destination(struct str path, struct error *err)
{
	if (path.n == 0)
		return error_set(err, ERR_USAGE, "container directory cannot be empty");
	if (path.p[0] != '/')
		return error_set(err, ERR_USAGE, "invalid container path \"%.*s\", must be an absolute path", STR_ARG(path));
	return 0;
}

/* All that goes somewhere in the container, whatever its kind: the lists and the member that holds the place. */
static const struct {
	const char *list, *member;
} places[] = {
	{ "mounts", "destination" },           { "volumes", "Dest" },
	{ "overlay_volumes", "destination" },  { "image_volumes", "Destination" },
	{ "artifact_volumes", "Destination" },
};

static bool is_taken(const struct spec *s, struct str destination)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		struct json_object *list = js_get(s->o, places[i].list);

		for (size_t k = 0; k < js_len(list); k++)
			if (str_eq(js_text(js_get(js_at(list, k), places[i].member)), destination))
				return true;
	}
	return false;
}

int mount_add_place(struct spec *s, const char *list, struct json_object *o, struct str destination, struct error *err)
{
	struct json_object *all = spec_list(s, list);

	for (size_t i = 0; i < js_len(all); i++) {
		if (json_object_equal(js_at(all, i), o)) {
			json_object_put(o);
			return 0;
		}
	}
	if (is_taken(s, destination)) {
		error_set(err, ERR_USAGE, "%.*s: duplicate mount destination", STR_ARG(destination));
		json_object_put(o);
		return -ERR_USAGE;
	}
	json_object_array_add(all, o);
	return 0;
}

struct json_object *mount_object(const char *type, struct str source, struct str destination, struct json_object *options)
{
	struct json_object *o = json_object_new_object();

	js_set(o, "destination", js_strn(destination));
	js_set_str(o, "type", type);
	js_set(o, "source", js_strn(source));
	if (js_len(options))
		js_set(o, "options", options);
	else
		json_object_put(options);
	return o;
}

struct json_object *mount_volume_object(struct str name, struct str destination, struct json_object *options)
{
	struct json_object *o = json_object_new_object();

	js_set(o, "Name", js_strn(name));
	js_set(o, "Dest", js_strn(destination));
	js_set(o, "Options", js_len(options) ? json_object_get(options) : NULL);
	js_set_bool(o, "IsAnonymous", name.n == 0);
	json_object_put(options);
	return o;
}

/* Options of -v and of bind mounts. */

static bool is_option(struct str o)
{
	static const char *const words[] = { "rw",         "ro",
					     "z",          "Z",
					     "U",          "O",
					     "bind",       "rbind",
					     "private",    "rprivate",
					     "shared",     "rshared",
					     "slave",      "rslave",
					     "unbindable", "runbindable",
					     "exec",       "noexec",
					     "dev",        "nodev",
					     "suid",       "nosuid",
					     "copy",       "nocopy",
					     "idmap",      "no-dereference",
					     "norecurse",  "noatime",
					     "relatime",   "strictatime" };
	static const char *const prefixes[] = { "upperdir=", "workdir=", "idmap=", "size=", "mode=", "volume-opt=" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq_z(o, words[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (str_starts(o, str_from(prefixes[i])))
			return true;
	return false;
}

/* Words of Docker for Mac that mean nothing on Linux. */
static bool is_consistency(struct str o)
{
	return str_eq(o, STR("cached")) || str_eq(o, STR("delegated")) || str_eq(o, STR("consistent"));
}

int mount_check_options(struct json_object *options, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *in = options, *out = json_object_new_array();

	for (size_t i = 0; i < js_len(in); i++) {
		struct str o = js_text(js_at(in, i));

		if (is_consistency(o))
			continue;
		if (!is_option(o))
			return error_set(err, ERR_USAGE, "invalid option type \"%.*s\"", STR_ARG(o));
		json_object_array_add(out, js_strn(o));
	}
	*ret = ptr_take(&out);
	return 0;
}

static bool has_option(struct json_object *options, struct str word)
{
	for (size_t i = 0; i < js_len(options); i++)
		if (str_eq(js_text(js_at(options, i)), word))
			return true;
	return false;
}

/* -v [SOURCE:]DESTINATION[:OPTIONS] */

struct volume {
	struct str source, destination, options;
};

static int split_volume(const char *text, struct volume *v, struct error *err)
{
	struct str rest;

	*v = (struct volume){ .source = STR(""), .options = STR("") };
	if (!str_cut(str_from(text), ':', &v->destination, &rest))
		return mount_check_destination(v->destination, err);
	v->source = v->destination;
	str_cut(rest, ':', &v->destination, &v->options);
	if (memchr(v->options.p, ':', v->options.n))
		return error_set(err, ERR_USAGE, "%s: incorrect volume format, should be [host-dir:]ctr-dir[:option]", text);
	if (v->source.n == 0)
		return error_set(err, ERR_USAGE, "host directory cannot be empty");
	return mount_check_destination(v->destination, err);
}

static int add_overlay(struct spec *s, const struct volume *v, struct json_object *options, struct error *err)
{
	struct json_object *o = json_object_new_object();

	js_set(o, "destination", js_strn(v->destination));
	js_set(o, "source", js_strn(v->source));
	js_set(o, "options", options);
	return mount_add_place(s, "overlay_volumes", o, v->destination, err);
}

static int add_volume(struct spec *s, const char *text, struct error *err)
{
	struct json_object *options = NULL;
	struct volume v;
	int r = split_volume(text, &v, err);

	if (r == 0)
		r = mount_check_options(v.options.n ? spec_split(v.options, ',') : NULL, &options, err);
	if (r < 0)
		return r;
	if (v.source.n && memchr("/.", v.source.p[0], 2)) {
		if (has_option(options, STR("O")))
			return add_overlay(s, &v, options, err);
		return mount_add_place(s, "mounts", mount_object("bind", v.source, v.destination, options), v.destination, err);
	}
	return mount_add_place(s, "volumes", mount_volume_object(v.source, v.destination, options), v.destination, err);
}

/* --tmpfs DESTINATION[:OPTIONS] */
static int add_tmpfs(struct spec *s, const char *text, struct error *err)
{
	CLEANUP(buf_done) struct buf clean = BUF_INIT(MAX_PATH_TEXT);
	struct str destination, options;
	bool has_options = str_cut(str_from(text), ':', &destination, &options);
	int r = mount_check_destination(destination, err);

	if (r < 0)
		return r;
	mount_clean_path(destination, &clean);
	return mount_add_place(s, "mounts",
			       mount_object("tmpfs", STR("tmpfs"), buf_str(&clean), has_options ? spec_split(options, ',') : NULL),
			       buf_str(&clean), err);
}

/* A read-only container can still write to the usual places. From 4.5 on the service sees to that. */
static void put_read_only(struct spec *s)
{
	static const char *const places_to_write[] = { "/tmp", "/var/tmp", "/run" };

	if (!flags_bool(s->flags, "read-only", false))
		return;
	js_set_bool(s->o, "read_only_filesystem", true);
	if (spec_at_least(s, V(4, 5))) {
		js_set_bool(s->o, "read_write_tmpfs", flags_bool(s->flags, "read-only-tmpfs", true));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(places_to_write) && flags_bool(s->flags, "read-only-tmpfs", true); i++) {
		struct str place = str_from(places_to_write[i]);

		if (!is_taken(s, place))
			json_object_array_add(spec_list(s, "mounts"),
					      mount_object("tmpfs", STR("tmpfs"), place,
							   spec_split(STR("rw,rprivate,nosuid,nodev,tmpcopyup"), ',')));
	}
}

int spec_group_mounts(struct spec *s, struct error *err)
{
	static const struct {
		const char *flag;
		int (*add)(struct spec *, const char *, struct error *);
	} kinds[] = { { "mount", mount_add }, { "volume", add_volume }, { "tmpfs", add_tmpfs } };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct flag *f = flags_find(s->flags, kinds[i].flag);

		for (size_t k = 0; f && k < f->values.n; k++) {
			int r = kinds[i].add(s, f->values.v[k], err);

			if (r < 0)
				return r;
		}
	}
	put_read_only(s);
	return 0;
}

/* bind is 1.x's word for anonymous. */
int spec_put_image_volume(struct spec *s, const struct spec_row *row, const struct strv *values, struct error *err)
{
	static const char *const words[] = { "anonymous", "ignore", "tmpfs" };
	const char *word = spec_last(values);

	if (strcmp(word, "bind") == 0)
		word = "anonymous";
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i], word) == 0) {
			js_set_str(s->o, row->field, word);
			return 0;
		}
	}
	return *word ? error_set(err, ERR_USAGE, "invalid --image-volume type \"%s\": use anonymous, ignore or tmpfs", word) : 0;
}

/* One file in the format of containers-registries.conf(5), version 2, or version 1:
 *   [registries.search]      [registries.insecure]      [registries.block]
 *   registries = ["a.b"]     registries = ["c.d:5000"]  registries = ["e.f"] */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "config/known.h"
#include "config/registries_own.h"

/* More than this are a mistake. */
#define ENTRIES_MAX 4096

static void entry_done(struct registry_entry *e)
{
	for (size_t i = 0; i < e->n_mirrors; i++)
		free(e->mirrors[i].location);
	free(e->mirrors);
	free(e->prefix);
	free(e->location);
	free(e->file);
	*e = (struct registry_entry){ 0 };
}

void registries_close_p(struct registries **r)
{
	if (!*r)
		return;
	for (size_t i = 0; i < (*r)->n; i++)
		entry_done(&(*r)->v[i]);
	free((*r)->v);
	strv_done(&(*r)->search);
	json_object_put((*r)->aliases);
	free(*r);
	*r = NULL;
}

static int no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- names of places ---- */

static bool is_domain(struct str s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:[]";

	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(letters, s.p[i]))
			return false;
	return s.n && s.p[0] != '.' && s.p[0] != '-';
}

/* Without the slashes at its end. Owned by the caller. */
static int read_location(const char *text, char **ret, struct error *err)
{
	struct str s = str_from(text);

	if (str_starts(s, STR("http://")) || str_starts(s, STR("https://")))
		return error_set(err, ERR_USAGE, "invalid location '%s': URI schemes are not supported", text);
	while (str_ends(s, STR("/")))
		s.n--;
	*ret = str_dup(s);
	return *ret ? 0 : no_memory(err);
}

static bool is_wildcard(const char *prefix)
{
	return strncmp(prefix, "*.", 2) == 0;
}

/* ---- [[registry]] ---- */

static int read_use(const char *word, const struct registry_entry *e, const char *location, enum mirror_use *ret, struct error *err)
{
	static const char *const words[] = {
		[MIRROR_ALL] = "all", [MIRROR_DIGEST_ONLY] = "digest-only", [MIRROR_TAG_ONLY] = "tag-only"
	};

	*ret = MIRROR_ALL;
	if (!word[0])
		return 0;
	if (e->mirror_by_digest_only)
		return error_set(
			err, ERR_USAGE,
			"cannot set mirror usage mirror-by-digest-only for the registry (\"%s\") and pull-from-mirror for per-mirror (\"%s\") at the same time",
			e->prefix, location);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(word, words[i]) == 0) {
			*ret = (enum mirror_use)i;
			return 0;
		}
	}
	return error_set(err, ERR_USAGE, "unsupported pull-from-mirror value \"%s\" for mirror \"%s\"", word, location);
}

static int read_mirror(struct json_object *table, const struct registry_entry *e, struct registry_mirror *ret, struct error *err)
{
	const char *location = "", *use = "";
	int r = table_str(table, "location", "registry.mirror", &location, err);

	if (r == 0)
		r = table_bool(table, "insecure", "registry.mirror", &ret->insecure, err);
	if (r == 0)
		r = table_str(table, "pull-from-mirror", "registry.mirror", &use, err);
	if (r == 0 && !location[0])
		r = error_set(err, ERR_USAGE, "invalid condition: mirror location is unset");
	if (r == 0)
		r = read_use(use, e, location, &ret->use, err);
	return r < 0 ? r : read_location(location, &ret->location, err);
}

static int read_mirrors(struct json_object *table, struct registry_entry *e, struct error *err)
{
	struct json_object *mirrors = js_get(table, "mirror");
	int r = 0;

	if (!mirrors)
		return 0;
	if (!json_object_is_type(mirrors, json_type_array) || js_len(mirrors) > ENTRIES_MAX)
		return error_set(err, ERR_USAGE, "registry: mirror must be a list of tables");
	e->mirrors = calloc(js_len(mirrors) + 1, sizeof *e->mirrors);
	if (!e->mirrors)
		return no_memory(err);
	for (size_t i = 0; r == 0 && i < js_len(mirrors); i++)
		r = read_mirror(js_at(mirrors, i), e, &e->mirrors[e->n_mirrors++], err);
	return r;
}

static int read_names(struct json_object *table, struct registry_entry *e, struct error *err)
{
	const char *prefix = "", *location = "";
	int r = table_str(table, "prefix", "registry", &prefix, err);

	if (r == 0)
		r = table_str(table, "location", "registry", &location, err);
	if (r < 0)
		return r;
	if (!location[0] && !is_wildcard(prefix))
		return error_set(err, ERR_USAGE,
				 "invalid condition: location is unset and prefix is not in the format: *.example.com");
	if (is_wildcard(prefix) && (!is_domain(str_from(prefix + 2)) || strpbrk(prefix, ":[]")))
		return error_set(
			err, ERR_USAGE,
			"Wildcarded prefix should be in the format: *.example.com. Current prefix \"%s\" is incorrectly formatted",
			prefix);
	if (location[0] && (r = read_location(location, &e->location, err)) < 0)
		return r;
	return read_location(prefix[0] ? prefix : location, &e->prefix, err);
}

static int read_entry(struct json_object *table, struct registry_entry *ret, struct error *err)
{
	int r = read_names(table, ret, err);

	if (r == 0)
		r = table_bool(table, "insecure", "registry", &ret->insecure, err);
	if (r == 0)
		r = table_bool(table, "blocked", "registry", &ret->blocked, err);
	if (r == 0)
		r = table_bool(table, "mirror-by-digest-only", "registry", &ret->mirror_by_digest_only, err);
	return r < 0 ? r : read_mirrors(table, ret, err);
}

static struct registry_entry *find_prefix(const struct registries *r, const char *prefix)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].prefix, prefix) == 0)
			return &r->v[i];
	return NULL;
}

static int conflict(const struct registry_entry *e, const char *setting, struct error *err)
{
	return error_set(err, ERR_USAGE, "registry '%s' is defined multiple times with conflicting '%s' setting", e->prefix,
			 setting);
}

/* Takes e on success. An earlier file's entry is replaced; in one file the first counts. */
static int put_entry(struct registries *r, struct registry_entry *e, const char *file, struct error *err)
{
	struct registry_entry *there = find_prefix(r, e->prefix), *more;

	e->file = z_dup(file);
	if (!e->file)
		return no_memory(err);
	if (there && strcmp(there->file, file) == 0) {
		if (there->insecure != e->insecure)
			return conflict(e, "insecure", err);
		if (there->blocked != e->blocked)
			return conflict(e, "blocked", err);
		entry_done(e);
		return 0;
	}
	if (there) {
		entry_done(there);
	} else {
		more = r->n < ENTRIES_MAX ? realloc(r->v, (r->n + 1) * sizeof *more) : NULL;
		if (!more)
			return error_set(err, ERR_USAGE, "more than %d registries", ENTRIES_MAX);
		r->v = more;
		there = &r->v[r->n++];
	}
	*there = *e;
	*e = (struct registry_entry){ 0 };
	return 0;
}

static int add_entries(struct registries *r, struct json_object *entries, const char *file, struct error *err)
{
	int result = 0;

	if (entries && !json_object_is_type(entries, json_type_array))
		return error_set(err, ERR_USAGE, "registry must be a list of tables: [[registry]]");
	for (size_t i = 0; result == 0 && i < js_len(entries); i++) {
		CLEANUP(entry_done) struct registry_entry e = { 0 };

		result = read_entry(js_at(entries, i), &e, err);
		if (result == 0)
			result = put_entry(r, &e, file, err);
	}
	return result;
}

/* ---- the rest of version 2 ---- */

static int set_search(struct registries *r, struct json_object *list, struct error *err)
{
	if (!list)
		return 0;
	if (!json_object_is_type(list, json_type_array))
		return error_set(err, ERR_USAGE, "unqualified-search-registries must be a list");
	strv_clear(&r->search);
	for (size_t i = 0; i < js_len(list); i++) {
		CLEANUP(free_p) char *name = NULL;
		struct str s = js_text(js_at(list, i));
		int result = read_location(s.p, &name, err);

		if (result < 0)
			return result;
		if (!is_domain(str_from(name)) || strlen(s.p) != s.n)
			return error_set(err, ERR_USAGE, "Invalid unqualified-search-registries entry \"%s\"", name);
		if (!strv_add(&r->search, name))
			return no_memory(err);
	}
	return 0;
}

static bool names_host(const char *name)
{
	struct str host;

	return str_cut(str_from(name), '/', &host, NULL) &&
	       (str_eq_z(host, "localhost") || memchr(host.p, '.', host.n) || memchr(host.p, ':', host.n));
}

static int check_alias(const char *name, const char *full, struct error *err)
{
	if (names_host(name))
		return error_set(err, ERR_USAGE,
				 "validating short-name aliases: invalid short name \"%s\": must not contain registry", name);
	if (strpbrk(name, ":@"))
		return error_set(err, ERR_USAGE, "validating short-name aliases: invalid short name \"%s\": must not contain tag",
				 name);
	if (full[0] && !names_host(full))
		return error_set(err, ERR_USAGE,
				 "validating short-name aliases: invalid alias \"%s\": must contain registry and repository", full);
	if (full[0] && strpbrk(strchr(full, '/'), ":@"))
		return error_set(err, ERR_USAGE, "validating short-name aliases: invalid alias \"%s\": must not contain tag", full);
	return 0;
}

static int add_aliases(struct registries *r, struct json_object *aliases, struct error *err)
{
	if (!aliases)
		return 0;
	json_object_object_foreach(aliases, name, value)
	{
		const char *full = "";
		int result = table_str(aliases, name, "aliases", &full, err);

		(void)value;
		if (result == 0)
			result = check_alias(name, full, err);
		if (result < 0)
			return result;
		if (!js_set_str(r->aliases, name, full))
			return no_memory(err);
	}
	return 0;
}

static int check_mode(struct json_object *document, struct error *err)
{
	const char *mode = "permissive";
	int r = table_str(document, "short-name-mode", "registries.conf", &mode, err);

	if (r < 0 || strcmp(mode, "permissive") == 0 || strcmp(mode, "enforcing") == 0 || strcmp(mode, "disabled") == 0)
		return r;
	return error_set(err, ERR_USAGE, "invalid short-name mode: \"%s\"", mode);
}

/* ---- version 1 ---- */

static struct json_object *v1_list(struct json_object *v1, const char *table)
{
	return js_get(js_get(v1, table), "registries");
}

static bool v1_has(struct json_object *list, const char *name)
{
	for (size_t i = 0; i < js_len(list); i++)
		if (str_eq_z(js_text(js_at(list, i)), name))
			return true;
	return false;
}

static int add_v1_entries(struct registries *r, struct json_object *v1, const char *table, const char *file, struct error *err)
{
	struct json_object *list = v1_list(v1, table);
	int result = 0;

	for (size_t i = 0; result == 0 && i < js_len(list); i++) {
		CLEANUP(entry_done) struct registry_entry e = { 0 };

		result = read_location(js_text(js_at(list, i)).p, &e.location, err);
		if (result == 0)
			result = read_location(e.location, &e.prefix, err);
		if (result < 0)
			return result;
		e.insecure = v1_has(v1_list(v1, "insecure"), e.location);
		e.blocked = v1_has(v1_list(v1, "block"), e.location);
		result = put_entry(r, &e, file, err);
	}
	return result;
}

static int add_v1(struct registries *r, struct json_object *v1, const char *file, struct error *err)
{
	int result = set_search(r, v1_list(v1, "search"), err);

	if (result == 0)
		result = add_v1_entries(r, v1, "insecure", file, err);
	return result < 0 ? result : add_v1_entries(r, v1, "block", file, err);
}

static int add_document(struct registries *r, struct json_object *document, const char *file, struct error *err)
{
	struct json_object *v1 = NULL, *aliases = NULL;
	int result = table_table(document, "registries", "registries.conf", &v1, err);

	if (result == 0)
		result = table_table(document, "aliases", "registries.conf", &aliases, err);
	if (result < 0)
		return result;
	if (v1 && js_get_any(document, "registry", "unqualified-search-registries", NULL))
		return error_set(err, ERR_USAGE, "mixing sysregistry v1/v2 is not supported");
	if (v1)
		return add_v1(r, v1, file, err);
	result = add_entries(r, js_get(document, "registry"), file, err);
	if (result == 0)
		result = set_search(r, js_get(document, "unqualified-search-registries"), err);
	if (result == 0)
		result = check_mode(document, err);
	return result < 0 ? result : add_aliases(r, aliases, err);
}

int registries_add_document(struct registries *r, struct json_object *document, const char *file, struct error *err)
{
	int result = add_document(r, document, file, err);

	return result < 0 ? error_context(err, "loading registries configuration \"%s\"", file) : 0;
}

#include "config/connections_json.h"

#include "base/cleanup.h"
#include "base/js.h"
#include "config/known.h"

int connections_json_read(const struct place *file, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(CONFIG_FILE_MAX);
	CLEANUP(js_put_p) struct json_object *document = NULL;
	int r = place_read(file, &text, err);

	*ret = NULL;
	if (r <= 0)
		return r;
	r = js_parse(buf_str(&text), file->path, &document, err);
	if (r < 0 && err)
		err->kind = ERR_USAGE; /* js_parse speaks of peers, this is the user's file */
	if (r < 0)
		return -ERR_USAGE;
	if (!json_object_is_type(document, json_type_object))
		return error_set(err, ERR_USAGE, "%s: not a JSON object", file->path);
	*ret = ptr_take(&document);
	return 0;
}

int connections_json_section(struct json_object *document, const char *file, struct json_object **ret, struct error *err)
{
	return table_table(document, "Connection", file, ret, err);
}

/* A service behind TLS would get plain text from us. */
static const char *tls_problem(struct json_object *entry)
{
	static const char *const keys[] = { "TLSCert", "TLSKey", "TLSCA" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (js_get_str(entry, keys[i], "")[0])
			return "connections with TLS are not supported; use ssh";
	return NULL;
}

static int read_entry(const char *name, struct json_object *entry, const char *file, struct known *k, struct error *err)
{
	struct destination d = { .name = (char *)name, .source = (char *)file, .read_write = true };
	CLEANUP(free_p) char *where = NULL;
	const char *uri = "", *identity = NULL;
	int r;

	if (asprintf(&where, "%s: Connection.Connections.%s", file, name) < 0) {
		where = NULL;
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	if (!json_object_is_type(entry, json_type_object))
		return error_set(err, ERR_USAGE, "%s must be an object", where);
	r = table_str(entry, "URI", where, &uri, err);
	if (r == 0)
		r = table_str(entry, "Identity", where, &identity, err);
	if (r == 0)
		r = table_bool(entry, "IsMachine", where, &d.is_machine, err);
	if (r < 0)
		return r;
	d.uri = (char *)uri;
	d.identity = (char *)identity;
	d.problem = (char *)tls_problem(entry);
	return known_add_uri(k, &d, err);
}

int known_read_json(const struct place *file, struct known *k, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *document = NULL;
	struct json_object *section, *entries;
	const char *dflt = "";
	int r = connections_json_read(file, &document, err);

	if (r < 0 || !document)
		return r;
	if (!strv_add(&k->list.files_read, file->path))
		return error_set(err, ERR_SYSTEM, "out of memory");
	r = connections_json_section(document, file->path, &section, err);
	if (r < 0 || !section)
		return r;
	r = table_table(section, "Connections", file->path, &entries, err);
	if (r < 0)
		return r;
	if (entries) {
		json_object_object_foreach(entries, name, entry)
		{
			r = read_entry(name, entry, file->path, k, err);
			if (r < 0)
				return r;
		}
	}
	r = table_str(section, "Default", file->path, &dflt, err);
	return r < 0 || !dflt[0] ? r : known_default(k, dflt, "Default", file->path, err);
}

/* Files with credentials: whatever is in one, looking up ends, and writing it back changes no member. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "base/wipe.h"
#include "config/auth_file.h"
#include "config/auth_json.h"
#include "config/auth_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* What is found under a key's own name is that entry or one with the same meaning, and its credentials are C strings. */
static void look_up(const struct auth_file *f, struct json_object *entries, const char *name)
{
	CLEANUP(free_p) char *key = auth_key_normal(str_from(name), f->old);
	CLEANUP(free_p) char *again = key ? auth_key_normal(str_from(key), f->old) : NULL;
	CLEANUP(credentials_done) struct credentials c = { 0 };
	const char *found = NULL;

	if (!key)
		return;
	check(again && strcmp(key, again) == 0);
	check(!auth_find(f, entries, key, &found) || found);
	if (auth_entry_read(js_get(entries, name), &c))
		check(c.identity_token || (c.username && c.username[0] && c.password));
	else
		check(!c.identity_token && !c.username && !c.password);
	while (auth_key_parent(key))
		check(auth_key_host(key).n <= strlen(key));
}

static void look_up_all(const struct auth_file *f, struct json_object *document)
{
	struct json_object *entries = auth_file_entries(f, document);

	if (!json_object_is_type(entries, json_type_object))
		return;
	json_object_object_foreach(entries, name, entry)
	{
		(void)entry;
		look_up(f, entries, name);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	CLEANUP(auth_json_free_p) struct json_object *document = NULL, *again = NULL;
	CLEANUP(wipe_buf_done) struct buf text = BUF_INIT(16 * 1024 * 1024);
	struct str in = { (const char *)data, n };
	struct auth_file now = { 0 }, old = { .old = true };

	if (js_parse(in, "fuzz", &document, NULL) < 0 || !json_object_is_type(document, json_type_object))
		return 0;
	look_up_all(&now, document);
	look_up_all(&old, document);
	auth_helper_of(&now, document, "docker.io");
	auth_store_of(document);
	auth_json_add(&text, document);
	check(!text.failed && js_parse(buf_str(&text), "fuzz", &again, NULL) == 0 && json_object_equal(document, again));
	return 0;
}

#include "cmd/skopeo/config_fields.h"

#include "base/cleanup.h"
#include "base/js.h"

enum zero { ZERO_NULL, ZERO_TEXT, ZERO_FALSE };

struct field {
	const char *go, *json;
	enum zero zero;
};

static const struct field image_fields[] = {
	{ "Created", "created", ZERO_NULL },      { "Author", "author", ZERO_TEXT },         { "Architecture", "architecture", ZERO_TEXT },
	{ "Variant", "variant", ZERO_TEXT },      { "OS", "os", ZERO_TEXT },                 { "OSVersion", "os.version", ZERO_TEXT },
	{ "OSFeatures", "os.features", ZERO_NULL }, { "Config", "config", ZERO_NULL },       { "RootFS", "rootfs", ZERO_NULL },
	{ "History", "history", ZERO_NULL },
};

static const struct field config_rows[] = {
	{ "User", "User", ZERO_TEXT },         { "ExposedPorts", "ExposedPorts", ZERO_NULL }, { "Env", "Env", ZERO_NULL },
	{ "Entrypoint", "Entrypoint", ZERO_NULL }, { "Cmd", "Cmd", ZERO_NULL },              { "Volumes", "Volumes", ZERO_NULL },
	{ "WorkingDir", "WorkingDir", ZERO_TEXT }, { "Labels", "Labels", ZERO_NULL },        { "StopSignal", "StopSignal", ZERO_TEXT },
	{ "ArgsEscaped", "ArgsEscaped", ZERO_FALSE },
};

static const struct field rootfs_fields[] = { { "Type", "type", ZERO_TEXT }, { "DiffIDs", "diff_ids", ZERO_NULL } };

static const struct field history_fields[] = {
	{ "Created", "created", ZERO_NULL }, { "CreatedBy", "created_by", ZERO_TEXT }, { "Author", "author", ZERO_TEXT },
	{ "Comment", "comment", ZERO_TEXT }, { "EmptyLayer", "empty_layer", ZERO_FALSE },
};

static struct json_object *zero_of(enum zero z)
{
	return z == ZERO_TEXT ? js_str("") : z == ZERO_FALSE ? json_object_new_boolean(false) : NULL;
}

static struct json_object *rename_fields(struct json_object *o, const struct field *rows, size_t n)
{
	struct json_object *ret = json_object_new_object();

	for (size_t i = 0; i < n; i++) {
		struct json_object *value = js_get(o, rows[i].json);

		js_set(ret, rows[i].go, value ? json_object_get(value) : zero_of(rows[i].zero));
	}
	return ret;
}

struct json_object *config_fields(struct json_object *config)
{
	struct json_object *ret = rename_fields(config, image_fields, ARRAY_LEN(image_fields)), *steps = js_get(config, "history");
	struct json_object *history = json_object_new_array();

	for (size_t i = 0; i < js_len(steps); i++)
		json_object_array_add(history, rename_fields(js_at(steps, i), history_fields, ARRAY_LEN(history_fields)));
	js_set(ret, "Config", rename_fields(js_get(config, "config"), config_rows, ARRAY_LEN(config_rows)));
	js_set(ret, "RootFS", rename_fields(js_get(config, "rootfs"), rootfs_fields, ARRAY_LEN(rootfs_fields)));
	js_set(ret, "History", history);
	return ret;
}

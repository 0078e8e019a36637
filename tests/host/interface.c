#include "interface.h"

#include "base/cleanup.h"
#include "base/js.h"
#include "service.h"

static const char varlink_service[] = "# The Varlink Service Interface is provided by every varlink service. It\n"
				      "# describes the service and the interfaces it implements.\n"
				      "interface org.varlink.service\n\n"
				      "# Get a list of all the interfaces a service provides and information\n"
				      "# about the implementation.\n"
				      "method GetInfo() -> (\n"
				      "  vendor: string,\n  product: string,\n  version: string,\n  url: string,\n"
				      "  interfaces: []string\n)\n\n"
				      "# Get the description of an interface that is implemented by this service.\n"
				      "method GetInterfaceDescription(interface: string) -> (description: string)\n\n"
				      "# The requested interface was not found.\n"
				      "error InterfaceNotFound (interface: string)\n\n"
				      "# The requested method was not found\n"
				      "error MethodNotFound (method: string)\n\n"
				      "# The interface defines the requested method, but the service does not\n"
				      "# implement it.\n"
				      "error MethodNotImplemented (method: string)\n\n"
				      "# One of the passed parameters is invalid.\n"
				      "error InvalidParameter (parameter: string)";

static void add_rows(struct buf *out, const char *keyword, const struct idl_row *row, enum podman_version version)
{
	for (; row->name; row++)
		if (row->versions & version)
			buf_addf(out, "%s %s %s\n\n", keyword, row->name, row->fields);
}

bool interface_describe(enum podman_version version, const char *name, struct buf *out)
{
	if (str_eq_z(str_from(name), "org.varlink.service"))
		return buf_add_z(out, varlink_service);
	if (!str_eq_z(str_from(name), "io.podman"))
		return false;
	buf_add_z(out, "# Podman Service Interface and API description.\ninterface io.podman\n\n");
	add_rows(out, "type", idl_types, version);
	for (const struct method *m = podman_methods; m->name; m++)
		if (m->versions & version)
			buf_addf(out, "method %s%s -> %s\n\n", m->name, m->in, m->out);
	add_rows(out, "error", idl_errors, version);
	return true;
}

static bool check_fields(enum podman_version version, struct str fields, struct json_object *o);
static bool check_type(enum podman_version version, struct str type, struct json_object *o);

static bool check_elements(enum podman_version version, struct str type, struct json_object *o)
{
	if (!json_object_is_type(o, json_type_array))
		return false;
	for (size_t i = 0; i < js_len(o); i++)
		if (!check_type(version, type, js_at(o, i)))
			return false;
	return true;
}

static bool check_members(enum podman_version version, struct str type, struct json_object *o)
{
	if (!json_object_is_type(o, json_type_object))
		return false;
	json_object_object_foreach(o, key, value)
	{
		(void)key;
		if (!check_type(version, type, value))
			return false;
	}
	return true;
}

static bool check_named(enum podman_version version, struct str name, struct json_object *o)
{
	static const struct {
		const char *name;
		enum json_type type;
	} basic[] = { { "string", json_type_string }, { "int", json_type_int }, { "bool", json_type_boolean } };

	for (size_t i = 0; i < ARRAY_LEN(basic); i++)
		if (str_eq_z(name, basic[i].name))
			return json_object_is_type(o, basic[i].type);
	if (str_eq_z(name, "float"))
		return json_object_is_type(o, json_type_double) || json_object_is_type(o, json_type_int);
	for (const struct idl_row *row = idl_types; row->name; row++)
		if ((row->versions & version) && str_eq_z(name, row->name))
			return check_fields(version, str_from(row->fields), o);
	return false;
}

static bool check_type(enum podman_version version, struct str type, struct json_object *o)
{
	if (!o)
		return true;
	if (str_starts(type, STR("?")))
		return check_type(version, (struct str){ type.p + 1, type.n - 1 }, o);
	if (str_starts(type, STR("[]")))
		return check_elements(version, (struct str){ type.p + 2, type.n - 2 }, o);
	if (str_starts(type, STR("[string]")))
		return check_members(version, (struct str){ type.p + 8, type.n - 8 }, o);
	return check_named(version, type, o);
}

/* "(name: type, ...)"; no type in the interface has parentheses of its own. */
static bool check_fields(enum podman_version version, struct str fields, struct json_object *o)
{
	struct str rest = { fields.p + 1, fields.n - 2 };

	if (!json_object_is_type(o, json_type_object))
		return false;
	while (rest.n) {
		struct str field, name, type;
		CLEANUP(free_p) char *key = NULL;

		if (!str_cut(rest, ',', &field, &rest))
			rest.n = 0;
		str_cut(field, ':', &name, &type);
		key = str_dup(str_trim(name));
		if (!key || !check_type(version, str_trim(type), js_get(o, key)))
			return false;
	}
	return true;
}

bool interface_check(enum podman_version version, const char *signature, struct json_object *params)
{
	if (str_eq_z(str_from(signature), "()"))
		return true;
	return check_fields(version, str_from(signature), params);
}

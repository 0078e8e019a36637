/* output/template.h: the templates of --format (a subset of Go's text/template, golang.org/pkg/text/template), run over json-c values.
 *
 * Fields and nested fields, index, slice, len, range (arrays, maps in key order, with $i, $v and else, break and continue), if / else if /
 * else, with, define, template, block; variables, pipelines, parentheses, comments, {{- trim -}}; and or not eq ne lt le gt ge print printf
 * println html js urlquery; Podman's join json lower pad split title truncate upper. Not there: call, complex numbers. Text escapes \t and \n of
 * the command line are expanded by the caller (template_unescape). Values print as Go's fmt prints them: map[a:b], [a b], true, 1.5, <no value>.
 */
#ifndef OUTPUT_TEMPLATE_H
#define OUTPUT_TEMPLATE_H

#include <json-c/json.h>

#include "base/buf.h"

#define TEMPLATE_MAX_TEXT (256 * 1024)
#define TEMPLATE_MAX_OUTPUT (64 * 1024 * 1024)
#define TEMPLATE_MAX_DEPTH 64

struct template;

/* name stands in error messages as Go has it: template: NAME:1:2: ... ERR_USAGE in Go's words. */
int template_parse(struct str text, const char *name, struct template **ret, struct error *err);
void template_free(struct template *t);
void template_free_p(struct template **t);

/* What the template may know about the value beyond its JSON. Without a shape every object is a Go map and null is nil; with one, objects are
 * structs but for the known maps, nulls are empty lists or maps, fields that Podman leaves out when empty (Config.Healthcheck, Mounts.Name) are
 * there, and points in time print as Go's do. */
struct template_shape {
	const char *go_type; /* for "can't evaluate field X in type GO_TYPE" */
	/* True when the object under this key is a Go map (Labels, Annotations, Networks, Ports, ...): a missing key of it is <no value>, not an
	 * error. NULL: the built-in list of Podman's map fields. */
	bool (*is_map)(const char *key);
	bool text_times; /* points in time are text already (podman history), to be shown as they are */
	/* Fields may differ from the JSON keys in case ({{.ID}} for "Id"): always tried after the exact spelling. */
};

/* Appends the result to out. ERR_USAGE in Go's words for what fails while it runs (unknown field, index out of range, ...). */
int template_run(const struct template *t, struct json_object *dot, const struct template_shape *shape, struct buf *out, struct error *err);

/* The text with \t and \n, which a shell's single quotes leave, expanded outside of actions (inside, Go's string literals do it); owned by the
 * caller, NULL without memory. */
char *template_unescape(const char *text);

/* First-level field names that the template uses ("ID", "Names"), each once, in order; for table headers. */
struct strv;
int template_fields(const struct template *t, struct strv *ret, struct error *err);

#endif

/* output/list.h: lists as podman prints them: aligned tables, --format templates, --format json, -q. A table is a template with a header. */
#ifndef OUTPUT_LIST_H
#define OUTPUT_LIST_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

/* A field that rows of this list have, in the order of help and completion. */
struct list_field {
	const char *name;   /* "ID" */
	const char *header; /* "CONTAINER ID"; NULL: the name in upper case, words split where podman splits them (CreatedAt: CREATED AT) */
};

struct list_spec {
	const char *name;     /* in template errors: "ps" */
	const char *go_type;  /* "containers.psReporter" */
	bool text_times;      /* points in time are text already, to be shown as they are */
	const struct list_field *fields; /* ends with name NULL */
	const char *table;    /* default: "{{.ID}}\t{{.Image}}..." without "table " */
	int min_width, padding; /* of the tab writer; 0, 0: podman 4's 12 and 2 */
	int json_indent;      /* of --format json: blanks a level */
};

enum list_mode { LIST_TABLE, LIST_TEMPLATE, LIST_JSON };

struct list;

/* format: what the user gave to --format; NULL or "": the default table. "json" and "{{json .}}": JSON. "table ...": a table with header.
 * no_heading: tables without header. A bad template is ERR_USAGE. */
int list_open(struct list **ret, const struct list_spec *spec, const char *format, bool no_heading, FILE *out, struct error *err);
enum list_mode list_mode(const struct list *l);

/* row has the fields of the spec (what a template sees). In JSON mode pass the object to print instead. Borrowed. Memory grows by the
 * rendered text only. */
int list_row(struct list *l, struct json_object *row, struct error *err);

/* Prints what is left: the aligned table, the closing bracket. An empty table still prints its header. ERR_SYSTEM when out fails. */
int list_close(struct list *l, struct error *err);
/* Without printing; NULL allowed. */
void list_free_p(struct list **l);

#endif

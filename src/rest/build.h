/* rest/build.h: the options of build as parameters of POST build (Podman 2.0 to 5.8).
 *
 * One table has a row for each option: a function that puts its value under a parameter, and the first version that reads it. Services ignore
 * parameters that they don't know, so an option that the host would lose is refused by name. */
#ifndef REST_BUILD_H
#define REST_BUILD_H

#include "rest/rest.h"
#include "rest/spec.h" /* V */

struct build_query {
	struct rest *rest;
	const struct flags *flags;
	struct buf *url;
};

struct build_row;

typedef int build_put_fn(struct build_query *b, const struct build_row *row, const struct strv *values, struct error *err);

struct build_row {
	const char *flag;
	build_put_fn *put; /* NULL: a group's, or without meaning for the host */
	const char *param;
	int since; /* V(major, minor); 0: all */
};

extern const struct build_row build_rows[];
extern const size_t build_n_rows;

/* Appends all parameters. ERR_USAGE names a bad value, ERR_UNSUPPORTED an option that the host can't take. */
int build_query_flags(struct build_query *b, struct error *err);

/* For the rows and groups. */

bool build_at_least(const struct build_query *b, int version);
int build_unsupported(const struct build_query *b, const char *flag, struct error *err);
int build_bad_value(const char *flag, const char *value, const char *why, struct error *err);

/* build_values.c: one parameter, taken as it is. true: only when it is. each: once for each value. list, map: JSON. never: no version has it. */
build_put_fn build_put_str, build_put_bool, build_put_true, build_put_int, build_put_size, build_put_each, build_put_list,
	build_put_map, build_put_never;

/* build_groups.c: what is translated, or made of several options; groups run whether or not one is given. */
build_put_fn build_put_labels, build_put_excludes, build_put_security, build_put_contexts, build_put_compression,
	build_put_isolation;
typedef int build_group_fn(struct build_query *b, struct error *err);
build_group_fn build_group_platform, build_group_pull, build_group_layers, build_group_format, build_group_namespaces,
	build_group_removal, build_group_isolation;

#endif

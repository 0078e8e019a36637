/* words.h: texts and small JSON values that several methods show. */
#ifndef HOST_WORDS_H
#define HOST_WORDS_H

#include <json-c/json.h>

#include "base/clock.h"
#include "base/strv.h"

/* Go's RFC3339Nano; the zero time for CLOCK_GO_ZERO_S. */
struct json_object *words_time(struct instant t);
/* Without the fraction. */
struct json_object *words_time_s(struct instant t);
/* docker/go-units HumanDuration of the time from t to now: "About a minute". */
void words_since(struct buf *out, struct instant t);
/* The same as Go prints a Duration: "1.077690374s". */
void words_duration_since(struct buf *out, struct instant t);

struct json_object *words_array(const struct strv *v);
/* null when there is nothing, as Go's nil slice. */
struct json_object *words_array_or_null(const struct strv *v);

/* Fills a place of a template. */
void words_setf(struct json_object *o, const char *key, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Members whose zero value Go leaves out ("omitempty"). */
void words_drop_unless(struct json_object *o, const char *key, bool keep);

/* list ends with NULL. */
bool words_has(struct str word, const char *const *list);

/* A template's object. */
struct json_object *words_parse(const char *text);

#endif

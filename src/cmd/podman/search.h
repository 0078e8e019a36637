/* cmd/podman/search.h: search without the help of a host. */
#ifndef CMD_PODMAN_SEARCH_H
#define CMD_PODMAN_SEARCH_H

#include "cmd/podman/creds.h"
#include "engine/engine.h"

/* is-official[=BOOL], is-automated[=BOOL], stars=N; ERR_USAGE in podman's words for others. */
int search_check_filters(const struct strv *filters, struct error *err);

/* True when an element of engine_image_search's result passes all filters, which were checked. */
bool search_matches(const struct strv *filters, struct json_object *found);

/* "quay.io/podman" is a registry and a word, "podman/stable" is a word: false, and all of it in ret_word. Views of term. */
bool search_split_term(const char *term, struct str *ret_host, struct str *ret_word);

/* From this machine, with its registries.conf: the registry that q->term begins with, else each of unqualified-search-registries,
 * else docker.io. Failures of one registry of several are reported, and the others count. *ret as engine_image_search's; owned by
 * the caller. */
int search_here(struct session *s, const struct creds_args *creds, const struct search_req *q, struct json_object **ret, struct error *err);

#endif

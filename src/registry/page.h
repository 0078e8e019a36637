/* registry/page.h: lists that come in pages (RFC 8288, Link). */
#ifndef REGISTRY_PAGE_H
#define REGISTRY_PAGE_H

#include "base/js.h"
#include "registry/own.h"

/* Path and query of the address with rel="next" in the value of a Link header; false when there is none. Host and scheme of an absolute one are
 * left away: pages come from the registry that was asked. */
bool reg_link_next(struct str value, struct str *ret);

/* Called for each element of the array; returns 1 to end the list early. */
typedef int reg_page_fn(void *ctx, struct json_object *element, struct error *err);

/* GETs target and the pages after it; elements of the array member. *ret_status: of a refusal, nothing is set in *err then; else 200. */
int reg_pages(struct registry *r, const char *target, const char *scope, const char *member, reg_page_fn *each, void *ctx, int *ret_status, struct error *err);

#endif

/* registry/lib.h: libcurl, loaded when the first registry is opened. No other command pays for loading it, and the program starts without it.
 * Its functions are members of one struct, without the prefix: lib->easy_setopt(...). */
#ifndef REGISTRY_LIB_H
#define REGISTRY_LIB_H

/* The type checks are macros around the functions' own names and would hide that we call through pointers. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/error.h"

#define REG_LIB_FUNCTIONS(X)                                                                                                                                \
	X(global_init)                                                                                                                                      \
	X(easy_init)                                                                                                                                        \
	X(easy_cleanup)                                                                                                                                     \
	X(easy_reset)                                                                                                                                       \
	X(easy_setopt)                                                                                                                                      \
	X(easy_getinfo)                                                                                                                                     \
	X(easy_strerror)                                                                                                                                    \
	X(multi_init)                                                                                                                                       \
	X(multi_cleanup)                                                                                                                                    \
	X(multi_add_handle)                                                                                                                                 \
	X(multi_remove_handle)                                                                                                                              \
	X(multi_perform)                                                                                                                                    \
	X(multi_poll)                                                                                                                                       \
	X(multi_info_read)                                                                                                                                  \
	X(multi_strerror)                                                                                                                                   \
	X(slist_append)                                                                                                                                     \
	X(slist_free_all)                                                                                                                                   \
	X(url)                                                                                                                                              \
	X(url_cleanup)                                                                                                                                      \
	X(url_get)                                                                                                                                          \
	X(url_set)                                                                                                                                          \
	X(free)                                                                                                                                             \
	X(getdate)

struct reg_lib {
#define REG_LIB_MEMBER(f) __typeof__(curl_##f) *f;
	REG_LIB_FUNCTIONS(REG_LIB_MEMBER)
#undef REG_LIB_MEMBER
};

/* Loaded once for the process's life. ERR_SYSTEM names what to install. */
int reg_lib_get(const struct reg_lib **ret, struct error *err);

#endif

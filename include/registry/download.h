/* registry/download.h: a plain file from the internet, by libcurl: a build context, a Containerfile, an archive to load. */
#ifndef REGISTRY_DOWNLOAD_H
#define REGISTRY_DOWNLOAD_H

#include "base/bytes.h"
#include "base/error.h"

/* GET of an http or https URL into sink. Redirects are followed (at most 10, never from https to http); certificates are checked; proxies and CA files of
 * the environment count. ERR_NOT_FOUND for 404 and 410, ERR_REMOTE for any other status that is no 200, ERR_CONNECT as in registry.h. */
int download_url(const char *url, const struct byte_sink *sink, struct error *err);

#endif

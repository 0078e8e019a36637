/* archive/gunzip.h: gzip (RFC 1952) undone while it is pushed, by zlib: what nearly all layers are packed with, without the thread or the second buffer that
 * the pulling struct decompressor would take here. As there, the check sum is not looked at: what must be right has a digest. */
#ifndef ARCHIVE_GUNZIP_H
#define ARCHIVE_GUNZIP_H

#include "base/bytes.h"
#include "base/error.h"

struct gunzip;

int gunzip_open(const struct byte_sink *sink, struct gunzip **ret, struct error *err);
/* ERR_PROTOCOL for what is no gzip. */
int gunzip_write(struct gunzip *g, const void *p, size_t n, struct error *err);
/* Hands out the rest; ERR_PROTOCOL when the stream is cut off. */
int gunzip_end(struct gunzip *g, struct error *err);
void gunzip_close_p(struct gunzip **g);

#endif

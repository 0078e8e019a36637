/* archive/filter.h: compression of streams, by libarchive (loaded at the first call). */
#ifndef ARCHIVE_FILTER_H
#define ARCHIVE_FILTER_H

#include "base/bytes.h"
#include "base/error.h"

enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_BZIP2, COMPRESSION_XZ, COMPRESSION_ZSTD };

/* By the first bytes (RFC 1952, bzip2, xz, RFC 8878); 6 bytes are enough. */
enum compression compression_detect(const void *p, size_t n);

/* "gzip", "zstd", ...; NULL name or unknown: false. */
/* True for the beginning of a compressed stream or of a tar archive (POSIX.1-1988 magic); ARCHIVE_HEAD bytes are enough. */
#define ARCHIVE_HEAD 512
bool archive_detect(const void *p, size_t n);

bool compression_parse(const char *name, enum compression *ret);
const char *compression_name(enum compression c);

struct compressor;

/* What is written comes out of sink compressed (COMPRESSION_NONE: as it is; bzip2 and xz: ERR_UNSUPPORTED). level 0: the default. Equal
 * input gives equal output: no time, no name in the header. */
int compressor_open(enum compression kind, int level, const struct byte_sink *sink, struct compressor **ret, struct error *err);
int compressor_write(struct compressor *c, const void *p, size_t n, struct error *err);
int compressor_end(struct compressor *c, struct error *err);
void compressor_close_p(struct compressor **c);

struct decompressor;

/* A source that gives what is inside another, whatever known compression that has, or none. One that ends early is ERR_PROTOCOL. gzip's check
 * sum is not looked at: what must be right has a digest. */
int decompressor_open(const struct byte_source *source, struct decompressor **ret, struct error *err);
struct byte_source decompressor_source(struct decompressor *d);
enum compression decompressor_kind(const struct decompressor *d);
void decompressor_close_p(struct decompressor **d);

#endif

/* archive/lib.h: libarchive, loaded at the first call, and the two ends of every stream through it. */
#ifndef ARCHIVE_LIB_H
#define ARCHIVE_LIB_H

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdbool.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#include "base/bytes.h"
#include "base/error.h"

/* All that is called; the headers give the types. */
#define LIBARCHIVE_CALLS(X)                                                                                                    \
	X(archive_entry_clear)                                                                                                 \
	X(archive_entry_copy_gname)                                                                                            \
	X(archive_entry_copy_hardlink)                                                                                         \
	X(archive_entry_copy_pathname)                                                                                         \
	X(archive_entry_copy_symlink)                                                                                          \
	X(archive_entry_copy_uname)                                                                                            \
	X(archive_entry_filetype)                                                                                              \
	X(archive_entry_free)                                                                                                  \
	X(archive_entry_gid)                                                                                                   \
	X(archive_entry_gname)                                                                                                 \
	X(archive_entry_hardlink)                                                                                              \
	X(archive_entry_mtime)                                                                                                 \
	X(archive_entry_mtime_nsec)                                                                                            \
	X(archive_entry_new)                                                                                                   \
	X(archive_entry_pathname)                                                                                              \
	X(archive_entry_perm)                                                                                                  \
	X(archive_entry_rdevmajor)                                                                                             \
	X(archive_entry_rdevminor)                                                                                             \
	X(archive_entry_set_filetype)                                                                                          \
	X(archive_entry_set_gid)                                                                                               \
	X(archive_entry_set_mtime)                                                                                             \
	X(archive_entry_set_perm)                                                                                              \
	X(archive_entry_set_rdevmajor)                                                                                         \
	X(archive_entry_set_rdevminor)                                                                                         \
	X(archive_entry_set_size)                                                                                              \
	X(archive_entry_set_uid)                                                                                               \
	X(archive_entry_size)                                                                                                  \
	X(archive_entry_symlink)                                                                                               \
	X(archive_entry_uid)                                                                                                   \
	X(archive_entry_uname)                                                                                                 \
	X(archive_error_string)                                                                                                \
	X(archive_filter_bytes)                                                                                                \
	X(archive_read_append_filter)                                                                                          \
	X(archive_read_data)                                                                                                   \
	X(archive_read_free)                                                                                                   \
	X(archive_read_header_position)                                                                                        \
	X(archive_read_new)                                                                                                    \
	X(archive_read_next_header)                                                                                            \
	X(archive_read_open)                                                                                                   \
	X(archive_read_set_format_option)                                                                                      \
	X(archive_read_support_filter_bzip2)                                                                                   \
	X(archive_read_support_filter_gzip)                                                                                    \
	X(archive_read_support_filter_xz)                                                                                      \
	X(archive_read_support_filter_zstd)                                                                                    \
	X(archive_read_support_format_empty)                                                                                   \
	X(archive_read_support_format_raw)                                                                                     \
	X(archive_read_support_format_tar)                                                                                     \
	X(archive_write_add_filter)                                                                                            \
	X(archive_write_close)                                                                                                 \
	X(archive_write_data)                                                                                                  \
	X(archive_write_free)                                                                                                  \
	X(archive_write_header)                                                                                                \
	X(archive_write_new)                                                                                                   \
	X(archive_write_open)                                                                                                  \
	X(archive_write_set_bytes_in_last_block)                                                                               \
	X(archive_write_set_bytes_per_block)                                                                                   \
	X(archive_write_set_filter_option)                                                                                     \
	X(archive_write_set_format_gnutar)                                                                                     \
	X(archive_write_set_format_raw)

struct libarchive {
#define LIBARCHIVE_MEMBER(f) __typeof__(f) *f;
	LIBARCHIVE_CALLS(LIBARCHIVE_MEMBER)
#undef LIBARCHIVE_MEMBER
};

/* Loads it; *ret is borrowed for the life of the process. ERR_SYSTEM: it is not installed. */
int libarchive_get(const struct libarchive **ret, struct error *err);

/* A warning is about what we do not use: names in other character sets, attributes. */
#define LIBARCHIVE_OK(r) ((r) >= ARCHIVE_WARN)

/* Where libarchive reads from. piece makes it too large for the stack. */
struct libarchive_input {
	struct byte_source source;
	struct error failure; /* of the source */
	bool ended;           /* it said so; it is not asked again */
	char piece[BYTES_PIECE];
};

/* An archive_read_callback; in: a struct libarchive_input. */
la_ssize_t libarchive_input_read(struct archive *a, void *in, const void **ret);
/* Reads the source to its end. */
int libarchive_input_drain(struct libarchive_input *in, struct error *err);
/* The error of a call on a that failed: the source's own, or ERR_PROTOCOL with libarchive's text behind what. */
int libarchive_input_error(struct libarchive_input *in, struct archive *a, const char *what, struct error *err);

struct libarchive_output {
	struct byte_sink sink;
	struct error failure; /* of the sink */
	bool closed;          /* nothing more goes out */
};

/* An archive_write_callback; out: a struct libarchive_output. */
la_ssize_t libarchive_output_write(struct archive *a, void *out, const void *p, size_t n);
/* The same as above, ERR_SYSTEM. */
int libarchive_output_error(struct libarchive_output *out, struct archive *a, const char *what, struct error *err);

/* libarchive takes the names in a pax header for UTF-8 and converts them to the locale's character set, composing what was decomposed.
 * In the C locale it can't, and gives the bytes as they are. To be held around calls that read headers. */
locale_t libarchive_bytes_begin(void);
void libarchive_bytes_end(locale_t before);

#endif

/* archive/tar.h: tar streams (GNU's form when writing; POSIX.1-2001 pax, GNU and ustar when reading), by libarchive, which is loaded at the
 * first call: loading it with the program would cost every command several milliseconds.
 *
 * Nothing is held but one block: the writer hands finished pieces to a sink, the reader pulls from a source. Names are bytes. */
#ifndef ARCHIVE_TAR_H
#define ARCHIVE_TAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

enum tar_type { TAR_FILE, TAR_DIR, TAR_SYMLINK, TAR_HARDLINK, TAR_CHAR, TAR_BLOCK, TAR_FIFO };

struct tar_entry {
	const char *name; /* a folder's without trailing slash. The reader gives it as it is: "../x" and "/x" too */
	const char *link; /* target of TAR_SYMLINK and TAR_HARDLINK */
	const char *uname, *gname; /* may be NULL */
	enum tar_type type;
	unsigned mode; /* permission bits with setuid, setgid, sticky */
	int64_t uid, gid;
	int64_t size; /* of TAR_FILE */
	int64_t mtime_s; /* written: 1970 to 2242, what is outside is moved to the end of that time */
	long mtime_ns; /* the reader's; the writer leaves it out, as podman does: it would be a header of 1 KiB more for every file */
	unsigned device_major, device_minor; /* of TAR_CHAR and TAR_BLOCK */
};

struct tar_writer;

/* sink is copied; its ctx must outlive the writer. */
int tar_writer_open(const struct byte_sink *sink, struct tar_writer **ret, struct error *err);
/* Begins an entry. The one before must have got all of its data. */
int tar_write_entry(struct tar_writer *w, const struct tar_entry *e, struct error *err);
int tar_write_data(struct tar_writer *w, const void *p, size_t n, struct error *err);
/* The end of the archive; without it the archive is broken, on purpose, for a reader that sees it. */
int tar_writer_end(struct tar_writer *w, struct error *err);
void tar_writer_close_p(struct tar_writer **w);

struct tar_reader;

/* Uncompresses gzip, bzip2, xz and zstd by itself. source is copied; its ctx must outlive the reader. */
int tar_reader_open(const struct byte_source *source, struct tar_reader **ret, struct error *err);
/* 1: *ret is borrowed until the next call; 0: the end. ERR_PROTOCOL for a broken or truncated archive, also for one without its end mark:
 * nothing else tells that the last entries are missing. At the end source is read to its own end. */
int tar_read_entry(struct tar_reader *r, struct tar_entry *ret, struct error *err);
/* Data of the current entry: > 0, 0 at its end. */
ssize_t tar_read_data(struct tar_reader *r, void *p, size_t n, struct error *err);
void tar_reader_close_p(struct tar_reader **r);

/* ---- folders into archives ------------------------------------------------------------------------------------------- */

struct ignore;

/* What a walk saw, for people. */
#define PACK_LARGEST 5
struct pack_stats {
	uint64_t files, bytes; /* that went into the archive */
	struct pack_large {
		char name[256];
		uint64_t bytes;
	} largest[PACK_LARGEST]; /* top-level entries of the folder by what is below them, largest first */
};

struct pack_req {
	const char *dir;            /* the folder whose content is packed (or, with name_as, one file, symlink or folder) */
	const struct ignore *ignore; /* NULL: everything */
	const struct strv *keep;    /* paths below dir that go in whatever ignore says; may be NULL */
	const char *name_as;        /* not NULL: dir itself is packed under this name, its content below it; "": the content, no entry for dir */
	bool own_ids;               /* keep uid and gid; else 0:0 */
	bool fifos_and_devices;     /* pack them; else they are left out, as sockets always are */
	bool sizes_only;            /* count: zeros in the place of file data, files are not opened */
	/* Called now and then with what was packed so far; may be NULL. */
	void (*progress)(void *ctx, const struct pack_stats *now);
	void *ctx;
};

/* Walks depth-first in lexical (byte) order, once; a file of several names goes in once and as TAR_HARDLINK then, as podman's build
 * does. A file that shrinks while it is read is filled with zeros and one that grows is cut at the size that its header has: ERR_SYSTEM only
 * when it can't be read. ret_stats may be NULL. */
int pack_tree(struct tar_writer *w, const struct pack_req *q, struct pack_stats *ret_stats, struct error *err);

/* ---- archives into folders ------------------------------------------------------------------------------------------- */

struct unpack_req {
	const char *dir;          /* exists; nothing is ever written outside it, whatever the archive says: absolute names, "..", symlinks on
				   * the way, hard links to elsewhere are ERR_PROTOCOL and name the entry */
	const char *strip;        /* first component that entries must have and lose; NULL: none */
	const char *rename_to;    /* with strip: what takes its place; NULL or "": nothing */
	bool own_ids;             /* chown to the archive's uid and gid (when root); else the user's own */
	bool keep_existing_kind;  /* a folder never takes the place of a non-folder nor the reverse: ERR_CONFLICT names it; else it is replaced */
	bool special;             /* make fifos and devices; else they are left out */
};

/* Reads r to its end. Files that were complete stay when it fails. ret_bytes may be NULL. */
int unpack_tree(struct tar_reader *r, const struct unpack_req *q, uint64_t *ret_bytes, struct error *err);

#endif

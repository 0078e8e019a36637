/* cmd/podman/archive_out.h: where archives that come from a host are written. Nothing that was there before is touched until the
 * archive is here to its end, and nothing of a broken one stays, however the program ends. */
#ifndef CMD_PODMAN_ARCHIVE_OUT_H
#define CMD_PODMAN_ARCHIVE_OUT_H

#include "base/error.h"
#include "engine/image.h"

struct session;

/* ERR_USAGE for a path with ':', as podman, which keeps that for transports. */
int archive_out_name(const char *path, struct error *err);

/* Into the file path; "" or NULL: standard output, which is no terminal. Devices and pipes are written to directly. ERR_PROTOCOL
 * when a tar ends without its end marker. d stays the caller's. */
int archive_to_file(struct session *s, struct download *d, const char *path, struct error *err);

/* What is in the tar into the folder path, which is made; files of one that exists are replaced, others stay. */
int archive_to_folder(struct download *d, const char *path, struct error *err);

/* ERR_USAGE when a folder can't be made or used there. */
int archive_folder_check(const char *path, struct error *err);

#endif

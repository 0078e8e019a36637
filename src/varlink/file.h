/* varlink/file.h: files in the service's temporary folder, on the way of every archive: SendFile and ReceiveFile. */
#ifndef VARLINK_FILE_H
#define VARLINK_FILE_H

#include "base/bytes.h"
#include "varlink/host.h"

/* Of a file that is of no use any more, how much is received for nothing: receiving a file is the only way to have it removed. */
#define FILE_DROP_MAX (256 * 1024 * 1024)

/* Sends all that from gives. A length must be known before, so what has none is put into a file without name first. v takes calls again afterwards;
 * on failure it must be closed. ret_path: on the host, owned by the caller, also set by a failure that leaves the file there; else NULL. */
int file_send(struct host *h, struct varlink *v, const struct byte_producer *from, char **ret_path, struct error *err);

/* A file of the host, which is removed there when it was read to its end. */
int file_receive(struct host *h, const char *path, struct download **ret, struct error *err);

/* Of what file_receive gave: all of it, in bytes. */
uint64_t file_length(const struct download *d);

/* Has it removed, as well as that can be done; NULL is allowed. */
void file_drop(struct host *h, const char *path);

/* Sends an archive and makes the one call about it. params is taken and gets the file's place as member key. A file whose call fails is dropped.
 * ret may be NULL. */
int file_send_and_call(struct host *h, const struct byte_producer *from, const char *method, struct json_object *params,
		       const char *key, struct json_object **ret, struct error *err);

#endif

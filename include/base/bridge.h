/* base/bridge.h: a producer, which pushes, as a source, from which is pulled: a copy that writes into an upload. The producer runs in a thread of its own; what it
 * wrote and nobody read yet is never more than BRIDGE_BYTES. */
#ifndef BASE_BRIDGE_H
#define BASE_BRIDGE_H

#include "base/bytes.h"
#include "base/error.h"

#define BRIDGE_BYTES ((size_t)256 * 1024)

struct bridge;

/* Starts the producer; what it points at must outlive the bridge. */
int bridge_open(const struct byte_producer *producer, struct bridge **ret, struct error *err);
/* Its bytes; what the producer failed with comes out as the error of the read. */
struct byte_source bridge_source(struct bridge *b);
/* Runs the producer from its start again, for blob_upload.rewind. ERR_UNSUPPORTED when it has no `again`. ctx: the bridge, as in bridge_source. */
int bridge_restart(void *ctx, struct error *err);
/* Whether the producer itself failed, not the one who read. */
bool bridge_failed(struct bridge *b);
/* A producer that still runs gets ERR_INTERRUPTED from its next write; its end is waited for. */
void bridge_close_p(struct bridge **b);

#endif

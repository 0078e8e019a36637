/* cmd/podman/removed.h: what rmi and manifest rm print. */
#ifndef CMD_PODMAN_REMOVED_H
#define CMD_PODMAN_REMOVED_H

struct json_object;
struct session;

/* report: of engine_image_remove. Each failure is a line of its own; the host says which exit status they make together, which is
 * returned. */
int removed_print(struct session *s, struct json_object *report);

#endif

#include "base/js.h"
#include "container.h"
#include "methods.h"

static struct container *named(struct call *c)
{
	struct container *ctr = container_find(c->host, call_str(c, "name"));

	if (!ctr)
		reply_no_container_plain(c, call_str(c, "name"));
	return ctr;
}

static bool is_mounted(const struct container *ctr)
{
	return ctr->mounts_wanted || container_is_active(ctr);
}

/* The files lie there all the time; what is counted is who asked for them. */
void podman_mount_container(struct call *c)
{
	struct container *ctr = named(c);

	if (!ctr)
		return;
	ctr->mounts_wanted++;
	reply_one(c, "path", js_str(ctr->rootfs));
}

void podman_unmount_container(struct call *c)
{
	struct container *ctr = named(c);

	if (!ctr)
		return;
	if (!is_mounted(ctr)) {
		reply_error_occurred(c, "error unmounting container %s root filesystem: layer is not mounted", ctr->id);
		return;
	}
	if (ctr->mounts_wanted)
		ctr->mounts_wanted = js_get_bool(c->params, "force", false) ? 0 : ctr->mounts_wanted - 1;
	reply(c, NULL);
}

void podman_list_container_mounts(struct call *c)
{
	struct json_object *o = json_object_new_object();

	for (const struct container *ctr = c->host->containers; ctr; ctr = ctr->next)
		if (is_mounted(ctr))
			js_set_str(o, ctr->id, ctr->rootfs);
	reply_one(c, "mounts", o);
}

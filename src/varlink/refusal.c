/* varlink/refusal.c: error replies by name and text. 1.6 to 1.9 answer ErrorOccurred for nearly everything, so the text decides
 * there. */
#include <stdio.h>

#include "base/cleanup.h"
#include "varlink/host.h"

static const struct {
	const char *name;
	enum err_kind kind;
	const char *text; /* for errors without a reason; %s is the object */
} names[] = {
	{ "io.podman.ContainerNotFound", ERR_NOT_FOUND, "no container with name or ID %s found: no such container" },
	{ "io.podman.ImageNotFound", ERR_NOT_FOUND, "unable to find %s: no such image" },
	{ "io.podman.PodNotFound", ERR_NOT_FOUND, "no pod with name or ID %s found: no such pod" },
	{ "io.podman.VolumeNotFound", ERR_NOT_FOUND, "no volume with name %s found: no such volume" },
	{ "io.podman.InvalidState", ERR_CONFLICT, "%s: container state improper" },
	{ "io.podman.ErrCtrStopped", ERR_CONFLICT, "container %s is already stopped" },
	{ "io.podman.NoContainerRunning", ERR_CONFLICT, "no container is running" },
	{ "io.podman.NoContainersInPod", ERR_CONFLICT, "pod %s has no containers" },
	{ "io.podman.ErrRequiresCgroupsV2ForRootless", ERR_UNSUPPORTED, "this needs cgroups v2 on a rootless host" },
};

static const struct {
	const char *text;
	enum err_kind kind;
} texts[] = {
	{ "no such container", ERR_NOT_FOUND },
	{ "no such image", ERR_NOT_FOUND },
	{ "no such pod", ERR_NOT_FOUND },
	{ "no such volume", ERR_NOT_FOUND },
	{ "container state improper", ERR_CONFLICT },
	{ "name is already in use", ERR_CONFLICT },
	{ "already exists", ERR_CONFLICT },
	{ "is being used by", ERR_CONFLICT },
	{ "image is in use", ERR_CONFLICT },
	{ "container is already running or paused", ERR_CONFLICT },
	{ "container must be running to attach", ERR_CONFLICT },
	{ "exec requires a running container", ERR_CONFLICT },
};

static enum err_kind kind_of_text(struct str text)
{
	CLEANUP(free_p) char *z = str_dup(text);

	for (size_t i = 0; z && i < ARRAY_LEN(texts); i++)
		if (strstr(z, texts[i].text))
			return texts[i].kind;
	return ERR_REMOTE;
}

/* The runtime's messages have line breaks at their end and inside; an error is one line. */
static char *one_line(struct str reason)
{
	char *z = str_dup(str_trim(reason));

	for (char *p = z; p && *p; p++)
		if (*p == '\n' || *p == '\r' || *p == '\t')
			*p = ' ';
	return z;
}

static int service_refusal(struct host *h, const char *name, struct json_object *params, struct error *err)
{
	const char *what = strrchr(name, '.') + 1;
	const char *method = js_get_str(params, "method", "this call");

	if (strcmp(what, "InvalidParameter") == 0)
		return error_set(err, ERR_REMOTE, "the service does not accept the parameter \"%s\"",
				 js_get_str(params, "parameter", ""));
	return engine_unsupported(&h->engine, err, "%s", method);
}

int host_refusal(struct host *h, const char *name, struct json_object *params, struct error *err)
{
	struct str reason = js_text(js_get(params, "reason"));
	struct json_object *object = js_get_any(params, "id", "name", NULL);
	CLEANUP(free_p) char *text = one_line(reason);
	CLEANUP(buf_done) struct buf made = BUF_INIT(4096);

	if (strncmp(name, "org.varlink.service.", 20) == 0)
		return service_refusal(h, name, params, err);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(name, names[i].name) != 0)
			continue;
		if (text && *text)
			return error_set(err, names[i].kind, "%s", text);
		/* The rows are ours, and each has one %s at most. */
		const char *at = strstr(names[i].text, "%s");
		buf_add(&made, at ? (struct str){ names[i].text, (size_t)(at - names[i].text) } : str_from(names[i].text));
		if (at) {
			buf_add(&made, js_text(object));
			buf_add_z(&made, at + 2);
		}
		return error_set(err, names[i].kind, "%s", buf_z(&made));
	}
	return error_set(err, kind_of_text(reason), "%s", text && *text ? text : name);
}

int host_command_failed(int r, struct error *err)
{
	if (!err || (r != -ERR_REMOTE && r != -ERR_CONFLICT))
		return r;
	if (strstr(err->text, "not found") || strstr(err->text, "no such file"))
		return error_exit_status(err, 127);
	if (strstr(err->text, "permission denied"))
		return error_exit_status(err, 126);
	return r;
}

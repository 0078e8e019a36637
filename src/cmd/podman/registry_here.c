#include "cmd/podman/registry_here.h"

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/through.h"
#include "cmd/session.h"
#include "config/registries.h"
#include "image/reference.h"

int registry_here(struct session *s, const struct creds_args *creds, const struct registries *conf, const char *repository, struct registry **ret,
		  struct error *err)
{
	bool insecure;
	int r = registries_insecure(conf, repository, &insecure, err);

	return r < 0 ? r : creds_registry(s, creds, repository, insecure, ret, err);
}

int registry_here_manifest(struct session *s, const struct creds_args *creds, const char *typed, struct json_object **ret, struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest manifest = { 0 };
	CLEANUP(registries_close_p) struct registries *conf = NULL;
	CLEANUP(registry_close_p) struct registry *registry = NULL;
	CLEANUP(reference_done) struct reference ref = { 0 };
	CLEANUP(free_p) char *repository = NULL;
	const char *name;
	int r;

	if ((r = through_registry_name(typed, &name, err)) < 0 || (r = reference_parse(name, &ref, err)) < 0)
		return r;
	repository = reference_repository(&ref);
	if (!repository)
		return error_set(err, ERR_SYSTEM, "out of memory");
	if ((r = registries_read(NULL, &conf, err)) < 0 || (r = registry_here(s, creds, conf, repository, &registry, err)) < 0 ||
	    (r = registry_manifest_get(registry, ref.path, reference_version(&ref), &manifest, err)) < 0)
		return error_context(err, "reading image \"docker://%s\"", name);
	return js_parse(buf_str(&manifest.bytes), name, ret, err);
}

#include "cmd/podman/loaded.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "cmd/podman/full_name.h"
#include "cmd/session.h"

int loaded_rename(struct engine *e, struct strv *loaded, const char *typed, struct error *err)
{
	CLEANUP(free_p) char *name = NULL;
	int r;

	if (loaded->n != 1)
		return error_set(err, ERR_USAGE, "%zu images were loaded: they can't all be named %s", loaded->n, typed);
	if ((r = full_name(typed, &name, err)) < 0 || (r = engine_image_tag(e, loaded->v[0], name, err)) < 0)
		return r;
	strv_clear(loaded);
	return strv_take(loaded, ptr_take(&name)) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

void loaded_print(struct session *s, const struct strv *loaded)
{
	for (size_t i = 0; i < loaded->n; i++)
		fprintf(session_out(s), "Loaded image: %s\n", loaded->v[i]);
}

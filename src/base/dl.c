#include "base/dl.h"

#include <dlfcn.h>
#include <string.h>

int dl_load(const struct dl_library *lib, void *table, struct error *err)
{
	void *handle = NULL;

	/* Lazy: most of the symbols of libcurl's thirty libraries are never called. */
	for (const char *const *file = lib->files; *file && !handle; file++)
		handle = dlopen(*file, RTLD_LAZY | RTLD_LOCAL);
	if (!handle) {
		error_set(err, ERR_SYSTEM, "%s is not installed here, and this command needs it", lib->name);
		return error_hint(err, "install %s", lib->package);
	}
	for (const struct dl_symbol *s = lib->symbols; s->name; s++) {
		void *function = dlsym(handle, s->name);

		if (!function) {
			error_set(err, ERR_SYSTEM, "the %s of this machine is too old: it has no %s", lib->name, s->name);
			dlclose(handle);
			return error_hint(err, "install %s", lib->package);
		}
		/* ISO C has no conversion between the two kinds of pointer; POSIX says that they look the same. */
		memcpy((char *)table + s->offset, &function, sizeof function);
	}
	return 0;
}

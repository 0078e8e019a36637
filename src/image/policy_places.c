#include "image/policy_places.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "base/cleanup.h"
#include "base/path.h"

#define FILE_NAME "containers/policy.json"

char *policy_prefix_of(const char *program)
{
	const char *cellar = strstr(program, "/Cellar/");
	const char *name = strrchr(program, '/');
	struct str folder = { program, name ? (size_t)(name - program) : 0 };

	if (cellar && cellar != program)
		return str_dup((struct str){ program, (size_t)(cellar - program) });
	if (!str_ends(folder, STR("/bin")))
		return NULL;
	folder.n -= strlen("/bin");
	return !folder.n || str_eq(folder, STR("/usr")) ? NULL : str_dup(folder);
}

/* Of the running program, without symlinks. Owned by the caller; NULL: not known. */
static char *own_path(void)
{
	char path[PATH_MAX];
#ifdef __APPLE__
	uint32_t size = sizeof path;

	if (_NSGetExecutablePath(path, &size) != 0)
		return NULL;
	return realpath(path, NULL);
#else
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	return z_dup(path);
#endif
}

bool policy_places(struct strv *ret)
{
	CLEANUP(free_p) char *config = path_config_home();
	CLEANUP(free_p) char *program = own_path();
	CLEANUP(free_p) char *prefix = program ? policy_prefix_of(program) : NULL;

	return config && strv_take(ret, path_join(config, FILE_NAME)) && (!prefix || strv_addf(ret, "%s/etc/" FILE_NAME, prefix)) &&
	       strv_add(ret, "/etc/" FILE_NAME);
}

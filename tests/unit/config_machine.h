/* A machine made of files in a temporary folder, for the tests of the config room: texts that name its files have "@" for that folder. */
#ifndef CONFIG_MACHINE_H
#define CONFIG_MACHINE_H

#include "unit.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "config/places.h"

#define USER_FOLDER "home/.config/containers/"
#define NO_FLAGS                                                                                                                   \
	{                                                                                                                          \
		.ignore_hosts = -1                                                                                                 \
	}

struct machine_file {
	const char *path; /* in the machine, without the first slash */
	const char *text;
};

static char machine_root[64];

static const char *const machine_variables[] = {
	"CONTAINER_HOST",
	"CONTAINER_SSHKEY",
	"CONTAINER_CONNECTION",
	"PODMAN_VARLINK_BRIDGE",
	"PODMAN_VARLINK_ADDRESS",
	"PODMAN_HOST",
	"PODMAN_USER",
	"PODMAN_PORT",
	"PODMAN_IDENTITY_FILE",
	"PODMAN_IGNORE_HOSTS",
	"CONTAINERS_CONF",
	"CONTAINERS_CONF_OVERRIDE",
	"XDG_CONFIG_HOME",
	"PODMAN_CONNECTIONS_CONF",
	"REGISTRY_AUTH_FILE",
	"DOCKER_CONFIG",
	"CONTAINERS_REGISTRIES_CONF",
};

/* z with each from replaced by to; owned by the caller. */
static inline char *machine_replace(const char *z, const char *from, const char *to)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(64 * 1024);

	while (*z) {
		if (strncmp(z, from, strlen(from)) == 0) {
			buf_add_z(&out, to);
			z += strlen(from);
		} else {
			buf_add_char(&out, *z++);
		}
	}
	return buf_take(&out);
}

static inline void machine_path(const char *path, char *ret, size_t n)
{
	snprintf(ret, n, "%s/%s", machine_root, path);
}

static inline void machine_write(const char *path, const char *text)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	char full[256], folder[256];

	machine_path(path, full, sizeof full);
	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(full, '/') - full), full);
	assert_int_equal(path_make_dirs(folder, 0755, &err), 0);
	assert_int_equal(path_write_atomic(full, str_from(text), 0644, &err), 0);
}

/* Owned by the caller; NULL when the file is not there. */
static inline char *machine_read(const char *path)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);
	char full[256];

	machine_path(path, full, sizeof full);
	return path_read(full, &text, NULL) == 0 ? buf_take(&text) : NULL;
}

static inline int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st, (void)kind, (void)where;
	return remove(path);
}

static inline void machine_done(void)
{
	if (machine_root[0])
		nftw(machine_root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	machine_root[0] = 0;
}

static inline void machine_new(void)
{
	char home[128], run[128];

	machine_done();
	strcpy(machine_root, "/tmp/config-test-XXXXXX");
	assert_non_null(mkdtemp(machine_root));
	machine_path("home", home, sizeof home);
	machine_path("run", run, sizeof run);
	for (size_t i = 0; i < ARRAY_LEN(machine_variables); i++)
		unsetenv(machine_variables[i]);
	setenv("HOME", home, 1);
	setenv("XDG_RUNTIME_DIR", run, 1);
}

/* "NAME=VALUE" */
static inline void machine_setenv(const char *assignment)
{
	CLEANUP(free_p) char *text = machine_replace(assignment, "@", machine_root);
	char *value = strchr(text, '=');

	*value++ = 0;
	setenv(text, value, 1);
}

/* ROOT/x as @/x. Owned by the caller. */
static inline char *machine_shown(const char *text)
{
	return machine_replace(text ? text : "-", machine_root, "@");
}

#endif

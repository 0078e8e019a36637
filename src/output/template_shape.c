#include "output/template_shape.h"

#include <string.h>

#include "base/cleanup.h"

/* Keys of inspect, the lists, info and events (Podman 1.6 to 5) whose objects have keys that the user, a plugin or the kernel chose. */
static const char *const map_keys[] = {
	"Annotations",    "CgroupConf",   "Attributes",   "Data",         "DriverOpts",   "ExposedPorts",
	"IPAMConfig",     "GraphOptions", "GraphStatus",  "Label",        "Labels",       "NetworkOptions",
	"Networks",       "Options",      "Plugins",      "PortBindings", "Ports",        "Registries",
	"StorageOptions", "Sysctls",      "Tmpfs",        "Volumes",      "annotations",  "attributes",
	"containers",     "driver_opts",  "graphOptions", "graphStatus",  "ipam_options", "labels",
	"mapping",        "networks",     "options",      "registries",   "secret_env",   "sysctl",
};

static const struct {
	const char *parent; /* NULL: anywhere */
	const char *name;
	enum shape_zero zero;
} left_out[] = {
	{ "Mounts", "Name", SHAPE_TEXT },
	{ "Mounts", "Driver", SHAPE_TEXT },
	{ "Mounts", "SubPath", SHAPE_TEXT },
	{ "Networks", "Aliases", SHAPE_LIST },
	{ "Networks", "AdditionalMacAddresses", SHAPE_LIST },
	{ "Networks", "SecondaryIPAddresses", SHAPE_LIST },
	{ "Networks", "SecondaryIPv6Addresses", SHAPE_LIST },
	{ "NetworkSettings", "SecondaryIPAddresses", SHAPE_LIST },
	{ "NetworkSettings", "SecondaryIPv6Addresses", SHAPE_LIST },
	{ "NetworkSettings", "AdditionalMACAddresses", SHAPE_LIST },
	{ "State", "CgroupPath", SHAPE_TEXT },
	{ "State", "Checkpointed", SHAPE_BOOL },
	{ "State", "CheckpointLog", SHAPE_TEXT },
	{ "State", "CheckpointPath", SHAPE_TEXT },
	{ "State", "Health", SHAPE_POINTER },
	{ "State", "RestoreLog", SHAPE_TEXT },
	{ "State", "Restored", SHAPE_BOOL },
	{ "State", "StoppedByUser", SHAPE_BOOL },
	{ "Config", "ChrootDirs", SHAPE_LIST },
	{ "Config", "Cmd", SHAPE_LIST },
	{ "Config", "CreateCommand", SHAPE_LIST },
	{ "Config", "Entrypoint", SHAPE_LIST },
	{ "Config", "Healthcheck", SHAPE_POINTER },
	{ "Config", "HealthcheckOnFailureAction", SHAPE_TEXT },
	{ "Config", "Env", SHAPE_LIST },
	{ "Config", "OnBuild", SHAPE_POINTER },
	{ "Config", "Passwd", SHAPE_POINTER },
	{ "Config", "Secrets", SHAPE_LIST },
	{ "Config", "StopSignal", SHAPE_TEXT },
	{ "Config", "SystemdMode", SHAPE_BOOL },
	{ "Config", "Timezone", SHAPE_TEXT },
	{ "Config", "Umask", SHAPE_TEXT },
	{ "Config", "User", SHAPE_TEXT },
	{ "Config", "WorkingDir", SHAPE_TEXT },
	{ "HostConfig", "IDMappings", SHAPE_POINTER },
	{ "HostConfig", "IntelRdtClosID", SHAPE_TEXT },
	{ NULL, "Anonymous", SHAPE_BOOL },
	{ NULL, "Comment", SHAPE_TEXT },
	{ NULL, "GID", SHAPE_NUMBER },
	{ NULL, "HealthCheck", SHAPE_POINTER },
	{ NULL, "ImageDigest", SHAPE_TEXT },
	{ NULL, "InfraConfig", SHAPE_POINTER },
	{ NULL, "InfraContainerID", SHAPE_TEXT },
	{ NULL, "LockNumber", SHAPE_NUMBER },
	{ NULL, "NeedsChown", SHAPE_BOOL },
	{ NULL, "NeedsCopyUp", SHAPE_BOOL },
	{ NULL, "SharedNamespaces", SHAPE_LIST },
	{ NULL, "SizeRootFs", SHAPE_POINTER },
	{ NULL, "SizeRw", SHAPE_POINTER },
	{ NULL, "StorageID", SHAPE_TEXT },
	{ NULL, "Timeout", SHAPE_NUMBER },
	{ NULL, "UID", SHAPE_NUMBER },
};

static const char *const time_keys[] = {
	"CheckpointedAt", "Created", "CreatedAt", "FinishedAt", "RestoredAt", "StartedAt", "Time", "UpdatedAt", "created",
};

static bool is_one_of(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

bool shape_is_map(const char *key)
{
	return is_one_of(map_keys, ARRAY_LEN(map_keys), key);
}

bool shape_is_time(const char *key)
{
	return is_one_of(time_keys, ARRAY_LEN(time_keys), key);
}

bool shape_is_duration(const char *parent, const char *key)
{
	static const char *const keys[] = { "Interval", "StartPeriod", "Timeout" };

	return parent && key && strcmp(parent, "Healthcheck") == 0 && is_one_of(keys, ARRAY_LEN(keys), key);
}

bool shape_is_pointer(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(left_out); i++)
		if (left_out[i].zero == SHAPE_POINTER && strcmp(left_out[i].name, key) == 0)
			return true;
	return false;
}

enum shape_zero shape_left_out(const char *parent, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(left_out); i++) {
		const char *only_in = left_out[i].parent;

		if (strcmp(left_out[i].name, name) == 0 && (!only_in || (parent && strcmp(only_in, parent) == 0)))
			return left_out[i].zero;
	}
	return SHAPE_UNKNOWN;
}

/* varlink/create.c: the flags of create and run as the fields of io.podman's type Create, which is a copy of podman 1.x's own
 * command line: values go as they were typed, and a field that is absent means that the flag was not given. Paths in them are the
 * host's. */
#include "varlink/create.h"

#include "base/cleanup.h"
#include "base/units.h"
#include "varlink/host.h"

enum wire_type { WIRE_STR, WIRE_LIST, WIRE_JOIN, WIRE_INT, WIRE_FLOAT, WIRE_BOOL, WIRE_NO_CHECK };

struct row {
	const char *flag, *field;
	enum wire_type type;
	int minor; /* the first Podman 1.x that has the field; 0: all */
};

static const struct row rows[] = {
	{ "add-host", "addHost", WIRE_LIST },
	{ "annotation", "annotation", WIRE_LIST },
	{ "arch", "overrideArch", WIRE_STR, 8 },
	{ "attach", "attach", WIRE_LIST },
	{ "blkio-weight", "blkioWeight", WIRE_STR },
	{ "blkio-weight-device", "blkioWeightDevice", WIRE_LIST },
	{ "cap-add", "capAdd", WIRE_LIST },
	{ "cap-drop", "capDrop", WIRE_LIST },
	{ "cgroup-parent", "cgroupParent", WIRE_STR },
	{ "conmon-pidfile", "conmonPidfile", WIRE_STR },
	{ "cpu-period", "cpuPeriod", WIRE_INT },
	{ "cpu-quota", "cpuQuota", WIRE_INT },
	{ "cpu-rt-period", "cpuRtPeriod", WIRE_INT },
	{ "cpu-rt-runtime", "cpuRtRuntime", WIRE_INT },
	{ "cpu-shares", "cpuShares", WIRE_INT },
	{ "cpus", "cpus", WIRE_FLOAT },
	{ "cpuset-cpus", "cpuSetCpus", WIRE_STR },
	{ "cpuset-mems", "cpuSetMems", WIRE_STR },
	{ "detach-keys", "detachKeys", WIRE_STR },
	{ "device", "device", WIRE_LIST },
	{ "device-read-bps", "deviceReadBps", WIRE_LIST },
	{ "device-read-iops", "deviceReadIops", WIRE_LIST },
	{ "device-write-bps", "deviceWriteBps", WIRE_LIST },
	{ "device-write-iops", "deviceWriteIops", WIRE_LIST },
	{ "dns", "dns", WIRE_LIST },
	{ "dns-opt", "dnsOpt", WIRE_LIST },
	{ "dns-option", "dnsOpt", WIRE_LIST },
	{ "dns-search", "dnsSearch", WIRE_LIST },
	{ "entrypoint", "entrypoint", WIRE_STR },
	{ "env", "env", WIRE_LIST },
	{ "expose", "expose", WIRE_LIST },
	{ "gidmap", "gidmap", WIRE_LIST },
	{ "group-add", "groupadd", WIRE_LIST },
	{ "health-cmd", "healthcheckCommand", WIRE_STR },
	{ "health-interval", "healthcheckInterval", WIRE_STR },
	{ "health-retries", "healthcheckRetries", WIRE_INT },
	{ "health-start-period", "healthcheckStartPeriod", WIRE_STR },
	{ "health-timeout", "healthcheckTimeout", WIRE_STR },
	{ "hostname", "hostname", WIRE_STR },
	{ "image-volume", "imageVolume", WIRE_STR },
	{ "init", "init", WIRE_BOOL },
	{ "init-path", "initPath", WIRE_STR },
	{ "interactive", "interactive", WIRE_BOOL },
	{ "ip", "ip", WIRE_STR },
	{ "ipc", "ipc", WIRE_STR },
	{ "kernel-memory", "kernelMemory", WIRE_STR },
	{ "label", "label", WIRE_LIST },
	{ "log-driver", "logDriver", WIRE_STR },
	{ "log-opt", "logOpt", WIRE_LIST },
	{ "mac-address", "macAddress", WIRE_STR },
	{ "memory", "memory", WIRE_STR },
	{ "memory-reservation", "memoryReservation", WIRE_STR },
	{ "memory-swap", "memorySwap", WIRE_STR },
	{ "memory-swappiness", "memorySwappiness", WIRE_INT },
	{ "mount", "mount", WIRE_LIST },
	{ "name", "name", WIRE_STR },
	{ "network", "network", WIRE_JOIN },
	{ "no-healthcheck", "healthcheckCommand", WIRE_NO_CHECK },
	{ "no-hosts", "noHosts", WIRE_BOOL },
	{ "oom-kill-disable", "oomKillDisable", WIRE_BOOL },
	{ "oom-score-adj", "oomScoreAdj", WIRE_INT },
	{ "os", "overrideOS", WIRE_STR, 8 },
	{ "override-arch", "overrideArch", WIRE_STR, 8 },
	{ "override-os", "overrideOS", WIRE_STR, 8 },
	{ "pid", "pid", WIRE_STR },
	{ "pids-limit", "pidsLimit", WIRE_INT },
	{ "pod", "pod", WIRE_STR },
	{ "privileged", "privileged", WIRE_BOOL },
	{ "publish", "publish", WIRE_LIST },
	{ "publish-all", "publishAll", WIRE_BOOL },
	{ "read-only", "readonly", WIRE_BOOL },
	{ "read-only-tmpfs", "readonlytmpfs", WIRE_BOOL },
	{ "restart", "restart", WIRE_STR },
	{ "rm", "rm", WIRE_BOOL },
	{ "rootfs", "rootfs", WIRE_BOOL },
	{ "security-opt", "securityOpt", WIRE_LIST },
	{ "shm-size", "shmSize", WIRE_STR },
	{ "stop-signal", "stopSignal", WIRE_STR },
	{ "stop-timeout", "stopTimeout", WIRE_INT },
	{ "storage-opt", "storageOpt", WIRE_LIST },
	{ "subgidname", "subgidname", WIRE_STR },
	{ "subuidname", "subuidname", WIRE_STR },
	{ "sysctl", "sysctl", WIRE_LIST },
	{ "systemd", "systemd", WIRE_STR },
	{ "tmpfs", "tmpfs", WIRE_LIST },
	{ "tty", "tty", WIRE_BOOL },
	{ "uidmap", "uidmap", WIRE_LIST },
	{ "ulimit", "ulimit", WIRE_LIST },
	{ "user", "user", WIRE_STR },
	{ "userns", "userns", WIRE_STR },
	{ "uts", "uts", WIRE_STR },
	{ "volume", "volume", WIRE_LIST },
	{ "volumes-from", "volumesFrom", WIRE_LIST },
	{ "workdir", "workDir", WIRE_STR },
};

static const struct row *find_row(const char *flag)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].flag, flag) == 0)
			return &rows[i];
	return NULL;
}

static struct json_object *joined(const struct strv *values)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(64 * 1024);

	for (size_t i = 0; i < values->n; i++)
		buf_addf(&b, "%s%s", i ? "," : "", values->v[i]);
	return b.failed ? NULL : js_str(buf_z(&b));
}

/* NULL: not a value of the type. The field stays away for a no-healthcheck that is false, which is no value either. */
static struct json_object *wire_value(const struct row *row, const struct strv *values)
{
	const char *last = values->v[values->n - 1];
	int64_t number;
	double real;
	bool yes;

	switch (row->type) {
	case WIRE_LIST:
		return js_strv(values->v, values->n);
	case WIRE_JOIN:
		return joined(values);
	case WIRE_STR:
		return js_str(last);
	case WIRE_INT:
		return int_parse(str_from(last), &number) ? json_object_new_int64(number) : NULL;
	case WIRE_FLOAT:
		return float_parse(str_from(last), &real) ? json_object_new_double(real) : NULL;
	case WIRE_BOOL:
		return bool_parse(str_from(last), &yes) ? json_object_new_boolean(yes) : NULL;
	case WIRE_NO_CHECK:
		return js_str("none");
	}
	return NULL;
}

/* 1.6.2 takes the path of a volume without a source for the source: "error checking path". */
static int check_volumes(const struct engine *e, const struct flag *f, struct error *err)
{
	if (engine_version_cmp(e, 1, 8, 0) >= 0)
		return 0;
	for (size_t i = 0; i < f->values.n; i++)
		if (!strchr(f->values.v[i], ':'))
			return engine_unsupported(e, err, "--volume %s without a source", f->values.v[i]);
	return 0;
}

static int put_flag(const struct engine *e, const struct flag *f, struct json_object *create, struct error *err)
{
	const struct row *row = find_row(f->name);
	struct json_object *value;
	int r;

	if (!row || (row->minor && engine_version_cmp(e, 1, row->minor, 0) < 0))
		return engine_unsupported(e, err, "--%s", f->name);
	if (f->values.n == 0)
		return 0;
	if (row->type == WIRE_NO_CHECK && strcmp(f->values.v[f->values.n - 1], "true") != 0)
		return 0;
	if (strcmp(f->name, "volume") == 0 && (r = check_volumes(e, f, err)) < 0)
		return r;
	value = wire_value(row, &f->values);
	if (!value)
		return error_set(err, ERR_USAGE, "invalid value \"%s\" for --%s", f->values.v[f->values.n - 1], f->name);
	/* 4.x calls bind "anonymous" and knows both words. */
	if (strcmp(f->name, "image-volume") == 0 && str_eq(js_text(value), STR("anonymous")))
		json_object_set_string(value, "bind");
	js_set(create, row->field, value);
	return 0;
}

/* Image and words of the command in one list. With --rootfs the path is command[0]. */
static struct json_object *args_of(const struct create_req *q)
{
	struct json_object *args = json_object_new_array();

	if (*q->image)
		json_object_array_add(args, js_str(q->image));
	for (size_t i = 0; q->command && i < q->command->n; i++)
		json_object_array_add(args, js_str(q->command->v[i]));
	return args;
}

int create_object(const struct engine *e, const struct create_req *q, struct json_object **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *create = json_object_new_object();

	js_set(create, "args", args_of(q));
	for (size_t i = 0; q->flags && i < q->flags->n; i++) {
		int r = put_flag(e, &q->flags->v[i], create, err);

		if (r < 0)
			return r;
	}
	*ret = ptr_take(&create);
	return 0;
}

/* The service would pull a missing image itself, silently; the caller has pulled. It has no warnings to give. */
int host_container_create(struct engine *e, const struct create_req *q, char **ret_id, struct strv *ret_warnings, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *create = NULL, *in = json_object_new_object(), *reply = NULL;
	struct str id;
	int r = create_object(e, q, &create, err);

	(void)ret_warnings;
	if (r < 0)
		return r;
	js_set(in, "create", ptr_take(&create));
	r = host_call(host_of(e), "CreateContainer", ptr_take(&in), 0, &reply, err);
	if (r < 0)
		return r;
	id = js_text(js_get(reply, "container"));
	if (id.n == 0)
		return error_set(err, ERR_PROTOCOL, "the service answered to create without an ID");
	*ret_id = str_dup(id);
	return *ret_id ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#endif

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/strv.h"
#include "base/units.h"

#ifdef __linux__
static bool write_map(const char *path, unsigned id)
{
	char text[64];
	int n = id == UINT_MAX ? snprintf(text, sizeof text, "deny") : snprintf(text, sizeof text, "0 %u 1", id);
	CLEANUP(fd_close_p) int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, (size_t)n) == n;
}

static bool enter_user_namespace(void)
{
	unsigned uid = geteuid(), gid = getegid();

	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_map("/proc/self/setgroups", UINT_MAX) &&
	       write_map("/proc/self/uid_map", uid) && write_map("/proc/self/gid_map", gid);
}

/* Some systems let a user make the namespace and then refuse whatever it is for: a child finds out. */
static bool can_become_root(void)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(enter_user_namespace() && unshare(CLONE_NEWPID) == 0 &&
				      mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && chroot("/") == 0
			      ? 0
			      : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}
#endif

void sandbox_become_root(void)
{
#ifdef __linux__
	if (geteuid() != 0 && can_become_root())
		(void)!enter_user_namespace();
#endif
}

pid_t sandbox_fork(const struct process_spec *spec)
{
#ifdef __linux__
	/* Not unshare: the way back to the old PID namespace is closed to a rootless host. */
	if (geteuid() == 0 && !spec->join) {
		long pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);

		if (pid >= 0)
			return (pid_t)pid;
	}
#else
	(void)spec;
#endif
	return fork();
}

#ifdef __linux__
/* There is no exec that would do it; a pipe's or a connection's end that stays open here would never be seen closed elsewhere. */
static void close_all(void)
{
	long max = sysconf(_SC_OPEN_MAX);

#ifdef SYS_close_range
	if (syscall(SYS_close_range, 0, ~0U, 0) == 0)
		return;
#endif
	for (int fd = 0; fd < max && fd < 65536; fd++)
		close(fd);
}

static void end_as(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		_exit(128 + WTERMSIG(status));
	_exit(WEXITSTATUS(status));
}
#endif

void sandbox_join_pids(const struct process_spec *spec)
{
#ifdef __linux__
	char path[64];
	pid_t pid;

	snprintf(path, sizeof path, "/proc/%ld/ns/pid", (long)spec->join);
	CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (geteuid() != 0 || fd < 0 || setns(fd, CLONE_NEWPID) < 0)
		return;
	pid = fork();
	if (pid <= 0)
		return;
	/* It leads the terminal's session, and the hang-up of the terminal comes before its child's exit code. */
	signal(SIGHUP, SIG_IGN);
	close_all();
	end_as(pid);
#else
	(void)spec;
#endif
}

#ifdef __linux__
/* An image from scratch has no place for what every container gets. */
static void make_mount_point(const struct process_spec *spec, const char *target)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s%s", spec->root, target);
	(void)!mkdir(path, 0755);
}

/* Mounting needs a mount namespace of one's own: without it the mounts would be the machine's. */
static void mount_in(const struct process_spec *spec, const char *source, const char *target, const char *type, unsigned long flags)
{
	CLEANUP(free_p) char *path = NULL;

	if (asprintf(&path, "%s%s", spec->root, target) < 0)
		return;
	if (mount(source, path, type, flags, NULL) == 0 && (flags & MS_BIND) && (flags & MS_RDONLY))
		(void)!mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
}

/* A folder of the container's own with the few nodes that it needs, so that nothing in it reaches the machine's /dev. */
static void make_devices(const struct process_spec *spec)
{
	static const char *const nodes[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty" };
	char path[PATH_MAX];

	make_mount_point(spec, "/dev");
	mount_in(spec, "tmpfs", "/dev", "tmpfs", MS_NOSUID);
	/* Of a tmpfs that everybody may write, Linux lets a user's container open no node of root's with O_CREAT, as "> /dev/null" does. */
	snprintf(path, sizeof path, "%s/dev", spec->root);
	(void)!chmod(path, 0755);
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		snprintf(path, sizeof path, "%s%s", spec->root, nodes[i]);
		CLEANUP(fd_close_p) int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
		mount_in(spec, nodes[i], nodes[i], NULL, MS_BIND);
	}
	snprintf(path, sizeof path, "%s/dev/pts", spec->root);
	(void)!mkdir(path, 0755);
	mount_in(spec, "/dev/pts", "/dev/pts", NULL, MS_BIND);
}

static void enter_new_namespaces(const struct process_spec *spec)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC) < 0)
		return;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return;
	make_mount_point(spec, "/proc");
	mount_in(spec, "proc", "/proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV);
	make_devices(spec);
	for (size_t i = 0; i < spec->n_mounts; i++)
		mount_in(spec, spec->mounts[i].source, spec->mounts[i].destination, NULL,
			 MS_BIND | MS_REC | (spec->mounts[i].read_only ? MS_RDONLY : 0));
	(void)!sethostname(spec->hostname, strlen(spec->hostname));
}

static void join_namespaces(pid_t pid)
{
	static const char *const names[] = { "mnt", "uts", "ipc" };
	int fds[ARRAY_LEN(names)];

	/* All are opened first: the way to /proc is gone after the first. */
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[64];

		snprintf(path, sizeof path, "/proc/%ld/ns/%s", (long)pid, names[i]);
		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
	}
	for (size_t i = ARRAY_LEN(names); i-- > 0;)
		if (fds[i] >= 0) {
			(void)!setns(fds[i], 0);
			close(fds[i]);
		}
}
#endif

static int enter_root(const struct process_spec *spec, struct error *err)
{
#ifdef __linux__
	if (spec->join)
		join_namespaces(spec->join);
	else
		enter_new_namespaces(spec);
#endif
	/* As root a container's "rm -r /" must not be the machine's: no chroot, no container. */
	if (chroot(spec->root) < 0)
		return error_set(err, ERR_REMOTE, "chroot %s: %s", spec->root, strerror(errno));
	return 0;
}

/* runc makes a missing working directory for a container, but not for an exec. */
static int enter_workdir(const struct process_spec *spec, const char *path, struct error *err)
{
	if (!spec->join)
		path_make_dirs(path, 0755, NULL);
	if (chdir(path) < 0)
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_REMOTE,
				 "chdir to cwd (\"%s\") set in config.json failed: %s", spec->workdir,
				 errno == ENOENT ? "no such file or directory" : "permission denied");
	return 0;
}

/* A field of the line of name in the container's passwd or group file; NULL when there is none. */
static char *account_field(const char *file, struct str name, int field)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(256 * 1024);
	struct str rest, line;

	if (path_read(file, &text, NULL) < 0)
		return NULL;
	for (rest = buf_str(&text); rest.n;) {
		struct str value, tail;

		if (!str_cut(rest, '\n', &line, &rest))
			rest.n = 0;
		str_cut(line, ':', &value, &tail);
		if (!str_eq(value, name))
			continue;
		for (int i = 0; i < field; i++)
			if (!str_cut(tail, ':', &value, &tail))
				value = tail;
		return str_dup(value);
	}
	return NULL;
}

static bool account_id(const char *file, struct str name, int field, int64_t *ret)
{
	CLEANUP(free_p) char *value = NULL;

	if (int_parse(name, ret))
		return true;
	value = account_field(file, name, field);
	return value && int_parse(str_from(value), ret);
}

static int become_user(const struct process_spec *spec, struct error *err)
{
	struct str user, group = { 0 };
	CLEANUP(free_p) char *primary = NULL;
	int64_t uid = 0, gid = 0;

	if (!*spec->user)
		return 0;
	str_cut(str_from(spec->user), ':', &user, &group);
	if (!account_id("/etc/passwd", user, 2, &uid))
		return error_set(err, ERR_REMOTE, "unable to find user %.*s: no matching entries in passwd file", STR_ARG(user));
	primary = account_field("/etc/passwd", user, 3);
	if (primary)
		(void)!int_parse(str_from(primary), &gid);
	if (group.n && !account_id("/etc/group", group, 2, &gid))
		return error_set(err, ERR_REMOTE, "unable to find group %.*s: no matching entries in group file", STR_ARG(group));
	if (setgid((gid_t)gid) < 0 || setuid((uid_t)uid) < 0)
		return error_set(err, ERR_REMOTE, "setuid %s: %s", spec->user, strerror(errno));
	return 0;
}

/* The container's paths start in its folder here: /tmp is ROOT/tmp. */
static int enter_plain(const struct process_spec *spec, struct error *err)
{
	CLEANUP(free_p) char *path = NULL;

	if (asprintf(&path, "%s%s", spec->root, spec->workdir) < 0)
		return error_set(err, ERR_SYSTEM, "out of memory");
	return enter_workdir(spec, path, err);
}

int sandbox_enter(const struct process_spec *spec, struct error *err)
{
	int r;

	if (geteuid() != 0)
		return enter_plain(spec, err);
	r = enter_root(spec, err);
	if (r == 0)
		r = enter_workdir(spec, spec->workdir, err);
	return r < 0 ? r : become_user(spec, err);
}

/* With a slash: as it is (from the container's root when there is no chroot). */
static char *absolute_command(const struct process_spec *spec, const char *name)
{
	char *path = NULL;

	if (geteuid() == 0 || name[0] != '/')
		return z_dup(name);
	if (asprintf(&path, "%s%s", spec->root, name) >= 0 && access(path, F_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static const char *env_path(char *const *env)
{
	for (; *env; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	return "/bin";
}

static char *search_command(const struct process_spec *spec, const char *name)
{
	struct str rest = str_from(env_path(spec->env)), dir;

	while (rest.n) {
		char *path = NULL;

		if (!str_cut(rest, ':', &dir, &rest))
			rest.n = 0;
		if (asprintf(&path, "%.*s/%s", STR_ARG(dir), name) >= 0 && access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

int sandbox_find_command(const struct process_spec *spec, char **ret, struct error *err)
{
	const char *name = spec->argv[0];
	bool has_slash = strchr(name, '/') != NULL;
	CLEANUP(free_p) char *path = has_slash ? absolute_command(spec, name) : search_command(spec, name);
	struct stat st;

	if (!path && !has_slash)
		return error_set(err, ERR_NOT_FOUND, "exec: \"%s\": executable file not found in $PATH", name);
	if (!path || stat(path, &st) < 0)
		return error_set(err, ERR_NOT_FOUND, "exec: \"%s\": stat %s: no such file or directory", name, name);
	if (S_ISDIR(st.st_mode) || access(path, X_OK) < 0)
		return error_set(err, ERR_REMOTE, "exec: \"%s\": %s", name,
				 S_ISDIR(st.st_mode) ? "is a directory" : "permission denied");
	*ret = ptr_take(&path);
	return 0;
}

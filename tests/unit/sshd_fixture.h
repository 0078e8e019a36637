/* A real sshd on a free loopback port, run as the current user, with keys and files in a folder of its own, and services behind unix
 * sockets for it to connect to. */
#ifndef SSHD_FIXTURE_H
#define SSHD_FIXTURE_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/proc.h"

#define PASSPHRASE "open sesame"
/* What the source sends and the sink takes. */
#define BULK_BYTES ((size_t)64 * 1024 * 1024)

struct fixture {
	char dir[64];
	int port, closed_port; /* of an sshd; of one that forwards no streams */
	pid_t sshd, closed_sshd, service;
};

static struct fixture fixture;

/* "DIR/name" in one of eight buffers that are used in turn. */
static const char *at(const char *name)
{
	static char paths[8][160];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof paths[0], "%s/%s", fixture.dir, name);
	return path;
}

static void write_file(const char *name, mode_t mode, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void write_file(const char *name, mode_t mode, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	assert_int_equal(path_write_atomic(at(name), buf_str(&text), mode, NULL), 0);
}

/* The file's text; at most 16 KiB. */
static char *read_file(const char *name)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(16 * 1024);

	assert_int_equal(path_read(at(name), &text, NULL), 0);
	return buf_take(&text);
}

static int run(const char *program, ...)
{
	char *argv[24];
	size_t n = 0;
	int status = -1;
	va_list ap;

	va_start(ap, program);
	argv[n++] = (char *)(uintptr_t)program;
	while ((argv[n] = va_arg(ap, char *)) && n < ARRAY_LEN(argv) - 1)
		n++;
	va_end(ap);
	return proc_capture(argv, clock_after_ms(20000), NULL, NULL, &status, NULL) < 0 ? -1 : status;
}

/* In the background; the caller kills it. */
static pid_t spawn(const char *const *argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return pid;
}

static void end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

/* ---- ports ---------------------------------------------------------------------------------------------------------- */

/* A loopback socket that listens on a port which the kernel chose. */
static int listen_tcp(int *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0 && fd_set_cloexec(fd) == 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*ret_port = ntohs(a.sin_port);
	return fd;
}

static int free_port(void)
{
	int port, fd = listen_tcp(&port);

	close(fd);
	return port;
}

static bool answers(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) }, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool ok = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;

	close(fd);
	return ok;
}

/* ---- services ------------------------------------------------------------------------------------------------------- */

/* The byte at a place in the bulk data: no period that a lost or doubled block could hide behind. */
static unsigned char bulk_byte(size_t i)
{
	uint32_t x = (uint32_t)i * 2654435761u;

	return (unsigned char)(x >> 24 ^ i >> 16);
}

static int listen_unix(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	assert_true(fd >= 0 && fd_set_cloexec(fd) == 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 64), 0);
	return fd;
}

static void serve_echo(int fd)
{
	char block[16 * 1024];
	ssize_t n;

	while ((n = read(fd, block, sizeof block)) > 0)
		if (fd_write_all(fd, block, (size_t)n, 0, NULL) < 0)
			return;
	/* Seen by the other side only if the half-close came through. */
	fd_write_all(fd, "bye", 3, 0, NULL);
}

static void serve_source(int fd)
{
	static unsigned char block[64 * 1024];

	for (size_t i = 0; i < BULK_BYTES; i += sizeof block) {
		for (size_t j = 0; j < sizeof block; j++)
			block[j] = bulk_byte(i + j);
		if (fd_write_all(fd, block, sizeof block, 0, NULL) < 0)
			return;
	}
}

/* Reads to the end and answers "ok" when everything came as it should; begins late, so that the way fills up. */
static void serve_sink(int fd)
{
	static unsigned char block[64 * 1024];
	size_t i = 0;
	bool same = true;
	ssize_t n;

	usleep(300 * 1000);
	while ((n = read(fd, block, sizeof block)) > 0)
		for (ssize_t j = 0; j < n; j++)
			same = same && block[j] == bulk_byte(i++);
	fd_write_all(fd, same && i == BULK_BYTES ? "ok" : "no", 2, 0, NULL);
}

static void serve_connection(int listener, void (*serve)(int))
{
	int fd = accept(listener, NULL, NULL);

	if (fork() == 0) {
		serve(fd);
		_exit(0);
	}
	close(fd);
}

/* One process for all of them, and one for each connection. */
static pid_t start_services(void)
{
	int echo = listen_unix(at("echo.sock")), source = listen_unix(at("source.sock")), sink = listen_unix(at("sink.sock"));
	pid_t pid;

	close(listen_unix(at("dead.sock")));
	pid = fork();
	if (pid != 0) {
		close(echo);
		close(source);
		close(sink);
		return pid;
	}
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		struct pollfd p[3] = { { .fd = echo, .events = POLLIN },
				       { .fd = source, .events = POLLIN },
				       { .fd = sink, .events = POLLIN } };

		if (poll(p, 3, -1) < 0)
			continue;
		if (p[0].revents)
			serve_connection(echo, serve_echo);
		if (p[1].revents)
			serve_connection(source, serve_source);
		if (p[2].revents)
			serve_connection(sink, serve_sink);
	}
}

/* ---- sshd ----------------------------------------------------------------------------------------------------------- */

static const char *sshd_program(void)
{
	static const char *const places[] = { "/usr/sbin/sshd", "/usr/local/sbin/sshd", "/opt/homebrew/sbin/sshd" };

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

static bool make_key(const char *name, const char *type, const char *passphrase)
{
	return run("ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", name, "-f", at(name), NULL) == 0;
}

static void write_sshd_config(const char *name, int port, const char *more)
{
	write_file(
		name, 0600,
		"Port %d\nListenAddress 127.0.0.1\nHostKey %s\nPidFile none\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\n"
		"PasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxSessions 40\nMaxStartups 100\nLogLevel ERROR\n%s",
		port, at("host_key"), at("authorized_keys"), more);
}

/* NULL, or why it does not run here. */
static const char *start_sshd(const char *config, int port, pid_t *ret_pid)
{
	const char *argv[] = { sshd_program(), "-D", "-f", at(config), "-o", "PerSourcePenalties=no", NULL };
	uint64_t deadline_ms = clock_after_ms(10000);

	if (!argv[0])
		return "sshd is not installed";
	if (run(argv[0], "-t", "-f", at(config), NULL) != 0)
		return "sshd refuses its configuration (is /run/sshd there?)";
	/* OpenSSH 9.8 and later shut out who fails to log in a few times, as the tests do; earlier ones do not know the word. */
	if (run(argv[0], "-t", "-f", at(config), argv[4], argv[5], NULL) != 0)
		argv[4] = NULL;
	*ret_pid = spawn(argv);
	while (!answers(port)) {
		if (clock_ms() > deadline_ms)
			return "sshd does not answer";
		usleep(10 * 1000);
	}
	return NULL;
}

/* UserKnownHostsFile and IdentityFile as the rows of a test want them. */
static void write_ssh_config(const char *known_hosts, const char *identity, const char *more)
{
	write_file("ssh_config", 0600,
		   "%sHost *\n UserKnownHostsFile %s\n GlobalKnownHostsFile none\n IdentityFile %s\n ConnectTimeout 2\n", more,
		   at(known_hosts), *identity ? at(identity) : "none");
}

/* known_hosts with the key of one of the files, for both ports. */
static void write_known_hosts(const char *name, const char *key)
{
	CLEANUP(free_p) char *pub = read_file(key);

	write_file(name, 0600, "# a bad line follows\nbox ssh-ed25519\n[127.0.0.1]:%d %s[127.0.0.1]:%d %s", fixture.port, pub,
		   fixture.closed_port, pub);
}

static const char *user_name(void)
{
	const struct passwd *pw = getpwuid(getuid());

	return pw ? pw->pw_name : "root";
}

static const char *fixture_start(void)
{
	CLEANUP(free_p) char *key = NULL;
	CLEANUP(free_p) char *locked = NULL;
	const char *why;

	snprintf(fixture.dir, sizeof fixture.dir, "/tmp/farpod-test-XXXXXX");
	if (!mkdtemp(fixture.dir))
		return "no temporary folder";
	if (!make_key("host_key", "ed25519", "") || !make_key("other_host_key", "ed25519", "") || !make_key("key", "ed25519", "") ||
	    !make_key("stranger", "ed25519", "") || !make_key("locked", "ed25519", PASSPHRASE) || !make_key("rsa", "rsa", ""))
		return "ssh-keygen is not installed";
	key = read_file("key.pub");
	locked = read_file("locked.pub");
	CLEANUP(free_p) char *rsa = read_file("rsa.pub");

	write_file("authorized_keys", 0600, "%s%s%s", key, locked, rsa);
	fixture.port = free_port();
	fixture.closed_port = free_port();
	write_sshd_config("sshd_config", fixture.port, "");
	write_sshd_config("closed_config", fixture.closed_port, "AllowStreamLocalForwarding no\n");
	write_known_hosts("known_hosts", "host_key.pub");
	write_known_hosts("changed_hosts", "other_host_key.pub");
	mkdir(at("run"), 0700);
	setenv("XDG_RUNTIME_DIR", at("run"), 1);
	setenv("XDG_CACHE_HOME", at("cache"), 1);
	setenv("FARPOD_SSH_CONFIG", at("ssh_config"), 1);
	unsetenv("SSH_AUTH_SOCK");
	unsetenv("CONTAINER_PASSPHRASE");
	unsetenv("FARPOD_SSH");
	write_ssh_config("known_hosts", "key", "");
	why = start_sshd("sshd_config", fixture.port, &fixture.sshd);
	if (!why)
		why = start_sshd("closed_config", fixture.closed_port, &fixture.closed_sshd);
	if (!why)
		fixture.service = start_services();
	return why;
}

static void fixture_stop(void)
{
	end(fixture.sshd);
	end(fixture.closed_sshd);
	end(fixture.service);
	if (*fixture.dir)
		run("rm", "-rf", fixture.dir, NULL);
}

/* Names in a folder. */
static size_t count_entries(const char *name)
{
	DIR *dir = opendir(at(name));
	const struct dirent *entry;
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

#endif

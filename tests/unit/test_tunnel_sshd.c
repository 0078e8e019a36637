/* The tunnel against a real sshd. */
#include "unit.h"

#include <poll.h>

#include "sshd_fixture.h"
#include "tunnel/tunnel.h"

#define WAIT_MS 20000

static const char *missing; /* why there is no sshd here */

static int start(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	missing = fixture_start();
	if (missing)
		fprintf(stderr, "skipped: %s\n", missing);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fixture_stop();
	return 0;
}

#define NEEDS_SSHD()                                                                                                               \
	do {                                                                                                                       \
		(void)state;                                                                                                       \
		if (missing)                                                                                                       \
			skip();                                                                                                    \
	} while (0)

static int set_up(void **state)
{
	(void)state;
	unsetenv("SSH_AUTH_SOCK");
	unsetenv("CONTAINER_PASSPHRASE");
	unsetenv("FARPOD_SSH");
	if (!missing)
		write_ssh_config("known_hosts", "key", "");
	return 0;
}

static struct tunnel_dest dest(void)
{
	return (struct tunnel_dest){ .host = "127.0.0.1", .user = user_name(), .port = fixture.port };
}

static struct tunnel *open_tunnel(const struct tunnel_dest *to)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct tunnel *t;

	if (tunnel_open(&t, to, NULL, NULL, &err) < 0)
		fail_msg("tunnel_open: %s", err.text);
	return t;
}

static int dial(struct tunnel *t, const char *name)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct tunnel_target target = { .kind = TUNNEL_UNIX, .path = at(name) };
	int fd;

	if (tunnel_dial(t, &target, &fd, &err) < 0)
		fail_msg("tunnel_dial %s: %s", name, err.text);
	return fd;
}

/* Exactly these bytes come next. */
static void expect(int fd, const char *want)
{
	char got[256] = "";
	size_t n = 0, all = strlen(want);

	while (n < all) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		ssize_t some = fd_read_some(fd, got + n, all - n, clock_after_ms(WAIT_MS), &err);

		if (some <= 0)
			fail_msg("wanted \"%s\", got \"%s\" and then %s", want, got, some ? err.text : "the end");
		n += (size_t)some;
	}
	assert_string_equal(got, want);
}

static void expect_end(int fd)
{
	char more[16];

	assert_int_equal(fd_read_some(fd, more, sizeof more, clock_after_ms(WAIT_MS), NULL), 0);
}

static void say(int fd, const char *text)
{
	assert_int_equal(fd_write_all(fd, text, strlen(text), clock_after_ms(WAIT_MS), NULL), 0);
}

/* ---- streams -------------------------------------------------------------------------------------------------------- */

static void echo_over(const char *transport)
{
	struct tunnel_dest to = dest();
	struct tunnel *t;

	setenv("FARPOD_SSH", transport, 1);
	t = open_tunnel(&to);
	assert_string_equal(tunnel_transport(t), transport);
	for (int i = 0; i < 3; i++) {
		int fd = dial(t, "echo.sock");

		say(fd, "hello\n");
		expect(fd, "hello\n");
		shutdown(fd, SHUT_WR);
		expect(fd, "bye");
		expect_end(fd);
		close(fd);
	}
	assert_string_equal(tunnel_last_failure(t), "");
	tunnel_close(t);
	assert_int_equal(count_entries("run"), 0);
}

static void bytes_and_half_close_come_through(void **state)
{
	NEEDS_SSHD();
	echo_over("libssh2");
}

static void and_by_the_systems_ssh(void **state)
{
	NEEDS_SSHD();
	echo_over("ssh");
}

static void read_bulk(int fd)
{
	static unsigned char block[64 * 1024];
	size_t i = 0;
	ssize_t n;

	while ((n = fd_read_some(fd, block, sizeof block, clock_after_ms(WAIT_MS), NULL)) > 0)
		for (ssize_t j = 0; j < n; j++, i++)
			if (block[j] != bulk_byte(i))
				fail_msg("byte %zu is wrong", i);
	assert_int_equal(n, 0);
	assert_int_equal(i, BULK_BYTES);
}

static void write_bulk(int fd)
{
	static unsigned char block[64 * 1024];

	for (size_t i = 0; i < BULK_BYTES; i += sizeof block) {
		for (size_t j = 0; j < sizeof block; j++)
			block[j] = bulk_byte(i + j);
		assert_int_equal(fd_write_all(fd, block, sizeof block, clock_after_ms(WAIT_MS), NULL), 0);
	}
}

static void bulk_is_exact_both_ways(void **state)
{
	struct tunnel_dest to = dest();
	struct tunnel *t;
	int down, up, echo;

	NEEDS_SSHD();
	t = open_tunnel(&to);
	/* Nobody reads from this one yet; the others must not care. */
	down = dial(t, "source.sock");
	echo = dial(t, "echo.sock");
	up = dial(t, "sink.sock");
	say(echo, "before");
	expect(echo, "before");
	write_bulk(up);
	shutdown(up, SHUT_WR);
	expect(up, "ok");
	expect_end(up);
	say(echo, "between");
	expect(echo, "between");
	read_bulk(down);
	close(down);
	close(up);
	close(echo);
	tunnel_close(t);
}

#define MANY 20

static void twenty_streams_at_once(void **state)
{
	struct tunnel_dest to = dest();
	struct tunnel *t;
	int fds[MANY];
	char text[32];

	NEEDS_SSHD();
	t = open_tunnel(&to);
	for (int i = 0; i < MANY; i++)
		fds[i] = dial(t, "echo.sock");
	for (int i = MANY - 1; i >= 0; i--) {
		snprintf(text, sizeof text, "stream %d", i);
		say(fds[i], text);
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(text, sizeof text, "stream %d", i);
		expect(fds[i], text);
		shutdown(fds[i], SHUT_WR);
	}
	for (int i = 0; i < MANY; i++) {
		expect(fds[i], "bye");
		close(fds[i]);
	}
	tunnel_close(t);
}

static void a_port_of_the_host(void **state)
{
	struct tunnel_dest to = dest();
	struct tunnel_target target = { .kind = TUNNEL_TCP, .path = "127.0.0.1" };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct tunnel *t;
	int listener, fd, peer;

	NEEDS_SSHD();
	listener = listen_tcp(&target.port);
	t = open_tunnel(&to);
	assert_int_equal(tunnel_dial(t, &target, &fd, &err), 0);
	peer = accept(listener, NULL, NULL);
	say(fd, "ping");
	expect(peer, "ping");
	close(peer);
	expect_end(fd);
	close(fd);
	close(listener);
	assert_int_equal(tunnel_dial(t, &target, &fd, &err), -ERR_CONNECT);
	assert_int_equal(err.sys_errno, ECONNREFUSED);
	tunnel_close(t);
}

/* ---- commands ------------------------------------------------------------------------------------------------------- */

static void commands_over(const char *transport)
{
	static const struct {
		const char *command, *out;
		int status;
	} cases[] = {
		{ "echo a; echo b >&2", "a\n", 0 }, { "exit 7", "", 7 }, { "cat", "", 0 }, /* no stdin */
	};
	struct tunnel_dest to = dest();
	struct tunnel_target cat = { .kind = TUNNEL_EXEC, .path = "cat; echo end" };
	struct tunnel *t;
	int fd;

	setenv("FARPOD_SSH", transport, 1);
	t = open_tunnel(&to);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT(64 * 1024);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		int status = -1;

		if (tunnel_run(t, cases[i].command, &out, &status, &err) < 0)
			row_fail(cases[i].command, "%s", err.text);
		if (status != cases[i].status || strcmp(buf_z(&out), cases[i].out) != 0)
			row_fail(cases[i].command, "status %d, output \"%s\"", status, buf_z(&out));
	}
	assert_int_equal(tunnel_dial(t, &cat, &fd, NULL), 0);
	say(fd, "in and out\n");
	shutdown(fd, SHUT_WR);
	expect(fd, "in and out\nend\n");
	expect_end(fd);
	close(fd);
	tunnel_close(t);
}

static void commands_run_and_tell_their_status(void **state)
{
	NEEDS_SSHD();
	commands_over("libssh2");
	commands_over("ssh");
}

/* ---- logging in ----------------------------------------------------------------------------------------------------- */

static void refused_logins_say_why(void **state)
{
	static const struct {
		const char *what, *known_hosts, *identity, *text, *hint;
		enum err_kind kind;
	} cases[] = {
		{ "unknown host key", "no_hosts", "key", "is not known: it sent ssh-ed25519 SHA256:", "ssh-keyscan -p", ERR_AUTH },
		{ "changed host key", "changed_hosts", "key", "has changed: it sent ssh-ed25519 SHA256:", "ssh-keygen -f",
		  ERR_AUTH },
		{ "revoked host key", "revoked_hosts", "key", "is marked as revoked", "", ERR_AUTH },
		{ "no accepted key", "known_hosts", "stranger", "accepted no key for user", "ssh-copy-id", ERR_AUTH },
		{ "locked key", "known_hosts", "locked", "locked (locked by a passphrase)", "ssh-add", ERR_AUTH },
		{ "no key", "known_hosts", "", "no key to log in with", "ssh-keygen", ERR_AUTH },
	};

	NEEDS_SSHD();
	CLEANUP(free_p) char *pub = read_file("host_key.pub");

	write_file("revoked_hosts", 0600, "[127.0.0.1]:%d %s@revoked * %s", fixture.port, pub, pub);
	setenv("FARPOD_SSH", "libssh2", 1);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct tunnel_dest to = dest();
		struct tunnel *t;
		int r;

		write_ssh_config(cases[i].known_hosts, cases[i].identity, "");
		r = tunnel_open(&t, &to, NULL, NULL, &err);
		if (r != -(int)cases[i].kind)
			row_fail(cases[i].what, "%d: %s", r, r < 0 ? err.text : "it opened");
		if (!strstr(err.text, cases[i].text))
			row_fail(cases[i].what, "text \"%s\"", err.text);
		if (!err.hint || !strstr(err.hint, cases[i].hint))
			row_fail(cases[i].what, "hint \"%s\"", err.hint ? err.hint : "-");
	}
	assert_int_equal(count_entries("run"), 0);
}

static void hosts_that_do_not_answer(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct tunnel_dest to = dest();
	struct tunnel *t;
	int listener, web;

	NEEDS_SSHD();
	to.port = free_port();
	assert_int_equal(tunnel_open(&t, &to, NULL, NULL, &err), -ERR_CONNECT);
	assert_int_equal(err.sys_errno, ECONNREFUSED);
	assert_non_null(strstr(err.text, "refused the connection"));

	to.host = "no-such-host.invalid";
	assert_int_equal(tunnel_open(&t, &to, NULL, NULL, &err), -ERR_CONNECT);
	assert_non_null(strstr(err.text, "can't be resolved"));

	to.host = "127.0.0.1";
	listener = listen_tcp(&to.port);
	assert_int_equal(tunnel_open(&t, &to, NULL, NULL, &err), -ERR_CONNECT);
	assert_non_null(strstr(err.text, "said nothing within 2 s"));
	close(listener);

	listener = listen_tcp(&to.port);
	web = fork();
	if (web == 0) {
		int fd = accept(listener, NULL, NULL);

		fd_write_all(fd, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 47, 0, NULL);
		close(fd);
		_exit(0);
	}
	assert_int_equal(tunnel_open(&t, &to, NULL, NULL, &err), -ERR_CONNECT);
	assert_non_null(strstr(err.text, "is no ssh server: it said \"HTTP/1.1 400 Bad Request\""));
	close(listener);
	waitpid(web, NULL, 0);
}

static void opens(const struct tunnel_dest *to, const char *transport)
{
	struct tunnel *t = open_tunnel(to);
	int fd = dial(t, "echo.sock");

	assert_string_equal(tunnel_transport(t), transport);
	say(fd, "x");
	expect(fd, "x");
	close(fd);
	tunnel_close(t);
}

static void a_new_host_key_is_remembered(void **state)
{
	struct tunnel_dest to = dest();

	NEEDS_SSHD();
	for (int hashed = 0; hashed < 2; hashed++) {
		const char *more =
			hashed ? "HashKnownHosts yes\nStrictHostKeyChecking accept-new\n" : "StrictHostKeyChecking accept-new\n";
		const char *file = hashed ? "new/hashed" : "new/plain";

		write_ssh_config(file, "key", more);
		opens(&to, "libssh2");
		CLEANUP(free_p) char *text = read_file(file);

		assert_int_equal(strncmp(text, hashed ? "|1|" : "[127.0.0.1]:", hashed ? 3 : 12), 0);
		write_ssh_config(file, "key", "StrictHostKeyChecking yes\n");
		opens(&to, "libssh2");
	}
	write_ssh_config("no_hosts", "key", "");
	to.ignore_hosts = true;
	opens(&to, "libssh2");
	assert_int_equal(access(at("no_hosts"), F_OK), -1);
}

static void keys_of_many_kinds(void **state)
{
	struct tunnel_dest to = dest();

	NEEDS_SSHD();
	/* The identity given comes before the one of ssh_config. */
	write_ssh_config("known_hosts", "stranger", "");
	to.identity = at("key");
	opens(&to, "libssh2");

	to.identity = NULL;
	write_ssh_config("known_hosts", "locked", "");
	setenv("CONTAINER_PASSPHRASE", PASSPHRASE, 1);
	opens(&to, "libssh2");
	setenv("FARPOD_SSH", "ssh", 1);
	opens(&to, "ssh");
	unsetenv("CONTAINER_PASSPHRASE");
	unsetenv("FARPOD_SSH");

	write_ssh_config("known_hosts", "rsa", "");
	struct tunnel *t = open_tunnel(&to);
	int fd = dial(t, "echo.sock");

	close(fd);
	tunnel_close(t);
}

static void the_agent_has_the_key(void **state)
{
	const char *const argv[] = { "ssh-agent", "-D", "-a", at("agent.sock"), NULL };
	uint64_t deadline_ms = clock_after_ms(WAIT_MS);
	struct tunnel_dest to = dest();
	pid_t agent;

	NEEDS_SSHD();
	agent = spawn(argv);
	while (access(at("agent.sock"), F_OK) < 0 && clock_ms() < deadline_ms)
		usleep(10 * 1000);
	setenv("SSH_AUTH_SOCK", at("agent.sock"), 1);
	assert_int_equal(run("ssh-add", "-q", at("stranger"), NULL), 0);
	assert_int_equal(run("ssh-add", "-q", at("key"), NULL), 0);
	write_ssh_config("known_hosts", "", "");
	opens(&to, "libssh2");

	/* The locked key's public half is in the agent's list: no passphrase is needed. */
	write_file("unlock", 0700, "#!/bin/sh\necho '%s'\n", PASSPHRASE);
	setenv("SSH_ASKPASS", at("unlock"), 1);
	setenv("SSH_ASKPASS_REQUIRE", "force", 1);
	setenv("DISPLAY", "none", 0);
	assert_int_equal(run("ssh-add", "-q", "-D", NULL), 0);
	assert_int_equal(run("ssh-add", "-q", at("locked"), NULL), 0);
	unsetenv("SSH_ASKPASS");
	unsetenv("SSH_ASKPASS_REQUIRE");
	write_ssh_config("known_hosts", "locked", "IdentitiesOnly yes\n");
	opens(&to, "libssh2");

	/* And this key is none of those that may be used. */
	write_ssh_config("known_hosts", "stranger", "IdentitiesOnly yes\n");
	struct tunnel *t;

	assert_int_equal(tunnel_open(&t, &to, NULL, NULL, NULL), -ERR_AUTH);
	end(agent);
}

static void a_jump_host_is_the_systems_business(void **state)
{
	struct tunnel_dest to = { .host = "behind" };
	char more[512];

	NEEDS_SSHD();
	snprintf(
		more, sizeof more,
		"Host behind\n HostName 127.0.0.1\n Port %d\n User %s\n ProxyJump jump\nHost jump\n HostName 127.0.0.1\n Port %d\n User %s\n",
		fixture.port, user_name(), fixture.port, user_name());
	write_ssh_config("known_hosts", "key", more);
	opens(&to, "ssh");
	write_ssh_config("known_hosts", "stranger", more);

	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct tunnel *t;

	assert_int_equal(tunnel_open(&t, &to, NULL, NULL, &err), -ERR_AUTH);
	assert_non_null(strstr(err.text, "Permission denied"));
}

static void hops_are_reported(void *ctx, enum tunnel_hop hop, uint64_t took_us, const char *detail)
{
	assert_true(took_us < 60000000);
	assert_true(*detail);
	*(unsigned *)ctx |= 1u << hop;
}

static void each_hop_is_reported(void **state)
{
	struct tunnel_dest to = dest();
	unsigned hops = 0;
	struct tunnel *t;

	NEEDS_SSHD();
	assert_int_equal(tunnel_open(&t, &to, hops_are_reported, &hops, NULL), 0);
	assert_int_equal(hops, (1u << HOP_COUNT_) - 1);
	tunnel_close(t);
}

/* ---- targets -------------------------------------------------------------------------------------------------------- */

static void unreachable_sockets(const char *transport)
{
	const struct {
		const char *name;
		bool closed; /* at the sshd that forwards no streams */
		int sys_errno;
	} cases[] = {
		{ "nothing.sock", false, ENOENT },   { "dead.sock", false, ECONNREFUSED },
		{ "echo.sock", true, EPERM },        { "nothing.sock", true, ENOENT },
		{ "it's none.sock", false, ENOENT }, { "locked-folder/any.sock", false, getuid() == 0 ? ENOENT : EACCES },
	};

	struct tunnel_dest to = dest();
	struct tunnel *open, *closed;

	setenv("FARPOD_SSH", transport, 1);
	mkdir(at("locked-folder"), 0);
	open = open_tunnel(&to);
	to.port = fixture.closed_port;
	closed = open_tunnel(&to);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		struct tunnel_target target = { .kind = TUNNEL_UNIX, .path = at(cases[i].name) };
		int fd, r = tunnel_dial(cases[i].closed ? closed : open, &target, &fd, &err);

		if (r != -ERR_CONNECT || err.sys_errno != cases[i].sys_errno)
			row_fail(cases[i].name, "%d, errno %d: %s", r, err.sys_errno, err.text ? err.text : "it opened");
	}
	tunnel_close(open);
	tunnel_close(closed);
}

static void unreachable_sockets_are_told_apart(void **state)
{
	NEEDS_SSHD();
	unreachable_sockets("libssh2");
}

static void also_by_the_systems_ssh(void **state)
{
	NEEDS_SSHD();
	unreachable_sockets("ssh");
}

/* ---- the end -------------------------------------------------------------------------------------------------------- */

/* A process that opens a tunnel and is killed. Its stderr is a pipe that the keeper inherits, so the pipe's end means that both are gone. */
static void killed_owner(const char *transport)
{
	uint64_t deadline_ms = clock_after_ms(WAIT_MS);
	int log[2], ready[2];
	char byte;
	pid_t owner;

	setenv("FARPOD_SSH", transport, 1);
	assert_int_equal(fd_pipe(log, NULL), 0);
	assert_int_equal(fd_pipe(ready, NULL), 0);
	owner = fork();
	if (owner == 0) {
		struct tunnel_dest to = dest();
		struct tunnel *t;

		dup2(log[1], STDERR_FILENO);
		close(log[1]);
		if (tunnel_open(&t, &to, NULL, NULL, NULL) == 0 && dial(t, "echo.sock") >= 0)
			fd_write_all(ready[1], "r", 1, 0, NULL);
		close(ready[1]);
		pause();
		_exit(0);
	}
	close(log[1]);
	close(ready[1]);
	assert_int_equal(fd_read_some(ready[0], &byte, 1, deadline_ms, NULL), 1);
	assert_int_equal(count_entries("run"), 1);
	kill(owner, SIGKILL);
	waitpid(owner, NULL, 0);
	assert_int_equal(fd_read_some(log[0], &byte, 1, deadline_ms, NULL), 0);
	assert_int_equal(count_entries("run"), 0);
	close(log[0]);
	close(ready[0]);
}

static void nothing_is_left_of_a_killed_owner(void **state)
{
	NEEDS_SSHD();
	killed_owner("libssh2");
	killed_owner("ssh");
}

/* The session's own sshd process, found as what listens to nobody else: it is told to end by the command. */
static void broken_session(const char *transport)
{
	struct tunnel_dest to = dest();
	struct tunnel_target target = { .kind = TUNNEL_UNIX, .path = at("echo.sock") };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct tunnel *t;
	int fd, ignored;

	setenv("FARPOD_SSH", transport, 1);
	t = open_tunnel(&to);
	fd = dial(t, "echo.sock");
	/* The command's parent is the session's sshd, whoever that is run by. */
	assert_true(tunnel_run(t, "kill -9 $PPID", &BUF_INIT(100), &ignored, NULL) < 0);
	expect_end(fd);
	assert_true(*tunnel_last_failure(t));
	close(fd);
	assert_int_equal(tunnel_dial(t, &target, &fd, &err), -ERR_CONNECT);
	assert_string_equal(err.text, tunnel_last_failure(t));
	tunnel_close(t);
	assert_int_equal(count_entries("run"), 0);
}

static void a_broken_session_has_a_reason(void **state)
{
	NEEDS_SSHD();
	broken_session("libssh2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(bytes_and_half_close_come_through, set_up),
		cmocka_unit_test_setup(and_by_the_systems_ssh, set_up),
		cmocka_unit_test_setup(bulk_is_exact_both_ways, set_up),
		cmocka_unit_test_setup(twenty_streams_at_once, set_up),
		cmocka_unit_test_setup(a_port_of_the_host, set_up),
		cmocka_unit_test_setup(commands_run_and_tell_their_status, set_up),
		cmocka_unit_test_setup(refused_logins_say_why, set_up),
		cmocka_unit_test_setup(hosts_that_do_not_answer, set_up),
		cmocka_unit_test_setup(a_new_host_key_is_remembered, set_up),
		cmocka_unit_test_setup(keys_of_many_kinds, set_up),
		cmocka_unit_test_setup(the_agent_has_the_key, set_up),
		cmocka_unit_test_setup(a_jump_host_is_the_systems_business, set_up),
		cmocka_unit_test_setup(each_hop_is_reported, set_up),
		cmocka_unit_test_setup(unreachable_sockets_are_told_apart, set_up),
		cmocka_unit_test_setup(also_by_the_systems_ssh, set_up),
		cmocka_unit_test_setup(nothing_is_left_of_a_killed_owner, set_up),
		cmocka_unit_test_setup(a_broken_session_has_a_reason, set_up),
	};

	return cmocka_run_group_tests_name("tunnel over sshd", tests, start, stop);
}

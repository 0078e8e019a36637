#include "unit.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "tunnel/ssh_config.h"

static struct ssh_config parse(const char *answer, const struct tunnel_dest *to)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct ssh_config c = { 0 };

	if (ssh_config_parse(str_from(answer), to, "/home/ada", &c, &err) < 0)
		fail_msg("%s", err.text);
	return c;
}

static void defaults(void **state)
{
	struct tunnel_dest to = { .host = "box", .user = "ada" };
	CLEANUP(ssh_config_done) struct ssh_config c = parse("", &to);

	(void)state;
	assert_string_equal(c.host, "box");
	assert_string_equal(c.user, "ada");
	assert_int_equal(c.port, 22);
	assert_int_equal(c.connect_timeout_s, 10);
	assert_int_equal(c.policy, HOST_KEY_ASK);
	assert_true(c.key_auth && c.password_auth && c.interactive_auth);
	assert_false(c.identities_only || c.hash_known_hosts);
	assert_null(c.only_ssh);
	assert_null(c.identity_agent);
	assert_string_equal(c.identity_files.v[0], "/home/ada/.ssh/id_rsa");
	assert_int_equal(c.identity_files.n, 5);
	assert_string_equal(c.user_known_hosts.v[1], "/home/ada/.ssh/known_hosts2");
	assert_string_equal(c.global_known_hosts.v[0], "/etc/ssh/ssh_known_hosts");
}

/* As OpenSSH 9.2 prints them. */
static void an_answer_is_understood(void **state)
{
	static const char answer[] =
		"host box\nuser root\nhostname 10.0.0.5\nport 2222\naddressfamily inet6\nconnecttimeout 3\n"
		"hostkeyalias build\nidentitiesonly yes\nhashknownhosts yes\npasswordauthentication no\n"
		"kbdinteractiveauthentication no\npubkeyauthentication true\nstricthostkeychecking accept-new\n"
		"identityagent ~/agent.sock\nidentityfile ~/.ssh/%h-%r\nidentityfile /keys/a b%%/key\n"
		"userknownhostsfile /home/ada/a b/hosts ~/.ssh/%n_hosts\nglobalknownhostsfile none\n"
		"proxyjump none\nsendenv LC_*\nlogverbose none\n";
	struct tunnel_dest to = { .host = "box" };
	CLEANUP(ssh_config_done) struct ssh_config c = parse(answer, &to);

	(void)state;
	assert_string_equal(c.host, "10.0.0.5");
	assert_string_equal(c.user, "root");
	assert_int_equal(c.port, 2222);
	assert_int_equal(c.address_family, AF_INET6);
	assert_int_equal(c.connect_timeout_s, 3);
	assert_string_equal(c.host_key_alias, "build");
	assert_true(c.identities_only && c.hash_known_hosts && c.key_auth);
	assert_false(c.password_auth || c.interactive_auth);
	assert_int_equal(c.policy, HOST_KEY_ACCEPT_NEW);
	assert_string_equal(c.identity_agent, "/home/ada/agent.sock");
	assert_int_equal(c.identity_files.n, 2);
	assert_string_equal(c.identity_files.v[0], "/home/ada/.ssh/10.0.0.5-root");
	assert_string_equal(c.identity_files.v[1], "/keys/a b%/key");
	assert_int_equal(c.user_known_hosts.n, 2);
	assert_string_equal(c.user_known_hosts.v[0], "/home/ada/a b/hosts");
	assert_string_equal(c.user_known_hosts.v[1], "/home/ada/.ssh/box_hosts");
	assert_int_equal(c.global_known_hosts.n, 1);
	assert_string_equal(c.global_known_hosts.v[0], "none");
	assert_null(c.only_ssh);
}

static void what_only_ssh_can_do(void **state)
{
	static const struct {
		const char *answer, *only_ssh;
	} cases[] = {
		{ "proxyjump bastion\n", "ProxyJump bastion" },
		{ "proxyjump none\n", NULL },
		{ "proxycommand ssh -W %h:%p x\n", "ProxyCommand ssh -W %h:%p x" },
		{ "certificatefile ~/.ssh/a-cert.pub\n", "CertificateFile ~/.ssh/a-cert.pub" },
		{ "bindaddress 10.0.0.1\n", "BindAddress 10.0.0.1" },
		{ "pkcs11provider none\n", NULL },
		{ "pkcs11provider /lib/token.so\nproxyjump b\n", "PKCS11Provider /lib/token.so" },
		{ "proxyusefdpass no\n", NULL },
	};
	struct tunnel_dest to = { .host = "box" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(ssh_config_done) struct ssh_config c = parse(cases[i].answer, &to);

		if (!c.only_ssh != !cases[i].only_ssh || (c.only_ssh && strcmp(c.only_ssh, cases[i].only_ssh) != 0))
			row_fail(cases[i].answer, "%s", c.only_ssh ? c.only_ssh : "nothing");
	}
}

static void policies(void **state)
{
	static const struct {
		const char *answer;
		enum host_key_policy policy;
	} cases[] = {
		{ "stricthostkeychecking ask\n", HOST_KEY_ASK },
		{ "stricthostkeychecking true\n", HOST_KEY_STRICT },
		{ "stricthostkeychecking yes\n", HOST_KEY_STRICT },
		{ "stricthostkeychecking accept-new\n", HOST_KEY_ACCEPT_NEW },
		{ "stricthostkeychecking false\n", HOST_KEY_ACCEPT_ANY },
		{ "stricthostkeychecking off\n", HOST_KEY_ACCEPT_ANY },
		{ "stricthostkeychecking something-new\n", HOST_KEY_ASK },
	};
	struct tunnel_dest to = { .host = "box" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(ssh_config_done) struct ssh_config c = parse(cases[i].answer, &to);

		if (c.policy != cases[i].policy)
			row_fail(cases[i].answer, "%d", c.policy);
	}
}

static void odd_answers_do_no_harm(void **state)
{
	static const char *const cases[] = {
		"\n\n \n", "port\n", "port 0\nport 70000\nport x\n", "connecttimeout none\n", "hostname ", "=\n", " port 22"
	};
	struct tunnel_dest to = { .host = "box", .port = 2200 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(ssh_config_done) struct ssh_config c = parse(cases[i], &to);

		if (c.port != 2200 && c.port != 22)
			row_fail(cases[i], "port %d", c.port);
		assert_int_equal(c.connect_timeout_s, 10);
		assert_true(c.host && c.user);
	}
}

/* ---- asking ssh ------------------------------------------------------------------------------------------------------ */

static char dir[] = "/tmp/farpod-config-XXXXXX";

static void write_file(const char *name, const char *text, mode_t mode)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_int_equal(path_write_atomic(path, str_from(text), mode, NULL), 0);
}

/* A program called ssh that answers with the content of a file, and counts how often it is asked. */
static void fake_ssh(void)
{
	char script[512], path[1024];
	const char *old = getenv("PATH");

	assert_non_null(mkdtemp(dir));
	snprintf(
		script, sizeof script,
		"#!/bin/sh\necho x >> %s/asked\ncat %s/answer\ntest ! -e %s/broken || { echo bad >&2; echo worse >&2; exit 255; }\n",
		dir, dir, dir);
	write_file("ssh", script, 0755);
	snprintf(path, sizeof path, "%s:%s", dir, old ? old : "/bin:/usr/bin");
	setenv("PATH", path, 1);
	snprintf(path, sizeof path, "%s/cache", dir);
	setenv("XDG_CACHE_HOME", path, 1);
	snprintf(path, sizeof path, "%s/config", dir);
	setenv("FARPOD_SSH_CONFIG", path, 1);
}

static size_t times_asked(void)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof path, "%s/asked", dir);
	return stat(path, &st) == 0 ? (size_t)st.st_size / 2 : 0;
}

static int port_of(const char *host)
{
	CLEANUP(ssh_config_done) struct ssh_config c = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct tunnel_dest to = { .host = host };

	if (ssh_config_load(&to, &c, &err) < 0)
		fail_msg("%s", err.text);
	return c.port;
}

static void answers_are_remembered_until_a_file_changes(void **state)
{
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct tunnel_dest to = { .host = "new" };
	struct ssh_config c;

	(void)state;
	fake_ssh();
	write_file("answer", "port 1\n", 0600);
	/* No configuration, no question. */
	assert_int_equal(port_of("box"), 22);
	assert_int_equal(times_asked(), 0);

	write_file("config", "Include more*\n", 0600);
	assert_int_equal(port_of("box"), 1);
	write_file("answer", "port 2\n", 0600);
	assert_int_equal(port_of("box"), 1);
	assert_int_equal(times_asked(), 1);
	assert_int_equal(port_of("other"), 2);
	assert_int_equal(times_asked(), 2);

	/* An included file appears, and changes. */
	write_file("more1", "Host *\n", 0600);
	assert_int_equal(port_of("box"), 2);
	write_file("answer", "port 3\n", 0600);
	write_file("more1", "Host *\n Port 3\n", 0600);
	assert_int_equal(port_of("box"), 3);
	assert_int_equal(times_asked(), 4);

	/* The answer to this depends on more than files. */
	write_file("more1", "Match exec \"test -e /x\"\n Port 3\n", 0600);
	assert_int_equal(port_of("box"), 3);
	assert_int_equal(port_of("box"), 3);
	assert_int_equal(times_asked(), 6);

	write_file("broken", "", 0600);
	assert_int_equal(ssh_config_load(&to, &c, &err), -ERR_USAGE);
	assert_string_equal(err.text, "ssh -G new: worse");
}

static int clean(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(an_answer_is_understood),
		cmocka_unit_test(what_only_ssh_can_do),
		cmocka_unit_test(policies),
		cmocka_unit_test(odd_answers_do_no_harm),
		cmocka_unit_test(answers_are_remembered_until_a_file_changes),
	};

	return cmocka_run_group_tests_name("tunnel/ssh_config", tests, NULL, clean);
}

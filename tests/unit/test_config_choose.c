/* Which host wins: files, environment and flags on one side, the destination and what chose it, or the error, on the other. */
#include "config_machine.h"

#define JSON               USER_FOLDER "podman-connections.json"
#define REMOTE             USER_FOLDER "podman-remote.conf"
#define USER_CONF          USER_FOLDER "containers.conf"
#define ETC_CONF           "etc/containers/containers.conf"
#define SHARE_CONF         "usr/share/containers/containers.conf"
#define SERVICE(name, uri) "[engine.service_destinations." name "]\nuri = \"" uri "\"\n"
#define ACTIVE(name)       "[engine]\nactive_service = \"" name "\"\n"
#define FLAGS(...)                                                                                                                 \
	{                                                                                                                          \
		.ignore_hosts = -1, __VA_ARGS__                                                                                    \
	}

#define JSON_A                                                                                                                     \
	"{\"Connection\":{\"Default\":\"a\",\"Connections\":{\"a\":{\"URI\":\"ssh://json-a\"},\"b\":{\"URI\":\"ssh://json-b\"}}}}"
#define REMOTE_ONE "[connections.r]\ndestination = \"remote-r\"\nusername = \"root\"\n"

struct row {
	const char *name;
	struct machine_file files[5];
	const char *env[5];
	struct config_flags flags;
	const char *uri, *source; /* what wins */
	const char *identity;     /* NULL: none */
	enum err_kind fail;       /* or how it fails, */
	const char *says;         /* with these words in its text or hint */
};

static void check_choice(const struct row *row, const struct destination *d)
{
	CLEANUP(free_p)
	char *uri = machine_shown(d->uri),
	     *source = machine_shown(d->source), *identity = machine_shown(d->identity);

	if (!row->uri)
		row_fail(row->name, "goes to %s by %s", uri, source);
	if (strcmp(uri, row->uri) != 0 || strcmp(source, row->source) != 0)
		row_fail(row->name, "goes to %s by %s", uri, source);
	if (strcmp(identity, row->identity ? row->identity : "-") != 0)
		row_fail(row->name, "takes the key %s", identity);
}

static void check_failure(const struct row *row, int r, const struct error *err)
{
	CLEANUP(free_p) char *text = machine_shown(err->text), *hint = machine_shown(err->hint);

	if (row->uri || r != -(int)row->fail)
		row_fail(row->name, "fails with %d: %s (%s)", r, text, hint);
	if (!strstr(text, row->says) && !strstr(hint, row->says))
		row_fail(row->name, "does not say \"%s\": %s (%s)", row->says, text, hint);
}

static void check_row(const struct row *row)
{
	CLEANUP(places_done) struct places places = { 0 };
	CLEANUP(destination_done) struct destination d = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *remote_config = NULL;
	struct config_flags flags = row->flags;
	int r;

	machine_new();
	for (size_t i = 0; i < ARRAY_LEN(row->files) && row->files[i].path; i++)
		machine_write(row->files[i].path, row->files[i].text);
	for (size_t i = 0; i < ARRAY_LEN(row->env) && row->env[i]; i++)
		machine_setenv(row->env[i]);
	if (flags.remote_config_path)
		flags.remote_config_path = remote_config = machine_replace(flags.remote_config_path, "@", machine_root);
	r = places_find(machine_root, &flags, &places, &err);
	if (r == 0)
		r = places_choose(&places, &flags, &d, &err);
	if (r < 0)
		check_failure(row, r, &err);
	else
		check_choice(row, &d);
}

#define CHECK(rows)                                                                                                                \
	do {                                                                                                                       \
		for (size_t i_ = 0; i_ < ARRAY_LEN(rows); i_++)                                                                    \
			check_row(&(rows)[i_]);                                                                                    \
	} while (0)

/* A field a line would make these tables unreadable. */
/* clang-format off */

/* Each row takes the winner of the row before it away. */
static void order_of_precedence(void **state)
{
#define EVERY_FILE                                                                                                                     \
	{                                                                                                                              \
		{ JSON, JSON_A }, { USER_CONF, ACTIVE("c") SERVICE("c", "ssh://conf-c") }, { REMOTE, REMOTE_ONE },                     \
		{                                                                                                                      \
			"run/podman/podman.sock", ""                                                                                   \
		}                                                                                                                      \
	}
	static const struct row rows[] = {
		{ "--connection before all", EVERY_FILE,
		  { "PODMAN_VARLINK_BRIDGE=x", "CONTAINER_CONNECTION=a", "CONTAINER_HOST=ssh://env", "PODMAN_HOST=old" },
		  FLAGS(.connection = "b", .url = "ssh://url", .remote_host = "flag"),
		  "ssh://json-b", "--connection, defined in @/" JSON },
		{ "--url", EVERY_FILE,
		  { "PODMAN_VARLINK_BRIDGE=x", "CONTAINER_CONNECTION=a", "CONTAINER_HOST=ssh://env", "PODMAN_HOST=old" },
		  FLAGS(.url = "ssh://url", .remote_host = "flag"),
		  "ssh://url", "--url" },
		{ "--remote-host", EVERY_FILE,
		  { "PODMAN_VARLINK_BRIDGE=x", "CONTAINER_CONNECTION=a", "CONTAINER_HOST=ssh://env", "PODMAN_HOST=old" },
		  FLAGS(.remote_host = "flag", .username = "root"),
		  "ssh://root@flag", "--remote-host" },
		{ "PODMAN_VARLINK_BRIDGE", EVERY_FILE,
		  { "PODMAN_VARLINK_BRIDGE=ssh x", "PODMAN_VARLINK_ADDRESS=unix:/x", "CONTAINER_CONNECTION=a", "CONTAINER_HOST=ssh://env" },
		  NO_FLAGS,
		  "bridge:ssh x", "PODMAN_VARLINK_BRIDGE" },
		{ "PODMAN_VARLINK_ADDRESS", EVERY_FILE,
		  { "PODMAN_VARLINK_ADDRESS=unix:/x", "CONTAINER_CONNECTION=a", "CONTAINER_HOST=ssh://env", "PODMAN_HOST=old" },
		  NO_FLAGS,
		  "unix:/x", "PODMAN_VARLINK_ADDRESS" },
		{ "CONTAINER_CONNECTION", EVERY_FILE, { "CONTAINER_CONNECTION=b", "CONTAINER_HOST=ssh://env", "PODMAN_HOST=old" }, NO_FLAGS,
		  "ssh://json-b", "CONTAINER_CONNECTION, defined in @/" JSON },
		{ "CONTAINER_HOST", EVERY_FILE, { "CONTAINER_HOST=ssh://env", "PODMAN_HOST=old" }, NO_FLAGS, "ssh://env", "CONTAINER_HOST" },
		{ "PODMAN_HOST", EVERY_FILE, { "PODMAN_HOST=old" }, NO_FLAGS, "ssh://old", "PODMAN_HOST" },
		{ "Default of podman-connections.json", EVERY_FILE, { 0 }, NO_FLAGS, "ssh://json-a", "Default of @/" JSON },
		{ "active_service of containers.conf",
		  { { USER_CONF, ACTIVE("c") SERVICE("c", "ssh://conf-c") }, { REMOTE, REMOTE_ONE }, { "run/podman/podman.sock", "" } },
		  { 0 }, NO_FLAGS, "ssh://conf-c", "active_service of @/" USER_CONF },
		{ "podman-remote.conf", { { REMOTE, REMOTE_ONE }, { "run/podman/podman.sock", "" } }, { 0 }, NO_FLAGS,
		  "ssh://root@remote-r", "the only connection of @/" REMOTE },
#ifdef __linux__
		{ "the local REST socket", { { "run/podman/podman.sock", "" }, { "run/podman/io.podman", "" } }, { 0 }, NO_FLAGS,
		  "unix://@/run/podman/podman.sock", "the service on this machine" },
		{ "the local varlink socket", { { "run/podman/io.podman", "" } }, { 0 }, NO_FLAGS, "unix://@/run/podman/io.podman",
		  "the service on this machine" },
#endif
		{ "nothing", { { 0 } }, { 0 }, NO_FLAGS, .fail = ERR_NOT_FOUND, .says = "no connection to a host is defined" },
		{ "nothing: what to type", { { 0 } }, { 0 }, NO_FLAGS, .fail = ERR_NOT_FOUND, .says = "podman system connection add" },
	};

	(void)state;
	CHECK(rows);
}

static void keys(void **state)
{
	static const struct row rows[] = {
		{ "CONTAINER_SSHKEY goes with CONTAINER_HOST", { { 0 } }, { "CONTAINER_HOST=ssh://env", "CONTAINER_SSHKEY=/k" }, NO_FLAGS, "ssh://env",
		  "CONTAINER_HOST", "/k" },
		{ "CONTAINER_SSHKEY does not go with --url", { { 0 } }, { "CONTAINER_HOST=ssh://env", "CONTAINER_SSHKEY=/k" },
		  FLAGS(.url = "ssh://url"), "ssh://url", "--url", NULL },
		{ "nor with a named connection", { { JSON, JSON_A } }, { "CONTAINER_SSHKEY=/k" }, NO_FLAGS, "ssh://json-a", "Default of @/" JSON,
		  NULL },
		{ "--identity with --url", { { 0 } }, { 0 }, FLAGS(.url = "ssh://url", .identity = "/i"), "ssh://url", "--url", "/i" },
		{ "--identity before CONTAINER_SSHKEY", { { 0 } }, { "CONTAINER_HOST=ssh://env", "CONTAINER_SSHKEY=/k" }, FLAGS(.identity = "/i"),
		  "ssh://env", "CONTAINER_HOST", "/i" },
		{ "--identity before the connection's key",
		  { { USER_CONF, ACTIVE("c") SERVICE("c", "ssh://c") "identity = \"/c\"" } },
		  { 0 },
		  FLAGS(.identity = "~/i"),
		  "ssh://c", "active_service of @/" USER_CONF, "@/home/i" },
		{ "the connection's key", { { USER_CONF, ACTIVE("c") SERVICE("c", "ssh://c") "identity = \"~/c\"" } }, { 0 }, NO_FLAGS, "ssh://c",
		  "active_service of @/" USER_CONF, "@/home/c" },
		{ "Identity of the JSON file",
		  { { JSON, "{\"Connection\":{\"Default\":\"j\",\"Connections\":{\"j\":{\"URI\":\"ssh://j\",\"Identity\":\"/j\"}}}}" } },
		  { 0 }, NO_FLAGS, "ssh://j", "Default of @/" JSON, "/j" },
		{ "identity_file of podman-remote.conf", { { REMOTE, REMOTE_ONE "identity_file = '~/r'" } }, { 0 }, NO_FLAGS, "ssh://root@remote-r",
		  "the only connection of @/" REMOTE, "@/home/r" },
		{ "--identity-file with --remote-host", { { 0 } }, { "PODMAN_IDENTITY_FILE=/e" },
		  FLAGS(.remote_host = "h", .identity_file = "/f"), "ssh://h", "--remote-host", "/f" },
		{ "--identity before --identity-file", { { 0 } }, { 0 }, FLAGS(.remote_host = "h", .identity_file = "/f", .identity = "/i"),
		  "ssh://h", "--remote-host", "/i" },
		{ "--identity-file does not go with a file's connection", { { REMOTE, REMOTE_ONE } }, { "PODMAN_IDENTITY_FILE=/e" }, NO_FLAGS,
		  "ssh://root@remote-r", "the only connection of @/" REMOTE, NULL },
	};

	(void)state;
	CHECK(rows);
}

static void addresses_by_flag_and_environment(void **state)
{
	static const struct row rows[] = {
		{ "empty variables are not set", { { JSON, JSON_A } },
		  { "CONTAINER_HOST=", "CONTAINER_CONNECTION=", "PODMAN_HOST=", "PODMAN_VARLINK_BRIDGE=", "PODMAN_VARLINK_ADDRESS=" }, NO_FLAGS,
		  "ssh://json-a", "Default of @/" JSON },
		{ "varlink parameters are for servers", { { 0 } }, { "PODMAN_VARLINK_ADDRESS=unix:/run/podman/io.podman;mode=0600" }, NO_FLAGS,
		  "unix:/run/podman/io.podman", "PODMAN_VARLINK_ADDRESS" },
		{ "varlink over tcp", { { 0 } }, { "PODMAN_VARLINK_ADDRESS=tcp:box:1234" }, NO_FLAGS, "tcp:box:1234", "PODMAN_VARLINK_ADDRESS" },
		{ "--url that is none", { { 0 } }, { 0 }, FLAGS(.url = "box"), .fail = ERR_USAGE, .says = "--url: box: a host is given as" },
		{ "--url that is empty", { { JSON, JSON_A } }, { 0 }, FLAGS(.url = ""), .fail = ERR_USAGE, .says = "--url" },
		{ "CONTAINER_HOST that is none", { { 0 } }, { "CONTAINER_HOST=box" }, NO_FLAGS, .fail = ERR_USAGE, .says = "CONTAINER_HOST: box" },
		{ "unknown --connection", { { JSON, JSON_A } }, { 0 }, FLAGS(.connection = "nope"), .fail = ERR_NOT_FOUND,
		  .says = "connection \"nope\" not found" },
		{ "unknown --connection: the known ones", { { JSON, JSON_A } }, { 0 }, FLAGS(.connection = "nope"), .fail = ERR_NOT_FOUND,
		  .says = "the known connections are: a, b" },
		{ "empty --connection", { { JSON, JSON_A } }, { 0 }, FLAGS(.connection = ""), .fail = ERR_NOT_FOUND,
		  .says = "connection \"\" not found" },
		{ "unknown CONTAINER_CONNECTION", { { JSON, JSON_A } }, { "CONTAINER_CONNECTION=nope", "CONTAINER_HOST=ssh://env" }, NO_FLAGS,
		  .fail = ERR_NOT_FOUND, .says = "connection \"nope\" not found" },
		{ "which a flag makes unimportant", { { JSON, JSON_A } }, { "CONTAINER_CONNECTION=nope" }, FLAGS(.connection = "b"), "ssh://json-b",
		  "--connection, defined in @/" JSON },
	};

	(void)state;
	CHECK(rows);
}

static void hosts_of_podman_1(void **state)
{
	static const struct row rows[] = {
		{ "all from flags", { { 0 } }, { "PODMAN_USER=eu", "PODMAN_PORT=1", "PODMAN_HOST=eh" },
		  FLAGS(.remote_host = "h", .username = "u", .port = 2222), "ssh://u@h:2222", "--remote-host" },
		{ "all from the environment", { { 0 } }, { "PODMAN_HOST=eh", "PODMAN_USER=eu", "PODMAN_PORT=23", "PODMAN_IDENTITY_FILE=/e" },
		  NO_FLAGS, "ssh://eu@eh:23", "PODMAN_HOST", "/e" },
		{ "flag's host, environment's rest", { { 0 } }, { "PODMAN_USER=eu", "PODMAN_PORT=23" }, FLAGS(.remote_host = "h"), "ssh://eu@h:23",
		  "--remote-host" },
		{ "environment's host, flag's rest", { { 0 } }, { "PODMAN_HOST=eh", "PODMAN_USER=eu" }, FLAGS(.username = "u", .port = 24),
		  "ssh://u@eh:24", "PODMAN_HOST" },
		{ "no user: as ssh says", { { 0 } }, { 0 }, FLAGS(.remote_host = "h"), "ssh://h", "--remote-host" },
		{ "an IPv6 address", { { 0 } }, { 0 }, FLAGS(.remote_host = "::1", .username = "u"), "ssh://u@[::1]", "--remote-host" },
		{ "an empty user", { { 0 } }, { 0 }, FLAGS(.remote_host = "h", .username = ""), .fail = ERR_USAGE,
		  .says = "you must provide a username when providing a remote host name" },
		{ "a port that is none", { { 0 } }, { "PODMAN_PORT=ssh" }, FLAGS(.remote_host = "h"), .fail = ERR_USAGE, .says = "PODMAN_PORT: \"ssh\"" },
		{ "a port too large", { { 0 } }, { 0 }, FLAGS(.remote_host = "h", .port = 65536), .fail = ERR_USAGE, .says = "--port: 65536" },
		{ "a port below 0", { { 0 } }, { 0 }, FLAGS(.remote_host = "h", .port = -1), .fail = ERR_USAGE, .says = "--port: -1" },
		{ "a bool that is none", { { 0 } }, { "PODMAN_HOST=h", "PODMAN_IGNORE_HOSTS=maybe" }, NO_FLAGS, .fail = ERR_USAGE,
		  .says = "PODMAN_IGNORE_HOSTS: \"maybe\"" },
		{ "which a flag makes unimportant", { { 0 } }, { "PODMAN_HOST=h", "PODMAN_IGNORE_HOSTS=maybe" }, { .ignore_hosts = 0 }, "ssh://h",
		  "PODMAN_HOST" },
		{ "an option for a host", { { 0 } }, { 0 }, FLAGS(.remote_host = "-oProxyCommand=x"), .fail = ERR_USAGE, .says = "can't begin with" },
		{ "an option for a user", { { 0 } }, { "PODMAN_USER=-x" }, FLAGS(.remote_host = "h"), .fail = ERR_USAGE, .says = "PODMAN_USER" },
		{ "a URL for a host", { { 0 } }, { 0 }, FLAGS(.remote_host = "ssh://h"), .fail = ERR_USAGE, .says = "--remote-host: \"ssh://h\" is no host" },
	};

	(void)state;
	CHECK(rows);
}

static void podman_remote_conf(void **state)
{
#define TWO(first, second)                                                                                                             \
	"[connections]\n[connections.p]\ndestination='p'\n" first "\n[connections.q]\ndestination='q'\n" second "\n"
	static const struct row rows[] = {
		{ "every key",
		  { { REMOTE, "[connections.p]\ndestination = \"10.0.0.7\"\nusername = \"root\"\nport = 2222\nidentity_file = \"/k\"\n"
			      "default = true\nignore_hosts = true\nsomething_new = 1\n" } },
		  { 0 }, NO_FLAGS, "ssh://root@10.0.0.7:2222", "default of @/" REMOTE, "/k" },
		{ "port 0 is none", { { REMOTE, REMOTE_ONE "port = 0" } }, { 0 }, NO_FLAGS, "ssh://root@remote-r",
		  "the only connection of @/" REMOTE },
		{ "--username where the file has none", { { REMOTE, TWO("default=true", "") } }, { "PODMAN_USER=eu" }, FLAGS(.username = "u"),
		  "ssh://u@p", "default of @/" REMOTE },
		{ "PODMAN_USER where the file has none", { { REMOTE, TWO("default=true", "") } }, { "PODMAN_USER=eu" }, NO_FLAGS, "ssh://eu@p",
		  "default of @/" REMOTE },
		{ "--username does not beat the file", { { REMOTE, REMOTE_ONE } }, { 0 }, FLAGS(.username = "u"), "ssh://root@remote-r",
		  "the only connection of @/" REMOTE },
		{ "one of two", { { REMOTE, TWO("", "default=true") } }, { 0 }, NO_FLAGS, "ssh://q", "default of @/" REMOTE },
		{ "neither of two", { { REMOTE, TWO("", "") } }, { 0 }, NO_FLAGS, .fail = ERR_NOT_FOUND, .says = "no default connection is defined" },
		{ "neither of two, not even a local socket", { { REMOTE, TWO("", "") }, { "run/podman/io.podman", "" } }, { 0 }, NO_FLAGS,
		  .fail = ERR_NOT_FOUND, .says = "set \"default = true\" for one in @/" REMOTE },
		{ "both of two", { { REMOTE, TWO("default=true", "default=true") } }, { 0 }, NO_FLAGS, .fail = ERR_USAGE,
		  .says = "both \"p\" and \"q\" are marked" },
		{ "by name", { { REMOTE, TWO("", "") } }, { 0 }, FLAGS(.connection = "q"), "ssh://q", "--connection, defined in @/" REMOTE },
		{ "no destination", { { REMOTE, "[connections.p]\nusername='x'" } }, { 0 }, NO_FLAGS, .fail = ERR_USAGE,
		  .says = "connection \"p\" has no destination defined" },
		{ "an empty destination, even when a flag decides", { { REMOTE, "[connections.p]\ndestination=''" } }, { 0 },
		  FLAGS(.url = "ssh://url"), .fail = ERR_USAGE, .says = "connection \"p\" has no destination defined" },
		{ "broken, even when the environment decides", { { REMOTE, "[connections" } }, { "PODMAN_VARLINK_BRIDGE=x" }, NO_FLAGS,
		  .fail = ERR_USAGE, .says = "@/" REMOTE ":1:13: " },
		{ "a wrong type", { { REMOTE, REMOTE_ONE "port = \"22\"" } }, { 0 }, NO_FLAGS, .fail = ERR_USAGE,
		  .says = "@/" REMOTE ": connections.r: port must be a port number" },
		{ "a port out of range", { { REMOTE, REMOTE_ONE "port = 65536" } }, { 0 }, NO_FLAGS, .fail = ERR_USAGE, .says = "port must be" },
		{ "an option for a host", { { REMOTE, "[connections.p]\ndestination='-oX'" } }, { 0 }, NO_FLAGS, .fail = ERR_USAGE,
		  .says = "can't begin with" },
		{ "no table", { { REMOTE, "connections = 1" } }, { 0 }, NO_FLAGS, .fail = ERR_USAGE, .says = "connections must be a table" },
		{ "the machine's file", { { "etc/containers/podman-remote.conf", REMOTE_ONE } }, { 0 }, NO_FLAGS, "ssh://root@remote-r",
		  "the only connection of @/etc/containers/podman-remote.conf" },
		{ "the user's file decides before the machine's", { { REMOTE, TWO("", "default=true") }, { "etc/containers/podman-remote.conf", REMOTE_ONE } },
		  { 0 }, NO_FLAGS, "ssh://q", "default of @/" REMOTE },
		{ "both files are known", { { REMOTE, TWO("", "") }, { "etc/containers/podman-remote.conf", REMOTE_ONE } }, { 0 },
		  FLAGS(.connection = "r"), "ssh://root@remote-r", "--connection, defined in @/etc/containers/podman-remote.conf" },
		{ "an undecided file of the user is not decided by the machine's",
		  { { REMOTE, TWO("", "") }, { "etc/containers/podman-remote.conf", REMOTE_ONE } },
		  { 0 }, NO_FLAGS, .fail = ERR_NOT_FOUND, .says = "no default connection is defined" },
		{ "--remote-config-path stands for both", { { "x.conf", "[connections.x]\ndestination='x'" }, { REMOTE, REMOTE_ONE } }, { 0 },
		  FLAGS(.remote_config_path = "@/x.conf"), "ssh://x", "the only connection of @/x.conf" },
		{ "--remote-config-path that is not there", { { REMOTE, REMOTE_ONE } }, { 0 }, FLAGS(.remote_config_path = "@/x.conf"),
		  .fail = ERR_NOT_FOUND, .says = "--remote-config-path: open @/x.conf: " },
		{ "an empty file", { { REMOTE, "" }, { JSON, JSON_A } }, { 0 }, NO_FLAGS, "ssh://json-a", "Default of @/" JSON },
	};

	(void)state;
	CHECK(rows);
}

static void containers_conf(void **state)
{
	static const struct row rows[] = {
		{ "the machine's beats the distribution's", { { SHARE_CONF, ACTIVE("s") SERVICE("s", "ssh://share") }, { ETC_CONF, SERVICE("s", "ssh://etc") } },
		  { 0 }, NO_FLAGS, "ssh://etc", "active_service of @/" SHARE_CONF ", defined in @/" ETC_CONF },
		{ "the user's beats both",
		  { { SHARE_CONF, SERVICE("s", "ssh://share") }, { ETC_CONF, ACTIVE("s") SERVICE("s", "ssh://etc") }, { USER_CONF, SERVICE("s", "ssh://user") } },
		  { 0 }, NO_FLAGS, "ssh://user", "active_service of @/" ETC_CONF ", defined in @/" USER_CONF },
		{ "drop-ins beat the file beside them, in the order of their names",
		  { { ETC_CONF, ACTIVE("s") SERVICE("s", "ssh://etc") },
		    { ETC_CONF ".d/20-b.conf", SERVICE("s", "ssh://twenty") },
		    { ETC_CONF ".d/10-a.conf", SERVICE("s", "ssh://ten") },
		    { ETC_CONF ".d/30-c.txt", SERVICE("s", "ssh://no") } },
		  { 0 }, NO_FLAGS, "ssh://twenty", "active_service of @/" ETC_CONF ", defined in @/" ETC_CONF ".d/20-b.conf" },
		{ "the user's file beats the machine's drop-ins",
		  { { ETC_CONF ".d/99.conf", ACTIVE("s") SERVICE("s", "ssh://drop") }, { USER_CONF, SERVICE("s", "ssh://user") } },
		  { 0 }, NO_FLAGS, "ssh://user", "active_service of @/" ETC_CONF ".d/99.conf, defined in @/" USER_CONF },
		{ "the user's drop-ins beat the user's file", { { USER_CONF ".d/a.conf", ACTIVE("t") }, { USER_CONF, ACTIVE("s") SERVICE("s", "ssh://s") SERVICE("t", "ssh://t") } },
		  { 0 }, NO_FLAGS, "ssh://t", "active_service of @/" USER_CONF ".d/a.conf, defined in @/" USER_CONF },
		{ "an entry is replaced as a whole",
		  { { ETC_CONF, SERVICE("s", "ssh://etc") "identity = '/k'" }, { USER_CONF, ACTIVE("s") SERVICE("s", "ssh://user") } },
		  { 0 }, NO_FLAGS, "ssh://user", "active_service of @/" USER_CONF, NULL },
		{ "an empty active_service takes it back",
		  { { ETC_CONF, ACTIVE("s") SERVICE("s", "ssh://etc") }, { USER_CONF, ACTIVE("") }, { REMOTE, REMOTE_ONE } },
		  { 0 }, NO_FLAGS, "ssh://root@remote-r", "the only connection of @/" REMOTE },
		{ "CONTAINERS_CONF stands for all", { { USER_CONF, ACTIVE("s") SERVICE("s", "ssh://user") }, { "x.conf", ACTIVE("x") SERVICE("x", "ssh://x") } },
		  { "CONTAINERS_CONF=@/x.conf" }, NO_FLAGS, "ssh://x", "active_service of @/x.conf" },
		{ "CONTAINERS_CONF_OVERRIDE comes last", { { USER_CONF ".d/z.conf", ACTIVE("s") SERVICE("s", "ssh://user") }, { "x.conf", SERVICE("s", "ssh://x") } },
		  { "CONTAINERS_CONF_OVERRIDE=@/x.conf" }, NO_FLAGS, "ssh://x", "active_service of @/" USER_CONF ".d/z.conf, defined in @/x.conf" },
		{ "both variables", { { "x.conf", ACTIVE("s") SERVICE("s", "ssh://x") }, { "y.conf", SERVICE("s", "ssh://y") } },
		  { "CONTAINERS_CONF=@/x.conf", "CONTAINERS_CONF_OVERRIDE=@/y.conf" }, NO_FLAGS, "ssh://y",
		  "active_service of @/x.conf, defined in @/y.conf" },
		{ "CONTAINERS_CONF that is not there", { { 0 } }, { "CONTAINERS_CONF=@/x.conf" }, FLAGS(.url = "ssh://url"), .fail = ERR_NOT_FOUND,
		  .says = "CONTAINERS_CONF: open @/x.conf" },
		{ "CONTAINERS_CONF_OVERRIDE that is not there", { { 0 } }, { "CONTAINERS_CONF_OVERRIDE=@/x.conf" }, NO_FLAGS, .fail = ERR_NOT_FOUND,
		  .says = "CONTAINERS_CONF_OVERRIDE: open @/x.conf" },
		{ "XDG_CONFIG_HOME", { { "xdg/containers/containers.conf", ACTIVE("x") SERVICE("x", "ssh://x") }, { USER_CONF, ACTIVE("s") } },
		  { "XDG_CONFIG_HOME=@/xdg" }, NO_FLAGS, "ssh://x", "active_service of @/xdg/containers/containers.conf" },
		{ "other tables are not our business", { { USER_CONF, "[containers]\nx = 1\n[engine]\nhelper = []\nactive_service='s'\n" SERVICE("s", "ssh://s") } },
		  { 0 }, NO_FLAGS, "ssh://s", "active_service of @/" USER_CONF },
		{ "remote_uri of Podman 2.0", { { USER_CONF, "[engine]\nremote_uri = 'ssh://old'\nremote_identity = '/o'" }, { REMOTE, TWO("", "") } }, { 0 },
		  NO_FLAGS, "ssh://old", "remote_uri, defined in @/" USER_CONF, "/o" },
		{ "active_service beats remote_uri", { { USER_CONF, "[engine]\nremote_uri = 'ssh://old'\nactive_service = 's'\n" SERVICE("s", "ssh://s") } }, { 0 },
		  NO_FLAGS, "ssh://s", "active_service of @/" USER_CONF },
		{ "an active_service that is not defined", { { USER_CONF, ACTIVE("s") } }, { 0 }, NO_FLAGS, .fail = ERR_NOT_FOUND,
		  .says = "the default connection \"s\" (active_service of @/" USER_CONF ") is not defined" },
		{ "broken", { { ETC_CONF, "[engine]\nactive_service = x" } }, { 0 }, FLAGS(.url = "ssh://url"), .fail = ERR_USAGE,
		  .says = "@/" ETC_CONF ":2:18: " },
		{ "a wrong type", { { USER_CONF, "[engine.service_destinations.s]\nuri = 1" } }, { 0 }, NO_FLAGS, .fail = ERR_USAGE,
		  .says = "@/" USER_CONF ": engine.service_destinations.s: uri must be a string" },
		{ "a string cut by U+0000", { { USER_CONF, "[engine.service_destinations.s]\nuri = \"ssh://a\\u0000b\"" } }, { 0 }, NO_FLAGS,
		  .fail = ERR_USAGE, .says = "uri must be a string without U+0000" },
		{ "no table", { { USER_CONF, "[engine]\nservice_destinations = []" } }, { 0 }, NO_FLAGS, .fail = ERR_USAGE,
		  .says = "service_destinations must be a table" },
		{ "several connections, none the default", { { USER_CONF, SERVICE("s", "ssh://s") SERVICE("t", "ssh://t") } }, { 0 }, NO_FLAGS,
		  .fail = ERR_NOT_FOUND, .says = "no default connection is defined" },
		{ "an entry that can't be used harms only itself", { { USER_CONF, ACTIVE("s") SERVICE("s", "ssh://s") SERVICE("t", "npipe://t") } }, { 0 },
		  NO_FLAGS, "ssh://s", "active_service of @/" USER_CONF },
		{ "until it is chosen", { { USER_CONF, ACTIVE("s") SERVICE("s", "ssh://s") SERVICE("t", "npipe://t") } }, { 0 },
		  FLAGS(.connection = "t"), .fail = ERR_USAGE, .says = "connection \"t\" of @/" USER_CONF ": npipe://t: a host is given as" },
		{ "an entry with TLS", { { USER_CONF, SERVICE("s", "tcp://s:1") "tls_ca = '/ca'" } }, { 0 }, FLAGS(.connection = "s"), .fail = ERR_USAGE,
		  .says = "connections with TLS are not supported" },
	};

	(void)state;
	CHECK(rows);
}

static void podman_connections_json(void **state)
{
	static const struct row rows[] = {
		{ "an entry beats that of containers.conf", { { JSON, JSON_A }, { USER_CONF, ACTIVE("a") SERVICE("a", "ssh://conf-a") } }, { 0 },
		  FLAGS(.connection = "a"), "ssh://json-a", "--connection, defined in @/" JSON },
		{ "Default may name one of containers.conf",
		  { { JSON, "{\"Connection\":{\"Default\":\"c\"}}" }, { USER_CONF, SERVICE("c", "ssh://conf-c") } }, { 0 }, NO_FLAGS, "ssh://conf-c",
		  "Default of @/" JSON ", defined in @/" USER_CONF },
		{ "active_service may name one of it", { { JSON, "{\"Connection\":{\"Connections\":{\"a\":{\"URI\":\"ssh://a\"}}}}" }, { USER_CONF, ACTIVE("a") } },
		  { 0 }, NO_FLAGS, "ssh://a", "active_service of @/" USER_CONF ", defined in @/" JSON },
		{ "PODMAN_CONNECTIONS_CONF", { { "x.json", "{\"Connection\":{\"Default\":\"x\",\"Connections\":{\"x\":{\"URI\":\"ssh://x\"}}}}" }, { JSON, JSON_A } },
		  { "PODMAN_CONNECTIONS_CONF=@/x.json" }, NO_FLAGS, "ssh://x", "Default of @/x.json" },
		{ "PODMAN_CONNECTIONS_CONF that is relative", { { JSON, JSON_A } }, { "PODMAN_CONNECTIONS_CONF=x.json" }, NO_FLAGS, .fail = ERR_USAGE,
		  .says = "PODMAN_CONNECTIONS_CONF must be an absolute path" },
		{ "what podman writes for nothing", { { JSON, "{\"Connection\":{},\"Farm\":{}}" }, { REMOTE, REMOTE_ONE } }, { 0 }, NO_FLAGS,
		  "ssh://root@remote-r", "the only connection of @/" REMOTE },
		{ "null for an empty map", { { JSON, "{\"Connection\":{\"Default\":\"\",\"Connections\":null}}" }, { REMOTE, REMOTE_ONE } }, { 0 }, NO_FLAGS,
		  "ssh://root@remote-r", "the only connection of @/" REMOTE },
		{ "no JSON, even when a flag decides", { { JSON, "{" } }, { 0 }, FLAGS(.url = "ssh://url"), .fail = ERR_USAGE, .says = "@/" JSON ": not JSON" },
		{ "an empty file", { { JSON, "" } }, { 0 }, NO_FLAGS, .fail = ERR_USAGE, .says = "@/" JSON ": empty" },
		{ "no object", { { JSON, "[]" } }, { 0 }, NO_FLAGS, .fail = ERR_USAGE, .says = "@/" JSON ": not a JSON object" },
		{ "a wrong type", { { JSON, "{\"Connection\":{\"Connections\":{\"a\":{\"URI\":1}}}}" } }, { 0 }, NO_FLAGS, .fail = ERR_USAGE,
		  .says = "Connection.Connections.a: URI must be a string" },
		{ "a Default that is not defined", { { JSON, "{\"Connection\":{\"Default\":\"x\"}}" } }, { 0 }, NO_FLAGS, .fail = ERR_NOT_FOUND,
		  .says = "the default connection \"x\" (Default of @/" JSON ") is not defined" },
		{ "a password in a file is not repeated", { { JSON, "{\"Connection\":{\"Default\":\"x\",\"Connections\":{\"x\":{\"URI\":\"ssh://u:s3cret@x\"}}}}" } }, { 0 },
		  NO_FLAGS, .fail = ERR_USAGE, .says = "ssh://u@x: a password in a URL is not supported" },
		{ "an entry with TLS",
		  { { JSON, "{\"Connection\":{\"Default\":\"x\",\"Connections\":{\"x\":{\"URI\":\"tcp://x:1\",\"TLSCA\":\"/ca\"}}}}" } },
		  { 0 }, NO_FLAGS, .fail = ERR_USAGE, .says = "connections with TLS are not supported" },
	};

	(void)state;
	CHECK(rows);
}

/* clang-format on */

/* What a URI does not show. */
static void fields(void **state)
{
	CLEANUP(places_done) struct places places = { 0 };
	CLEANUP(destination_done) struct destination d = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct config_flags flags = NO_FLAGS;

	(void)state;
	machine_new();
	machine_write(REMOTE, REMOTE_ONE "port = 2222\nignore_hosts = true\n");
	assert_int_equal(places_find(machine_root, &flags, &places, &err), 0);
	assert_int_equal(places_choose(&places, &flags, &d, &err), 0);
	assert_string_equal(d.name, "r");
	assert_int_equal(d.scheme, DEST_SSH);
	assert_string_equal(d.user, "root");
	assert_string_equal(d.host, "remote-r");
	assert_int_equal(d.port, 2222);
	assert_null(d.path);
	assert_true(d.ignore_hosts);
	assert_true(d.is_default);
	assert_false(d.read_write);
	destination_done(&d);
	machine_setenv("PODMAN_VARLINK_BRIDGE=ssh box -- varlink bridge");
	assert_int_equal(places_choose(&places, &flags, &d, &err), 0);
	assert_int_equal(d.scheme, DEST_BRIDGE);
	assert_string_equal(d.command, "ssh box -- varlink bridge");
	destination_done(&d);
	unsetenv("PODMAN_VARLINK_BRIDGE");
	machine_setenv("PODMAN_HOST=h");
	machine_setenv("PODMAN_IGNORE_HOSTS=T");
	assert_int_equal(places_choose(&places, &flags, &d, &err), 0);
	assert_true(d.ignore_hosts);
	assert_null(d.name);
}

static int done(void **state)
{
	(void)state;
	machine_done();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_of_precedence),
		cmocka_unit_test(keys),
		cmocka_unit_test(addresses_by_flag_and_environment),
		cmocka_unit_test(hosts_of_podman_1),
		cmocka_unit_test(podman_remote_conf),
		cmocka_unit_test(containers_conf),
		cmocka_unit_test(podman_connections_json),
		cmocka_unit_test(fields),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}

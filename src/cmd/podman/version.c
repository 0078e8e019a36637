/* cmd/podman/version.c: version and info. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/yaml.h"
#include "cmd/session.h"
#include "output/json.h"
#include "output/template.h"

#define TEXT_MAX (4 * 1024 * 1024)

/* The newest libpod API that this client was written for. */
#define CLIENT_API "5.8.2"

struct format_args {
	bool debug;
	const char *format;
};

static const struct opt version_opts[] = {
	OPT_STR('f', "format", struct format_args, format, "string", "Print as JSON or with a Go template"),
	OPT_END
};

static const struct opt info_opts[] = {
	OPT_BOOL('D', "debug", struct format_args, debug, "Accepted for older scripts"),
	OPT_STR('f', "format", struct format_args, format, "string", "Print as JSON or with a Go template"),
	OPT_END
};

/* Go's words for the machine, as the hosts use them. */
static const char *go_arch(const char *machine)
{
	static const struct {
		const char *uname, *go;
	} words[] = { { "x86_64", "amd64" }, { "aarch64", "arm64" }, { "i686", "386" }, { "armv7l", "arm" } };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(machine, words[i].uname) == 0)
			return words[i].go;
	return machine;
}

static struct json_object *client_version(void)
{
	struct json_object *o = json_object_new_object();
	CLEANUP(buf_done) struct buf os_arch = BUF_INIT(512);
	struct utsname u = { 0 };
	const char *os;

	uname(&u);
	os = strcmp(u.sysname, "Darwin") == 0 ? "darwin" : "linux";
	buf_addf(&os_arch, "%s/%s", os, go_arch(u.machine));
	js_set_str(o, "APIVersion", CLIENT_API);
	js_set_str(o, "Version", FARPOD_VERSION);
	js_set_str(o, "GoVersion", "none, C " __VERSION__);
	js_set_str(o, "GitCommit", FARPOD_COMMIT);
	/* No build time: the same sources make the same program. */
	js_set_str(o, "BuiltTime", "Thu Jan  1 00:00:00 1970");
	js_set_int(o, "Built", 0);
	js_set_str(o, "OsArch", buf_z(&os_arch));
	js_set_str(o, "Os", os);
	return o;
}

static void print_side(const char *title, struct json_object *v, FILE *out)
{
	static const struct {
		const char *label, *key;
	} lines[] = { { "Version:", "Version" },     { "API Version:", "APIVersion" }, { "Go Version:", "GoVersion" },
		      { "Git Commit:", "GitCommit" }, { "Built:", "BuiltTime" },	{ "OS/Arch:", "OsArch" } };

	fprintf(out, "%-13s %s\n", title, "Podman Engine");
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		const char *value = js_get_str(v, lines[i].key, "");

		if (*value || i == 0)
			fprintf(out, "%-13s %s\n", lines[i].label, value);
	}
}

static int print_template(FILE *out, const char *name, const char *go_type, const char *text, struct json_object *o, struct error *err)
{
	CLEANUP(template_free_p) struct template *t = NULL;
	CLEANUP(buf_done) struct buf b = BUF_INIT(TEXT_MAX);
	CLEANUP(free_p) char *plain = template_unescape(text);
	struct template_shape shape = { .go_type = go_type };
	int r;

	if (!plain)
		return error_set(err, ERR_SYSTEM, "out of memory");
	if ((r = template_parse(str_from(plain), name, &t, err)) < 0 || (r = template_run(t, o, &shape, &b, err)) < 0)
		return r;
	fprintf(out, "%s\n", buf_z(&b));
	return 0;
}

static int print_json(FILE *out, struct json_object *o, int indent, struct error *err)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(TEXT_MAX);

	if (!json_format(o, indent, 0, true, &b))
		return buf_check(&b, "output", err);
	fprintf(out, "%s\n", buf_z(&b));
	return 0;
}

static bool wants_json(const char *format)
{
	return strcmp(format, "json") == 0 || strcmp(format, "{{json .}}") == 0 || strcmp(format, "{{ json . }}") == 0;
}

static int server_version(struct session *s, struct json_object **ret, struct error *err)
{
	struct engine *e;
	int r = session_engine(s, &e, err);

	return r < 0 ? r : engine_version(e, ret, err);
}

/* The client's part is printed whatever the host says; a host that can't be reached decides the exit status. */
static int version_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct format_args *a = args;
	CLEANUP(js_put_p) struct json_object *both = json_object_new_object();
	struct json_object *client = client_version(), *server = NULL;
	FILE *out = session_out(s);
	int failed = server_version(s, &server, err), r;

	(void)names;
	js_set(both, "Client", client);
	if (server)
		js_set(both, "Server", server);
	if (a->format && *a->format) {
		if (failed < 0 && strstr(a->format, "Server"))
			return failed;
		r = wants_json(a->format) ? print_json(out, both, 0, failed < 0 ? NULL : err)
					  : print_template(out, "version", "*define.Version", a->format, both, failed < 0 ? NULL : err);
		return failed < 0 ? failed : r;
	}
	print_side("Client:", client, out);
	if (server) {
		fputc('\n', out);
		print_side("Server:", server, out);
	}
	return failed < 0 ? failed : 0;
}

const struct cmd cmd_version = {
	.names = (const char *const[]){ "version", NULL },
	.synopsis = "[options]",
	.brief = "Display the Podman version information",
	.about = "Displays the versions of this client and of the host's Podman.",
	.examples = "podman version\npodman version --format '{{.Server.Version}}'",
	.opts = version_opts,
	.args_size = sizeof(struct format_args),
	.max_names = 0,
	.run = version_run,
};

static int info_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct format_args *a = args;
	CLEANUP(js_put_p) struct json_object *info = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEXT_MAX);
	struct json_object *host;
	struct engine *e;
	int r;

	(void)names;
	if ((r = session_engine(s, &e, err)) < 0 || (r = engine_info(e, &info, err)) < 0)
		return r;
	host = js_get(info, "host");
	if (host)
		js_set_bool(host, "serviceIsRemote", true);
	if (a->format && *a->format)
		return wants_json(a->format) ? print_json(session_out(s), info, 2, err)
					     : print_template(session_out(s), "info", "*define.Info", a->format, info, err);
	if (!yaml_format(info, 0, &text))
		return buf_check(&text, "info", err);
	fputs(buf_z(&text), session_out(s));
	return 0;
}

const struct cmd cmd_info = {
	.names = (const char *const[]){ "info", "system info", NULL },
	.synopsis = "[options]",
	.brief = "Display podman system information",
	.about = "Displays information about the host, its storage, its registries and its Podman.",
	.examples = "podman info\npodman info --format '{{.Host.Arch}}'",
	.opts = info_opts,
	.args_size = sizeof(struct format_args),
	.max_names = 0,
	.run = info_run,
};

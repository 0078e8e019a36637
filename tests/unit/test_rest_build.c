/* POST build: the options as parameters by version, the records of the reply, and how a build ends. */
#include "rest_peer.h"

#include "base/base64.h"
#include "base/js.h"
#include "base/path.h"
#include "base/strv.h"
#include "rest/build.h"

/* "a=b|c=d" as flags; borrowed names live in store. */
static void parse_flags(const char *text, struct strv *store, struct flags *ret)
{
	struct str rest_text = str_from(text), item, name, value;

	for (bool more = *text != '\0'; more;) {
		more = str_cut(rest_text, '|', &item, &rest_text);
		str_cut(item, '=', &name, &value);
		assert_true(strv_add_str(store, name));
		assert_true(flags_add(ret, store->v[store->n - 1], value));
	}
}

/* What percent-escapes stand for. */
static void unescape(const char *text, struct buf *out)
{
	for (; *text; text++) {
		unsigned c = (unsigned char)*text;

		if (c == '%')
			text += sscanf(text + 1, "%2x", &c) == 1 ? 2 : 0;
		buf_add_char(out, (char)c);
	}
}

/* The parameter's part of the query from its name to the next, with the "&" in front. */
static bool has_param(const char *query, const char *param)
{
	size_t n = strlen(param);

	for (const char *p = query; (p = strstr(p, param)); p++)
		if ((p == query || p[-1] == '&' || p[-1] == '?') && (p[n] == '\0' || p[n] == '&'))
			return true;
	return false;
}

#define ALWAYS "nsoptions=[{\"Name\":\"user\",\"Host\":true,\"Path\":\"\"}]"

static void options_become_parameters(void **state)
{
	static const struct {
		const char *version, *flags, *wants, *lacks; /* "*": refused, wants is the text */
	} cases[] = {
		/* what is always said */
		{ "5.4.2", "", "layers=true", "squash" },
		{ "5.4.2", "", "rm=true", NULL },
		{ "5.4.2", "", "forcerm=true", NULL },
		{ "5.4.2", "", "pullpolicy=missing", NULL },
		{ "5.4.2", "", "outputformat=application/vnd.oci.image.manifest.v1+json", NULL },
		{ "5.4.2", "", "isolation=1", NULL },
		{ "5.4.2", "", "networkmode=0", NULL },
		{ "5.4.2", "", ALWAYS, NULL },
		{ "5.4.2", "",
		  "idmappingoptions={\"UIDMap\":[],\"GIDMap\":[],\"HostUIDMapping\":true,\"HostGIDMapping\":true,\"AutoUserNs\":false}",
		  NULL },
		{ "3.0.1", "isolation=oci", "layers=true", "nsoptions" },
		{ "3.0.1", "isolation=oci", "outputformat=application/vnd.oci.image.manifest.v1+json", "pullpolicy" },
		{ "2.0.6", "", "rm=true", "outputformat" },
		{ "2.0.6", "", "rm=true", "isolation" },
		/* taken as they are */
		{ "4.3.1", "add-host=a:1.2.3.4|add-host=b:::1", "extrahosts=[\"a:1.2.3.4\",\"b:::1\"]", NULL },
		{ "4.3.1", "all-platforms=true", "allplatforms=true", NULL },
		{ "4.3.1", "all-platforms=false", "rm=true", "allplatforms" },
		{ "4.3.1", "annotation=a=b", "annotations=[\"a=b\"]", NULL },
		{ "4.3.1", "build-arg=A=1|build-arg=B=x=y|build-arg=A=2", "buildargs={\"A\":\"2\",\"B\":\"x=y\"}", NULL },
		{ "4.3.1", "cache-from=a/b|cache-to=c", "cachefrom=[\"a/b\"]", NULL },
		{ "4.3.1", "cache-ttl=1h", "cachettl=1h", NULL },
		{ "4.3.1", "cap-add=NET_ADMIN|cap-drop=ALL", "addcaps=[\"NET_ADMIN\"]", NULL },
		{ "4.3.1", "cpu-period=1000", "cpuperiod=1000", NULL },
		{ "4.3.1", "cpu-quota=-1", "cpuquota=-1", NULL },
		{ "4.3.1", "cpuset-cpus=0-1", "cpusetcpus=0-1", NULL },
		{ "4.3.1", "device=/dev/null", "devices=[\"/dev/null\"]", NULL },
		{ "4.3.1", "disable-compression=false", "compression=2", NULL },
		{ "4.3.1", "disable-compression=true", "rm=true", "compression" },
		{ "4.3.1", "dns=1.1.1.1|dns-option=ndots:1|dns-search=x", "dnsservers=[\"1.1.1.1\"]", NULL },
		{ "4.3.1", "env=A=b|env=C", "setenv=A=b&setenv=C", NULL },
		{ "4.3.1", "excludes=*.o|excludes=!a.o", "excludes=[\"*.o\",\"!a.o\"]", NULL },
		{ "4.3.1", "force-rm=false|rm=false", "forcerm=false", NULL },
		{ "4.3.1", "format=docker", "outputformat=application/vnd.docker.distribution.manifest.v2+json", NULL },
		{ "4.3.1", "from=x:1", "from=x:1", NULL },
		{ "4.3.1", "http-proxy=false", "httpproxy=false", NULL },
		{ "4.3.1", "identity-label=false", "identitylabel=false", NULL },
		{ "4.3.1", "isolation=chroot", "isolation=2", NULL },
		{ "4.3.1", "jobs=4", "jobs=4", NULL },
		{ "4.3.1", "label=a=b|label=a=c", "labels=[\"a=b\",\"a=c\"]", NULL },
		{ "4.3.1", "layers=false", "layers=false", NULL },
		{ "4.3.1", "manifest=ml", "manifest=ml", NULL },
		{ "4.3.1", "memory=64m", "memory=67108864", NULL },
		{ "4.3.1", "memory-swap=-1", "memswap=-1", NULL },
		{ "4.3.1", "no-cache=true", "nocache=true", NULL },
		{ "4.3.1", "no-hosts=true", "nohosts=true", NULL },
		{ "4.3.1", "os=linux|arch=arm64|variant=v8", "platform=linux/arm64/v8", NULL },
		{ "4.3.1", "arch=arm64", "platform=linux/arm64", NULL },
		{ "4.3.1", "platform=linux/arm|platform=linux/amd64", "platform=linux/arm&platform=linux/amd64", NULL },
		{ "4.3.1", "secret=id=s,src=podman-build-secret1", "secrets=[\"id=s,src=podman-build-secret1\"]", NULL },
		{ "4.3.1", "security-opt=label=disable|security-opt=seccomp=unconfined", "labelopts=[\"disable\"]", NULL },
		{ "4.3.1", "security-opt=label=disable|security-opt=seccomp=unconfined", "seccomp=unconfined", NULL },
		{ "4.3.1", "security-opt=apparmor=p", "apparmor=p", NULL },
		{ "4.3.1", "shm-size=32m", "shmsize=33554432", NULL },
		{ "4.3.1", "skip-unused-stages=false", "skipunusedstages=false", NULL },
		{ "4.3.1", "squash=true", "layers=false", "squash" },
		{ "4.3.1", "squash-all=true", "squash=true", NULL },
		{ "4.3.1", "squash-all=true", "layers=false", NULL },
		{ "4.3.1", "stdin=false", "rm=true", "stdin" },
		{ "4.3.1", "target=one", "target=one", NULL },
		{ "4.3.1", "timestamp=0", "timestamp=0", NULL },
		{ "4.3.1", "tls-verify=false", "tlsVerify=false", NULL },
		{ "4.3.1", "ulimit=core=0:0", "ulimits=[\"core=0:0\"]", NULL },
		{ "4.3.1", "unsetenv=A", "unsetenv=A", NULL },
		{ "5.4.2", "volume=/a:/b", "volume=/a:/b", NULL },
		{ "5.4.2", "group-add=x|layer-label=a=b|unsetlabel=c", "groupadd=x", NULL },
		{ "5.4.2", "retry=3|retry-delay=2s", "retry-delay=2s", NULL },
		{ "5.8.0", "source-date-epoch=7|rewrite-timestamp=true", "sourcedateepoch=7", NULL },
		{ "5.8.0", "sbom-scanner-command=a b", "sbom-scanner-command=[\"a b\"]", NULL },
		/* pull */
		{ "4.3.1", "pull=true", "pullpolicy=always", NULL },
		{ "4.3.1", "pull=newer", "pullpolicy=ifnewer", NULL },
		{ "4.3.1", "pull=never", "pullpolicy=never", NULL },
		{ "4.3.1", "pull=false", "pullpolicy=missing", NULL },
		{ "3.0.1", "isolation=oci|pull=always", "pull=true", "pullpolicy" },
		/* namespaces */
		{ "4.3.1", "network=host",
		  "nsoptions=[{\"Name\":\"network\",\"Host\":true,\"Path\":\"\"},{\"Name\":\"user\",\"Host\":true,\"Path\":\"\"}]",
		  NULL },
		{ "4.3.1", "network=none", "networkmode=1", NULL },
		{ "4.3.1", "network=mynet", "networkmode=2", NULL },
		{ "4.3.1", "network=ns:/n",
		  "nsoptions=[{\"Name\":\"network\",\"Host\":false,\"Path\":\"/n\"},{\"Name\":\"user\",\"Host\":true,\"Path\":\"\"}]",
		  NULL },
		{ "4.3.1", "pid=host|ipc=private",
		  "nsoptions=[{\"Name\":\"ipc\",\"Host\":false,\"Path\":\"\"},{\"Name\":\"pid\",\"Host\":true,\"Path\":\"\"},"
		  "{\"Name\":\"user\",\"Host\":true,\"Path\":\"\"}]",
		  NULL },
		{ "4.3.1", "userns-uid-map=0:1000:10",
		  "idmappingoptions={\"UIDMap\":[{\"containerID\":0,\"hostID\":1000,\"size\":10}],\"GIDMap\":[{\"containerID\":0,\"hostID\":1000,"
		  "\"size\":10}],\"HostUIDMapping\":false,\"HostGIDMapping\":false,\"AutoUserNs\":false}",
		  NULL },
		{ "4.3.1", "userns=auto", "nsoptions=[{\"Name\":\"user\",\"Host\":false,\"Path\":\"\"}]", NULL },
		{ "3.0.1", "isolation=oci|network=host", "rm=true", "networkmode" },
		/* other contexts */
		{ "4.3.1", "build-context=x=docker-image://a",
		  "additionalbuildcontexts={\"x\":{\"IsURL\":false,\"IsImage\":true,\"Value\":\"a\",\"DownloadedCache\":\"\"}}",
		  NULL },
		{ "5.8.0", "build-context=x=https://h/y.tar|build-context=z=docker-image://a",
		  "additionalbuildcontexts=x=url:https://h/y.tar&additionalbuildcontexts=z=image:a", NULL },
		/* older spellings */
		{ "2.0.6", "label=a=b", "labels={\"a\":\"b\"}", NULL },
		{ "3.0.1", "isolation=oci|excludes=a", "rm=true", "excludes" },
		/* refused */
		{ "5.4.2", "ssh=default", "build --ssh is not supported by Podman 5.4.2 (rest)", "*" },
		{ "5.4.2", "nosuch=1", "build --nosuch is not supported by Podman 5.4.2 (rest)", "*" },
		{ "5.4.2", "stdin=true", "build --stdin is not supported by Podman 5.4.2 (rest)", "*" },
		{ "5.4.2", "source-date-epoch=7", "build --source-date-epoch is not supported by Podman 5.4.2 (rest)", "*" },
		{ "4.3.1", "volume=/a:/b", "build --volume is not supported by Podman 4.3.1 (rest)", "*" },
		{ "4.3.1", "build-context=x=./d", "build --build-context with a folder is not supported by Podman 4.3.1 (rest)",
		  "*" },
		{ "3.0.1", "target=x|secret=id=a", "build --secret is not supported by Podman 3.0.1 (rest)", "*" },
		{ "3.0.1", "network=none", "build --network is not supported by Podman 3.0.1 (rest)", "*" },
		{ "3.0.1", "pid=host", "build with namespaces of its own choice is not supported by Podman 3.0.1 (rest)", "*" },
		{ "3.0.1", "pull=never", "build --pull=never is not supported by Podman 3.0.1 (rest)", "*" },
		{ "3.0.1", "platform=a/b|platform=c/d", "build for several platforms is not supported by Podman 3.0.1 (rest)",
		  "*" },
		{ "2.0.6", "target=x", "build --target is not supported by Podman 2.0.6 (rest)", "*" },
		{ "2.0.6", "squash=true", "build --squash is not supported by Podman 2.0.6 (rest)", "*" },
		{ "4.3.1", "jobs=many", "invalid value \"many\" of --jobs: it is not such a number", "*" },
		{ "4.3.1", "memory=1x", "invalid value for memory: invalid size: '1x'", "*" },
		{ "4.3.1", "pull=sometimes",
		  "invalid value \"sometimes\" of --pull: the policies are always, missing, never and newer", "*" },
		{ "4.3.1", "isolation=vm", "invalid value \"vm\" of --isolation: unrecognized isolation type", "*" },
		{ "4.3.1", "format=tar", "invalid value \"tar\" of --format: unrecognized image type", "*" },
		{ "4.3.1", "security-opt=no-new-privileges",
		  "invalid value \"no-new-privileges\" of --security-opt: it is not name=value", "*" },
		{ "4.3.1", "squash=true|squash-all=true", "cannot specify --squash-all with --squash", "*" },
		{ "4.3.1", "userns-uid-map=0:1", "invalid value \"0:1\" of --userns-uid-map: it is not CONTAINER-ID:HOST-ID:SIZE",
		  "*" },
	};
	static const struct engine_ops ops = { .protocol = "rest" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(buf_done) struct buf url = URL_INIT, plain = BUF_INIT(URL_MAX);
		CLEANUP(strv_done) struct strv store = { 0 };
		CLEANUP(flags_done) struct flags flags = { 0 };
		struct rest r = { .engine.ops = &ops };
		struct build_query b = { &r, &flags, &url };
		bool refused = cases[i].lacks && strcmp(cases[i].lacks, "*") == 0;
		int n;

		snprintf(r.engine.version, sizeof r.engine.version, "%s", cases[i].version);
		parse_flags(cases[i].flags, &store, &flags);
		n = build_query_flags(&b, &err);
		unescape(buf_z(&url), &plain);
		if (refused != (n < 0) || (refused && strcmp(err.text, cases[i].wants) != 0))
			row_fail(cases[i].flags, "r %d \"%s\"", n, err.text ? err.text : buf_z(&plain));
		if (!refused && !has_param(buf_z(&plain), cases[i].wants))
			row_fail(cases[i].flags, "\"%s\"", buf_z(&plain));
		if (!refused && cases[i].lacks && strstr(buf_z(&plain), cases[i].lacks))
			row_fail(cases[i].flags, "it has %s: \"%s\"", cases[i].lacks, buf_z(&plain));
	}
}

static void the_rows_are_in_order(void **state)
{
	(void)state;
	for (size_t i = 1; i < build_n_rows; i++)
		if (strcmp(build_rows[i - 1].flag, build_rows[i].flag) >= 0)
			row_fail(build_rows[i].flag, "it stands in the wrong place or twice");
}

static int context(void *ctx, const struct byte_sink *to, struct error *err)
{
	(void)ctx;
	return sink_write(to, "the context", 11, err);
}

static int add_text(void *ctx, struct str text, struct error *err)
{
	(void)err;
	buf_add(ctx, text);
	return 0;
}

#define LONG    "91a47b0cf1b8c0c27a3f1ec1b42eb8d3a1f3ab7c9e7d46f4b0b6ed02c7b7a1f0"
#define CHUNKED "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
#define LOST    "the connection broke during the build; the host may still be building: "

static void builds_are_followed(void **state)
{
	static const struct {
		const char *name, *reply;
		int r, exit_status;
		const char *text, *id_or_error;
		bool broken;
	} cases[] = {
		{ "done", JSON("200 OK", "{\"stream\":\"STEP 1/1: FROM x\\n\"}\n{\"stream\":\"" LONG "\\n\"}\n"), 0, 0,
		  "STEP 1/1: FROM x\n" LONG "\n", LONG },
		{ "without a line end, as 2.x", JSON("200 OK", "{\"stream\":\"" LONG "\"}"), 0, 0, LONG, LONG },
		{ "several in a piece, other keys",
		  JSON("200 OK", "{\"aux\":{\"ID\":\"x\"}}{\"stream\":\"a\"}{\"stream\":\"b\\n" LONG "\\n\"}{}"), 0, 0,
		  "ab\n" LONG "\n", LONG },
		{ "the last one counts", JSON("200 OK", "{\"stream\":\"deadbeef0123\\n\"}{\"stream\":\"" LONG "\\n\"}"), 0, 0,
		  "deadbeef0123\n" LONG "\n", LONG },
		{ "in pieces",
		  CHUNKED "9\r\n{\"stream\"\r\n4\r\n:\"x\\\r\n4\r\nn\"}\n\r\n58\r\n{\"stream\":\"\\u003e\\n" LONG
			  "\\n\"}\n\r\n0\r\n\r\n",
		  0, 0, "x\n>\n" LONG "\n", LONG },
		{ "a step fails",
		  JSON("200 OK",
		       "{\"stream\":\"a\\n\"}{\"errorDetail\":{\"message\":\"m\"},\"error\":\"building at STEP \\\"RUN exit 9\\\": "
		       "while running runtime: exit status 9\\n\"}"),
		  -ERR_REMOTE, 9, "a\n", "building at STEP \"RUN exit 9\": while running runtime: exit status 9" },
		{ "only errorDetail", JSON("200 OK", "{\"errorDetail\":{\"message\":\"no such file\"}}"), -ERR_REMOTE, 0, "",
		  "no such file" },
		{ "the last status counts", JSON("200 OK", "{\"error\":\"exit status 1: exit status 77\"}"), -ERR_REMOTE, 77, "",
		  "exit status 1: exit status 77" },
		{ "no status", JSON("200 OK", "{\"error\":\"exit status 0\"}"), -ERR_REMOTE, 0, "", "exit status 0" },
		{ "refused", JSON("400 Bad Request", "{\"message\":\"bad query\"}"), -ERR_REMOTE, 0, "", "bad query" },
		{ "it just ends", JSON("200 OK", "{\"stream\":\"STEP 1\\n\"}"), -ERR_CONNECT, 0, "STEP 1\n",
		  LOST "its text ended without an image ID" },
		{ "it breaks", CHUNKED "12\r\n{\"stream\":\"a\\n\"}\n\n\r\n", -ERR_CONNECT, 0, "a\n",
		  LOST "test: the service closed the connection in the middle of its answer", true },
		{ "it breaks before a word", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", -ERR_CONNECT, 0, "",
		  LOST "test: the service closed the connection in the middle of its answer", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct connection script = { { PING("4.3.1"),
					       { .expect =
							 "POST /v4.3.1/libpod/build?dockerfile=%5B%22Dockerfile%22%5D&t=a%3A1&t=b&",
						 .holds = "X-Registry-Config: YQ==\r\n",
						 .reply = cases[i].reply,
						 .then_close = cases[i].broken } } };
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(buf_done) struct buf text = BUF_INIT(64 * 1024);
		CLEANUP(free_p) char *id = NULL;
		struct byte_producer producer = { context, NULL, -1, false };
		char a[] = "a:1", b[] = "b", file[] = "Dockerfile";
		struct strv tags = { .v = (char *[]){ a, b, NULL }, .n = 2 }, files = { .v = (char *[]){ file, NULL }, .n = 1 };
		struct build_req q = { .context = &producer, .tags = &tags, .dockerfiles = &files, .auth_map = "YQ==" };
		struct peer p = peer_of(&script, 1);
		struct dialer d = peer_dialer(&p);
		struct engine *e = NULL;
		int r;

		if (rest_engine_open(&e, &d, &err) < 0)
			row_fail(cases[i].name, "%s", err.text);
		r = engine_image_build(e, &q, add_text, &text, &id, &err);
		if (r != cases[i].r || err.exit_status != cases[i].exit_status || strcmp(buf_z(&text), cases[i].text) != 0)
			row_fail(cases[i].name, "r %d, exit status %d, text \"%s\", \"%s\"", r, err.exit_status, buf_z(&text),
				 err.text ? err.text : "");
		if (strcmp(r < 0 ? err.text : id, cases[i].id_or_error) != 0)
			row_fail(cases[i].name, "\"%s\"", r < 0 ? err.text : id);
		engine_close(e);
		peer_check(&p, cases[i].name);
	}
}

/* What one side of a recording said on the connection of the build: all after the pings, which have connections of their own. */
static void recorded(const char *name, const char *dir, struct buf *out)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(4096), text = BUF_INIT(1024 * 1024);
	struct str rest_text, line;

	buf_addf(&path, TEST_DATA "/recordings/rest-4.3.1/%s.jsonl", name);
	assert_int_equal(path_read(buf_z(&path), &text, NULL), 0);
	rest_text = buf_str(&text);
	for (bool more = true; more;) {
		CLEANUP(js_put_p) struct json_object *o = NULL;

		more = str_cut(rest_text, '\n', &line, &rest_text);
		if (line.n == 0 || js_parse(line, name, &o, NULL) < 0 || js_get_int(o, "conn", 0) != 3 ||
		    strcmp(js_get_str(o, "dir", ""), dir) != 0)
			continue;
		if (js_get(o, "raw_b64"))
			assert_true(base64_read(out, js_text(js_get(o, "raw_b64"))));
		else
			buf_add(out, js_text(js_get(o, "text")));
	}
}

/* Podman's own client writes out more than is needed: defaults of the service, and paths of its own machine. */
static bool is_needless(const char *param)
{
	static const char *const needless[] = { "dockerfile=",
						"t=",
						"q=",
						"output=",
						"seccomp=",
						"shmsize=67108864",
						"platform=/",
						"identitylabel=1",
						"omithistory=0",
						"jobs=1",
						"idmappingoptions=" };

	for (size_t i = 0; i < ARRAY_LEN(needless); i++)
		if (strncmp(param, needless[i], strlen(needless[i])) == 0)
			return true;
	return false;
}

/* "nocache=1" may be said as "nocache=true". */
static bool has_equal_param(const char *query, const char *param)
{
	CLEANUP(buf_done) struct buf word = BUF_INIT(URL_MAX);
	size_t n = strlen(param);

	if (has_param(query, param))
		return true;
	if (n < 2 || param[n - 2] != '=')
		return false;
	buf_addf(&word, "%.*s%s", (int)(n - 1), param, param[n - 1] == '1' ? "true" : "false");
	return has_param(query, buf_z(&word));
}

static void parameters_are_those_of_podmans_own_client(void **state)
{
	static const struct {
		const char *name, *flags;
	} cases[] = {
		{ "build", "build-arg=V=1|label=a=b|no-cache=true" },
		{ "build-secret", "secret=id=s1,src=podman-build-secret911255131" },
		{ "build-fail", "" },
		{ "build-quiet-target-squash", "target=one|squash=true" },
	};
	static const struct engine_ops ops = { .protocol = "rest" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf sent = BUF_INIT(1024 * 1024), url = URL_INIT, plain = BUF_INIT(URL_MAX);
		CLEANUP(strv_done) struct strv store = { 0 };
		CLEANUP(flags_done) struct flags flags = { 0 };
		struct rest r = { .engine = { .ops = &ops, .version = "4.3.1" } };
		struct build_query b = { &r, &flags, &url };
		struct str query, param;

		recorded(cases[i].name, "c2s", &sent);
		assert_true(str_cut(buf_str(&sent), '?', NULL, &query) && str_cut(query, ' ', &query, NULL));
		parse_flags(cases[i].flags, &store, &flags);
		assert_int_equal(build_query_flags(&b, NULL), 0);
		unescape(buf_z(&url), &plain);
		for (bool more = true; more;) {
			CLEANUP(buf_done) struct buf theirs = BUF_INIT(URL_MAX);
			CLEANUP(free_p) char *escaped = NULL;

			more = str_cut(query, '&', &param, &query);
			escaped = str_dup(param);
			unescape(escaped, &theirs);
			if (!is_needless(buf_z(&theirs)) && !has_equal_param(buf_z(&plain), buf_z(&theirs)))
				row_fail(cases[i].name, "%s is not in \"%s\"", buf_z(&theirs), buf_z(&plain));
		}
	}
}

static int build(struct engine *e, char **ret_id, struct error *err)
{
	static const struct byte_producer producer = { context, NULL, 11, false };
	char file[] = "Dockerfile";
	struct strv files = { .v = (char *[]){ file, NULL }, .n = 1 };

	return engine_image_build(e, &(struct build_req){ .context = &producer, .dockerfiles = &files }, NULL, NULL, ret_id, err);
}

/* 3.0 reads one plain name, is told how to isolate, and its short ID is made long. */
static void an_old_host_is_asked_more(void **state)
{
	struct connection script = { {
		PING("3.0.0"),
		{ .expect = "GET /v3.0.0/libpod/version", .reply = JSON("200 OK", "{\"Version\":\"3.0.1\"}") },
		{ .expect = "GET /v3.0.0/libpod/info", .reply = JSON("200 OK", "{\"host\":{\"security\":{\"rootless\":true}}}") },
		{ .expect =
			  "POST /v3.0.0/libpod/build?dockerfile=Dockerfile&layers=true&outputformat=application%2Fvnd.oci.image.manifest.v1%2Bjson&"
			  "rm=true&forcerm=true&isolation=3 HTTP/1.1\r\n",
		  .holds = "Content-Type: application/x-tar\r\nContent-Length: 11\r\n\r\nthe context",
		  .reply = JSON("200 OK", "{\"stream\":\"91a47b0cf1b8\\n\"}") },
		{ .expect = "GET /v3.0.0/libpod/images/91a47b0cf1b8/json", .reply = JSON("200 OK", "{\"Id\":\"" LONG "\"}") },
	} };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *id = NULL;
	struct peer p = peer_of(&script, 1);
	struct dialer d = peer_dialer(&p);
	struct engine *e = NULL;

	(void)state;
	assert_int_equal(rest_engine_open(&e, &d, &err), 0);
	if (build(e, &id, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(id, LONG);
	engine_close(e);
	peer_check(&p, "3.0");
}

static void recorded_builds_end_as_they_did(void **state)
{
	static const struct {
		const char *name;
		int r, exit_status;
		const char *result;
	} cases[] = {
		{ "build-secret", 0, 0, "c739e398875b8678ba72e98a23bca4c88dab6f3a91627de07415fce95c920569" },
		{ "build-quiet-target-squash", 0, 0, "855ba94a04a16c1fe32d7578b1341cec473e192f81ec62ce2d870cce954e5360" },
		{ "build-fail", -ERR_REMOTE, 9, "building at STEP \"RUN exit 9\": while running runtime: exit status 9" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf reply = BUF_INIT(1024 * 1024);
		CLEANUP(error_done) struct error err = ERROR_INIT;
		CLEANUP(free_p) char *id = NULL;
		struct connection script = { { PING("4.3.1"), { .expect = "POST /v4.3.1/libpod/build?", .piecewise = i % 2 } } };
		struct peer p = peer_of(&script, 1);
		struct dialer d = peer_dialer(&p);
		struct engine *e = NULL;
		const char *name = cases[i / 2].name;
		int r;

		recorded(name, "s2c", &reply);
		script.steps[1].reply = buf_z(&reply);
		script.steps[1].n = reply.n;
		assert_int_equal(rest_engine_open(&e, &d, &err), 0);
		r = build(e, &id, &err);
		if (r != cases[i / 2].r || err.exit_status != cases[i / 2].exit_status ||
		    strcmp(r < 0 ? err.text : id, cases[i / 2].result) != 0)
			row_fail(name, "r %d, exit status %d, \"%s\"", r, err.exit_status, r < 0 ? err.text : id);
		engine_close(e);
		peer_check(&p, name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_become_parameters),
		cmocka_unit_test(the_rows_are_in_order),
		cmocka_unit_test(builds_are_followed),
		cmocka_unit_test(an_old_host_is_asked_more),
		cmocka_unit_test(parameters_are_those_of_podmans_own_client),
		cmocka_unit_test(recorded_builds_end_as_they_did),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "build.h"
#include "image_config.h"

enum { OUTPUT_MAX = 256 * 1024, OUTPUT_FULL = 64 * 1024 };

static void on_output(void *ctx, enum output_stream stream, struct str block)
{
	struct build *b = ctx;

	(void)stream;
	buf_add(&b->output, block);
	host_wake(b->host);
}

static bool on_ready(void *ctx)
{
	const struct build *b = ctx;

	return b->output.n < OUTPUT_FULL;
}

static void on_ended(void *ctx, int exit_code)
{
	struct build *b = ctx;

	b->run_over = true;
	b->exit_code = exit_code;
	host_wake(b->host);
}

static void add_missing(struct strv *env, const char *assignment)
{
	size_t n = strcspn(assignment, "=") + 1;

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], assignment, n) == 0)
			return;
	strv_add(env, assignment);
}

static void set_environment(const struct build *b, const char *root, struct strv *env)
{
	struct json_object *own = js_get(image_config_run(b->config), "Env");

	/* As for a container: where there is no chroot the machine's programs come after the folder's. */
	if (geteuid() != 0)
		strv_addf(env, "PATH=%s/bin:/usr/local/bin:/usr/bin:/bin", root);
	for (size_t i = 0; i < js_len(own); i++)
		add_missing(env, js_text(js_at(own, i)).p);
	for (size_t i = 0; i < b->args.n; i++)
		add_missing(env, b->args.v[i]);
	add_missing(env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	add_missing(env, "HOME=/root");
	add_missing(env, "HOSTNAME=build");
}

static void set_command(const struct build *b, const char *args, struct strv *argv)
{
	CLEANUP(js_put_p) struct json_object *list = NULL;

	if (*args == '[' && js_parse(str_from(args), "RUN", &list, NULL) == 0) {
		for (size_t i = 0; i < js_len(list); i++)
			strv_add_str(argv, js_text(js_at(list, i)));
		return;
	}
	if (b->shell.n) {
		strv_add_all(argv, &b->shell);
	} else {
		strv_add(argv, "/bin/sh");
		strv_add(argv, "-c");
	}
	strv_add(argv, args);
}

int build_run(struct build *b, const struct instruction *in, struct error *err)
{
	CLEANUP(strv_done) struct strv argv = { 0 }, env = { 0 };
	CLEANUP(error_done) struct error own = ERROR_INIT;
	struct json_object *run = image_config_run(b->config);
	struct process_spec spec = { .workdir = js_get_str(run, "WorkingDir", "/"),
				     .hostname = "build",
				     .user = js_get_str(run, "User", "") };
	int r = build_work(b, &spec.root, err);

	if (r < 0)
		return r;
	set_command(b, in->args, &argv);
	set_environment(b, spec.root, &env);
	spec.argv = argv.v;
	spec.env = env.v;
	b->output = BUF_INIT(OUTPUT_MAX);
	b->run_over = false;
	if (!argv.n || process_create(b->host, &spec, &b->process, &own) < 0) {
		build_log(b, "error running container: %s\n", own.text ? own.text : "no command");
		b->run_over = true;
		b->exit_code = 1;
		return 0;
	}
	process_set_owner(b->process,
			  (struct process_owner){ .output = on_output, .ready = on_ready, .ended = on_ended, .ctx = b });
	process_release(b->process);
	return 0;
}

void build_run_flush(struct build *b, bool all)
{
	struct str line;

	/* Only 1.6.2 lets a command speak in a quiet build. */
	if (b->quiet && b->host->version != V162) {
		buf_clear(&b->output);
		return;
	}
	while (str_cut(buf_str(&b->output), '\n', &line, NULL)) {
		build_log(b, "%.*s\n", STR_ARG(line));
		buf_consume(&b->output, line.n + 1);
	}
	if (all && b->output.n) {
		build_log(b, "%s", buf_z(&b->output));
		buf_clear(&b->output);
	}
}

int build_run_end(struct build *b, struct error *err)
{
	build_run_flush(b, true);
	buf_done(&b->output);
	b->process = NULL;
	if (b->exit_code)
		return error_set(err, ERR_REMOTE, "error building at STEP \"%s\": error while running runtime: exit status %d",
				 b->last_step, b->exit_code);
	return build_commit_step(b, b->created_by, false, err);
}

void build_run_abort(struct build *b)
{
	if (b->process && !b->run_over) {
		process_set_owner(b->process, (struct process_owner){ 0 });
		process_signal(b->process, SIGKILL);
	}
	b->process = NULL;
	buf_done(&b->output);
}

/* cmd/podman/run.c: create and run. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "cmd/podman/attached.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/create_opts.h"
#include "cmd/podman/image_pull.h"
#include "cmd/podman/run_prepare.h"

/* One create or run on its way. */
struct job {
	struct session *session;
	struct engine *engine;
	struct run_plan *plan;
	struct create_req create;
	char *id; /* of the container; owned */
};

static void job_done(struct job *j)
{
	free(j->id);
}

static const char *host_name(const struct session *s)
{
	const struct destination *d = session_destination(s);

	return d && d->host ? d->host : "the host";
}

/* The image is on the host afterwards. Asking first costs one short request and keeps registries out of it. */
static int pull_image(struct job *j, struct error *err)
{
	struct run_plan *p = j->plan;
	struct pull_req q = { .reference = j->create.image_as_typed,
			      .policy = p->pull,
			      .arch = p->arch,
			      .os = p->os,
			      .variant = p->variant,
			      .retry = p->retry,
			      .retry_delay = p->retry_delay,
			      .quiet = p->quiet };
	bool chosen = p->arch || p->os || p->variant, here = false;
	CLEANUP(free_p) char *kept = NULL;
	CLEANUP(free_p) char *id = NULL;
	int r = 0;

	if (j->create.image[0] == '\0')
		return 0;
	if (!chosen && str_eq_z(STR("missing"), p->pull)) {
		r = engine_exists(j->engine, OBJECT_IMAGE, q.reference, &here, err);
		if (r < 0 || here)
			return r;
	}
	r = creds_ask(&p->creds, &kept, err);
	if (kept) {
		free(p->login);
		p->login = ptr_take(&kept);
	}
	return r < 0 ? r : image_pull(j->session, j->engine, &p->creds, &q, &id, err);
}

static int replace_container(struct job *j, struct error *err)
{
	struct remove_req q = { .name = j->plan->name, .force = true, .ignore = true, .timeout_s = -1 };
	int r;

	if (!j->plan->replace)
		return 0;
	r = engine_container_remove(j->engine, &q, err);
	return r == -ERR_NOT_FOUND ? error_clear(err) : r;
}

static void print_warnings(struct session *s, const struct strv *warnings)
{
	for (size_t i = 0; i < warnings->n; i++)
		fprintf(session_err(s), "%s\n", warnings->v[i]);
}

/* Two runs may have found the name free; only one of them makes the file. */
static int write_new_file(const char *path, const char *text, struct error *err)
{
	CLEANUP(fd_close_p) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int r;

	if (fd < 0)
		return error_set_errno(err, "container id file %s", path);
	r = fd_write_all(fd, text, strlen(text), 0, err);
	if (r == 0)
		return 0;
	unlink(path);
	return error_context(err, "container id file %s", path);
}

/* When the file can't be written after all, the container goes again: nothing is left behind by us. */
static int write_cidfile(struct job *j, struct error *err)
{
	struct remove_req gone = { .name = j->id, .force = true, .timeout_s = -1 };
	int r;

	if (!j->plan->cidfile)
		return 0;
	r = write_new_file(j->plan->cidfile, j->id, err);
	if (r < 0)
		engine_container_remove(j->engine, &gone, NULL);
	return r;
}

static int create_container(struct job *j, struct error *err)
{
	CLEANUP(strv_done) struct strv warnings = { 0 };
	int r;

	if ((r = pull_image(j, err)) < 0 || (r = replace_container(j, err)) < 0)
		return r;
	r = engine_container_create(j->engine, &j->create, &j->id, &warnings, err);
	print_warnings(j->session, &warnings);
	if (r < 0)
		return run_explain_path(j->plan, host_name(j->session), err);
	return write_cidfile(j, err);
}

static int start_detached(struct job *j, struct error *err)
{
	struct remove_req gone = { .name = j->id, .force = true, .timeout_s = -1 };
	int r = engine_container_start(j->engine, j->id, err);

	if (r < 0) {
		if (j->plan->remove)
			engine_container_remove(j->engine, &gone, NULL);
		return run_explain_path(j->plan, host_name(j->session), err);
	}
	fprintf(session_out(j->session), "%s\n", j->id);
	return 0;
}

static struct attached user_side(const struct job *j)
{
	const struct run_plan *p = j->plan;

	return (struct attached){ .container = p->name ? p->name : j->id,
				  .want_stdin = p->want_stdin,
				  .want_stdout = p->want_stdout,
				  .want_stderr = p->want_stderr,
				  .tty = p->tty,
				  .sig_proxy = p->sig_proxy,
				  .detach_keys = p->detach_keys };
}

static int start_attached(struct job *j, struct error *err)
{
	struct attached a = user_side(j);
	struct attach_req q = { .name = j->id,
				.start = true,
				.want_stdin = a.want_stdin,
				.want_stdout = a.want_stdout,
				.want_stderr = a.want_stderr,
				.tty = a.tty,
				.remove = j->plan->remove,
				.detach_keys = a.detach_keys };
	struct stream *stream = NULL;
	int r;

	attached_size(&a, &q.width, &q.height);
	r = engine_container_attach(j->engine, &q, &stream, err);
	if (r < 0)
		return run_explain_path(j->plan, host_name(j->session), err);
	return attached_pump(j->session, j->engine, &a, stream, err);
}

/* --rm is the host's work, but from 5.0 on it may still be at it when the exit status is known. Asking for the removal again waits for it. A container
 * that is gone, or goes on after detaching, makes it fail, which is as it should be. */
static void await_removal(struct job *j)
{
	struct remove_req q = { .name = j->id, .volumes = true, .ignore = true, .timeout_s = -1 };

	if (j->plan->remove)
		engine_container_remove(j->engine, &q, NULL);
}

/* --rmi: the image goes with the container, as far as nothing else uses it. */
static void remove_image(struct job *j)
{
	CLEANUP(strv_done) struct strv names = { 0 };
	struct image_remove_req q = { .names = &names };
	struct json_object *report = NULL;

	if (j->plan->remove_image && strv_add(&names, j->create.image_as_typed) && engine_image_remove(j->engine, &q, &report, NULL) == 0)
		json_object_put(report);
}

static int start_container(struct job *j, struct error *err)
{
	int r;

	if (j->plan->detach)
		return start_detached(j, err);
	r = start_attached(j, err);
	if (r >= 0) {
		await_removal(j);
		remove_image(j);
	}
	return r;
}

static int with_job(struct session *s, struct run_args *a, const struct strv *names, int (*then)(struct job *, struct error *),
		    struct error *err)
{
	CLEANUP(run_plan_done) struct run_plan plan = { 0 };
	CLEANUP(job_done) struct job j = { .session = s, .plan = &plan };
	struct strv command = { names->v + 1, names->n - 1, 0 };
	bool rootfs = flags_bool(&a->flags, "rootfs", false);
	int r = run_prepare(&a->flags, &plan, err);

	if (r < 0)
		return r;

	struct attached side = user_side(&j);

	if (!plan.detach && (r = attached_check(&side, err)) < 0)
		return r;
	j.create = (struct create_req){ .flags = &a->flags,
					.image = rootfs ? "" : names->v[0],
					.image_as_typed = names->v[0],
					.command = rootfs ? names : &command,
					.argv = session_argv(s) };
	r = session_engine(s, &j.engine, err);
	if (r == 0)
		r = create_container(&j, err);
	return r < 0 ? r : then(&j, err);
}

static int print_id(struct job *j, struct error *err)
{
	(void)err;
	fprintf(session_out(j->session), "%s\n", j->id);
	return 0;
}

static int run_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	return with_job(s, args, names, start_container, err);
}

static int create_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	return with_job(s, args, names, print_id, err);
}

const struct cmd cmd_run = {
	.names = (const char *const[]){ "run", "container run", NULL },
	.synopsis = "[options] IMAGE [COMMAND [ARG...]]",
	.brief = "Run a command in a new container",
	.about = "Runs a command in a new container from the given image",
	.examples = "podman run imageID ls -alF /etc\npodman run -it --rm alpine sh\npodman run -d --name web -p 8080:80 nginx",
	.opts = run_opts,
	.args_size = sizeof(struct run_args),
	.min_names = 1,
	.max_names = CMD_ANY,
	.stop_at_first = true,
	.complete = "@image",
	.run = run_run,
};

const struct cmd cmd_create = {
	.names = (const char *const[]){ "create", "container create", NULL },
	.synopsis = "[options] IMAGE [COMMAND [ARG...]]",
	.brief = "Create but do not start a container",
	.about = "Creates a new container from the given image and prepares it for running the given command. The container ID is printed to "
		 "standard output. Start it at any time with podman start.",
	.examples = "podman create alpine ls\npodman create --name web --label tier=front nginx",
	.opts = create_opts,
	.args_size = sizeof(struct run_args),
	.min_names = 1,
	.max_names = CMD_ANY,
	.stop_at_first = true,
	.complete = "@image",
	.run = create_run,
};

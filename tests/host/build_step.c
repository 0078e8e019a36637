#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "build.h"
#include "image_config.h"

/* ---- FROM --------------------------------------------------------------------------------------------------------------------- */

static void end_stage(struct build *b)
{
	struct stage *s = &b->stages[b->n_stages - 1];

	s->top = b->top;
	s->files = ptr_take(&b->work);
	if (b->image)
		memcpy(s->image, b->image->id, sizeof s->image);
	json_object_put(b->config);
	b->config = NULL;
	b->image = NULL;
	b->top = NULL;
	strv_clear(&b->args);
	strv_clear(&b->shell);
}

static int begin_stage(struct build *b, struct str name, struct error *err)
{
	struct stage *v = realloc(b->stages, (b->n_stages + 1) * sizeof *v);

	if (!v)
		return error_set(err, ERR_SYSTEM, "out of memory");
	b->stages = v;
	v[b->n_stages] = (struct stage){ .name = str_dup(name) };
	return v[b->n_stages++].name ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* What registry_pull says behind "unable to pull X: unable to pull image: ". */
static int no_base_image(struct error *err)
{
	static const char prefix[] = "unable to pull image: ";
	CLEANUP(error_done) struct error own = ERROR_INIT;
	const char *why;

	error_move(&own, err);
	why = strstr(own.text, prefix);
	return error_set(err, own.kind, "error creating build container: %s", why ? why + strlen(prefix) : own.text);
}

static int find_base_image(struct build *b, const char *name, struct image **ret, struct error *err)
{
	const char *policy = js_get_str(b->info, "pullPolicy", "");

	*ret = NULL;
	for (size_t i = 0; i < b->n_stages; i++)
		if (*b->stages[i].name && strcmp(b->stages[i].name, name) == 0 && *b->stages[i].image)
			*ret = image_find(b->host, b->stages[i].image, NULL);
	if (!*ret && strcmp(policy, "PullAlways") != 0)
		*ret = image_find(b->host, name, NULL);
	if (*ret)
		return 0;
	if (strcmp(policy, "PullNever") == 0)
		return error_set(err, ERR_NOT_FOUND,
				 "error creating build container: pull policy is \"never\" but \"%s\" could not be found locally",
				 name);
	return registry_pull(b->host, name, ret, err) < 0 ? no_base_image(err) : 0;
}

int build_from(struct build *b, const struct instruction *in, struct error *err)
{
	CLEANUP(strv_done) struct strv words = { 0 };
	CLEANUP(free_p) char *platform = NULL;
	struct str rest;
	int r = 0;

	if (b->config)
		end_stage(b);
	platform = build_flag(str_from(in->args), "platform", &rest);
	build_words(b, rest, &words);
	if (!words.n)
		return error_set(err, ERR_USAGE, "FROM requires either one or three arguments");
	b->step++;
	if (!b->quiet)
		build_log(b, "STEP %zu: FROM %s%s%s\n", b->step, words.v[0], words.n == 3 ? " AS " : "",
			  words.n == 3 ? words.v[2] : "");
	if (strcmp(words.v[0], "scratch") != 0)
		r = find_base_image(b, words.v[0], &b->image, err);
	if (r == 0)
		r = begin_stage(b, words.n == 3 ? str_from(words.v[2]) : STR(""), err);
	if (r < 0)
		return r;
	b->config = b->image ? image_config_copy(b->image->config) : image_config_new(instant_now());
	b->top = b->image ? b->image->top : NULL;
	return b->config ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* ---- what changes the configuration ------------------------------------------------------------------------------------------- */

/* NAME=VALUE several times, or NAME VALUE. */
static void pairs(struct build *b, const char *args, void (*set)(struct json_object *, struct str, struct str))
{
	CLEANUP(strv_done) struct strv words = { 0 };
	struct str name, value;

	build_words(b, str_from(args), &words);
	if (words.n && !strchr(words.v[0], '=')) {
		CLEANUP(free_p) char *expanded = NULL;

		str_cut(str_from(args), ' ', &name, &value);
		expanded = build_expand(b, str_trim(value));
		set(b->config, name, str_from(expanded));
		return;
	}
	for (size_t i = 0; i < words.n; i++) {
		str_cut(str_from(words.v[i]), '=', &name, &value);
		set(b->config, name, value);
	}
}

static int do_env(struct build *b, const struct instruction *in, struct error *err)
{
	(void)err;
	pairs(b, in->args, image_config_set_env);
	return 0;
}

static int do_label(struct build *b, const struct instruction *in, struct error *err)
{
	(void)err;
	pairs(b, in->args, image_config_set_label);
	return 0;
}

static int do_cmd(struct build *b, const struct instruction *in, struct error *err)
{
	(void)err;
	image_config_set_command(b->config, "Cmd", str_from(in->args), &b->shell);
	return 0;
}

/* A new entrypoint does not run with the command of the image below. */
static int do_entrypoint(struct build *b, const struct instruction *in, struct error *err)
{
	(void)err;
	image_config_set_command(b->config, "Entrypoint", str_from(in->args), &b->shell);
	return 0;
}

static int do_workdir(struct build *b, const struct instruction *in, struct error *err)
{
	CLEANUP(free_p) char *path = build_expand(b, str_from(in->args));

	(void)err;
	image_config_set_workdir(b->config, str_from(path));
	return 0;
}

static int do_text(struct build *b, const struct instruction *in, struct error *err)
{
	CLEANUP(free_p) char *text = build_expand(b, str_from(in->args));

	(void)err;
	image_config_set_text(b->config, strcmp(in->word, "USER") == 0 ? "User" : "StopSignal", str_from(text));
	return 0;
}

static int do_keys(struct build *b, const struct instruction *in, struct error *err)
{
	bool volume = strcmp(in->word, "VOLUME") == 0;
	CLEANUP(strv_done) struct strv words = { 0 };
	CLEANUP(js_put_p) struct json_object *list = NULL;

	(void)err;
	if (*in->args == '[' && js_parse(str_from(in->args), "VOLUME", &list, NULL) == 0)
		for (size_t i = 0; i < js_len(list); i++)
			strv_add_str(&words, js_text(js_at(list, i)));
	else
		build_words(b, str_from(in->args), &words);
	for (size_t i = 0; i < words.n; i++) {
		CLEANUP(buf_done) struct buf key = BUF_INIT(4096);

		buf_addf(&key, "%s%s", words.v[i], volume || strchr(words.v[i], '/') ? "" : "/tcp");
		image_config_add_key(b->config, volume ? "Volumes" : "ExposedPorts", buf_str(&key));
	}
	return 0;
}

static int do_arg(struct build *b, const struct instruction *in, struct error *err)
{
	CLEANUP(free_p) char *value = build_arg_value(b, str_from(in->args));
	struct str name;

	(void)err;
	str_cut(str_from(in->args), '=', &name, NULL);
	if (value)
		strv_addf(&b->args, "%.*s=%s", STR_ARG(name), value);
	return 0;
}

static int do_shell(struct build *b, const struct instruction *in, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *list = NULL;

	if (js_parse(str_from(in->args), "SHELL", &list, err) < 0)
		return -ERR_PROTOCOL;
	strv_clear(&b->shell);
	for (size_t i = 0; i < js_len(list); i++)
		strv_add_str(&b->shell, js_text(js_at(list, i)));
	return 0;
}

static int do_maintainer(struct build *b, const struct instruction *in, struct error *err)
{
	(void)err;
	js_set_str(b->config, "author", in->args);
	return 0;
}

/* An OCI image has no place for these: the builder of these hosts forgets them too. */
static int do_nothing(struct build *b, const struct instruction *in, struct error *err)
{
	(void)b;
	(void)in;
	(void)err;
	return 0;
}

static const struct change {
	const char *word;
	int (*run)(struct build *b, const struct instruction *in, struct error *err);
} changes[] = {
	{ "ENV", do_env },         { "LABEL", do_label },
	{ "CMD", do_cmd },         { "ENTRYPOINT", do_entrypoint },
	{ "WORKDIR", do_workdir }, { "USER", do_text },
	{ "STOPSIGNAL", do_text }, { "EXPOSE", do_keys },
	{ "VOLUME", do_keys },     { "ARG", do_arg },
	{ "SHELL", do_shell },     { "MAINTAINER", do_maintainer },
	{ "ONBUILD", do_nothing }, { "HEALTHCHECK", do_nothing },
};

/* As Go prints the builder's structure. */
static int unknown(const struct build *b, const struct instruction *in, struct error *err)
{
	CLEANUP(buf_done) struct buf lower = BUF_INIT(256);

	(void)b;
	for (const char *p = in->word; *p; p++)
		buf_add_char(&lower, (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p));
	return error_set(
		err, ERR_USAGE,
		"error building at STEP \"%s \": Build error: Unknown instruction: \"%s\" &imagebuilder.Step{Env:[]string{\"\", "
		"\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"}, Command:\"%s\", Args:[]string{\"\"}, "
		"Flags:[]string{}, Attrs:map[string]bool(nil), Message:\"%s \", Original:\"%s\"}",
		in->word, in->word, buf_z(&lower), in->word, in->original);
}

static int change_config(struct build *b, const struct instruction *in, struct error *err)
{
	CLEANUP(buf_done) struct buf created_by = BUF_INIT(512 * 1024);
	const struct change *c = NULL;
	int r;

	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		if (strcmp(changes[i].word, in->word) == 0)
			c = &changes[i];
	if (!c)
		return unknown(b, in, err);
	buf_addf(&created_by, "/bin/sh -c #(nop) %s", in->original);
	/* What it says may change later steps without being in the image: arguments, the shell. */
	r = c->run(b, in, err);
	if (r < 0 || build_use_cache(b, buf_z(&created_by)))
		return r;
	return build_commit_step(b, buf_z(&created_by), true, err);
}

/* Arguments are part of what a RUN does. */
static int start_run(struct build *b, const struct instruction *in, struct error *err)
{
	CLEANUP(buf_done) struct buf created_by = BUF_INIT(512 * 1024);

	if (b->args.n)
		buf_addf(&created_by, "|%zu", b->args.n);
	for (size_t i = 0; i < b->args.n; i++)
		buf_addf(&created_by, " %s", b->args.v[i]);
	buf_addf(&created_by, "%s/bin/sh -c %s", created_by.n ? " " : "", in->args);
	if (build_use_cache(b, buf_z(&created_by)))
		return 0;
	free(b->created_by);
	b->created_by = buf_take(&created_by);
	free(b->last_step);
	b->last_step = z_dup(in->original);
	return build_run(b, in, err);
}

int build_instruction(struct build *b, const struct instruction *in, struct error *err)
{
	bool arg = strcmp(in->word, "ARG") == 0;
	CLEANUP(free_p) char *value = NULL;
	struct str name;

	if (strcmp(in->word, "FROM") == 0)
		return build_from(b, in, err);
	if (!b->config && arg) {
		value = build_arg_value(b, str_from(in->args));
		str_cut(str_from(in->args), '=', &name, NULL);
		strv_addf(&b->global_args, "%.*s=%s", STR_ARG(name), value ? value : "");
		return 0;
	}
	if (!b->config)
		return error_set(err, ERR_USAGE, "no build stage in current context");
	b->step++;
	if (!b->quiet)
		build_log(b, "STEP %zu: %s\n", b->step, in->original);
	if (strcmp(in->word, "RUN") == 0)
		return start_run(b, in, err);
	if (strcmp(in->word, "COPY") == 0 || strcmp(in->word, "ADD") == 0)
		return build_copy(b, in, err);
	return change_config(b, in, err);
}

#include "cmd/podman/completion_names.h"

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/session_own.h"

/* What is looked for, and in which containers. */
struct wanted {
	const char *prefix;
	const char *states; /* "|running|paused|"; NULL: any */
	FILE *out;
};

static void print(const struct wanted *w, struct str name, const char *about)
{
	if (!name.n || !str_starts(name, str_from(w->prefix)))
		return;
	fprintf(w->out, "%.*s", STR_ARG(name));
	if (about && *about)
		fprintf(w->out, "\t%s", about);
	fputc('\n', w->out);
}

/* IDs only when one is being typed: beside the names they would fill the screen. */
static void print_id(const struct wanted *w, struct json_object *item, const char *about)
{
	struct str id = js_text(js_get(item, "Id"));

	if (str_starts(id, STR("sha256:")))
		id = (struct str){ id.p + 7, id.n - 7 };
	if (id.n > 12)
		id.n = 12;
	if (*w->prefix)
		print(w, id, about);
}

static bool in_state(const struct wanted *w, const char *state)
{
	CLEANUP(buf_done) struct buf word = BUF_INIT(256);

	if (!w->states)
		return true;
	buf_addf(&word, "|%s|", state);
	return strstr(w->states, buf_z(&word)) != NULL;
}

static int print_container(void *ctx, struct json_object *item, struct error *err)
{
	const struct wanted *w = ctx;
	struct json_object *names = js_get(item, "Names");
	const char *image = js_get_str(item, "Image", "");

	(void)err;
	if (!in_state(w, js_get_str(item, "State", "")))
		return 0;
	for (size_t i = 0; i < js_len(names); i++)
		print(w, js_text(js_at(names, i)), image);
	print_id(w, item, image);
	return 0;
}

static int print_image(void *ctx, struct json_object *item, struct error *err)
{
	const struct wanted *w = ctx;
	struct json_object *tags = js_get(item, "RepoTags");

	(void)err;
	for (size_t i = 0; i < js_len(tags); i++) {
		struct str tag = js_text(js_at(tags, i)), rest;

		/* "docker.io/library/alpine:3" is also what "alp" and "library" begin. */
		print(w, tag, NULL);
		while (*w->prefix && str_cut(tag, '/', NULL, &rest)) {
			tag = rest;
			print(w, tag, NULL);
		}
	}
	print_id(w, item, NULL);
	return 0;
}

static void print_connections(const struct wanted *w, const struct config_flags *flags)
{
	CLEANUP(connections_done) struct connections all = { 0 };

	if (config_connections(flags, &all, NULL) < 0)
		return;
	for (size_t i = 0; i < all.n; i++)
		print(w, str_from(all.v[i].name), all.v[i].uri);
}

/* What an engine can list; no host is asked about the rest. */
static bool known_kind(const char *what, struct wanted *w)
{
	static const struct {
		const char *what, *states;
	} kinds[] = { { "@image", NULL },
		      { "@container", NULL },
		      { "@running", "|running|" },
		      { "@stopped", "|configured|created|exited|initialized|stopped|" } };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(what, kinds[i].what) == 0) {
			w->states = kinds[i].states;
			return true;
		}
	return false;
}

void completion_names(void *ctx, const char *what, const char *prefix, FILE *out)
{
	struct wanted w = { .prefix = prefix, .out = out };
	struct container_list_req all = { .all = true };
	struct image_list_req images = { 0 };
	struct engine *e;

	/* What is known without the host is with the reader when the time is up. */
	fflush(out);
	if (strcmp(what, "@connection") == 0) {
		print_connections(&w, ctx);
		return;
	}

	if (!known_kind(what, &w))
		return;

	CLEANUP(session_done) struct session s = { .config = *(const struct config_flags *)ctx };

	if (session_engine(&s, &e, NULL) < 0)
		return;
	if (strcmp(what, "@image") == 0)
		engine_image_list(e, &images, print_image, &w, NULL);
	else
		engine_container_list(e, &all, print_container, &w, NULL);
}

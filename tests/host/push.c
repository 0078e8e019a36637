#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "event.h"
#include "image_words.h"
#include "methods.h"

/* The registry without a login takes everything and forgets nothing while the host runs. */
#define OPEN_REGISTRY   "localhost:5077"
#define CLOSED_REGISTRY "localhost:5078"

/* What a registry of the host keeps, also when the image is removed here. */
struct pushed {
	struct pushed *next;
	char *name; /* with registry and tag */
	char *config_text;
	struct layer *top;
	bool docker;
};

static void remember(struct host *h, const struct image *i, const char *name)
{
	struct pushed *p = h->pushed;

	while (p && strcmp(p->name, name) != 0)
		p = p->next;
	if (!p) {
		p = calloc(1, sizeof *p);
		if (!p)
			return;
		p->name = z_dup(name);
		p->next = h->pushed;
		h->pushed = p;
	}
	free(p->config_text);
	p->config_text = z_dup(i->config_text);
	p->top = i->top;
	p->docker = i->docker;
}

int pushed_pull(struct host *h, const char *name, struct image **ret, struct error *err)
{
	for (const struct pushed *p = h->pushed; p; p = p->next)
		if (strcmp(p->name, name) == 0)
			return image_add(h, str_from(p->config_text), p->top, p->docker, ret, err) < 0 ? -err->kind : 1;
	return 0;
}

void pushed_free(struct host *h)
{
	while (h->pushed) {
		struct pushed *p = h->pushed;

		h->pushed = p->next;
		free(p->name);
		free(p->config_text);
		free(p);
	}
}

/* Unlike those of a pull these lines come whole, and all at the end. */
static void reply_pushed(struct call *c, const struct image *i)
{
	CLEANUP(strv_done) struct strv lines = { 0 };

	image_copying_lines(i, &lines);
	strv_addf(&lines, "Copying config sha256:%s\n", i->id);
	strv_add(&lines, "Writing manifest to image destination\n");
	strv_add(&lines, "Storing signatures\n");
	more_end(c, c->more ? &lines : &(struct strv){ 0 }, i->id);
}

/* Pushing asks for the first layer before anything else. */
static void refuse(struct call *c, const struct image *i, const char *to, struct str registry)
{
	const struct layer *l = i->top;
	const char *ping = c->host->version == V162 ? "pinging docker registry returned" : "error pinging docker registry";
	const char *digest;
	struct str name, port = { 0 };
	bool local;

	str_cut(registry, ':', &name, &port);
	local = str_eq_z(name, "localhost");
	while (l && l->parent)
		l = l->parent;
	digest = l ? l->digest : i->id;
	if (str_eq_z(registry, CLOSED_REGISTRY) || str_eq_z(registry, "docker.io") || str_eq_z(registry, "quay.io")) {
		reply_error_occurred(
			c,
			"Error copying image to the remote destination: Error trying to reuse blob sha256:%s at destination: "
			"Error checking whether a blob sha256:%s exists in %.*s: unauthorized: authentication required",
			digest, digest, (int)strcspn(to + registry.n, ":") + (int)registry.n, to);
		return;
	}
	reply_error_occurred(
		c,
		"Error copying image to the remote destination: Error trying to reuse blob sha256:%s at destination: %s%s%.*s: "
		"Get \"https://%.*s/v2/\": dial tcp%s%.*s: %s",
		digest, ping, c->host->version == V162 ? "" : " ", c->host->version == V162 ? 0 : (int)registry.n, registry.p,
		STR_ARG(registry), local ? " 127.0.0.1:" : ": lookup ",
		STR_ARG(local && port.n ? port
			: local         ? STR("443")
					: registry),
		local ? "connect: connection refused" : "no such host");
}

static bool format_known(const char *format)
{
	static const char *const formats[] = { "", "oci", "v2s1", "v2s2", "docker" };

	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(format, formats[i]) == 0)
			return true;
	return false;
}

void podman_push_image(struct call *c)
{
	struct image *i = image_named(c, "name");
	const char *to = *call_str(c, "tag") ? call_str(c, "tag") : call_str(c, "name");
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) char *full = NULL;
	struct str registry;

	if (!i)
		return;
	if (!format_known(call_str(c, "format"))) {
		reply_error_occurred(c, "unknown format \"%s\". Choose on of the supported formats: 'oci', 'v2s1', or 'v2s2'",
				     call_str(c, "format"));
		return;
	}
	if (strncmp(to, "docker://", 9) == 0)
		to += 9;
	if (image_full_name(to, &full, &err) < 0) {
		reply_error_occurred(c, "%s", err.text);
		return;
	}
	more_spin(c, i->id);
	str_cut(str_from(full), '/', &registry, NULL);
	if (!str_eq_z(registry, OPEN_REGISTRY)) {
		refuse(c, i, full, registry);
		return;
	}
	remember(c->host, i, full);
	event_add(c->host, "image", "push", i->id, full, "");
	reply_pushed(c, i);
}

/* manifest.json of a docker-archive, and a configuration from which the members for old readers are made. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "image/docker_archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static int member(void *ctx, const char *name, const char *link, struct str content, struct error *err)
{
	size_t *count = ctx;

	(void)err;
	check(strlen(name) > 65 && name[64] == '/' && (!link || strncmp(link, "../", 3) == 0));
	/* For Go's readers: no bare angle brackets. */
	for (size_t i = 0; i < content.n; i++)
		check(!content.p[i] || !strchr("<>&", content.p[i]));
	(*count)++;
	return 0;
}

static void make_legacy(struct str config)
{
	CLEANUP(strv_done) struct strv layers = { 0 };
	size_t count = 0;
	char top[65];

	strv_add(&layers, "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	strv_add(&layers, "sha256:1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	if (docker_archive_legacy(config, &layers, member, &count, top, NULL) == 0)
		check(count == 6 && strlen(top) == 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = { (const char *)data, n };
	CLEANUP(js_put_p) struct json_object *all = NULL;
	CLEANUP(error_done) struct error err = ERROR_INIT;
	struct docker_archive_name wanted[] = { { .index = -1 }, { .index = 1 }, { .index = -1, .reference = (char[]){ "docker.io/library/busybox:latest" } } };

	make_legacy(text);
	if (docker_archive_read(text, &all, &err) < 0) {
		check(err.kind == ERR_PROTOCOL);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		struct json_object *image = NULL;

		if (docker_archive_choose(all, &wanted[i], &image, NULL) == 0)
			check(*js_get_str(image, "Config", "") != '\0');
	}
	return 0;
}

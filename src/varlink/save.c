/* varlink/save.c: save. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "varlink/file.h"
#include "varlink/merge.h"

/* The service puts all names on the first image, whatever else they name. So each image is saved with its own names. */
struct saved_image {
	char *id;
	struct strv names;
};

struct saving {
	struct host *host;
	struct saved_image *v;
	size_t n;
	const char *format;
	bool compress;
};

static void saving_free(void *ctx)
{
	struct saving *s = ctx;

	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].id);
		strv_done(&s->v[i].names);
	}
	free(s->v);
	free(s);
}

static void saving_free_p(struct saving **s)
{
	saving_free(*s);
}

static int save_nth(void *ctx, size_t i, struct download **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL, *in = json_object_new_object();
	const struct saving *s = ctx;
	const struct strv *names = &s->v[i].names;
	struct json_object *options = host_name(names->n ? names->v[0] : s->v[i].id);
	int r;

	js_set_str(options, "format", s->format);
	js_set_str(options, "output", "");
	js_set_str(options, "outputType", "");
	js_set(options, "moreTags", js_strv(names->v + 1, names->n ? names->n - 1 : 0));
	js_set_bool(options, "quiet", true);
	js_set_bool(options, "compress", s->compress);
	js_set(in, "options", options);
	/* One reply instead of "more", for which the service sends thousands. */
	r = host_call(s->host, "ImageSave", ptr_take(&in), 0, &reply, err);
	return r < 0 ? r : file_receive(s->host, js_get_str(js_get(reply, "reply"), "id", ""), ret, err);
}

/* An ID as name would become a tag. */
static bool is_id_of(const char *name, const char *id)
{
	return strncmp(id, name, strlen(name)) == 0;
}

static int add_name(struct saving *s, const char *name, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *image = NULL;
	struct saved_image *at = NULL;
	const char *id;
	int r = host_ask_text(s->host, "InspectImage", name, "image", &image, err);

	if (r < 0)
		return r;
	id = js_get_str(image, "Id", name);
	for (size_t i = 0; i < s->n && !at; i++)
		if (strcmp(s->v[i].id, id) == 0)
			at = &s->v[i];
	if (!at) {
		at = &s->v[s->n++];
		at->id = z_dup(id);
	}
	if (!at->id || (!is_id_of(name, id) && !strv_add(&at->names, name)))
		return error_set(err, ERR_SYSTEM, "out of memory");
	return 0;
}

/* Of docker-dir the service sends its folder as a tar, and leaves the folder itself in its temporary folder: no call removes one.
 * oci-dir of 1.x is no OCI layout but a directory of another kind; the content of its oci-archive is one. */
static const char *saved_format(const char *format)
{
	return strcmp(format, "oci-dir") == 0 ? "oci-archive" : format;
}

int host_image_save(struct engine *e, const struct save_req *q, struct download **ret, struct error *err)
{
	CLEANUP(saving_free_p) struct saving *s = calloc(1, sizeof *s);
	size_t n;
	int r = 0;

	if (q->uncompressed_layers)
		return engine_unsupported(e, err, "save --uncompressed");
	if (!s || !(s->v = calloc(q->names->n, sizeof *s->v)))
		return error_set(err, ERR_SYSTEM, "out of memory");
	s->host = host_of(e);
	s->format = saved_format(q->format);
	s->compress = q->compress;
	for (size_t i = 0; r == 0 && i < q->names->n; i++)
		r = add_name(s, q->names->v[i], err);
	if (r < 0)
		return r;
	if (s->n == 1)
		return save_nth(s, 0, ret, err);
	if (strcmp(q->format, "docker-archive") != 0)
		return engine_unsupported(e, err, "saving several images as %s", q->format);
	/* The request's text does not outlive the call. */
	s->format = "docker-archive";
	n = s->n;
	return merge_open(n, save_nth, ptr_take(&s), saving_free, ret, err);
}

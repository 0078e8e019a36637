/* varlink/archive.c: images and containers as archives: load, import, export. The service makes and reads them in its temporary
 * folder; nothing stays there. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "varlink/changes.h"
#include "varlink/file.h"

/* ---- from the host --------------------------------------------------------------------------------------------------- */

/* Two blocks of zeros: a tar archive of nothing. */
#define EMPTY_TAR 1024

static int export(struct host *h, const char *name, struct download **ret, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *in = host_name(name);
	int r;

	/* Empty: a file that the service names. */
	js_set_str(in, "path", "");
	r = host_call(h, "ExportContainer", in, 0, &reply, err);
	return r < 0 ? r : file_receive(h, js_get_str(reply, "tarfile", ""), ret, err);
}

/* A service that has started a container goes on believing that its files are mounted when it has ended, and exports an empty folder
 * (1.6.2 to 1.9.3). Told to unmount them, it mounts them the next time. */
int host_container_export(struct engine *e, const char *name, struct download **ret, struct error *err)
{
	CLEANUP(download_close_p) struct download *d = NULL;
	struct host *h = host_of(e);
	struct json_object *in;
	int r = export(h, name, &d, err);

	if (r == 0 && file_length(d) <= EMPTY_TAR) {
		in = host_name(name);
		js_set_bool(in, "force", true);
		host_call(h, "UnmountContainer", in, engine_reply_ms(), NULL, NULL);
		download_close_p(&d);
		d = NULL;
		r = export(h, name, &d, err);
	}
	if (r == 0)
		*ret = ptr_take(&d);
	return r;
}

/* ---- to the host ----------------------------------------------------------------------------------------------------- */

static int add_names(struct str list, struct strv *ret, struct error *err)
{
	struct str one, rest = list;

	while (rest.n) {
		if (!str_cut(rest, ',', &one, &rest))
			rest = (struct str){ 0 };
		one = str_trim(one);
		/* An image without a name comes as "@ID". */
		if (one.n && one.p[0] == '@')
			one = (struct str){ one.p + 1, one.n - 1 };
		if (one.n && !strv_add_str(ret, one))
			return error_set(err, ERR_SYSTEM, "out of memory");
	}
	return ret->n ? 0 : error_set(err, ERR_PROTOCOL, "the service answered to load without a name");
}

/* The service tries one kind of archive after the other and tells how the last one failed, which says nothing. */
static int load_failed(const struct engine *e, int r, struct error *err)
{
	if (r == -ERR_REMOTE && err && strstr(err->text, "unable to pull dir:"))
		return error_set(err, ERR_REMOTE,
				 "this is no archive of one image that Podman %s can load (docker-archive or oci-archive)",
				 e->version);
	return r;
}

int host_image_load(struct engine *e, const struct byte_producer *archive, struct strv *ret_names, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL;
	struct json_object *in = host_name("");
	int r;

	/* The service takes each of the two for the other: both, and the archive is removed. */
	js_set_bool(in, "quiet", true);
	js_set_bool(in, "deleteFile", true);
	r = file_send_and_call(host_of(e), archive, "LoadImage", in, "inputFile", &reply, err);
	return r < 0 ? load_failed(e, r, err) : add_names(js_text(js_get(js_get(reply, "reply"), "id")), ret_names, err);
}

static int check_import(const struct engine *e, const struct import_req *q, struct error *err)
{
	if (!q->archive)
		return engine_unsupported(e, err, "import from a URL");
	if (q->os || q->arch || q->variant)
		return engine_unsupported(e, err, "import --%s", q->os ? "os" : q->arch ? "arch" : "variant");
	return 0;
}

int host_image_import(struct engine *e, const struct import_req *q, char **ret_id, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *reply = NULL, *changes = NULL;
	struct json_object *in;
	int r = check_import(e, q, err);

	if (r == 0)
		r = changes_list(e, q->changes, &changes, err);
	if (r < 0)
		return r;
	in = json_object_new_object();
	js_set_str(in, "reference", q->reference ? q->reference : "");
	js_set_str(in, "message", q->message ? q->message : "");
	js_set(in, "changes", ptr_take(&changes));
	js_set_bool(in, "delete", true);
	r = file_send_and_call(host_of(e), q->archive, "ImportImage", in, "source", &reply, err);
	if (r < 0)
		return r;
	*ret_id = str_dup(js_text(js_get(reply, "image")));
	return *ret_id ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

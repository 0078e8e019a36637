/* image/copy.c: one image from one store to another, in containers/image's order: policy, signatures, blobs, configuration, manifest, signatures. */
#include "image/copy.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "image/copy_own.h"

int copy_no_memory(struct error *err)
{
	return error_set(err, ERR_SYSTEM, "copy: out of memory");
}

/* ---- for people -------------------------------------------------------------------------------------------------------- */

void copy_tell(struct copy *c, const struct copy_event *e)
{
	if (!c->q->event)
		return;
	pthread_mutex_lock(&c->events);
	c->q->event(c->q->ctx, e);
	pthread_mutex_unlock(&c->events);
}

void copy_line(struct copy *c, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT(1024);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&line, fmt, ap);
	va_end(ap);
	copy_tell(c, &(struct copy_event){ .state = COPY_LINE, .text = buf_z(&line) });
}

int copy_go_on(struct copy *c, struct error *err)
{
	bool stopped;

	pthread_mutex_lock(&c->lock);
	stopped = c->stopped;
	pthread_mutex_unlock(&c->lock);
	if (stopped || (c->q->interrupted && c->q->interrupted(c->q->ctx)))
		return error_set(err, ERR_INTERRUPTED, "interrupted");
	return 0;
}

/* ---- configuration and manifest ---------------------------------------------------------------------------------------- */

static int write_empty_layer(struct copy *c, struct error *err)
{
	struct str bytes = { (const char *)copy_empty_layer, sizeof copy_empty_layer };
	struct store_blob b = { .digest = COPY_EMPTY_LAYER, .type = "application/vnd.docker.image.rootfs.diff.tar.gzip", .size = (int64_t)bytes.n };

	return copy_bytes(c, &b, bytes, NULL, err);
}

/* sent: it went with the layers. */
static int write_config(struct copy *c, const struct copy_image *from, const struct copy_converted *made, bool sent, struct error *err)
{
	struct copy_event e = { .state = COPY_BLOB_STARTED, .kind = "config", .digest = made->config_digest, .total = (int64_t)made->config.n };
	int r = 0;

	copy_tell(c, &e);
	if (!sent)
		r = copy_config(c, from, made->kind, made->config_digest, buf_str(&made->config), err);
	e.state = COPY_BLOB_DONE;
	e.moved = e.total;
	if (r == 0)
		copy_tell(c, &e);
	return r;
}

struct attempt {
	struct copy *c;
	const struct copy_one *q;
	struct copy_image *image;
	bool config_sent; /* that of the first format */
};

static int give_back(struct copy_converted *made, const char *instance, struct registry_manifest *ret, struct error *err)
{
	registry_manifest_done(ret);
	return registry_manifest_of(&made->manifest, manifest_type(made->kind), instance, ret, err);
}

/* In one format. */
static int write_as(const struct attempt *a, enum manifest_kind kind, struct registry_manifest *ret, struct error *err)
{
	CLEANUP(copy_converted_done) struct copy_converted made = { 0 };
	struct image_destination *to = a->c->q->to;
	struct str bytes;
	int r = copy_convert(a->image, kind, to->reference, &made, err);

	if (r == 0 && made.needs_empty_layer)
		r = write_empty_layer(a->c, err);
	if (r == 0 && made.config_digest[0])
		r = write_config(a->c, a->image, &made, a->config_sent, err);
	if (r < 0)
		return r;
	copy_line(a->c, "Writing manifest to image destination");
	r = give_back(&made, NULL, ret, err);
	if (r < 0)
		return r;
	bytes = buf_str(&ret->bytes);
	r = to->ops->manifest(to, a->q->child ? ret->digest : NULL, manifest_type(kind), bytes, err);
	return r < 0 ? error_context(err, "writing manifest") : 0;
}

/* The next format when one is not taken. */
static int write_manifest(struct attempt *a, const struct copy_plan *plan, struct registry_manifest *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf tried = BUF_INIT(16 * 1024);

	for (size_t i = 0; i < plan->n; i++) {
		CLEANUP(error_done) struct error why = ERROR_INIT;
		int r = write_as(a, plan->v[i], ret, &why);

		if (r == 0)
			return 0;
		if (r != -ERR_UNSUPPORTED || plan->n == 1)
			return error_move(err, &why);
		buf_addf(&tried, "%s%s(%s)", i ? ", " : "", manifest_type(plan->v[i]), why.text ? why.text : "");
		a->config_sent = false;
	}
	return error_set(err, ERR_UNSUPPORTED, "Uploading manifest failed, attempted the following formats: %s", buf_z(&tried));
}

/* ---- one image --------------------------------------------------------------------------------------------------------- */

static int write_image(struct copy *c, const struct copy_one *q, struct copy_image *image, const char *fixed, struct registry_manifest *ret, struct error *err)
{
	struct attempt a = { .c = c, .q = q, .image = image };
	struct copy_plan plan;
	struct copy_blobs_req blobs = { .image = image, .fixed = fixed || copy_image_is_artifact(image), .ret_config_sent = &a.config_sent };
	int r = copy_plan(image->kind, c->q->to->types, c->q->format, fixed, &plan, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < plan.n; i++)
		blobs.want_content |= copy_image_needs_content(image, plan.v[i]);
	blobs.first = plan.v[0];
	r = copy_blobs(c, &blobs, err);
	return r < 0 ? r : write_manifest(&a, &plan, ret, err);
}

static int check_policy(struct copy *c, const char *instance, const struct registry_manifest *raw, struct error *err)
{
	return c->q->policy ? policy_check(c->q->policy, c->q->from, instance, raw, err) : 0;
}

int copy_one(struct copy *c, const struct copy_one *q, struct registry_manifest *raw, struct registry_manifest *ret_manifest, struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest mine = *raw;
	CLEANUP(copy_image_done) struct copy_image image = { 0 };
	CLEANUP(strv_done) struct strv signatures = { 0 };
	const char *fixed = q->fixed;
	int r;

	*raw = (struct registry_manifest){ 0 };
	r = check_policy(c, q->instance, &mine, err);
	if (r == 0)
		r = copy_image_read(&mine, &image, err);
	if (r == 0)
		r = copy_signatures_read(c, q->instance, "image", &signatures, err);
	if (r < 0)
		return r;
	if (!fixed)
		fixed = copy_fixed(c, &signatures);
	r = write_image(c, q, &image, fixed, ret_manifest, err);
	if (r < 0)
		return r;
	return copy_signatures_write(c, q->child ? ret_manifest->digest : NULL, "image", ret_manifest, &signatures, err);
}

/* ---- what the name leads to -------------------------------------------------------------------------------------------- */

static int choose(struct copy *c, const struct registry_manifest *list, struct registry_manifest *ret, char ret_instance[DIGEST_MAX], struct error *err)
{
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	const struct copy_req *q = c->q;
	struct manifest_blob entry;
	enum manifest_kind kind;
	int r = manifest_read(buf_str(&list->bytes), list->type, &doc, &kind, err);

	if (r == 0)
		r = manifest_choose(doc, q->os, q->arch, q->variant, &entry, err);
	if (r < 0)
		return error_context(err, "choosing an image from manifest list %s", q->from->name);
	if (strlen(entry.digest) >= DIGEST_MAX)
		return error_set(err, ERR_PROTOCOL, "manifest: \"%.200s\" is no digest", entry.digest);
	memcpy(ret_instance, entry.digest, strlen(entry.digest) + 1);
	return q->from->ops->manifest(q->from, ret_instance, ret, err);
}

static int copy_chosen(struct copy *c, struct registry_manifest *list, struct registry_manifest *ret_manifest, struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest raw = { 0 };
	char instance[DIGEST_MAX];
	int r = choose(c, list, &raw, instance, err);

	return r < 0 ? r : copy_one(c, &(struct copy_one){ .instance = instance }, &raw, ret_manifest, err);
}

static int copy_named(struct copy *c, struct registry_manifest *ret_manifest, struct error *err)
{
	CLEANUP(registry_manifest_done) struct registry_manifest raw = { 0 };
	CLEANUP(js_put_p) struct json_object *doc = NULL;
	const struct copy_req *q = c->q;
	enum manifest_kind kind;
	int r = q->from->ops->manifest(q->from, NULL, &raw, err);

	if (r == 0)
		r = manifest_read(buf_str(&raw.bytes), raw.type, &doc, &kind, err);
	if (r < 0)
		return r;
	if (!manifest_is_list(kind))
		return copy_one(c, &(struct copy_one){ 0 }, &raw, ret_manifest, err);
	if (q->lists == COPY_SYSTEM)
		return copy_chosen(c, &raw, ret_manifest, err);
	return copy_list(c, &raw, ret_manifest, err);
}

static void set_place(struct copy *c)
{
	if (c->q->to->repository && reference_parse(c->q->to->repository, &c->place, NULL) < 0)
		c->place = (struct reference){ 0 };
}

int image_copy(const struct copy_req *q, struct registry_manifest *ret_manifest, struct error *err)
{
	struct copy c = { .q = q, .events = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER };
	CLEANUP(registry_manifest_done) struct registry_manifest written = { 0 };
	int r;

	set_place(&c);
	r = copy_named(&c, &written, err);
	if (r == 0)
		r = q->to->ops->commit(q->to, err);
	if (r == 0 && c.cache)
		blobs_save(c.cache);
	blobs_close_p(&c.cache);
	reference_done(&c.place);
	pthread_mutex_destroy(&c.events);
	pthread_mutex_destroy(&c.lock);
	if (r == 0 && ret_manifest) {
		*ret_manifest = written;
		written = (struct registry_manifest){ 0 };
	}
	return r;
}

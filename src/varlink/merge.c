#include "varlink/merge.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "varlink/repack.h"
#include "varlink/stepped.h"

/* Of the lists of one archive. */
#define LIST_MAX (4 * 1024 * 1024)

struct merge {
	struct stepped stepped; /* first: merge_of casts */
	size_t i, n;
	merge_open_fn *open_nth;
	void *ctx;
	void (*ctx_free)(void *);
	struct download *from; /* archive i; NULL: to be opened */
	struct tar_reader *reader;
	struct tar_writer *writer;
	bool inside;       /* the data of an entry that goes in */
	struct strv names; /* of the entries that went in */
	struct json_object *manifest, *repositories;
};

static struct merge *merge_of(struct stepped *s)
{
	return (struct merge *)s;
}

void merge_manifest(struct json_object *sum, struct json_object *one)
{
	for (size_t i = 0; i < js_len(one); i++)
		json_object_array_add(sum, json_object_get(js_at(one, i)));
}

void merge_repositories(struct json_object *sum, struct json_object *one)
{
	if (!json_object_is_type(one, json_type_object))
		return;
	json_object_object_foreach(one, repository, tags)
	{
		struct json_object *to = js_get(sum, repository);

		if (!to) {
			js_set(sum, repository, json_object_get(tags));
		} else if (json_object_is_type(to, json_type_object) && json_object_is_type(tags, json_type_object)) {
			json_object_object_foreach(tags, tag, id) js_set(to, tag, json_object_get(id));
		}
	}
}

static int read_list(struct merge *m, const char *name, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(LIST_MAX);
	char piece[16 * 1024];
	ssize_t n;

	while ((n = tar_read_data(m->reader, piece, sizeof piece, err)) > 0)
		buf_add_bytes(&text, piece, (size_t)n);
	if (n < 0 || buf_check(&text, name, err) < 0)
		return n < 0 ? (int)n : -ERR_SYSTEM;
	return js_parse(buf_str(&text), name, ret, err);
}

static int put_entry(struct merge *m, const struct tar_entry *e, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *list = NULL;
	struct str name = repack_clean(e->name);
	CLEANUP(free_p) char *z = str_dup(name);
	bool is_manifest = str_eq(name, STR("manifest.json"));
	int r;

	m->inside = false;
	if (is_manifest || str_eq(name, STR("repositories"))) {
		r = read_list(m, e->name, &list, err);
		if (r == 0)
			(is_manifest ? merge_manifest : merge_repositories)(is_manifest ? m->manifest : m->repositories, list);
		return r;
	}
	/* Layers and configurations are named by their content. */
	if (!z || strv_has(&m->names, z))
		return z ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
	if (!strv_take(&m->names, ptr_take(&z)))
		return error_set(err, ERR_SYSTEM, "out of memory");
	m->inside = e->type == TAR_FILE;
	return tar_write_entry(m->writer, e, err);
}

static int put_list(struct merge *m, const char *name, struct json_object *list, struct error *err)
{
	const char *text = js_wire(list);
	struct tar_entry e = { .name = name, .type = TAR_FILE, .mode = 0444, .size = (int64_t)strlen(text) };
	int r = tar_write_entry(m->writer, &e, err);

	return r < 0 ? r : tar_write_data(m->writer, text, strlen(text), err);
}

static int finish(struct merge *m, struct error *err)
{
	int r = put_list(m, "repositories", m->repositories, err);

	if (r == 0)
		r = put_list(m, "manifest.json", m->manifest, err);
	m->stepped.over = true;
	return r < 0 ? r : tar_writer_end(m->writer, err);
}

static int open_next(struct merge *m, struct error *err)
{
	struct byte_sink sink = bytes_to_buf(&m->stepped.out);
	struct byte_source source;
	int r = m->writer ? 0 : tar_writer_open(&sink, &m->writer, err);

	if (r == 0)
		r = m->open_nth(m->ctx, m->i, &m->from, err);
	if (r < 0)
		return r;
	source = download_source(m->from);
	return tar_reader_open(&source, &m->reader, err);
}

static void close_one(struct merge *m)
{
	tar_reader_close_p(&m->reader);
	download_close_p(&m->from);
	m->from = NULL;
}

static int merge_step(struct stepped *s, struct error *err)
{
	struct merge *m = merge_of(s);
	struct tar_entry entry;
	int r;

	if (!m->from)
		return m->i == m->n ? finish(m, err) : open_next(m, err);
	if (m->inside && (r = stepped_data(m->reader, m->writer, err)) != 0)
		return r;
	m->inside = false;
	r = tar_read_entry(m->reader, &entry, err);
	if (r != 0)
		return r < 0 ? r : put_entry(m, &entry, err);
	close_one(m);
	m->i++;
	return 0;
}

static void merge_free(struct stepped *s)
{
	struct merge *m = merge_of(s);

	close_one(m);
	tar_writer_close_p(&m->writer);
	m->ctx_free(m->ctx);
	strv_done(&m->names);
	json_object_put(m->manifest);
	json_object_put(m->repositories);
	free(m);
}

int merge_open(size_t n, merge_open_fn *open_nth, void *ctx, void (*ctx_free)(void *), struct download **ret, struct error *err)
{
	struct merge *m = calloc(1, sizeof *m);

	if (!m) {
		ctx_free(ctx);
		return error_set(err, ERR_SYSTEM, "out of memory");
	}
	*m = (struct merge){ .n = n,
			     .open_nth = open_nth,
			     .ctx = ctx,
			     .ctx_free = ctx_free,
			     .manifest = json_object_new_array(),
			     .repositories = json_object_new_object() };
	stepped_init(&m->stepped, merge_step, merge_free);
	*ret = &m->stepped.download;
	return 0;
}

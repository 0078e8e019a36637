/* cmd/podman/search.c */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/js.h"
#include "cmd/podman/commands.h"
#include "cmd/podman/search.h"
#include "cmd/podman/through.h"
#include "cmd/session.h"
#include "output/json.h"
#include "output/list.h"

#define DESCRIPTION_SHOWN 44
#define OUTPUT_MAX (64 * 1024 * 1024)
#define INDENT 4

struct search_args {
	bool compatible, list_tags, no_trunc;
	int64_t limit;
	const char *format;
	struct strv filters;
	struct creds_args creds;
};

static const struct opt search_opts[] = {
	OPT_BOOL(0, "compatible", struct search_args, compatible, "List stars, official and automated columns, as docker does"),
	OPT_STRV('f', "filter", struct search_args, filters, "stringArray", "Show what matches these conditions: stars=N, is-official, is-automated"),
	OPT_STR(0, "format", struct search_args, format, "string", "Print as JSON or with a Go template"),
	OPT_INT(0, "limit", struct search_args, limit, "int", "How many results"),
	OPT_BOOL(0, "list-tags", struct search_args, list_tags, "List the tags of a repository"),
	OPT_BOOL(0, "no-trunc", struct search_args, no_trunc, "Show the whole of descriptions"),
	OPT_INCLUDE(creds_opts, struct search_args, creds),
	OPT_END
};

static const struct list_field search_fields[] = {
	{ "Automated", NULL }, { "Description", NULL }, { "Index", NULL }, { "Name", NULL }, { "Official", NULL }, { "Stars", NULL },
	{ "Tag", NULL }, { NULL, NULL }
};

/* One line, and as long as podman shows it. */
static void put_description(struct json_object *row, const char *text, bool whole)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(OUTPUT_MAX);
	struct str s = str_from(text);

	if (!whole && s.n > DESCRIPTION_SHOWN) {
		s = str_trim((struct str){ s.p, DESCRIPTION_SHOWN });
		buf_addf(&b, "%.*s...", STR_ARG(s));
	} else {
		buf_add(&b, s);
	}
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] == '\n')
			b.p[i] = ' ';
	js_set(row, "Description", js_strn(buf_str(&b)));
}

static struct json_object *search_row(struct json_object *found, bool whole)
{
	struct json_object *row = json_object_new_object();

	js_set_str(row, "Index", js_get_str(found, "Index", ""));
	js_set_str(row, "Name", js_get_str(found, "Name", ""));
	put_description(row, js_get_str(found, "Description", ""), whole);
	js_set_int(row, "Stars", js_get_int(found, "Stars", 0));
	js_set_str(row, "Official", js_get_str(found, "Official", ""));
	js_set_str(row, "Automated", js_get_str(found, "Automated", ""));
	js_set_str(row, "Tag", js_get_str(found, "Tag", ""));
	return row;
}

/* [{Name, Tags[]}], in the order in which the names come. */
static struct json_object *by_name(struct json_object *results)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = 0; i < js_len(results); i++) {
		const char *name = js_get_str(js_at(results, i), "Name", ""), *tag = js_get_str(js_at(results, i), "Tag", "");
		struct json_object *last = js_at(all, js_len(all) - 1);

		if (js_len(all) == 0 || strcmp(js_get_str(last, "Name", ""), name) != 0) {
			last = json_object_new_object();
			js_set_str(last, "Name", name);
			js_set(last, "Tags", json_object_new_array());
			json_object_array_add(all, last);
		}
		json_object_array_add(js_get(last, "Tags"), js_str(tag));
	}
	return all;
}

static int print_tags_json(struct session *s, struct json_object *results, struct error *err)
{
	CLEANUP(js_put_p) struct json_object *all = by_name(results);
	CLEANUP(buf_done) struct buf out = BUF_INIT(OUTPUT_MAX);

	json_format(all, INDENT, 0, true, &out);
	fprintf(session_out(s), "%s\n", buf_z(&out));
	return buf_check(&out, "list of tags", err);
}

static int print_results(struct session *s, const struct search_args *a, struct json_object *results, struct list *out, struct error *err)
{
	bool json = list_mode(out) == LIST_JSON;

	/* Podman prints not even a heading then. */
	if (js_len(results) == 0)
		return 0;
	if (json && a->list_tags)
		return print_tags_json(s, results, err);
	for (size_t i = 0; i < js_len(results); i++) {
		CLEANUP(js_put_p) struct json_object *row = search_row(js_at(results, i), a->no_trunc || json);
		int r = list_row(out, row, err);

		if (r < 0)
			return r;
	}
	return list_close(out, err);
}

static const char *default_table(const struct search_args *a)
{
	if (a->list_tags)
		return "{{.Name}}\t{{.Tag}}";
	return a->compatible ? "{{.Name}}\t{{.Description}}\t{{.Stars}}\t{{.Official}}\t{{.Automated}}" : "{{.Name}}\t{{.Description}}";
}

/* Whose credentials go with the search: those of the repository whose tags are listed, or of the registry that is named; a word that
 * the host asks several registries for takes along only what was typed. *ret stays NULL for nobody's. */
static int credentials_of(const struct search_args *a, const char *term, char **ret, struct error *err)
{
	struct str host, word;
	const char *repository;
	int r;

	if (a->list_tags) {
		if ((r = through_registry_name(term, &repository, err)) < 0)
			return r;
		*ret = z_dup(repository);
	} else if (search_split_term(term, &host, &word)) {
		*ret = str_dup(host);
	} else if (a->creds.creds) {
		*ret = z_dup("docker.io");
	} else {
		return 0;
	}
	return *ret ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

/* The host's search; where its protocol has none, or no place for what the user said about the registry, this machine's own. */
static int search(struct session *s, const struct search_args *a, const char *whose, struct search_req *q, struct json_object **ret, struct error *err)
{
	CLEANUP(free_p) char *auth = NULL;
	struct engine *e;
	int r;

	if ((r = session_engine(s, &e, err)) < 0 || (whose && (r = creds_header(&a->creds, whose, &auth, err)) < 0))
		return r;
	/* No varlink host takes credentials for a search, and no host at all certificates. */
	if (a->creds.cert_dir || ((auth || q->tls_verify >= 0) && !engine_can(e, ENGINE_PUSH_AUTH)))
		return search_here(s, &a->creds, q, ret, err);
	q->auth = auth;
	r = engine_image_search(e, q, ret, err);
	q->auth = NULL;
	if (r != -ERR_UNSUPPORTED)
		return r;
	error_clear(err);
	return search_here(s, &a->creds, q, ret, err);
}

static int search_run(struct session *s, void *args, const struct strv *names, struct error *err)
{
	const struct search_args *a = args;
	struct list_spec spec = { .name = "search", .go_type = "entities.ImageSearchReport", .fields = search_fields, .table = default_table(a), .json_indent = INDENT };
	struct search_req q = { .term = names->v[0], .filters = &a->filters, .limit = a->limit, .list_tags = a->list_tags,
				.tls_verify = creds_tls_verify(&a->creds) };
	CLEANUP(js_put_p) struct json_object *results = NULL;
	CLEANUP(list_free_p) struct list *out = NULL;
	CLEANUP(free_p) char *whose = NULL;
	int r;

	if (a->list_tags && a->filters.n)
		return error_set(err, ERR_USAGE, "filters are not applicable to list tags result");
	if ((r = search_check_filters(&a->filters, err)) < 0 || (r = list_open(&out, &spec, a->format, false, session_out(s), err)) < 0 ||
	    (r = credentials_of(a, q.term, &whose, err)) < 0)
		return r;
	r = search(s, a, whose, &q, &results, err);
	if (r == 0)
		r = print_results(s, a, results, out, err);
	return r < 0 ? r : session_status(s);
}

const struct cmd cmd_search = {
	.names = (const char *const[]){ "search", "image search", NULL },
	.synopsis = "[options] TERM",
	.brief = "Search registry for image",
	.about = "Searches a registry for images through the host, or through this machine where the host can't. TERM is a word, for the registries that the host "
		 "searches, or REGISTRY/WORD.",
	.examples = "podman search --filter=is-official --limit 3 alpine\npodman search registry.fedoraproject.org/fedora\npodman search --list-tags "
		    "quay.io/podman/hello",
	.opts = search_opts,
	.args_size = sizeof(struct search_args),
	.min_names = 1,
	.max_names = 1,
	.run = search_run,
};

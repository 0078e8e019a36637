#include "cmd/podman/select.h"

#include "base/cleanup.h"
#include "base/js.h"
#include "base/path.h"

#define CIDFILE_MAX 4096

struct collect {
	struct strv *ids;
	const char *only_state;
};

static int collect_id(void *ctx, struct json_object *item, struct error *err)
{
	struct collect *c = ctx;

	if (c->only_state && strcmp(js_get_str(item, "State", ""), c->only_state) != 0)
		return 0;
	return strv_add(c->ids, js_get_str(item, "Id", "")) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int add_cidfile(const char *path, bool ignore, struct strv *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf id = BUF_INIT(CIDFILE_MAX);
	struct str line;
	int r = path_read(path, &id, err);

	if (r == -ERR_NOT_FOUND && ignore)
		return error_clear(err);
	if (r < 0)
		return error_context(err, "reading CIDFile");
	str_cut(buf_str(&id), '\n', &line, NULL);
	line = str_trim(line);
	if (line.n == 0)
		return error_set(err, ERR_USAGE, "reading CIDFile: %s holds no container ID", path);
	return strv_add_str(ret, line) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

static int check(const struct selection *sel, struct error *err)
{
	size_t named = sel->names->n + (sel->cidfiles ? sel->cidfiles->n : 0);
	bool filtered = sel->filters && sel->filters->n > 0;

	if (sel->all && sel->latest)
		return error_set(err, ERR_USAGE, "--all and --latest cannot be used together");
	if (named && (sel->all || sel->latest))
		return error_set(err, ERR_USAGE, "no arguments are needed with --%s", sel->all ? "all" : "latest");
	if (named && filtered)
		return error_set(err, ERR_USAGE, "--filter takes no arguments");
	if (!named && !sel->all && !sel->latest && !filtered)
		return error_set(err, ERR_USAGE, "you must provide at least one name or id");
	return 0;
}

int select_containers(struct engine *e, const struct selection *sel, struct strv *ret, struct error *err)
{
	struct container_list_req q = { .all = true, .latest = sel->latest, .last = sel->latest ? 1 : 0, .filters = sel->filters };
	struct collect c = { .ids = ret, .only_state = sel->only_state };
	int r = check(sel, err);

	if (r < 0)
		return r;
	if (sel->all || sel->latest || (sel->filters && sel->filters->n))
		return engine_container_list(e, &q, collect_id, &c, err);
	for (size_t i = 0; sel->cidfiles && i < sel->cidfiles->n; i++)
		if ((r = add_cidfile(sel->cidfiles->v[i], sel->ignore, ret, err)) < 0)
			return r;
	return strv_add_all(ret, sel->names) ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

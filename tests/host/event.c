#include "event.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "methods.h"
#include "words.h"

enum { EVENTS_KEPT = 10000 };

static void event_free(struct event *e)
{
	free(e->type);
	free(e->status);
	free(e->id);
	free(e->name);
	free(e->image);
	free(e);
}

void events_free(struct host *h)
{
	while (h->events) {
		struct event *e = h->events;

		h->events = e->next;
		event_free(e);
	}
}

void event_add(struct host *h, const char *type, const char *status, const char *id, const char *name, const char *image)
{
	struct event *e = calloc(1, sizeof *e), **p = &h->events;
	size_t n = 0;

	if (!e)
		return;
	*e = (struct event){ .serial = ++h->next_event,
			     .time = instant_now(),
			     .type = z_dup(type),
			     .status = z_dup(status),
			     .id = z_dup(id),
			     .name = z_dup(name),
			     .image = z_dup(image) };
	for (; *p; p = &(*p)->next)
		n++;
	*p = e;
	if (n >= EVENTS_KEPT) {
		e = h->events;
		h->events = e->next;
		event_free(e);
	}
	host_wake(h);
}

static bool filter_matches(const struct event *e, struct str key, struct str value)
{
	bool by_name = str_eq_z(value, e->name) || str_starts(str_from(e->id), value);

	if (str_eq_z(key, "event"))
		return str_eq_z(value, e->status);
	if (str_eq_z(key, "type"))
		return str_eq_z(value, e->type);
	if (str_eq_z(key, "image"))
		return str_starts(str_from(e->image), value) || (strcmp(e->type, "image") == 0 && by_name);
	/* container, pod, volume */
	return str_eq_z(key, e->type) && by_name;
}

static bool event_wanted(const struct event *e, struct json_object *filters)
{
	for (size_t i = 0; i < js_len(filters); i++) {
		struct str key, value;

		str_cut(js_text(js_at(filters, i)), '=', &key, &value);
		if (!filter_matches(e, key, value))
			return false;
	}
	return true;
}

static bool filters_valid(struct json_object *filters)
{
	static const char *const keys[] = { "container", "event", "image", "pod", "volume", "type" };

	for (size_t i = 0; i < js_len(filters); i++) {
		struct str key, value;
		bool known = false;

		if (!str_cut(js_text(js_at(filters, i)), '=', &key, &value))
			return false;
		for (size_t k = 0; k < ARRAY_LEN(keys); k++)
			known = known || str_eq_z(key, keys[k]);
		if (!known)
			return false;
	}
	return true;
}

static struct json_object *event_entry(const struct event *e)
{
	struct json_object *o = json_object_new_object(), *outer = json_object_new_object();
	bool volume = strcmp(e->type, "volume") == 0;

	js_set_str(o, "id", volume ? "" : e->id);
	js_set_str(o, "image", e->image);
	js_set_str(o, "name", e->name);
	js_set_str(o, "status", e->status);
	js_set(o, "time", words_time(e->time));
	js_set_str(o, "type", e->type);
	js_set(outer, "events", o);
	return outer;
}

struct event_reader {
	uint64_t after; /* the last event that was looked at */
};

/* With "more" it never ends, whatever "until" says; without, the first event is all. */
static void resume_events(struct call *c)
{
	struct event_reader *r = c->state;

	for (const struct event *e = c->host->events; e && !connection_full(c->conn); e = e->next) {
		if (e->serial <= r->after)
			continue;
		r->after = e->serial;
		if (!event_wanted(e, js_get(c->params, "filter")))
			continue;
		if (!c->more) {
			reply(c, event_entry(e));
			return;
		}
		reply_continues(c, event_entry(e));
	}
}

static void resume_never(struct call *c)
{
	(void)c;
}

/* since and until do no filtering: either of them only means "from the start". A bad filter is never answered. */
void podman_get_events(struct call *c)
{
	struct event_reader *r = calloc(1, sizeof *r);
	bool from_start = *call_str(c, "since") || *call_str(c, "until") || !c->more;

	if (!r) {
		call_hang_up(c);
		return;
	}
	r->after = from_start ? 0 : c->host->next_event;
	call_wait(c, filters_valid(js_get(c->params, "filter")) ? resume_events : resume_never, r, free);
	c->resume(c);
}

#include "image/tar_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/units.h"
#include "image/store_own.h"

#define BLOCK      512
#define LINKS_MAX  16                /* on the way to a file */
#define PAX_MAX    (1024 * 1024)     /* bytes of an extended header */
#define NUMBER_MAX (INT64_C(1) << 60) /* sums of offsets stay far from overflowing */

/* POSIX.1-1988 ustar; the fields that count here. */
enum { AT_NAME = 0, AT_SIZE = 124, AT_SUM = 148, AT_TYPE = 156, AT_LINK = 157, AT_MAGIC = 257, AT_PREFIX = 345 };

struct member {
	char *name, *link; /* clean; link: NULL for anything but links */
	int64_t offset, size;
	size_t order;
	char type;
};

struct tar_index {
	struct member *v;
	size_t n, cap, text;
};

/* What headers before a member say about it. */
struct overrides {
	struct buf name, link;
	bool has_name, has_link, sparse;
	int64_t size; /* -1: not said */
};

struct scan {
	const struct tar_input *in;
	struct tar_index *to;
	int64_t at;
	struct overrides next;
};

static int broken(const struct scan *s, const char *what, struct error *err)
{
	return error_set(err, ERR_PROTOCOL, "%s: the archive is broken at byte %lld: %s", s->in->name, (long long)s->at, what);
}

/* ---- fields ------------------------------------------------------------------------------------------------------------ */

static struct str text_at(const char *block, size_t at, size_t n)
{
	return (struct str){ block + at, strnlen(block + at, n) };
}

/* GNU's form of what octal digits can't hold: a set bit, then the number itself. */
static bool binary_number(const unsigned char *p, size_t n, int64_t *ret)
{
	int64_t v = p[0] & 0x3f;

	if (p[0] & 0x40)
		return false;
	for (size_t i = 1; i < n; i++) {
		if (v >= NUMBER_MAX >> 8)
			return false;
		v = v << 8 | p[i];
	}
	*ret = v;
	return true;
}

static bool number_at(const char *block, size_t at, size_t n, int64_t *ret)
{
	size_t i = at, end = at + n;
	int64_t v = 0;

	if ((unsigned char)block[at] & 0x80)
		return binary_number((const unsigned char *)block + at, n, ret);
	while (i < end && block[i] == ' ')
		i++;
	for (; i < end && block[i] >= '0' && block[i] <= '7'; i++) {
		if (v >= NUMBER_MAX >> 3)
			return false;
		v = v << 3 | (block[i] - '0');
	}
	*ret = v;
	return i == end || block[i] == ' ' || block[i] == '\0';
}

/* Old programs added the bytes up as signed ones. */
static bool sum_is_right(const char *block)
{
	int64_t wanted, sum = 0, signed_sum = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		bool of_sum = i >= AT_SUM && i < AT_SUM + 8;

		sum += of_sum ? ' ' : (unsigned char)block[i];
		signed_sum += of_sum ? ' ' : (signed char)block[i];
	}
	return number_at(block, AT_SUM, 8, &wanted) && (wanted == sum || wanted == signed_sum);
}

static bool is_zero(const char *block)
{
	for (size_t i = 0; i < BLOCK; i++)
		if (block[i])
			return false;
	return true;
}

/* ---- names ------------------------------------------------------------------------------------------------------------- */

static void add_component(struct buf *out, struct str part, bool *outside)
{
	char *slash;

	if (!part.n || str_eq_z(part, "."))
		return;
	if (!str_eq_z(part, "..")) {
		if (out->n)
			buf_add_char(out, '/');
		buf_add(out, part);
		return;
	}
	*outside |= !out->n;
	slash = out->n ? strrchr(out->p, '/') : NULL;
	while (out->n && (!slash || out->p + out->n > slash))
		out->p[--out->n] = '\0';
}

/* Appends path without ".", ".." and slashes at its ends. False when it leads outside. */
static bool clean(struct buf *out, struct str path)
{
	bool outside = false;

	while (path.n) {
		struct str part, rest = { NULL, 0 };

		str_cut(path, '/', &part, &rest);
		add_component(out, part, &outside);
		path = rest;
	}
	return !outside && !out->failed;
}

/* The target of a link at name, clean; NULL when it leads outside. */
static char *clean_link(struct str name, struct str target, char type)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(TAR_INDEX_NAME_MAX);
	size_t folder = name.n;

	while (folder && name.p[folder - 1] != '/')
		folder--;
	if (type == '2' && !str_starts(target, STR("/")) && !clean(&out, (struct str){ name.p, folder }))
		return NULL;
	return clean(&out, target) ? buf_take(&out) : NULL;
}

/* ---- extended headers -------------------------------------------------------------------------------------------------- */

static int read_text(struct scan *s, int64_t size, struct buf *ret, struct error *err)
{
	char *p;
	ssize_t n;

	if (size > PAX_MAX)
		return broken(s, "a header is too long", err);
	*ret = BUF_INIT(PAX_MAX + 1);
	p = buf_reserve(ret, (size_t)size + 1);
	if (!p)
		return store_no_memory(err);
	n = s->in->read(s->in->ctx, p, (size_t)size, s->at, err);
	if (n < 0)
		return (int)n;
	if (n != size)
		return broken(s, "it is cut off", err);
	p[n] = '\0';
	ret->n = (size_t)n;
	return 0;
}

/* The names of GNU's long headers end with a NUL. */
static int take_long(struct scan *s, char type, int64_t size, struct error *err)
{
	struct buf *to = type == 'L' ? &s->next.name : &s->next.link;
	int r;

	buf_done(to);
	r = read_text(s, size, to, err);
	if (r < 0)
		return r;
	to->n = strlen(to->p);
	*(type == 'L' ? &s->next.has_name : &s->next.has_link) = true;
	return 0;
}

static void take_pair(struct overrides *o, struct str key, struct str value)
{
	bool name = str_eq_z(key, "path");

	if (name || str_eq_z(key, "linkpath")) {
		struct buf *to = name ? &o->name : &o->link;

		buf_done(to);
		*to = BUF_INIT(PAX_MAX);
		buf_add(to, value);
		*(name ? &o->has_name : &o->has_link) = true;
	} else if (str_eq_z(key, "size")) {
		if (!int_parse(value, &o->size) || o->size < 0)
			o->size = NUMBER_MAX;
	} else if (str_starts(key, STR("GNU.sparse."))) {
		o->sparse = true;
	}
}

/* "LENGTH KEY=VALUE\n", where the length counts all of it. */
static int take_pax(struct scan *s, int64_t size, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(0);
	struct str rest;
	int r = read_text(s, size, &text, err);

	for (rest = buf_str(&text); r == 0 && rest.n && rest.p[0];) {
		struct str digits, key, value, record;
		int64_t n;

		if (!str_cut(rest, ' ', &digits, NULL) || !int_parse(digits, &n) || n < (int64_t)digits.n + 3 || n > (int64_t)rest.n || rest.p[n - 1] != '\n')
			return broken(s, "an extended header is wrong", err);
		record = (struct str){ rest.p + digits.n + 1, (size_t)n - digits.n - 2 };
		if (!str_cut(record, '=', &key, &value))
			return broken(s, "an extended header is wrong", err);
		take_pair(&s->next, key, value);
		rest = (struct str){ rest.p + n, rest.n - (size_t)n };
	}
	return r;
}

static void forget_overrides(struct overrides *o)
{
	buf_done(&o->name);
	buf_done(&o->link);
	*o = (struct overrides){ .size = -1 };
}

/* ---- members ----------------------------------------------------------------------------------------------------------- */

static int add_member(struct tar_index *t, const struct member *m, struct error *err)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		struct member *v = realloc(t->v, cap * sizeof *v);

		if (!v)
			return store_no_memory(err);
		t->v = v;
		t->cap = cap;
	}
	t->v[t->n] = *m;
	t->v[t->n].order = t->n;
	t->n++;
	return 0;
}

static void name_of(const struct scan *s, const char *block, struct buf *out)
{
	struct str prefix = text_at(block, AT_PREFIX, 155);

	*out = BUF_INIT(PAX_MAX + 512);
	if (s->next.has_name) {
		buf_add(out, buf_str(&s->next.name));
		return;
	}
	if (memcmp(block + AT_MAGIC, "ustar\0", 6) == 0 && prefix.n) {
		buf_add(out, prefix);
		buf_add_char(out, '/');
	}
	buf_add(out, text_at(block, AT_NAME, 100));
}

static bool is_link(char type)
{
	return type == '1' || type == '2';
}

/* A name that leads outside is nothing that could be asked for: it is left out. */
static int take_member(struct scan *s, const char *block, char type, int64_t size, struct error *err)
{
	CLEANUP(buf_done) struct buf raw = BUF_INIT(0), name = BUF_INIT(TAR_INDEX_NAME_MAX);
	struct member m = { .offset = s->at, .size = size, .type = type };
	int r;

	name_of(s, block, &raw);
	if (!clean(&name, buf_str(&raw)) || !name.n)
		return 0;
	if (is_link(type))
		m.link = clean_link(buf_str(&name), s->next.has_link ? buf_str(&s->next.link) : text_at(block, AT_LINK, 100), type);
	if (s->next.sparse)
		m.type = 'S';
	s->to->text += name.n + (m.link ? strlen(m.link) : 0);
	m.name = buf_take(&name);
	if (s->to->n == TAR_INDEX_MAX || s->to->text > TAR_INDEX_TEXT_MAX)
		r = error_set(err, ERR_PROTOCOL, "%s: the archive has too many members", s->in->name);
	else
		r = m.name ? add_member(s->to, &m, err) : store_no_memory(err);
	if (r < 0) {
		free(m.name);
		free(m.link);
	}
	return r;
}

/* Links, devices and folders have no content, whatever their size says. */
static bool has_content(char type)
{
	return type < '1' || type > '6';
}

static int64_t in_blocks(int64_t size)
{
	return (size + BLOCK - 1) / BLOCK * BLOCK;
}

static int take_header(struct scan *s, const char *block, struct error *err)
{
	char type = block[AT_TYPE] ? block[AT_TYPE] : '0';
	bool extended = strchr("LKxg", type) != NULL;
	int64_t size;
	int r = 0;

	if (!sum_is_right(block))
		return broken(s, "invalid tar header", err);
	if (!number_at(block, AT_SIZE, 12, &size))
		return broken(s, "invalid size", err);
	if (!extended && s->next.size >= 0)
		size = s->next.size;
	if (!has_content(type))
		size = 0;
	s->at += BLOCK;
	if (size > NUMBER_MAX || in_blocks(size) > s->in->size - s->at)
		return broken(s, "it is cut off", err);
	if (type == 'L' || type == 'K')
		r = take_long(s, type, size, err);
	else if (type == 'x')
		r = take_pax(s, size, err);
	else if (type != 'g')
		r = take_member(s, block, type, size, err);
	if (!extended)
		forget_overrides(&s->next);
	s->at += in_blocks(size);
	return r;
}

/* A zero block is the end; some programs leave it out. */
static int scan_all(struct scan *s, struct error *err)
{
	for (;;) {
		char block[BLOCK];
		ssize_t n = s->in->read(s->in->ctx, block, sizeof block, s->at, err);
		int r;

		if (n < 0)
			return (int)n;
		if (n == 0 && s->at && s->at >= s->in->size)
			return 0;
		if (n < BLOCK)
			return broken(s, "it is cut off", err);
		if (is_zero(block))
			return s->at ? 0 : broken(s, "it is empty", err);
		r = take_header(s, block, err);
		if (r < 0)
			return r;
	}
}

static int by_name(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

int tar_index_open(const struct tar_input *in, struct tar_index **ret, struct error *err)
{
	CLEANUP(tar_index_close_p) struct tar_index *t = calloc(1, sizeof *t);
	struct scan s = { .in = in, .to = t, .next = { .size = -1 } };
	int r;

	if (!t)
		return store_no_memory(err);
	r = scan_all(&s, err);
	forget_overrides(&s.next);
	if (r < 0)
		return r;
	if (t->n)
		qsort(t->v, t->n, sizeof *t->v, by_name);
	*ret = ptr_take(&t);
	return 0;
}

void tar_index_close_p(struct tar_index **t)
{
	for (size_t i = 0; *t && i < (*t)->n; i++) {
		free((*t)->v[i].name);
		free((*t)->v[i].link);
	}
	if (*t)
		free((*t)->v);
	free(ptr_take(t));
}

/* ---- looking up -------------------------------------------------------------------------------------------------------- */

/* The last one of that name: what is unpacked last stays. */
static const struct member *find(const struct tar_index *t, const char *name)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(t->v[middle].name, name) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low && strcmp(t->v[low - 1].name, name) == 0 ? &t->v[low - 1] : NULL;
}

int tar_index_find(const struct tar_index *t, const char *name, int64_t *ret_offset, int64_t *ret_size, struct error *err)
{
	CLEANUP(buf_done) struct buf wanted = BUF_INIT(TAR_INDEX_NAME_MAX);
	const struct member *m = clean(&wanted, str_from(name)) ? find(t, buf_z(&wanted)) : NULL;

	for (int i = 0; m && is_link(m->type) && i < LINKS_MAX; i++)
		m = m->link ? find(t, m->link) : NULL;
	if (!m)
		return error_set(err, ERR_NOT_FOUND, "file \"%s\" not found in tar", name);
	if (m->type != '0' && m->type != '7')
		return error_set(err, ERR_PROTOCOL, "\"%s\" is no plain file in the tar", name);
	*ret_offset = m->offset;
	*ret_size = m->size;
	return 0;
}

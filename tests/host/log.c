#include "log.h"

#include <stdlib.h>
#include <string.h>

enum { LOG_MAX_BYTES = 64 * 1024 * 1024 };

static void log_line(struct log *log, enum output_stream stream, struct str text, bool partial)
{
	struct log_line *v;

	if (log->bytes + text.n > LOG_MAX_BYTES)
		return;
	if (log->n == log->cap) {
		v = realloc(log->v, (log->cap ? log->cap * 2 : 16) * sizeof *v);
		if (!v)
			return;
		log->v = v;
		log->cap = log->cap ? log->cap * 2 : 16;
	}
	v = &log->v[log->n];
	*v = (struct log_line){ .time = instant_now(), .stream = stream, .partial = partial, .text = malloc(text.n + 1) };
	if (!v->text)
		return;
	memcpy(v->text, text.p, text.n);
	v->text[text.n] = '\0';
	v->n = text.n;
	log->bytes += text.n;
	log->n++;
}

void log_add(struct log *log, enum output_stream stream, struct str block)
{
	while (block.n) {
		struct str line;
		bool whole = str_cut(block, '\n', &line, &block);

		log_line(log, stream, line, !whole);
		if (!whole)
			return;
	}
}

void log_done(struct log *log)
{
	for (size_t i = 0; i < log->n; i++)
		free(log->v[i].text);
	free(log->v);
	*log = (struct log){ 0 };
}

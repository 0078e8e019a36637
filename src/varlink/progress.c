#include "varlink/progress.h"

#include "base/cleanup.h"

/* The words that containers/image begins a line with; the blanks are how it reports the tries of a pull. */
static bool is_known(struct str line)
{
	static const char *const words[] = { "Trying ", "Getting ", "Copying ", "Writing ", "Storing ", "Error", "  " };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_starts(line, str_from(words[i])))
			return true;
	return false;
}

/* Copied while it was written: "Copying blob ab7da91d42ab8adf7b9". */
static bool is_cut(struct str text, struct str line)
{
	return str_starts(line, STR("Copying ")) && line.n == text.n;
}

void progress_lines(struct json_object *logs, struct buf *last, progress_fn *progress, void *ctx)
{
	for (size_t i = 0; progress && i < js_len(logs); i++) {
		struct str text = js_text(js_at(logs, i)), line;

		str_cut(text, '\n', &line, NULL);
		while (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (!is_known(line) || is_cut(text, line) || line.n >= PROGRESS_MAX || str_eq(line, buf_str(last)))
			continue;
		buf_clear(last);
		buf_add(last, line);
		progress(ctx, buf_z(last));
	}
}

#include "archive/lib.h"

#include <pthread.h>
#include <stddef.h>

#include "base/dl.h"

static const char *const files[] = {
#ifdef __APPLE__
	/* Homebrew keeps it apart from the system's own, which has no header and may lack zstd. */
	"/opt/homebrew/opt/libarchive/lib/libarchive.13.dylib",
	"/usr/local/opt/libarchive/lib/libarchive.13.dylib",
	"libarchive.13.dylib",
	"libarchive.dylib",
#else
	"libarchive.so.13",
	"libarchive.so",
#endif
	NULL,
};

static struct libarchive functions;

static int load(struct error *err)
{
#define LIBARCHIVE_SYMBOL(f) { #f, offsetof(struct libarchive, f) },
	static const struct dl_symbol symbols[] = { LIBARCHIVE_CALLS(LIBARCHIVE_SYMBOL) { NULL, 0 } };
#undef LIBARCHIVE_SYMBOL
	static const struct dl_library library = {
		.name = "libarchive",
		.package = "libarchive13 (Debian, Ubuntu), libarchive (Fedora, Arch, Homebrew)",
		.files = files,
		.symbols = symbols,
	};
	static bool loaded;
	int r = loaded ? 0 : dl_load(&library, &functions, err);

	loaded |= r == 0;
	return r;
}

int libarchive_get(const struct libarchive **ret, struct error *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	int r;

	pthread_mutex_lock(&lock);
	r = load(err);
	pthread_mutex_unlock(&lock);
	if (r == 0)
		*ret = &functions;
	return r;
}

la_ssize_t libarchive_input_read(struct archive *a, void *ctx, const void **ret)
{
	struct libarchive_input *in = ctx;
	ssize_t n = 0;

	(void)a;
	*ret = in->piece;
	if (in->failure.kind)
		return -1;
	if (!in->ended)
		n = source_read(&in->source, in->piece, sizeof in->piece, &in->failure);
	in->ended = n == 0;
	return n < 0 ? -1 : n;
}

int libarchive_input_drain(struct libarchive_input *in, struct error *err)
{
	const void *piece;
	la_ssize_t n;

	while ((n = libarchive_input_read(NULL, in, &piece)) > 0)
		;
	return n < 0 ? error_move(err, &in->failure) : 0;
}

/* Either what the end of the stream said, or what libarchive has to say. */
static int stream_error(struct error *failure, enum err_kind kind, struct archive *a, const char *what, struct error *err)
{
	const struct libarchive *l;
	const char *text = NULL;

	if (failure->kind)
		return error_move(err, failure);
	if (a && libarchive_get(&l, NULL) == 0)
		text = l->archive_error_string(a);
	return text ? error_set(err, kind, "%s: %s", what, text) : error_set(err, kind, "%s", what);
}

int libarchive_input_error(struct libarchive_input *in, struct archive *a, const char *what, struct error *err)
{
	return stream_error(&in->failure, ERR_PROTOCOL, a, what, err);
}

la_ssize_t libarchive_output_write(struct archive *a, void *ctx, const void *p, size_t n)
{
	struct libarchive_output *out = ctx;

	(void)a;
	if (out->closed || out->failure.kind || sink_write(&out->sink, p, n, &out->failure) < 0)
		return -1;
	return (la_ssize_t)n;
}

int libarchive_output_error(struct libarchive_output *out, struct archive *a, const char *what, struct error *err)
{
	return stream_error(&out->failure, ERR_SYSTEM, a, what, err);
}

locale_t libarchive_bytes_begin(void)
{
	static locale_t c_locale;
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	locale_t bytes;

	pthread_mutex_lock(&lock);
	if (!c_locale)
		c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	bytes = c_locale;
	pthread_mutex_unlock(&lock);
	return uselocale(bytes);
}

void libarchive_bytes_end(locale_t before)
{
	uselocale(before);
}

#include "archive/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All names one behind the other, each with its NUL. */
static int read_names(struct listing *l, DIR *dir, const char *name, struct error *err)
{
	const struct dirent *entry;

	for (errno = 0; (entry = readdir(dir)); errno = 0) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		buf_add_bytes(&l->text, entry->d_name, strlen(entry->d_name) + 1);
		l->n++;
	}
	if (errno)
		return error_set_errno(err, "read the folder %s", *name ? name : ".");
	return buf_check(&l->text, "the list of a folder's names", err);
}

static int sort_names(struct listing *l, struct error *err)
{
	const char *p = l->text.p;

	l->names = calloc(l->n + 1, sizeof *l->names);
	if (!l->names)
		return error_set(err, ERR_SYSTEM, "out of memory");
	for (size_t i = 0; i < l->n; i++, p += strlen(p) + 1)
		l->names[i] = p;
	qsort(l->names, l->n, sizeof *l->names, by_bytes);
	return 0;
}

int listing_read(struct listing *l, int fd, const char *name, struct error *err)
{
	/* closedir closes what it reads. */
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0), r;
	DIR *dir = own < 0 ? NULL : fdopendir(own);

	if (!dir) {
		r = error_set_errno(err, "read the folder %s", *name ? name : ".");
		if (own >= 0)
			close(own);
		return r;
	}
	rewinddir(dir);
	r = read_names(l, dir, name, err);
	closedir(dir);
	return r < 0 ? r : sort_names(l, err);
}

void listing_done(struct listing *l)
{
	buf_done(&l->text);
	free(l->names);
	*l = LISTING_INIT;
}

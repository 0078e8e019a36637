/* Runs a fuzz target over the files and folders given, for builds without libFuzzer: the corpora are regression tests there. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/path.h"

#define INPUT_MAX ((size_t)16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int run_path(const char *path);

static int run_file(const char *path)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(INPUT_MAX);
	CLEANUP(error_done) struct error err = ERROR_INIT;
	CLEANUP(free_p) uint8_t *exact = NULL;

	if (path_read(path, &b, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	/* A block of exactly this size, so that the sanitizer sees a read of one byte too many. */
	exact = malloc(b.n);
	if (b.n && !exact)
		return -1;
	if (b.n)
		memcpy(exact, b.p, b.n);
	LLVMFuzzerTestOneInput(exact, b.n);
	return 1;
}

static int run_folder(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	int sum = 0;

	if (!dir)
		return -1;
	while (sum >= 0 && (entry = readdir(dir))) {
		CLEANUP(free_p) char *inside = NULL;
		int n;

		if (entry->d_name[0] == '.')
			continue;
		inside = path_join(path, entry->d_name);
		n = inside ? run_path(inside) : -1;
		sum = n < 0 ? -1 : sum + n;
	}
	closedir(dir);
	return sum;
}

static int run_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		perror(path);
		return -1;
	}
	return S_ISDIR(st.st_mode) ? run_folder(path) : run_file(path);
}

int main(int argc, char **argv)
{
	int sum = 0;

	for (int i = 1; i < argc; i++) {
		int n = run_path(argv[i]);

		if (n < 0)
			return 1;
		sum += n;
	}
	printf("%d inputs\n", sum);
	return 0;
}

/* tests/bench/compare.c: runs shell commands in turn (A B A B ...) and prints, for each, the medians of wall time, CPU time and peak memory, and the
 * ratios to the last one, pair by pair. Peak memory is the largest sum of resident memory over all processes that a run started, daemons included:
 * they are found by a mark in their environment. Linux only: it reads /proc.
 *
 *   compare [-n RUNS] NAME COMMAND [NAME COMMAND ...] */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_COMMANDS 8
#define MAX_RUNS 200
#define SAMPLE_NS 2000000
#define MARK "FARPOD_BENCH_RUN"

struct figures {
	double wall_ms[MAX_RUNS], cpu_ms[MAX_RUNS], peak_kib[MAX_RUNS];
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static ssize_t read_proc(const char *pid, const char *name, char *buf, size_t size)
{
	char path[300];
	int fd;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, buf, size - 1);
	close(fd);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

/* Resident memory of one process in KiB when it carries the mark, else 0. */
static long marked_kib(const char *pid, const char *mark)
{
	static char env[256 * 1024];
	char statm[128];
	ssize_t n = read_proc(pid, "environ", env, sizeof env);
	long pages = 0;

	for (ssize_t i = 0; i < n; i += (ssize_t)strlen(env + i) + 1)
		if (strcmp(env + i, mark) == 0) {
			if (read_proc(pid, "statm", statm, sizeof statm) > 0)
				sscanf(statm, "%*d %ld", &pages);
			return pages * (sysconf(_SC_PAGESIZE) / 1024);
		}
	return 0;
}

static long sum_kib(const char *mark)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;
	long sum = 0;

	while (proc && (d = readdir(proc)))
		if (isdigit((unsigned char)d->d_name[0]))
			sum += marked_kib(d->d_name, mark);
	if (proc)
		closedir(proc);
	return sum;
}

static int run_once(const char *command, struct figures *f, int i)
{
	char mark[64];
	double start = now_ms();
	struct rusage usage;
	long peak = 0;
	int status;
	pid_t pid;

	snprintf(mark, sizeof mark, MARK "=%d", (int)getpid() * 1000 + i);
	pid = fork();
	if (pid == 0) {
		putenv(mark);
		int null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	while (wait4(pid, &status, WNOHANG, &usage) == 0) {
		long kib = sum_kib(mark);

		peak = kib > peak ? kib : peak;
		nanosleep(&(struct timespec){ 0, SAMPLE_NS }, NULL);
	}
	f->wall_ms[i] = now_ms() - start;
	f->cpu_ms[i] = usage.ru_utime.tv_sec * 1e3 + usage.ru_utime.tv_usec / 1e3 + usage.ru_stime.tv_sec * 1e3 + usage.ru_stime.tv_usec / 1e3;
	f->peak_kib[i] = (double)peak;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(const double *v, int n)
{
	double s[MAX_RUNS];

	memcpy(s, v, (size_t)n * sizeof *v);
	qsort(s, (size_t)n, sizeof *s, by_value);
	return n % 2 ? s[n / 2] : (s[n / 2 - 1] + s[n / 2]) / 2;
}

static double median_ratio(const double *a, const double *b, int n)
{
	double r[MAX_RUNS];

	for (int i = 0; i < n; i++)
		r[i] = b[i] > 0 ? a[i] / b[i] : 0;
	return median(r, n);
}

int main(int argc, char **argv)
{
	static struct figures f[MAX_COMMANDS];
	int runs = 7, at = 1, n, last[MAX_COMMANDS] = { 0 };

	if (argc > 2 && strcmp(argv[1], "-n") == 0) {
		runs = atoi(argv[2]);
		at = 3;
	}
	n = (argc - at) / 2;
	if (n < 1 || n > MAX_COMMANDS || (argc - at) % 2 || runs < 1 || runs > MAX_RUNS) {
		fprintf(stderr, "usage: compare [-n RUNS] NAME COMMAND [NAME COMMAND ...]\n");
		return 2;
	}
	for (int c = 0; c < n; c++)
		run_once(argv[at + 2 * c + 1], &f[c], 0); /* warm-up, overwritten */
	for (int i = 0; i < runs; i++)
		for (int c = 0; c < n; c++)
			last[c] = run_once(argv[at + 2 * c + 1], &f[c], i);
	printf("%-24s %10s %10s %10s %8s %8s %8s  exit\n", "command", "wall ms", "cpu ms", "peak KiB", "wall /", "cpu /", "peak /");
	for (int c = 0; c < n; c++)
		printf("%-24s %10.1f %10.1f %10.0f %8.2f %8.2f %8.2f  %d\n", argv[at + 2 * c], median(f[c].wall_ms, runs), median(f[c].cpu_ms, runs),
		       median(f[c].peak_kib, runs), median_ratio(f[c].wall_ms, f[n - 1].wall_ms, runs),
		       median_ratio(f[c].cpu_ms, f[n - 1].cpu_ms, runs), median_ratio(f[c].peak_kib, f[n - 1].peak_kib, runs), last[c]);
	return 0;
}

/* A podman service of the 1.x days for tests and demonstrations: the io.podman varlink interface on a unix socket, real processes for
 * containers, everything else in memory. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "host.h"

static const char usage[] =
	"Usage: io-podman-host [--version 1.9.3|1.8.0|1.6.2] [--state DIR] [--misbehave KIND[:METHOD]] [--timeout MS] unix:PATH\n"
	"Serves the io.podman varlink interface on a unix socket until a signal comes.\n"
	"  --version V     the Podman version to stand for (default 1.9.3)\n"
	"  --state DIR     keep files here (default: a folder that is removed at the end)\n"
	"  --misbehave K   answer wrongly: " MISBEHAVE_WORDS "\n"
	"  --timeout MS    end when nobody has been connected for so long (default 0: never)\n";

static const struct option options[] = {
	{ "version", required_argument, NULL, 'v' },
	{ "state", required_argument, NULL, 's' },
	{ "misbehave", required_argument, NULL, 'm' },
	{ "timeout", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static int take_option(struct host *h, int option, const char *value, struct error *err)
{
	int64_t ms;

	switch (option) {
	case 'v':
		if (!host_version_parse(value, &h->version, &h->version_text))
			return error_set(err, ERR_USAGE, "version %s: 1.6.2, 1.8.0 and 1.9.3 are known", value);
		return 0;
	case 's':
		free(h->dir);
		h->dir = z_dup(value);
		return 0;
	case 'm':
		return misbehave_parse(value, &h->misbehave, err);
	case 't':
		if (!int_parse(str_from(value), &ms) || ms < 0)
			return error_set(err, ERR_USAGE, "--timeout %s: not a number of milliseconds", value);
		h->idle_ms = (uint64_t)ms;
		return 0;
	default:
		return error_set(err, ERR_USAGE, "see --help");
	}
}

/* 1: help was asked for. */
static int parse_arguments(struct host *h, int argc, char **argv, struct error *err)
{
	int option, r = 0;

	while (r == 0 && (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return 1;
		r = take_option(h, option, optarg, err);
	}
	if (r < 0)
		return r;
	if (optind != argc - 1 || strncmp(argv[optind], "unix:", 5) != 0)
		return error_set(err, ERR_USAGE, "one address of the form unix:PATH is needed");
	h->socket_path = str_dup((struct str){ argv[optind] + 5, strcspn(argv[optind] + 5, ";") });
	return 0;
}

int main(int argc, char **argv)
{
	struct host h = { .version = V193, .version_text = "1.9.3", .listen_fd = -1 };
	CLEANUP(error_done) struct error err = ERROR_INIT;
	int r = parse_arguments(&h, argc, argv, &err);

	if (r == 1) {
		fputs(usage, stdout);
		return 0;
	}
	if (r == 0)
		r = host_open(&h, &err);
	if (r == 0)
		r = host_run(&h, &err);
	host_close(&h);
	if (r < 0)
		fprintf(stderr, "io-podman-host: %s\n", err.text);
	return r < 0 ? 1 : 0;
}

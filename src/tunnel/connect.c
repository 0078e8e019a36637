#include "tunnel/connect.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"

#define TRIES_MAX     8
/* RFC 8305 recommends this much of a head start. */
#define HEAD_START_MS 250

int connect_lookup(const char *host, int port, int family, struct addrinfo **ret, struct error *err)
{
	struct addrinfo want = { .ai_family = family, .ai_socktype = SOCK_STREAM };
	char service[16];
	int r;

	snprintf(service, sizeof service, "%d", port);
	r = getaddrinfo(host, service, &want, ret);
	if (r == 0)
		return 0;
	error_set(err, ERR_CONNECT, "host name %s can't be resolved: %s", host,
		  r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r));
	return error_hint(err, "check the spelling, or give the host an address: HostName in ~/.ssh/config");
}

/* The connects that are on their way. */
struct race {
	struct pollfd v[TRIES_MAX];
	nfds_t n;
	int last_errno; /* of the address that failed last; 0: none has */
};

/* True when it is connected or on its way. */
static bool race_start(struct race *race, const struct addrinfo *a)
{
	int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);

	if (fd >= 0 && fd_set_cloexec(fd) == 0 && fd_set_nonblock(fd, true) == 0 &&
	    (connect(fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS)) {
		race->v[race->n++] = (struct pollfd){ .fd = fd, .events = POLLOUT };
		return true;
	}
	race->last_errno = errno;
	fd_close_p(&fd);
	return false;
}

static void race_drop(struct race *race, nfds_t i)
{
	close(race->v[i].fd);
	race->v[i] = race->v[--race->n];
}

/* The winner's fd, taken out of the race, or -1. */
static int race_look(struct race *race)
{
	for (nfds_t i = 0; i < race->n;) {
		int fd = race->v[i].fd, failure = 0;
		socklen_t len = sizeof failure;

		if (!race->v[i].revents) {
			i++;
			continue;
		}
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len) == 0 && failure == 0) {
			race->v[i] = race->v[--race->n];
			return fd;
		}
		race->last_errno = failure;
		race_drop(race, i);
	}
	return -1;
}

static int race_wait(struct race *race, uint64_t until_ms)
{
	uint64_t now = clock_ms();
	int n = poll(race->v, race->n, until_ms > now ? (int)(until_ms - now) : 0);

	if (n < 0)
		for (nfds_t i = 0; i < race->n; i++)
			race->v[i].revents = 0;
	return n > 0 ? race_look(race) : -1;
}

static int race_run(struct race *race, const struct addrinfo *a, uint64_t deadline_ms)
{
	int fd = -1;

	while (fd < 0) {
		bool more = a && race->n < TRIES_MAX;
		uint64_t until_ms = more ? clock_after_ms(HEAD_START_MS) : deadline_ms;

		if (more) {
			bool on_its_way = race_start(race, a);

			a = a->ai_next;
			if (!on_its_way)
				continue;
		}
		if (!race->n || clock_ms() >= deadline_ms)
			return -1;
		fd = race_wait(race, until_ms < deadline_ms ? until_ms : deadline_ms);
	}
	return fd;
}

static int explain(struct error *err, const struct race *race, const char *host, int port, uint64_t begun_ms)
{
	int e = race->n ? ETIMEDOUT : race->last_errno;

	switch (e) {
	case ECONNREFUSED:
		error_set(err, ERR_CONNECT, "%s port %d refused the connection: no ssh server listens there", host, port);
		error_hint(err, "on %s type: systemctl enable --now ssh (or sshd), or give the right port: ssh://%s:PORT", host,
			   host);
		break;
	case ETIMEDOUT:
		error_set(err, ERR_CONNECT, "%s port %d did not answer within %llu s", host, port,
			  (unsigned long long)(clock_ms() - begun_ms + 500) / 1000);
		error_hint(err, "check that the host is up and that no firewall is in between: ssh -v %s", host);
		break;
	case EHOSTUNREACH:
	case ENETUNREACH:
		error_set(err, ERR_CONNECT, "%s can't be reached: %s", host, strerror(e));
		error_hint(err, "check this machine's network (VPN?): ping %s", host);
		break;
	default:
		error_set(err, ERR_CONNECT, "connect to %s port %d: %s", host, port, strerror(e));
	}
	if (err)
		err->sys_errno = e;
	return -ERR_CONNECT;
}

int connect_tcp(const struct addrinfo *addresses, const char *host, int port, uint64_t deadline_ms, int *ret_fd, struct error *err)
{
	uint64_t begun_ms = clock_ms();
	struct race race = { 0 };
	int fd = race_run(&race, addresses, deadline_ms), one = 1, r = 0;

	if (fd < 0)
		r = explain(err, &race, host, port, begun_ms);
	while (race.n)
		race_drop(&race, 0);
	if (fd < 0)
		return r;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	*ret_fd = fd;
	return 0;
}

void connect_peer(int fd, struct buf *out)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t len = sizeof peer;
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getpeername(fd, (struct sockaddr *)&peer, &len) < 0 ||
	    getnameinfo((struct sockaddr *)&peer, len, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	buf_addf(out, "%s port %s", host, port);
}

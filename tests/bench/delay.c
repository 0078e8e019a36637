/* tests/bench/delay.c: a TCP proxy that makes a long line of a short one: what comes in goes out DELAY_MS/2 later in each direction, and a new connection costs one
 * whole delay before its first byte, as a real connect would. Nothing is lost and there is no limit of speed. Two threads a connection.
 *
 *   delay PORT TO_PORT DELAY_MS      both on 127.0.0.1; runs until it is killed */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PIECE  ((size_t)256 * 1024)
#define PIECES 128 /* that are under way in one direction: 32 MiB */

struct pair {
	int client, server;
	int users; /* threads */
};

struct piece {
	int64_t due_us;
	ssize_t n, sent; /* n 0: the end */
	char *p; /* of PIECE bytes, kept for the next one */
};

struct half {
	struct pair *pair;
	int from, to;
	int64_t first_us; /* nothing goes out before */
	struct piece v[PIECES];
	size_t start, used;
	int ended;
};

static int64_t delay_us;

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void leave(struct pair *p)
{
	if (__atomic_sub_fetch(&p->users, 1, __ATOMIC_ACQ_REL))
		return;
	close(p->client);
	close(p->server);
	free(p);
}

/* Reads one piece if there is one. */
static void take(struct half *h)
{
	struct piece *k = &h->v[(h->start + h->used) % PIECES];
	int64_t due = now_us() + delay_us / 2;
	ssize_t n;

	if (!k->p && !(k->p = malloc(PIECE)))
		abort();
	n = recv(h->from, k->p, PIECE, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	k->due_us = due > h->first_us ? due : h->first_us;
	k->n = n > 0 ? n : 0;
	k->sent = 0;
	h->ended = n <= 0;
	h->used++;
}

/* 0 when the stream is over. */
static int give(struct half *h)
{
	struct piece *k = &h->v[h->start];
	ssize_t n;

	if (k->n == 0) {
		shutdown(h->to, SHUT_WR);
		return 0;
	}
	n = send(h->to, k->p + k->sent, (size_t)(k->n - k->sent), MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	k->sent += n;
	if (k->sent < k->n)
		return 1;
	h->start = (h->start + 1) % PIECES;
	h->used--;
	return 1;
}

static int step(struct half *h)
{
	int64_t wait = h->used ? h->v[h->start].due_us - now_us() : -1;
	struct pollfd f[2] = { { h->ended || h->used == PIECES ? -1 : h->from, POLLIN, 0 }, { h->used && wait <= 0 ? h->to : -1, POLLOUT, 0 } };
	struct timespec t = { wait / 1000000, wait % 1000000 * 1000 };

	if (ppoll(f, 2, h->used && wait > 0 ? &t : NULL, NULL) < 0)
		return errno == EINTR;
	if (f[0].fd >= 0 && f[0].revents)
		take(h);
	return f[1].fd >= 0 && f[1].revents ? give(h) : 1;
}

static void *run(void *ctx)
{
	struct half *h = ctx;

	while (step(h))
		;
	shutdown(h->from, SHUT_RD);
	for (size_t i = 0; i < PIECES; i++)
		free(h->v[i].p);
	leave(h->pair);
	free(h);
	return NULL;
}

static void start(struct pair *p, int from, int to, int64_t first_us)
{
	struct half *h = calloc(1, sizeof *h);
	pthread_t t;

	if (!h)
		abort();
	h->pair = p;
	h->from = from;
	h->to = to;
	h->first_us = first_us;
	if (pthread_create(&t, NULL, run, h) != 0)
		abort();
	pthread_detach(t);
}

static void serve(int client, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct pair *p = malloc(sizeof *p);
	int one = 1;

	if (!p)
		abort();
	*p = (struct pair){ client, socket(AF_INET, SOCK_STREAM, 0), 2 };
	if (p->server < 0 || connect(p->server, (struct sockaddr *)&to, sizeof to) < 0) {
		close(client);
		if (p->server >= 0)
			close(p->server);
		free(p);
		return;
	}
	setsockopt(p->client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(p->server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	/* The kernel has answered the connect at once. */
	start(p, p->client, p->server, now_us() + delay_us + delay_us / 2);
	start(p, p->server, p->client, 0);
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (argc != 4 || s < 0) {
		fprintf(stderr, "usage: delay PORT TO_PORT DELAY_MS\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	here.sin_port = htons((uint16_t)atoi(argv[1]));
	delay_us = (int64_t)atoi(argv[3]) * 1000;
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(s, (struct sockaddr *)&here, sizeof here) < 0 || listen(s, 64) < 0) {
		perror("delay");
		return 1;
	}
	for (;;) {
		int c = accept(s, NULL, NULL);

		if (c >= 0)
			serve(c, atoi(argv[2]));
	}
}

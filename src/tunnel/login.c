#include "tunnel/login.h"

#include <poll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "tunnel/agent.h"
#include "tunnel/connect.h"

/* Between tries at a server that has too many logins under way (MaxStartups). */
#define BUSY_FIRST_MS 100

int login_plan_make(struct login_plan *p, const struct tunnel_dest *to, struct error *err)
{
	int r;

	p->to = to;
	r = ssh_config_load(to, &p->config, err);
	if (r == 0 && !to->ignore_hosts)
		r = host_identity_read(&p->host, &p->config, err);
	if (r == 0)
		r = key_files_read(&p->keys, &p->config, to, err);
	return r;
}

void login_plan_done(struct login_plan *p)
{
	ssh_config_done(&p->config);
	host_identity_done(&p->host);
	key_files_done(&p->keys);
}

static bool any_usable_key(const struct key_files *keys)
{
	for (size_t i = 0; i < keys->n; i++)
		if (key_file_usable(&keys->v[i]))
			return true;
	return false;
}

/* A key that was named is the one to log in with; else any will do, and the agent may have one. */
static bool keys_need_ssh(const struct login_plan *p)
{
	if (!p->config.key_auth || !p->keys.n)
		return false;
	if (p->to->identity && *p->to->identity)
		return !key_file_usable(&p->keys.v[0]) && !p->keys.v[0].no_private;
	return !agent_path(&p->config) && !any_usable_key(&p->keys);
}

const char *login_only_ssh(const struct login_plan *p)
{
	if (p->config.only_ssh)
		return p->config.only_ssh;
	if (known_hosts_marked(&p->host.known))
		return "@cert-authority or @revoked in known_hosts";
	if (!key_type_usable(STR("ssh-rsa")) && host_identity_only_rsa(&p->host))
		return "an RSA host key, with a libssh2 before 1.11";
	if (keys_need_ssh(p))
		return "a key that libssh2 can't use";
	return NULL;
}

/* What answered, up to the first byte that is no text. */
static struct str greeting(const struct ssh_io *io)
{
	size_t n = 0;

	while (io->greeting[n] >= ' ' && io->greeting[n] < 0x7f)
		n++;
	return (struct str){ io->greeting, n };
}

/* OpenSSH drops connections over MaxStartups before its banner; newer versions say so in its place. */
static bool is_busy(const struct ssh_io *io)
{
	struct str said = greeting(io);

	return io->closed &&
	       (!said.n || str_starts(said, STR("Exceeded MaxStartups")) || str_starts(said, STR("Not allowed at this time")));
}

static int explain_handshake(struct ssh_io *io, const struct ssh_config *c, int r, bool *ret_only_ssh, struct error *err)
{
	struct str said = greeting(io);

	if (said.n && !str_starts(said, STR("SSH-")) && !is_busy(io)) {
		error_set(err, ERR_CONNECT, "%s port %d is no ssh server: it said \"%.*s\"", c->host, c->port, STR_ARG(said));
		return error_hint(err, "give the port of sshd: ssh://%s:PORT", c->host);
	}
	if (is_busy(io)) {
		error_set(err, ERR_CONNECT, "%s port %d closed the connection before any greeting", c->host, c->port);
		return error_hint(err,
				  "the ssh server may be over its limit of logins under way (MaxStartups), or refuse this address");
	}
	if (r == LIBSSH2_ERROR_EAGAIN && !io->closed) {
		error_set(err, ERR_CONNECT, "%s port %d accepted the connection and then said %s within %d s", c->host, c->port,
			  said.n ? "nothing more" : "nothing", c->connect_timeout_s);
		return error_hint(err, "check what listens there: ssh -v -p %d %s", c->port, c->host);
	}
	if (io->closed)
		return error_set(err, ERR_CONNECT, "%s port %d closed the connection during the key exchange", c->host, c->port);
	*ret_only_ssh = true;
	error_set(err, ERR_CONNECT, "no key exchange with %s port %d: %s", c->host, c->port, ssh_io_message(io));
	return error_hint(err, "see what the server offers: ssh -v -p %d %s", c->port, c->host);
}

/* Greetings, algorithms, keys, request for the login service: one round trip each. The time of the connect alone would be that to a local
 * forwarder, where there is one. */
static int exchange_keys(struct ssh_io *io, uint64_t deadline_ms)
{
	uint64_t begun_ms = clock_ms();
	int r;

	UNTIL_DONE(io, deadline_ms, r, libssh2_session_handshake(io->session, io->fd));
	io->round_trip_ms = (clock_ms() - begun_ms) / 4;
	return r;
}

/* One connection up to the end of the key exchange. 1: the server is too busy, try again. */
static int shake_hands(struct keeper *k, const struct login_plan *p, const struct addrinfo *addresses, struct ssh_io *io,
		       bool *ret_only_ssh, struct error *err)
{
	const struct ssh_config *c = &p->config;
	uint64_t deadline_ms = clock_after_ms((uint64_t)c->connect_timeout_s * 1000);
	CLEANUP(buf_done) struct buf peer = BUF_INIT(2048);
	int fd, r = connect_tcp(addresses, c->host, c->port, deadline_ms, &fd, err);

	if (r < 0)
		return r;
	connect_peer(fd, &peer);
	r = ssh_io_open(io, fd, err);
	if (r < 0)
		return r;
	keeper_hop(k, HOP_TCP, buf_z(&peer));
	host_key_prefer(io, &p->host);
	r = exchange_keys(io, deadline_ms);
	if (r == 0)
		return 0;
	explain_handshake(io, c, r, ret_only_ssh, err);
	return is_busy(io) ? 1 : -ERR_CONNECT;
}

static int connect_session(struct keeper *k, const struct login_plan *p, struct ssh_io *io, bool *ret_only_ssh, struct error *err)
{
	const struct ssh_config *c = &p->config;
	CLEANUP(addrinfo_p) struct addrinfo *addresses = NULL;
	uint64_t deadline_ms = clock_after_ms((uint64_t)c->connect_timeout_s * 1000 / 2);
	unsigned wait_ms = BUSY_FIRST_MS + (unsigned)getpid() % BUSY_FIRST_MS;
	int r = connect_lookup(c->host, c->port, c->address_family, &addresses, err);

	if (r < 0)
		return r;
	keeper_hop(k, HOP_RESOLVE, c->host);
	for (;; wait_ms *= 2) {
		r = shake_hands(k, p, addresses, io, ret_only_ssh, err);
		if (r != 1)
			return r;
		if (clock_after_ms(wait_ms) >= deadline_ms)
			return -ERR_CONNECT;
		ssh_io_close(io);
		/* Only the owner's end ends this pause early. */
		if (fd_wait(k->control, POLLIN, clock_after_ms(wait_ms), NULL) == 1)
			return error_set(err, ERR_INTERRUPTED, "interrupted");
		error_clear(err);
	}
}

int login_run(struct keeper *k, const struct login_plan *p, struct ssh_io *ret, bool *ret_only_ssh, struct error *err)
{
	CLEANUP(buf_done) struct buf detail = BUF_INIT(8192);
	struct ssh_io *io = ret;
	int r;

	*io = (struct ssh_io){ .fd = -1 };
	*ret_only_ssh = false;
	r = connect_session(k, p, io, ret_only_ssh, err);
	if (r == 0)
		r = host_key_check(io, &p->host, &p->config, p->to, &detail, err);
	if (r == 0) {
		keeper_hop(k, HOP_HOST_KEY, buf_z(&detail));
		buf_clear(&detail);
		r = auth_login(io, &p->config, p->to, &p->keys, &detail, ret_only_ssh, err);
	}
	if (r == 0)
		keeper_hop(k, HOP_AUTH, buf_z(&detail));
	else
		ssh_io_close(io);
	return r;
}

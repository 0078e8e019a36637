#include "tunnel/auth.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "tunnel/agent.h"
#include "tunnel/prompt.h"

/* The server's answer; a signature in the agent may wait for the user's touch or consent. */
#define ANSWER_MS 60000
#define TRIES     3

struct login {
	struct ssh_io *io;
	const struct ssh_config *c;
	const struct tunnel_dest *to;
	const struct key_files *files;
	struct agent agent;
	struct buf tried; /* for the message */
	bool only_ssh;
	const char *locked; /* a key that needs a passphrase nobody could give */
};

/* Outcomes of one attempt beside the errors. */
enum { REFUSED = 0, ACCEPTED = 1 };

static void note_tried(struct login *l, const char *how, const char *what, const char *why)
{
	buf_addf(&l->tried, "%s%s%s%s", l->tried.n ? ", " : "", how, *how ? " " : "", what);
	if (why)
		buf_addf(&l->tried, " (%s)", why);
}

/* The session is gone when the server had enough ("Too many authentication failures"). */
static int outcome(struct login *l, int r, struct error *err)
{
	if (r == 0)
		return ACCEPTED;
	if (!l->io->closed && r != LIBSSH2_ERROR_EAGAIN && r != LIBSSH2_ERROR_SOCKET_DISCONNECT && r != LIBSSH2_ERROR_SOCKET_RECV)
		return REFUSED;
	error_set(err, ERR_AUTH, "%s closed the connection during the login of %s; tried: %s", l->c->host, l->c->user,
		  l->tried.n ? buf_z(&l->tried) : "nothing");
	return error_hint(
		err, "when the server allows few tries, name the key (--identity FILE, or IdentityFile with IdentitiesOnly yes)");
}

static int try_agent_key(struct login *l, size_t i, struct buf *detail, struct error *err)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(1024);
	struct str type;
	int r;

	if (l->agent.tried[i] || !key_blob_type(agent_blob(&l->agent, i), &type))
		return REFUSED;
	l->agent.tried[i] = true;
	buf_addf(&name, "%.*s ", STR_ARG(type));
	key_fingerprint(agent_blob(&l->agent, i), &name);
	if (!key_type_usable(type)) {
		l->only_ssh = true;
		note_tried(l, "agent", buf_z(&name), "needs the system's ssh");
		return REFUSED;
	}
	note_tried(l, "agent", buf_z(&name), NULL);
	UNTIL_DONE(l->io, clock_after_ms(ANSWER_MS), r, libssh2_agent_userauth(l->agent.agent, l->c->user, l->agent.keys[i]));
	r = outcome(l, r, err);
	if (r == ACCEPTED)
		buf_addf(detail, "%s by %s of the ssh agent", l->c->user, buf_z(&name));
	return r;
}

/* The agent's half of a key file: no passphrase is needed then. */
static int try_agent_for(struct login *l, const struct key_file *file, struct buf *detail, struct error *err)
{
	size_t i = agent_find(&l->agent, file);

	return i < l->agent.n ? try_agent_key(l, i, detail, err) : REFUSED;
}

/* ---- files ---------------------------------------------------------------------------------------------------------- */

/* The callback would sign; it is asked only when the server would take the key, which is all that we want to know. */
static LIBSSH2_USERAUTH_PUBLICKEY_SIGN_FUNC(sign_nothing)
{
	(void)session, (void)sig, (void)sig_len, (void)data, (void)data_len;
	**(bool **)abstract = true;
	return -1;
}

/* Would the server take this key? Asked before the user is asked for its passphrase. */
static bool is_wanted(struct login *l, const struct key_file *file)
{
	bool wanted = false, *mark = &wanted;
	void *context = mark;
	int r;

	if (!file->blob.n)
		return true;
	UNTIL_DONE(l->io, clock_after_ms(ANSWER_MS), r,
		   libssh2_userauth_publickey(l->io->session, l->c->user, (const unsigned char *)file->blob.p, file->blob.n,
					      sign_nothing, &context));
	return wanted;
}

static int try_unlocked(struct login *l, const struct key_file *file, const char *passphrase, struct error *err, bool *ret_wrong)
{
	int r;

	UNTIL_DONE(l->io, clock_after_ms(ANSWER_MS), r,
		   libssh2_userauth_publickey_fromfile_ex(l->io->session, l->c->user, (unsigned)strlen(l->c->user), NULL,
							  file->path, passphrase));
	*ret_wrong = r == LIBSSH2_ERROR_FILE;
	return outcome(l, r, err);
}

/* On the terminal: up to three tries, as ssh. */
static int ask_passphrase(struct login *l, const struct key_file *file, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(8192);
	bool wrong = true;
	int r = REFUSED;

	buf_addf(&text, "Enter passphrase for key '%s': ", file->path);
	for (int i = 0; r == REFUSED && wrong && i < TRIES; i++) {
		CLEANUP(secret_free_p) char *passphrase = NULL;

		r = prompt_line(buf_z(&text), false, &passphrase, err);
		if (r < 0 || !*passphrase)
			return r;
		r = try_unlocked(l, file, passphrase, err, &wrong);
	}
	return r;
}

static int try_encrypted(struct login *l, const struct key_file *file, struct error *err)
{
	const char *passphrase = getenv("CONTAINER_PASSPHRASE");
	bool wrong = true;
	int r = REFUSED;

	if (passphrase && *passphrase)
		r = try_unlocked(l, file, passphrase, err, &wrong);
	if (r != REFUSED || !wrong) {
		note_tried(l, "", file->path, NULL);
		return r;
	}
	if (l->to->interactive && is_wanted(l, file)) {
		note_tried(l, "", file->path, NULL);
		return ask_passphrase(l, file, err);
	}
	l->locked = file->path;
	note_tried(l, "", file->path,
		   passphrase && *passphrase ? "$CONTAINER_PASSPHRASE does not unlock it" : "locked by a passphrase");
	return REFUSED;
}

static int try_file(struct login *l, const struct key_file *file, struct buf *detail, struct error *err)
{
	bool wrong;
	int r = try_agent_for(l, file, detail, err);

	if (r != REFUSED)
		return r;
	if (file->no_private) {
		if (agent_find(&l->agent, file) == l->agent.n)
			note_tried(l, "", file->path, "a public key, and the agent has no private one");
		return REFUSED;
	}
	if (!key_file_usable(file)) {
		l->only_ssh = true;
		note_tried(l, "", file->path, "needs the system's ssh");
		return REFUSED;
	}
	if (file->encrypted) {
		r = try_encrypted(l, file, err);
	} else {
		note_tried(l, "", file->path, NULL);
		r = try_unlocked(l, file, NULL, err, &wrong);
		/* A key that libssh2 cannot read may still be one for ssh. */
		l->only_ssh |= r == REFUSED && wrong;
	}
	if (r == ACCEPTED)
		buf_addf(detail, "%s by %s %s", l->c->user, *file->type ? file->type : "key", file->path);
	return r;
}

static int try_keys(struct login *l, struct buf *detail, struct error *err)
{
	bool given = l->to->identity && *l->to->identity;
	int r = REFUSED;

	for (size_t i = 0; r == REFUSED && given && i < 1 && i < l->files->n; i++)
		r = try_file(l, &l->files->v[i], detail, err);
	/* Those that ssh_config names first, then the agent's others. */
	for (size_t i = given; r == REFUSED && i < l->files->n; i++)
		r = try_agent_for(l, &l->files->v[i], detail, err);
	for (size_t i = 0; r == REFUSED && !l->c->identities_only && i < l->agent.n; i++)
		r = try_agent_key(l, i, detail, err);
	for (size_t i = given; r == REFUSED && i < l->files->n; i++)
		r = try_file(l, &l->files->v[i], detail, err);
	return r;
}

/* ---- passwords ------------------------------------------------------------------------------------------------------ */

static int ask_password(struct login *l, struct buf *detail, struct error *err)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
	int r = REFUSED;

	buf_addf(&text, "%s@%s's password: ", l->c->user, l->c->host);
	for (int i = 0; r == REFUSED && i < TRIES; i++) {
		CLEANUP(secret_free_p) char *password = NULL;

		r = prompt_line(buf_z(&text), false, &password, err);
		if (r < 0)
			return r;
		UNTIL_DONE(l->io, clock_after_ms(ANSWER_MS), r,
			   libssh2_userauth_password_ex(l->io->session, l->c->user, (unsigned)strlen(l->c->user), password,
							(unsigned)strlen(password), NULL));
		r = outcome(l, r, err);
	}
	note_tried(l, "", "password", NULL);
	if (r == ACCEPTED)
		buf_addf(detail, "%s by password", l->c->user);
	return r;
}

/* The server's own questions (one-time codes and the like). */
static LIBSSH2_USERAUTH_KBDINT_RESPONSE_FUNC(answer_questions)
{
	(void)name, (void)name_len, (void)abstract;
	if (instruction_len > 0) {
		CLEANUP(free_p) char *say = str_dup((struct str){ instruction, (size_t)instruction_len });

		if (say)
			prompt_say(say);
	}
	for (int i = 0; i < num_prompts; i++) {
		CLEANUP(free_p) char *text = str_dup((struct str){ (const char *)prompts[i].text, (size_t)prompts[i].length });
		char *answer = NULL;

		if (!text || prompt_line(text, prompts[i].echo, &answer, NULL) < 0)
			return;
		responses[i].text = answer; /* libssh2 frees it */
		responses[i].length = (unsigned)strlen(answer);
	}
}

static int ask_questions(struct login *l, struct buf *detail, struct error *err)
{
	int r = REFUSED;

	for (int i = 0; r == REFUSED && i < TRIES; i++) {
		UNTIL_DONE(l->io, clock_after_ms(ANSWER_MS), r,
			   libssh2_userauth_keyboard_interactive_ex(l->io->session, l->c->user, (unsigned)strlen(l->c->user),
								    answer_questions));
		r = outcome(l, r, err);
	}
	note_tried(l, "", "keyboard-interactive", NULL);
	if (r == ACCEPTED)
		buf_addf(detail, "%s by keyboard-interactive", l->c->user);
	return r;
}

/* What the server takes beside keys; "" when it does not say. */
static const char *methods_of(struct login *l)
{
	uint64_t deadline_ms = clock_after_ms(ANSWER_MS);
	char *list = NULL;

	do {
		ssh_io_turn(l->io);
		list = libssh2_userauth_list(l->io->session, l->c->user, (unsigned)strlen(l->c->user));
		ssh_io_flush(l->io);
	} while (!list && libssh2_session_last_errno(l->io->session) == LIBSSH2_ERROR_EAGAIN && ssh_io_wait(l->io, deadline_ms));
	return list ? list : "";
}

static int try_asking(struct login *l, struct buf *detail, struct error *err)
{
	const char *methods = methods_of(l);
	bool questions = strstr(methods, "keyboard-interactive") && l->c->interactive_auth;
	bool password = strstr(methods, "password") && l->c->password_auth;
	int r = REFUSED;

	if (libssh2_userauth_authenticated(l->io->session)) {
		buf_addf(detail, "%s without any key", l->c->user);
		return ACCEPTED;
	}
	if (questions)
		r = ask_questions(l, detail, err);
	if (r == REFUSED && password)
		r = ask_password(l, detail, err);
	return r;
}

/* ---- outcome -------------------------------------------------------------------------------------------------------- */

static int refuse(struct login *l, struct error *err)
{
	const char *user = l->c->user, *host = l->to->host;

	if (!l->tried.n) {
		error_set(err, ERR_AUTH, "no key to log in with as %s on %s: no ssh agent, and no key file in ~/.ssh", user, host);
		return error_hint(err, "make one and put it on the host: ssh-keygen -t ed25519 && ssh-copy-id %s@%s", user, host);
	}
	error_set(err, ERR_AUTH, "%s accepted no key for user %s; tried: %s", host, user, buf_z(&l->tried));
	if (l->locked)
		return error_hint(err, "unlock it in the ssh agent: ssh-add %s, or set CONTAINER_PASSPHRASE", l->locked);
	return error_hint(err, "put a key on the host: ssh-copy-id -p %d %s@%s, or name another one: --identity FILE", l->c->port,
			  user, host);
}

int auth_login(struct ssh_io *io, const struct ssh_config *c, const struct tunnel_dest *to, const struct key_files *files,
	       struct buf *detail, bool *ret_only_ssh, struct error *err)
{
	struct login l = { .io = io, .c = c, .to = to, .files = files, .tried = BUF_INIT(16 * 1024) };
	int r = REFUSED;

	if (c->key_auth) {
		agent_open(&l.agent, io, c);
		r = try_keys(&l, detail, err);
	}
	/* What the system's ssh can still do without a question comes before questions. */
	if (r == REFUSED && to->interactive && !l.only_ssh)
		r = try_asking(&l, detail, err);
	if (r == REFUSED)
		r = refuse(&l, err);
	*ret_only_ssh = l.only_ssh;
	agent_close(&l.agent);
	buf_done(&l.tried);
	return r < 0 ? r : 0;
}

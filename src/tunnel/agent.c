#include "tunnel/agent.h"

#include <stdlib.h>

#include "base/log.h"

/* IdentityAgent is a path, "none", "SSH_AUTH_SOCK" or "$VARIABLE". */
const char *agent_path(const struct ssh_config *c)
{
	const char *path = c->identity_agent;

	if (!path || strcmp(path, "SSH_AUTH_SOCK") == 0)
		path = getenv("SSH_AUTH_SOCK");
	else if (strcmp(path, "none") == 0)
		path = NULL;
	else if (path[0] == '$')
		path = getenv(path + 1);
	return path && *path ? path : NULL;
}

void agent_open(struct agent *a, struct ssh_io *io, const struct ssh_config *c)
{
	struct libssh2_agent_publickey *key = NULL;
	const char *path = agent_path(c);

	if (path)
		a->agent = libssh2_agent_init(io->session);
	if (!a->agent)
		return;
	libssh2_agent_set_identity_path(a->agent, path);
	if (libssh2_agent_connect(a->agent) || libssh2_agent_list_identities(a->agent)) {
		log_debug("no keys from the ssh agent at %s: %s", path, ssh_io_message(io));
		agent_close(a);
		return;
	}
	while (a->n < AGENT_KEYS_MAX && libssh2_agent_get_identity(a->agent, &key, key) == 0)
		a->keys[a->n++] = key;
}

/* At once after a failed connect, too: libssh2 1.10 closes that socket twice, and its number must not be in use again by then. */
void agent_close(struct agent *a)
{
	if (a->agent)
		libssh2_agent_free(a->agent);
	*a = (struct agent){ 0 };
}

struct str agent_blob(const struct agent *a, size_t i)
{
	return (struct str){ (const char *)a->keys[i]->blob, a->keys[i]->blob_len };
}

size_t agent_find(const struct agent *a, const struct key_file *file)
{
	size_t i = 0;

	while (i < a->n && (!file->blob.n || !str_eq(agent_blob(a, i), buf_str(&file->blob))))
		i++;
	return i;
}

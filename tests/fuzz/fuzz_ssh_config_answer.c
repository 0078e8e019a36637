/* What "ssh -G" prints, which is made of what users type into their configuration. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "tunnel/ssh_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct tunnel_dest to = { .host = "box", .user = "ada" };
	CLEANUP(ssh_config_done) struct ssh_config c = { 0 };
	CLEANUP(error_done) struct error err = ERROR_INIT;

	if (ssh_config_parse((struct str){ (const char *)data, n }, &to, "/home/ada", &c, &err) < 0)
		return 0;
	if (!c.host || !c.user || c.port < 1 || c.port > 65535 || c.connect_timeout_s < 1 || !c.identity_files.n ||
	    !c.user_known_hosts.n || !c.global_known_hosts.n)
		abort();
	return 0;
}

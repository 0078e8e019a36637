#include "cmd/podman/platform.h"

#include "base/buf.h"
#include "base/cleanup.h"

void platform_done(struct platform *p)
{
	free(p->os);
	free(p->arch);
	free(p->variant);
}

int platform_split(const char *typed, bool apart, struct platform *ret, struct error *err)
{
	struct str os, rest, arch = { 0 }, variant = { 0 };

	if (!typed)
		return 0;
	if (apart)
		return error_set(err, ERR_USAGE, "--platform option can not be specified with --arch or --os");
	if (str_cut(str_from(typed), '/', &os, &rest))
		str_cut(rest, '/', &arch, &variant);
	ret->os = str_dup(os);
	ret->arch = arch.n ? str_dup(arch) : NULL;
	ret->variant = variant.n ? str_dup(variant) : NULL;
	return ret->os ? 0 : error_set(err, ERR_SYSTEM, "out of memory");
}

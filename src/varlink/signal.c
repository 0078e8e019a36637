/* varlink/signal.c: Linux's numbers (those of x86 and ARM), since the client's own differ on macOS. */
#include "varlink/signal.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/units.h"

#define SIGNAL_MAX 64

static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "HUP", 1 },   { "INT", 2 },   { "QUIT", 3 },  { "ILL", 4 },     { "TRAP", 5 },    { "ABRT", 6 },
	{ "IOT", 6 },   { "BUS", 7 },   { "FPE", 8 },   { "KILL", 9 },    { "USR1", 10 },   { "SEGV", 11 },
	{ "USR2", 12 }, { "PIPE", 13 }, { "ALRM", 14 }, { "TERM", 15 },   { "STKFLT", 16 }, { "CHLD", 17 },
	{ "CLD", 17 },  { "CONT", 18 }, { "STOP", 19 }, { "TSTP", 20 },   { "TTIN", 21 },   { "TTOU", 22 },
	{ "URG", 23 },  { "XCPU", 24 }, { "XFSZ", 25 }, { "VTALRM", 26 }, { "PROF", 27 },   { "WINCH", 28 },
	{ "IO", 29 },   { "POLL", 29 }, { "PWR", 30 },  { "SYS", 31 },    { "RTMIN", 34 },  { "RTMAX", 64 },
};

/* "RTMIN+3", "RTMAX-2": the part behind the name. */
static bool offset_of(const char *text, int *ret)
{
	int64_t n = 0;

	if (*text && !((*text == '+' || *text == '-') && int_parse(str_from(text), &n) && n > -SIGNAL_MAX && n < SIGNAL_MAX))
		return false;
	*ret = (int)n;
	return true;
}

int signal_number(const char *name, int *ret, struct error *err)
{
	const char *bare = strncasecmp(name, "SIG", 3) == 0 ? name + 3 : name;
	size_t n = strcspn(bare, "+-");
	int64_t number;
	int offset;

	if (int_parse(str_from(name), &number)) {
		if (number < 1 || number > SIGNAL_MAX)
			return error_set(err, ERR_USAGE, "invalid signal: %s", name);
		*ret = (int)number;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		if (strlen(signals[i].name) != n || strncasecmp(bare, signals[i].name, n) != 0 || !offset_of(bare + n, &offset))
			continue;
		if (offset && signals[i].number < 34)
			break;
		if (signals[i].number + offset < 1 || signals[i].number + offset > SIGNAL_MAX)
			break;
		*ret = signals[i].number + offset;
		return 0;
	}
	return error_set(err, ERR_USAGE, "invalid signal: %s", name);
}

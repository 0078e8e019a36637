/* What every cmocka test includes first: cmocka.h wants these before it. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

/* Fails and names the row of a table that did it. */
#define row_fail(row, ...)                                                                                                     \
	do {                                                                                                                   \
		print_error("row \"%s\": ", row);                                                                              \
		fail_msg(__VA_ARGS__);                                                                                         \
	} while (0)

#endif

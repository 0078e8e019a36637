/* cli/quote.h: text in the quotes of Go's %q, which pflag puts around what the user typed. */
#ifndef CLI_QUOTE_H
#define CLI_QUOTE_H

#include "base/buf.h"

/* strconv.Quote: in double quotes; control characters and bytes that are no UTF-8 are escaped. */
void quote_add(struct buf *out, struct str s);

/* %q of one byte taken as a character: 'x', '\n', 'Ã' for 0xc3. */
void quote_add_byte(struct buf *out, unsigned char c);

#endif

/* output/utf8.h: characters of text that came from a host; what is not UTF-8 counts as one character a byte, as Go does it. */
#ifndef OUTPUT_UTF8_H
#define OUTPUT_UTF8_H

#include <stdint.h>

#include "base/buf.h"

#define UTF8_BAD 0xFFFDu

/* The character at s.p[i] (i < s.n) and its length in bytes: 1 to 4. A byte that starts no character: UTF8_BAD, length 1. */
size_t utf8_at(struct str s, size_t i, uint32_t *ret_char);

/* Number of characters. */
size_t utf8_count(struct str s);

/* Appends c; UTF8_BAD in place of what is no character. */
bool utf8_add(struct buf *out, uint32_t c);

/* Whether Go's strconv.Quote leaves c as it is: letters, marks, numbers, punctuation, symbols and the ASCII blank. By ranges, not by the whole
 * Unicode table: unassigned characters count as printable. */
bool utf8_printable(uint32_t c);

/* Latin, Greek and Cyrillic letters; others stay as they are. */
uint32_t utf8_lower(uint32_t c);
uint32_t utf8_upper(uint32_t c);

/* Go's strconv.Quote: "text" with escapes. */
void utf8_quote(struct str s, struct buf *out);

#endif

#include "cli/quote.h"

#include <stdint.h>

/* The length of the UTF-8 character at s, 0 when there is none. */
static size_t decode(struct str s, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
	uint32_t v = n == 1 ? c : c & (0x7fu >> n);

	if (!n || n > s.n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s.p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (s.p[i] & 0x3f);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return 0;
	*ret = v;
	return n;
}

/* Go's unicode.IsPrint for what a command line can be expected to hold: no controls, no blanks but the plain one, no soft hyphen. */
static bool printable(uint32_t c)
{
	if (c < 0x80)
		return c >= 0x20 && c != 0x7f;
	return c > 0xa0 && c != 0xad && !(c >= 0x2000 && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202f) && c != 0x3000 && c != 0xfeff &&
	       !(c >= 0xe000 && c <= 0xf8ff);
}

static void add_char(struct buf *out, uint32_t c, struct str spelled, char mark)
{
	static const char letters[] = "abtnvfr";

	if (c == '\\' || c == (unsigned char)mark)
		buf_addf(out, "\\%c", (int)c);
	else if (c >= 7 && c <= 13)
		buf_addf(out, "\\%c", letters[c - 7]);
	else if (printable(c))
		buf_add(out, spelled);
	else if (c < 0x80)
		buf_addf(out, "\\x%02x", (unsigned)c);
	else
		buf_addf(out, c > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)c);
}

void quote_add(struct buf *out, struct str s)
{
	buf_add_char(out, '"');
	while (s.n) {
		uint32_t c;
		size_t n = decode(s, &c);

		if (n) {
			add_char(out, c, (struct str){ s.p, n }, '"');
		} else {
			buf_addf(out, "\\x%02x", (unsigned)(unsigned char)s.p[0]);
			n = 1;
		}
		s.p += n;
		s.n -= n;
	}
	buf_add_char(out, '"');
}

void quote_add_byte(struct buf *out, unsigned char c)
{
	char utf8[2] = { (char)c, 0 };
	struct str spelled = { utf8, 1 };

	if (c >= 0x80) {
		utf8[0] = (char)(0xc0 | c >> 6);
		utf8[1] = (char)(0x80 | (c & 0x3f));
		spelled.n = 2;
	}
	buf_add_char(out, '\'');
	add_char(out, c, spelled, '\'');
	buf_add_char(out, '\'');
}

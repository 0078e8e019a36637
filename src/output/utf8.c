#include "output/utf8.h"

#include "base/cleanup.h"

static bool is_tail(struct str s, size_t i)
{
	return i < s.n && ((unsigned char)s.p[i] & 0xC0) == 0x80;
}

/* Length that the first byte announces; 0 when it can't start a character. */
static size_t announced(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xC2 && first < 0xE0)
		return 2;
	if (first >= 0xE0 && first < 0xF0)
		return 3;
	return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

size_t utf8_at(struct str s, size_t i, uint32_t *ret_char)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)s.p[i];
	size_t n = announced(first);
	uint32_t c = n == 1 ? first : first & (0x7Fu >> n);

	*ret_char = UTF8_BAD;
	if (n == 0)
		return 1;
	for (size_t k = 1; k < n; k++) {
		if (!is_tail(s, i + k))
			return 1;
		c = c << 6 | ((unsigned char)s.p[i + k] & 0x3F);
	}
	if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		return 1;
	*ret_char = c;
	return n;
}

size_t utf8_count(struct str s)
{
	size_t count = 0;
	uint32_t c;

	for (size_t i = 0; i < s.n; i += utf8_at(s, i, &c))
		count++;
	return count;
}

bool utf8_add(struct buf *out, uint32_t c)
{
	if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		c = UTF8_BAD;
	if (c < 0x80)
		return buf_add_char(out, (char)c);
	if (c < 0x800)
		return buf_add_bytes(out, (char[]){ (char)(0xC0 | c >> 6), (char)(0x80 | (c & 0x3F)) }, 2);
	if (c < 0x10000)
		return buf_add_bytes(
			out, (char[]){ (char)(0xE0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3F)), (char)(0x80 | (c & 0x3F)) }, 3);
	return buf_add_bytes(out,
			     (char[]){ (char)(0xF0 | c >> 18), (char)(0x80 | (c >> 12 & 0x3F)), (char)(0x80 | (c >> 6 & 0x3F)),
				       (char)(0x80 | (c & 0x3F)) },
			     4);
}

bool utf8_printable(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{ 0x00, 0x1F },     { 0x7F, 0xA0 },     { 0xAD, 0xAD },       { 0x600, 0x605 },        { 0x61C, 0x61C },
		{ 0x6DD, 0x6DD },   { 0x70F, 0x70F },   { 0x1680, 0x1680 },   { 0x180E, 0x180E },      { 0x2000, 0x200F },
		{ 0x2028, 0x202F }, { 0x205F, 0x206F }, { 0x3000, 0x3000 },   { 0xD800, 0xF8FF },      { 0xFEFF, 0xFEFF },
		{ 0xFFF0, 0xFFFB }, { 0xFFFE, 0xFFFF }, { 0xE0000, 0xE00FF }, { 0xF0000, UINT32_MAX },
	};

	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return false;
	return true;
}

/* Pairs of a capital and a small letter: offset apart, or, with offset 1, each beside the other. */
static const struct {
	uint32_t first, last; /* capitals */
	uint32_t offset;
} letters[] = {
	{ 'A', 'Z', 32 },     { 0xC0, 0xD6, 32 },   { 0xD8, 0xDE, 32 },  { 0x100, 0x12E, 1 },  { 0x132, 0x136, 1 },
	{ 0x139, 0x147, 1 },  { 0x14A, 0x176, 1 },  { 0x179, 0x17D, 1 }, { 0x391, 0x3A1, 32 }, { 0x3A3, 0x3A9, 32 },
	{ 0x400, 0x40F, 80 }, { 0x410, 0x42F, 32 }, { 0x460, 0x480, 1 }, { 0x48A, 0x4BE, 1 },
};

uint32_t utf8_lower(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		if (c >= letters[i].first && c <= letters[i].last && (letters[i].offset > 1 || (c - letters[i].first) % 2 == 0))
			return c + letters[i].offset;
	return c;
}

uint32_t utf8_upper(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
		uint32_t capital = c - letters[i].offset;

		if (c > letters[i].offset && capital >= letters[i].first && capital <= letters[i].last && utf8_lower(capital) == c)
			return capital;
	}
	return c;
}

static void quote_char(uint32_t c, struct buf *out)
{
	static const char named[] = "\aa\bb\ff\nn\rr\tt\vv\\\\\"\"";

	for (size_t i = 0; c < 0x80 && i + 1 < sizeof named; i += 2)
		if (named[i] == (char)c) {
			buf_add_bytes(out, (char[]){ '\\', named[i + 1] }, 2);
			return;
		}
	if (utf8_printable(c))
		utf8_add(out, c);
	else if (c < 0x80)
		buf_addf(out, "\\x%02x", (unsigned)c);
	else
		buf_addf(out, c < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)c);
}

void utf8_quote(struct str s, struct buf *out)
{
	uint32_t c;

	buf_add_char(out, '"');
	for (size_t i = 0, n; i < s.n; i += n) {
		n = utf8_at(s, i, &c);
		if (c == UTF8_BAD && n == 1)
			buf_addf(out, "\\x%02x", (unsigned char)s.p[i]);
		else
			quote_char(c, out);
	}
	buf_add_char(out, '"');
}

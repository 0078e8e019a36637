#include "output/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DIGITS_MAX 17 /* enough for every double to survive the way to text and back */

/* v = 0.d1 d2 d3... * 10^point */
struct digits {
	char d[DIGITS_MAX + 1];
	int n, point;
};

static void digits_of(double v, struct digits *ret)
{
	char text[40];
	int exponent, n = 0;

	for (int precision = 0; precision < DIGITS_MAX; precision++) {
		snprintf(text, sizeof text, "%.*e", precision, fabs(v));
		if (strtod(text, NULL) == fabs(v))
			break;
	}
	exponent = atoi(strchr(text, 'e') + 1);
	for (const char *p = text; *p != 'e'; p++)
		if (*p >= '0' && *p <= '9')
			ret->d[n++] = *p;
	ret->d[n] = 0;
	ret->n = n;
	ret->point = exponent + 1;
}

static void add_exponent_form(const struct digits *g, int least_exponent_digits, struct buf *out)
{
	int exponent = g->point - 1;

	buf_addf(out, "%c%s%se%c%0*d", g->d[0], g->n > 1 ? "." : "", g->d + 1, exponent < 0 ? '-' : '+', least_exponent_digits,
		 abs(exponent));
}

static void add_plain_form(const struct digits *g, struct buf *out)
{
	if (g->point <= 0) {
		buf_add_z(out, "0.");
		for (int i = g->point; i < 0; i++)
			buf_add_char(out, '0');
		buf_add_z(out, g->d);
		return;
	}
	for (int i = 0; i < g->point; i++)
		buf_add_char(out, i < g->n ? g->d[i] : '0');
	if (g->n > g->point)
		buf_addf(out, ".%s", g->d + g->point);
}

static void add(double v, int min_exponent, int max_exponent, int least_exponent_digits, struct buf *out)
{
	struct digits g;

	if (signbit(v))
		buf_add_char(out, '-');
	if (v == 0) {
		buf_add_char(out, '0');
		return;
	}
	digits_of(v, &g);
	if (g.point - 1 < min_exponent || g.point - 1 >= max_exponent)
		add_exponent_form(&g, least_exponent_digits, out);
	else
		add_plain_form(&g, out);
}

void decimal_go(double v, struct buf *out)
{
	if (isnan(v))
		buf_add_z(out, "NaN");
	else if (isinf(v))
		buf_add_z(out, v < 0 ? "-Inf" : "+Inf");
	else
		add(v, -4, 6, 2, out);
}

void decimal_json(double v, struct buf *out)
{
	if (!isfinite(v))
		buf_add_z(out, "null");
	else
		/* Go shortens e-09 to e-9 here, but leaves e+21. */
		add(v, -6, 21, v != 0 && fabs(v) < 1 ? 1 : 2, out);
}

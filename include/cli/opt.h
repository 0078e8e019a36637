/* cli/opt.h: options as data. One table of rows for a command parses its flags, prints its help, completes it and gives the OPTIONS of its
 * man page. Parsing follows pflag (spf13/pflag): --x=y, --x y, -xVALUE, -x=VALUE, grouped shorts, bools take =false, "--" ends flags. */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/flags.h"
#include "base/strv.h"

enum opt_type {
	OPT_T_END,
	OPT_T_BOOL,   /* bool */
	OPT_T_STR,    /* const char *, borrowed from argv or the default */
	OPT_T_INT,    /* int64_t; pflag int */
	OPT_T_UINT,   /* int64_t >= 0; pflag uint */
	OPT_T_FLOAT,  /* double */
	OPT_T_STRV,   /* struct strv, one element for each time; pflag stringArray; starts empty */
	OPT_T_SLICE,  /* struct strv, values split as CSV at commas; pflag strings; starts empty */
	OPT_T_INCLUDE, /* the rows of another table; offset is added to theirs */
};

enum opt_flag {
	OPT_HIDDEN = 1,    /* parsed, not shown */
	OPT_BAG = 2,       /* offset is that of a struct flags: the value is checked for its type and kept there as typed under the long name; a
	              * slice as its elements, a bool as "true" or "false" */
	OPT_NO_VALUE_OK = 4, /* --x without =value is allowed and means "true"; a value must be attached with = (pflag NoOptDefVal) */
};

struct opt {
	enum opt_type type;
	unsigned flags;
	char short_name;       /* 0: none */
	const char *long_name; /* without dashes */
	const char *metavar;   /* the word in the help ("string", "int", "strings"); NULL: pflag's word for the type */
	const char *dflt;      /* shown as (default X); NULL: none. For a non-bag row the value is in the command's args_default */
	const char *help;      /* one line, no full stop */
	size_t offset;         /* of the field in the args struct */
	const struct opt *include;
	const char *complete;  /* words for completion "a|b|c", or "@container", "@image", "@file", "@dir"; NULL: none */
	const char *alias_of;  /* a bag row that is another spelling of a flag: the bag keeps it under that name; NULL: its own name */
};

/* A wrong field type does not compile. */
#define OPT_FIELD(T, f, want) (offsetof(T, f) + 0 * sizeof(char[_Generic(((T *)0)->f, want: 1, default: -1)]))
#define OPT_BOOL(s, l, T, f, h) { .type = OPT_T_BOOL, .short_name = s, .long_name = l, .help = h, .offset = OPT_FIELD(T, f, bool) }
#define OPT_STR(s, l, T, f, mv, h)                                                                                              \
	{ .type = OPT_T_STR, .short_name = s, .long_name = l, .metavar = mv, .help = h, .offset = OPT_FIELD(T, f, const char *) }
#define OPT_INT(s, l, T, f, mv, h)                                                                                              \
	{ .type = OPT_T_INT, .short_name = s, .long_name = l, .metavar = mv, .help = h, .offset = OPT_FIELD(T, f, int64_t) }
#define OPT_UINT(s, l, T, f, mv, h)                                                                                             \
	{ .type = OPT_T_UINT, .short_name = s, .long_name = l, .metavar = mv, .help = h, .offset = OPT_FIELD(T, f, int64_t) }
#define OPT_STRV(s, l, T, f, mv, h)                                                                                             \
	{ .type = OPT_T_STRV, .short_name = s, .long_name = l, .metavar = mv, .help = h, .offset = OPT_FIELD(T, f, struct strv) }
#define OPT_SLICE(s, l, T, f, mv, h)                                                                                            \
	{ .type = OPT_T_SLICE, .short_name = s, .long_name = l, .metavar = mv, .help = h, .offset = OPT_FIELD(T, f, struct strv) }
#define OPT_INCLUDE(table, T, f) { .type = OPT_T_INCLUDE, .include = table, .offset = offsetof(T, f) }
#define OPT_END { .type = OPT_T_END }

/* A table and the struct it fills. */
struct opt_set {
	const struct opt *opts;
	void *args;
};

/* Parses argv[0..argc), the words after the command. The first set that knows a flag takes it (the command's own, then the global ones).
 *   stop_at_first  flags end at the first name (run, create, exec)
 *   ret_names      what is no flag, in order
 *   ret_help       --help or -h was given (unless a set has -h for itself); parsing goes on
 * ERR_USAGE in pflag's words: unknown flag: --x; unknown shorthand flag: 'l' in -l; flag needs an argument: --x; invalid argument "v" for
 * "-t, --time" flag: ...; the hint names the nearest flag ("did you mean --x?") when one is near. */
int opts_parse(const struct opt_set *sets, size_t n_sets, bool stop_at_first, int argc, char *const *argv, struct strv *ret_names,
	       bool *ret_help, struct error *err);

/* Frees the vectors and bags in args. */
void opts_done(const struct opt *opts, void *args);

/* Walks the rows, included ones too, in table order; rows come without the offset of the table that includes theirs. */
typedef void opt_row_fn(void *ctx, const struct opt *row);
void opts_each(const struct opt *opts, opt_row_fn *each, void *ctx);

#endif

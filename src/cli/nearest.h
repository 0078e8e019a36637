/* cli/nearest.h: the names that a mistyped one may have meant. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include "base/buf.h"

/* Names this far away count as near (cobra's SuggestionsMinimumDistance). */
#define NEAREST_MAX 2

/* Single-character insertions, removals and replacements between the two, upper and lower case taken as equal; NEAREST_MAX + 1 for
 * anything farther, and for words that share no letter in place. */
unsigned nearest_distance(struct str a, struct str b);

/* nearest_distance, or NEAREST_MAX for a name that typed is the beginning of. Less is better; over NEAREST_MAX: no suggestion. */
unsigned nearest_rank(struct str typed, struct str name);

#endif

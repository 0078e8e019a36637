/* archive/glob.h: one pattern of an ignore file against one path. moby makes a regular expression of the pattern (moby/patternmatcher,
 * Pattern.compile); here it becomes the same automaton, run state by state, so that no pattern is slow on any path.
 *
 *   *      any characters but '/'            ?      one character but '/'
 *   [a-z]  one of these, [^a-z] one other    \c     c itself
 *   **     any characters; "**" and the slash behind it stand for any number of folders, none too
 *
 * Characters are UTF-8; a byte that is none stands for itself. Where moby's regular expression says something that the documented rules
 * don't ("\d" is a digit there, "^" an anchor, "{" a repetition), the rules hold here. */
#ifndef ARCHIVE_GLOB_H
#define ARCHIVE_GLOB_H

#include <stdbool.h>

#include "base/buf.h"

#define GLOB_MAX 4096 /* bytes of a pattern: PATH_MAX of Linux */

struct glob;

/* pattern: cleaned, without "!". ERR_USAGE for one that Go's filepath.Match or regexp would not take. */
int glob_compile(struct str pattern, struct glob **ret, struct error *err);
/* path, or one of the folders that it lies in. */
bool glob_match(const struct glob *g, struct str path);
/* True when path could be the beginning of something that matches. */
bool glob_can_match_below(const struct glob *g, struct str path);
void glob_free_p(struct glob **g);

#endif

/* output/header.h: the words of a table's header. */
#ifndef OUTPUT_HEADER_H
#define OUTPUT_HEADER_H

#include "base/buf.h"

/* "CreatedAt" to "CREATED AT": words begin at capitals and numbers; of several capitals the last one belongs to the small letters behind it. */
void header_words(const char *field, struct buf *out);

#endif

/* templates.h: JSON texts with places to fill. */
#ifndef HOST_TEMPLATES_H
#define HOST_TEMPLATES_H

extern const char inspect_template[];
extern const char spec_template[];
extern const char config_template[];

#endif

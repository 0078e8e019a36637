/* varlink/tree.h: the drawing of an image's layers. Pure. */
#ifndef VARLINK_TREE_H
#define VARLINK_TREE_H

#include "base/js.h"

/* image: of GetImage; info: of BuildImageHierarchyMap; layers: of GetLayersMapWithImageInfo. *ret is owned by the caller. ERR_PROTOCOL when
 * the layers don't fit together. */
int tree_draw(struct json_object *image, struct json_object *info, struct json_object *layers, bool what_requires, char **ret,
	      struct error *err);

#endif

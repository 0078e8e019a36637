/* engine/wrap.h: the functions behind include/engine: each calls the operation of the protocol room, or says that this host has none. */
#ifndef ENGINE_WRAP_H
#define ENGINE_WRAP_H

#include "engine/engine.h"

/* One wrapper an operation: ARGS are the parameters between the engine and the error, PASS their names. */
#define WRAP(op, what, ARGS, PASS)                                                                                             \
	int engine_##op ARGS                                                                                                   \
	{                                                                                                                      \
		if (!e->ops->op)                                                                                               \
			return engine_unsupported(e, err, what);                                                               \
		return e->ops->op PASS;                                                                                        \
	}

#endif

/* extensions: from what is found in the sources of extension modules to findings. */
#ifndef RULES_EXTENSIONS_H
#define RULES_EXTENSIONS_H

#include "racelint/rules.h"

/* What a rule says of one hazard: fills all of the remark but its file and place. Texts are in the arena. */
void RL804_describe(struct arena *arena, const struct extension *extension, const struct extension_hazard *hazard,
                    struct remark *remark);
void RL805_describe(struct arena *arena, const struct extension *extension, const struct extension_hazard *hazard,
                    struct remark *remark);

#endif

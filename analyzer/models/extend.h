/* extend: the built-in entries together with those of the user's model files. */
#ifndef MODELS_EXTEND_H
#define MODELS_EXTEND_H

#include "models/schema.h"

/* All built-in entries and those of the schema, which was linked with models_known() and has no problems; where both
 * have one of a name, the schema's. Refers to the schema. Free with models_free. */
struct models *models_extended(const struct schema *schema);
void models_free(struct models *models);

/* For schema_link: the built-in entry of a name. */
const struct model *models_known(struct str qualified_name);

#endif

/* objects: abstract objects and values (sets of them). */
#ifndef PROGRAM_OBJECTS_H
#define PROGRAM_OBJECTS_H

#include "program/state.h"

/* The object with this kind and these parts, made on first use. */
object_id object_get(struct program *p, enum object_kind kind, uint32_t a, uint32_t b, uint32_t c);
object_id object_external(struct program *p, name_id qualified);
object_id object_generic(struct program *p, object_id class_object); /* some instance of a class */
object_id object_external_named(struct program *p, const char *qualified);
object_id object_builtin(struct program *p, name_id name); /* builtins.<name> */
/* <name of the external object>.<name>; the external object itself where that would be very long */
object_id object_external_member(struct program *p, object_id external, name_id name);
/* models_member, remembered; type may be NULL. */
const struct model *model_member(struct program *p, const struct model *type, name_id name);
/* An instance of a modelled class (by external object), allocated at a site. */
object_id object_modelled(struct program *p, object_id external, uint32_t site, context_id context);
/* What the default factory of a field makes for an instance, and the instance that an object was made for so, or 0. */
object_id object_by_factory(struct program *p, object_id external, name_id field, object_id instance);
object_id object_made_for(const struct program *p, object_id id);
/* What is reached from `base` by `name`; class_object tells its type, or 0. UNKNOWN past PATH_DEPTH_MAX. */
object_id object_path(struct program *p, object_id base, name_id name, object_id class_object);

/* The class object of an instance (program class, or external class), or 0. */
object_id object_class(const struct program *p, object_id id);
/* What the object is to the analysis: the role of its modelled class or of the first modelled base. */
enum model_role object_role(const struct program *p, object_id id);
const struct model *object_type_model(const struct program *p, object_id id);
bool role_is_lock(enum model_role role);
bool role_is_container(enum model_role role);
/* The lock of the whole process that a function of a library takes: imp.acquire_lock(). `name` is what the model says.
 */
object_id object_process_lock(struct program *p, const char *name);
bool object_is_process_lock(const struct program *p, object_id id);
/* A container that a library keeps for the whole process, and that any thread changes: sys.modules. */
bool object_is_library_state(const struct program *p, object_id id);

/* What holds *args or **kwargs for a call: `key` tells calls with other arguments apart. It is no place where the
 * arguments are kept, unless it is kept itself. */
object_id object_packed(struct program *p, object_id external, uint32_t site, uint32_t key);
bool object_is_packed(const struct object *o);

set_id value_union(struct program *p, set_id a, set_id b); /* collapses to UNKNOWN past VALUE_MAX */
bool value_is(const struct program *p, set_id value, object_id only);
bool object_is_immutable(const struct program *p, object_id id);
/* Whether nothing can change what a value is: scalars, the program's code and modules, tuples of such. */
bool value_is_immutable(const struct program *p, set_id value);
/* Only constants and other immutable values. */
bool value_is_scalar(const struct program *p, set_id value);
/* Only functions, classes, modules and external names: code, not data. */
bool value_is_code(const struct program *p, set_id value);

/* A name for people: "pkg.cache.Cache", "list", … */
struct str object_display(struct program *p, object_id id);
struct str function_qualname(struct program *p, uint32_t unit, uint32_t function);

#endif

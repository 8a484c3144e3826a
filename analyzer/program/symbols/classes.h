/* classes: bases, method resolution order and member lookup of program classes. */
#ifndef PROGRAM_CLASSES_H
#define PROGRAM_CLASSES_H

#include "program/state.h"

/* Makes the class known (once) and sets or adds to its bases, and the metaclasses that its statement names. */
struct class_info *class_define(struct program *p, object_id class_object, set_id bases, set_id metaclasses);
struct class_info *class_find(const struct program *p, object_id class_object); /* NULL for external ones */

/* A member of a class: looked for in the class and its bases, in order. */
struct member {
    object_id holder;          /* the class object that has it, 0 where none has */
    set_id value;              /* of a program class: the class attribute's value */
    const struct model *model; /* of an external class: the model of the member */
};
struct member class_member(struct program *p, object_id class_object, name_id name, context_id reader);
/* The same, starting behind `after` in the order of `class_object` (for super()). */
struct member class_member_after(struct program *p, object_id class_object, object_id after, name_id name,
                                 context_id reader);

/* A member of its metaclasses that are the program's: what calling the class does, and what its attributes are where no
 * base has them. */
struct member class_metamember(struct program *p, object_id class_object, name_id name, context_id reader);

/* The metaclass of a receiver of `super(after, receiver)`, where that is a class, or some class: `after`, or one that
 * derives from it; else 0. */
object_id class_metaclass(struct program *p, object_id receiver, object_id after);

/* How a function was decorated where its class holds it. */
enum method_kind { METHOD_PLAIN, METHOD_STATIC, METHOD_CLASS, METHOD_PROPERTY, METHOD_CACHED_PROPERTY };
enum method_kind method_kind(struct program *p, uint32_t unit, uint32_t function);
/* The setter `x` that was decorated with `@x.setter` in the class that holds the property, or 0. */
object_id class_property_setter(struct program *p, object_id holder, name_id name);
/* Whether a decorator from outside the program says by its name that the function runs under a lock. */
bool function_runs_locked(const struct program *p, uint32_t unit, uint32_t function);
bool function_has_decorator(const struct program *p, uint32_t unit, uint32_t function, const char *dotted_end);
/* Whether the class, or a base, is `other`. */
bool class_derives_from(const struct program *p, object_id class_object, object_id other);
/* The topmost program base that stores the field in its own instances: where a field of a class belongs. */
object_id class_field_owner(struct program *p, object_id class_object, name_id field);

/* What the instances of its bases in general hold in a field of "some instance" of a class: the derived class's
 * constructor need not have been seen. 0: nothing, or it is another object. */
set_id class_inherited_field(struct program *p, object_id object, name_id field, context_id reader);

#endif

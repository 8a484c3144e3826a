/* heap: fields of abstract objects. A field's value only grows; contexts that read it run again when it does. */
#ifndef PROGRAM_HEAP_H
#define PROGRAM_HEAP_H

#include "program/state.h"

/* The field, or NULL where nothing was ever stored or asked for. Good until the next field is made. */
struct field *heap_find(const struct program *p, object_id object, name_id name);
/* The value, noting that `reader` (0: nobody) depends on it. */
set_id heap_read(struct program *p, object_id object, name_id name, context_id reader);
/* The object that stands for what is found in a field of unknown value: object_path of the two. */
object_id heap_path(struct program *p, object_id object, name_id name);
/* The same for a field that is known: index into program->fields. */
set_id heap_read_field(struct program *p, uint32_t index, context_id reader);
/* The field of a tuple or list that holds one element: "#0". */
name_id heap_element(struct program *p, uint32_t index);
/* The field in which a thread finds what it has stored in an attribute of a threading.local, as each kind of thread has
 * values of its own there: "name@root". Other objects have one field for all. */
name_id heap_of_thread(struct program *p, object_id object, name_id name, root_id root);
/* Adds to the value. unit/op say where, for messages; unit UINT32_MAX: nowhere. */
void heap_write(struct program *p, object_id object, name_id name, set_id value, uint32_t unit, uint32_t op);
/* Notes that a field of a module or class is written by functions; who read it as a constant runs again. */
void heap_written_later(struct program *p, object_id object, name_id name);
/* Everything reachable from an object through fields: calls visit once per object (the start included). `limit` bounds
 * it. A visit that returns false is not followed further,
 * and none may begin another walk. */
void heap_walk(struct program *p, object_id from, bool (*visit)(struct program *p, object_id object, void *data),
               void *data);

#endif

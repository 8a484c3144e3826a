/* intern: strings to dense ids and back. Id 0 is the empty string. Equal bytes have one id. Not for concurrent use. */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include "racelint/base.h"

struct intern;
struct intern *intern_new(void);
void intern_free(struct intern *table);
void intern_clear(struct intern *table);                        /* forgets all strings, and keeps memory for as many */
uint32_t intern_id(struct intern *table, struct str s);         /* copies s when it is new */
uint32_t intern_find(const struct intern *table, struct str s); /* 0 where s was never interned (or is empty) */
struct str intern_str(const struct intern *table, uint32_t id); /* ends in NUL; good as long as the table */
uint32_t intern_count(const struct intern *table);              /* ids are below this */

#endif

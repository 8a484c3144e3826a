/* values: what options and keys have in common when they are given a value. */
#ifndef SETTINGS_VALUES_H
#define SETTINGS_VALUES_H

#include "settings/options.h"
#include "settings/suggest.h"

/* Appends a text and its place to a list in the settings' arena. */
void list_push(struct arena *arena, struct str_list *list, struct str item, struct setting_place place);

/* Reads one of an option's choices, or a number in its bounds. False with the end of a sentence appended to *problem:
 * "'hihg' is not low, medium or high; did you mean 'high'?". */
bool value_choice(const struct option_info *option, const struct settings_context *context, struct str value,
                  unsigned *choice, struct buf *problem);
bool value_number(const struct option_info *option, struct str value, unsigned *number, struct buf *problem);

/* Appends "; did you mean '--name'?" where a name is near; dashes: what stands before it. */
void value_suggest(const struct suggestion *suggestion, const char *dashes, struct buf *out);

/* A larger array for a list that holds `count` items, where it is full; else `items`. New elements are zero. */
void *list_room(struct arena *arena, void *items, size_t count, size_t element_size);

#endif

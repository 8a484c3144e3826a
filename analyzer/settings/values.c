#include "settings/values.h"

#include <string.h>

void *list_room(struct arena *arena, void *items, size_t count, size_t element_size)
{
    if ((count & (count - 1)) != 0 || (count > 0 && count < 4)) { /* not full: it grows at 0, 4, 8, 16 … */
        return items;
    }
    void *larger = arena_array(arena, count < 4 ? 4 : count * 2, element_size);
    if (count > 0) {
        memcpy(larger, items, count * element_size);
    }
    return larger;
}

void list_push(struct arena *arena, struct str_list *list, struct str item, struct setting_place place)
{
    list->items = list_room(arena, list->items, list->count, sizeof *list->items);
    list->places = list_room(arena, list->places, list->count, sizeof *list->places);
    list->items[list->count] = item;
    list->places[list->count++] = place;
}

void value_suggest(const struct suggestion *suggestion, const char *dashes, struct buf *out)
{
    struct str best = suggestion_best(suggestion);

    if (best.len > 0) {
        buf_printf(out, "; did you mean '%s%.*s'?", dashes, STR_FMT(best));
    }
}

bool value_choice(const struct option_info *option, const struct settings_context *context, struct str value,
                  unsigned *choice, struct buf *problem)
{
    struct suggestion suggestion = suggestion_of(value);
    struct str name;

    for (size_t i = 0; (name = option_choice(option, context, i)).len > 0; i++) {
        if (str_equal(name, value)) {
            *choice = (unsigned)i;
            return true;
        }
        suggestion_offer(&suggestion, name);
    }
    buf_printf(problem, "'%.*s' is not ", STR_FMT(value));
    option_list_choices(option, context, problem);
    value_suggest(&suggestion, "", problem);
    return false;
}

bool value_number(const struct option_info *option, struct str value, unsigned *number, struct buf *problem)
{
    unsigned result = 0;
    bool good = value.len > 0 && value.len < 10;

    for (size_t i = 0; good && i < value.len; i++) {
        good = value.ptr[i] >= '0' && value.ptr[i] <= '9';
        result = result * 10 + (unsigned)(value.ptr[i] - '0');
    }
    if (!good || result < option->least || result > option->most) {
        buf_printf(problem, "'%.*s' is not a number from %u to %u", STR_FMT(value), option->least, option->most);
        return false;
    }
    *number = result;
    return true;
}

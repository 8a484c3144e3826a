#include "racelint/base.h"

#include <stdlib.h>

#include "base/vec.h"

struct diagnostics {
    struct arena *arena; /* owns paths, codes and messages */
    VEC(struct diagnostic) items;
};

struct diagnostics *diagnostics_new(void)
{
    struct diagnostics *list = memory_new(sizeof *list);

    list->arena = arena_new();
    return list;
}

void diagnostics_free(struct diagnostics *list)
{
    if (list != NULL) {
        arena_free(list->arena);
        vec_release(&list->items);
        free(list);
    }
}

void diagnostics_add(struct diagnostics *list, struct str path, uint32_t line, const char *code, struct str message)
{
    struct diagnostic item = {
        .path = arena_str(list->arena, path),
        .line = line,
        .code = arena_str(list->arena, str_of(code)).ptr,
        .message = arena_str(list->arena, message),
    };

    vec_push(&list->items, item);
}

void diagnostics_merge(struct diagnostics *into, const struct diagnostics *from)
{
    for (size_t i = 0; i < from->items.len; i++) {
        const struct diagnostic *item = &from->items.data[i];
        diagnostics_add(into, item->path, item->line, item->code, item->message);
    }
}

static int diagnostic_compare(const void *left, const void *right)
{
    const struct diagnostic *a = left;
    const struct diagnostic *b = right;
    int order = str_compare(a->path, b->path);

    if (order == 0) {
        order = (a->line > b->line) - (a->line < b->line);
    }
    if (order == 0) {
        order = str_compare(str_of(a->code), str_of(b->code));
    }
    return order != 0 ? order : str_compare(a->message, b->message);
}

void diagnostics_sort(struct diagnostics *list)
{
    struct diagnostic *items = list->items.data;
    size_t kept = 0;

    if (list->items.len == 0) {
        return;
    }
    qsort(items, list->items.len, sizeof *items, diagnostic_compare);
    for (size_t i = 1; i < list->items.len; i++) {
        if (diagnostic_compare(&items[kept], &items[i]) != 0) {
            items[++kept] = items[i];
        }
    }
    list->items.len = kept + 1;
}

size_t diagnostics_count(const struct diagnostics *list)
{
    return list->items.len;
}

const struct diagnostic *diagnostics_at(const struct diagnostics *list, size_t index)
{
    if (index >= list->items.len) {
        BUG("diagnostic %zu of %zu", index, list->items.len);
    }
    return &list->items.data[index];
}

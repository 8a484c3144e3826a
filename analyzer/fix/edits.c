#include "fix/edits.h"

#include <stdlib.h>

static int compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_edits(const void *left, const void *right)
{
    const struct edit *a = left, *b = right;
    int order = compare_numbers(a->file, b->file);
    if (order == 0) {
        order = compare_numbers(a->start, b->start);
    }
    if (order == 0) { /* what is inserted comes before what is replaced */
        order = compare_numbers(a->end > a->start, b->end > b->start);
    }
    if (order == 0) {
        order = compare_numbers(a->order, b->order);
    }
    return order != 0 ? order : str_compare(a->text, b->text);
}

bool edits_sort(edit_list *edits)
{
    if (edits->len > 0) {
        qsort(edits->data, edits->len, sizeof *edits->data, compare_edits);
    }
    for (size_t i = 1; i < edits->len; i++) {
        if (edits->data[i].file == edits->data[i - 1].file && edits->data[i].start < edits->data[i - 1].end) {
            return false;
        }
    }
    return true;
}

void edits_apply(const edit_list *edits, uint32_t file, struct str text, struct buf *out)
{
    size_t at = 0;
    for (size_t i = 0; i < edits->len; i++) {
        const struct edit *edit = &edits->data[i];
        if (edit->file == file) {
            buf_add(out, str_slice(text, at, edit->start));
            buf_add(out, edit->text);
            at = edit->end;
        }
    }
    buf_add(out, str_slice(text, at, text.len));
}

uint32_t edits_origin(const edit_list *edits, uint32_t file, uint32_t offset)
{
    uint64_t at = 0, made = 0; /* up to where, before and with the edits */
    for (size_t i = 0; i < edits->len; i++) {
        const struct edit *edit = &edits->data[i];
        if (edit->file != file) {
            continue;
        }
        uint64_t kept = edit->start - at;
        if (offset < made + kept) {
            break;
        }
        if (offset < made + kept + edit->text.len) {
            return edit->start;
        }
        made += kept + edit->text.len;
        at = edit->end;
    }
    return (uint32_t)(at + (offset - made));
}

#include "report/linehash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "base/vec.h"

enum {
    WINDOW = 100, /* units that one hash covers */
    FACTOR = 37,
    END_OF_FILE = 0xFFFF /* stands behind the last unit; zeros follow */
};

/* The units that count, and where among them each line begins. */
struct units {
    VEC(uint16_t) all;
    VEC(size_t) starts;
    bool at_start; /* the next unit begins a line */
};

static void unit_add(struct units *units, uint32_t unit)
{
    if (units->at_start) {
        vec_push(&units->starts, units->all.len);
    }
    units->at_start = unit == '\n';
    vec_push(&units->all, (uint16_t)unit);
}

static void code_add(struct units *units, uint32_t code)
{
    if (code >= 0x10000) {
        unit_add(units, 0xD800 + ((code - 0x10000) >> 10));
        unit_add(units, 0xDC00 + ((code - 0x10000) & 0x3FF));
    } else {
        unit_add(units, code);
    }
}

static void read_units(struct units *units, struct str text)
{
    bool after_return = false;
    while (text.len > 0) {
        utf8proc_int32_t code;
        utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text.ptr, (utf8proc_ssize_t)text.len, &code);
        if (size <= 0) {
            code = 0xFFFD;
            size = 1;
        }
        text = str_slice(text, (size_t)size, text.len);
        bool second_half = code == '\n' && after_return;
        after_return = code == '\r';
        if (code == '\r') {
            code = '\n';
        }
        if (code != ' ' && code != '\t' && !second_half) {
            code_add(units, (uint32_t)code);
        }
    }
}

void line_hashes_init(struct line_hashes *hashes, struct str text, bool has_bom)
{
    struct units units = {.at_start = true};
    if (has_bom) {
        code_add(&units, 0xFEFF);
    }
    read_units(&units, text);
    unit_add(&units, END_OF_FILE);

    uint64_t leaving = 1; /* the weight of the unit that leaves the window */
    for (int i = 0; i < WINDOW; i++) {
        leaving *= FACTOR;
    }
    *hashes = (struct line_hashes){memory_new(units.starts.len * sizeof *hashes->data), units.starts.len};
    uint64_t hash = 0;
    size_t line = 0;
    for (size_t end = 0; line < units.starts.len; end++) {
        /* `hash` covers the units [end - WINDOW, end). */
        if (end == units.starts.data[line] + WINDOW) {
            hashes->data[line++] = hash;
        }
        hash = hash * FACTOR + (end < units.all.len ? units.all.data[end] : 0);
        if (end >= WINDOW) {
            hash -= leaving * units.all.data[end - WINDOW];
        }
    }
    vec_release(&units.all);
    vec_release(&units.starts);
}

void line_hashes_release(struct line_hashes *hashes)
{
    free(hashes->data);
    *hashes = (struct line_hashes){0};
}

bool line_hash_print(const struct line_hashes *hashes, uint32_t line, char printed[LINE_HASH_SIZE])
{
    if (line == 0 || line > hashes->count) {
        return false;
    }
    uint64_t hash = hashes->data[line - 1];
    size_t equal = 0;
    for (uint32_t i = 0; i < line; i++) {
        equal += hashes->data[i] == hash;
    }
    snprintf(printed, LINE_HASH_SIZE, "%" PRIx64 ":%zu", hash, equal);
    return true;
}

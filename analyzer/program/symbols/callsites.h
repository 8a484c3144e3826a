/* callsites: which instructions of a module are calls, and a number for each of them. One instruction in seven is a
 * call: what is kept of calls takes no room for the others, and who looks for calls does not look at these.
 */
#ifndef PROGRAM_CALLSITES_H
#define PROGRAM_CALLSITES_H

#include <stdint.h>

#include "racelint/ir.h"

/* 64 instructions. */
struct callsite_word {
    uint64_t calls;  /* bit i: instruction number i of them is a call */
    uint32_t before; /* calls in the words before */
};

struct callsites {
    struct callsite_word *words; /* [word_count], in the arena */
    uint32_t word_count;
    uint32_t count; /* calls in all */
};

#define CALLSITE_NONE UINT32_MAX

void callsites_find(struct callsites *sites, struct arena *arena, const struct ir_module *ir);
/* The first call at or behind an instruction of the module; CALLSITE_NONE where there is none. */
uint32_t callsites_next(const struct callsites *sites, uint32_t op);

/* The number of a call, from 0 in the order of instructions. */
static inline uint32_t callsite_number(const struct callsites *sites, uint32_t op)
{
    const struct callsite_word *word = &sites->words[op / 64];
    uint64_t earlier = word->calls & ((UINT64_C(1) << op % 64) - 1);
    return word->before + (uint32_t)__builtin_popcountll(earlier);
}

#endif

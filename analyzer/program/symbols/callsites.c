#include "program/symbols/callsites.h"

void callsites_find(struct callsites *sites, struct arena *arena, const struct ir_module *ir)
{
    *sites = (struct callsites){.word_count = (ir->op_count + 63) / 64};
    sites->words = arena_array(arena, sites->word_count, sizeof *sites->words);
    for (uint32_t i = 0; i < sites->word_count; i++) {
        struct callsite_word *word = &sites->words[i];
        word->before = sites->count;
        for (uint32_t k = 0; k < 64 && i * 64 + k < ir->op_count; k++)
            if (ir->ops[i * 64 + k].code == IR_CALL)
                word->calls |= UINT64_C(1) << k;
        sites->count += (uint32_t)__builtin_popcountll(word->calls);
    }
}

uint32_t callsites_next(const struct callsites *sites, uint32_t op)
{
    uint64_t skipped = (UINT64_C(1) << op % 64) - 1;
    for (uint32_t i = op / 64; i < sites->word_count; i++) {
        uint64_t calls = sites->words[i].calls & ~skipped;
        if (calls != 0)
            return i * 64 + (uint32_t)__builtin_ctzll(calls);
        skipped = 0;
    }
    return CALLSITE_NONE;
}

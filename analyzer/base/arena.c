#include "racelint/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Arena memory comes in blocks that form a list, the newest first. Each allocation is cut from the newest block; a
 * build with RACELINT_ARENA_MALLOC makes a block of its own for each, which is the whole difference. */
struct block {
    struct block *older; /* NULL for the first one */
    size_t size, used;   /* bytes of data, and how many of them are handed out */
    max_align_t data[];
};

struct arena {
    struct block *newest; /* NULL before the first allocation */
    size_t used;          /* bytes asked for since the last clear */
};

enum { BLOCK_MIN = 1 << 14, BLOCK_MAX = 1 << 20 };

struct arena *arena_new(void)
{
    return memory_new(sizeof(struct arena));
}

/* Frees the blocks of a list up to, and without, `keep`. */
static void blocks_free(struct block *block, const struct block *keep)
{
    while (block != keep) {
        struct block *older = block->older;
        free(block);
        block = older;
    }
}

void arena_free(struct arena *arena)
{
    if (arena != NULL) {
        blocks_free(arena->newest, NULL);
        free(arena);
    }
}

#ifdef RACELINT_ARENA_MALLOC
void arena_clear(struct arena *arena)
{
    blocks_free(arena->newest, NULL);
    arena->newest = NULL;
    arena->used = 0;
}

static size_t block_size(const struct arena *arena, size_t need)
{
    (void)arena;
    return need;
}
#else
/* Keeps the newest block, which is among the largest: an arena that is cleared per file soon stops asking for memory.
 */
void arena_clear(struct arena *arena)
{
    if (arena->newest != NULL) {
        blocks_free(arena->newest->older, NULL);
        arena->newest->older = NULL;
        arena->newest->used = 0;
    }
    arena->used = 0;
}

/* Blocks double in size, so that a small arena stays small and a large one needs few. */
static size_t block_size(const struct arena *arena, size_t need)
{
    size_t size = arena->newest == NULL ? BLOCK_MIN : arena->newest->size * 2;

    if (size > BLOCK_MAX) {
        size = BLOCK_MAX;
    }
    return size < need ? need : size;
}
#endif

static struct block *block_push(struct arena *arena, size_t bytes)
{
    struct block *block = memory_resize(NULL, sizeof *block + bytes);

    *block = (struct block){.older = arena->newest, .size = bytes};
    arena->newest = block;
    return block;
}

/* Cuts `size` bytes from the newest block, or from a new one; their contents are undefined. */
static void *arena_cut(struct arena *arena, size_t size)
{
    size_t align = _Alignof(max_align_t);
    struct block *block = arena->newest;

    if (size > SIZE_MAX / 2) {
        out_of_memory(size);
    }
    arena->used += size;
    size_t need = size;
#ifndef RACELINT_ARENA_MALLOC
    need = (need + align - 1) / align * align;
#else
    (void)align;
    block = NULL;
#endif
    if (block == NULL || block->size - block->used < need) {
        block = block_push(arena, block_size(arena, need));
    }
    void *data = (char *)block->data + block->used;
    block->used += need;
    return data;
}

void arena_reserve(struct arena *arena, size_t size, size_t objects)
{
#ifndef RACELINT_ARENA_MALLOC
    size_t rounding = objects * _Alignof(max_align_t);

    if (size > SIZE_MAX / 2 || objects > SIZE_MAX / 2 / _Alignof(max_align_t)) {
        out_of_memory(size);
    }
    block_push(arena, size + rounding);
#else
    (void)arena;
    (void)size;
    (void)objects;
#endif
}

void *arena_space(struct arena *arena, size_t size)
{
    return arena_cut(arena, size);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(arena_cut(arena, size), 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t element_size)
{
    if (element_size != 0 && count > SIZE_MAX / element_size) {
        out_of_memory(SIZE_MAX);
    }
    return arena_alloc(arena, count * element_size);
}

void *arena_copy(struct arena *arena, const void *data, size_t count, size_t element_size)
{
    if (element_size != 0 && count > SIZE_MAX / element_size) {
        out_of_memory(SIZE_MAX);
    }
    void *copy = arena_cut(arena, count * element_size);

    return count > 0 ? memcpy(copy, data, count * element_size) : copy;
}

struct str arena_str(struct arena *arena, struct str s)
{
    if (s.len == SIZE_MAX) {
        out_of_memory(SIZE_MAX);
    }
    char *copy = arena_cut(arena, s.len + 1);

    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    copy[s.len] = '\0';
    return (struct str){copy, s.len};
}

/* Most texts are short: they are made here, and made once. */
enum { PRINTED_SHORT = 256 };

struct str arena_printf(struct arena *arena, const char *format, ...)
{
    char made[PRINTED_SHORT];
    va_list args;

    va_start(args, format);
    int length = vsnprintf(made, sizeof made, format, args);
    va_end(args);
    if (length < 0) {
        BUG("bad format \"%s\"", format);
    }
    if ((size_t)length < sizeof made) {
        return arena_str(arena, (struct str){made, (size_t)length});
    }
    char *text = arena_cut(arena, (size_t)length + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return (struct str){text, (size_t)length};
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

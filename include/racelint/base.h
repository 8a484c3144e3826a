/* base: strings, arenas, diagnostics and fatal errors, on which every other layer stands. */
#ifndef RACELINT_BASE_H
#define RACELINT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A string is a pointer and a length in bytes. It is not owned, need not end in NUL, and may hold NUL. */
struct str {
    const char *ptr;
    size_t len;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_FMT(s) (int)(s).len, (s).ptr /* for "%.*s" */

struct str str_of(const char *c_string); /* NULL gives the empty string */
bool str_equal(struct str a, struct str b);
int str_compare(struct str a, struct str b); /* byte order; negative, zero or positive */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_trim(struct str s);                          /* without ASCII white space at both ends */
struct str str_slice(struct str s, size_t from, size_t to); /* bytes [from, to), clamped to the string */
size_t str_find(struct str s, struct str part);             /* byte offset, or SIZE_MAX */
size_t str_rfind_char(struct str s, char c);                /* byte offset of the last c, or SIZE_MAX */
/* Whether a byte can be part of a name in Python or C: letters, digits, '_', and all of characters beyond ASCII. */
bool str_is_name_byte(char c);
size_t str_find_name(struct str text, struct str name); /* byte offset where it stands as a whole name, or SIZE_MAX */

/* A broken invariant: prints file, line and message, and ends the process with status 2. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_at(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Memory exhaustion ends here: a message and status 2. `size` is what was asked for, in bytes. */
_Noreturn void out_of_memory(size_t size);

/* malloc and realloc that never return NULL (they end in out_of_memory). free() gives the memory back. */
void *memory_new(size_t size); /* zeroed */
void *memory_resize(void *old, size_t size);

/* An arena owns what is allocated in it until it is cleared or freed. Not safe for concurrent use: one thread each.
 * A build with RACELINT_ARENA_MALLOC sends every allocation to malloc, so that sanitizers see each object. */
struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is ignored */
void arena_clear(struct arena *arena);
/* Gets memory for objects of so many bytes in all at once, and no more: for who knows what a new arena will hold. */
void arena_reserve(struct arena *arena, size_t size, size_t objects);
void *arena_alloc(struct arena *arena, size_t size);                       /* zeroed, aligned for any type */
void *arena_array(struct arena *arena, size_t count, size_t element_size); /* the same, overflow checked */
void *arena_space(struct arena *arena, size_t size); /* not zeroed, for what is filled at once; aligned for any type */
/* A copy of an array; data may be NULL where count is 0. Not NULL. */
void *arena_copy(struct arena *arena, const void *data, size_t count, size_t element_size);
struct str arena_str(struct arena *arena, struct str s); /* a copy that also ends in NUL */
struct str arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t arena_used(const struct arena *arena); /* bytes handed out since the last clear */

/* A diagnostic speaks about the analysis itself (RL001 unreadable file, RL002 syntax error), not about a race. */
struct diagnostic {
    struct str path;    /* as reported: relative to the project root, '/' between the parts */
    uint32_t line;      /* 1-based; 0 where the whole file is meant */
    const char *code;   /* "RL001" or "RL002" */
    struct str message; /* one sentence without the path */
};

/* A growing list of diagnostics; copies what it is given into its own memory. */
struct diagnostics;
struct diagnostics *diagnostics_new(void);
void diagnostics_free(struct diagnostics *list);
void diagnostics_add(struct diagnostics *list, struct str path, uint32_t line, const char *code, struct str message);
void diagnostics_merge(struct diagnostics *into, const struct diagnostics *from);
void diagnostics_sort(struct diagnostics *list); /* by path, line, code and message; equal ones are kept once */
size_t diagnostics_count(const struct diagnostics *list);
const struct diagnostic *diagnostics_at(const struct diagnostics *list, size_t index);

#endif

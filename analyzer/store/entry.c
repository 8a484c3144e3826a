#include "store/entry.h"

#include <stdlib.h>
#include <string.h>

#include "source/utf8.h"

enum {
#define TABLE(field, count) TABLE_##field,
    IR_TABLES(TABLE)
#undef TABLE
        TABLE_COUNT
};

#define ELEMENT_SIZE(field) sizeof(*((struct ir_module *)NULL)->field)
static const size_t element_sizes[] = {
#define TABLE(field, count) ELEMENT_SIZE(field),
    IR_TABLES(TABLE)
#undef TABLE
};
#define TABLE(field, count)                                                                                            \
    _Static_assert(ELEMENT_SIZE(field) % sizeof(uint32_t) == 0, "tables follow each other without gaps");
IR_TABLES(TABLE)
#undef TABLE

enum { FLAG_HAS_ALL = 1, FLAG_MAIN_GUARD = 2 };

/* What an entry begins with. Behind it come the tables, the lengths of all strings (the names; of each diagnostic its
 * code and its message), the lines of the diagnostics, and the strings, each with a NUL behind it. */
struct header {
    char magic[8];
    uint64_t checksum; /* of everything behind this field */
    struct entry_key key;
    uint32_t cost;  /* of lowering, in microseconds */
    uint32_t flags; /* FLAG_* */
    uint32_t counts[TABLE_COUNT];
    uint32_t name_count, diagnostic_count;
    uint32_t text_size; /* bytes of all strings, with their NULs */
    uint32_t unused;
};
_Static_assert(sizeof(struct header) == 8 + 8 + 32 + 2 * 4 + TABLE_COUNT * 4 + 4 * 4, "a header has no gaps");
_Static_assert(sizeof(struct header) % sizeof(uint64_t) == 0, "tables begin where any type may");

static const char magic[8] = "racelint";

/* What is behind the checksum. */
static const size_t sealed = offsetof(struct header, checksum) + sizeof(uint64_t);

struct entry_key entry_key_of(uint64_t version, struct str text)
{
    return (struct entry_key){version, hash_wide(text.ptr, text.len, version), text.len};
}

size_t entry_size_max(uint64_t text_size)
{
    enum { LEAST = 1 << 16, PER_BYTE = 512, MOST = 256 << 20 };

    return text_size > MOST / PER_BYTE ? MOST : (size_t)(LEAST + text_size * PER_BYTE);
}

bool entry_is_intact(const void *bytes, size_t size)
{
    const struct header *header = bytes;

    return size >= sizeof *header && memcmp(header->magic, magic, sizeof magic) == 0 &&
           header->checksum == hash_bytes((const char *)bytes + sealed, size - sealed);
}

void entry_seal(void *bytes, size_t size)
{
    ((struct header *)bytes)->checksum = hash_bytes((char *)bytes + sealed, size - sealed);
}

static uint64_t string_count(const struct header *header)
{
    return (uint64_t)header->name_count + 2 * (uint64_t)header->diagnostic_count;
}

/* How large the entry with this header is. The counts may be any: the sum does not overflow. */
static uint64_t size_of(const struct header *header)
{
    uint64_t size = sizeof *header + header->text_size;

    for (size_t i = 0; i < TABLE_COUNT; i++) {
        size += (uint64_t)header->counts[i] * element_sizes[i];
    }
    return size + (string_count(header) + header->diagnostic_count) * sizeof(uint32_t);
}

/* ---- writing ---- */

static uint64_t text_size_of(const struct ir_module *module, const struct diagnostics *diagnostics)
{
    uint64_t size = 0;

    for (uint32_t i = 0; i < module->name_count; i++) {
        size += module->names[i].len + 1;
    }
    for (size_t i = 0; i < diagnostics_count(diagnostics); i++) {
        const struct diagnostic *item = diagnostics_at(diagnostics, i);
        size += str_of(item->code).len + 1 + item->message.len + 1;
    }
    return size;
}

/* Where the strings go, and their lengths. */
struct strings {
    uint32_t *lengths;
    char *text;
};

static void put_string(struct strings *strings, struct str s)
{
    *strings->lengths++ = (uint32_t)s.len;
    memcpy(strings->text, s.ptr, s.len);
    strings->text[s.len] = '\0';
    strings->text += s.len + 1;
}

static void *put(void *at, const void *data, size_t size)
{
    if (size > 0) {
        memcpy(at, data, size);
    }
    return (char *)at + size;
}

static void fill(struct header *header, const struct ir_module *module, const struct diagnostics *diagnostics)
{
    void *at = header + 1;

#define TABLE(field, count) at = put(at, module->field, module->count * sizeof *module->field);
    IR_TABLES(TABLE)
#undef TABLE
    uint32_t *lines = (uint32_t *)at + string_count(header);
    struct strings strings = {at, (char *)(lines + header->diagnostic_count)};
    for (uint32_t i = 0; i < module->name_count; i++) {
        put_string(&strings, module->names[i]);
    }
    for (uint32_t i = 0; i < header->diagnostic_count; i++) {
        const struct diagnostic *item = diagnostics_at(diagnostics, i);
        lines[i] = item->line;
        put_string(&strings, str_of(item->code));
        put_string(&strings, item->message);
    }
}

struct str entry_write(const struct entry_key *key, const struct ir_module *module,
                       const struct diagnostics *diagnostics, uint32_t cost)
{
    uint64_t text_size = text_size_of(module, diagnostics);
    struct header header = {
        .key = *key,
        .cost = cost,
        .flags = (module->has_all ? FLAG_HAS_ALL : 0u) | (module->main_guard ? FLAG_MAIN_GUARD : 0u),
        .counts =
            {
#define TABLE(field, count) [TABLE_##field] = module->count,
                IR_TABLES(TABLE)
#undef TABLE
            },
        .name_count = module->name_count,
        .diagnostic_count = (uint32_t)diagnostics_count(diagnostics),
        .text_size = (uint32_t)text_size,
    };

    size_t most = entry_size_max(key->text_size);
    if (text_size > most || size_of(&header) > most) {
        return (struct str){0};
    }
    memcpy(header.magic, magic, sizeof magic);
    size_t size = (size_t)size_of(&header);
    struct header *entry = memory_new(size);
    *entry = header;
    fill(entry, module, diagnostics);
    entry_seal(entry, size);
    return (struct str){(char *)entry, size};
}

/* ---- reading ---- */

static bool header_is_good(const struct header *header, size_t size, const struct entry_key *key)
{
    return entry_is_intact(header, size) && header->key.version == key->version &&
           header->key.hash.low == key->hash.low && header->key.hash.high == key->hash.high &&
           header->key.text_size == key->text_size && size_of(header) == size;
}

/* Makes strings of the lengths and what lies at `text`; false where they do not fill it exactly. */
static bool take_strings(struct str *strings, const uint32_t *lengths, uint64_t count, struct str text)
{
    for (uint64_t i = 0; i < count; i++) {
        if (lengths[i] >= text.len || text.ptr[lengths[i]] != '\0') {
            return false;
        }
        strings[i] = str_slice(text, 0, lengths[i]);
        text = str_slice(text, (size_t)lengths[i] + 1, text.len);
    }
    return text.len == 0;
}

static bool span_is_good(struct ir_span span, uint64_t text_size)
{
    return span.start <= span.end && span.end <= text_size;
}

/* Whether all positions lie in the text: the verifier, which sees to the rest, does not know it. */
static bool spans_are_good(const struct ir_module *module, uint64_t text_size)
{
    bool good = true;

    for (uint32_t i = 0; i < module->op_count; i++) {
        good &= span_is_good(module->ops[i].span, text_size);
    }
    for (uint32_t i = 0; i < module->function_count; i++) {
        good &=
            span_is_good(module->functions[i].span, text_size) && span_is_good(module->functions[i].head, text_size);
    }
    for (uint32_t i = 0; i < module->class_count; i++) {
        good &= span_is_good(module->classes[i].span, text_size) && span_is_good(module->classes[i].head, text_size);
    }
    for (uint32_t i = 0; i < module->comment_count; i++) {
        good &= span_is_good(module->comments[i].span, text_size);
    }
    for (uint32_t i = 0; i < module->error_count; i++) {
        good &= span_is_good(module->errors[i].span, text_size);
    }
    return good;
}

static bool names_are_good(const struct ir_module *module)
{
    bool good = module->name_count > 0 && module->names[0].len == 0;

    for (uint32_t i = 0; i < module->all_count; i++) {
        good &= module->all_names[i] < module->name_count;
    }
    return good;
}

/* A byte that is neither 0 nor 1 is no bool. */
static bool flags_are_good(const struct ir_module *module)
{
    bool good = true;

    for (uint32_t i = 0; i < module->param_count; i++) {
        good &= *(const unsigned char *)&module->params[i].has_default <= 1;
    }
    return good;
}

/* Names may be any bytes, as b"\xff" may; what is shown to people may not. */
static bool texts_are_good(const struct str *texts, size_t count)
{
    bool good = true;

    for (size_t i = 0; i < count; i++) {
        good &= utf8_valid_length(texts[i]) == texts[i].len;
    }
    return good;
}

static bool module_is_good(const struct ir_module *module, uint64_t text_size)
{
    struct str message;

    return names_are_good(module) && spans_are_good(module, text_size) && flags_are_good(module) &&
           ir_verify(module, &message);
}

struct ir_module *entry_read(struct arena *arena, void *bytes, size_t size, const struct entry_key *key,
                             struct str path, struct diagnostics *diagnostics, uint32_t *cost)
{
    struct header *header = bytes;
    char *at = (char *)(header + 1);

    if (!header_is_good(header, size, key)) {
        return NULL;
    }
    uint64_t count = string_count(header);
    arena_reserve(arena, sizeof(struct ir_module) + ((size_t)count + 1) * sizeof(struct str) + path.len + 1, 3);
    struct ir_module *module = arena_alloc(arena, sizeof *module);
    module->arena = arena;
#define TABLE(field, count)                                                                                            \
    module->field = (void *)at;                                                                                        \
    module->count = header->counts[TABLE_##field];                                                                     \
    at += module->count * sizeof *module->field;
    IR_TABLES(TABLE)
#undef TABLE
    const uint32_t *lengths = (const uint32_t *)(void *)at;
    const uint32_t *lines = lengths + count;
    struct str text = {(const char *)(lines + header->diagnostic_count), header->text_size};
    struct str *strings = arena_space(arena, ((size_t)count + 1) * sizeof *strings);
    module->names = strings;
    module->name_count = header->name_count;
    module->has_all = (header->flags & FLAG_HAS_ALL) != 0;
    module->main_guard = (header->flags & FLAG_MAIN_GUARD) != 0;
    if (!take_strings(strings, lengths, count, text) || !module_is_good(module, key->text_size) ||
        !texts_are_good(strings + module->name_count, (size_t)count - module->name_count)) {
        return NULL;
    }
    ir_set_path(module, path);
    strings += module->name_count;
    for (uint32_t i = 0; i < header->diagnostic_count; i++) {
        diagnostics_add(diagnostics, path, lines[i], strings[2 * (size_t)i].ptr, strings[2 * (size_t)i + 1]);
    }
    *cost = header->cost;
    return module;
}

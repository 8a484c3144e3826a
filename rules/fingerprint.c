#include "rules/fingerprint.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "rules/text.h"

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '\\';
}

/* Appends code as any formatter would leave it the same: blanks only where they part two words, one kind of quotes, no
 * comma before a closing bracket. */
static void add_code(struct buf *buf, struct str code)
{
    bool space = false;
    size_t begin = buf->len;
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i] == '\'' ? '"' : code.ptr[i];
        if (is_space(c)) {
            space = true;
            continue;
        }
        bool any = buf->len > begin;
        if (any && (c == ')' || c == ']' || c == '}') && buf->ptr[buf->len - 1] == ',') {
            buf->ptr[--buf->len] = '\0';
        }
        if (space && any && str_is_name_byte(c) && str_is_name_byte(buf->ptr[buf->len - 1])) {
            buf_add_char(buf, ' ');
        }
        space = false;
        buf_add_char(buf, c);
    }
    buf_add_char(buf, '\0');
}

static void add_part(struct buf *buf, struct str part)
{
    buf_add(buf, part);
    buf_add_char(buf, '\0');
}

/* The state's name without the module: the class or function that owns it, and the field. */
static void add_state(struct buf *buf, const struct place *place)
{
    if (place->root != PLACE_GLOBAL) {
        size_t dot = str_rfind_char(place->owner, '.');
        buf_add(buf, dot == SIZE_MAX ? place->owner : str_slice(place->owner, dot + 1, place->owner.len));
        buf_add_char(buf, '.');
    }
    buf_add(buf, place->field);
    add_part(buf, place->contents ? STR("[*]") : STR(""));
}

struct str fingerprint_of(struct arena *arena, const struct rule *rule, const struct hazard *hazard)
{
    struct buf buf = {0};
    const struct access *first = hazard->first, *last = hazard->last;
    add_part(&buf, str_of(rule->code));
    add_part(&buf, last->site.file ? text_symbol(last->site.file->path, last->site.symbol) : last->site.symbol);
    if (hazard->place) {
        add_state(&buf, hazard->place);
    }
    if (first && first != last) {
        add_code(&buf, first->text);
    }
    add_code(&buf, last->text);
    uint64_t hash = hash_bytes(buf.ptr, buf.len);
    buf_release(&buf);
    return arena_printf(arena, "%016llx", (unsigned long long)hash);
}

void fingerprint_number(struct arena *arena, struct finding *findings, size_t count)
{
    struct map seen = {0};
    for (size_t i = 0; i < count; i++) {
        struct str base = findings[i].fingerprint;
        uint64_t *times = map_slot(&seen, hash_bytes(base.ptr, base.len) >> 1, 0);
        if (++*times > 1) {
            findings[i].fingerprint = arena_printf(arena, "%.*s:%llu", STR_FMT(base), (unsigned long long)*times);
        }
    }
    map_release(&seen);
}

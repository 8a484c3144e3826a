#include "settings/toml.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "settings/toml_string.h"

const TSLanguage *tree_sitter_toml(void);

enum { TEXT_MAX = 4 * 1024 * 1024, DEPTH_MAX = 64, SNIPPET_MAX = 40 };

/* How a table or an array came to be, which decides what may still be added to it. */
enum origin {
    ORIGIN_HEADER,  /* by its own [name] or [[name]] */
    ORIGIN_IMPLIED, /* by a longer header that passes through it; its own header may follow */
    ORIGIN_DOTTED,  /* by a dotted key; further dotted keys of the same section may add to it */
    ORIGIN_INLINE   /* written as a value: closed */
};

struct reader {
    struct arena *arena;
    struct str text;
    struct toml_error *error; /* the first error wins */
    struct map members;       /* (table, key) -> the member, so that large tables stay quick */
    unsigned depth;           /* of values within values */
    /* The last place whose column was counted: the next one is often on the same, perhaps very long, line. */
    uint32_t seen_byte, seen_line, seen_column;
};

static bool read_value(struct reader *reader, TSTreeCursor *cursor, struct toml_value *value);

const char *toml_kind_text(enum toml_kind kind)
{
    static const char *const texts[] = {"a string",       "an integer", "a float", "a boolean",
                                        "a date or time", "an array",   "a table"};
    _Static_assert(sizeof texts / sizeof texts[0] == TOML_TABLE + 1, "one text per kind");
    return texts[kind];
}

const struct toml_value *toml_member(const struct toml_value *table, struct str key)
{
    for (const struct toml_value *member = table->first; member != NULL; member = member->next) {
        if (str_equal(member->key, key)) {
            return member;
        }
    }
    return NULL;
}

/* ---- positions and errors ---- */

static void position_at(struct str text, size_t offset, uint32_t *line, uint32_t *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text.ptr[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)text.ptr[i] & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

/* Fails with a message about the byte at `offset`; always false, for use in a return. */
static bool fail_at(struct reader *reader, size_t offset, struct str message)
{
    if (reader->error->line == 0) {
        position_at(reader->text, offset, &reader->error->line, &reader->error->column);
        reader->error->message = message;
    }
    return false;
}

static bool fail(struct reader *reader, TSNode node, struct str message)
{
    return fail_at(reader, ts_node_start_byte(node), message);
}

static void position_of(struct reader *reader, TSNode node, uint32_t *line, uint32_t *column)
{
    TSPoint point = ts_node_start_point(node);
    uint32_t start = ts_node_start_byte(node);
    uint32_t from = start - point.column, counted = 1;

    if (reader->seen_line == point.row + 1 && reader->seen_byte <= start) {
        from = reader->seen_byte;
        counted = reader->seen_column;
    }
    for (; from < start; from++) {
        counted += ((unsigned char)reader->text.ptr[from] & 0xc0) != 0x80;
    }
    *line = reader->seen_line = point.row + 1;
    *column = reader->seen_column = counted;
    reader->seen_byte = start;
}

static struct str node_text(const struct reader *reader, TSNode node)
{
    return str_slice(reader->text, ts_node_start_byte(node), ts_node_end_byte(node));
}

static bool node_is(TSNode node, const char *type)
{
    return strcmp(ts_node_type(node), type) == 0;
}

/* What stands at an error: the rest of its first line that is not blank, cut at a character's end. */
static struct str snippet(struct str text)
{
    text = str_trim(text);
    text = str_trim(str_slice(text, 0, str_find(text, STR("\n"))));
    if (text.len > SNIPPET_MAX) {
        text.len = SNIPPET_MAX;
        while (text.len > 0 && ((unsigned char)text.ptr[text.len] & 0xc0) == 0x80) {
            text.len--;
        }
    }
    return text;
}

/* The first error or missing node in document order, found without recursion. A missing line end has no node of its
 * own: then it is the innermost node with an error inside, at whose end the line end is missing. */
static TSNode error_node(TSNode root)
{
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    TSNode innermost = root;

    for (;;) {
        TSNode node = ts_tree_cursor_current_node(&cursor);
        if (ts_node_is_missing(node) || ts_node_is_error(node)) {
            innermost = node;
            break;
        }
        if (ts_node_has_error(node)) {
            innermost = node;
            if (ts_tree_cursor_goto_first_child(&cursor)) {
                continue;
            }
            break;
        }
        if (!ts_tree_cursor_goto_next_sibling(&cursor)) {
            break;
        }
    }
    ts_tree_cursor_delete(&cursor);
    return innermost;
}

static bool fail_syntax(struct reader *reader, TSNode root)
{
    TSNode node = error_node(root);

    if (ts_node_is_missing(node) && ts_node_is_named(node)) {
        return fail(reader, node, STR("a value is missing here"));
    }
    if (ts_node_is_missing(node)) {
        return fail(reader, node, arena_printf(reader->arena, "`%s` is missing here", ts_node_type(node)));
    }
    if (!ts_node_is_error(node)) {
        return fail_at(reader, ts_node_end_byte(node), STR("the line must end here"));
    }
    struct str seen = snippet(str_slice(reader->text, ts_node_start_byte(node), reader->text.len));
    return fail(reader, node, arena_printf(reader->arena, "this is not TOML: `%.*s`", STR_FMT(seen)));
}

/* ---- tables ---- */

static uint64_t member_hash(const struct toml_value *table, struct str key)
{
    return hash_mix((uint64_t)(uintptr_t)table, hash_bytes(key.ptr, key.len));
}

/* The next slot to try where two members share a hash. UINT64_MAX is no key of a map. */
static uint64_t hash_step(uint64_t hash)
{
    return hash >= UINT64_MAX - 1 ? 0 : hash + 1;
}

static struct toml_value *member_find(const struct reader *reader, const struct toml_value *table, struct str key)
{
    uint64_t found;
    uint64_t hash = member_hash(table, key);
    for (hash = hash == UINT64_MAX ? 0 : hash; map_get(&reader->members, hash, &found); hash = hash_step(hash)) {
        struct toml_value *member = (struct toml_value *)(uintptr_t)found; /* NOLINT: a map holds integers */
        if (member->parent == table && str_equal(member->key, key)) {
            return member;
        }
    }
    return NULL;
}

/* Appends a new value to an array or table. */
static struct toml_value *value_add(struct reader *reader, struct toml_value *parent, TSNode at)
{
    struct toml_value *value = arena_alloc(reader->arena, sizeof *value);
    value->parent = parent;
    position_of(reader, at, &value->line, &value->column);
    value->key_line = value->line;
    value->key_column = value->column;
    if (parent->last != NULL) {
        parent->last->next = value;
    } else {
        parent->first = value;
    }
    parent->last = value;
    parent->count++;
    return value;
}

static struct toml_value *member_add(struct reader *reader, struct toml_value *table, struct str key, TSNode at)
{
    struct toml_value *member = value_add(reader, table, at);
    member->key = key;
    uint64_t hash = member_hash(table, key);
    for (hash = hash == UINT64_MAX ? 0 : hash; map_get(&reader->members, hash, NULL);) {
        hash = hash_step(hash);
    }
    map_put(&reader->members, hash, (uint64_t)(uintptr_t)member);
    return member;
}

static bool fail_twice(struct reader *reader, TSNode node, struct str key, const struct toml_value *old)
{
    return fail(
        reader, node,
        arena_printf(reader->arena, "`%.*s` is already defined at line %u", STR_FMT(key), (unsigned)old->key_line));
}

/* The parts of a key, in order, in the arena. */
struct key_path {
    struct str *parts;
    TSNode *nodes;
    uint32_t count; /* 1 to DEPTH_MAX */
};

static bool key_part(struct reader *reader, TSNode node, struct str *part)
{
    *part = node_text(reader, node);
    if (!node_is(node, "quoted_key")) {
        return true;
    }
    const char *problem = NULL;
    size_t offset = 0;
    if (!toml_string_decode(reader->arena, *part, part, &problem, &offset)) {
        return fail_at(reader, ts_node_start_byte(node) + offset, str_of(problem));
    }
    return true;
}

/* dotted_key nests to the left: (dotted_key (dotted_key a b) c). */
static bool key_read(struct reader *reader, TSNode node, struct key_path *path)
{
    uint32_t parts = 1;
    TSNode inner = node;
    for (; node_is(inner, "dotted_key"); inner = ts_node_named_child(inner, 0)) {
        if (++parts > DEPTH_MAX) {
            return fail(reader, node, arena_printf(reader->arena, "a key has more than %d parts", DEPTH_MAX));
        }
    }
    path->count = parts;
    path->parts = arena_array(reader->arena, parts, sizeof *path->parts);
    path->nodes = arena_array(reader->arena, parts, sizeof *path->nodes);
    for (uint32_t i = parts; i-- > 1; node = ts_node_named_child(node, 0)) {
        path->nodes[i] = ts_node_named_child(node, ts_node_named_child_count(node) - 1);
    }
    path->nodes[0] = node;
    for (uint32_t i = 0; i < parts; i++) {
        if (!key_part(reader, path->nodes[i], &path->parts[i])) {
            return false;
        }
    }
    return true;
}

/* Follows all parts but the last of a header's key, making the tables on the way. */
static struct toml_value *header_parent(struct reader *reader, const struct key_path *path, struct toml_value *table)
{
    for (uint32_t i = 0; i + 1 < path->count; i++) {
        struct toml_value *next = member_find(reader, table, path->parts[i]);
        if (next == NULL) {
            next = member_add(reader, table, path->parts[i], path->nodes[i]);
            next->kind = TOML_TABLE;
            next->origin = ORIGIN_IMPLIED;
        } else if (next->kind == TOML_ARRAY && next->origin == ORIGIN_HEADER) {
            next = next->last;
        } else if (next->kind != TOML_TABLE || next->origin == ORIGIN_INLINE) {
            fail_twice(reader, path->nodes[i], path->parts[i], next);
            return NULL;
        }
        table = next;
    }
    return table;
}

/* [name]: the table that the pairs after it belong to, or NULL. */
static struct toml_value *header_table(struct reader *reader, const struct key_path *path, struct toml_value *root)
{
    struct toml_value *table = header_parent(reader, path, root);
    if (table == NULL) {
        return NULL;
    }
    struct str key = path->parts[path->count - 1];
    TSNode node = path->nodes[path->count - 1];
    struct toml_value *old = member_find(reader, table, key);
    if (old != NULL && !(old->kind == TOML_TABLE && old->origin == ORIGIN_IMPLIED)) {
        fail_twice(reader, node, key, old);
        return NULL;
    }
    struct toml_value *made = old != NULL ? old : member_add(reader, table, key, node);
    made->kind = TOML_TABLE;
    made->origin = ORIGIN_HEADER;
    position_of(reader, node, &made->key_line, &made->key_column);
    made->line = made->key_line;
    made->column = made->key_column;
    return made;
}

/* [[name]]: a new element of an array of tables, or NULL. */
static struct toml_value *header_element(struct reader *reader, const struct key_path *path, struct toml_value *root)
{
    struct toml_value *table = header_parent(reader, path, root);
    if (table == NULL) {
        return NULL;
    }
    struct str key = path->parts[path->count - 1];
    TSNode node = path->nodes[path->count - 1];
    struct toml_value *array = member_find(reader, table, key);
    if (array == NULL) {
        array = member_add(reader, table, key, node);
        array->kind = TOML_ARRAY;
        array->origin = ORIGIN_HEADER;
    } else if (array->kind != TOML_ARRAY || array->origin != ORIGIN_HEADER) {
        fail_twice(reader, node, key, array);
        return NULL;
    }
    struct toml_value *element = value_add(reader, array, node);
    element->kind = TOML_TABLE;
    element->origin = ORIGIN_HEADER;
    return element;
}

/* Follows all parts but the last of a pair's key. */
static struct toml_value *pair_parent(struct reader *reader, const struct key_path *path, struct toml_value *table)
{
    for (uint32_t i = 0; i + 1 < path->count; i++) {
        struct toml_value *next = member_find(reader, table, path->parts[i]);
        if (next == NULL) {
            next = member_add(reader, table, path->parts[i], path->nodes[i]);
            next->kind = TOML_TABLE;
            next->origin = ORIGIN_DOTTED;
        } else if (next->kind != TOML_TABLE || next->origin != ORIGIN_DOTTED) {
            fail_twice(reader, path->nodes[i], path->parts[i], next);
            return NULL;
        }
        table = next;
    }
    return table;
}

static bool read_pair(struct reader *reader, TSTreeCursor *cursor, struct toml_value *table)
{
    TSNode pair = ts_tree_cursor_current_node(cursor);
    struct key_path path;
    if (!key_read(reader, ts_node_named_child(pair, 0), &path)) {
        return false;
    }
    table = pair_parent(reader, &path, table);
    if (table == NULL) {
        return false;
    }
    struct str key = path.parts[path.count - 1];
    TSNode node = path.nodes[path.count - 1];
    struct toml_value *old = member_find(reader, table, key);
    if (old != NULL) {
        return fail_twice(reader, node, key, old);
    }
    struct toml_value *value = member_add(reader, table, key, node);
    bool good = true;
    ts_tree_cursor_goto_first_child(cursor);
    do { /* the value is the last named child that is no comment */
        TSNode child = ts_tree_cursor_current_node(cursor);
        if (ts_node_is_named(child) && !node_is(child, "comment") &&
            ts_node_start_byte(child) > ts_node_start_byte(node)) {
            good = read_value(reader, cursor, value);
        }
    } while (good && ts_tree_cursor_goto_next_sibling(cursor));
    ts_tree_cursor_goto_parent(cursor);
    return good;
}

/* ---- values ---- */

static bool read_members(struct reader *reader, TSTreeCursor *cursor, struct toml_value *value)
{
    if (++reader->depth > DEPTH_MAX) {
        return fail(reader, ts_tree_cursor_current_node(cursor),
                    arena_printf(reader->arena, "values nest more than %d deep", DEPTH_MAX));
    }
    bool good = true;
    value->origin = ORIGIN_INLINE;
    ts_tree_cursor_goto_first_child(cursor);
    do {
        TSNode child = ts_tree_cursor_current_node(cursor);
        if (!ts_node_is_named(child) || node_is(child, "comment")) {
            continue;
        }
        if (value->kind == TOML_TABLE) {
            good = read_pair(reader, cursor, value);
        } else {
            good = read_value(reader, cursor, value_add(reader, value, child));
        }
    } while (good && ts_tree_cursor_goto_next_sibling(cursor));
    ts_tree_cursor_goto_parent(cursor);
    reader->depth--;
    return good;
}

/* A number's text without the underscores. */
static char *number_digits(struct reader *reader, struct str text)
{
    char *digits = arena_alloc(reader->arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '_') {
            digits[len++] = text.ptr[i];
        }
    }
    return digits;
}

static bool read_integer(struct reader *reader, TSNode node, struct toml_value *value)
{
    char *digits = number_digits(reader, value->text);
    int base = 10;
    if (digits[0] == '0' && digits[1] != '\0') {
        base = digits[1] == 'x' ? 16 : digits[1] == 'o' ? 8 : 2;
        digits += 2;
    }
    errno = 0;
    value->integer = strtoll(digits, NULL, base);
    return errno == 0 || fail(reader, node, STR("the integer does not fit in 64 bits"));
}

static void read_float(struct reader *reader, struct toml_value *value)
{
    char *digits = number_digits(reader, value->text);
    size_t sign = digits[0] == '+' || digits[0] == '-';
    double number = digits[sign] == 'i' ? HUGE_VAL : digits[sign] == 'n' ? NAN : strtod(digits + sign, NULL);
    value->number = digits[0] == '-' ? -number : number;
}

static bool read_value(struct reader *reader, TSTreeCursor *cursor, struct toml_value *value)
{
    TSNode node = ts_tree_cursor_current_node(cursor);
    position_of(reader, node, &value->line, &value->column);
    value->text = node_text(reader, node);
    if (node_is(node, "string")) {
        const char *problem = NULL;
        size_t offset = 0;
        value->kind = TOML_STRING;
        return toml_string_decode(reader->arena, value->text, &value->text, &problem, &offset) ||
               fail_at(reader, ts_node_start_byte(node) + offset, str_of(problem));
    }
    if (node_is(node, "integer")) {
        value->kind = TOML_INTEGER;
        return read_integer(reader, node, value);
    }
    if (node_is(node, "array") || node_is(node, "inline_table")) {
        value->kind = node_is(node, "array") ? TOML_ARRAY : TOML_TABLE;
        value->text = (struct str){0};
        return read_members(reader, cursor, value);
    }
    if (node_is(node, "boolean")) {
        value->kind = TOML_BOOLEAN;
        value->boolean = str_equal(value->text, STR("true"));
    } else if (node_is(node, "float")) {
        value->kind = TOML_FLOAT;
        read_float(reader, value);
    } else {
        value->kind = TOML_DATETIME;
    }
    return true;
}

/* ---- documents ---- */

/* [name] or [[name]] and the pairs under it. */
static bool read_section(struct reader *reader, TSTreeCursor *cursor, struct toml_value *root)
{
    TSNode section = ts_tree_cursor_current_node(cursor);
    bool element = node_is(section, "table_array_element");
    struct key_path path;
    struct toml_value *table = NULL;
    bool good = true;
    ts_tree_cursor_goto_first_child(cursor);
    do {
        TSNode child = ts_tree_cursor_current_node(cursor);
        if (!ts_node_is_named(child) || node_is(child, "comment")) {
            continue;
        }
        if (table != NULL) {
            good = read_pair(reader, cursor, table);
        } else {
            if (key_read(reader, child, &path)) {
                table = element ? header_element(reader, &path, root) : header_table(reader, &path, root);
            }
            good = table != NULL;
        }
    } while (good && ts_tree_cursor_goto_next_sibling(cursor));
    ts_tree_cursor_goto_parent(cursor);
    return good;
}

static bool read_document(struct reader *reader, TSNode node, struct toml_value *root)
{
    TSTreeCursor cursor = ts_tree_cursor_new(node);
    bool good = true;
    if (ts_tree_cursor_goto_first_child(&cursor)) {
        do {
            TSNode child = ts_tree_cursor_current_node(&cursor);
            if (node_is(child, "pair")) {
                good = read_pair(reader, &cursor, root);
            } else if (node_is(child, "table") || node_is(child, "table_array_element")) {
                good = read_section(reader, &cursor, root);
            }
        } while (good && ts_tree_cursor_goto_next_sibling(&cursor));
    }
    ts_tree_cursor_delete(&cursor);
    return good;
}

/* Refuses what the grammar's scanner takes for a line end or lets through: control characters and bad UTF-8. */
static bool check_bytes(struct reader *reader)
{
    struct str text = reader->text;
    if (text.len > TEXT_MAX) {
        return fail_at(reader, 0, STR("the file is larger than 4 MB"));
    }
    for (size_t i = 0; i < text.len;) {
        unsigned char byte = (unsigned char)text.ptr[i];
        size_t length = toml_utf8_length(text, i);
        if (length == 0) {
            return fail_at(reader, i, arena_printf(reader->arena, "byte 0x%02x is not UTF-8", byte));
        }
        bool line_end = byte == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n';
        if ((byte < 0x20 && byte != '\t' && byte != '\n' && !line_end) || byte == 0x7f) {
            return fail_at(reader, i, arena_printf(reader->arena, "control character 0x%02x is not allowed", byte));
        }
        i += length;
    }
    return true;
}

struct toml_value *toml_read(struct arena *arena, struct str text, struct toml_error *error)
{
    *error = (struct toml_error){0};
    struct reader reader = {.arena = arena, .text = text, .error = error};
    if (str_starts(text, STR("\xef\xbb\xbf"))) { /* a byte order mark becomes blanks, so that positions stay true */
        char *copy = arena_alloc(arena, text.len + 1);
        memcpy(copy, text.ptr, text.len);
        memset(copy, ' ', 3);
        reader.text.ptr = copy;
    }
    if (!check_bytes(&reader)) {
        return NULL;
    }
    TSParser *parser = ts_parser_new();
    if (!ts_parser_set_language(parser, tree_sitter_toml())) {
        BUG("the TOML grammar does not fit the tree-sitter core");
    }
    TSTree *tree = ts_parser_parse_string(parser, NULL, reader.text.ptr, (uint32_t)reader.text.len);
    if (tree == NULL) {
        BUG("the TOML parser gave no tree");
    }
    struct toml_value *root = arena_alloc(arena, sizeof *root);
    root->kind = TOML_TABLE;
    root->line = root->column = root->key_line = root->key_column = 1;
    TSNode node = ts_tree_root_node(tree);
    bool good = ts_node_has_error(node) ? fail_syntax(&reader, node) : read_document(&reader, node, root);
    ts_tree_delete(tree);
    ts_parser_delete(parser);
    map_release(&reader.members);
    return good ? root : NULL;
}

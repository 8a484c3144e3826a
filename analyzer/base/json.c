#include "base/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* A `struct json` is a cJSON item under another name. cJSON's strings end at a NUL and its numbers are doubles, so
 * strings and numbers are kept as finished JSON text in raw items; cJSON holds the tree and prints it. */

/* The largest integer that every reader of JSON keeps exact. */
#define INTEGER_MAX (INT64_C(1) << 53)

/* cJSON recurses on the depth when it prints; nothing we write comes near this. */
enum { DEPTH_MAX = 200 };

/* What stands for bytes that are not UTF-8. */
static const char replacement[] = "\xEF\xBF\xBD";

static cJSON *item_of(struct json *value)
{
    return (cJSON *)(void *)value;
}

static struct json *json_of(cJSON *item)
{
    if (item == NULL) {
        out_of_memory(sizeof(cJSON));
    }
    return (struct json *)(void *)item;
}

/* A leaf with this JSON text; releases the buffer. */
static struct json *json_raw(struct buf *text)
{
    struct json *value = json_of(cJSON_CreateRaw(text->ptr));

    buf_release(text);
    return value;
}

struct json *json_object(void)
{
    return json_of(cJSON_CreateObject());
}

struct json *json_array(void)
{
    return json_of(cJSON_CreateArray());
}

/* The length of the UTF-8 character at the start of s, or 0 where the bytes are none; then *bad is the number of bytes
 * that one replacement character stands for: the longest part that could have begun a character, at least one byte.
 * This is the practice that Unicode recommends, and what Python's errors="replace" does. */
static size_t utf8_length(struct str s, size_t *bad)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    size_t length = 0;

    if (p[0] < 0x80) {
        return 1;
    }
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        length = 2;
    } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        length = 3;
        low = p[0] == 0xE0 ? 0xA0 : 0x80;  /* no overlong form */
        high = p[0] == 0xED ? 0x9F : 0xBF; /* no surrogate */
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        length = 4;
        low = p[0] == 0xF0 ? 0x90 : 0x80;
        high = p[0] == 0xF4 ? 0x8F : 0xBF; /* nothing past U+10FFFF */
    }
    *bad = 1;
    for (size_t i = 1; i < length; i++) {
        if (i >= s.len || p[i] < low || p[i] > high) {
            return 0;
        }
        *bad = i + 1;
        low = 0x80;
        high = 0xBF;
    }
    return length;
}

static void add_escaped(struct buf *text, char c)
{
    switch (c) {
    case '"': buf_add(text, STR("\\\"")); break;
    case '\\': buf_add(text, STR("\\\\")); break;
    case '\b': buf_add(text, STR("\\b")); break;
    case '\f': buf_add(text, STR("\\f")); break;
    case '\n': buf_add(text, STR("\\n")); break;
    case '\r': buf_add(text, STR("\\r")); break;
    case '\t': buf_add(text, STR("\\t")); break;
    default: buf_printf(text, "\\u%04x", (unsigned)(unsigned char)c); break;
    }
}

struct json *json_string(struct str s)
{
    struct buf text = {0};

    buf_add_char(&text, '"');
    while (s.len > 0) {
        size_t bad = 0;
        size_t length = utf8_length(s, &bad);
        unsigned char c = (unsigned char)s.ptr[0];
        if (length == 0) {
            buf_add(&text, STR(replacement));
            length = bad;
        } else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7F) {
            add_escaped(&text, s.ptr[0]);
        } else {
            buf_add(&text, (struct str){s.ptr, length});
        }
        s = str_slice(s, length, s.len);
    }
    buf_add_char(&text, '"');
    return json_raw(&text);
}

struct json *json_integer(int64_t number)
{
    struct buf text = {0};

    if (number > INTEGER_MAX || number < -INTEGER_MAX) {
        BUG("the integer %" PRId64 " does not fit into JSON", number);
    }
    buf_printf(&text, "%" PRId64, number);
    return json_raw(&text);
}

struct json *json_bool(bool value)
{
    return json_of(cJSON_CreateBool(value));
}

struct json *json_null(void)
{
    return json_of(cJSON_CreateNull());
}

void json_set(struct json *object, const char *key, struct json *value)
{
    if (!cJSON_IsObject(item_of(object)) || object == value) {
        BUG("json_set \"%s\" on a value that is no object", key);
    }
    if (!cJSON_AddItemToObject(item_of(object), key, item_of(value))) {
        out_of_memory(strlen(key));
    }
}

void json_push(struct json *array, struct json *value)
{
    if (!cJSON_IsArray(item_of(array)) || !cJSON_AddItemToArray(item_of(array), item_of(value))) {
        BUG("json_push on a value that is no array");
    }
}

/* Ends in BUG where containers lie deeper than DEPTH_MAX. Walks without recursion. */
static void check_depth(const cJSON *root)
{
    const cJSON *parents[DEPTH_MAX];
    size_t depth = 0;
    const cJSON *item = root;

    while (item != NULL) {
        if (item->child != NULL) {
            if (depth == DEPTH_MAX) {
                BUG("JSON deeper than %d", (int)DEPTH_MAX);
            }
            parents[depth++] = item;
            item = item->child;
            continue;
        }
        while (depth > 0 && item->next == NULL) {
            item = parents[--depth];
        }
        item = depth > 0 ? item->next : NULL;
    }
}

static void new_line(struct buf *out, size_t depth)
{
    buf_add_char(out, '\n');
    for (size_t i = 0; i < depth; i++) {
        buf_add(out, STR("  "));
    }
}

/* The end of the string literal that starts at `from`, after its closing quote. */
static size_t skip_string(struct str text, size_t from)
{
    size_t i = from + 1;

    while (i < text.len && text.ptr[i] != '"') {
        i += text.ptr[i] == '\\' ? 2 : 1;
    }
    return i + 1;
}

/* Lays compact JSON text out over lines, with two spaces of indent; empty containers stay on one line. */
static char *lay_out(struct str text)
{
    struct buf out = {0};
    size_t depth = 0;
    size_t end = 0;

    for (size_t i = 0; i < text.len; i = end) {
        char c = text.ptr[i];
        end = c == '"' ? skip_string(text, i) : i + 1;
        if (c == ']' || c == '}') {
            new_line(&out, --depth);
        }
        buf_add(&out, str_slice(text, i, end));
        if (c == ':') {
            buf_add_char(&out, ' ');
        } else if (c == ',') {
            new_line(&out, depth);
        } else if ((c == '[' || c == '{') && end < text.len) {
            if (text.ptr[end] == ']' || text.ptr[end] == '}') {
                buf_add_char(&out, text.ptr[end++]);
            } else {
                new_line(&out, ++depth);
            }
        }
    }
    return out.ptr;
}

char *json_print(const struct json *value, bool pretty)
{
    const cJSON *item = (const cJSON *)(const void *)value;

    check_depth(item);
    char *compact = cJSON_PrintUnformatted(item);
    if (compact == NULL) {
        out_of_memory(0);
    }
    if (!pretty) {
        return compact;
    }
    char *text = lay_out(str_of(compact));
    cJSON_free(compact);
    return text;
}

void json_free(struct json *value)
{
    cJSON_Delete(item_of(value));
}

struct json *json_parse(struct str text, uint32_t *line)
{
    const char *end = text.ptr;
    cJSON *item = cJSON_ParseWithLengthOpts(text.ptr, text.len, &end, false);
    size_t stop = text.len > 0 ? (size_t)(end - text.ptr) : 0;

    if (item != NULL) {
        while (stop < text.len && strchr(" \t\r\n", text.ptr[stop]) != NULL && text.ptr[stop] != '\0') {
            stop++;
        }
        if (stop == text.len) {
            return json_of(item);
        }
        cJSON_Delete(item);
    }
    *line = 1;
    for (size_t i = 0; i < stop && i < text.len; i++) {
        *line += text.ptr[i] == '\n';
    }
    return NULL;
}

static const cJSON *read_item(const struct json *value)
{
    return (const cJSON *)(const void *)value;
}

bool json_is_object(const struct json *value)
{
    return cJSON_IsObject(read_item(value)) != 0;
}

bool json_is_array(const struct json *value)
{
    return cJSON_IsArray(read_item(value)) != 0;
}

const struct json *json_get(const struct json *object, const char *key)
{
    return (const struct json *)(const void *)cJSON_GetObjectItemCaseSensitive(read_item(object), key);
}

const struct json *json_first(const struct json *array)
{
    return json_is_array(array) ? (const struct json *)(const void *)read_item(array)->child : NULL;
}

const struct json *json_next(const struct json *member)
{
    return (const struct json *)(const void *)read_item(member)->next;
}

bool json_read_string(const struct json *value, struct str *text)
{
    const char *string = cJSON_GetStringValue(read_item(value));

    *text = str_of(string);
    return string != NULL;
}

bool json_read_count(const struct json *value, uint32_t most, uint32_t *count)
{
    double number = cJSON_IsNumber(read_item(value)) ? cJSON_GetNumberValue(read_item(value)) : -1;

    if (!(number >= 0 && number <= most) || number != floor(number)) {
        return false;
    }
    *count = (uint32_t)number;
    return true;
}

/* json: building, printing and reading JSON. The one file that knows cJSON: strings have a length (an inner NUL is
 * written as \u0000, bytes that are not UTF-8 as U+FFFD), numbers are integers up to 2^53, object keys keep their
 * order. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "racelint/base.h"

struct json; /* a value; a container owns what is added to it */

struct json *json_object(void);
struct json *json_array(void);
struct json *json_string(struct str s);
struct json *json_integer(int64_t number);
struct json *json_bool(bool value);
struct json *json_null(void);
void json_set(struct json *object, const char *key, struct json *value); /* takes the value over */
void json_push(struct json *array, struct json *value);                  /* takes the value over */
/* Prints the value: pretty with two spaces of indent, or on one line. The text is the caller's (free). */
char *json_print(const struct json *value, bool pretty);
void json_free(struct json *value);

/* Reads JSON text: one value and nothing behind it. NULL where that is not what the text holds; then *line (from 1) is
 * where the trouble is. Containers may lie 1000 deep. */
struct json *json_parse(struct str text, uint32_t *line);
bool json_is_object(const struct json *value);
bool json_is_array(const struct json *value);
/* The value of a key, its case included; NULL where there is none. The object may be NULL. */
const struct json *json_get(const struct json *object, const char *key);
/* The members of an array that was read, in order; NULL behind the last one. */
const struct json *json_first(const struct json *array);
const struct json *json_next(const struct json *member);
/* The text of a string that was read, up to its first NUL, good as long as the value; false where it is no string. */
bool json_read_string(const struct json *value, struct str *text);
/* A number that was read and is a whole one from 0 to `most`; false where it is something else. */
bool json_read_count(const struct json *value, uint32_t most, uint32_t *count);

#endif

/* json: building and printing JSON. The one file that knows cJSON: strings have a length (an inner NUL is written as
 * \u0000, bytes that are not UTF-8 as U+FFFD), numbers are integers up to 2^53, object keys keep their order. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "racelint/base.h"

struct json; /* a value; a container owns what is added to it */

struct json *json_object(void);
struct json *json_array(void);
struct json *json_string(struct str s);
struct json *json_integer(int64_t number);
struct json *json_number(double number);
struct json *json_bool(bool value);
struct json *json_null(void);
void json_set(struct json *object, const char *key, struct json *value); /* takes the value over */
void json_push(struct json *array, struct json *value);                  /* takes the value over */
/* Prints the value: pretty with two spaces of indent, or on one line. The text is the caller's (free). */
char *json_print(const struct json *value, bool pretty);
void json_free(struct json *value);

#endif

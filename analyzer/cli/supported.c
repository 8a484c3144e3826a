#include "cli/supported.h"

#include "settings/toml.h"
#include "source/path.h"

#define FILE_SIZE_MAX (1u << 20) /* larger files say nothing here */

/* Skips white space. */
static size_t skip(struct str text, size_t at)
{
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t'))
        at++;
    return at;
}

/* A number of at most three digits; false where there is none. */
static bool number(struct str text, size_t *at, unsigned *value)
{
    size_t from = *at;
    for (*value = 0; *at < text.len && *at < from + 3 && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; ++*at)
        *value = *value * 10 + (unsigned)(text.ptr[*at] - '0');
    return *at > from && *value < 256;
}

/* One clause of a specifier, ">=3.9", "== 3.13.*", "^3.13": the oldest version that it allows; 0: it sets no lower
 * bound. */
static uint16_t lower_bound(struct str clause)
{
    static const char *const operators[] = {">=", "~=", "===", "==", ">", "^", "~"};
    size_t at = skip(clause, 0), length = 0;
    for (size_t i = 0; i < sizeof operators / sizeof *operators && length == 0; i++)
        if (str_starts(str_slice(clause, at, clause.len), str_of(operators[i])))
            length = str_of(operators[i]).len;
    unsigned major, minor = 0;
    at = skip(clause, at + length);
    if (length == 0 || !number(clause, &at, &major))
        return 0;
    if (at < clause.len && clause.ptr[at] == '.') {
        at++;
        if (!number(clause, &at, &minor))
            minor = 0;
    }
    return (uint16_t)(major << 8 | minor);
}

static uint16_t oldest_of(struct str specifier)
{
    uint16_t oldest = 0;
    while (specifier.len > 0) {
        size_t comma = str_find(specifier, STR(","));
        uint16_t bound = lower_bound(str_slice(specifier, 0, comma));
        oldest = bound > oldest ? bound : oldest;
        specifier = comma == SIZE_MAX ? STR("") : str_slice(specifier, comma + 1, specifier.len);
    }
    return oldest;
}

/* A member of a member … of a table, where it is a string; else the empty string. */
static struct str text_at(const struct toml_value *table, const char *const *keys)
{
    for (; *keys != NULL && table != NULL && table->kind == TOML_TABLE; keys++)
        table = toml_member(table, str_of(*keys));
    return *keys == NULL && table != NULL && table->kind == TOML_STRING ? table->text : STR("");
}

static uint16_t oldest_in_pyproject(struct arena *arena, struct str text)
{
    static const char *const standard[] = {"project", "requires-python", NULL};
    static const char *const poetry[] = {"tool", "poetry", "dependencies", "python", NULL};
    struct toml_error error;
    const struct toml_value *root = text.len > 0 ? toml_read(arena, text, &error) : NULL;
    uint16_t oldest = oldest_of(text_at(root, standard));
    return oldest != 0 ? oldest : oldest_of(text_at(root, poetry));
}

/* `python_requires = >=3.9` of setup.cfg, `python_requires=">=3.9"` of setup.py, read as text. */
static uint16_t oldest_required(struct str text)
{
    struct str key = STR("python_requires");
    size_t found = str_find(text, key);
    if (found == SIZE_MAX)
        return 0;
    size_t at = skip(text, found + key.len);
    if (at == text.len || text.ptr[at] != '=')
        return 0;
    at = skip(text, at + 1);
    if (at < text.len && (text.ptr[at] == '"' || text.ptr[at] == '\''))
        at++;
    size_t end = at;
    while (end < text.len && text.ptr[end] != '"' && text.ptr[end] != '\'' && text.ptr[end] != '\n')
        end++;
    return oldest_of(str_slice(text, at, end));
}

/* The oldest version that a classifier names. */
static uint16_t oldest_classified(struct str text)
{
    struct str classifier = STR("Programming Language :: Python :: 3.");
    uint16_t oldest = 0;
    for (size_t found; (found = str_find(text, classifier)) != SIZE_MAX;) {
        text = str_slice(text, found + classifier.len, text.len);
        size_t at = 0;
        unsigned minor;
        if (number(text, &at, &minor) && (oldest == 0 || (3u << 8 | minor) < oldest))
            oldest = (uint16_t)(3u << 8 | minor);
    }
    return oldest;
}

uint16_t supported_oldest(struct arena *arena, struct str folder)
{
    static const char *const names[] = {"pyproject.toml", "setup.cfg", "setup.py"};
    struct str texts[3];
    uint16_t oldest = 0;
    for (size_t i = 0; i < 3 && oldest == 0; i++) {
        texts[i] = path_read_small(arena, folder, names[i], FILE_SIZE_MAX);
        oldest = i == 0 ? oldest_in_pyproject(arena, texts[i]) : oldest_required(texts[i]);
    }
    for (size_t i = 0; i < 3 && oldest == 0; i++)
        oldest = oldest_classified(texts[i]);
    return oldest;
}

#include "cli/supported.h"

#include "settings/toml.h"
#include "source/path.h"

#define PYPROJECT_SIZE_MAX (1u << 20)

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

/* One clause of a specifier, ">=3.9", "== 3.13.*": the oldest version that it allows; 0: it sets no lower bound. */
static uint16_t lower_bound(struct str clause)
{
    static const char *const operators[] = {">=", "~=", "===", "==", ">"};
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

uint16_t supported_oldest(struct arena *arena, struct str folder)
{
    struct str text = path_read_small(arena, folder, "pyproject.toml", PYPROJECT_SIZE_MAX);
    struct toml_error error;
    const struct toml_value *root = text.len > 0 ? toml_read(arena, text, &error) : NULL;
    const struct toml_value *project = root != NULL ? toml_member(root, STR("project")) : NULL;
    const struct toml_value *requires =
        project != NULL && project->kind == TOML_TABLE ? toml_member(project, STR("requires-python")) : NULL;
    return requires != NULL && requires->kind == TOML_STRING ? oldest_of(requires->text) : 0;
}

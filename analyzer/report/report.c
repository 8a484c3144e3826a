#include "report/formats.h"

#include <stdlib.h>
#include <string.h>

static const struct report_format *const formats[] = {
    &report_format_text,       &report_format_concise, &report_format_json,
    &report_format_json_lines, &report_format_sarif,   &report_format_github,
    &report_format_gitlab,     &report_format_junit,   &report_format_rdjson,
};

size_t report_count(void)
{
    return sizeof formats / sizeof *formats;
}

const struct report_format *report_at(size_t index)
{
    if (index >= report_count()) {
        BUG("there is no report format %zu", index);
    }
    return formats[index];
}

const struct report_format *report_find(struct str name)
{
    for (size_t i = 0; i < report_count(); i++) {
        if (str_equal(str_of(formats[i]->name), name)) {
            return formats[i];
        }
    }
    return NULL;
}

void report_append(char **out, struct str text)
{
    size_t old = *out != NULL ? strlen(*out) : 0;
    char *grown = memory_resize(*out, old + text.len + 1);
    if (text.len > 0) {
        memcpy(grown + old, text.ptr, text.len);
    }
    grown[old + text.len] = '\0';
    *out = grown;
}

void report_append_json(char **out, struct json *value)
{
    char *text = json_print(value, true);
    report_append(out, str_of(text));
    report_append(out, STR("\n"));
    free(text);
    json_free(value);
}

void report_set_homepage(struct json *object, const char *key)
{
    struct str homepage = STR(RACELINT_HOMEPAGE);
    if (homepage.len > 0) {
        json_set(object, key, json_string(homepage));
    }
}

const char *report_confidence_word(enum confidence confidence)
{
    static const char *const words[] = {
        [CONFIDENCE_LOW] = "low", [CONFIDENCE_MEDIUM] = "medium", [CONFIDENCE_HIGH] = "high"};
    return words[confidence];
}

const char *report_level_word(enum confidence confidence)
{
    static const char *const words[] = {
        [CONFIDENCE_LOW] = "note", [CONFIDENCE_MEDIUM] = "warning", [CONFIDENCE_HIGH] = "error"};
    return words[confidence];
}

const char *report_diagnostic_level(const struct diagnostic *diagnostic)
{
    return str_equal(str_of(diagnostic->code), STR("RL001")) ? "error" : "warning";
}

const char *report_exposure_word(enum exposure exposure)
{
    static const char *const words[] = {[EXPOSURE_FREE_THREADED] = "free-threaded", [EXPOSURE_ANY_BUILD] = "any-build"};
    return words[exposure];
}

const char *report_fix_kind_word(enum fix_kind kind)
{
    static const char *const words[] = {
        [FIX_EXISTING_LOCK] = "existing-lock",
        [FIX_NEW_LOCK] = "new-lock",
        [FIX_ATOMIC_OPERATION] = "atomic-operation",
        [FIX_SNAPSHOT] = "snapshot",
        [FIX_PRIMITIVE] = "primitive",
        [FIX_MANUAL] = "manual",
    };
    return words[kind];
}

const char *report_applicability_word(enum fix_applicability applicability)
{
    static const char *const words[] = {[FIX_SAFE] = "safe", [FIX_UNSAFE] = "unsafe", [FIX_BY_HAND] = "manual"};
    return words[applicability];
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

void report_add_sentence(struct buf *out, struct str text)
{
    text = str_trim(text);
    if (text.len == 0) {
        return;
    }
    if (text.ptr[text.len - 1] == ':') {
        text.len--;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (i == 0 && c >= 'a' && c <= 'z') {
            c = (char)(c - 'a' + 'A');
        }
        if (!is_space(c)) {
            buf_add_char(out, c);
        } else if (!is_space(text.ptr[i - 1])) {
            buf_add_char(out, ' ');
        }
    }
    if (!str_ends(text, STR(".")) && !str_ends(text, STR("!")) && !str_ends(text, STR("?"))) {
        buf_add_char(out, '.');
    }
}

void report_add_message(struct buf *out, const struct finding *finding)
{
    report_add_sentence(out, finding->message);
    if (finding->fix.message.len > 0) {
        buf_add(out, out->len > 0 ? STR(" Fix: ") : STR("Fix: "));
        report_add_sentence(out, finding->fix.message);
    }
}

void report_add_absolute(struct buf *out, const struct report_input *input, struct str path)
{
    if (!str_starts(path, STR("/")) && input->root.len > 0) {
        buf_add(out, input->root);
        buf_add(out, str_ends(input->root, STR("/")) ? STR("") : STR("/"));
    }
    buf_add(out, path);
}

bool report_range_equal(const struct finding_range *a, const struct finding_range *b)
{
    return a->line == b->line && a->column == b->column && a->end_line == b->end_line &&
           a->end_column == b->end_column && str_equal(a->path, b->path);
}

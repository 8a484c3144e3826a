/* rdjson: the Reviewdog Diagnostic Format. Its columns count bytes of UTF-8, so they are only told where the text of
 * the line is at hand. */
#include "base/buf.h"
#include "report/formats.h"
#include "report/rule_docs.h"

static struct json *word_json(const char *word)
{
    return json_string(str_of(word));
}

static const char *severity(const char *level)
{
    return level[0] == 'e' ? "ERROR" : level[0] == 'w' ? "WARNING" : "INFO";
}

/* The byte of a line, from 1, at which a character begins, told by its column. */
static uint32_t byte_column(struct str line, uint32_t column)
{
    size_t at = 0;
    for (uint32_t i = 1; i < column && at < line.len; i++) {
        at++;
        while (at < line.len && ((unsigned char)line.ptr[at] & 0xC0) == 0x80) {
            at++;
        }
    }
    return (uint32_t)at + 1;
}

static struct json *position_json(const struct source_file *file, uint32_t line, uint32_t column)
{
    struct json *position = json_object();
    json_set(position, "line", json_integer(line));
    if (file != NULL) {
        json_set(position, "column", json_integer(byte_column(source_line(file, line), column)));
    }
    return position;
}

/* `file`: the one that the finding lies in, or NULL. */
static struct json *location_json(const struct report_input *input, const struct finding_range *where,
                                  const struct source_file *file)
{
    struct json *location = json_object();
    struct buf path = {0};
    report_add_absolute(&path, input, where->path);
    json_set(location, "path", json_string(buf_str(&path)));
    buf_release(&path);
    if (where->line > 0) {
        struct json *range = json_object();
        bool known = file != NULL && str_equal(file->path, where->path);
        json_set(range, "start", position_json(known ? file : NULL, where->line, where->column));
        if (where->end_line > 0) {
            json_set(range, "end", position_json(known ? file : NULL, where->end_line, where->end_column));
        }
        json_set(location, "range", range);
    }
    return location;
}

static struct json *code_json(struct str code, const char *uri)
{
    struct json *object = json_object();
    json_set(object, "value", json_string(code));
    if (uri != NULL) {
        json_set(object, "url", word_json(uri));
    }
    return object;
}

static struct json *related_json(const struct report_input *input, const struct finding *finding)
{
    struct json *list = json_array();
    for (uint32_t i = 0; i < finding->related_count; i++) {
        const struct finding_related *related = &finding->related[i];
        if (related->where.line > 0) {
            struct json *object = json_object();
            json_set(object, "message", json_string(related->message));
            json_set(object, "location", location_json(input, &related->where, finding->file));
            json_push(list, object);
        }
    }
    return list;
}

static struct json *finding_json(const struct report_input *input, const struct finding *finding)
{
    struct json *object = json_object();
    struct buf message = {0};
    report_add_message(&message, finding);
    json_set(object, "message", json_string(buf_str(&message)));
    json_set(object, "location", location_json(input, &finding->where, finding->file));
    json_set(object, "severity", word_json(severity(report_level_word(finding->confidence))));
    json_set(object, "code", code_json(str_of(finding->rule->code), rule_uri(finding->rule)));
    json_set(object, "relatedLocations", related_json(input, finding));
    buf_release(&message);
    return object;
}

static struct json *diagnostic_json(const struct report_input *input, const struct diagnostic *diagnostic)
{
    struct json *object = json_object();
    struct finding_range where = {.path = diagnostic->path, .line = diagnostic->line};
    json_set(object, "message", json_string(diagnostic->message));
    json_set(object, "location", location_json(input, &where, NULL));
    json_set(object, "severity", word_json(severity(report_diagnostic_level(diagnostic))));
    json_set(object, "code", code_json(str_of(diagnostic->code), NULL));
    return object;
}

static void rdjson_write(const struct report_input *input, char **out)
{
    struct json *root = json_object(), *source = json_object(), *list = json_array();
    json_set(source, "name", json_string(STR("racelint")));
    report_set_homepage(source, "url");
    json_set(root, "source", source);
    for (size_t i = 0; i < input->finding_count; i++) {
        json_push(list, finding_json(input, input->findings[i]));
    }
    for (size_t i = 0; i < diagnostics_count(input->diagnostics); i++) {
        json_push(list, diagnostic_json(input, diagnostics_at(input->diagnostics, i)));
    }
    json_set(root, "diagnostics", list);
    report_append_json(out, root);
}

const struct report_format report_format_rdjson = {.name = "rdjson", .write = rdjson_write};

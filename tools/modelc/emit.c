#include "emit.h"

#include <stddef.h>

#include "models/schema_keys.h"

/* The fields of struct model, in the order in which they are printed. */
enum field_type { FIELD_BYTE, FIELD_FLAG, FIELD_POSITION, FIELD_VERSION, FIELD_BITS, FIELD_TEXT, FIELD_LIST };

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
};

#define ROW(type, name) #name, type, offsetof(struct model, name)

static const struct field fields[] = {
    {ROW(FIELD_TEXT, name)},
    {ROW(FIELD_BYTE, is)},
    {ROW(FIELD_BYTE, role)},
    {ROW(FIELD_BYTE, safety)},
    {ROW(FIELD_BYTE, scope)},
    {ROW(FIELD_BITS, effects)},
    {ROW(FIELD_FLAG, many)},
    {ROW(FIELD_FLAG, reentrant)},
    {ROW(FIELD_POSITION, target)},
    {ROW(FIELD_POSITION, target_args)},
    {ROW(FIELD_POSITION, target_kwargs)},
    {ROW(FIELD_POSITION, rest)},
    {ROW(FIELD_POSITION, elements)},
    {ROW(FIELD_POSITION, key)},
    {ROW(FIELD_POSITION, value)},
    {ROW(FIELD_POSITION, fallback)},
    {ROW(FIELD_TEXT, target_keyword)},
    {ROW(FIELD_TEXT, args_keyword)},
    {ROW(FIELD_TEXT, kwargs_keyword)},
    {ROW(FIELD_TEXT, key_keyword)},
    {ROW(FIELD_TEXT, value_keyword)},
    {ROW(FIELD_TEXT, fallback_keyword)},
    {ROW(FIELD_TEXT, returns)},
    {ROW(FIELD_LIST, bases)},
    {ROW(FIELD_LIST, entries)},
    {ROW(FIELD_VERSION, from_version)},
    {ROW(FIELD_VERSION, to_version)},
    {ROW(FIELD_TEXT, source)},
    {ROW(FIELD_TEXT, module)},
    {ROW(FIELD_TEXT, same_as)},
    {ROW(FIELD_BYTE, build)},
    {ROW(FIELD_BYTE, runs)},
    {ROW(FIELD_FLAG, one_per_call)},
    {ROW(FIELD_BYTE, deals)},
    {ROW(FIELD_FLAG, tasks)},
    {ROW(FIELD_FLAG, defers)},
    {ROW(FIELD_FLAG, own_instance)},
    {ROW(FIELD_FLAG, spread)},
    {ROW(FIELD_POSITION, through)},
    {ROW(FIELD_POSITION, block)},
    {ROW(FIELD_POSITION, timeout)},
    {ROW(FIELD_POSITION, limit)},
    {ROW(FIELD_BYTE, limit_default)},
    {ROW(FIELD_TEXT, through_keyword)},
    {ROW(FIELD_TEXT, block_keyword)},
    {ROW(FIELD_TEXT, timeout_keyword)},
    {ROW(FIELD_TEXT, limit_keyword)},
    {ROW(FIELD_FLAG, discards)},
    {ROW(FIELD_FLAG, one_step_without_key)},
    {ROW(FIELD_FLAG, thread_identity)},
    {ROW(FIELD_FLAG, pause)},
    {ROW(FIELD_FLAG, extreme)},
    {ROW(FIELD_FLAG, lookup_error)},
    {ROW(FIELD_BYTE, file)},
    {ROW(FIELD_BYTE, folder)},
    {ROW(FIELD_BYTE, state)},
    {ROW(FIELD_TEXT, held)},
    {ROW(FIELD_TEXT, others)},
    {ROW(FIELD_LIST, one_step_with)},
    {ROW(FIELD_LIST, threads_with)},
    {ROW(FIELD_BYTE, gil)},
    {ROW(FIELD_FLAG, keeps_length)},
    {ROW(FIELD_FLAG, sorts)},
    {ROW(FIELD_FLAG, wraps_type)},
    {ROW(FIELD_FLAG, endless)},
    {ROW(FIELD_FLAG, may_mean_gone)},
    {ROW(FIELD_TEXT, like)},
    {ROW(FIELD_LIST, parameters)},
    {ROW(FIELD_TEXT, harm)},
    {ROW(FIELD_POSITION, forgives)},
    {ROW(FIELD_POSITION, mode)},
    {ROW(FIELD_POSITION, daemon)},
    {ROW(FIELD_POSITION, in_child)},
    {ROW(FIELD_POSITION, named)},
    {ROW(FIELD_TEXT, forgives_keyword)},
    {ROW(FIELD_TEXT, mode_keyword)},
    {ROW(FIELD_TEXT, daemon_keyword)},
    {ROW(FIELD_TEXT, in_child_keyword)},
    {ROW(FIELD_TEXT, named_keyword)},
    {ROW(FIELD_FLAG, any_copy)},
    {ROW(FIELD_FLAG, replaces_program)},
    {ROW(FIELD_FLAG, greenlets)},
    {ROW(FIELD_FLAG, sees_failures)},
    {ROW(FIELD_TEXT, configures)},
    {ROW(FIELD_TEXT, named_in)},
    {ROW(FIELD_TEXT, made_with)},
    {ROW(FIELD_FLAG, makes_fields)},
    {ROW(FIELD_FLAG, ends_process)},
    {ROW(FIELD_FLAG, handles)},
};

static void emit_string(struct buf *out, const char *text)
{
    buf_add_char(out, '"');
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '?') {
            buf_printf(out, "\\%03o", c);
        } else {
            buf_add_char(out, *at);
        }
    }
    buf_add_char(out, '"');
}

static void emit_names(struct buf *out, const char *const *list)
{
    buf_add(out, STR("(const char *const[]){"));
    for (; *list != NULL; list++) {
        emit_string(out, *list);
        buf_add(out, STR(", "));
    }
    buf_add(out, STR("NULL}"));
}

/* A number as C text; what is 0 need not be said. */
static void emit_number(struct buf *out, const struct field *field, unsigned long number)
{
    if (number != 0) {
        buf_printf(out, ".%s = %#lx, ", field->name, number);
    }
}

static void emit_field(struct buf *out, const struct model *model, const struct field *field)
{
    const void *at = (const char *)model + field->offset;
    const char *text;
    const char *const *list;

    switch (field->type) {
    case FIELD_BYTE: emit_number(out, field, *(const uint8_t *)at); break;
    case FIELD_FLAG: emit_number(out, field, *(const bool *)at); break;
    case FIELD_VERSION: emit_number(out, field, *(const uint16_t *)at); break;
    case FIELD_BITS: emit_number(out, field, *(const uint32_t *)at); break;
    case FIELD_POSITION: buf_printf(out, ".%s = %d, ", field->name, *(const int8_t *)at); break;
    case FIELD_TEXT:
        text = *(const char *const *)at;
        if (text != NULL) {
            buf_printf(out, ".%s = ", field->name);
            emit_string(out, text);
            buf_add(out, STR(", "));
        }
        break;
    case FIELD_LIST:
        list = *(const char *const *const *)at;
        if (list != NULL) {
            buf_printf(out, ".%s = ", field->name);
            emit_names(out, list);
            buf_add(out, STR(", "));
        }
        break;
    }
}

void emit_table(const struct schema *schema, struct buf *out)
{
    buf_add(out, STR("/* Generated by tools/modelc from models/. Do not edit. */\n"
                     "#include \"models/table.h\"\n\n"
                     "static const struct model entries[] = {\n"));
    for (size_t i = 0; i < schema_count(schema); i++) {
        buf_add(out, STR("    {"));
        for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++) {
            emit_field(out, &schema_at(schema, i)->model, &fields[k]);
        }
        buf_add(out, STR("},\n"));
    }
    if (schema_count(schema) == 0) { /* C has no empty arrays */
        buf_add(out, STR("    {.name = NULL},\n"));
    }
    buf_add(out, STR("};\nstatic const struct model *const about_gil[] = {"));
    for (size_t i = 0; i < schema_count(schema); i++) {
        if (schema_at(schema, i)->model.gil != GIL_UNSAID) {
            buf_printf(out, "&entries[%zu], ", i);
        }
    }
    buf_printf(out, "NULL};\nconst struct models models_compiled = {entries, %zu, about_gil};\n", schema_count(schema));
}

/* ---- the lists for tests ---- */

static void print_version(FILE *out, uint16_t version)
{
    if (version == 0) {
        fputs("\t-", out);
    } else {
        fprintf(out, "\t%d.%d", version >> 8, version & 0xff);
    }
}

static void print_text(FILE *out, const char *text)
{
    fprintf(out, "\t%s", text != NULL ? text : "-");
}

/* "target=1:target", for each argument that the entry names; "-" stands for no keyword. */
static void print_arguments(FILE *out, const struct model *model)
{
    const char *separator = "\t";

    for (size_t i = 0; i < schema_key_count; i++) {
        const struct schema_key *key = &schema_keys[i];
        if (key->type != KEY_ARGUMENT && key->type != KEY_POSITION) {
            continue;
        }
        const void *keyword_at = (const char *)model + key->keyword_offset;
        const char *keyword = key->type == KEY_ARGUMENT ? *(const char *const *)keyword_at : NULL;
        int8_t position = *((const int8_t *)model + key->offset);
        if (position != MODEL_NO_ARG || keyword != NULL) {
            fprintf(out, "%s%s=%d:%s", separator, key->name, position, keyword != NULL ? keyword : "-");
            separator = ",";
        }
    }
    if (*separator == '\t') {
        fputs("\t-", out);
    }
}

void emit_list(const struct schema *schema, FILE *out)
{
    static const char *const kinds[] = {[MODEL_CLASS] = "class",
                                        [MODEL_FUNCTION] = "function",
                                        [MODEL_METHOD] = "method",
                                        [MODEL_VALUE] = "value",
                                        [MODEL_PACKAGE] = "package"};

    for (size_t i = 0; i < schema_count(schema); i++) {
        const struct schema_entry *entry = schema_at(schema, i);
        const struct model *model = &entry->model;
        fprintf(out, "%s\t%s\t%s", model->name, kinds[model->is], model->module);
        print_version(out, model->from_version);
        print_version(out, model->to_version);
        print_text(out, entry->platform);
        print_text(out, model->source);
        print_text(out, model->same_as);
        print_arguments(out, model);
        for (const char *const *base = model->bases; base != NULL && *base != NULL; base++) {
            fprintf(out, "%s%s", base == model->bases ? "\t" : ",", *base);
        }
        fputs(model->bases == NULL ? "\t-\n" : "\n", out);
    }
}

void emit_keys(FILE *out)
{
    for (size_t i = 0; i < schema_key_count; i++) {
        fprintf(out, "%s", schema_keys[i].name);
        for (const struct key_word *word = schema_keys[i].words; word != NULL && word->text != NULL; word++) {
            fprintf(out, "\t%s", word->text);
        }
        fputc('\n', out);
    }
}

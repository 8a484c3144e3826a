#include "tests/unit/lowered.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

const TSLanguage *tree_sitter_python(void);

void lowered_init(struct lowered *lowered, struct frontend *frontend, const char *path, struct str text)
{
    lowered->diagnostics = diagnostics_new();
    ck_assert_int_eq(source_from_bytes(&lowered->file, str_of(path), text, lowered->diagnostics), SOURCE_OK);
    lowered->module = frontend_lower(frontend, &lowered->file, lowered->diagnostics);
}

void lowered_release(struct lowered *lowered)
{
    arena_free(lowered->module->arena);
    source_free(&lowered->file);
    diagnostics_free(lowered->diagnostics);
}

void steps_init(struct steps *steps, struct str text, bool lower)
{
    memset(steps, 0, sizeof *steps);
    steps->parser = ts_parser_new();
    ck_assert(ts_parser_set_language(steps->parser, tree_sitter_python()));
    steps->parsed = ts_parser_parse_string(steps->parser, NULL, text.ptr, (uint32_t)text.len);
    grammar_init(&steps->grammar, tree_sitter_python());
    steps->ir = ir_builder_new();
    ir_builder_begin(steps->ir, STR("test.py"));
    tree_flatten(&steps->tree, &steps->grammar, steps->parsed, text);
    scopes_build(&steps->scopes, &steps->tree, steps->ir);
    if (lower) {
        lower_module(&steps->lowering, &steps->tree, &steps->scopes, steps->ir);
    }
}

void steps_release(struct steps *steps)
{
    ir_builder_free(steps->ir);
    lowering_release(&steps->lowering);
    scopes_release(&steps->scopes);
    tree_release(&steps->tree);
    grammar_release(&steps->grammar);
    ts_tree_delete(steps->parsed);
    ts_parser_delete(steps->parser);
}

const struct ir_function *function_named(const struct ir_module *module, const char *qualname)
{
    for (uint32_t i = 0; i < module->function_count; i++) {
        if (str_equal(module->names[module->functions[i].qualname], str_of(qualname))) {
            return &module->functions[i];
        }
    }
    ck_abort_msg("there is no function %s", qualname);
    return NULL;
}

uint32_t count_ops(const struct ir_module *module, const struct ir_function *function, unsigned code)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < function->op_count; i++) {
        count += module->ops[function->first_op + i].code == code;
    }
    return count;
}

struct str repeated(const char *head, const char *part, size_t count, const char *tail)
{
    struct buf text = {0};

    buf_add(&text, str_of(head));
    for (size_t i = 0; i < count; i++) {
        buf_add(&text, str_of(part));
    }
    buf_add(&text, str_of(tail));
    return buf_str(&text);
}

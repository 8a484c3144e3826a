#include "racelint/ir.h"

#include <stdlib.h>

#include <utf8proc.h>

#include "base/buf.h"
#include "base/vec.h"
#include "ir/opcodes.h"

/* Where the instructions start, behind their positions. */
enum { POSITION_WIDTH = 16, INDENT = 2, INDENT_MAX = 200 };

/* Positions are printed in code points. So that columns cost the same on lines of any length, the code points before
 * every STEP-th byte are counted beforehand. */
enum { STEP = 64 };

struct printer {
    const struct ir_module *module;
    struct str text;           /* of the file */
    VEC(uint32_t) line_starts; /* byte offset of each line's first byte */
    VEC(uint32_t) counts;      /* code points before byte i * STEP */
    struct buf out;
};

static bool starts_character(const struct printer *printer, size_t offset)
{
    return ((unsigned char)printer->text.ptr[offset] & 0xc0) != 0x80;
}

static void printer_index(struct printer *printer)
{
    uint32_t count = 0;

    vec_push(&printer->line_starts, 0);
    for (size_t i = 0; i < printer->text.len; i++) {
        char c = printer->text.ptr[i];
        bool crlf = c == '\r' && i + 1 < printer->text.len && printer->text.ptr[i + 1] == '\n';
        if (i % STEP == 0) {
            vec_push(&printer->counts, count);
        }
        count += starts_character(printer, i);
        if (c == '\n' || (c == '\r' && !crlf)) {
            vec_push(&printer->line_starts, (uint32_t)i + 1);
        }
    }
    vec_push(&printer->counts, count);
}

/* The code points before an offset, counted from the start of the text. */
static uint32_t characters_before(const struct printer *printer, uint32_t offset)
{
    size_t end = offset < printer->text.len ? offset : printer->text.len;
    size_t from = end / STEP * STEP;
    uint32_t count = printer->counts.data[end / STEP];

    for (size_t i = from; i < end; i++) {
        count += starts_character(printer, i);
    }
    return count;
}

struct position {
    uint32_t line, column; /* both 1-based */
};

static struct position position_of(const struct printer *printer, uint32_t offset)
{
    size_t low = 0;
    size_t high = printer->line_starts.len;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (printer->line_starts.data[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    uint32_t start = characters_before(printer, printer->line_starts.data[low]);
    return (struct position){(uint32_t)low + 1, characters_before(printer, offset) - start + 1};
}

/* A span as 3:5-12 (one line) or 3:5-4:1; the end is the first position behind it. */
static void print_span(struct printer *printer, struct ir_span span)
{
    struct position start = position_of(printer, span.start);
    struct position end = position_of(printer, span.end);

    if (start.line == end.line) {
        buf_printf(&printer->out, "%u:%u-%u", start.line, start.column, end.column);
    } else {
        buf_printf(&printer->out, "%u:%u-%u:%u", start.line, start.column, end.line, end.column);
    }
}

/* The length of the character at an offset in UTF-8, or 0 where there is none: names can hold any bytes. */
static size_t character_length(struct str s, size_t at)
{
    utf8proc_int32_t character;
    utf8proc_ssize_t length =
        utf8proc_iterate((const utf8proc_uint8_t *)s.ptr + at, (utf8proc_ssize_t)(s.len - at), &character);

    return length > 0 ? (size_t)length : 0;
}

/* Adds a text as a C-like string literal, so that every instruction stays on one line. */
static void print_quoted(struct buf *out, struct str s)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        size_t length = c < 0x80 ? 1 : character_length(s, i);
        if (c == '"' || c == '\\') {
            buf_printf(out, "\\%c", c);
        } else if (c == '\n') {
            buf_add(out, STR("\\n"));
        } else if (c < 0x20 || c == 0x7f || length == 0) {
            buf_printf(out, "\\x%02x", c);
        } else {
            buf_add(out, str_slice(s, i, i + length));
            i += length - 1;
        }
    }
    buf_add_char(out, '"');
}

static struct str name_text(const struct printer *printer, ir_name name)
{
    if (name >= printer->module->name_count) {
        BUG("name %u of %u", name, printer->module->name_count);
    }
    return printer->module->names[name];
}

static void print_name(struct printer *printer, ir_name name)
{
    struct str text = name_text(printer, name);

    if (text.len == 0) {
        buf_add(&printer->out, STR("-"));
    } else {
        buf_add(&printer->out, text);
    }
}

/* A local as name.index, so that two of one name stay apart. */
static void print_local(struct printer *printer, uint32_t function, ir_local local)
{
    const struct ir_function *owner = &printer->module->functions[function];
    const struct ir_local_info *info = &printer->module->locals[owner->first_local + local];

    if (info->flags & IR_LOCAL_SYNTHETIC) {
        buf_printf(&printer->out, "$%u", local);
    } else {
        buf_printf(&printer->out, "%.*s.%u", STR_FMT(name_text(printer, info->name)), local);
    }
}

static void print_args(struct printer *printer, const struct ir_op *op)
{
    static const char *const stars[] = {"", "*", "**"};

    buf_add(&printer->out, STR(" ("));
    for (uint32_t i = 0; i < op->c; i++) {
        const struct ir_arg *arg = &printer->module->args[op->b + i];
        if (i > 0) {
            buf_add(&printer->out, STR(", "));
        }
        if (arg->keyword != 0) {
            buf_printf(&printer->out, "%.*s=", STR_FMT(name_text(printer, arg->keyword)));
        }
        buf_printf(&printer->out, "%s%%%u", stars[arg->kind], arg->value);
    }
    buf_add_char(&printer->out, ')');
}

static void print_operand(struct printer *printer, const struct ir_op *op, uint32_t function, unsigned which)
{
    const uint32_t values[] = {op->a, op->b, op->c};
    uint32_t value = values[which];

    switch (ir_opcode_info(op->code)->operands[which]) {
    case IR_OPERAND_VALUE:
    case IR_OPERAND_OPTVAL:
        if (value != 0) {
            buf_printf(&printer->out, " %%%u", value);
        } else {
            buf_add(&printer->out, STR(" -"));
        }
        break;
    case IR_OPERAND_NAME:
        buf_add_char(&printer->out, ' ');
        if (op->code == IR_CONST || (op->code == IR_DECLARE && which == 2)) {
            print_quoted(&printer->out, name_text(printer, value));
        } else {
            print_name(printer, value);
        }
        break;
    case IR_OPERAND_LOCAL: {
        bool free = ir_opcode_info(op->code)->operands[0] == IR_OPERAND_FUNC;
        buf_add_char(&printer->out, ' ');
        print_local(printer, free ? op->a : function, value);
        break;
    }
    case IR_OPERAND_FUNC: buf_printf(&printer->out, " fn%u", value); break;
    case IR_OPERAND_CLASS: buf_printf(&printer->out, " class%u", value); break;
    case IR_OPERAND_ARGS:
        if (which == 1) {
            print_args(printer, op);
        }
        break;
    default: /* NONE; NEXT shows in the indentation */ break;
    }
}

static void print_aux(struct printer *printer, const struct ir_op *op)
{
    switch (op->code) {
    case IR_CONST: buf_printf(&printer->out, " %s", ir_const_text(op->aux)); break;
    case IR_NEW: buf_printf(&printer->out, " %s", ir_new_text(op->aux)); break;
    case IR_UNARY:
    case IR_BINARY:
    case IR_INPLACE:
    case IR_COMPARE: buf_printf(&printer->out, " %s", ir_operator_text(op->aux)); break;
    case IR_MATCHES: buf_printf(&printer->out, " %s", ir_pattern_text(op->aux)); break;
    case IR_UNPACK: buf_printf(&printer->out, " %u of", op->aux); break;
    case IR_IMPORT_FROM:
    case IR_IMPORT_STAR: buf_printf(&printer->out, " dots=%u", op->aux); break;
    default: break;
    }
}

static void print_flags(struct printer *printer, const struct ir_op *op)
{
    static const char *const common[] = {"augmented", "callee", "star", "async", "comprehension", "decorator", "leaf"};
    static const char *const branches[] = {"ternary", "boolean", "assert", "case"};
    const char *const *names = op->code == IR_IF ? branches : common;
    unsigned count = op->code == IR_IF ? 4 : 7;

    for (unsigned i = 0; i < count; i++) {
        if (op->flags & 1u << i) {
            buf_printf(&printer->out, " [%s]", names[i]);
        }
    }
    if (op->flags & IR_FLAG_SYNTHETIC) {
        buf_add(&printer->out, STR(" [synthetic]"));
    }
}

static void print_op(struct printer *printer, const struct ir_op *op, uint32_t function, unsigned depth)
{
    size_t start = printer->out.len;

    print_span(printer, op->span);
    do {
        buf_add_char(&printer->out, ' ');
    } while (printer->out.len - start < POSITION_WIDTH);
    for (unsigned i = 0; i < depth * INDENT && i < INDENT_MAX; i++) {
        buf_add_char(&printer->out, ' ');
    }
    if (op->result != 0) {
        buf_printf(&printer->out, "%%%u = ", op->result);
    }
    buf_add(&printer->out, str_of(ir_opcode_text(op->code)));
    print_aux(printer, op);
    for (unsigned i = 0; i < 3; i++) {
        print_operand(printer, op, function, i);
    }
    print_flags(printer, op);
    buf_add_char(&printer->out, '\n');
}

/* One parameter as in a definition, with the bare star or slash that its kind asks for. */
static void print_param(struct printer *printer, const struct ir_function *function, uint32_t index)
{
    const struct ir_param *param = &printer->module->params[function->first_param + index];
    bool first_keyword = param->kind == IR_PARAM_KEYWORD_ONLY && (index == 0 || param[-1].kind < IR_PARAM_STAR);
    bool last_positional = param->kind == IR_PARAM_POSITIONAL_ONLY &&
                           (index + 1 == function->param_count || param[1].kind != IR_PARAM_POSITIONAL_ONLY);

    buf_add(&printer->out, first_keyword ? STR("*, ") : STR(""));
    buf_add(&printer->out, str_of(ir_param_text(param->kind)));
    print_name(printer, param->name);
    if (param->annotation != 0) {
        buf_printf(&printer->out, ": %.*s", STR_FMT(name_text(printer, param->annotation)));
    }
    buf_add(&printer->out, param->has_default ? STR(" = …") : STR(""));
    buf_add(&printer->out, last_positional ? STR(", /") : STR(""));
}

static void print_params(struct printer *printer, const struct ir_function *function)
{
    buf_add_char(&printer->out, '(');
    for (uint32_t i = 0; i < function->param_count; i++) {
        buf_add(&printer->out, i > 0 ? STR(", ") : STR(""));
        print_param(printer, function, i);
    }
    buf_add_char(&printer->out, ')');
    if (function->returns != 0) {
        buf_printf(&printer->out, " -> %.*s", STR_FMT(name_text(printer, function->returns)));
    }
}

static void print_decorators(struct printer *printer, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        buf_add(&printer->out, STR(" @"));
        print_name(printer, printer->module->names_list[first + i]);
    }
}

static void print_function_flags(struct printer *printer, unsigned flags)
{
    static const char *const names[] = {"async", "generator", "error", "doc-safe", "doc-unsafe", "left-out"};

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (flags & 1u << i) {
            buf_printf(&printer->out, " [%s]", names[i]);
        }
    }
}

static void print_locals(struct printer *printer, uint32_t index)
{
    static const char *const flags[] = {"param", "captured", "synthetic", "inner"};
    const struct ir_function *function = &printer->module->functions[index];

    if (function->local_count == 0) {
        return;
    }
    buf_add(&printer->out, STR("  locals"));
    for (ir_local i = 0; i < function->local_count; i++) {
        buf_add_char(&printer->out, ' ');
        print_local(printer, index, i);
        for (unsigned f = 0; f < 4; f++) {
            uint32_t bit = 1u << f;
            if (bit != IR_LOCAL_SYNTHETIC && printer->module->locals[function->first_local + i].flags & bit) {
                buf_printf(&printer->out, ":%s", flags[f]);
            }
        }
    }
    buf_add_char(&printer->out, '\n');
}

static void print_function(struct printer *printer, uint32_t index)
{
    const struct ir_module *module = printer->module;
    const struct ir_function *function = &module->functions[index];
    unsigned depth = 0;

    buf_printf(&printer->out, "\nfn%u %s %.*s", index, ir_function_kind_text(function->kind),
               STR_FMT(name_text(printer, function->qualname != 0 ? function->qualname : function->name)));
    if (function->kind == IR_FN_FUNCTION || function->kind == IR_FN_LAMBDA) {
        print_params(printer, function);
    }
    print_decorators(printer, function->first_decorator, function->decorator_count);
    print_function_flags(printer, function->flags);
    if (function->parent != IR_NO_INDEX) {
        buf_printf(&printer->out, " in fn%u", function->parent);
    }
    if (function->class_index != IR_NO_INDEX) {
        buf_printf(&printer->out, " of class%u", function->class_index);
    }
    buf_add_char(&printer->out, ' ');
    print_span(printer, function->span);
    buf_add(&printer->out, STR(" head "));
    print_span(printer, function->head);
    buf_add_char(&printer->out, '\n');
    print_locals(printer, index);
    for (uint32_t i = 0; i < function->op_count; i++) {
        const struct ir_op *op = &module->ops[function->first_op + i];
        bool closes = op->code == IR_END || ir_continues(op->code);
        depth -= closes && depth > 0;
        print_op(printer, op, index, depth);
        depth += ir_opens(op->code) || ir_continues(op->code);
    }
}

static void print_class(struct printer *printer, uint32_t index)
{
    const struct ir_class *class = &printer->module->classes[index];

    buf_printf(&printer->out, "class%u %.*s body fn%u in fn%u", index, STR_FMT(name_text(printer, class->qualname)),
               class->body, class->parent);
    print_decorators(printer, class->first_decorator, class->decorator_count);
    print_function_flags(printer, class->flags);
    buf_add_char(&printer->out, ' ');
    print_span(printer, class->span);
    buf_add(&printer->out, STR(" head "));
    print_span(printer, class->head);
    buf_add_char(&printer->out, '\n');
}

static void print_head(struct printer *printer)
{
    const struct ir_module *module = printer->module;

    buf_printf(&printer->out, "module %.*s%s%s\n", STR_FMT(module->path), module->is_stub ? " [stub]" : "",
               module->main_guard ? " [main-guard]" : "");
    if (module->has_all) {
        buf_add(&printer->out, STR("all"));
        for (uint32_t i = 0; i < module->all_count; i++) {
            buf_printf(&printer->out, " %.*s", STR_FMT(name_text(printer, module->all_names[i])));
        }
        buf_add_char(&printer->out, '\n');
    }
    for (uint32_t i = 0; i < module->error_count; i++) {
        buf_add(&printer->out, STR("error "));
        print_span(printer, module->errors[i].span);
        buf_add_char(&printer->out, '\n');
    }
    for (uint32_t i = 0; i < module->comment_count; i++) {
        struct ir_span span = module->comments[i].span;
        buf_add(&printer->out, STR("comment "));
        print_span(printer, span);
        buf_printf(&printer->out, " %.*s\n", STR_FMT(str_slice(printer->text, span.start, span.end)));
    }
    for (uint32_t i = 0; i < module->class_count; i++) {
        print_class(printer, i);
    }
}

void ir_print(const struct ir_module *module, struct str text, char **out)
{
    struct printer printer = {.module = module, .text = text};

    buf_add(&printer.out, str_of(*out));
    printer_index(&printer);
    print_head(&printer);
    for (uint32_t i = 0; i < module->function_count; i++) {
        print_function(&printer, i);
    }
    vec_release(&printer.line_starts);
    vec_release(&printer.counts);
    free(*out);
    *out = printer.out.ptr;
}

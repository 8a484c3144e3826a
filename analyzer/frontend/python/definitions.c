/* Functions, classes, lambdas and decorators. */
#include "frontend/python/lower.h"

#include "frontend/python/names.h"
#include "frontend/python/parameters.h"

/* ---- records: every function and class is declared before the first is lowered ---- */

struct decorators {
    uint32_t first; /* in names_list */
    uint32_t count;
};

/* The dotted text of a decorator: what is called, without the calls. */
static ir_name decorator_name(struct lowering *low, uint32_t decorator)
{
    const struct tree *tree = low->tree;
    uint32_t node = node_operand(tree, decorator, 0);

    while (node != NO_NODE && node_kind(tree, node) == NODE_CALL) {
        node = node_field(tree, node, FIELD_FUNCTION);
    }
    return node == NO_NODE ? 0 : python_text_name(low->ir, &low->text, node_text(tree, node));
}

static struct decorators declare_decorators(struct lowering *low, uint32_t decorated)
{
    const struct tree *tree = low->tree;
    struct decorators decorators = {0};

    for (uint32_t child = node_first(tree, decorated); child != NO_NODE; child = node_next(tree, decorated, child)) {
        if (node_kind(tree, child) == NODE_DECORATOR) {
            uint32_t index = ir_builder_list_name(low->ir, decorator_name(low, child));
            decorators.first = decorators.count++ == 0 ? index : decorators.first;
        }
    }
    return decorators;
}

/* Qualified names grow no longer than about this, or thousands of nested lambdas would make megabytes of them. */
enum { QUALNAME_MAX = 4096 };

/* The dotted name of a definition within the module. */
static ir_name qualified_name(struct lowering *low, uint32_t parent_function, ir_name name)
{
    ir_name parent = ir_builder_function_at(low->ir, parent_function)->qualname;
    struct str outer = ir_builder_name_text(low->ir, parent);

    if (outer.len == 0) {
        return name;
    }
    if (outer.len > QUALNAME_MAX) {
        return parent;
    }
    buf_clear(&low->text);
    buf_add(&low->text, outer);
    buf_add_char(&low->text, '.');
    buf_add(&low->text, ir_builder_name_text(low->ir, name));
    return ir_builder_name(low->ir, buf_str(&low->text));
}

static void declare_module(struct lowering *low)
{
    const struct tree *tree = low->tree;
    struct ir_function function = {.name = ir_builder_name(low->ir, STR("<module>")),
                                   .kind = IR_FN_MODULE,
                                   .flags = scope_at(low->scopes, 0)->flags & IR_FN_ERROR,
                                   .parent = IR_NO_INDEX,
                                   .class_index = IR_NO_INDEX,
                                   .span = {0, (uint32_t)tree->text.len}};

    function.flags |= (uint8_t)docstring_flags(low, 0);
    ir_builder_function(low->ir, &function);
}

static void declare_class(struct lowering *low, const struct scope *scope, const struct ir_function *body,
                          struct decorators decorators)
{
    struct ir_class class = {.name = body->name,
                             .qualname = body->qualname,
                             .body = scope->function,
                             .parent = body->parent,
                             .first_decorator = decorators.first,
                             .decorator_count = decorators.count,
                             .flags = (uint8_t)docstring_flags(low, scope->body),
                             .span = body->span,
                             .head = body->head};

    ir_builder_class(low->ir, &class);
}

static unsigned body_docstring_flags(struct lowering *low, const struct scope *scope)
{
    return scope->body == NO_NODE ? 0 : docstring_flags(low, scope->body);
}

static void declare_definition(struct lowering *low, const struct scope *scope)
{
    const struct tree *tree = low->tree;
    uint32_t parent = scope_at(low->scopes, scope->parent)->function;
    const struct scope *around = scope_at(low->scopes, low->scopes->functions.data[parent]);
    uint32_t returns = node_field(tree, scope->node, FIELD_RETURN_TYPE);
    struct decorators decorators = {0};
    struct ir_function function = {.name = scope->name,
                                   .flags = scope->flags,
                                   .parent = parent,
                                   .class_index = around->class_index,
                                   .span = node_span(tree, scope->node),
                                   .head = node_head(tree, scope->node)};

    if (scope->decorated != NO_NODE) {
        decorators = declare_decorators(low, scope->decorated);
    }
    function.qualname = qualified_name(low, parent, function.name);
    if (scope->kind == SCOPE_CLASS) {
        function.kind = IR_FN_CLASS_BODY;
        function.class_index = scope->class_index;
        ir_builder_function(low->ir, &function);
        declare_class(low, scope, &function, decorators);
        return;
    }
    function.kind = scope->kind == SCOPE_LAMBDA ? IR_FN_LAMBDA : IR_FN_FUNCTION;
    function.first_decorator = decorators.first;
    function.decorator_count = decorators.count;
    if (function.kind == IR_FN_FUNCTION) {
        bool async = node_of_kind(tree, scope->node, TOKEN_ASYNC) != NO_NODE;
        function.flags |= (uint8_t)((async ? IR_FN_ASYNC : 0u) | body_docstring_flags(low, scope));
    }
    if (returns != NO_NODE) {
        function.returns = python_text_name(low->ir, &low->text, node_text(tree, returns));
    }
    ir_builder_function(low->ir, &function);
}

void declare_definitions(struct lowering *low)
{
    declare_module(low);
    for (uint32_t i = 1; i < low->scopes->functions.len; i++) {
        declare_definition(low, scope_at(low->scopes, low->scopes->functions.data[i]));
    }
}

/* ---- parameters ---- */

static void declare_parameter(struct lowering *low, const struct parameter *parameter, uint8_t kind)
{
    struct ir_param param = {.kind = kind, .has_default = parameter->value != NO_NODE};

    if (parameter->name != NO_NODE) {
        param.name = name_at(low, parameter->name);
    }
    if (parameter->type != NO_NODE) {
        param.annotation = python_text_name(low->ir, &low->text, node_text(low->tree, parameter->type));
    }
    ir_local local = ir_builder_param(low->ir, param);
    if (param.name != 0) {
        scope_param(low->scopes, low->scope, param.name, local);
    }
}

void lower_parameters(struct lowering *low, uint32_t list)
{
    const struct tree *tree = low->tree;
    uint32_t positional_only = parameter_positional_only(tree, list);
    struct parameter parameter;
    struct parameter_walk walk = {0};

    for (uint32_t i = 0; parameter_next(tree, list, &walk, &parameter); i++) {
        bool before_slash = i < positional_only && parameter.kind == IR_PARAM_NORMAL;
        declare_parameter(low, &parameter, before_slash ? IR_PARAM_POSITIONAL_ONLY : parameter.kind);
    }
    scope_declare_locals(low->scopes, low->function);
    walk = (struct parameter_walk){0};
    for (uint32_t i = 0; parameter_next(tree, list, &walk, &parameter); i++) {
        if (parameter.pattern != NO_NODE) { /* Python 2's def f(a, (b, c)) */
            ir_value value = emit_op(low, (struct ir_op){.code = IR_LOCAL,
                                                         .flags = IR_FLAG_SYNTHETIC,
                                                         .a = i,
                                                         .span = node_span(tree, parameter.pattern)});
            then_store(low, parameter.pattern, value);
        }
    }
}

/* ---- statements ---- */

/* Type parameters are locals that nothing is known of. */
static void bind_type_parameters(struct lowering *low, uint32_t definition)
{
    const struct tree *tree = low->tree;
    uint32_t list = node_field(tree, definition, FIELD_TYPE_PARAMETERS);
    uint32_t scope = low->scope;

    if (list == NO_NODE) {
        return;
    }
    low->scope = tree_node(tree, list)->scope;
    for (uint32_t type = node_first(tree, list); type != NO_NODE; type = node_next(tree, list, type)) {
        struct str text = type_parameter_name(node_text(tree, type));
        if (node_kind(tree, type) == NODE_TYPE && text.len > 0) {
            ir_name name = python_name(low->ir, &low->text, text, scope_at(low->scopes, low->scope)->class);
            ir_value value = emit_unknown(low, node_span(tree, type));
            emit_write_name(low, name, value, 0, node_span(tree, type));
        }
    }
    low->scope = scope;
}

/* Applies decorators and binds the name. On the stack are the value and the node of each, the innermost on top. */
static void finish_definition(struct lowering *low, uint32_t node, ir_value value, uint32_t decorators)
{
    uint32_t name = node_field(low->tree, node, FIELD_NAME);

    for (uint32_t i = 0; i < decorators; i++) {
        struct ir_arg arg = {.value = value};
        uint32_t expression = value_pop(low);
        struct ir_op op = {
            .code = IR_CALL, .flags = IR_FLAG_DECORATOR, .a = value_pop(low), .span = node_span(low->tree, expression)};
        value = ir_emit_args(low->ir, op, &arg, 1);
    }
    if (name != NO_NODE) {
        emit_write_name(low, name_at(low, name), value, 0, node_span(low->tree, name));
    }
}

/* The defaults of a function are on the stack, below them its x decorators. */
static void function_done(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    const struct scope *scope = scope_at(low->scopes, tree_node(tree, task.node)->defines);
    struct ir_op op = {.code = IR_FUNCTION, .a = scope->function, .span = node_span(tree, task.node)};
    struct parameter parameter;
    struct parameter_walk walk = {0};

    vec_clear(&low->args);
    while (parameter_next(tree, node_field(tree, task.node, FIELD_PARAMETERS), &walk, &parameter)) {
        if (parameter.value != NO_NODE) {
            ir_name name = parameter.name == NO_NODE ? 0 : name_at(low, parameter.name);
            vec_push(&low->args, (struct ir_arg){.keyword = name});
        }
    }
    low->values.len -= low->args.len;
    for (size_t i = 0; i < low->args.len; i++) {
        low->args.data[i].value = low->values.data[low->values.len + i];
    }
    ir_value function = ir_emit_args(low->ir, op, low->args.data, low->args.len);
    if (node_kind(tree, task.node) == NODE_LAMBDA) {
        value_push(low, function);
    } else {
        finish_definition(low, task.node, function, task.x);
    }
}

static void then_defaults(struct lowering *low, uint32_t definition)
{
    struct parameter parameter;
    struct parameter_walk walk = {0};

    while (parameter_next(low->tree, node_field(low->tree, definition, FIELD_PARAMETERS), &walk, &parameter)) {
        if (parameter.value != NO_NODE) {
            then_expression(low, parameter.value, 0);
        }
    }
}

/* x is the number of decorators. */
void lower_function(struct lowering *low, struct task task)
{
    bind_type_parameters(low, task.node);
    then_defaults(low, task.node);
    then_do(low, function_done, task.node, task.x);
}

void lower_lambda(struct lowering *low, struct task task)
{
    then_defaults(low, task.node);
    then_do(low, function_done, task.node, 0);
}

static void class_done(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    const struct scope *scope = scope_at(low->scopes, tree_node(tree, task.node)->defines);
    struct ir_op op = {.code = IR_CLASS, .a = scope->class_index, .span = node_span(tree, task.node)};

    args_collect(low, node_field(tree, task.node, FIELD_SUPERCLASSES));
    finish_definition(low, task.node, ir_emit_args(low->ir, op, low->args.data, low->args.len), task.x);
}

/* x is the number of decorators. */
void lower_class(struct lowering *low, struct task task)
{
    uint32_t bases = node_field(low->tree, task.node, FIELD_SUPERCLASSES);
    uint32_t types = bases == NO_NODE ? 0 : tree_node(low->tree, bases)->scope;

    bind_type_parameters(low, task.node);
    if (types != 0) {
        then_scope(low, types);
    }
    then_args(low, bases);
    then_scope(low, low->scope);
    then_do(low, class_done, task.node, task.x);
}

static void drop_decorator(struct lowering *low, struct task task)
{
    (void)task;
    value_pop(low);
}

static void push_node(struct lowering *low, struct task task)
{
    value_push(low, task.node);
}

void lower_decorated(struct lowering *low, struct task task)
{
    const struct tree *tree = low->tree;
    uint32_t definition = node_field(tree, task.node, FIELD_DEFINITION);
    uint32_t count = 0;

    for (uint32_t child = node_first(tree, task.node); child != NO_NODE; child = node_next(tree, task.node, child)) {
        uint32_t expression = node_kind(tree, child) == NODE_DECORATOR ? node_operand(tree, child, 0) : NO_NODE;
        if (expression != NO_NODE) {
            then_expression(low, expression, IR_FLAG_CALLEE);
            then_do(low, definition == NO_NODE ? drop_decorator : push_node, expression, 0);
            count++;
        }
    }
    if (definition != NO_NODE) {
        bool class = node_kind(tree, definition) == NODE_CLASS_DEFINITION;
        then_do(low, class ? lower_class : lower_function, definition, count);
    }
}

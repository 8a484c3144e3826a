#include "ir/builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "base/vec.h"
#include "ir/opcodes.h"

/* A region that is not closed yet. */
struct region {
    uint32_t clause; /* the instruction whose NEXT field awaits the next clause */
    bool loop;       /* LOOP or FOR, before its ELSE */
};

struct ir_builder {
    struct ir_module module; /* the one under construction; its tables are filled at the end */
    struct str path;         /* of it; the caller's */
    struct intern *names;    /* cleared for each module: its ids become the module's */
    bool is_open;            /* a module is under construction */
    uint32_t function;       /* the one entered, or IR_NO_INDEX */
    uint32_t deepest;        /* how many regions were open at once in it */
    VEC(struct ir_op) ops;
    VEC(struct ir_arg) args;
    VEC(struct ir_param) params;
    VEC(struct ir_local_info) locals;
    VEC(ir_name) names_list;
    VEC(ir_name) all_names;
    VEC(struct ir_function) functions;
    VEC(struct ir_class) classes;
    VEC(struct ir_comment) comments;
    VEC(struct ir_error) errors;
    VEC(struct region) regions; /* open ones of the function entered, outermost first */
};

struct ir_builder *ir_builder_new(void)
{
    struct ir_builder *builder = memory_new(sizeof *builder);

    builder->names = intern_new();
    return builder;
}

void ir_builder_free(struct ir_builder *builder)
{
    if (builder == NULL) {
        return;
    }
    intern_free(builder->names);
    vec_release(&builder->ops);
    vec_release(&builder->args);
    vec_release(&builder->params);
    vec_release(&builder->locals);
    vec_release(&builder->names_list);
    vec_release(&builder->all_names);
    vec_release(&builder->functions);
    vec_release(&builder->classes);
    vec_release(&builder->comments);
    vec_release(&builder->errors);
    vec_release(&builder->regions);
    free(builder);
}

void ir_builder_begin(struct ir_builder *builder, struct str path)
{
    if (builder->is_open) {
        BUG("a module is begun inside another");
    }
    builder->is_open = true;
    builder->module = (struct ir_module){0};
    builder->path = path;
    intern_clear(builder->names);
    builder->function = IR_NO_INDEX;
    vec_clear(&builder->ops);
    vec_clear(&builder->args);
    vec_clear(&builder->params);
    vec_clear(&builder->locals);
    vec_clear(&builder->names_list);
    vec_clear(&builder->all_names);
    vec_clear(&builder->functions);
    vec_clear(&builder->classes);
    vec_clear(&builder->comments);
    vec_clear(&builder->errors);
    vec_clear(&builder->regions);
}

struct ir_module *ir_builder_module(struct ir_builder *builder)
{
    return &builder->module;
}

/* The bytes of all names, each with a NUL behind it. */
static size_t names_size(const struct ir_builder *builder)
{
    size_t size = 0;

    for (uint32_t i = 0; i < intern_count(builder->names); i++) {
        size += intern_str(builder->names, i).len + 1;
    }
    return size;
}

/* Moves the names into the module: one block of memory for all texts. */
static void names_finish(struct ir_builder *builder, struct ir_module *module)
{
    uint32_t count = intern_count(builder->names);
    char *text = arena_alloc(module->arena, names_size(builder));

    module->names = arena_array(module->arena, count, sizeof *module->names);
    module->name_count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct str name = intern_str(builder->names, i);
        memcpy(text, name.ptr, name.len + 1);
        module->names[i] = (struct str){text, name.len};
        text += name.len + 1;
    }
}

/* An arena with room for the module, and for no more: there are many modules, and they are kept for long. */
static struct arena *module_arena(const struct ir_builder *builder)
{
    struct arena *arena = arena_new();
    size_t size = sizeof builder->module + builder->path.len + 1;
    size_t objects = 4; /* the module, its path, its names and their texts */

    size += names_size(builder) + intern_count(builder->names) * sizeof(struct str);
#define TABLE(table, count) (size += builder->table.len * sizeof *builder->table.data, objects++);
    IR_TABLES(TABLE)
#undef TABLE
    arena_reserve(arena, size, objects);
    return arena;
}

struct ir_module *ir_builder_finish(struct ir_builder *builder)
{
    struct arena *arena = module_arena(builder);
    struct ir_module *module = arena_copy(arena, &builder->module, 1, sizeof *module);

    if (builder->function != IR_NO_INDEX) {
        BUG("function %u was not left", builder->function);
    }
    module->arena = arena;
    ir_set_path(module, builder->path);
    names_finish(builder, module);
#define TABLE(table, count)                                                                                            \
    module->table = arena_copy(arena, builder->table.data, builder->table.len, sizeof *builder->table.data);           \
    module->count = (uint32_t)builder->table.len;
    IR_TABLES(TABLE)
#undef TABLE
    builder->is_open = false;
    return module;
}

ir_name ir_builder_name(struct ir_builder *builder, struct str text)
{
    return intern_id(builder->names, text);
}

struct str ir_builder_name_text(const struct ir_builder *builder, ir_name name)
{
    return intern_str(builder->names, name);
}

uint32_t ir_builder_list_name(struct ir_builder *builder, ir_name name)
{
    vec_push(&builder->names_list, name);
    return (uint32_t)builder->names_list.len - 1;
}

void ir_builder_all_name(struct ir_builder *builder, ir_name name)
{
    vec_push(&builder->all_names, name);
}

void ir_builder_all_clear(struct ir_builder *builder)
{
    vec_clear(&builder->all_names);
}

void ir_builder_comment(struct ir_builder *builder, struct ir_span span)
{
    vec_push(&builder->comments, (struct ir_comment){span});
}

void ir_builder_error(struct ir_builder *builder, struct ir_span span)
{
    vec_push(&builder->errors, (struct ir_error){span});
}

uint32_t ir_builder_function(struct ir_builder *builder, const struct ir_function *function)
{
    vec_push(&builder->functions, *function);
    vec_last(&builder->functions).value_count = 1;
    return (uint32_t)builder->functions.len - 1;
}

uint32_t ir_builder_class(struct ir_builder *builder, const struct ir_class *class)
{
    vec_push(&builder->classes, *class);
    return (uint32_t)builder->classes.len - 1;
}

struct ir_function *ir_builder_function_at(struct ir_builder *builder, uint32_t index)
{
    if (index >= builder->functions.len) {
        BUG("function %u of %zu", index, builder->functions.len);
    }
    return &builder->functions.data[index];
}

void ir_builder_enter(struct ir_builder *builder, uint32_t function)
{
    struct ir_function *record = ir_builder_function_at(builder, function);

    if (builder->function != IR_NO_INDEX) {
        BUG("function %u is entered inside function %u", function, builder->function);
    }
    builder->function = function;
    builder->deepest = 0;
    record->first_op = (uint32_t)builder->ops.len;
    record->first_param = (uint32_t)builder->params.len;
    record->first_local = (uint32_t)builder->locals.len;
}

void ir_builder_leave(struct ir_builder *builder)
{
    struct ir_function *function = ir_builder_function_at(builder, builder->function);

    if (builder->regions.len > 0) {
        BUG("function %u is left with %zu open regions", builder->function, builder->regions.len);
    }
    if ((uint64_t)builder->deepest * function->local_count > IR_STATE_MAX) {
        builder->ops.len = function->first_op;
        function->value_count = 1;
        function->flags |= IR_FN_LEFT_OUT;
    }
    function->op_count = (uint32_t)builder->ops.len - function->first_op;
    builder->function = IR_NO_INDEX;
}

ir_local ir_builder_local(struct ir_builder *builder, ir_name name, uint32_t flags)
{
    struct ir_function *function = ir_builder_function_at(builder, builder->function);

    vec_push(&builder->locals, (struct ir_local_info){name, flags});
    return function->local_count++;
}

ir_local ir_builder_param(struct ir_builder *builder, struct ir_param param)
{
    struct ir_function *function = ir_builder_function_at(builder, builder->function);

    if (function->local_count != function->param_count) {
        BUG("parameters must come before other locals");
    }
    param.local = ir_builder_local(builder, param.name, IR_LOCAL_PARAM);
    vec_push(&builder->params, param);
    function->param_count++;
    return param.local;
}

void ir_builder_capture(struct ir_builder *builder, uint32_t function, ir_local local)
{
    const struct ir_function *owner = ir_builder_function_at(builder, function);

    if (local >= owner->local_count) {
        BUG("local %u of %u", local, owner->local_count);
    }
    builder->locals.data[owner->first_local + local].flags |= IR_LOCAL_CAPTURED;
}

ir_value ir_emit(struct ir_builder *builder, struct ir_op op)
{
    op.result = 0;
    if (ir_opcode_info(op.code)->result) {
        op.result = builder->functions.data[builder->function].value_count++;
    }
    vec_push(&builder->ops, op);
    return op.result;
}

ir_value ir_emit_args(struct ir_builder *builder, struct ir_op op, const struct ir_arg *args, size_t count)
{
    op.b = (uint32_t)builder->args.len;
    op.c = (uint32_t)count;
    vec_reserve(&builder->args, builder->args.len + count);
    for (size_t i = 0; i < count; i++) {
        builder->args.data[builder->args.len++] = args[i];
    }
    return ir_emit(builder, op);
}

ir_value ir_open(struct ir_builder *builder, struct ir_op op)
{
    uint32_t index = (uint32_t)builder->ops.len;

    vec_push(&builder->regions, (struct region){index, op.code == IR_LOOP || op.code == IR_FOR});
    if (builder->regions.len > builder->deepest) {
        builder->deepest = (uint32_t)builder->regions.len;
    }
    return ir_emit(builder, op);
}

/* Points the open clause of the innermost region at the instruction that comes next. */
static struct region *clause_end(struct ir_builder *builder)
{
    if (builder->regions.len == 0) {
        BUG("no region is open");
    }
    struct region *region = &vec_last(&builder->regions);

    builder->ops.data[region->clause].c = (uint32_t)builder->ops.len;
    return region;
}

void ir_clause(struct ir_builder *builder, struct ir_op op)
{
    struct region *region = clause_end(builder);

    region->clause = (uint32_t)builder->ops.len;
    region->loop = false;
    ir_emit(builder, op);
}

void ir_close(struct ir_builder *builder, struct ir_span span)
{
    clause_end(builder);
    builder->regions.len--;
    ir_emit(builder, (struct ir_op){.code = IR_END, .span = span});
}

bool ir_builder_in_loop(const struct ir_builder *builder)
{
    for (size_t i = builder->regions.len; i-- > 0;) {
        if (builder->regions.data[i].loop) {
            return true;
        }
    }
    return false;
}

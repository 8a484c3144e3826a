#include "cli/changed.h"

static bool is_changed(const struct changes *changes, const struct finding_range *where)
{
    return where->line > 0 && changes_touch(changes, where->path, where->line, where->end_line);
}

static uint32_t line_of(const struct source_file *file, uint32_t offset)
{
    return source_position_at(file, offset).line;
}

/* The innermost function around a line, but for the module itself; NULL where there is none. */
static const struct ir_function *function_around(const struct loaded_file *file, uint32_t line)
{
    const struct ir_function *found = NULL;

    for (uint32_t i = 1; i < file->module->function_count; i++) {
        const struct ir_function *function = &file->module->functions[i]; /* inner ones come later */
        if (function->kind == IR_FN_FUNCTION && line_of(&file->source, function->span.start) <= line &&
            line <= line_of(&file->source, function->span.end)) {
            found = function;
        }
    }
    return found;
}

/* The line of a function's first decorator; of its `def` where it has none. */
static uint32_t first_line(const struct source_file *file, const struct ir_function *function)
{
    uint32_t first = line_of(file, function->span.start), left = function->decorator_count;

    for (uint32_t line = first; left > 0 && line > 1; line--) {
        if (str_starts(str_trim(source_line(file, line - 1)), STR("@"))) {
            first = line - 1;
            left--;
        }
    }
    return first;
}

static bool is_head_changed(const struct changes *changes, const struct load *load, const struct finding_range *where)
{
    size_t index = load_find_file(load, where->path);
    const struct loaded_file *file = index != SIZE_MAX ? &load->files[index] : NULL;
    const struct ir_function *function =
        file != NULL && file->module != NULL ? function_around(file, where->line) : NULL;

    return function != NULL && changes_touch(changes, where->path, first_line(&file->source, function),
                                             line_of(&file->source, function->head.end));
}

bool changed_has(const struct changes *changes, const struct load *load, const struct finding *finding)
{
    bool changed = is_changed(changes, &finding->where) || is_changed(changes, &finding->state_where) ||
                   is_changed(changes, &finding->guard_where);

    for (uint32_t i = 0; i < finding->thread_count && !changed; i++) {
        const struct finding_thread *thread = &finding->threads[i];
        changed = is_changed(changes, &thread->where);
        for (uint32_t j = 0; j < thread->step_count && !changed; j++) {
            const struct finding_range *step = &thread->steps[j].where;
            changed = is_changed(changes, step) || is_head_changed(changes, load, step);
        }
    }
    for (uint32_t i = 0; i < finding->related_count && !changed; i++) {
        changed = is_changed(changes, &finding->related[i].where);
    }
    return changed;
}

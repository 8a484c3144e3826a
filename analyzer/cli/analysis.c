#include "cli/analysis.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/message.h"
#include "cli/supported.h"
#include "models/extend.h"
#include "settings/config.h"
#include "source/path.h"

/* Larger files are no models, in bytes. */
#define MODEL_FILE_MAX (4 << 20)

/* Prints a warning about a setting, behind its place. */
static void warn(const struct setting_place *place, struct str text)
{
    struct buf line = {0}, shown = {0};

    place_print(place, &line);
    buf_add(&line, STR(": "));
    buf_add(&line, text);
    message_add_path(&shown, buf_str(&line));
    message_warning("%s", shown.ptr);
    buf_release(&line);
    buf_release(&shown);
}

static void set_entries(struct program_options *options, const struct settings *settings, struct arena *arena)
{
    const struct entry_list *list = &settings->thread_entries;
    struct thread_entry *entries = arena_array(arena, list->count + 1, sizeof *entries);

    for (size_t i = 0; i < list->count; i++) {
        entries[i] = (struct thread_entry){list->items[i].name, list->items[i].many, list->items[i].own_instance};
    }
    options->entries = entries;
    options->entry_count = (uint32_t)list->count;
}

/* Whether what the configuration file says of its program is about this one: not if standard input has no name, nor if
 * the paths are missing. */
static bool is_about(const struct settings *settings, const struct load *load)
{
    return load->file_count > 0 && (settings->root.len == 0 || str_equal(settings->root, load->discovery.root));
}

/* The folders of src as paths of modules begin. */
static void set_src(struct program_options *options, const struct settings *settings, const struct load *load,
                    struct arena *arena)
{
    const struct str_list *list = &settings->src;
    struct str root = load->discovery.root;
    struct str *src = arena_array(arena, list->count + 1, sizeof *src);

    for (size_t i = 0; i < list->count && is_about(settings, load); i++) {
        struct str path = path_absolute(arena, root, list->items[i]);
        if (!path_is_within(path, root)) {
            warn(&list->places[i], arena_printf(arena, "src: '%.*s' lies outside of the program, which is %.*s",
                                                STR_FMT(list->items[i]), STR_FMT(root)));
        } else if (!path_has_entry(path, ".")) {
            warn(&list->places[i], arena_printf(arena, "src: there is no folder '%.*s'", STR_FMT(list->items[i])));
        } else {
            src[options->src_count++] = path_relative(path, root);
        }
    }
    options->src = options->src_count > 0 ? src : NULL;
}

void analysis_warn(const struct analysis *analysis, const struct settings *settings, const struct load *load)
{
    for (uint32_t i = 0; i < settings->thread_entries.count && is_about(settings, load); i++) {
        const struct entry_setting *entry = &settings->thread_entries.items[i];
        struct str nearest;
        if (program_entry_count(analysis->program, i, &nearest) == 0) {
            struct str hint =
                nearest.len == 0 ? STR("") : arena_printf(analysis->arena, "; did you mean '%.*s'?", STR_FMT(nearest));
            warn(&entry->place,
                 arena_printf(analysis->arena, "thread-entries: '%.*s' names no function of the program%.*s",
                              STR_FMT(entry->name), STR_FMT(hint)));
        }
    }
}

/* The path of a model file as people see it: from the working folder where it lies below. */
static struct str shown_path(struct arena *arena, struct str path)
{
    char *here = getcwd(NULL, 0);
    struct str shown = here != NULL ? arena_str(arena, path_relative(path, str_of(here))) : path;

    free(here);
    return shown;
}

static bool read_models(struct analysis *analysis, const struct setting_place *place, struct str name)
{
    struct arena *arena = analysis->arena;
    struct str path = path_absolute(arena, place->folder, name), shown = shown_path(arena, path);
    struct stat status;
    int error = stat(path.ptr, &status) != 0 ? errno : 0;

    if (error == 0) {
        error = S_ISDIR(status.st_mode)           ? EISDIR
                : !S_ISREG(status.st_mode)        ? EINVAL
                : access(path.ptr, R_OK) != 0     ? errno
                : status.st_size > MODEL_FILE_MAX ? EFBIG
                                                  : 0;
    }
    if (error != 0) {
        struct buf where = {0}, text = {0};
        place_print(place, &where);
        buf_printf(&where, ": extend-models: '%.*s' cannot be read: %s", STR_FMT(name), strerror(error));
        message_add_path(&text, buf_str(&where));
        message_error("%s", text.ptr);
        buf_release(&where);
        buf_release(&text);
        return false;
    }
    schema_read(analysis->schema, shown,
                path_read_small(arena, path_parent(path), arena_str(arena, path_name(path)).ptr, MODEL_FILE_MAX));
    return true;
}

bool analysis_prepare(struct analysis *analysis, const struct settings *settings)
{
    const struct str_list *files = &settings->extend_models;
    bool good = true;

    if (files->count == 0) {
        return true;
    }
    analysis->arena = arena_new();
    analysis->schema = schema_new();
    for (size_t i = 0; i < files->count; i++) {
        good = read_models(analysis, &files->places[i], files->items[i]) && good;
    }
    schema_link(analysis->schema, models_known);
    for (size_t i = 0; i < schema_problem_count(analysis->schema); i++) {
        const struct schema_problem *problem = schema_problem_at(analysis->schema, i);
        struct buf line = {0}, shown = {0};
        buf_printf(&line, "%.*s:%u:%u: %.*s", STR_FMT(problem->path), (unsigned)problem->line,
                   (unsigned)problem->column, STR_FMT(problem->message));
        message_add_path(&shown, buf_str(&line));
        message_error("%s", shown.ptr);
        buf_release(&line);
        buf_release(&shown);
        good = false;
    }
    if (good) {
        analysis->models = models_extended(analysis->schema);
    }
    return good;
}

void analysis_run(struct analysis *analysis, const struct settings *settings, const struct load *load,
                  struct progress *progress)
{
    analysis->options = (struct program_options){
        .assume_threaded = settings->assume_threaded,
        .target_version = (uint16_t)(0x030d + settings->target_version),
        .free_threaded = settings->target_build == 1,
        .jobs = load_jobs(settings),
    };

    if (analysis->arena == NULL) {
        analysis->arena = arena_new();
    }
    analysis->options.models = analysis->models;
    analysis->options.oldest_version = supported_oldest(analysis->arena, load->discovery.root);
    set_entries(&analysis->options, settings, analysis->arena);
    set_src(&analysis->options, settings, load, analysis->arena);
    analysis->program = program_new(&analysis->options);
    for (size_t i = 0; i < load->file_count; i++) {
        const struct loaded_file *file = &load->files[i];
        if (file->module != NULL) {
            program_add(analysis->program, file->module, &file->source);
        }
    }
    progress_begin(progress, PROGRESS_ANALYSIS, load->file_count, analysis->options.jobs);
    program_analyze(analysis->program);
    progress_end(progress);
}

void analysis_clear(struct analysis *analysis)
{
    program_free(analysis->program);
    analysis->program = NULL;
}

void analysis_free(struct analysis *analysis)
{
    program_free(analysis->program);
    models_free(analysis->models);
    if (analysis->schema != NULL) {
        schema_free(analysis->schema);
    }
    arena_free(analysis->arena);
    *analysis = (struct analysis){0};
}

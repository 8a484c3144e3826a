#include "cli/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/workers.h"
#include "cli/clock.h"
#include "cli/input.h"
#include "cli/message.h"
#include "racelint/ir.h"
#include "source/path.h"

/* What one worker has of its own; merged when all are done. */
struct worker {
    struct frontend *frontend; /* made for its first file */
    struct diagnostics *diagnostics;
    double read_seconds, cache_seconds, parse_seconds, saved_seconds;
    uint64_t bytes, lines, error_nodes, extras, cache_hits, cache_misses;
};

/* What the workers share; each touches its own worker and the files it is given. */
struct job {
    struct load *load;
    enum load_mode mode;
    struct worker *workers;
    struct progress *progress;
};

static const struct str input_name = {"-", 1};

unsigned load_jobs(const struct settings *settings)
{
    return settings->jobs > 0 ? settings->jobs : workers_cores();
}

static bool reads_input(const struct settings *settings)
{
    return settings->operands.count == 1 && str_equal(settings->operands.items[0], input_name);
}

static bool is_folder(struct str path)
{
    struct buf name = {0};
    struct stat status;

    buf_add(&name, path);
    bool result = stat(name.ptr, &status) == 0 && S_ISDIR(status.st_mode);
    buf_release(&name);
    return result;
}

static bool check_paths(const struct settings *settings)
{
    for (size_t i = 0; i < settings->operands.count && settings->operands.count > 1; i++) {
        if (str_equal(settings->operands.items[i], input_name)) {
            message_error("'-' (standard input) cannot be combined with other paths");
            return false;
        }
    }
    if (settings->add_ignores && reads_input(settings)) {
        message_error("option '--add-ignores' writes files; it cannot write standard input");
        return false;
    }
    if (settings->stdin_filename.len > 0 && !reads_input(settings)) {
        message_error("option '--stdin-filename' needs the path '-'");
        return false;
    }
    if (settings->stdin_filename.len > 0 && is_folder(settings->stdin_filename)) {
        message_error("option '--stdin-filename' names a folder");
        return false;
    }
    return true;
}

/* A program of one file without a name. */
static void set_lone_input(struct load *load)
{
    struct discovery *found = &load->discovery;

    *found = (struct discovery){.arena = arena_new(), .file_count = 1};
    found->files = arena_alloc(found->arena, sizeof *found->files);
    found->named_files = arena_alloc(found->arena, sizeof *found->named_files);
    found->files[0] = (struct discovered_file){
        .path = STR("<stdin>"), .full_path = STR("<stdin>"), .reported = true, .unsaved = true};
    found->named_files[0] = found->files[0].path;
    found->named_file_count = 1;
    found->root = STR("/");
}

static bool is_extension(struct str name)
{
    return extension_language_of(name) != EXTENSION_NONE;
}

bool load_find(struct load *load, const struct settings *settings, enum load_scope scope)
{
    static const struct str here = {".", 1};
    double start = clock_seconds();
    const struct str_list *paths = &settings->operands;
    bool has_input = reads_input(settings);
    struct discovery_options options = {
        .root = settings->root,
        .excludes = settings->exclude.items,
        .exclude_count = settings->exclude.count,
        .extend_excludes = settings->extend_exclude.items,
        .extend_exclude_count = settings->extend_exclude.count,
        .force_exclude = settings->force_exclude,
        .isolated = settings->isolated,
        .unsaved = settings->stdin_filename,
        .takes = scope == LOAD_EXTENSIONS ? is_extension : NULL,
    };

    *load = (struct load){.diagnostics = diagnostics_new()};
    if (!check_paths(settings)) {
        return false;
    }
    if (has_input) {
        int error = input_read(&load->input);
        if (error != 0) {
            message_error("standard input cannot be read: %s", strerror(error));
            return false;
        }
    }
    if (has_input && options.unsaved.len == 0) {
        set_lone_input(load);
    } else {
        bool is_given = paths->count > 0;
        size_t count = has_input ? 0 : is_given ? paths->count : 1;
        discovery_run(&load->discovery, is_given ? paths->items : &here, count, &options, load->diagnostics);
        load->here = path_working_folder(load->discovery.arena);
    }
    load->file_count = load->discovery.file_count;
    load->find_seconds = clock_seconds() - start;
    return true;
}

static void verify(struct ir_module *module)
{
#ifdef RACELINT_DEBUG
    struct str message;
    if (!ir_verify(module, &message)) {
        BUG("%.*s: broken IR: %.*s", STR_FMT(module->path), STR_FMT(message));
    }
#else
    (void)module;
#endif
}

/* How many lines a file has; a line end at its end begins no further one. */
static uint32_t line_count(const struct source_file *file)
{
    return file->line_count - (source_line(file, file->line_count).len == 0);
}

/* A built module has no text. Of a very large one the beginning is read. */
static void load_built(struct loaded_file *file, const struct discovered_file *found)
{
    enum { BUILT_SIZE_MAX = 64 << 20 };
    struct arena *scratch = arena_new();
    struct diagnostics *quiet = diagnostics_new();
    struct str folder = path_parent(found->full_path), name = path_name(found->full_path);
    struct str bytes = path_read_small(scratch, folder, name.ptr, BUILT_SIZE_MAX);

    source_from_bytes(&file->source, found->path, STR(""), quiet);
    file->source.full_path = found->full_path;
    file->extension = extension_scan_built(&file->source, bytes);
    diagnostics_free(quiet);
    arena_free(scratch);
}

/* Reads the source of an extension module. Nothing is said of encodings: most compilers do not mind either. One that is
 * too large is a generator's, and left out like all that do not matter. */
static void load_source(struct loaded_file *file, const struct discovered_file *found, struct str input)
{
    struct diagnostics *quiet = diagnostics_new();
    enum source_status status = found->unsaved ? source_from_bytes(&file->source, found->path, input, quiet)
                                               : source_read(&file->source, found->path, found->full_path, quiet);

    if (status == SOURCE_OK) {
        file->source.full_path = found->full_path;
        file->extension = extension_scan(&file->source, extension_language_of(found->path));
    }
    diagnostics_free(quiet);
}

static void load_extension(struct worker *worker, struct loaded_file *file, const struct discovered_file *found,
                           struct str input)
{
    if (extension_language_of(found->path) == EXTENSION_BUILT) {
        load_built(file, found);
    } else {
        load_source(file, found, input);
    }
    file->reported = found->reported;
    file->is_read = file->extension != NULL;
    if (file->is_read) {
        worker->bytes += file->source.text.len;
        worker->lines += line_count(&file->source);
    } else {
        source_free(&file->source);
        worker->extras++;
    }
}

/* Looks a file up in the cache, or lowers it for the cache. */
static struct ir_module *lower_cached(struct worker *worker, struct cache *cache, const struct source_file *file)
{
    double start = clock_seconds(), cost;
    struct ir_module *module = cache_find(cache, file, worker->diagnostics, &cost);
    double found = clock_seconds();

    worker->cache_seconds += found - start;
    if (module != NULL) {
        worker->cache_hits++;
        worker->saved_seconds += cost;
        return module;
    }
    struct diagnostics *diagnostics = diagnostics_new();
    module = frontend_lower(worker->frontend, file, diagnostics);
    double lowered = clock_seconds();
    cache_store(cache, file, module, diagnostics, lowered - found);
    diagnostics_merge(worker->diagnostics, diagnostics);
    diagnostics_free(diagnostics);
    worker->cache_misses++;
    worker->parse_seconds += lowered - found;
    worker->cache_seconds += clock_seconds() - lowered;
    return module;
}

static void lower(struct worker *worker, struct cache *cache, struct loaded_file *file)
{
    double start = clock_seconds();

    if (cache != NULL) {
        file->module = lower_cached(worker, cache, &file->source);
    } else {
        file->module = frontend_lower(worker->frontend, &file->source, worker->diagnostics);
        worker->parse_seconds += clock_seconds() - start;
    }
    verify(file->module);
}

static void load_one(void *context, size_t index, unsigned number)
{
    struct job *job = context;
    struct worker *worker = &job->workers[number];
    struct loaded_file *file = &job->load->files[index];
    const struct discovered_file *found = &job->load->discovery.files[index];
    double start = clock_seconds();
    enum source_status status;

    if (found->is_extra) {
        load_extension(worker, file, found, job->load->input);
        worker->read_seconds += clock_seconds() - start;
        progress_step(job->progress);
        return;
    }
    if (worker->frontend == NULL) {
        worker->frontend = frontend_new();
    }
    if (found->unsaved) {
        status = source_from_bytes(&file->source, found->path, job->load->input, worker->diagnostics);
        file->source.full_path = found->full_path;
    } else {
        status = source_read(&file->source, found->path, found->full_path, worker->diagnostics);
    }
    double between = clock_seconds();
    worker->read_seconds += between - start;
    file->reported = found->reported;
    file->is_read = status == SOURCE_OK;
    if (file->is_read) {
        worker->bytes += file->source.text.len;
        worker->lines += line_count(&file->source);
        if (job->mode == LOAD_LOWER) {
            lower(worker, found->unsaved ? NULL : job->load->cache, file);
        } else {
            worker->error_nodes += frontend_parse_only(worker->frontend, &file->source);
            worker->parse_seconds += clock_seconds() - between;
        }
    }
    progress_step(job->progress);
}

/* Adds up what the workers did. Reading and parsing overlap: each gets its share of the time that passed. What was
 * saved is of the workers' time, too. */
static void merge(struct load *load, struct worker *workers, unsigned jobs, double seconds)
{
    double read = 0, cache = 0, parse = 0, saved = 0;

    for (unsigned i = 0; i < jobs; i++) {
        struct worker *worker = &workers[i];
        read += worker->read_seconds;
        cache += worker->cache_seconds;
        parse += worker->parse_seconds;
        saved += worker->saved_seconds;
        load->bytes += worker->bytes;
        load->lines += worker->lines;
        load->error_nodes += worker->error_nodes;
        load->extras += worker->extras;
        load->cache_hits += worker->cache_hits;
        load->cache_misses += worker->cache_misses;
        diagnostics_merge(load->diagnostics, worker->diagnostics);
        diagnostics_free(worker->diagnostics);
        if (worker->frontend != NULL) {
            frontend_free(worker->frontend);
        }
    }
    double sum = read + cache + parse;
    if (sum > 0) {
        load->read_seconds = seconds * read / sum;
        load->cache_seconds = seconds * cache / sum;
        load->parse_seconds = seconds * parse / sum;
        load->saved_seconds = saved / jobs;
    }
    diagnostics_sort(load->diagnostics);
}

static void link_extensions(struct load *load)
{
    struct extension **all = memory_new((load->file_count + 1) * sizeof(struct extension *));
    size_t count = 0;

    for (size_t i = 0; i < load->file_count; i++) {
        if (load->files[i].extension != NULL) {
            all[count++] = load->files[i].extension;
        }
    }
    extension_link(all, count, load->discovery.root);
    free(all);
}

void load_files(struct load *load, const struct settings *settings, enum load_mode mode, struct progress *progress)
{
    double start = clock_seconds();
    unsigned jobs = load_jobs(settings);
    struct job job = {
        .load = load, .mode = mode, .progress = progress, .workers = memory_new(jobs * sizeof *job.workers)};

    load->files = memory_new((load->file_count + 1) * sizeof *load->files);
    for (unsigned i = 0; i < jobs; i++) {
        job.workers[i].diagnostics = diagnostics_new();
    }
    progress_begin(progress, PROGRESS_READ, load->file_count, jobs);
    workers_run(jobs, load->file_count, load_one, &job);
    progress_end(progress);
    merge(load, job.workers, jobs, clock_seconds() - start);
    link_extensions(load);
    free(job.workers);
}

static int compare_to_file(const void *path, const void *file)
{
    return str_compare(*(const struct str *)path, ((const struct discovered_file *)file)->path);
}

size_t load_find_file(const struct load *load, struct str path)
{
    const struct discovered_file *files = load->discovery.files;
    const struct discovered_file *found =
        load->file_count > 0 ? bsearch(&path, files, load->file_count, sizeof *files, compare_to_file) : NULL;

    return found != NULL ? (size_t)(found - files) : SIZE_MAX;
}

bool load_is_missing(const struct load *load, struct str path)
{
    for (size_t i = 0; i < load->discovery.missing_count; i++) {
        if (str_equal(load->discovery.missing[i], path)) {
            return true;
        }
    }
    return false;
}

void load_add_path(const struct load *load, struct str path, struct buf *out)
{
    struct buf seen = {0};

    path_add_seen(&seen, path, load->discovery.root, load_is_missing(load, path) ? STR("") : load->here);
    message_add_path(out, buf_str(&seen));
    buf_release(&seen);
}

void load_say(const struct load *load, const struct diagnostic *diagnostic)
{
    struct buf path = {0};

    load_add_path(load, diagnostic->path, &path);
    message_diagnostic(buf_str(&path), diagnostic);
    buf_release(&path);
}

void load_free(struct load *load)
{
    for (size_t i = 0; load->files != NULL && i < load->file_count; i++) {
        struct loaded_file *file = &load->files[i];
        if (file->module != NULL) {
            arena_free(file->module->arena);
        }
        extension_free(file->extension);
        source_free(&file->source);
    }
    free(load->files);
    free((char *)(uintptr_t)load->input.ptr); /* input_read() made it; the str only lends it out as const */
    diagnostics_free(load->diagnostics);
    if (load->discovery.arena != NULL) {
        discovery_free(&load->discovery);
    }
    *load = (struct load){0};
}

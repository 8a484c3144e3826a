#include "cli/caching.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/message.h"
#include "racelint/frontend.h"
#include "settings/config.h"
#include "source/path.h"

/* In the root of the program, where nothing else is said. */
#define USUAL_FOLDER ".racelint_cache"

static struct str environment(const char *variable)
{
    return str_of(getenv(variable));
}

/* The folder that the user names: the command line goes before the environment, and that before the configuration file.
 * False where there is none. */
static bool named_folder(const struct settings *settings, struct arena *arena, struct str *folder)
{
    const struct setting_place *place = &settings->places[option_of_field(offsetof(struct settings, cache_dir))];
    struct str variable = environment("RACELINT_CACHE_DIR");
    bool is_given = settings->cache_dir.len > 0;

    if (variable.len > 0 && !(is_given && place->layer > LAYER_FILE)) {
        *folder = path_absolute(arena, path_working_folder(arena), variable);
        return true;
    }
    if (is_given) {
        struct str from = place->layer == LAYER_FILE ? place->folder : path_working_folder(arena);
        *folder = path_absolute(arena, from, settings->cache_dir);
    }
    return is_given;
}

static bool is_wanted(const struct caching *caching, const struct settings *settings, const struct load *load)
{
    bool has_files = false;

    for (size_t i = 0; i < load->file_count; i++) {
        const struct discovered_file *file = &load->discovery.files[i];
        has_files = has_files || (!file->is_extra && !file->unsaved);
    }
    return has_files && !settings->no_cache && environment("RACELINT_NO_CACHE").len == 0 &&
           (caching->is_named || !settings->isolated);
}

void caching_open(struct caching *caching, const struct settings *settings, struct load *load)
{
    *caching = (struct caching){.arena = arena_new()};
    caching->is_named = named_folder(settings, caching->arena, &caching->folder);
    if (!is_wanted(caching, settings, load)) {
        return;
    }
    if (!caching->is_named) {
        caching->folder = path_join(caching->arena, load->discovery.root, STR(USUAL_FOLDER));
    }
    caching->cache = cache_open(caching->folder, frontend_version(), CACHE_SIZE_MAX);
    load->cache = caching->cache;
}

/* A folder that nobody named is not worth a warning: the program may lie where nothing can be written. */
static void say(const struct caching *caching, const struct settings *settings, const struct load *load, int error)
{
    struct buf name = {0};

    message_add_path(&name, caching->folder);
    if (error != 0 && caching->is_named && !settings->quiet) {
        message_warning("the cache in %s cannot be written: %s", name.ptr, strerror(error));
    } else if (error != 0 && settings->verbose) {
        message_note("the cache in %s cannot be written: %s", name.ptr, strerror(error));
    }
    if (settings->verbose) {
        unsigned long long found = load->cache_hits, missing = load->cache_misses;
        message_note("the cache in %s had %llu of %llu files", name.ptr, found, found + missing);
    }
    buf_release(&name);
}

void caching_close(struct caching *caching, const struct settings *settings, struct load *load)
{
    if (caching->cache != NULL) {
        say(caching, settings, load, cache_close(caching->cache));
        load->cache = NULL;
    }
    arena_free(caching->arena);
}

/* Finds the cache of the program around the PATHs. False, with a message printed, where the PATHs lead nowhere. */
static bool find_folder(const struct settings *settings, struct arena *arena, struct str *folder)
{
    struct load load = {0};
    bool found = named_folder(settings, arena, folder);

    if (!found) {
        found = load_find(&load, settings, LOAD_PROGRAM) && load.discovery.missing_count == 0;
        for (size_t i = 0; load.diagnostics != NULL && i < diagnostics_count(load.diagnostics) && !found; i++) {
            load_say(&load, diagnostics_at(load.diagnostics, i));
        }
        *folder = found ? path_join(arena, load.discovery.root, STR(USUAL_FOLDER)) : STR("");
        load_free(&load);
    }
    return found;
}

int command_clean(const struct settings *settings)
{
    struct arena *arena = arena_new();
    struct str folder;
    struct buf name = {0};
    int status = EXIT_TROUBLE;

    for (size_t i = 0; i < settings->operands.count; i++) {
        if (str_equal(settings->operands.items[i], STR("-"))) {
            message_error("'clean' takes files and folders; '-' (standard input) has no cache");
            arena_free(arena);
            return EXIT_TROUBLE;
        }
    }
    if (find_folder(settings, arena, &folder)) {
        struct cache_cleared cleared = cache_clear(folder);
        message_add_path(&name, folder);
        if (cleared.error != 0) {
            message_error("the cache in %s cannot be removed: %s", name.ptr, strerror(cleared.error));
        } else {
            double size = (double)cleared.bytes / 1e6;
            if (cleared.files == 0) {
                message_note("there is no cache in %s", name.ptr);
            } else {
                message_note("the cache in %s is removed: %.1f MB", name.ptr, size);
            }
            status = EXIT_NOTHING;
        }
    }
    buf_release(&name);
    arena_free(arena);
    return status;
}

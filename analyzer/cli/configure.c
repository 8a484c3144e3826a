#include "cli/configure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/message.h"
#include "settings/config.h"
#include "source/path.h"

/* Larger files are no configuration, in bytes. */
#define CONFIG_SIZE_MAX ((size_t)4 << 20)

/* One search for configurations. */
struct search {
    struct settings *settings;
    const struct settings_context *context;
    struct str here;     /* the working folder */
    struct buf problems; /* lines */
};

static void say_problems(struct search *search)
{
    struct str rest = buf_str(&search->problems);
    struct buf shown = {0};

    while (rest.len > 0) {
        size_t end = str_find(rest, STR("\n"));
        buf_clear(&shown);
        message_add_path(&shown, str_slice(rest, 0, end));
        message_error("%s", shown.ptr);
        rest = str_slice(rest, end + 1, rest.len);
    }
    buf_release(&shown);
}

/* Reads folder/name. CONFIG_ABSENT where there is no such file. */
static enum config_status read_file(struct search *search, struct str folder, struct str name, bool must_exist)
{
    struct arena *arena = search->settings->arena;
    struct str path = path_join(arena, folder, name);
    struct config_text config = {
        .place = {.layer = LAYER_FILE, .file = path_relative(path, search->here), .folder = arena_str(arena, folder)},
        .is_pyproject = str_equal(name, STR("pyproject.toml")),
    };
    struct stat status;
    int error = stat(path.ptr, &status) != 0 ? errno : 0;

    if (error == 0 && S_ISREG(status.st_mode)) {
        error = access(path.ptr, R_OK) != 0 ? errno : (size_t)status.st_size > CONFIG_SIZE_MAX ? EFBIG : 0;
    } else if (error == 0) {
        error = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    }
    if (!must_exist && (error == ENOENT || error == ENOTDIR || error == EISDIR)) {
        return CONFIG_ABSENT;
    }
    if (error != 0) {
        buf_printf(&search->problems, "%.*s: the configuration cannot be read: %s\n", STR_FMT(config.place.file),
                   strerror(error));
        return CONFIG_WRONG;
    }
    config.text = path_read_small(arena, folder, arena_str(arena, name).ptr, CONFIG_SIZE_MAX);
    enum config_status result = config_read(search->settings, &config, search->context, &search->problems);
    if (result == CONFIG_ABSENT && must_exist) {
        buf_printf(&search->problems, "%.*s: there is no table [tool.racelint]\n", STR_FMT(config.place.file));
        return CONFIG_WRONG;
    }
    if (result == CONFIG_OK) {
        search->settings->config_file = config.place.file;
    }
    return result;
}

/* The folder that all named paths share. */
static struct str common_folder(const struct search *search)
{
    struct arena *arena = search->settings->arena;
    const struct str_list *paths = &search->settings->operands;
    struct str common = STR("");

    for (size_t i = 0; i < paths->count; i++) {
        bool is_input = str_equal(paths->items[i], STR("-"));
        struct str given = is_input ? search->settings->stdin_filename : paths->items[i];
        struct str path = path_absolute(arena, search->here, given.len > 0 ? given : STR("."));
        struct stat status;
        bool is_folder = given.len == 0 || (stat(path.ptr, &status) == 0 && S_ISDIR(status.st_mode));
        struct str folder = is_folder ? path : path_parent(path);
        common = common.len == 0 ? folder : path_common(common, folder);
    }
    return common.len > 0 ? common : search->here;
}

/* The nearest configuration file, from the folder upwards. */
static enum config_status read_nearest(struct search *search, struct str folder)
{
    struct arena *arena = search->settings->arena;

    for (struct str at = folder;; at = path_parent(at)) {
        enum config_status status = read_file(search, at, STR("racelint.toml"), false);
        if (status == CONFIG_ABSENT) {
            status = read_file(search, at, STR("pyproject.toml"), false);
        }
        if (status == CONFIG_OK) {
            search->settings->root = arena_str(arena, at);
        }
        if (status != CONFIG_ABSENT || at.len <= 1 || path_has_entry(at, ".git")) {
            return status;
        }
    }
}

/* Whether a value of --config is KEY=VALUE: it has a '=' and there is no such file. */
static bool is_assignment(struct str value)
{
    return memchr(value.ptr, '=', value.len) != NULL && access(value.ptr, F_OK) != 0;
}

/* Reads what the --config options say; *file is the file that one of them names, or empty. */
static enum config_status read_options(struct search *search, struct str *file)
{
    const struct str_list *list = &search->settings->config;
    enum config_status result = CONFIG_OK;

    *file = STR("");
    for (size_t i = 0; i < list->count; i++) {
        struct config_text config = {.text = list->items[i],
                                     .place = {.layer = LAYER_CONFIG_OPTION, .folder = search->here}};
        if (is_assignment(list->items[i])) {
            enum config_status status = config_read(search->settings, &config, search->context, &search->problems);
            result = status == CONFIG_OK ? result : status;
        } else if (file->len > 0) {
            buf_add(&search->problems, STR("option '--config': more than one file is named\n"));
            result = CONFIG_WRONG;
        } else {
            *file = list->items[i];
        }
    }
    if (file->len > 0 && search->settings->isolated) {
        buf_add(&search->problems, STR("option '--config' names a file, which '--isolated' would not read\n"));
        result = CONFIG_WRONG;
    }
    return result;
}

/* Whether a pyproject.toml can have a word for racelint; others in the program may be anything, samples for tests, too.
 */
static bool speaks_to_racelint(struct arena *arena, struct str folder)
{
    struct str text = path_read_small(arena, folder, "pyproject.toml", CONFIG_SIZE_MAX);

    return str_find(text, STR("racelint")) != SIZE_MAX;
}

enum config_status configure_folder(const struct settings *run, struct str folder, struct settings **result)
{
    bool own = path_has_file(folder, "racelint.toml");

    if (run->said == NULL || (!own && !path_has_file(folder, "pyproject.toml")) ||
        (!own && !speaks_to_racelint(run->arena, folder))) {
        return CONFIG_ABSENT;
    }
    *result = settings_copy(run->said);
    struct search search = {.settings = *result, .context = run->context, .here = path_working_folder(run->arena)};
    enum config_status status = read_file(&search, folder, own ? STR("racelint.toml") : STR("pyproject.toml"), false);
    say_problems(&search);
    buf_release(&search.problems);
    return status;
}

bool configure(struct settings *settings, const struct settings_context *context)
{
    struct search search = {.settings = settings, .context = context, .here = path_working_folder(settings->arena)};
    struct str file;

    enum config_status status = read_options(&search, &file);
    if (status == CONFIG_OK && file.len > 0) {
        struct str path = path_absolute(settings->arena, search.here, file);
        status = read_file(&search, path_parent(path), path_name(path), true);
    } else if (status == CONFIG_OK && !settings->isolated) {
        settings->said = settings_copy(settings);
        settings->context = context;
        status = read_nearest(&search, common_folder(&search));
    }
    say_problems(&search);
    buf_release(&search.problems);
    return status != CONFIG_WRONG;
}

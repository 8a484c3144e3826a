#include "cli/folders.h"

#include <stdlib.h>

#include "base/intern.h"
#include "base/vec.h"
#include "cli/configure.h"
#include "source/gitignore.h"
#include "source/path.h"

typedef VEC(struct folder_settings) folder_list;

/* A path below a folder, as seen from it. */
static struct str inside(struct str path, struct str folder)
{
    return folder.len == 0 ? path : path_relative(path, folder);
}

/* False, with messages printed, where the settings name a rule that does not exist. */
static bool folder_init(struct folder_settings *own, const struct settings *settings, struct str folder)
{
    *own = (struct folder_settings){.folder = folder, .settings = settings, .enabled = selection_of(settings)};
    if (own->enabled == NULL) {
        return false;
    }
    own->ignores = file_ignores_new(settings);
    return true;
}

static void folder_release(struct folder_settings *own)
{
    if (own->ignores != NULL) {
        file_ignores_free(own->ignores);
    }
    free(own->enabled);
}

/* Takes the list over. */
static void set_items(struct folders *folders, folder_list *list)
{
    struct rule_folder *inner = arena_array(folders->arena, list->len, sizeof *inner);

    free(folders->items);
    folders->items = list->data;
    folders->count = list->len;
    for (size_t i = 1; i < list->len; i++) {
        inner[i - 1] = (struct rule_folder){folders->items[i].folder, folders->items[i].enabled};
    }
    folders->choice = (struct rule_choice){folders->items[0].enabled, inner, folders->count - 1};
}

bool folders_init(struct folders *folders, const struct settings *settings)
{
    folder_list list = {0};
    struct folder_settings own;

    *folders = (struct folders){.arena = arena_new()};
    if (!folder_init(&own, settings, STR(""))) {
        return false;
    }
    vec_push(&list, own);
    set_items(folders, &list);
    return true;
}

/* The patterns of a folder's own exclude and extend-exclude. */
static const struct gitignore *excludes_of(struct arena *arena, const struct settings *settings)
{
    const struct str_list *lists[] = {&settings->exclude, &settings->extend_exclude};
    struct str *patterns = arena_array(arena, lists[0]->count + lists[1]->count + 1, sizeof *patterns);
    size_t count = 0;

    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < lists[i]->count; k++) {
            if (lists[i]->places[k].layer == LAYER_FILE) { /* the others held when files were looked for */
                patterns[count++] = lists[i]->items[k];
            }
        }
    }
    return count > 0 ? gitignore_from_list(arena, patterns, count) : NULL;
}

/* Adds the settings of a folder that has a configuration of its own. */
static bool look_into(struct folders *folders, struct str root, struct str folder, folder_list *list)
{
    const struct settings *run = folders->items[0].settings;
    struct settings *settings = NULL;
    enum config_status status = configure_folder(run, path_join(folders->arena, root, folder), &settings);
    struct folder_settings own;

    if (status != CONFIG_OK) {
        return status == CONFIG_ABSENT;
    }
    bool good = folder_init(&own, settings, arena_str(folders->arena, folder));
    own.excludes = excludes_of(folders->arena, settings);
    vec_push(list, own);
    return good;
}

static int compare_folders(const void *left, const void *right)
{
    return str_compare(((const struct folder_settings *)left)->folder, ((const struct folder_settings *)right)->folder);
}

bool folders_find(struct folders *folders, const struct load *load)
{
    const struct discovery *found = &load->discovery;
    struct intern *known = intern_new();
    folder_list list = {0};
    bool good = true;

    vec_push(&list, folders->items[0]);
    for (size_t i = 0; i < found->file_count; i++) {
        struct str path = found->files[i].path;
        size_t slash = path.len > 0 && path.ptr[0] == '/' ? SIZE_MAX : str_rfind_char(path, '/');
        for (; slash != SIZE_MAX; slash = str_rfind_char(str_slice(path, 0, slash), '/')) {
            uint32_t count = intern_count(known);
            struct str folder = str_slice(path, 0, slash);
            if (intern_id(known, folder) < count) {
                break; /* seen, and so are those around it */
            }
            good = look_into(folders, found->root, folder, &list) && good;
        }
    }
    intern_free(known);
    qsort(list.data, list.len, sizeof *list.data, compare_folders);
    set_items(folders, &list);
    for (size_t i = 0; i < found->file_count && good; i++) {
        if (found->files[i].reported && folders_exclude(folders, found, found->files[i].path)) {
            found->files[i].reported = false;
        }
    }
    return good;
}

void folders_release(struct folders *folders)
{
    for (size_t i = 0; i < folders->count; i++) {
        folder_release(&folders->items[i]);
    }
    free(folders->items);
    if (folders->arena != NULL) {
        arena_free(folders->arena);
    }
}

const struct folder_settings *folders_at(const struct folders *folders, struct str path)
{
    size_t i = folders->count - 1;

    while (i > 0 && !path_is_within(path, folders->items[i].folder)) {
        i--;
    }
    return &folders->items[i];
}

bool folder_enables(const struct folder_settings *own, const struct rule *rule)
{
    for (size_t i = 0; i < rules_count(); i++) {
        if (rules_at(i) == rule) {
            return own->enabled[i] != RULE_OFF;
        }
    }
    return false;
}

bool folders_enable(const struct folders *folders, const struct rule *rule)
{
    bool enabled = false;

    for (size_t i = 0; i < folders->count; i++) {
        enabled = enabled || folder_enables(&folders->items[i], rule);
    }
    return enabled;
}

bool folder_ignores(const struct folder_settings *own, struct str path, const struct rule *rule)
{
    return file_ignores_cover(own->ignores, inside(path, own->folder), rule);
}

/* How much of the path the user named: excludes do not hold for that, but where they are forced to. */
static size_t named_length(const struct discovery *found, struct str path)
{
    size_t named = 0;

    for (size_t i = 0; i < found->named_file_count; i++) {
        named = str_equal(found->named_files[i], path) ? path.len : named;
    }
    for (size_t i = 0; i < found->named_folder_count; i++) {
        struct str folder = found->named_folders[i];
        named = folder.len > named && path_is_within(path, folder) ? folder.len : named;
    }
    return named;
}

bool folders_exclude(const struct folders *folders, const struct discovery *found, struct str path)
{
    const struct folder_settings *own = folders_at(folders, path);
    bool is_folder = false;

    if (own->excludes == NULL) {
        return false;
    }
    size_t least = own->settings->force_exclude ? 0 : named_length(found, path);
    least = least > own->folder.len ? least : own->folder.len;
    for (struct str at = path; at.len > least; at = path_parent(at), is_folder = true) {
        if (gitignore_match(own->excludes, inside(at, own->folder), is_folder) == GITIGNORE_IGNORED) {
            return true;
        }
    }
    return false;
}

#include "source/ignore.h"

#include "base/vec.h"
#include "source/path.h"

/* Ignore files are read up to here, in bytes. */
#define IGNORE_FILE_MAX ((size_t)1 << 20)

static const struct ignore_level *add_level(struct arena *arena, const struct ignore_level *outer, struct str folder,
                                            struct str text)
{
    if (text.len == 0) {
        return outer;
    }
    struct ignore_level *level = arena_alloc(arena, sizeof *level);
    *level = (struct ignore_level){gitignore_parse(arena, text), folder, outer};
    return level;
}

const struct ignore_level *ignore_enter(struct arena *arena, const struct ignore_level *outer, struct str folder)
{
    return add_level(arena, outer, folder, path_read_small(arena, folder, ".gitignore", IGNORE_FILE_MAX));
}

/* The text of the repository's info/exclude. In a linked work tree .git is a file that names the git folder, and
 * that folder's file commondir names the one with the shared files. */
static struct str repository_excludes(struct arena *arena, struct str top)
{
    struct str git_folder = path_join(arena, top, STR(".git"));
    struct str link = path_read_small(arena, top, ".git", 4096);

    if (str_starts(link, STR("gitdir:"))) {
        git_folder = path_absolute(arena, top, str_trim(str_slice(link, 7, link.len)));
        struct str common = str_trim(path_read_small(arena, git_folder, "commondir", 4096));
        if (common.len > 0) {
            git_folder = path_absolute(arena, git_folder, common);
        }
    }
    return path_read_small(arena, git_folder, "info/exclude", IGNORE_FILE_MAX);
}

const struct ignore_level *ignore_around(struct arena *arena, struct str folder)
{
    const struct ignore_level *chain = NULL;
    VEC(struct str) above = {0}; /* from the folder up to the repository's top */

    for (struct str at = folder;; at = path_parent(at)) {
        vec_push(&above, at);
        if (path_has_entry(at, ".git")) {
            chain = add_level(arena, NULL, at, repository_excludes(arena, at));
            break;
        }
        if (at.len <= 1) { /* no repository */
            vec_clear(&above);
            break;
        }
    }
    for (size_t i = above.len; i-- > 1;) {
        chain = ignore_enter(arena, chain, above.data[i]);
        if (ignore_matches(chain, above.data[i - 1], true)) {
            chain = NULL;
            break;
        }
    }
    vec_release(&above);
    return chain;
}

bool ignore_matches(const struct ignore_level *chain, struct str path, bool is_folder)
{
    for (; chain != NULL; chain = chain->outer) {
        enum gitignore_verdict verdict =
            gitignore_match(chain->patterns, path_relative(path, chain->folder), is_folder);
        if (verdict != GITIGNORE_NO_MATCH) {
            return verdict == GITIGNORE_IGNORED;
        }
    }
    return false;
}

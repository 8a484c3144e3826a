#include "store/changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/git.h"

void changes_release(struct changes *changes)
{
    vec_release(&changes->lines);
    vec_release(&changes->tracked);
    arena_free(changes->arena);
    *changes = (struct changes){0};
}

/* ---- the output of git diff ---- */

/* The text up to the next line end, which is taken off `rest`, too. */
static struct str next_line(struct str *rest)
{
    const char *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    size_t length = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
    struct str line = str_slice(*rest, 0, length);
    *rest = str_slice(*rest, length + 1, rest->len);
    return line;
}

/* Undoes the escapes of a name that Git puts between quotes, as in C. */
static struct str unquote(struct arena *arena, struct str text)
{
    static const char letters[] = "abtnvfr\"\\", meanings[] = "\a\b\t\n\v\f\r\"\\";
    struct buf name = {0};
    for (size_t i = 0; i < text.len && text.ptr[i] != '"'; i++) {
        if (text.ptr[i] != '\\' || i + 1 == text.len) {
            buf_add_char(&name, text.ptr[i]);
            continue;
        }
        char c = text.ptr[++i];
        const char *letter = memchr(letters, c, sizeof letters - 1);
        if (letter != NULL) {
            buf_add_char(&name, meanings[letter - letters]);
            continue;
        }
        unsigned value = 0;
        size_t end = i + 3;
        for (; i < end && i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '7'; i++) {
            value = value * 8 + (unsigned)(text.ptr[i] - '0');
        }
        i--;
        buf_add_char(&name, (char)(unsigned char)value);
    }
    struct str copy = arena_str(arena, buf_str(&name));
    buf_release(&name);
    return copy;
}

/* The name behind "+++ ", without its prefix; empty for /dev/null. A name with a blank has a tab behind it. */
static struct str read_name(struct arena *arena, struct str text)
{
    static const struct str prefix = {"b/", 2};
    struct str name;
    if (str_starts(text, STR("\""))) {
        name = unquote(arena, str_slice(text, 1, text.len));
    } else {
        name = arena_str(arena, str_ends(text, STR("\t")) ? str_slice(text, 0, text.len - 1) : text);
    }
    return str_starts(name, prefix) ? str_slice(name, prefix.len, name.len) : STR("");
}

static uint32_t read_number(struct str *text)
{
    uint32_t number = 0;
    while (text->len > 0 && text->ptr[0] >= '0' && text->ptr[0] <= '9') {
        uint64_t longer = (uint64_t)number * 10 + (uint64_t)(text->ptr[0] - '0');
        number = longer < UINT32_MAX ? (uint32_t)longer : UINT32_MAX;
        *text = str_slice(*text, 1, text->len);
    }
    return number;
}

/* "12,3", or "12" for one line; the sign before it is skipped. */
static void read_range(struct str *text, uint32_t *line, uint32_t *count)
{
    while (text->len > 0 && (text->ptr[0] == ' ' || text->ptr[0] == '-' || text->ptr[0] == '+')) {
        *text = str_slice(*text, 1, text->len);
    }
    *line = read_number(text);
    *count = 1;
    if (str_starts(*text, STR(","))) {
        *text = str_slice(*text, 1, text->len);
        *count = read_number(text);
    }
}

/* Reads "@@ -12,3 +14,0 @@ ..."; returns how many lines of text follow. */
static uint64_t read_hunk(struct changes *changes, struct str path, struct str line)
{
    uint32_t old_line, old_count, first, count;
    struct str rest = str_slice(line, strlen("@@ "), line.len);
    read_range(&rest, &old_line, &old_count);
    read_range(&rest, &first, &count);
    /* Without lines of its own a hunk names the line before the gap, 0 at the top. */
    uint64_t last = count == 0 ? (uint64_t)first + 1 : (uint64_t)first + count - 1;
    first = first > 0 ? first : 1;
    last = last < first ? first : last > UINT32_MAX ? UINT32_MAX : last;
    if (path.len > 0) {
        vec_push(&changes->lines, (struct changed_lines){path, first, (uint32_t)last});
    }
    return (uint64_t)old_count + count;
}

static int compare_lines(const void *left, const void *right)
{
    const struct changed_lines *a = left, *b = right;
    int order = str_compare(a->path, b->path);
    return order != 0 ? order : (a->first > b->first) - (a->first < b->first);
}

void changes_parse(struct changes *changes, struct str diff)
{
    struct str path = STR("");
    while (diff.len > 0) {
        struct str line = next_line(&diff);
        if (str_starts(line, STR("diff --git "))) {
            path = STR("");
        } else if (str_starts(line, STR("+++ "))) {
            path = read_name(changes->arena, str_slice(line, strlen("+++ "), line.len));
        } else if (str_starts(line, STR("@@ "))) {
            /* The text of the hunk may look like anything: it is passed over by its count. */
            for (uint64_t left = read_hunk(changes, path, line); left > 0 && diff.len > 0; left--) {
                struct str text = next_line(&diff);
                left += str_starts(text, STR("\\")); /* "\ No newline at end of file" */
            }
        }
    }
    if (changes->lines.len > 0) {
        qsort(changes->lines.data, changes->lines.len, sizeof *changes->lines.data, compare_lines);
    }
}

/* ---- asking Git ---- */

/* Appends the first line that Git had to say. */
static void add_complaint(struct buf *error, const struct buf *said)
{
    struct str rest = buf_str(said);
    struct str line = str_trim(next_line(&rest));
    if (str_starts(line, STR("fatal: "))) {
        line = str_slice(line, strlen("fatal: "), line.len);
    }
    if (line.len > 0) {
        buf_printf(error, ": %.*s", STR_FMT(line));
    }
}

/* Runs Git; false with a message, which begins with `failure`, where that failed. */
static bool ask(const char *folder, const char *const *arguments, struct buf *out, const char *failure,
                struct buf *error)
{
    struct buf said = {0};
    int status = git_run(folder, arguments, out, &said);
    if (status < 0) {
        buf_printf(error, "option '--diff-base' needs git, which cannot be run: %s",
                   errno == ENOENT ? "there is no such program" : strerror(errno));
    } else if (status > 0) {
        buf_add(error, STR("option '--diff-base': "));
        buf_add(error, str_of(failure));
        add_complaint(error, &said);
    }
    buf_release(&said);
    return status == 0;
}

/* Whether the clone was made with only its latest commits, as CI services do. */
static bool is_shallow(const char *folder)
{
    static const char *const asked[] = {"rev-parse", "--is-shallow-repository", NULL};
    struct buf out = {0}, said = {0};
    bool shallow = git_run(folder, asked, &out, &said) == 0 && str_equal(buf_str(&out), STR("true\n"));

    buf_release(&out);
    buf_release(&said);
    return shallow;
}

/* Finds the commit that the revision names; the name is in *commit. */
static bool find_commit(const char *folder, struct str revision, struct buf *commit, struct buf *error)
{
    struct buf wanted = {0}, failure = {0};
    const char *const inside[] = {"rev-parse", "--is-inside-work-tree", NULL};
    bool good = ask(folder, inside, commit, "the program lies in no Git repository", error);

    buf_clear(commit);
    buf_printf(&wanted, "%.*s^{commit}", STR_FMT(revision));
    buf_printf(&failure, "there is no revision '%.*s'", STR_FMT(revision));
    const char *const verify[] = {"rev-parse", "--verify", "--quiet", wanted.ptr, NULL};
    if (good && str_starts(revision, STR("-"))) { /* Git would take it for an option */
        buf_printf(error, "option '--diff-base': %s", failure.ptr);
        good = false;
    }
    if (good && !ask(folder, verify, commit, failure.ptr, error)) {
        buf_add(error,
                is_shallow(folder) ? STR("; this clone is shallow, 'git fetch --unshallow' completes it") : STR(""));
        good = false;
    }
    while (commit->len > 0 && commit->ptr[commit->len - 1] == '\n') {
        commit->ptr[--commit->len] = '\0';
    }
    buf_release(&wanted);
    buf_release(&failure);
    return good;
}

static int compare_names(const void *left, const void *right)
{
    return str_compare(*(const struct str *)left, *(const struct str *)right);
}

/* Reads names that each end in a NUL. */
static void read_tracked(struct changes *changes, struct str names)
{
    for (size_t start = 0, i = 0; i < names.len; i++) {
        if (names.ptr[i] == '\0') {
            vec_push(&changes->tracked, arena_str(changes->arena, str_slice(names, start, i)));
            start = i + 1;
        }
    }
    if (changes->tracked.len > 0) {
        qsort(changes->tracked.data, changes->tracked.len, sizeof *changes->tracked.data, compare_names);
    }
}

bool changes_read(struct changes *changes, struct str folder, struct str revision, struct buf *error)
{
    struct buf path = {0}, commit = {0}, diff = {0}, names = {0};
    bool good = false;

    *changes = (struct changes){.arena = arena_new()};
    buf_add(&path, folder);
    if (find_commit(path.ptr, revision, &commit, error)) {
        const char *const compare[] = {"diff",
                                       "-U0",
                                       "--inter-hunk-context=0",
                                       "--find-renames",
                                       "--relative",
                                       "--text",
                                       "--no-color",
                                       "--no-ext-diff",
                                       "--no-textconv",
                                       "--ignore-submodules=all",
                                       "--src-prefix=a/",
                                       "--dst-prefix=b/",
                                       commit.ptr,
                                       "--",
                                       NULL};
        static const char *const list[] = {"ls-files", "-z", "--cached", NULL};
        good = ask(path.ptr, compare, &diff, "git cannot compare with that revision", error) &&
               ask(path.ptr, list, &names, "git cannot list its files", error);
    }
    if (good) {
        changes_parse(changes, buf_str(&diff));
        read_tracked(changes, buf_str(&names));
    }
    buf_release(&path);
    buf_release(&commit);
    buf_release(&diff);
    buf_release(&names);
    return good;
}

bool changes_touch(const struct changes *changes, struct str path, uint32_t first, uint32_t last)
{
    if (changes->tracked.len == 0 ||
        bsearch(&path, changes->tracked.data, changes->tracked.len, sizeof path, compare_names) == NULL) {
        return true;
    }
    size_t low = 0, high = changes->lines.len;
    while (low < high) { /* the first entry of the path */
        size_t middle = low + (high - low) / 2;
        if (str_compare(changes->lines.data[middle].path, path) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < changes->lines.len && str_equal(changes->lines.data[low].path, path); low++) {
        const struct changed_lines *lines = &changes->lines.data[low];
        if (lines->first <= last && first <= lines->last) {
            return true;
        }
    }
    return false;
}

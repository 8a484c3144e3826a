#include "store/baseline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"

#define VERSION_KEY "racelint-baseline"
enum { VERSION = 1 };

void baseline_init(struct baseline *baseline)
{
    *baseline = (struct baseline){.arena = arena_new()};
}

void baseline_release(struct baseline *baseline)
{
    vec_release(&baseline->entries);
    arena_free(baseline->arena);
    baseline->arena = NULL;
}

/* ---- reading ---- */

/* Reads a whole file. Returns 0, or an errno: ENOTSUP where it is no regular one. */
static int read_file(const char *path, struct buf *text)
{
    char chunk[1 << 14];
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int error = 0;

    if (descriptor < 0) {
        return errno;
    }
    if (fstat(descriptor, &status) != 0) {
        error = errno;
    } else if (!S_ISREG(status.st_mode)) {
        error = S_ISDIR(status.st_mode) ? EISDIR : ENOTSUP;
    }
    while (error == 0) {
        ssize_t count = read(descriptor, chunk, sizeof chunk);
        if (count == 0) {
            break;
        }
        if (count < 0) {
            error = errno == EINTR ? 0 : errno;
        } else if (text->len + (size_t)count > BASELINE_SIZE_MAX) {
            error = EFBIG;
        } else {
            buf_add(text, (struct str){chunk, (size_t)count});
        }
    }
    close(descriptor);
    return error;
}

static bool is_fingerprint(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return text.len == 16;
}

/* What is wrong with a finding, or NULL. */
static const char *read_entry(const struct json *object, struct baseline_entry *entry)
{
    const struct {
        const char *key;
        struct str *field;
        const char *problem;
    } texts[] = {
        {"fingerprint", &entry->fingerprint, "has no \"fingerprint\" that is a text"},
        {"path", &entry->path, "has no \"path\" that is a text"},
        {"rule", &entry->rule, "has no \"rule\" that is a text"},
        {"symbol", &entry->symbol, "has no \"symbol\" that is a text"},
        {"state", &entry->state, "has no \"state\" that is a text"},
    };

    if (!json_is_object(object)) {
        return "is no object";
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!json_read_string(json_get(object, texts[i].key), texts[i].field)) {
            return texts[i].problem;
        }
    }
    if (!is_fingerprint(entry->fingerprint)) {
        return "has a \"fingerprint\" that is none: 16 hexadecimal digits";
    }
    if (!json_read_count(json_get(object, "count"), UINT32_MAX, &entry->count) || entry->count == 0) {
        return "has no \"count\" that is a number from 1 on";
    }
    return NULL;
}

static bool read_entries(struct baseline *baseline, const struct json *root, struct str shown, struct buf *error)
{
    const struct json *findings = json_get(root, "findings");
    uint32_t version = 0;
    size_t number = 0;

    if (json_get(root, VERSION_KEY) == NULL) {
        buf_printf(error, "'%.*s' is no baseline: it has no key \"" VERSION_KEY "\"", STR_FMT(shown));
        return false;
    }
    if (!json_read_count(json_get(root, VERSION_KEY), UINT32_MAX, &version) || version != VERSION) {
        buf_printf(error, "the baseline '%.*s' is not of version %d, the one that is known here", STR_FMT(shown),
                   VERSION);
        return false;
    }
    if (!json_is_array(findings)) {
        buf_printf(error, "the baseline '%.*s' has no list \"findings\"", STR_FMT(shown));
        return false;
    }
    for (const struct json *item = json_first(findings); item != NULL; item = json_next(item)) {
        struct baseline_entry entry = {0};
        const char *problem = read_entry(item, &entry);
        number++;
        if (problem != NULL) {
            buf_printf(error, "the baseline '%.*s': finding %zu %s", STR_FMT(shown), number, problem);
            return false;
        }
        baseline_add(baseline, &entry);
    }
    return true;
}

bool baseline_read(struct baseline *baseline, struct str path, struct str shown, struct buf *error)
{
    struct buf text = {0};
    uint32_t line = 0;
    bool good = false;
    int problem = read_file(path.ptr, &text);

    if (problem != 0) {
        buf_printf(error, "the baseline '%.*s' cannot be read: %s", STR_FMT(shown),
                   problem == ENOTSUP ? "it is no regular file" : strerror(problem));
    } else {
        struct json *root = json_parse(buf_str(&text), &line);
        if (root == NULL) {
            buf_printf(error, "the baseline '%.*s' is no JSON: line %u", STR_FMT(shown), (unsigned)line);
        } else {
            good = read_entries(baseline, root, shown, error);
            json_free(root);
        }
    }
    buf_release(&text);
    return good;
}

/* ---- the entries ---- */

void baseline_add(struct baseline *baseline, const struct baseline_entry *entry)
{
    struct arena *arena = baseline->arena;
    struct baseline_entry copy = *entry;
    copy.fingerprint = arena_str(arena, str_slice(entry->fingerprint, 0, str_find(entry->fingerprint, STR(":"))));
    copy.path = arena_str(arena, entry->path);
    copy.rule = arena_str(arena, entry->rule);
    copy.symbol = arena_str(arena, entry->symbol);
    copy.state = arena_str(arena, entry->state);
    vec_push(&baseline->entries, copy);
}

static int compare_keys(const struct baseline_entry *a, struct str fingerprint, struct str path)
{
    int order = str_compare(a->fingerprint, fingerprint);
    return order != 0 ? order : str_compare(a->path, path);
}

static int compare_entries(const void *left, const void *right)
{
    const struct baseline_entry *a = left, *b = right;
    return compare_keys(a, b->fingerprint, b->path);
}

void baseline_sort(struct baseline *baseline)
{
    struct baseline_entry *entries = baseline->entries.data;
    size_t count = 0;
    if (baseline->entries.len == 0) {
        return;
    }
    qsort(entries, baseline->entries.len, sizeof *entries, compare_entries);
    for (size_t i = 0; i < baseline->entries.len; i++) {
        struct baseline_entry *last = count > 0 ? &entries[count - 1] : NULL;
        if (last != NULL && compare_entries(last, &entries[i]) == 0) {
            uint32_t room = UINT32_MAX - last->count;
            last->count += entries[i].count < room ? entries[i].count : room;
        } else {
            entries[count++] = entries[i];
        }
    }
    baseline->entries.len = count;
}

/* The first entry that is not before fingerprint and path. */
static size_t lower_bound(const struct baseline *baseline, struct str fingerprint, struct str path)
{
    size_t low = 0, high = baseline->entries.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_keys(&baseline->entries.data[middle], fingerprint, path) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

size_t baseline_meet(struct baseline *baseline, struct str fingerprint, struct str path)
{
    fingerprint = str_slice(fingerprint, 0, str_find(fingerprint, STR(":")));
    for (size_t i = lower_bound(baseline, fingerprint, path); i < baseline->entries.len; i++) {
        struct baseline_entry *entry = &baseline->entries.data[i];
        if (!str_equal(entry->fingerprint, fingerprint) || (path.len > 0 && !str_equal(entry->path, path))) {
            break;
        }
        if (entry->met < entry->count) {
            entry->met++;
            return i;
        }
    }
    return SIZE_MAX;
}

/* ---- writing ---- */

static int compare_for_people(const void *left, const void *right)
{
    const struct baseline_entry *a = *(const struct baseline_entry *const *)left;
    const struct baseline_entry *b = *(const struct baseline_entry *const *)right;
    const struct str *keys[][2] = {
        {&a->path, &b->path}, {&a->rule, &b->rule}, {&a->symbol, &b->symbol}, {&a->state, &b->state}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        int order = str_compare(*keys[i][0], *keys[i][1]);
        if (order != 0) {
            return order;
        }
    }
    return str_compare(a->fingerprint, b->fingerprint);
}

static void write_entry(const struct baseline_entry *entry, struct buf *out)
{
    struct json *object = json_object();
    json_set(object, "path", json_string(entry->path));
    json_set(object, "rule", json_string(entry->rule));
    json_set(object, "symbol", json_string(entry->symbol));
    json_set(object, "state", json_string(entry->state));
    json_set(object, "fingerprint", json_string(entry->fingerprint));
    json_set(object, "count", json_integer(entry->count));
    char *text = json_print(object, false);
    buf_add(out, str_of(text));
    free(text);
    json_free(object);
}

void baseline_write(const struct baseline *baseline, struct buf *out)
{
    size_t count = baseline->entries.len;
    const struct baseline_entry **order = memory_new((count + 1) * sizeof *order);
    for (size_t i = 0; i < count; i++) {
        order[i] = &baseline->entries.data[i];
    }
    qsort(order, count, sizeof *order, compare_for_people);
    buf_printf(out, "{\"" VERSION_KEY "\": %d, \"findings\": [", VERSION);
    for (size_t i = 0; i < count; i++) {
        buf_add(out, i > 0 ? STR(",\n") : STR("\n"));
        write_entry(order[i], out);
    }
    buf_add(out, STR("\n]}\n"));
    free(order);
}

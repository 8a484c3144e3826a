#include "fix/regions.h"

#include <stdlib.h>

bool region_around(const struct syntax *s, uint32_t a, uint32_t b, struct region *region)
{
    uint32_t first = syntax_statement(s, a), last = syntax_statement(s, b);
    while (first != NO_NODE && last != NO_NODE) {
        uint32_t x = s->parents[first], y = s->parents[last];
        if (x == y && syntax_has_lines(s, first) && syntax_has_lines(s, last)) {
            break;
        }
        /* the deeper one goes out; in one block both do */
        bool up_first = x == y || x > y, up_last = x == y || y > x;
        first = up_first ? syntax_statement(s, x) : first;
        last = up_last ? syntax_statement(s, y) : last;
        if (syntax_is_definition(s, first) || syntax_is_definition(s, last)) {
            return false; /* what happens in a function happens when it is called */
        }
    }
    if (first == NO_NODE || last == NO_NODE) {
        return false;
    }
    region->first = first < last ? first : last;
    region->last = first < last ? last : first;
    return true;
}

struct ir_span region_span(const struct syntax *s, const struct region *region)
{
    return (struct ir_span){s->tree.nodes.data[region->first].start, s->tree.nodes.data[region->last].end};
}

static bool region_holds(const struct syntax *s, const struct region *region, uint32_t node)
{
    return region->first <= node && node < s->tree.nodes.data[region->last].after;
}

/* Whether `b` is the next statement behind `a` in their block, on the next line or behind a blank one. */
static bool follows(const struct syntax *s, uint32_t a, uint32_t b)
{
    if (s->parents[a] != s->parents[b] || s->tree.nodes.data[a].after != b) {
        return false;
    }
    uint32_t next = syntax_last_line(s, a) + 1, line = syntax_first_line(s, b);
    return next == line || (next + 1 == line && str_trim(source_line(s->file, next)).len == 0);
}

/* Joins b to a where they meet. */
static bool join_two(const struct syntax *s, struct region *a, const struct region *b)
{
    if (region_holds(s, a, b->first) && region_holds(s, a, b->last)) {
        return true;
    }
    if (region_holds(s, b, a->first) && region_holds(s, b, a->last)) {
        *a = *b;
        return true;
    }
    bool one_block = s->parents[a->first] == s->parents[b->first];
    bool overlap = one_block && a->first <= b->last && b->first <= a->last;
    bool goes_on = (follows(s, a->last, b->first) && !b->apart) || (follows(s, b->last, a->first) && !a->apart);
    if (!overlap && !goes_on) {
        return false;
    }
    a->apart = a->first <= b->first ? a->apart : b->apart;
    a->first = a->first < b->first ? a->first : b->first;
    a->last = a->last > b->last ? a->last : b->last;
    return true;
}

static int compare_regions(const void *left, const void *right)
{
    const struct region *a = left, *b = right;
    if (a->file != b->file) {
        return a->file < b->file ? -1 : 1;
    }
    if (a->first != b->first) {
        return a->first < b->first ? -1 : 1;
    }
    if (a->last != b->last) { /* the outer one first */
        return a->last > b->last ? -1 : 1;
    }
    return str_compare(a->lock, b->lock);
}

/* Joins two regions that meet; false where none do. */
static bool join_some(region_list *regions, struct syntax *const *syntaxes)
{
    for (size_t i = 0; i < regions->len; i++) {
        for (size_t k = i + 1; k < regions->len; k++) {
            struct region *a = &regions->data[i], *b = &regions->data[k];
            bool alike = a->file == b->file && str_equal(a->lock, b->lock) && str_equal(a->head, b->head);
            if (alike && join_two(syntaxes[a->file], a, b)) {
                *b = vec_last(regions);
                (void)vec_pop(regions);
                return true;
            }
        }
    }
    return false;
}

void regions_join(region_list *regions, struct syntax *const *syntaxes)
{
    while (join_some(regions, syntaxes)) {
    }
    if (regions->len > 0) {
        qsort(regions->data, regions->len, sizeof *regions->data, compare_regions);
    }
}

struct str region_with_lock(const struct syntax *s, uint32_t statement)
{
    const struct tree *tree = &s->tree;
    if (node_kind(tree, statement) != NODE_WITH_STATEMENT) {
        return STR("");
    }
    uint32_t clause = node_of_kind(tree, statement, NODE_WITH_CLAUSE);
    uint32_t item = clause == NO_NODE ? NO_NODE : node_first(tree, clause);
    if (item == NO_NODE || node_next(tree, clause, item) != NO_NODE || node_kind(tree, item) != NODE_WITH_ITEM) {
        return STR("");
    }
    uint32_t value = node_first(tree, item);
    bool plain = value != NO_NODE && node_next(tree, item, value) == NO_NODE &&
                 node_kind(tree, value) != NODE_AS_PATTERN && node_of_kind(tree, statement, TOKEN_ASYNC) == NO_NODE;
    return plain ? syntax_text(s, value) : STR("");
}

/* What becomes of the lines of one file. */
struct lines {
    int *steps;    /* [line_count + 2]: steps to indent by */
    int *begins;   /* [line_count + 2]: regions that begin with the line */
    bool *dropped; /* the line goes */
};

/* A `with` on the lock that is taken around it is taken twice: its header goes, its body moves out by a step. */
static bool dissolve(const struct syntax *s, uint32_t statement, struct lines *lines)
{
    uint32_t body = syntax_body(s, statement);
    uint32_t head = syntax_first_line(s, statement), first = syntax_first_line(s, body);
    if (first != head + 1 || !syntax_has_lines(s, statement)) {
        return false; /* on one line, or a comment in between: rare, left to people */
    }
    lines->dropped[head] = true;
    for (uint32_t line = first; line <= syntax_last_line(s, statement); line++) {
        lines->steps[line]--;
    }
    return true;
}

static bool mark_lines(const struct syntax *s, const struct region *region, struct lines *lines)
{
    lines->begins[syntax_first_line(s, region->first)]++;
    for (uint32_t line = syntax_first_line(s, region->first); line <= syntax_last_line(s, region->last); line++) {
        lines->steps[line]++;
    }
    for (uint32_t node = region->first; node < s->tree.nodes.data[region->last].after; node++) {
        bool again = region->head.len == 0 && str_equal(region_with_lock(s, node), region->lock);
        if (again && !dissolve(s, node, lines)) {
            return false;
        }
    }
    return true;
}

static void insert(edit_list *edits, uint32_t file, uint32_t at, uint32_t order, struct str text)
{
    vec_push(edits, ((struct edit){file, at, at, order, text}));
}

static struct str repeat(struct arena *arena, struct str unit, int times)
{
    struct str all = STR("");
    for (int i = 0; i < times; i++) {
        all = arena_printf(arena, "%.*s%.*s", STR_FMT(all), STR_FMT(unit));
    }
    return all;
}

/* The headers of all regions that begin on a line, the outermost first. */
static void add_headers(const struct syntax *s, const region_list *regions, uint32_t file, struct arena *arena,
                        edit_list *edits)
{
    for (size_t i = 0; i < regions->len; i++) {
        const struct region *region = &regions->data[i];
        if (region->file != file) {
            continue;
        }
        int around = 0;
        for (size_t k = 0; k < i; k++) {
            const struct region *other = &regions->data[k];
            around += other->file == file && region_holds(s, other, region->first);
        }
        uint32_t line = syntax_first_line(s, region->first);
        struct str indent = syntax_indent(s, line), deeper = repeat(arena, s->unit, around);
        struct str taken = arena_printf(arena, "with %.*s:", STR_FMT(region->lock));
        struct str words = region->head.len > 0 ? region->head : taken;
        struct str head = arena_printf(arena, "%.*s%.*s%.*s%.*s", STR_FMT(indent), STR_FMT(deeper), STR_FMT(words),
                                       STR_FMT(s->newline));
        insert(edits, file, syntax_line_start(s, line), EDIT_HEADERS + (uint32_t)i, head);
    }
}

/* Lines that move in get their blanks behind those that the whole region begins with. */
static void add_lines(const struct syntax *s, const struct lines *lines, uint32_t file, struct arena *arena,
                      edit_list *edits)
{
    for (uint32_t line = 1; line <= s->file->line_count; line++) {
        uint32_t start = syntax_line_start(s, line);
        if (lines->dropped[line]) {
            vec_push(edits, ((struct edit){file, start, syntax_line_start(s, line + 1), 0, STR("")}));
            continue;
        }
        struct str text = str_trim(source_line(s->file, line));
        if (lines->steps[line] <= 0 || text.len == 0 || s->in_string[line - 1]) {
            continue;
        }
        struct str blanks = repeat(arena, s->unit, lines->steps[line]);
        insert(edits, file, start + (uint32_t)syntax_indent(s, line).len, EDIT_BLANKS, blanks);
    }
}

static bool cut_through(const struct syntax *s, const region_list *regions, uint32_t file)
{
    for (size_t i = 0; i < regions->len; i++) {
        for (size_t k = i + 1; k < regions->len; k++) {
            const struct region *a = &regions->data[i], *b = &regions->data[k];
            if (a->file != file || b->file != file) {
                continue;
            }
            struct ir_span x = region_span(s, a), y = region_span(s, b);
            bool apart = x.end <= y.start || y.end <= x.start;
            bool nested = (x.start <= y.start && y.end <= x.end) || (y.start <= x.start && x.end <= y.end);
            if (!apart && !nested) {
                return true;
            }
        }
    }
    return false;
}

/* What edits put in on lines of a region moves in with them. */
static void indent_edits(const struct syntax *s, const struct lines *lines, uint32_t file, struct arena *arena,
                         edit_list *edits)
{
    for (size_t i = 0; i < edits->len; i++) {
        struct edit *edit = &edits->data[i];
        if (edit->file != file || edit->order > EDIT_BEFORE) {
            continue;
        }
        uint32_t line = source_position_at(s->file, edit->start).line;
        int steps = lines->steps[line], above = lines->steps[line - 1];
        if (edit->order == EDIT_BEHIND) {
            steps = above;
        } else if (edit->order == EDIT_BEFORE && lines->begins[line] > 0) {
            steps -= lines->begins[line];
        } else if (edit->order == EDIT_BEFORE && above < steps) {
            steps = above;
        }
        if (steps <= 0) {
            continue;
        }
        struct str blanks = repeat(arena, s->unit, steps);
        bool whole_lines = source_position_at(s->file, edit->start).column == 1;
        struct str text = whole_lines && edit->text.len > 0 ? blanks : STR("");
        for (size_t at = 0; at < edit->text.len;) {
            size_t end = at;
            while (end < edit->text.len && edit->text.ptr[end++] != '\n') {
            }
            struct str part = str_slice(edit->text, at, end);
            bool more = end < edit->text.len;
            text = arena_printf(arena, "%.*s%.*s%.*s", STR_FMT(text), STR_FMT(part), more ? (int)blanks.len : 0,
                                blanks.ptr);
            at = end;
        }
        edit->text = text;
    }
}

/* Lines that an edit takes away are not moved in. */
static void spare_deleted(const struct syntax *s, const edit_list *edits, uint32_t file, struct lines *lines)
{
    for (size_t i = 0; i < edits->len; i++) {
        const struct edit *edit = &edits->data[i];
        if (edit->file != file || edit->text.len > 0 || edit->end == edit->start) {
            continue;
        }
        uint32_t last = source_position_at(s->file, edit->end - 1).line;
        for (uint32_t line = source_position_at(s->file, edit->start).line; line <= last; line++) {
            bool whole = syntax_line_start(s, line) >= edit->start && syntax_line_start(s, line + 1) <= edit->end;
            lines->steps[line] = whole ? 0 : lines->steps[line];
        }
    }
}

bool regions_edit(const region_list *regions, struct syntax *const *syntaxes, struct arena *arena, edit_list *edits)
{
    for (size_t i = 0; i < regions->len; i++) {
        uint32_t file = regions->data[i].file;
        const struct syntax *s = syntaxes[file];
        if (i > 0 && regions->data[i - 1].file == file) {
            continue; /* the first one of a file does them all: they are sorted */
        }
        struct lines lines = {
            .steps = memory_new((s->file->line_count + 2) * sizeof *lines.steps),
            .begins = memory_new((s->file->line_count + 2) * sizeof *lines.begins),
            .dropped = memory_new((s->file->line_count + 2) * sizeof *lines.dropped),
        };
        bool good = !cut_through(s, regions, file);
        for (size_t k = i; good && k < regions->len && regions->data[k].file == file; k++) {
            good = mark_lines(s, &regions->data[k], &lines);
        }
        if (good) {
            indent_edits(s, &lines, file, arena, edits);
            spare_deleted(s, edits, file, &lines);
            add_headers(s, regions, file, arena, edits);
            add_lines(s, &lines, file, arena, edits);
        }
        free(lines.steps);
        free(lines.begins);
        free(lines.dropped);
        if (!good) {
            return false;
        }
    }
    return true;
}

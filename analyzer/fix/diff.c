/* diff: unified diffs, by the greedy algorithm of Myers: the shortest script of lines to delete and to insert. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/vec.h"
#include "racelint/fix.h"

#define CONTEXT_LINES 3
#define DISTANCE_MAX 3000 /* past it, all lines between the equal ends count as changed */

typedef VEC(struct str) line_list; /* with their line ends */

struct step {
    char sign; /* ' ', '-' or '+' */
    struct str line;
};
typedef VEC(struct step) step_list;

static void split(struct str text, line_list *lines)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\n') {
            vec_push(lines, str_slice(text, from, i + 1));
            from = i + 1;
        }
    }
    if (from < text.len) {
        vec_push(lines, str_slice(text, from, text.len));
    }
}

/* The furthest points of each round of the search, to walk back by. */
struct search {
    const struct str *a, *b;
    int n, m;
    int **rounds; /* [d][k + d]: the furthest x on diagonal k after d changes */
    int found;    /* the number of changes, or -1 */
};

static void search_run(struct search *s)
{
    int most = s->n + s->m < DISTANCE_MAX ? s->n + s->m : DISTANCE_MAX;
    s->rounds = memory_new(((size_t)most + 1) * sizeof *s->rounds);
    s->found = -1;
    for (int d = 0; d <= most && s->found < 0; d++) {
        int *now = s->rounds[d] = memory_new((2 * (size_t)d + 1) * sizeof *now);
        for (int k = -d; k <= d; k += 2) {
            int x = 0;
            if (d > 0) {
                const int *last = s->rounds[d - 1];
                int left = k > -d ? last[k - 1 + d - 1] + 1 : -1;
                int above = k < d ? last[k + 1 + d - 1] : -1;
                x = left > above ? left : above;
            }
            while (x < s->n && x - k < s->m && x - k >= 0 && str_equal(s->a[x], s->b[x - k])) {
                x++;
            }
            now[k + d] = x;
            if (x >= s->n && x - k >= s->m) {
                s->found = d;
                break;
            }
        }
    }
}

/* Collects the steps from the end to the beginning. */
static void walk_back(const struct search *s, step_list *reversed)
{
    int x = s->n, y = s->m;
    for (int d = s->found; d >= 0; d--) {
        int k = x - y;
        int px = 0, py = 0;
        bool insert = false;
        if (d > 0) {
            const int *last = s->rounds[d - 1];
            int left = k > -d ? last[k - 1 + d - 1] + 1 : -1;
            int above = k < d ? last[k + 1 + d - 1] : -1;
            insert = above >= left;
            px = insert ? above : left - 1;
            py = px - (insert ? k + 1 : k - 1);
        }
        int stop = d > 0 ? (insert ? px : px + 1) : 0;
        while (x > stop) {
            x--, y--;
            vec_push(reversed, ((struct step){' ', s->a[x]}));
        }
        if (d > 0) {
            vec_push(reversed, insert ? (struct step){'+', s->b[py]} : (struct step){'-', s->a[px]});
            x = px, y = py;
        }
    }
}

static void compare(const line_list *a, const line_list *b, step_list *steps)
{
    struct search search = {.a = a->data, .b = b->data, .n = (int)a->len, .m = (int)b->len};
    int most = search.n + search.m < DISTANCE_MAX ? search.n + search.m : DISTANCE_MAX;
    step_list reversed = {0};
    search_run(&search);
    if (search.found >= 0) {
        walk_back(&search, &reversed);
    }
    for (size_t i = reversed.len; i-- > 0;) {
        vec_push(steps, reversed.data[i]);
    }
    for (size_t i = 0; search.found < 0 && i < a->len; i++) {
        vec_push(steps, ((struct step){'-', a->data[i]}));
    }
    for (size_t i = 0; search.found < 0 && i < b->len; i++) {
        vec_push(steps, ((struct step){'+', b->data[i]}));
    }
    for (int d = 0; d <= most; d++) {
        free(search.rounds[d]);
    }
    free(search.rounds);
    vec_release(&reversed);
}

static void print_range(struct buf *out, char sign, size_t start, size_t count)
{
    buf_printf(out, "%c%zu", sign, count == 0 ? start : start + 1);
    if (count != 1) {
        buf_printf(out, ",%zu", count);
    }
}

static void print_hunk(const step_list *steps, size_t from, size_t to, size_t before, size_t after, struct buf *out)
{
    size_t old_count = 0, new_count = 0;
    for (size_t i = from; i < to; i++) {
        old_count += steps->data[i].sign != '+';
        new_count += steps->data[i].sign != '-';
    }
    buf_add(out, STR("@@ "));
    print_range(out, '-', before, old_count);
    buf_add_char(out, ' ');
    print_range(out, '+', after, new_count);
    buf_add(out, STR(" @@\n"));
    for (size_t i = from; i < to; i++) {
        struct str line = steps->data[i].line;
        buf_add_char(out, steps->data[i].sign);
        buf_add(out, line);
        if (line.len == 0 || line.ptr[line.len - 1] != '\n') {
            buf_add(out, STR("\n\\ No newline at end of file\n"));
        }
    }
}

static size_t next_change(const step_list *steps, size_t from)
{
    while (from < steps->len && steps->data[from].sign == ' ') {
        from++;
    }
    return from;
}

static void print_hunks(const step_list *steps, struct buf *out)
{
    size_t before = 0, after = 0, at = 0;
    for (size_t change = next_change(steps, 0); change < steps->len;) {
        size_t from = change - at > CONTEXT_LINES ? change - CONTEXT_LINES : at;
        size_t end = change, next = change;
        while (next < steps->len && next - end <= 2 * CONTEXT_LINES) {
            end = next + 1;
            next = next_change(steps, end);
        }
        size_t to = end + CONTEXT_LINES < steps->len ? end + CONTEXT_LINES : steps->len;
        before += from - at;
        after += from - at;
        print_hunk(steps, from, to, before, after, out);
        for (size_t i = from; i < to; i++) {
            before += steps->data[i].sign != '+';
            after += steps->data[i].sign != '-';
        }
        at = to;
        change = next;
    }
}

void fix_diff(struct str path, struct str before, struct str after, struct buf *out)
{
    line_list a = {0}, b = {0};
    step_list steps = {0};
    if (str_equal(before, after)) {
        return;
    }
    split(before, &a);
    split(after, &b);
    compare(&a, &b, &steps);
    buf_printf(out, "--- a/%.*s\n+++ b/%.*s\n", STR_FMT(path), STR_FMT(path));
    print_hunks(&steps, out);
    vec_release(&a);
    vec_release(&b);
    vec_release(&steps);
}

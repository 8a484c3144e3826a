#include "base/buf.h"
#include "report/formats.h"
#include "report/interleave.h"
#include "report/text_parts.h"
#include "report/wrap.h"

#include <stdlib.h>

enum {
    LANES_MAX = 4, /* up to so many threads have a column of their own */
    LANE_WIDTH = 2,
    VERB_WIDTH = 9,  /* "releases" and a space */
    GAP = 5,         /* between threads that stand side by side: a line with blanks around it */
    STEPS_ENDS = 12, /* of a longer story, so many steps at either end are told */
    NAME_MAX = 16
};

/* How the lines of steps are laid out. */
struct story {
    const struct pen *pen;
    const struct finding *finding;
    const struct interleaved *steps;
    size_t count;
    size_t number_width; /* columns of the largest step number */
    size_t lanes;        /* columns of all lanes */
    size_t text_column;  /* where the source text of the steps begins */
    size_t text_width;   /* columns of the longest source text shown */
    bool locks_alike;    /* all steps hold the same locks, which one line says for all */
    bool two_lines;      /* the location goes below the source text */
    bool beside;         /* each thread has a column of its own, with all that it does in it */
    struct {
        size_t text, all; /* columns of the longest source text, and of the whole */
    } columns[2];         /* of each thread, where they stand side by side */
};

static bool locks_equal(const struct finding_step *a, const struct finding_step *b)
{
    if (a->lock_count != b->lock_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->lock_count; i++) {
        if (!str_equal(a->locks[i], b->locks[i])) {
            return false;
        }
    }
    return true;
}

static void add_locks(struct buf *out, const struct finding_step *step)
{
    for (uint32_t i = 0; i < step->lock_count; i++) {
        buf_add(out, i == 0 ? STR("") : STR(", "));
        buf_add(out, step->locks[i]);
    }
}

/* "line 22, holds self._lock" */
static void add_location(struct buf *out, const struct story *story, const struct finding_step *step)
{
    if (step->where.line > 0) {
        text_add_place(story->pen, out, story->finding, &step->where);
    }
    if (!story->locks_alike) {
        buf_add(out, out->len > 0 ? STR(", ") : STR(""));
        if (step->lock_count > 0) {
            buf_add(out, STR("holds "));
            add_locks(out, step);
        } else {
            buf_add(out, STR("no lock"));
        }
    }
}

/* The start of a thread is told beside its name; a step that says it again is left out. */
static bool is_told(const struct finding *finding, const struct interleaved *step)
{
    const struct finding_thread *thread = &finding->threads[step->thread];
    return step->step->effect == STEP_SPAWN && thread->where.line == step->step->where.line &&
           str_equal(thread->where.path, step->step->where.path);
}

static void write_thread(const struct pen *pen, const struct finding *finding, uint32_t index)
{
    const struct finding_thread *thread = &finding->threads[index];
    struct buf value = {0};
    char name[NAME_MAX];
    interleave_name(index, name, sizeof name);
    if (index > 0 && thread->root.len > 0 && interleave_same_root(thread, &finding->threads[0])) {
        buf_add(&value, STR("another of these threads"));
    } else {
        buf_add(&value, thread->root.len > 0 ? thread->root : STR("a thread whose start is not known"));
        if (thread->where.line > 0) {
            buf_add(&value, STR(", started at "));
            text_add_place(pen, &value, finding, &thread->where);
        }
        buf_add(&value, thread->many ? STR(", many at once") : STR(""));
    }
    pen_space(pen, TEXT_INDENT);
    pen_add(pen, text_thread_style(index), str_of(name));
    pen_space(pen, 2);
    size_t column = TEXT_INDENT + str_of(name).len + 2;
    wrap_add(pen->out, buf_str(&value), column, column, pen_page(pen));
    buf_add_char(pen->out, '\n');
    buf_release(&value);
}

static size_t digits(size_t number)
{
    size_t count = 1;
    for (; number >= 10; number /= 10) {
        count++;
    }
    return count;
}

/* Measures the columns of two threads that stand side by side, and tells whether they fit the terminal. */
static bool fits_beside(struct story *story, size_t width)
{
    size_t locations[2] = {0, 0};
    if (story->finding->thread_count != 2) {
        return false;
    }
    for (size_t i = 0; i < story->count; i++) {
        uint32_t thread = story->steps[i].thread;
        struct buf location = {0};
        size_t text = display_width(story->steps[i].step->text);
        add_location(&location, story, story->steps[i].step);
        size_t place = display_width(buf_str(&location));
        story->columns[thread].text = text > story->columns[thread].text ? text : story->columns[thread].text;
        locations[thread] = place > locations[thread] ? place : locations[thread];
        buf_release(&location);
    }
    size_t all = TEXT_INDENT + story->number_width + 2 + GAP;
    for (size_t i = 0; i < 2; i++) {
        story->columns[i].all = VERB_WIDTH + story->columns[i].text + 2 + locations[i];
        all += story->columns[i].all;
    }
    return all <= width;
}

/* Chooses the layout: threads side by side where the terminal is known to have room for that, else one line per step
 * where all of them fit the page. */
static void lay_out(struct story *story, const struct pen *pen)
{
    const struct finding *finding = story->finding;
    size_t longest_location = 0;
    story->lanes = finding->thread_count <= LANES_MAX ? finding->thread_count * (size_t)LANE_WIDTH : LANES_MAX;
    story->number_width = digits(story->count);
    story->text_column = TEXT_INDENT + story->number_width + 2 + story->lanes + 1 + VERB_WIDTH;
    story->locks_alike = true;
    for (size_t i = 1; i < story->count; i++) {
        story->locks_alike = story->locks_alike && locks_equal(story->steps[0].step, story->steps[i].step);
    }
    for (size_t i = 0; i < story->count; i++) {
        struct buf location = {0};
        size_t width = display_width(story->steps[i].step->text);
        add_location(&location, story, story->steps[i].step);
        story->text_width = width > story->text_width ? width : story->text_width;
        width = display_width(buf_str(&location));
        longest_location = width > longest_location ? width : longest_location;
        buf_release(&location);
    }
    story->beside = fits_beside(story, pen->width);
    story->two_lines = story->text_column + story->text_width + 2 + longest_location > pen_page(pen);
}

static void write_step(const struct pen *pen, const struct story *story, size_t index)
{
    const struct interleaved *at = &story->steps[index];
    const struct finding_step *step = at->step;
    enum style style = text_thread_style(at->thread);
    struct buf location = {0}, text = {0};
    char name[NAME_MAX];
    size_t lane = story->finding->thread_count <= LANES_MAX ? at->thread * (size_t)LANE_WIDTH : 0;
    size_t room = story->two_lines ? pen_page(pen) - story->text_column : story->text_width;

    interleave_name(at->thread, name, sizeof name);
    pen_space(pen, TEXT_INDENT + story->number_width - digits(index + 1));
    buf_printf(pen->out, "%zu", index + 1);
    pen_space(pen, 2 + lane);
    pen_add(pen, style, str_of(name));
    pen_space(pen, story->lanes > lane + str_of(name).len ? story->lanes - lane - str_of(name).len + 1 : 1);
    struct str verb = str_of(text_verb(step->effect, false));
    pen_add(pen, style, verb);
    pen_space(pen, VERB_WIDTH - verb.len);
    display_shorten(&text, step->text, room);
    buf_add(pen->out, buf_str(&text));

    add_location(&location, story, step);
    if (location.len > 0) {
        if (story->two_lines) {
            buf_add_char(pen->out, '\n');
            pen_space(pen, story->text_column);
        } else {
            pen_space(pen, story->text_width - display_width(buf_str(&text)) + 2);
        }
        pen_begin(pen, STYLE_DIM);
        wrap_add(pen->out, buf_str(&location), story->two_lines ? story->text_column : 0, story->text_column,
                 pen_page(pen));
        pen_end(pen, STYLE_DIM);
    }
    buf_add_char(pen->out, '\n');
    buf_release(&location);
    buf_release(&text);
}

static void write_gap(const struct pen *pen)
{
    pen_space(pen, GAP / 2);
    pen_add(pen, STYLE_DIM, STR("|"));
}

/* The names of the threads above their columns. */
static void write_names(const struct pen *pen, const struct story *story)
{
    pen_space(pen, TEXT_INDENT + story->number_width + 2);
    for (uint32_t i = 0; i < 2; i++) {
        char name[NAME_MAX];
        interleave_name(i, name, sizeof name);
        pen_add(pen, text_thread_style(i), str_of(name));
        if (i == 0) {
            pen_space(pen, story->columns[0].all - str_of(name).len);
            write_gap(pen);
            pen_space(pen, GAP - GAP / 2 - 1);
        }
    }
    buf_add_char(pen->out, '\n');
}

static void write_beside(const struct pen *pen, const struct story *story, size_t index)
{
    const struct interleaved *at = &story->steps[index];
    struct buf location = {0};
    struct str verb = str_of(text_verb(at->step->effect, false));
    pen_space(pen, TEXT_INDENT + story->number_width - digits(index + 1));
    buf_printf(pen->out, "%zu", index + 1);
    pen_space(pen, 2);
    if (at->thread == 1) {
        pen_space(pen, story->columns[0].all);
        write_gap(pen);
        pen_space(pen, GAP - GAP / 2 - 1);
    }
    pen_add(pen, text_thread_style(at->thread), verb);
    pen_space(pen, VERB_WIDTH - verb.len);
    display_escape(pen->out, at->step->text);
    add_location(&location, story, at->step);
    if (at->thread == 0 || location.len > 0) {
        pen_space(pen, story->columns[at->thread].text - display_width(at->step->text) + 2);
    }
    pen_add(pen, STYLE_DIM, buf_str(&location));
    if (at->thread == 0) {
        size_t used = VERB_WIDTH + story->columns[0].text + 2 + display_width(buf_str(&location));
        pen_space(pen, story->columns[0].all - used);
        write_gap(pen);
    }
    buf_add_char(pen->out, '\n');
    buf_release(&location);
}

static void write_locks(const struct pen *pen, const struct story *story)
{
    struct buf value = {0};
    if (story->steps[0].step->lock_count == 0) {
        buf_add(&value, STR("none is held at any of these steps"));
    } else {
        add_locks(&value, story->steps[0].step);
        buf_add(&value, STR(", held at each of these steps"));
    }
    text_entry(pen, STYLE_BOLD, "locks:", buf_str(&value));
    buf_release(&value);
}

static void write_steps(const struct pen *pen, const struct story *story)
{
    if (story->beside) {
        write_names(pen, story);
    }
    for (size_t i = 0; i < story->count; i++) {
        if (story->count > 2 * STEPS_ENDS && i == STEPS_ENDS) {
            pen_space(pen, TEXT_INDENT);
            buf_printf(pen->out, "... %zu more steps\n", story->count - 2 * (size_t)STEPS_ENDS);
            i = story->count - STEPS_ENDS;
        }
        if (story->beside) {
            write_beside(pen, story, i);
        } else {
            write_step(pen, story, i);
        }
    }
    buf_add_char(pen->out, '\n');
    if (story->locks_alike) {
        write_locks(pen, story);
    }
}

void text_threads(const struct pen *pen, const struct finding *finding)
{
    struct story story = {.pen = pen, .finding = finding};
    size_t all = interleave_count(finding);
    struct interleaved *steps = memory_new((all + 1) * sizeof *steps);
    for (uint32_t i = 0; i < finding->thread_count; i++) {
        write_thread(pen, finding, i);
    }
    buf_add_char(pen->out, '\n');
    interleave_steps(finding, steps);
    for (size_t i = 0; i < all; i++) {
        if (!is_told(finding, &steps[i])) {
            steps[story.count++] = steps[i];
        }
    }
    story.steps = steps;
    if (story.count > 0) {
        lay_out(&story, pen);
        write_steps(pen, &story);
    }
    free(steps);
}

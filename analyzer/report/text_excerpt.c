#include "base/buf.h"
#include "base/vec.h"
#include "report/excerpt.h"
#include "report/formats.h"
#include "report/interleave.h"
#include "report/text_parts.h"

#include <string.h>

enum {
    SPOTS_MAX = 6,   /* ranges marked in one excerpt */
    EFFECTS_MAX = 4, /* different things that one thread does at one spot */
    NAME_MAX = 16
};

/* What one thread does at a spot, in order. */
struct deeds {
    uint32_t thread;
    uint32_t count;
    enum step_effect effects[EFFECTS_MAX];
};

/* A range of the finding's file that threads touch. */
struct spot {
    struct finding_range where;
    VEC(struct deeds) deeds; /* one per thread */
};

struct spots {
    struct spot all[SPOTS_MAX];
    uint32_t count;
};

static struct spot *spot_at(struct spots *spots, const struct finding_range *where)
{
    for (uint32_t i = 0; i < spots->count; i++) {
        if (report_range_equal(&spots->all[i].where, where)) {
            return &spots->all[i];
        }
    }
    if (spots->count == SPOTS_MAX) {
        return NULL;
    }
    spots->all[spots->count] = (struct spot){.where = *where};
    return &spots->all[spots->count++];
}

static void spot_add(struct spot *spot, uint32_t thread, enum step_effect effect)
{
    if (spot->deeds.len == 0 || vec_last(&spot->deeds).thread != thread) {
        vec_push(&spot->deeds, (struct deeds){.thread = thread});
    }
    struct deeds *deeds = &vec_last(&spot->deeds);
    for (uint32_t i = 0; i < deeds->count; i++) {
        if (deeds->effects[i] == effect) {
            return;
        }
    }
    if (deeds->count < EFFECTS_MAX) {
        deeds->effects[deeds->count++] = effect;
    }
}

/* Collects the place of the finding and the accesses in its file, by thread. */
static void collect(const struct finding *finding, struct spots *spots)
{
    spot_at(spots, &finding->where);
    for (uint32_t i = 0; i < finding->thread_count; i++) {
        for (uint32_t j = 0; j < finding->threads[i].step_count; j++) {
            const struct finding_step *step = &finding->threads[i].steps[j];
            bool here = report_range_equal(&step->where, &finding->where);
            if (!here && (!step_is_access(step->effect) || !str_equal(step->where.path, finding->where.path))) {
                continue;
            }
            struct spot *spot = spot_at(spots, &step->where);
            if (spot != NULL) {
                spot_add(spot, i, step->effect);
            }
        }
    }
}

static bool deeds_equal(const struct deeds *a, const struct deeds *b)
{
    return a->count == b->count && memcmp(a->effects, b->effects, a->count * sizeof *a->effects) == 0;
}

static void add_name(struct buf *label, uint32_t thread)
{
    char name[NAME_MAX];
    interleave_name(thread, name, sizeof name);
    buf_add(label, str_of(name));
}

/* "A and B read and write here"; "A reads, B writes here"; without names where there is one thread only. */
static void label_write(struct buf *label, const struct spot *spot, bool named)
{
    for (size_t i = 0; i < spot->deeds.len; i++) {
        const struct deeds *deeds = &spot->deeds.data[i];
        uint32_t alike = 0;
        bool told = false;
        for (size_t j = 0; j < i; j++) {
            told = told || deeds_equal(&spot->deeds.data[j], deeds);
        }
        if (told) {
            continue;
        }
        buf_add(label, label->len > 0 ? STR(", ") : STR(""));
        for (size_t j = i; named && j < spot->deeds.len; j++) {
            if (deeds_equal(&spot->deeds.data[j], deeds)) {
                buf_add(label, alike > 0 ? STR(" and ") : STR(""));
                add_name(label, spot->deeds.data[j].thread);
                alike++;
            }
        }
        for (uint32_t j = 0; j < deeds->count; j++) {
            buf_printf(label, "%s%s", j > 0 ? " and " : named ? " " : "", text_verb(deeds->effects[j], alike != 1));
        }
    }
    buf_add(label, label->len > 0 ? STR(" here") : STR(""));
}

/* By line; on one line the place of the finding comes last, as it completes the hazard. */
static bool is_before(const struct finding_range *a, const struct finding_range *b, const struct finding_range *last)
{
    if (a->line != b->line) {
        return a->line < b->line;
    }
    if (report_range_equal(a, last) || report_range_equal(b, last)) {
        return report_range_equal(b, last);
    }
    return a->column < b->column;
}

static void sort_spots(struct spots *spots, const struct finding_range *last)
{
    for (uint32_t i = 1; i < spots->count; i++) {
        struct spot moved = spots->all[i];
        uint32_t j = i;
        for (; j > 0 && is_before(&moved.where, &spots->all[j - 1].where, last); j--) {
            spots->all[j] = spots->all[j - 1];
        }
        spots->all[j] = moved;
    }
}

void text_excerpt(const struct pen *pen, const struct finding *finding)
{
    struct spots spots = {.count = 0};
    struct excerpt_mark marks[SPOTS_MAX];
    struct buf labels[SPOTS_MAX] = {{0}};
    if (finding->file == NULL || finding->where.line == 0) {
        return;
    }
    collect(finding, &spots);
    sort_spots(&spots, &finding->where);
    for (uint32_t i = 0; i < spots.count; i++) {
        struct spot *spot = &spots.all[i];
        bool main_spot = report_range_equal(&spot->where, &finding->where);
        label_write(&labels[i], spot, finding->thread_count > 1);
        marks[i] = (struct excerpt_mark){
            .where = spot->where,
            .sign = main_spot ? '^' : '-',
            .style = main_spot || spot->deeds.len == 0 ? text_confidence_style(finding->confidence)
                                                       : text_thread_style(spot->deeds.data[0].thread),
            .label = buf_str(&labels[i]),
        };
        vec_release(&spot->deeds);
    }
    buf_add_char(pen->out, '\n');
    excerpt_write(pen, finding->file, marks, spots.count);
    for (uint32_t i = 0; i < spots.count; i++) {
        buf_release(&labels[i]);
    }
}

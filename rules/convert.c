#include "rules/convert.h"

#include <stdlib.h>

#include "base/vec.h"
#include "rules/fingerprint.h"
#include "rules/text.h"

#define RELATED_MAX 20 /* related places that one finding lists */

typedef VEC(struct finding_related) related_list;

static struct finding_range range_of(struct arena *arena, const struct site *site)
{
    if (!site->file) {
        return (struct finding_range){0};
    }
    struct source_position start = source_position_at(site->file, site->span.start);
    struct source_position end = source_position_at(site->file, site->span.end);
    return (struct finding_range){arena_str(arena, site->file->path), start.line, start.column, end.line, end.column};
}

static struct finding_step convert_step(struct arena *arena, const struct thread_step *step)
{
    struct str *locks = arena_array(arena, step->lock_count, sizeof *locks);
    for (uint32_t i = 0; i < step->lock_count; i++) {
        locks[i] = arena_str(arena, step->locks[i].name);
    }
    return (struct finding_step){
        .where = range_of(arena, &step->site),
        .effect = step->effect,
        .text = arena_str(arena, step->text),
        .locks = locks,
        .lock_count = step->lock_count,
    };
}

static struct finding_thread convert_side(struct arena *arena, const struct thread_side *side)
{
    struct finding_step *steps = arena_array(arena, side->step_count, sizeof *steps);
    for (uint32_t i = 0; i < side->step_count; i++) {
        steps[i] = convert_step(arena, &side->steps[i]);
    }
    return (struct finding_thread){
        .root = arena_str(arena, side->root),
        .where = range_of(arena, &side->start),
        .many = side->many,
        .steps = steps,
        .step_count = side->step_count,
    };
}

/* The side of the hazard first, then that of the partner. A self race has both, too: two threads, the same code. */
static void convert_threads(struct arena *arena, const struct hazard *hazard, struct finding *finding)
{
    const struct thread_side *sides[] = {hazard->side, hazard->partner_side};
    struct finding_thread *threads = arena_array(arena, 2, sizeof *threads);
    for (size_t i = 0; i < 2; i++) {
        if (sides[i]) {
            threads[finding->thread_count++] = convert_side(arena, sides[i]);
        }
    }
    finding->threads = threads;
}

static int compare_related(const void *left, const void *right)
{
    const struct finding_related *a = left, *b = right;
    int order = str_compare(a->where.path, b->where.path);
    if (order == 0) {
        order = (a->where.line > b->where.line) - (a->where.line < b->where.line);
    }
    if (order == 0) {
        order = (a->where.column > b->where.column) - (a->where.column < b->where.column);
    }
    return order ? order : str_compare(a->message, b->message);
}

static bool same_start(const struct finding_range *a, const struct finding_range *b)
{
    return a->line == b->line && a->column == b->column && str_equal(a->path, b->path);
}

/* Whether the finding shows this place anyway, as one of its own two ends or as the partner. */
static bool is_shown(const struct hazard *hazard, const struct site *site)
{
    const struct access *shown[] = {hazard->first, hazard->last, hazard->partner};
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        if (shown[i] && shown[i]->site.file == site->file && shown[i]->site.span.start == site->span.start) {
            return true;
        }
    }
    return false;
}

static void add_accesses(struct arena *arena, const struct hazard *leader, const struct hazard *from,
                         related_list *list)
{
    for (uint32_t i = 0; i < from->related_count; i++) {
        const struct access *access = from->related[i];
        if (is_shown(leader, &access->site)) {
            continue;
        }
        struct str code = text_code(arena, access->text);
        vec_push(list, (struct finding_related){range_of(arena, &access->site),
                                                arena_printf(arena, "%.*s needs the same lock", STR_FMT(code))});
    }
}

static void add_told(struct arena *arena, const struct told *leader, const struct told *other, related_list *list)
{
    if (is_shown(leader->hazard, &other->hazard->last->site)) {
        return;
    }
    struct str code = text_code(arena, other->hazard->last->text);
    struct str message = arena_printf(arena, "%.*s is part of the same hazard", STR_FMT(code));
    if (other->rule != leader->rule) {
        message = arena_printf(arena, "%.*s (%s)", STR_FMT(message), other->rule->code);
    }
    vec_push(list, (struct finding_related){range_of(arena, &other->hazard->last->site), message});
}

/* Sorts the places, keeps each once, and cuts the list to RELATED_MAX. */
static void finish_related(struct arena *arena, related_list *list, struct finding *finding)
{
    size_t kept = 0, count = 0;
    struct finding_related *related = arena_array(arena, RELATED_MAX, sizeof *related);
    if (list->len > 0) {
        qsort(list->data, list->len, sizeof *list->data, compare_related);
    }
    for (size_t i = 0; i < list->len; i++) {
        if (i > 0 && same_start(&list->data[i].where, &list->data[i - 1].where)) {
            continue;
        }
        if (kept++ < RELATED_MAX) {
            related[count++] = list->data[i];
        }
    }
    if (kept > RELATED_MAX) {
        struct str message = related[count - 1].message;
        related[count - 1].message = arena_printf(arena, "%.*s; so do %zu places more", STR_FMT(message), kept - count);
    }
    finding->related = related;
    finding->related_count = (uint32_t)count;
}

static void convert_related(struct arena *arena, const struct fold *fold, struct finding *finding)
{
    related_list list = {0};
    add_accesses(arena, fold->leader.hazard, fold->leader.hazard, &list);
    for (size_t i = 0; i < fold->other_count; i++) {
        add_told(arena, &fold->leader, &fold->others[i], &list);
        add_accesses(arena, fold->leader.hazard, fold->others[i].hazard, &list);
    }
    finish_related(arena, &list, finding);
    vec_release(&list);
}

static void convert_state(struct arena *arena, const struct hazard *hazard, struct finding *finding)
{
    const struct place *place = hazard->place;
    if (place) {
        finding->state_name = arena_str(arena, text_state(arena, hazard));
        finding->state_owner = arena_str(arena, place->owner);
        finding->state_where = range_of(arena, &place->declared);
    }
    if (hazard->guard) {
        finding->guard_lock = arena_str(arena, hazard->guard->name);
        finding->guard_where = range_of(arena, &hazard->guard->declared);
        finding->guard_held = hazard->guard_held;
        finding->guard_of = hazard->guard_of;
    }
}

struct finding convert_fold(struct arena *arena, const struct fold *fold)
{
    const struct hazard *hazard = fold->leader.hazard;
    const struct rule *rule = fold->leader.rule;
    struct rule_text text = {.arena = arena};
    rule->describe(hazard, &text);
    struct finding finding = {
        .rule = rule,
        .confidence = hazard->confidence,
        .exposure = hazard->exposure,
        .message = text.message,
        .fix = text.fix,
        .where = range_of(arena, &hazard->last->site),
        .symbol = arena_str(arena, hazard->last->site.symbol),
        .why = arena_str(arena, hazard->why),
        .fingerprint = fingerprint_of(arena, rule, hazard),
        .file = hazard->last->site.file,
    };
    const struct hazard **hazards = arena_array(arena, fold->other_count + 1, sizeof *hazards);
    hazards[finding.hazard_count++] = hazard;
    for (size_t i = 0; i < fold->other_count; i++) {
        hazards[finding.hazard_count++] = fold->others[i].hazard;
    }
    finding.hazards = hazards;
    convert_state(arena, hazard, &finding);
    convert_threads(arena, hazard, &finding);
    convert_related(arena, fold, &finding);
    return finding;
}

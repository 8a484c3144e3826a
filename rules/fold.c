#include "rules/fold.h"

#include <stdlib.h>

#include "rules/shape.h"
#include "rules/text.h"

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_sites(const struct site *a, const struct site *b)
{
    if (!a->file || !b->file) {
        return compare_numbers(a->file != NULL, b->file != NULL);
    }
    int order = str_compare(a->file->path, b->file->path);
    if (order == 0) {
        order = compare_numbers(a->span.start, b->span.start);
    }
    return order ? order : compare_numbers(a->span.end, b->span.end);
}

/* Orders hazards so that those on one variable stand together, with those on the containers that it holds: whoever
 * makes one of them safe has the others in the same lines. A hazard without a place has its site for one. */
static int compare_places(const struct hazard *a, const struct hazard *b)
{
    bool a_lock = a->kind == HAZARD_LOCK_PER_CALL || !a->place, b_lock = b->kind == HAZARD_LOCK_PER_CALL || !b->place;
    if (a_lock || b_lock) {
        return a_lock && b_lock ? compare_sites(&a->last->site, &b->last->site) : compare_numbers(a_lock, b_lock);
    }
    const struct place *p = a->place, *q = b->place;
    int order = compare_numbers(p->root, q->root);
    if (order == 0) {
        order = str_compare(p->owner, q->owner);
    }
    if (order == 0) {
        order = str_compare(p->variable, q->variable);
    }
    return order ? order : compare_sites(&p->set_up, &q->set_up);
}

/* The object whose field is touched, as written, where it is not the method's own: `buyer` and `seller` are two objects
 * even if both are accounts. */
static struct str object_of(const struct hazard *hazard)
{
    if (!hazard->place || (hazard->place->root != PLACE_INSTANCE && hazard->place->root != PLACE_OBJECT)) {
        return STR("");
    }
    struct str object = text_object(hazard->last);
    return str_equal(object, STR("self")) || str_equal(object, STR("cls")) ? STR("") : object;
}

static int compare_functions(const struct hazard *a, const struct hazard *b)
{
    const struct site *p = &a->last->site, *q = &b->last->site;
    if (!p->file || !q->file) {
        return compare_numbers(p->file != NULL, q->file != NULL);
    }
    int order = str_compare(p->file->path, q->file->path);
    if (order == 0) {
        order = str_compare(p->symbol, q->symbol);
    }
    return order ? order : str_compare(object_of(a), object_of(b));
}

/* How specific a hazard's rule is. A number that is compared and set to a constant is a counter that starts again: how
 * it counts is told first. */
static int specificity_of(const struct told *told)
{
    const struct hazard *hazard = told->hazard;
    bool restarts = hazard->kind == HAZARD_SPAN && hazard->via == VIA_CONTROL && hazard->check == CHECK_COMPARE &&
                    hazard->last->kind == ACCESS_STORE && hazard->last->constant;
    return restarts ? SPECIFICITY_DATA + 1 : (int)told->rule->specificity;
}

/* Who of two hazards tells: the surer one, then that of the more specific rule, then the earlier one. */
static int compare_rank(const struct told *a, const struct told *b)
{
    int order = compare_numbers(b->hazard->confidence, a->hazard->confidence);
    if (order == 0) {
        order = specificity_of(b) - specificity_of(a);
    }
    if (order == 0) {
        order = compare_sites(&a->hazard->last->site, &b->hazard->last->site);
    }
    if (order == 0) {
        order = str_compare(str_of(a->rule->code), str_of(b->rule->code));
    }
    if (order == 0 && a->hazard->first && b->hazard->first) {
        order = compare_sites(&a->hazard->first->site, &b->hazard->first->site);
    }
    if (order == 0 && a->hazard->partner && b->hazard->partner) {
        order = compare_sites(&a->hazard->partner->site, &b->hazard->partner->site);
    }
    return order;
}

static int compare_told(const void *left, const void *right)
{
    const struct told *a = left, *b = right;
    int order = compare_places(a->hazard, b->hazard);
    if (order == 0) {
        order = compare_functions(a->hazard, b->hazard);
    }
    return order ? order : compare_rank(a, b);
}

/* What a hazard is for folding: loops over one place, bare mutations of it, accesses without its lock and leaks of it
 * are each one finding however many functions have them; a span is a finding of its own in each function, unless it is
 * completed by a call of the same code. That a
 * container is shared against its author's mind is the origin of all that happens to it. */
enum fold_group { GROUP_SPAN, GROUP_LOOP, GROUP_GUARD, GROUP_LEAK, GROUP_MUTATION, GROUP_ORIGIN };

static enum fold_group group_of(const struct hazard *hazard)
{
    bool loop = hazard->last->kind == ACCESS_ITERATE;
    switch (hazard->kind) {
    case HAZARD_BUFFER:
    case HAZARD_MUTATION: return hazard->locked_apart ? GROUP_GUARD : GROUP_MUTATION;
    case HAZARD_MADE_ONCE:
    case HAZARD_REQUEST_STATE:
    case HAZARD_HANDED: return GROUP_ORIGIN;
    case HAZARD_LEAK: return GROUP_LEAK;
    case HAZARD_UNGUARDED: return loop ? GROUP_LOOP : GROUP_GUARD;
    case HAZARD_VIOLATION: return GROUP_GUARD;
    case HAZARD_SPAN:
        if (hazard->via == VIA_ITERATION) {
            return GROUP_LOOP;
        }
        return hazard->locked_apart ? GROUP_GUARD : GROUP_SPAN;
    default: return GROUP_SPAN;
    }
}

/* Whether two hazards of one function are one finding. */
static bool fold_in_function(const struct hazard *a, const struct hazard *b)
{
    enum fold_group x = group_of(a), y = group_of(b);
    return x == y || (x == GROUP_SPAN && y == GROUP_GUARD) || (x == GROUP_GUARD && y == GROUP_SPAN);
}

/* The best of the hazards of one group that lead their function. SIZE_MAX: none. */
static size_t best_leader(const struct told *told, size_t count, const size_t *host, enum fold_group group)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        if (host[i] != i || group_of(told[i].hazard) != group) {
            continue;
        }
        if (best == SIZE_MAX || compare_rank(&told[i], &told[best]) < 0) {
            best = i;
        }
    }
    return best;
}

/* The first of the leaders that is as sure as the hazard; SIZE_MAX: none. */
static size_t surer(const struct told *told, const struct hazard *hazard, const size_t *leaders, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (leaders[i] != SIZE_MAX && told[leaders[i]].hazard->confidence >= hazard->confidence) {
            return leaders[i];
        }
    }
    return SIZE_MAX;
}

/* Whether a hazard is what the caller does, without a lock, with the container that the leak handed to it. */
static bool follows_leak(const struct hazard *leak, const struct hazard *hazard)
{
    const struct site *call = NULL, *site = &hazard->last->site;
    for (uint32_t i = 0; leak->side && i < leak->side->step_count; i++) {
        if (leak->side->steps[i].effect == STEP_CALL) {
            call = &leak->side->steps[i].site;
        }
    }
    return call && hazard->last->lock_count == 0 && call->file == site->file && str_equal(call->symbol, site->symbol) &&
           leak->confidence >= hazard->confidence;
}

/* Where a hazard's own side completes it, in the call that does; NULL: no call lies between. */
static const struct site *act_of(const struct hazard *hazard)
{
    const struct thread_side *side = hazard->through_call ? hazard->side : NULL;
    return side && side->step_count > 0 ? &side->steps[side->step_count - 1].site : NULL;
}

/* The first leader that does the same by calling the same code: several functions that fill in one variable by one
 * function. SIZE_MAX: none. */
static size_t same_act(const struct told *told, const size_t *host, size_t i)
{
    const struct site *act = act_of(told[i].hazard);
    for (size_t k = 0; act && k < i; k++) {
        const struct site *other = host[k] == k ? act_of(told[k].hazard) : NULL;
        if (other && told[k].rule == told[i].rule && compare_sites(act, other) == 0 &&
            told[k].hazard->confidence >= told[i].hazard->confidence) {
            return k;
        }
    }
    return SIZE_MAX;
}

static bool is_same_site(const struct access *a, const struct access *b)
{
    return a && b && a->site.file && b->site.file && compare_sites(&a->site, &b->site) == 0;
}

/* The leader that tells a span's act already, as what breaks its own: who keeps these two apart has thought of both.
 * SIZE_MAX: none. */
static size_t other_side(const struct told *told, size_t count, const size_t *host, size_t i)
{
    const struct hazard *hazard = told[i].hazard;
    for (size_t k = 0; hazard->kind == HAZARD_SPAN && k < count; k++) {
        const struct hazard *leader = told[k].hazard;
        if (host[k] == k && leader->kind == HAZARD_SPAN && is_same_site(leader->partner, hazard->last) &&
            !is_same_site(leader->last, hazard->last) && leader->confidence >= hazard->confidence &&
            compare_rank(&told[k], &told[i]) < 0) {
            return k;
        }
    }
    return SIZE_MAX;
}

/* What a leader joins that is no origin; SIZE_MAX: nothing. best: the leaders of the groups. */
static size_t joined_by(const struct told *told, size_t count, const size_t *host, size_t i, const size_t *best)
{
    enum fold_group group = group_of(told[i].hazard);
    if (group == GROUP_SPAN) {
        size_t same = same_act(told, host, i);
        return same != SIZE_MAX ? same : other_side(told, count, host, i);
    }
    size_t joined = SIZE_MAX;
    if (group == GROUP_MUTATION) {
        joined = surer(told, told[i].hazard, best, GROUP_LEAK);
    }
    if (group == GROUP_LOOP && told[i].hazard->guard) { /* walks, too, are accesses without the lock of the place */
        joined = surer(told, told[i].hazard, best + GROUP_GUARD, 1);
    }
    return joined != SIZE_MAX ? joined : best[group];
}

/* Settles who tells each hazard of one place: first host[i] is the leader of its function, and the host of a leader is
 * itself or the leader it joins; in the end, host[i] is who tells it. */
static void settle_hosts(const struct told *told, size_t count, size_t *host)
{
    for (size_t i = 0; i < count; i++) {
        host[i] = i;
        for (size_t k = i; k > 0 && compare_functions(told[k - 1].hazard, told[i].hazard) == 0; k--) {
            if (fold_in_function(told[k - 1].hazard, told[i].hazard)) {
                host[i] = host[k - 1];
                break;
            }
        }
    }
    size_t leak = best_leader(told, count, host, GROUP_LEAK);
    for (size_t i = 0; leak != SIZE_MAX && i < count; i++) {
        if (host[i] == i && i != leak && follows_leak(told[leak].hazard, told[i].hazard)) {
            host[i] = leak;
        }
    }
    size_t best[] = {
        [GROUP_SPAN] = best_leader(told, count, host, GROUP_SPAN),
        [GROUP_LOOP] = best_leader(told, count, host, GROUP_LOOP),
        [GROUP_GUARD] = best_leader(told, count, host, GROUP_GUARD),
        [GROUP_LEAK] = leak,
        [GROUP_MUTATION] = best_leader(told, count, host, GROUP_MUTATION),
        [GROUP_ORIGIN] = best_leader(told, count, host, GROUP_ORIGIN),
    };
    size_t origin = best[GROUP_ORIGIN];
    for (size_t i = 0; i < count; i++) {
        if (host[i] == i && origin != SIZE_MAX && told[origin].hazard->confidence >= told[i].hazard->confidence) {
            host[i] = origin;
        }
        size_t joined = host[i] == i ? joined_by(told, count, host, i, best) : SIZE_MAX;
        host[i] = joined != SIZE_MAX ? joined : host[i];
    }
    for (size_t i = 0; i < count; i++) {
        while (host[host[i]] != host[i]) {
            host[i] = host[host[i]];
        }
    }
}

/* Folds the hazards of one place, which are sorted by function and rank. */
static void fold_place(struct arena *arena, const struct told *told, size_t count, struct fold_list *list)
{
    size_t *host = memory_new(count * sizeof *host), *members = memory_new(count * sizeof *members);
    settle_hosts(told, count, host);
    for (size_t i = 0; i < count; i++) {
        members[host[i]]++;
    }
    struct fold **fold_of = memory_new(count * sizeof *fold_of);
    for (size_t i = 0; i < count; i++) {
        if (members[i] > 0) {
            struct fold *fold = &list->items[list->count++];
            fold->leader = told[i];
            fold->others = arena_array(arena, members[i], sizeof *fold->others);
            fold_of[i] = fold;
        }
    }
    for (size_t i = 0; i < count; i++) {
        size_t leader = host[i];
        if (leader != i) {
            fold_of[leader]->others[fold_of[leader]->other_count++] = told[i];
        }
    }
    free(fold_of);
    free(members);
    free(host);
}

struct fold_list fold_all(struct arena *arena, struct told *told, size_t count)
{
    struct fold_list list = {arena_array(arena, count, sizeof *list.items), 0};
    if (count > 0) {
        qsort(told, count, sizeof *told, compare_told);
    }
    for (size_t from = 0, to; from < count; from = to) {
        to = from + 1;
        while (to < count && compare_places(told[from].hazard, told[to].hazard) == 0) {
            to++;
        }
        fold_place(arena, told + from, to - from, &list);
    }
    return list;
}

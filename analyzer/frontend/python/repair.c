#include "frontend/python/repair.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "frontend/python/repair_parts.h"

/* ---- parsing within bounds ---- */

/* The parser reads the text in pieces of this many bytes, so that reading can be counted. */
#define PIECE 1024u

/* What one parse may cost. Counts, not times, so that the result depends on the text alone. Ordinary code needs up to
 * 14 reads a piece and 23 ticks (a tick is 100 steps of the parser) per 1,024 bytes; code of brackets and commas, 80.
 */
#define READS_MAX(pieces) (20000u + 64u * (uint64_t)(pieces))
#define TICKS_MAX(pieces) (2000u + 200u * (uint64_t)(pieces))

/* In text that is no Python at all a single step may take time in proportion to all that was read. No count shows that:
 * so there is a limit on the processor time of all parses of a text, some thirty times of what code should need. */
#define SECONDS_MAX 2.0
#define SECONDS_PER_PIECE 0.004
#define TICKS_PER_CLOCK 64u /* how often the time is looked at */

struct reading {
    struct str text;
    uint64_t reads, reads_max;
    uint64_t ticks, ticks_max;
    double deadline; /* in thread_seconds */
    bool stopped;
};

/* The processor time of this thread. */
static double thread_seconds(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) {
        return 0;
    }
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *read_piece(void *payload, uint32_t offset, TSPoint position, uint32_t *size)
{
    struct reading *reading = payload;
    struct str rest = str_slice(reading->text, offset, (size_t)offset + PIECE);

    (void)position;
    reading->reads++;
    *size = (uint32_t)rest.len;
    return rest.ptr;
}

static bool is_too_much(TSParseState *state)
{
    struct reading *reading = state->payload;

    reading->ticks++;
    reading->stopped = reading->ticks > reading->ticks_max || reading->reads > reading->reads_max ||
                       (reading->ticks % TICKS_PER_CLOCK == 0 && thread_seconds() > reading->deadline);
    return reading->stopped;
}

/* Parses a text; NULL where that costs too much. */
static TSTree *parse(TSParser *parser, struct str text, double deadline)
{
    size_t pieces = text.len / PIECE + 1;
    struct reading reading = {
        .text = text, .reads_max = READS_MAX(pieces), .ticks_max = TICKS_MAX(pieces), .deadline = deadline};
    TSInput input = {.payload = &reading, .read = read_piece, .encoding = TSInputEncodingUTF8};
    TSParseOptions options = {.payload = &reading, .progress_callback = is_too_much};
    TSTree *tree = ts_parser_parse_with_options(parser, NULL, input, options);

    ts_parser_reset(parser);
    if (tree == NULL && !reading.stopped) {
        BUG("the parser gave no tree: it has no language");
    }
    return tree;
}

/* ---- the errors of a tree ---- */

/* How bad a tree's errors are: the bytes in error nodes, plus some for each of them. 0 is a tree without errors. */
#define ERROR_COST 16u

/* The zones kept of one tree; a text with more broken places than that is not Python any more. */
#define ZONES_MAX 4096u

struct errors {
    uint64_t cost;
    uint32_t covered;              /* where the last outermost error node ends */
    VEC(struct repair_span) zones; /* the outermost error nodes, sorted and disjoint */
};

/* Adds an error node. The walk comes to it before what lies in it, which costs, too, but is no zone of its own. */
static void error_add(struct errors *errors, TSNode node)
{
    struct repair_span zone = {ts_node_start_byte(node), ts_node_end_byte(node)};

    errors->cost += ERROR_COST;
    if (zone.start < errors->covered) {
        return;
    }
    errors->cost += zone.end - zone.start;
    errors->covered = zone.end;
    if (errors->zones.len > 0 && vec_last(&errors->zones).end == zone.start) {
        vec_last(&errors->zones).end = zone.end;
    } else if (errors->zones.len < ZONES_MAX) {
        vec_push(&errors->zones, zone);
    }
}

static bool has_child_with_error(const TSTreeCursor *at)
{
    TSTreeCursor cursor = ts_tree_cursor_copy(at);
    bool found = false;

    for (bool more = ts_tree_cursor_goto_first_child(&cursor); more && !found;) {
        found = ts_node_has_error(ts_tree_cursor_current_node(&cursor));
        more = ts_tree_cursor_goto_next_sibling(&cursor);
    }
    ts_tree_cursor_delete(&cursor);
    return found;
}

/* The walk goes only where errors are. A missing token may have no visible node: then the smallest visible node around
 * it counts. */
static void errors_find(const TSTree *tree, struct errors *errors)
{
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));

    errors->cost = 0;
    errors->covered = 0;
    vec_clear(&errors->zones);
    for (bool more = true; more;) {
        TSNode node = ts_tree_cursor_current_node(&cursor);
        if (ts_node_has_error(node)) {
            if (ts_node_is_error(node) || ts_node_is_missing(node) || !has_child_with_error(&cursor)) {
                error_add(errors, node);
            }
            if (ts_tree_cursor_goto_first_child(&cursor)) {
                continue;
            }
        }
        while (!(more = ts_tree_cursor_goto_next_sibling(&cursor)) && ts_tree_cursor_goto_parent(&cursor)) {
        }
    }
    ts_tree_cursor_delete(&cursor);
}

/* ---- edits on a copy ---- */

struct workshop {
    TSParser *parser;
    struct arena *arena;
    struct str text; /* the original */
    char *copy;      /* what the tree is parsed from, once it differs from the original; else NULL */
    TSTree *tree;
    struct errors errors;
    struct token *tokens; /* of the original; NULL until they are needed */
    size_t token_count;
    unsigned parses; /* after the first */
    double deadline; /* of all parses, in thread_seconds */
};

static void shop_tokenize(struct workshop *shop)
{
    if (shop->tokens == NULL) {
        shop->tokens = tokenize(shop->text, &shop->token_count);
    }
}

/* Whether an edit changes anything. */
static bool edit_matters(const struct workshop *shop, const struct repair_edit *edit)
{
    const char *now = shop->copy != NULL ? shop->copy : shop->text.ptr;

    for (uint32_t i = edit->start; i < edit->end; i++) {
        if (now[i] != (edit->with != NULL ? edit->with[i - edit->start] : edit->fill)) {
            return true;
        }
    }
    return false;
}

/* Drops the edits that change nothing. */
static void edits_trim(const struct workshop *shop, struct repair_edits *edits)
{
    size_t kept = 0;

    for (size_t i = 0; i < edits->list.len; i++) {
        if (edit_matters(shop, &edits->list.data[i])) {
            edits->list.data[kept++] = edits->list.data[i];
        }
    }
    edits->list.len = kept;
}

static void edits_apply(struct workshop *shop, const struct repair_edit *edits, size_t count)
{
    if (shop->copy == NULL && count > 0) {
        shop->copy = arena_alloc(shop->arena, shop->text.len + 1);
        memcpy(shop->copy, shop->text.ptr, shop->text.len);
    }
    for (size_t i = 0; i < count; i++) {
        size_t size = edits[i].end - edits[i].start;
        if (edits[i].with != NULL) {
            memcpy(shop->copy + edits[i].start, edits[i].with, size);
        } else {
            memset(shop->copy + edits[i].start, edits[i].fill, size);
        }
    }
}

static struct str shop_text(const struct workshop *shop)
{
    return shop->copy != NULL ? (struct str){shop->copy, shop->text.len} : shop->text;
}

/* Applies edits and parses again, from scratch: an incremental parse could keep what recovery made of the error. Keeps
 * the new tree where its errors cost less, else puts all back. */
static bool edits_try(struct workshop *shop, const struct repair_edit *edits, size_t count)
{
    char *before = memory_new(shop->text.len + 1);
    struct errors errors = {0};

    memcpy(before, shop_text(shop).ptr, shop->text.len);
    edits_apply(shop, edits, count);
    shop->parses++;
    TSTree *tree = parse(shop->parser, shop_text(shop), shop->deadline);
    if (tree != NULL) {
        errors_find(tree, &errors);
    }
    bool better = tree != NULL && errors.cost < shop->errors.cost;
    if (better) {
        ts_tree_delete(shop->tree);
        shop->tree = tree;
        vec_release(&shop->errors.zones);
        shop->errors = errors;
    } else {
        memcpy(shop->copy, before, shop->text.len);
        ts_tree_delete(tree);
        vec_release(&errors.zones);
    }
    free(before);
    return better;
}

/* ---- the repairs ---- */

/* The edits that the repairs of one kind want anywhere. */
static void find_anywhere(const struct workshop *shop, enum repair_when when, struct repair_edits *edits)
{
    struct repair_span everywhere = {0, (uint32_t)shop->text.len};

    vec_clear(&edits->list);
    for (size_t i = 0; i < repair_count; i++) {
        if (repairs[i].when == when) {
            repair_find(&repairs[i], shop->text, shop->tokens, shop->token_count, &everywhere, 1, edits);
        }
    }
    edits_trim(shop, edits);
}

/* The edits that one repair (or all, where it is NULL) wants near the present errors. */
static void find_near_errors(const struct workshop *shop, const struct repair *repair, struct repair_edits *edits)
{
    vec_clear(&edits->list);
    for (size_t i = 0; i < repair_count; i++) {
        if (repairs[i].when != REPAIR_FIRST && (repair == NULL || repair == &repairs[i])) {
            repair_find(&repairs[i], shop->text, shop->tokens, shop->token_count, shop->errors.zones.data,
                        shop->errors.zones.len, edits);
        }
    }
    edits_trim(shop, edits);
}

/* How many parses repairs may take in all: few of a large text. */
#define PARSES_MAX 24u
#define PARSED_BYTES_MAX ((size_t)8 << 20)

static bool may_parse(const struct workshop *shop)
{
    return shop->parses < PARSES_MAX && (shop->parses < 2 || shop->parses * shop->text.len < PARSED_BYTES_MAX);
}

/* Tries what each repair wants by itself, first all its edits, then one by one. */
static bool repair_apart(struct workshop *shop, struct repair_edits *edits)
{
    bool better = false;

    for (size_t i = 0; i < repair_count; i++) {
        find_near_errors(shop, &repairs[i], edits);
        if (edits->list.len == 0 || !may_parse(shop)) {
            continue;
        }
        bool all = edits_try(shop, edits->list.data, edits->list.len);
        better |= all;
        for (size_t k = 0; !all && edits->list.len > 1 && k < edits->list.len && may_parse(shop); k++) {
            better |= edits_try(shop, &edits->list.data[k], 1);
        }
    }
    return better;
}

/* One mistake repaired may make the parser stumble the worse over the next: so what is left after the repairs near
 * errors is tried once more with all that cannot do harm. */
static void repair_errors(struct workshop *shop)
{
    struct repair_edits edits = {0};
    bool better = true;

    shop_tokenize(shop);
    while (better && shop->errors.cost > 0 && may_parse(shop)) {
        find_near_errors(shop, NULL, &edits);
        if (edits.list.len == 0) {
            break;
        }
        better = edits_try(shop, edits.list.data, edits.list.len) || repair_apart(shop, &edits);
    }
    if (shop->errors.cost > 0) {
        find_anywhere(shop, REPAIR_SAFE, &edits);
        if (edits.list.len > 0) {
            edits_try(shop, edits.list.data, edits.list.len);
        }
    }
    vec_release(&edits.list);
}

/* ---- the result ---- */

static bool is_edited(const struct workshop *shop)
{
    return shop->copy != NULL && memcmp(shop->copy, shop->text.ptr, shop->text.len) != 0;
}

/* The comments that edits made blank. */
static void list_comments(struct workshop *shop, struct repaired *parsed)
{
    VEC(struct repair_span) list = {0};

    for (size_t i = 0; i < shop->token_count; i++) {
        const struct token *token = &shop->tokens[i];
        if (token->kind == TOK_COMMENT && shop->copy[token->start] != '#') {
            vec_push(&list, (struct repair_span){token->start, token->end});
        }
    }
    if (list.len > 0) {
        struct repair_span *comments = arena_array(shop->arena, list.len, sizeof *comments);
        memcpy(comments, list.data, list.len * sizeof *comments);
        parsed->comments = comments;
        parsed->comment_count = list.len;
    }
    vec_release(&list);
}

static void list_notes(struct workshop *shop, const struct repair_survey *survey, struct repaired *parsed)
{
    if (survey->notes.len > 0) {
        struct repair_note *notes = arena_array(shop->arena, survey->notes.len, sizeof *notes);
        memcpy(notes, survey->notes.data, survey->notes.len * sizeof *notes);
        parsed->notes = notes;
        parsed->note_count = survey->notes.len;
    }
}

/* What is changed before the first parse. */
static void edits_first(struct workshop *shop, const struct repair_survey *survey)
{
    struct repair_edits edits = {0};

    edits_apply(shop, survey->blanked.list.data, survey->blanked.list.len);
    if (survey->tokenize) {
        shop_tokenize(shop);
        find_anywhere(shop, REPAIR_FIRST, &edits);
        edits_apply(shop, edits.list.data, edits.list.len);
    }
    vec_release(&edits.list);
}

static struct repair_result refusal(struct arena *arena, struct str why)
{
    return (struct repair_result){.refused = true, .reason = arena_printf(arena, "not analysed: %.*s", STR_FMT(why))};
}

/* A bracket that is never closed was closed for the parser's sake; it is a mistake all the same. */
static void note_unclosed(struct repair_survey *survey, struct str text)
{
    struct tokenizer *tokens = memory_new(sizeof *tokens);
    struct token token;
    uint32_t open = 0; /* the outermost bracket met last */

    tokenizer_init(tokens, text);
    do {
        token = tokenizer_next(tokens);
        if (tokens->unclosed == 0 && token.kind == TOK_OPEN && token.depth == 1) {
            open = token.start;
        }
    } while (token.kind != TOK_END);
    if (tokens->unclosed > 0) {
        struct str message = STR("a bracket is never closed; the rest of the file is analysed");
        vec_push(&survey->notes, ((struct repair_note){open, message}));
    }
    free(tokens);
}

struct repair_result repair_parse(TSParser *parser, struct arena *scratch, struct str text)
{
    struct workshop shop = {.parser = parser, .arena = scratch, .text = text};
    struct repair_result result = {0};
    struct repair_survey survey;

    repair_survey(&survey, text, scratch);
    if (survey.refused) {
        result = refusal(scratch, survey.reason);
    } else {
        shop.deadline = thread_seconds() + SECONDS_MAX + SECONDS_PER_PIECE * (double)text.len / PIECE;
        edits_first(&shop, &survey);
        shop.tree = parse(parser, shop_text(&shop), shop.deadline);
        if (shop.tree == NULL) {
            result = refusal(scratch, STR("parsing it takes far longer than code of its size should"));
        }
    }
    if (shop.tree != NULL) {
        if (ts_node_has_error(ts_tree_root_node(shop.tree))) {
            errors_find(shop.tree, &shop.errors);
            repair_errors(&shop);
            note_unclosed(&survey, text);
        }
        result.parsed = (struct repaired){.tree = shop.tree, .text = text, .edited = is_edited(&shop)};
        list_notes(&shop, &survey, &result.parsed);
        if (result.parsed.edited) {
            shop_tokenize(&shop);
            list_comments(&shop, &result.parsed);
        }
    }
    vec_release(&shop.errors.zones);
    free(shop.tokens);
    repair_survey_release(&survey);
    return result;
}

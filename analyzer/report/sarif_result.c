#include "base/buf.h"
#include "report/formats.h"
#include "report/interleave.h"
#include "report/sarif_parts.h"

enum { LINKS_MAX = 10 }; /* related places that the message links; all of them are in relatedLocations */

/* The related locations of a result and the sentences that link them, while they are collected. */
struct links {
    struct json *locations;
    struct buf text;
    uint32_t count; /* the last id given */
};

/* Text that is no link must not look like one: "](", as in `handlers[key](event)`, gets a space. */
static void add_prose(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        buf_add_char(out, text.ptr[i]);
        if (text.ptr[i] == ']' && i + 1 < text.len && text.ptr[i + 1] == '(') {
            buf_add_char(out, ' ');
        }
    }
}

static void add_sentence(struct buf *out, struct str text)
{
    text = str_trim(text);
    if (text.len == 0) {
        return;
    }
    if (out->len > 0) {
        buf_add_char(out, ' ');
    }
    add_prose(out, text);
    if (!str_ends(text, STR(".")) && !str_ends(text, STR("!")) && !str_ends(text, STR("?"))) {
        buf_add_char(out, '.');
    }
}

/* "[pkg/cache.py:12](3)"; brackets in a link's text are escaped. */
static void add_link(struct buf *out, const struct finding_range *where, uint32_t id)
{
    buf_add_char(out, '[');
    for (size_t i = 0; i < where->path.len; i++) {
        char c = where->path.ptr[i];
        if (c == '[' || c == ']' || c == '\\') {
            buf_add_char(out, '\\');
        }
        buf_add_char(out, c);
    }
    buf_printf(out, ":%u](%u)", (unsigned)where->line, (unsigned)id);
}

/* Adds a location under the next id; false where the result is full. */
static bool links_add(struct links *links, const struct finding_range *where, struct str message)
{
    if (links->count + 1 >= SARIF_LOCATIONS_MAX) {
        return false;
    }
    struct json *location = json_object();
    json_set(location, "id", json_integer(++links->count));
    json_set(location, "physicalLocation", sarif_physical_location(where, false));
    json_set(location, "message", sarif_message(message));
    json_push(links->locations, location);
    return true;
}

static void link_state(struct links *links, const struct finding *finding)
{
    if (finding->state_where.line == 0 || report_range_equal(&finding->state_where, &finding->where)) {
        return;
    }
    struct buf message = {0};
    buf_printf(&message, "%.*s is set up here.", STR_FMT(finding->state_name));
    links_add(links, &finding->state_where, buf_str(&message));
    buf_release(&message);
    buf_add(&links->text, STR(" The shared state is set up at "));
    add_link(&links->text, &finding->state_where, links->count);
    buf_add_char(&links->text, '.');
}

static void link_guard(struct links *links, const struct finding *finding)
{
    if (finding->guard_where.line == 0 || report_range_equal(&finding->guard_where, &finding->where)) {
        return;
    }
    struct buf message = {0};
    buf_printf(&message, "The lock %.*s is made here.", STR_FMT(finding->guard_lock));
    links_add(links, &finding->guard_where, buf_str(&message));
    buf_release(&message);
    buf_add(&links->text, STR(" The lock is made at "));
    add_link(&links->text, &finding->guard_where, links->count);
    buf_add_char(&links->text, '.');
}

/* The access of the second thread that comes in between: its last one. */
static const struct finding_step *other_side(const struct finding *finding)
{
    if (finding->thread_count < 2) {
        return NULL;
    }
    const struct finding_thread *thread = &finding->threads[1];
    for (uint32_t i = thread->step_count; i > 0; i--) {
        if (step_is_access(thread->steps[i - 1].effect)) {
            return &thread->steps[i - 1];
        }
    }
    return NULL;
}

static void link_other_side(struct links *links, const struct finding *finding)
{
    const struct finding_step *step = other_side(finding);
    if (step == NULL || step->where.line == 0 || report_range_equal(&step->where, &finding->where)) {
        return;
    }
    struct buf message = {0};
    buf_printf(&message, "Another thread comes in between here: %s %.*s.", step_effect_text(step->effect),
               STR_FMT(step->text));
    links_add(links, &step->where, buf_str(&message));
    buf_release(&message);
    buf_add(&links->text, STR(" The other thread comes in at "));
    add_link(&links->text, &step->where, links->count);
    buf_add_char(&links->text, '.');
}

static void link_related(struct sarif_run *run, struct links *links, const struct finding *finding)
{
    uint32_t linked = 0;
    for (uint32_t i = 0; i < finding->related_count; i++) {
        const struct finding_related *related = &finding->related[i];
        if (related->where.line == 0) {
            continue;
        }
        if (!links_add(links, &related->where, related->message)) {
            run->cut_locations++;
        } else if (linked < LINKS_MAX) {
            buf_add(&links->text, linked == 0 ? STR(" See also ") : STR(", "));
            add_link(&links->text, &related->where, links->count);
            linked++;
        }
    }
    buf_add(&links->text, linked > 0 ? STR(".") : STR(""));
}

/* What is wrong, where the other side is, the guard, and what to do. */
static struct json *message_json(const struct finding *finding, const struct links *links)
{
    struct buf text = {0};
    add_sentence(&text, finding->message);
    buf_add(&text, buf_str(&links->text));
    if (finding->guard_lock.len > 0 && finding->guard_of > 0) {
        struct buf guard = {0};
        buf_printf(&guard, "%.*s is held at %u of %u accesses", STR_FMT(finding->guard_lock),
                   (unsigned)finding->guard_held, (unsigned)finding->guard_of);
        add_sentence(&text, buf_str(&guard));
        buf_release(&guard);
    }
    if (finding->fix.message.len > 0) {
        buf_add(&text, STR(" Fix:"));
        add_sentence(&text, finding->fix.message);
    }
    struct json *message = sarif_message(buf_str(&text));
    buf_release(&text);
    return message;
}

static struct json *locations_json(const struct finding *finding)
{
    struct json *list = json_array(), *location = json_object();
    json_set(location, "physicalLocation", sarif_physical_location(&finding->where, false));
    if (finding->symbol.len > 0) {
        struct json *logical = json_array(), *symbol = json_object();
        json_set(symbol, "fullyQualifiedName", json_string(finding->symbol));
        json_push(logical, symbol);
        json_set(location, "logicalLocations", logical);
    }
    json_push(list, location);
    return list;
}

static struct json *fingerprints_json(struct sarif_run *run, const struct finding *finding)
{
    struct json *object = json_object();
    const struct source_file *file = finding->file;
    /* The hash is one of the file's own bytes, which a file in another encoding does not have any more. */
    if (file != NULL && !file->transcoded) {
        if (run->hashed != file) {
            line_hashes_release(&run->hashes);
            line_hashes_init(&run->hashes, file->text, file->has_bom);
            run->hashed = file;
        }
        char printed[LINE_HASH_SIZE];
        if (line_hash_print(&run->hashes, finding->where.line, printed)) {
            json_set(object, "primaryLocationLineHash", json_string(str_of(printed)));
        }
    }
    json_set(object, "racelint/v1", json_string(finding->fingerprint));
    return object;
}

static int64_t rank_of(enum confidence confidence)
{
    static const int64_t ranks[] = {[CONFIDENCE_LOW] = 20, [CONFIDENCE_MEDIUM] = 60, [CONFIDENCE_HIGH] = 90};
    return ranks[confidence];
}

static int64_t rule_index(const struct sarif_run *run, const struct rule *rule)
{
    for (size_t i = 0; i < run->rules.len; i++) {
        if (run->rules.data[i] == rule) {
            return (int64_t)i;
        }
    }
    BUG("the rule %s is not among the collected ones", rule->code);
}

struct json *sarif_result(struct sarif_run *run, const struct finding *finding)
{
    struct json *result = json_object();
    struct links links = {.locations = json_array()};
    link_state(&links, finding);
    link_other_side(&links, finding);
    link_guard(&links, finding);
    link_related(run, &links, finding);

    json_set(result, "ruleId", json_string(str_of(finding->rule->code)));
    json_set(result, "ruleIndex", json_integer(rule_index(run, finding->rule)));
    json_set(result, "level", json_string(str_of(report_level_word(finding->confidence))));
    json_set(result, "rank", json_integer(rank_of(finding->confidence)));
    json_set(result, "message", message_json(finding, &links));
    json_set(result, "locations", locations_json(finding));
    if (interleave_count(finding) > 0) {
        json_set(result, "codeFlows", sarif_code_flows(run, finding));
    }
    if (finding->fix.edit_count > 0) {
        json_set(result, "fixes", sarif_fixes(&finding->fix));
    }
    json_set(result, "relatedLocations", links.locations);
    json_set(result, "partialFingerprints", fingerprints_json(run, finding));
    if (run->compared) {
        json_set(result, "baselineState", json_string(STR("new")));
    }
    struct json *properties = json_object();
    json_set(properties, "confidence", json_string(str_of(report_confidence_word(finding->confidence))));
    json_set(properties, "exposure", json_string(str_of(report_exposure_word(finding->exposure))));
    json_set(result, "properties", properties);
    buf_release(&links.text);
    return result;
}

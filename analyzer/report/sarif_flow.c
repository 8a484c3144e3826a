#include <stdlib.h>

#include "base/buf.h"
#include "report/interleave.h"
#include "report/sarif_parts.h"
#include "report/text_parts.h"

enum {
    STEPS_MAX = SARIF_FLOW_STEPS_MAX / 2, /* of each of the two code flows */
    NAME_MAX = 16
};

/* "Thread A (ThreadPoolExecutor.submit(worker))"; the root only where asked for. */
static void add_thread(struct buf *out, const struct finding *finding, uint32_t index, bool root)
{
    char name[NAME_MAX];
    interleave_name(index, name, sizeof name);
    buf_printf(out, "Thread %s", name);
    if (root && finding->threads[index].root.len > 0) {
        buf_printf(out, " (%.*s)", STR_FMT(finding->threads[index].root));
    }
}

static struct json *step_message(const struct finding *finding, const struct interleaved *at, bool first)
{
    const struct finding_step *step = at->step;
    struct buf text = {0};
    add_thread(&text, finding, at->thread, first);
    if (step->effect == STEP_SPAWN) {
        buf_add(&text, STR(" is started by "));
    } else {
        buf_printf(&text, " %s ", text_verb(step->effect, false));
    }
    buf_add(&text, step->text);
    for (uint32_t i = 0; i < step->lock_count; i++) {
        buf_printf(&text, "%s%.*s", i == 0 ? ", holding " : ", ", STR_FMT(step->locks[i]));
    }
    if (step->lock_count == 0 && step_is_access(step->effect)) {
        buf_add(&text, STR(", holding no lock"));
    }
    buf_add_char(&text, '.');
    struct json *message = sarif_message(buf_str(&text));
    buf_release(&text);
    return message;
}

/* The words that SARIF has for what happens at a step, up to two; NULL where it has none. */
static void step_kinds(enum step_effect effect, const char *kinds[2])
{
    kinds[0] = kinds[1] = NULL;
    switch (effect) {
    case STEP_ACQUIRE:
        kinds[0] = "acquire";
        kinds[1] = "lock";
        break;
    case STEP_RELEASE:
        kinds[0] = "release";
        kinds[1] = "lock";
        break;
    case STEP_CALL:
        kinds[0] = "call";
        kinds[1] = "function";
        break;
    default: break;
    }
}

static struct json *flow_location(const struct finding *finding, const struct interleaved *at, size_t order, bool first)
{
    struct json *object = json_object(), *location = json_object();
    const char *kinds[2];
    /* Code scanning refuses a log with a step that lies nowhere: such a one is shown at the finding. */
    const struct finding_range *where = at->step->where.line > 0 ? &at->step->where : &finding->where;
    json_set(location, "physicalLocation", sarif_physical_location(where, false));
    json_set(location, "message", step_message(finding, at, first));
    json_set(object, "location", location);
    step_kinds(at->step->effect, kinds);
    if (kinds[0] != NULL) {
        struct json *list = json_array();
        json_push(list, json_string(str_of(kinds[0])));
        json_push(list, json_string(str_of(kinds[1])));
        json_set(object, "kinds", list);
    }
    json_set(object, "executionOrder", json_integer((int64_t)order));
    json_set(object, "importance", json_string(step_is_access(at->step->effect) ? STR("essential") : STR("important")));
    return object;
}

static struct json *code_flow(const char *message, struct json *thread_flows)
{
    struct json *flow = json_object();
    json_set(flow, "message", sarif_message(str_of(message)));
    json_set(flow, "threadFlows", thread_flows);
    return flow;
}

/* One thread flow that tells everything, for viewers that show no more than one. */
static struct json *story_flow(const struct finding *finding, const struct interleaved *steps, size_t count)
{
    struct json *flows = json_array(), *flow = json_object(), *locations = json_array();
    bool *met = memory_new(finding->thread_count * sizeof *met);
    for (size_t i = 0; i < count; i++) {
        json_push(locations, flow_location(finding, &steps[i], i + 1, !met[steps[i].thread]));
        met[steps[i].thread] = true;
    }
    free(met);
    json_set(flow, "id", json_string(STR("interleaving")));
    json_set(flow, "locations", locations);
    json_push(flows, flow);
    return code_flow("The threads, step by step, in an order in which it goes wrong.", flows);
}

/* One thread flow per thread; executionOrder relates their steps. */
static struct json *thread_flows(const struct finding *finding, const struct interleaved *steps, size_t count)
{
    struct json *flows = json_array();
    for (uint32_t thread = 0; thread < finding->thread_count; thread++) {
        struct json *locations = json_array();
        bool any = false;
        for (size_t i = 0; i < count; i++) {
            if (steps[i].thread == thread) {
                json_push(locations, flow_location(finding, &steps[i], i + 1, !any));
                any = true;
            }
        }
        if (!any) { /* a thread flow without locations is not allowed */
            json_free(locations);
            continue;
        }
        struct json *flow = json_object();
        struct buf name = {0};
        char id[NAME_MAX];
        interleave_name(thread, id, sizeof id);
        add_thread(&name, finding, thread, true);
        buf_add(&name, finding->threads[thread].many ? STR(", one of many.") : STR("."));
        json_set(flow, "id", json_string(str_of(id)));
        json_set(flow, "message", sarif_message(buf_str(&name)));
        json_set(flow, "locations", locations);
        json_push(flows, flow);
        buf_release(&name);
    }
    return code_flow("The same, thread by thread.", flows);
}

struct json *sarif_code_flows(struct sarif_run *run, const struct finding *finding)
{
    size_t count = interleave_count(finding);
    struct interleaved *steps = memory_new(count * sizeof *steps);
    interleave_steps(finding, steps);
    if (count > STEPS_MAX) {
        run->cut_steps += 2 * (uint64_t)(count - STEPS_MAX);
        count = STEPS_MAX;
    }
    struct json *flows = json_array();
    json_push(flows, story_flow(finding, steps, count));
    json_push(flows, thread_flows(finding, steps, count));
    free(steps);
    return flows;
}

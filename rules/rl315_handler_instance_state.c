/* RL315 handler-instance-state: what belongs to one request is kept on an object that serves many threads. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_REQUEST_STATE;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str name = text_state(arena, hazard), line = text_at(arena, last, last);
    struct str stored = text_at(arena, &hazard->first->site, last);
    struct str both = text_both(arena, hazard);
    bool served = hazard->side && hazard->side->kind == THREAD_CALLER;
    struct str who = served ? STR("Two threads of the server that handle requests") : both;
    text->message =
        arena_printf(arena,
                     "`%.*s` is stored on %.*s for one call and read back on %.*s, but the object serves all "
                     "threads. %.*s at the same time overwrite each other's value, and one goes on with what "
                     "belongs to the other.",
                     STR_FMT(name), STR_FMT(stored), STR_FMT(line), STR_FMT(who));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message =
            arena_printf(arena,
                         "Keep it in a local variable and pass it on as an argument, or on the request; where it must "
                         "hang off the object, make `%.*s` an attribute of a `threading.local()` or a `ContextVar`.",
                         STR_FMT(name)),
    };
}

static const char *const cwes[] = {"CWE-366", "CWE-567", "CWE-488", NULL};
static const char *const references[] = {
    "https://peps.python.org/pep-3333/#thread-support",
    "https://docs.python.org/3/library/threading.html#thread-local-data",
    "https://cwe.mitre.org/data/definitions/488.html",
    NULL,
};

const struct rule rule_RL315 = {
    .code = "RL315",
    .name = "handler-instance-state",
    .summary = "what belongs to one request is kept on an object that serves many threads",
    .explanation =
        "A WSGI application, a middleware, or a worker object whose method is submitted for every job exists\n"
        "once. Its attributes are shared by all requests that run at the same time:\n"
        "\n"
        "1. Thread A handles the request of ann, and stores `self.user = \"ann\"`.\n"
        "2. Thread B handles the request of bob, and stores `self.user = \"bob\"`.\n"
        "3. Thread A reads `self.user`, and sends bob's page to ann.\n"
        "\n"
        "Each store and each read is one step, so nothing fails; the data of two users are mixed up. Handler\n"
        "classes of which the server makes one object per request (`socketserver`, `http.server`) may keep\n"
        "such state on `self`.\n",
    .bad = "from concurrent.futures import ThreadPoolExecutor\n"
           "\n"
           "\n"
           "class Pages:\n"
           "    def handle(self, user):\n"
           "        self.user = user\n"
           "        return self.render()\n"
           "\n"
           "    def render(self):\n"
           "        return f\"the page of {self.user}\"\n"
           "\n"
           "\n"
           "pages = Pages()\n"
           "with ThreadPoolExecutor() as pool:\n"
           "    print(list(pool.map(pages.handle, [\"ann\", \"bob\"])))\n",
    .good = "from concurrent.futures import ThreadPoolExecutor\n"
            "\n"
            "\n"
            "class Pages:\n"
            "    def handle(self, user):\n"
            "        return self.render(user)\n"
            "\n"
            "    def render(self, user):\n"
            "        return f\"the page of {user}\"\n"
            "\n"
            "\n"
            "pages = Pages()\n"
            "with ThreadPoolExecutor() as pool:\n"
            "    print(list(pool.map(pages.handle, [\"ann\", \"bob\"])))\n",
    .fix = "Pass what belongs to a request as an argument, or keep it on the request object. Where many functions\n"
           "need it, use a `contextvars.ContextVar` or `threading.local()`; or make one object per request.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED,
    .matches = matches,
    .describe = describe,
};

/* RL207 test-then-use-again: a shared variable is tested, and then read anew for its use. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return shape_is_span(hazard, VIA_CONTROL) && !hazard->last->writes;
}

/* "connection" of "self._connection": a good name for a local. */
static struct str local_name(struct str field)
{
    while (field.len > 1 && field.ptr[0] == '_') {
        field = str_slice(field, 1, field.len);
    }
    return field.len ? field : STR("value");
}

/* `if n < len(rows): rows[n]`: what is tested is the size, and what is used an element. */
static void describe_index(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct text_span span = text_span(arena, hazard);
    struct str test = text_code(arena, hazard->first->text), act = text_code(arena, hazard->last->text);
    const char *failure = text_failure(hazard->last);
    struct str together = arena_printf(arena, "both pass the test, and the slower one gets %s", failure);
    struct str then = arena_printf(arena, "%.*s fails with %s", STR_FMT(span.last), failure);
    struct str story = text_interleaving(arena, hazard, together.ptr, then.ptr);
    text->message = arena_printf(arena, "%.*s is tested on %.*s and relied on by %.*s on %.*s, a second step. %.*s",
                                 STR_FMT(test), STR_FMT(span.first), STR_FMT(act), STR_FMT(span.last), STR_FMT(story));
    text_fix_lock(text, hazard);
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    if (shape_checks_size(hazard)) {
        describe_index(hazard, text);
        return;
    }
    struct arena *arena = text->arena;
    const struct place *place = hazard->place;
    struct text_span span = text_span(arena, hazard);
    struct str story = text_interleaving(arena, hazard, "both pass the test before either goes on",
                                         "the second read gets a value that was never tested");
    if (str_equal(span.first, span.last)) {
        text->message = arena_printf(arena, "%.*s is tested on %.*s and read again in the same line. %.*s",
                                     STR_FMT(span.name), STR_FMT(span.first), STR_FMT(story));
    } else {
        text->message = arena_printf(arena, "%.*s is tested on %.*s and read again on %.*s. %.*s", STR_FMT(span.name),
                                     STR_FMT(span.first), STR_FMT(span.last), STR_FMT(story));
    }
    struct str path = place->contents ? STR("") : text_path(hazard->last);
    if (!path.len || place->root == PLACE_CELL) {
        text_fix_lock(text, hazard);
        return;
    }
    struct str local = local_name(place->field);
    if (str_equal(local, path)) {
        local = STR("value");
    }
    struct str step =
        arena_printf(arena, "read it once (`%.*s = %.*s`), and test and use the local", STR_FMT(local), STR_FMT(path));
    text_fix_step(text, hazard, FIX_SNAPSHOT, step, false);
}

static const char *const cwes[] = {"CWE-367", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/howto/free-threading-python.html",
    "https://cwe.mitre.org/data/definitions/367.html",
    NULL,
};

const struct rule rule_RL207 = {
    .code = "RL207",
    .name = "test-then-use-again",
    .summary = "a shared variable is tested and then read a second time, when it may have changed",
    .explanation = "`if self.connection: self.connection.send(data)` reads the attribute twice. The value that\n"
                   "was tested need not be the one that is used:\n"
                   "\n"
                   "1. Thread A tests `self.connection`: it is there.\n"
                   "2. Thread B runs `self.connection = None`.\n"
                   "3. Thread A reads `self.connection` again and calls `None.send(data)`: `AttributeError`.\n"
                   "\n"
                   "The same happens with an index: `if n < len(rows): rows[n]` fails when another thread makes\n"
                   "the list shorter.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Connection:\n"
           "    def send(self, data):\n"
           "        print(data)\n"
           "\n"
           "\n"
           "class Channel:\n"
           "    def __init__(self):\n"
           "        self.connection = Connection()\n"
           "\n"
           "    def send(self, data):\n"
           "        if self.connection is not None:\n"
           "            self.connection.send(data)\n"
           "\n"
           "    def close(self):\n"
           "        self.connection = None\n"
           "\n"
           "\n"
           "channel = Channel()\n"
           "sender = threading.Thread(target=channel.send, args=(\"hello\",))\n"
           "sender.start()\n"
           "channel.close()\n"
           "sender.join()\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Connection:\n"
            "    def send(self, data):\n"
            "        print(data)\n"
            "\n"
            "\n"
            "class Channel:\n"
            "    def __init__(self):\n"
            "        self.connection = Connection()\n"
            "\n"
            "    def send(self, data):\n"
            "        connection = self.connection\n"
            "        if connection is not None:\n"
            "            connection.send(data)\n"
            "\n"
            "    def close(self):\n"
            "        self.connection = None\n"
            "\n"
            "\n"
            "channel = Channel()\n"
            "sender = threading.Thread(target=channel.send, args=(\"hello\",))\n"
            "sender.start()\n"
            "channel.close()\n"
            "sender.join()\n",
    .fix = "Read it once into a local variable, then test and use the local. Where the object must also\n"
           "stay open while it is used, hold a lock around the test and the use, and around the\n"
           "assignment on the other side.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_USE,
    .matches = matches,
    .describe = describe,
};

/* RL307 shared-class-mutable: a container of the class is changed through instances, as if each had its own. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_MADE_ONCE && hazard->place && hazard->place->root == PLACE_CLASS;
}

static const char *empty_one(enum model_role role)
{
    switch (role) {
    case ROLE_LIST: return "[]";
    case ROLE_SET: return "set()";
    case ROLE_DEQUE: return "deque()";
    case ROLE_DICT: return "{}";
    default: return "…";
    }
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct place *place = hazard->place;
    const struct site *last = &hazard->last->site;
    struct str act = text_act(arena, hazard->last), line = text_at(arena, last, last);
    struct str class_name = text_last_name(place->owner);
    struct str made = place->declared.file
                          ? arena_printf(arena, " (%.*s)", STR_FMT(text_at(arena, &place->declared, last)))
                          : STR("");
    struct str story = text_interleaving(arena, hazard, "run this for two objects and change the same one",
                                         "that concerns the same one");
    text->message = arena_printf(
        arena,
        "%.*s on %.*s looks like a change of this object's own `%.*s`, but the class body%.*s made "
        "one for all objects of `%.*s`. %.*s",
        STR_FMT(act), STR_FMT(line), STR_FMT(place->field), STR_FMT(made), STR_FMT(class_name), STR_FMT(story));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message =
            arena_printf(arena,
                         "Give each object its own: `self.%.*s = %s` in `__init__`. If all are meant to share it, "
                         "write `%.*s.%.*s` where it is changed, and hold a lock of the class.",
                         STR_FMT(place->field), empty_one(place->role), STR_FMT(class_name), STR_FMT(place->field)),
    };
}

static const char *const cwes[] = {"CWE-366", "CWE-820", "CWE-1188", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/tutorial/classes.html#class-and-instance-variables",
    "https://docs.python.org/3/howto/free-threading-python.html",
    NULL,
};

const struct rule rule_RL307 = {
    .code = "RL307",
    .name = "shared-class-mutable",
    .summary = "a mutable class attribute is changed through instances, which all share it",
    .explanation = "What a class body makes exists once. `self.errors.append(…)` finds no `errors` in the object and\n"
                   "takes that of the class:\n"
                   "\n"
                   "1. Thread A validates its form: it clears `self.errors` and appends an error.\n"
                   "2. Thread B validates another form, and clears `self.errors`, the same list.\n"
                   "3. Thread A finds no errors, and accepts what it should refuse.\n"
                   "\n"
                   "An assignment (`self.errors = []`) would make an attribute of the object; a change of the\n"
                   "container does not. Objects that no two threads share are connected by it all the same.\n",
    .bad = "from concurrent.futures import ThreadPoolExecutor\n"
           "\n"
           "\n"
           "class Form:\n"
           "    errors = []\n"
           "\n"
           "    def __init__(self, name):\n"
           "        self.name = name\n"
           "\n"
           "    def check(self):\n"
           "        if not self.name:\n"
           "            self.errors.append(\"no name\")\n"
           "        return list(self.errors)\n"
           "\n"
           "\n"
           "def check(name):\n"
           "    return Form(name).check()\n"
           "\n"
           "\n"
           "with ThreadPoolExecutor() as pool:\n"
           "    print(list(pool.map(check, [\"ann\", \"\", \"bob\"])))\n",
    .good = "from concurrent.futures import ThreadPoolExecutor\n"
            "\n"
            "\n"
            "class Form:\n"
            "    def __init__(self, name):\n"
            "        self.name = name\n"
            "        self.errors = []\n"
            "\n"
            "    def check(self):\n"
            "        if not self.name:\n"
            "            self.errors.append(\"no name\")\n"
            "        return list(self.errors)\n"
            "\n"
            "\n"
            "def check(name):\n"
            "    return Form(name).check()\n"
            "\n"
            "\n"
            "with ThreadPoolExecutor() as pool:\n"
            "    print(list(pool.map(check, [\"ann\", \"\", \"bob\"])))\n",
    .fix = "Make the container in `__init__` (or with `field(default_factory=list)` in a dataclass). A registry\n"
           "that all objects share on purpose is clearer by the name of the class, and needs a lock of the\n"
           "class, not one of the object.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_LOCKED + 1,
    .matches = matches,
    .describe = describe,
};

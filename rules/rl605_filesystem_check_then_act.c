/* RL605 filesystem-check-then-act: a file is tested and then used or made, and may have changed in between. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_FILE;
}

/* One name for all threads, or one that somebody else may have by now. */
static void describe_name(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_code(arena, hazard->last->text);
    struct str name = hazard->place->name;
    bool shared = hazard->check == CHECK_TRUE;
    text->message = shared
                        ? arena_printf(arena,
                                       "%.*s on %.*s writes a temporary file that has one name for all threads: each "
                                       "writes over what another one is about to read or move.",
                                       STR_FMT(code), STR_FMT(line))
                        : arena_printf(arena,
                                       "%.*s on %.*s uses the name that `%.*s` gave: it was free then, and another "
                                       "thread or process may have made a file of it meanwhile.",
                                       STR_FMT(code), STR_FMT(line), STR_FMT(name));
    text->fix = (struct finding_fix){
        .kind = FIX_ATOMIC_OPERATION,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "On %.*s, have the file made and opened in one step: `tempfile.NamedTemporaryFile()`, "
                                "or `tempfile.mkstemp()` in the folder of the file that it is to replace.",
                                STR_FMT(line)),
    };
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    if (hazard->check != CHECK_NOT_A_CHECK) {
        describe_name(hazard, text);
        return;
    }
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = text_code(arena, hazard->last->text);
    struct str check = text_code(arena, hazard->first->text), tested = text_at(arena, &hazard->first->site, last);
    text->message =
        arena_printf(arena,
                     "%.*s on %.*s relies on %.*s (%.*s), and the file may come or go in between: two threads, "
                     "or two processes, can both get past the test.",
                     STR_FMT(code), STR_FMT(line), STR_FMT(check), STR_FMT(tested));
    text->fix = (struct finding_fix){
        .kind = FIX_ATOMIC_OPERATION,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Do without the test on %.*s: use what says it in one step (`exist_ok=True`, "
                                "`missing_ok=True`, `open(…, \"x\")`), or catch the exception on %.*s.",
                                STR_FMT(tested), STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-367", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/os.html#os.makedirs",
    "https://cwe.mitre.org/data/definitions/367.html",
    NULL,
};

const struct rule rule_RL605 = {
    .code = "RL605",
    .name = "filesystem-check-then-act",
    .summary = "a file is tested and then used or made, and may have changed in between",
    .explanation =
        "What a test of the file system says is old when it returns; other threads and processes go on meanwhile:\n"
        "\n"
        "1. Threads A and B both ask `os.path.exists(\"cache\")` and hear that it is not there.\n"
        "2. A makes the folder.\n"
        "3. B tries to make it, too, and gets FileExistsError.\n"
        "\n"
        "The other way round, a file that was there is gone when it is opened or removed.\n",
    .bad = "import os\n"
           "from concurrent.futures import ThreadPoolExecutor\n"
           "\n"
           "\n"
           "def store(number):\n"
           "    if not os.path.exists(\"cache\"):\n"
           "        os.mkdir(\"cache\")\n"
           "    with open(os.path.join(\"cache\", str(number)), \"w\") as file:\n"
           "        file.write(\"done\")\n"
           "\n"
           "\n"
           "with ThreadPoolExecutor(4) as pool:\n"
           "    list(pool.map(store, range(20)))\n",
    .good = "import os\n"
            "from concurrent.futures import ThreadPoolExecutor\n"
            "\n"
            "\n"
            "def store(number):\n"
            "    os.makedirs(\"cache\", exist_ok=True)\n"
            "    with open(os.path.join(\"cache\", str(number)), \"w\") as file:\n"
            "        file.write(\"done\")\n"
            "\n"
            "\n"
            "with ThreadPoolExecutor(4) as pool:\n"
            "    list(pool.map(store, range(20)))\n",
    .fix =
        "Act, and handle the failure: `makedirs(…, exist_ok=True)`, `unlink(missing_ok=True)`, `open(path, \"x\")`,\n"
        "`try: … except FileNotFoundError`. Write a file under a name of its own (`tempfile`) and `os.replace` it to "
        "its\n"
        "place.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};

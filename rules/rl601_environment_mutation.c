/* RL601 environment-mutation: environment variables are changed while other threads run. */
#include "rules/list.h"
#include "rules/process.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return hazard->kind == HAZARD_PROCESS_STATE && hazard->state == STATE_ENVIRONMENT;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    const struct site *last = &hazard->last->site;
    struct str line = text_at(arena, last, last), code = process_act(arena, hazard);
    struct str meanwhile = process_meanwhile(arena, hazard);

    text->message =
        arena_printf(arena,
                     "%.*s on %.*s changes the environment variables of the whole process%.*s. Another thread "
                     "sees the value that was meant for this one; and C code that reads the environment "
                     "meanwhile may crash.",
                     STR_FMT(code), STR_FMT(line), STR_FMT(meanwhile));
    text->fix = (struct finding_fix){
        .kind = FIX_PRIMITIVE,
        .applicability = FIX_BY_HAND,
        .message = arena_printf(arena,
                                "Pass the value on %.*s as an argument, in a `contextvars.ContextVar`, or, for a child "
                                "process, as `env={**os.environ, …}`; or set it once, before threads start.",
                                STR_FMT(line)),
    };
}

static const char *const cwes[] = {"CWE-362", "CWE-366", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/os.html#os.environ",
    "https://cwe.mitre.org/data/definitions/366.html",
    NULL,
};

const struct rule rule_RL601 = {
    .code = "RL601",
    .name = "environment-mutation",
    .summary = "environment variables are changed while other threads run",
    .explanation =
        "There is one environment for the process. Setting a variable for the time of one call sets it for all\n"
        "threads:\n"
        "\n"
        "1. Thread A sets `APP_LANG` to \"en\" and calls something that reads it.\n"
        "2. Thread B sets it to \"fr\" before A's call has read it. A answers in French.\n"
        "3. A puts the old value back, under the feet of B.\n"
        "\n"
        "And `os.environ[…] = …` calls `putenv()` of the C library, which no lock of Python's protects against\n"
        "`getenv()` in C code: name resolution, time zones and locales use it.\n",
    .bad = "import os\n"
           "from concurrent.futures import ThreadPoolExecutor\n"
           "\n"
           "\n"
           "def greeting():\n"
           "    return {\"en\": \"hello\", \"fr\": \"bonjour\"}[os.environ[\"APP_LANG\"]]\n"
           "\n"
           "\n"
           "def greet(lang):\n"
           "    os.environ[\"APP_LANG\"] = lang\n"
           "    return greeting()\n"
           "\n"
           "\n"
           "with ThreadPoolExecutor(4) as pool:\n"
           "    print(list(pool.map(greet, [\"en\", \"fr\"] * 10)))\n",
    .good = "import os\n"
            "from concurrent.futures import ThreadPoolExecutor\n"
            "\n"
            "DEFAULT_LANG = os.environ.get(\"APP_LANG\", \"en\")\n"
            "\n"
            "\n"
            "def greeting(lang=DEFAULT_LANG):\n"
            "    return {\"en\": \"hello\", \"fr\": \"bonjour\"}[lang]\n"
            "\n"
            "\n"
            "with ThreadPoolExecutor(4) as pool:\n"
            "    print(list(pool.map(greeting, [\"en\", \"fr\"] * 10)))\n",
    .fix = "Read the environment once, at the start, and pass what was read. What differs from call to call is an\n"
           "argument or a context variable. A child process gets an environment of its own by `env=`.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};

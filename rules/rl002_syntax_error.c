/* RL002 syntax-error: a diagnostic of the frontend; here is only its documentation. */
#include "rules/list.h"

static const char *const cwes[] = {NULL};
static const char *const references[] = {
    "https://docs.python.org/3/reference/grammar.html",
    NULL,
};

const struct rule rule_RL002 = {
    .code = "RL002",
    .name = "syntax-error",
    .summary = "part of a file could not be parsed",
    .explanation = "The named line is not Python as the parser knows it. What lies around it is analysed all the\n"
                   "same, but what the broken part does to threads, locks and shared state is unknown, so\n"
                   "findings that depend on it may be missing.\n"
                   "\n"
                   "This is a diagnostic and not a finding: it cannot be suppressed by a comment, but by `ignore`\n"
                   "or `per-file-ignores`, and it counts for the exit status.\n"
                   "\n"
                   "The parser accepts the syntax of all Python 3 versions at once, and some programs that no\n"
                   "Python accepts. That a file has no syntax error here does not prove that it runs.\n",
    .bad = "import threading\n"
           "\n"
           "lock = threading.Lock(\n"
           "with lock:\n"
           "    print(\"not reached\")\n",
    .good = "import threading\n"
            "\n"
            "lock = threading.Lock()\n"
            "with lock:\n"
            "    print(\"reached\")\n",
    .fix = "Correct the syntax: `python -m py_compile FILE` tells where Python itself stops. A template\n"
           "or a Python 2 file belongs into `exclude`.\n",
    .cwes = cwes,
    .references = references,
};

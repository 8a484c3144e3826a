/* RL805 borrowed-reference-api: extension code borrows a reference that another thread can drop. */
#include "rules/extensions.h"
#include "rules/list.h"

static void describe_call(struct arena *arena, const struct extension_hazard *hazard, struct remark *remark)
{
    remark->message =
        arena_printf(arena,
                     "`%.*s` lends a reference that `%.*s` holds. Another thread that changes it can free "
                     "the object before this one takes a reference of its own.",
                     STR_FMT(hazard->name), STR_FMT(hazard->container));
    remark->fix = arena_printf(arena, "Call `%s` instead, and drop the reference that it gives when you are done.",
                               hazard->instead);
}

static void describe_walk(struct arena *arena, const struct extension_hazard *hazard, struct remark *remark)
{
    remark->message = arena_printf(arena,
                                   "`%.*s` walks over `%.*s` without a critical section. Another thread that changes "
                                   "the dict meanwhile can free what it lends, or make it skip and repeat items.",
                                   STR_FMT(hazard->name), STR_FMT(hazard->container));
    remark->fix = arena_printf(arena,
                               "Put the loop between `Py_BEGIN_CRITICAL_SECTION(%.*s)` and "
                               "`Py_END_CRITICAL_SECTION()`, or walk over a copy.",
                               STR_FMT(hazard->container));
}

void RL805_describe(struct arena *arena, const struct extension *extension, const struct extension_hazard *hazard,
                    struct remark *remark)
{
    remark->rule = &rule_RL805;
    remark->confidence = hazard->is_shared && extension->project_declares ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    remark->exposure = EXPOSURE_FREE_THREADED;
    remark->why = !hazard->is_shared ? STR("whether other threads see the container is not known")
                  : extension->project_declares
                      ? STR("the container outlives the call, and the project says that it can do without the GIL")
                      : STR("nothing says that the module runs without the GIL");
    remark->state_name = hazard->container;
    remark->symbol = hazard->symbol;
    remark->about = arena_printf(arena, "%.*s %.*s %.*s", STR_FMT(hazard->symbol), STR_FMT(hazard->name),
                                 STR_FMT(hazard->container));
    (hazard->kind == EXTENSION_ITERATION ? describe_walk : describe_call)(arena, hazard, remark);
}

static const char *const cwes[] = {"CWE-416", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/howto/free-threading-extensions.html#borrowed-references",
    "https://docs.python.org/3/c-api/dict.html#c.PyDict_Next",
    "https://docs.python.org/3/c-api/synchronization.html",
    "https://cwe.mitre.org/data/definitions/416.html",
    NULL,
};

const struct rule rule_RL805 = {
    .code = "RL805",
    .name = "borrowed-reference-api",
    .summary = "extension code borrows a reference that another thread can drop",
    .explanation =
        "A borrowed reference is good for as long as its container holds the object:\n"
        "\n"
        "1. Thread A calls `PyDict_GetItemWithError(cache, key)` and gets a pointer that it does not own.\n"
        "2. Thread B deletes the key. That was the last reference: the object is freed.\n"
        "3. Thread A calls `Py_INCREF` on freed memory.\n"
        "\n"
        "With the GIL, step 2 waits until A gives it up. Without it nothing waits, and taking a reference right after\n"
        "the call comes too late. Functions whose names end in `Ref` do both in one step.\n"
        "\n"
        "Not reported: containers that the function has just made, keyword arguments, results that are only compared\n"
        "with NULL, calls in a critical section or with a lock held, and branches that a free-threaded build leaves\n"
        "out (`#ifndef Py_GIL_DISABLED`, versions before 3.13). A container in a static variable or a field is\n"
        "reported at medium confidence where the project declares that it can do without the GIL, else at low. The\n"
        "comment `// racelint: ignore[RL805]` on the line keeps a finding from being reported.\n",
    .language = "c",
    .bad = "#include <Python.h>\n"
           "\n"
           "static PyObject *cache;\n"
           "\n"
           "PyObject *Cache_Find(PyObject *key)\n"
           "{\n"
           "    PyObject *found = PyDict_GetItemWithError(cache, key);\n"
           "    return Py_XNewRef(found);\n"
           "}\n",
    .good = "#include <Python.h>\n"
            "\n"
            "static PyObject *cache;\n"
            "\n"
            "PyObject *Cache_Find(PyObject *key)\n"
            "{\n"
            "    PyObject *found;\n"
            "    return PyDict_GetItemRef(cache, key, &found) == 1 ? found : NULL;\n"
            "}\n",
    .fix =
        "Call the function that gives a strong reference: `PyDict_GetItemRef`, `PyDict_SetDefaultRef`,\n"
        "`PyList_GetItemRef`, `PyWeakref_GetRef`. Older versions of Python have them through pythoncapi-compat. Walk\n"
        "over a dict with `PyDict_Next` in a critical section on it.\n",
    .cwes = cwes,
    .references = references,
};

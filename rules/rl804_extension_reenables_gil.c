/* RL804 extension-reenables-gil: an extension module does not say that it can do without the GIL. */
#include "rules/extensions.h"
#include "rules/list.h"

/* How support is declared, by what the module is written with; each ends a sentence that begins "..., then". */
static const char *declaration(enum extension_binding binding)
{
    switch (binding) {
    case BINDING_CPYTHON:
        return "add the slot `{Py_mod_gil, Py_MOD_GIL_NOT_USED}` to its definition (single-phase modules call "
               "`PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED)`)";
    case BINDING_CYTHON: return "put `# cython: freethreading_compatible=True` at its top (Cython 3.1 or later)";
    case BINDING_PYBIND11: return "add the argument `py::mod_gil_not_used()` (pybind11 2.13 or later)";
    case BINDING_BOOST: return "add the argument `boost::python::mod_gil_not_used()`";
    case BINDING_NANOBIND:
        return "add `FREE_THREADED` to `nanobind_add_module()` in CMakeLists.txt (nanobind 2.2 or later)";
    case BINDING_PYO3:
        return "write `#[pymodule(gil_used = false)]` (PyO3 0.23 or later; from 0.28 on it is the default)";
    case BINDING_BUILT: return "let its sources declare that it can do without the GIL, and build it anew";
    }
    return "";
}

static const char *why(const struct extension_hazard *hazard)
{
    if (hazard->is_sure) {
        return "";
    }
    if (hazard->binding == BINDING_BUILT) {
        return "there is no sign in the data of the built module, but its code may declare support while it is loaded";
    }
    return hazard->binding == BINDING_PYO3 ? "the version of PyO3 is not known, or does not know free threading"
                                           : "the file that builds the module was not found";
}

void RL804_describe(struct arena *arena, const struct extension *extension, const struct extension_hazard *hazard,
                    struct remark *remark)
{
    bool silent = hazard->kind == EXTENSION_SILENT;

    (void)extension;
    remark->rule = &rule_RL804;
    remark->confidence = hazard->is_sure || !silent ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    remark->exposure = EXPOSURE_FREE_THREADED;
    remark->why = silent ? str_of(why(hazard)) : STR("");
    remark->state_name = hazard->name;
    remark->about = arena_printf(arena, "module %.*s", STR_FMT(hazard->name));
    remark->message = arena_printf(
        arena,
        "The extension module `%.*s` %s. Importing it on free-threaded Python turns the GIL "
        "on again, for all threads and until the process ends.",
        STR_FMT(hazard->name), silent ? "does not say that it can do without the GIL" : "says that it needs the GIL");
    remark->fix = arena_printf(arena, "Guard the state that the module shares between threads, then %s.",
                               declaration(hazard->binding));
}

static const char *const cwes[] = {"CWE-758", "CWE-1109", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/howto/free-threading-extensions.html",
    "https://docs.python.org/3/c-api/module.html#c.Py_mod_gil",
    "https://cython.readthedocs.io/en/latest/src/userguide/freethreading.html",
    "https://pyo3.rs/latest/free-threading",
    "https://nanobind.readthedocs.io/en/latest/free_threaded.html",
    "https://cwe.mitre.org/data/definitions/758.html",
    NULL,
};

const struct rule rule_RL804 = {
    .code = "RL804",
    .name = "extension-reenables-gil",
    .summary = "an extension module does not say that it can do without the GIL",
    .explanation =
        "Free-threaded Python asks every extension module whether it can do without the GIL. One that does not answer\n"
        "is taken for one that cannot:\n"
        "\n"
        "1. Threads A and B run at the same time, without the GIL.\n"
        "2. Thread A imports the module, perhaps deep inside of a library.\n"
        "3. Python prints a RuntimeWarning and turns the GIL on. From then on A and B take turns, and the program is\n"
        "   slower than it was measured to be.\n"
        "4. Somebody sets PYTHON_GIL=0 against that. Now the module's code runs in two threads at once, which nobody\n"
        "   has looked at.\n"
        "\n"
        "Read are C and C++ (`PyInit_…`, `PyModExport_…`, pybind11, nanobind, Boost.Python), Cython and Rust (PyO3), "
        "with the build\n"
        "files that can declare support for them: setup.py, setup.cfg, pyproject.toml, meson.build, CMakeLists.txt "
        "and\n"
        "Cargo.toml. Built modules (ELF files named `.so`) are reported at low confidence where their names allow\n"
        "free-threaded Python to load them and their data show no sign of a declaration. Files that Cython or SWIG "
        "generated are left out; what they are made from counts. The comment\n"
        "`// racelint: ignore[RL804]` on the line keeps a finding from being reported.\n",
    .language = "c",
    .bad = "#include <Python.h>\n"
           "\n"
           "static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = \"fast\"};\n"
           "\n"
           "PyMODINIT_FUNC PyInit_fast(void)\n"
           "{\n"
           "    return PyModuleDef_Init(&definition);\n"
           "}\n",
    .good = "#include <Python.h>\n"
            "\n"
            "static PyModuleDef_Slot slots[] = {\n"
            "    {Py_mod_gil, Py_MOD_GIL_NOT_USED},\n"
            "    {0, NULL},\n"
            "};\n"
            "static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = \"fast\", .m_slots = slots};\n"
            "\n"
            "PyMODINIT_FUNC PyInit_fast(void)\n"
            "{\n"
            "    return PyModuleDef_Init(&definition);\n"
            "}\n",
    .fix = "Look at what the module shares between threads: static variables, caches, objects of the library that it\n"
           "wraps. Guard it, then declare that the GIL is not needed. The declaration alone repairs nothing: it lets\n"
           "threads in.\n",
    .cwes = cwes,
    .references = references,
};

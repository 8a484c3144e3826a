/* The sources of extension modules, as text from memory. */
#include <check.h>
#include <string.h>

#include "extension/tokens.h"
#include "racelint/extension.h"

static struct source_file file;

static struct extension *scan(const char *path, const char *text)
{
    struct diagnostics *diagnostics = diagnostics_new();

    source_free(&file);
    ck_assert_int_eq(source_from_bytes(&file, str_of(path), str_of(text), diagnostics), SOURCE_OK);
    diagnostics_free(diagnostics);
    return extension_scan(&file, extension_language_of(str_of(path)));
}

static void tear_down(void)
{
    source_free(&file);
}

/* The kinds of all hazards, a letter each. */
static const char *kinds(const char *path, const char *text)
{
    static char result[16];
    struct extension *extension = scan(path, text);
    uint32_t count = extension != NULL ? extension->hazard_count : 0;

    ck_assert_uint_lt(count, sizeof result);
    for (uint32_t i = 0; i < count; i++) {
        result[i] = "SWBI"[extension->hazards[i].kind];
    }
    result[count] = '\0';
    extension_free(extension);
    return result;
}

START_TEST(names_tell_the_language)
{
    ck_assert_int_eq(extension_language_of(STR("src/a.c")), EXTENSION_C);
    ck_assert_int_eq(extension_language_of(STR("a.hpp")), EXTENSION_C);
    ck_assert_int_eq(extension_language_of(STR("a.pyx")), EXTENSION_CYTHON);
    ck_assert_int_eq(extension_language_of(STR("lib.rs")), EXTENSION_RUST);
    ck_assert_int_eq(extension_language_of(STR("a.cpython-314t-x86_64-linux-gnu.so")), EXTENSION_BUILT);
    ck_assert_int_eq(extension_language_of(STR("a.py")), EXTENSION_NONE);
    ck_assert_int_eq(extension_language_of(STR(".c")), EXTENSION_NONE);
    ck_assert_int_eq(extension_language_of(STR("")), EXTENSION_NONE);
}
END_TEST

static const struct {
    const char *path, *text, *kinds;
} texts[] = {
    {"a.c", "int main(void) { return 0; }", ""},
    {"a.c", "PyMODINIT_FUNC PyInit_a(void) {}", "S"},
    {"a.c", "#define INIT(n) PyInit_##n(void)\nPyMODINIT_FUNC INIT(a) { }", ""},
    {"a.c", "PyInit_a(void) {} // Py_mod_gil \\\n Py_MOD_GIL_NOT_USED", "S"},
    {"a.c", "PyInit_a(void) {} int x = Py_mod_gil;", ""},
    {"a.c", "PyInit_a(void) {} int x = Py_MOD_GIL_USED, y = Py_MOD_GIL_NOT_USED;", ""},
    /* Whatever is open ends with the text. */
    {"a.c", "PyInit_a(void", ""},
    {"a.c", "PyInit_a", ""},
    {"a.c", "PyInit_a(", ""},
    {"a.c", "/* PyInit_a(void) {}", ""},
    {"a.c", "\"PyInit_a(void) {}", ""},
    {"a.c", "'PyInit_a(void) {}\\", ""},
    {"a.cpp", "R\"(PyInit_a(void) {}", ""},
    {"a.cpp", "R\"", ""},
    {"a.cpp", "Py R\"a_tag_that_is_much_too_long_to_be_one(", ""},
    {"a.c", "#if PyInit_a \\", ""},
    {"a.c", "#", ""},
    {"a.c", "#else\nPyInit_a(void) {}\n#endif\n#endif\n#elif 1", "S"},
    {"a.c", "f() { PyDict_GetItem(", ""},
    {"a.c", "f() { PyDict_GetItem()", ""},
    {"a.c", "f() { x = PyDict_GetItem(d", "B"},
    {"a.c", "PyDict_GetItem(d, k)", ""},
    {"a.c", "}}}} f() { x = PyDict_Next(d); }", "I"},
    {"a.c",
     "#if PY_VERSION_HEX < 0x030c0000\nf() { x = PyDict_GetItem(d, k); }\n#elif 1\nf() { x = PyDict_GetItem(d, k); }\n"
     "#else\nf() { x = PyDict_GetItem(d, k); }\n#endif",
     "B"},
    {"a.c", "#if (!defined(Py_GIL_DISABLED))\nPyInit_a() {}\n#else\nPyInit_b() {}\n#endif", "S"},
    {"a.c", "#if A && (B || C)\nPyInit_a() {}\n#else\nPyInit_b() {}\n#endif", "SS"},
    {"a.c", "#if PY_VERSION_HEX >= 0x030e0000\nPyInit_a() {}\n#else\nPyInit_b() {}\n#endif", "SS"},
    {"a.pyx", "", ""},
    {"a.pyx", "# cython: freethreading_compatible", ""},
    {"a.pyx", "# cython: freethreading_compatible\nx = 1", "S"},
    {"a.pyx", "x = 1\n# cython: freethreading_compatible = True\n", "S"},
    {"a.pyx", "'''", "S"},
    {"a.rs", "#[pymodule]", ""},
    {"a.rs", "#[pymodule", ""},
    {"a.rs", "#[pymodule] fn", ""},
    {"a.rs", "#[pymodule] fn a", "S"},
    {"a.rs", "#[pymodule(gil_used = true)] pub fn a() {}", "W"},
    {"a.rs", "#[pymodule] fn a() { m.gil_used(false) }", ""},
    {"a.rs", "r#####\"#[pymodule] fn a() {}", ""},
    {"a.rs", "/* /* #[pymodule] */ fn a", ""},
    {"a.rs", "'a' '\\'' 'b #[pymodule] fn a", "S"},
};

START_TEST(texts_are_read)
{
    ck_assert_str_eq(kinds(texts[_i].path, texts[_i].text), texts[_i].kinds);
}
END_TEST

/* Every beginning of a text is one that can be read. */
START_TEST(texts_may_end_anywhere)
{
    char start[512];

    for (size_t len = 0; len <= strlen(texts[_i].text); len++) {
        memcpy(start, texts[_i].text, len);
        start[len] = '\0';
        kinds(texts[_i].path, start);
    }
}
END_TEST

/* Conditions may nest deeper than anybody writes them. */
START_TEST(conditions_may_be_deep)
{
    static char text[40000];
    size_t len = 0;

    for (int i = 0; i < 1000; i++) {
        memcpy(text + len, "#if X\n", 6);
        len += 6;
    }
    memcpy(text + len, "PyInit_a() {}\n", 14);
    len += 14;
    for (int i = 0; i < 1001; i++) {
        memcpy(text + len, "#endif\n", 7);
        len += 7;
    }
    memcpy(text + len, "#if 0\nPyInit_b() {}\n#endif", 27);
    ck_assert_str_eq(kinds("a.c", text), "S");
}
END_TEST

START_TEST(calls_tell_their_container)
{
    struct extension *extension = scan("a.c", "static PyObject *pool = NULL;\n"
                                              "static int look(PyObject *arg)\n"
                                              "{\n"
                                              "    x = PyDict_GetItem((PyObject *)pool, arg);\n"
                                              "    y = PyList_GetItem(get(arg)->list, 0);\n"
                                              "    z = PyDict_GetItem(arg->items[2], 0);\n"
                                              "}\n");
    static const struct {
        struct str container;
        bool is_shared;
    } wanted[] = {{{"(PyObject *)pool", 16}, true}, {{"get(arg)->list", 14}, false}, {{"arg->items[2]", 13}, true}};

    ck_assert_uint_eq(extension->hazard_count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert(str_equal(extension->hazards[i].container, wanted[i].container));
        ck_assert(str_equal(extension->hazards[i].symbol, STR("look")));
        ck_assert_int_eq(extension->hazards[i].is_shared, wanted[i].is_shared);
    }
    extension_free(extension);
}
END_TEST

Suite *test_extension_suite(void)
{
    Suite *suite = suite_create("extension");
    TCase *tcase = tcase_create("extension");
    int count = (int)(sizeof texts / sizeof *texts);

    tcase_add_checked_fixture(tcase, NULL, tear_down);
    tcase_add_test(tcase, names_tell_the_language);
    tcase_add_loop_test(tcase, texts_are_read, 0, count);
    tcase_add_loop_test(tcase, texts_may_end_anywhere, 0, count);
    tcase_add_test(tcase, conditions_may_be_deep);
    tcase_add_test(tcase, calls_tell_their_container);
    suite_add_tcase(suite, tcase);
    return suite;
}

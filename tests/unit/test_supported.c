#include <check.h>

#include "cli/supported.h"
#include "folder.h"

START_TEST(lower_bounds_of_specifiers)
{
    static const struct {
        const char *pyproject;
        uint16_t oldest;
    } cases[] = {
        {"[project]\nrequires-python = \">=3.13\"\n", 0x030d},
        {"[project]\nrequires-python = \"<4, >= 3.9, !=3.9.1\"\n", 0x0309},
        {"[project]\nrequires-python = \"~=3.14.2\"\n", 0x030e},
        {"[project]\nrequires-python = \"==3.13.*\"\n", 0x030d},
        {"[project]\nrequires-python = \">3\"\n", 0x0300},
        {"[project]\nrequires-python = \">=3.8,>=3.11\"\n", 0x030b},
        {"[project]\nrequires-python = \"<4\"\n", 0},
        {"[project]\nrequires-python = \">=\"\n", 0},
        {"[project]\nrequires-python = \">=999.9\"\n", 0},
        {"[project]\nrequires-python = 3.13\n", 0},
        {"[project]\nname = \"x\"\n", 0},
        {"project = 1\n", 0},
        {"[tool.poetry.dependencies]\npython = \"^3.13\"\n", 0x030d},
        {"[tool.poetry.dependencies]\npython = \"~3.10\"\n", 0x030a},
        {"[tool.poetry]\ndependencies = \"python\"\n", 0},
        {"[project]\nclassifiers = [\"Programming Language :: Python :: 3.14\",\n"
         "               \"Programming Language :: Python :: 3.9\"]\n",
         0x0309},
        {"[project]\nrequires-python = \">=3.13\"\nclassifiers = [\"Programming Language :: Python :: 3.9\"]\n",
         0x030d},
        {"[project]\nclassifiers = [\"Programming Language :: Python :: 3\"]\n", 0},
        {"[project\n", 0},
        {"", 0},
    };
    struct arena *arena = arena_new();
    struct str folder = folder_new(arena);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        folder_write(folder, "pyproject.toml", cases[i].pyproject);
        ck_assert_msg(supported_oldest(arena, folder) == cases[i].oldest, "%s: not %x", cases[i].pyproject,
                      (unsigned)cases[i].oldest);
    }
    folder_remove(folder);
    ck_assert_uint_eq(supported_oldest(arena, folder), 0);
    arena_free(arena);
}
END_TEST

START_TEST(older_files)
{
    static const struct {
        const char *name, *text;
        uint16_t oldest;
    } cases[] = {
        {"setup.cfg", "[options]\npython_requires = >=3.13, <4\n", 0x030d},
        {"setup.cfg", "[options]\npython_requires=\n    >=3.13\n", 0},
        {"setup.cfg", "[metadata]\nclassifiers =\n    Programming Language :: Python :: 3.11\n", 0x030b},
        {"setup.py", "setup(name='x', python_requires='>=3.9')\n", 0x0309},
        {"setup.py", "setup(name=\"x\", python_requires = \">=3.14\", url=\"3.8\")\n", 0x030e},
        {"setup.py", "setup(name='x', python_requires=oldest)\n", 0},
        {"setup.py", "python_requires", 0},
        {"setup.py", "setup(python_requires='", 0},
    };
    struct arena *arena = arena_new();

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str folder = folder_new(arena);
        folder_write(folder, cases[i].name, cases[i].text);
        ck_assert_msg(supported_oldest(arena, folder) == cases[i].oldest, "%s: not %x", cases[i].text,
                      (unsigned)cases[i].oldest);
        folder_write(folder, "pyproject.toml", "[project]\nrequires-python = \">=3.12\"\n");
        ck_assert_uint_eq(supported_oldest(arena, folder), 0x030c); /* comes first */
        folder_remove(folder);
    }
    arena_free(arena);
}
END_TEST

Suite *test_supported_suite(void)
{
    Suite *suite = suite_create("supported");
    TCase *tests = tcase_create("supported");

    tcase_add_test(tests, lower_bounds_of_specifiers);
    tcase_add_test(tests, older_files);
    suite_add_tcase(suite, tests);
    return suite;
}

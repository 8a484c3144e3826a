/* Runs the suites of tests/unit, all of them or those named on the command line, and prints the sum. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each test_<module>.c defines one suite; the Makefile lists them. */
#define SUITE(name) Suite *name(void);
#include "unit_suites.def"
#undef SUITE

static const struct {
    const char *name;
    Suite *(*make)(void);
} suites[] = {
#define SUITE(name) {#name, name},
#include "unit_suites.def"
#undef SUITE
};

/* Whether the command line names the suite, or names none. A name is a part of "test_<module>_suite". */
static bool is_wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strstr(name, argv[i]) != NULL) {
            return true;
        }
    }
    return argc <= 1;
}

int main(int argc, char **argv)
{
    SRunner *runner = srunner_create(NULL);

    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        if (is_wanted(suites[i].name, argc, argv)) {
            srunner_add_suite(runner, suites[i].make());
        }
    }
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    int run = srunner_ntests_run(runner);
    TestResult **failures = srunner_failures(runner);
    for (int i = 0; i < failed; i++) {
        printf("%s:%d: %s: %s\n", tr_lfile(failures[i]), tr_lno(failures[i]), tr_tcname(failures[i]),
               tr_msg(failures[i]));
    }
    free(failures);
    srunner_free(runner);
    if (run == 0) {
        fprintf(stderr, "no suite has such a name\n");
        return EXIT_FAILURE;
    }
    printf("%d passed, %d failed\n", run - failed, failed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

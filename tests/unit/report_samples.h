/* report_samples: findings built by hand, for the tests of the report formats, and the comparison with golden files. */
#ifndef UNIT_REPORT_SAMPLES_H
#define UNIT_REPORT_SAMPLES_H

#include "racelint/report.h"

/* The samples. Each one exercises something of its own:
 *   CACHE   everything is known: two threads of one pool, a guard with statistics, related places, a declared state
 *   TELLER  different locks held at the steps, calls on the way, tabs and wide characters in the source
 *   UNKNOWN nothing is known: no state, no guard, no start, no symbol; a path with a blank, '%', '#' and a bad byte
 *   LOCAL   one thread only; a span over several lines; CRLF
 *   WIDE    a very long line, shortened; characters outside of the BMP; control characters and line ends in names */
enum { SAMPLE_CACHE, SAMPLE_TELLER, SAMPLE_UNKNOWN, SAMPLE_LOCAL, SAMPLE_WIDE, SAMPLE_COUNT };

struct samples {
    struct arena *arena;
    struct source_file files[SAMPLE_COUNT];
    struct finding *findings[SAMPLE_COUNT];
    struct diagnostics *diagnostics;
    struct report_input input; /* all of them, with a summary and two diagnostics */
};

void samples_init(struct samples *samples);
void samples_release(struct samples *samples);

/* A rule that the samples use; its documentation has one of everything. */
extern const struct rule sample_rule;

/* The range of the nth (from 1) occurrence of a text in a file. */
struct finding_range sample_range(const struct source_file *file, const char *text, int nth);

/* Fails the running test unless the text is that of tests/fixtures/report/<name>; with UPDATE=1 in the environment it
 * writes that file instead. Where the text has the program's version, the file has "VERSION". */
void golden_check(const char *name, const char *text);

#endif

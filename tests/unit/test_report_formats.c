#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "report/formats.h"
#include "report/style.h"
#include "tests/unit/report_samples.h"

/* Writes a report in a format; the text is the caller's. */
static char *written(const char *format, const struct report_input *input)
{
    char *out = NULL;
    const struct report_format *found = report_find(str_of(format));
    ck_assert_ptr_nonnull(found);
    found->write(input, &out);
    ck_assert_ptr_nonnull(out);
    return out;
}

/* A report of findings without anything else around them. */
static char *written_findings(const char *format, const struct finding *const *findings, size_t count)
{
    struct diagnostics *none = diagnostics_new();
    struct report_input input = {
        .findings = findings, .finding_count = count, .diagnostics = none, .summary = {.files = 1}, .root = STR("/p")};
    char *out = written(format, &input);
    diagnostics_free(none);
    return out;
}

static char *written_finding(const char *format, const struct finding *finding)
{
    return written_findings(format, &finding, 1);
}

static bool has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static size_t count_of(const char *text, const char *part)
{
    struct str rest = str_of(text);
    size_t count = 0;
    for (size_t at; (at = str_find(rest, str_of(part))) != SIZE_MAX; count++) {
        rest = str_slice(rest, at + 1, rest.len);
    }
    return count;
}

START_TEST(the_formats_are_found_by_name)
{
    ck_assert_uint_ge(report_count(), 9);
    for (size_t i = 0; i < report_count(); i++) {
        ck_assert_ptr_eq(report_find(str_of(report_at(i)->name)), report_at(i));
    }
    ck_assert_ptr_null(report_find(STR("")));
    ck_assert_ptr_null(report_find(STR("tex")));
    ck_assert_ptr_null(report_find(STR("TEXT")));
}
END_TEST

START_TEST(the_samples_are_as_before)
{
    static const char *const golden[][2] = {
        {"text", "samples.txt"},           {"concise", "samples.concise.txt"}, {"json", "samples.json"},
        {"sarif", "samples.sarif"},        {"json-lines", "samples.jsonl"},    {"github", "samples.github.txt"},
        {"gitlab", "samples.gitlab.json"}, {"junit", "samples.junit.xml"},     {"rdjson", "samples.rdjson"}};
    struct samples samples;
    samples_init(&samples);
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        char *out = written(golden[i][0], &samples.input);
        golden_check(golden[i][1], out);
        free(out);
    }
    samples_release(&samples);
}
END_TEST

START_TEST(wide_terminals_show_threads_side_by_side)
{
    struct samples samples;
    samples_init(&samples);
    samples.input.width = 160;
    char *out = written("text", &samples.input);
    golden_check("samples.wide.txt", out);
    ck_assert(has(out, "|  B"));
    ck_assert(!has(out, " \n"));
    free(out);
    samples.input.width = 60; /* no room */
    out = written("text", &samples.input);
    ck_assert(!has(out, "|  B"));
    free(out);
    samples_release(&samples);
}
END_TEST

START_TEST(narrow_terminals_get_narrow_pages)
{
    struct samples samples;
    samples_init(&samples);
    samples.input.width = 48;
    char *out = written("text", &samples.input);
    golden_check("samples.narrow.txt", out);
    free(out);
    samples_release(&samples);
}
END_TEST

START_TEST(no_page_is_narrower_than_the_narrowest)
{
    struct samples samples;
    samples_init(&samples);
    samples.input.width = STYLE_NARROW;
    char *narrowest = written("text", &samples.input);
    samples.input.width = 1;
    char *out = written("text", &samples.input);
    ck_assert_str_eq(out, narrowest);
    free(narrowest);
    free(out);
    samples_release(&samples);
}
END_TEST

START_TEST(codes_are_hyperlinks_where_asked_for)
{
    struct samples samples;
    samples_init(&samples);
    static const char *const formats[] = {"text", "concise"};
    for (size_t i = 0; i < 2; i++) {
        samples.input.links = false;
        char *out = written(formats[i], &samples.input);
        ck_assert(!has(out, "\x1b"));
        free(out);
        samples.input.links = true;
        out = written(formats[i], &samples.input);
        ck_assert(
            has(out, " \x1b]8;;https://docs.python.org/3/library/threading.html\x1b\\RL102\x1b]8;;\x1b\\ split-"));
        ck_assert_msg(has(out, " RL401 lock-per-call"), "a rule without a page has no link");
        ck_assert_uint_eq(count_of(out, "\x1b]8;;"), 6);
        free(out);
    }
    samples_release(&samples);
}
END_TEST

START_TEST(concise_lines_have_colours_where_asked_for)
{
    struct samples samples;
    samples_init(&samples);
    samples.input.color = true;
    char *out = written("concise", &samples.input);
    golden_check("samples.concise.color.txt", out);
    free(out);
    samples_release(&samples);
}
END_TEST

START_TEST(no_findings_are_as_before)
{
    static const char *const golden[][2] = {
        {"text", "nothing.txt"},           {"concise", "nothing.concise.txt"}, {"json", "nothing.json"},
        {"sarif", "nothing.sarif"},        {"json-lines", "nothing.jsonl"},    {"github", "nothing.github.txt"},
        {"gitlab", "nothing.gitlab.json"}, {"junit", "nothing.junit.xml"},     {"rdjson", "nothing.rdjson"}};
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        char *out = written_findings(golden[i][0], NULL, 0);
        golden_check(golden[i][1], out);
        free(out);
    }
}
END_TEST

START_TEST(a_report_is_appended)
{
    struct diagnostics *none = diagnostics_new();
    struct report_input input = {.diagnostics = none, .summary = {.files = 3}};
    char *out = NULL;
    report_append(&out, STR("before\n"));
    report_find(STR("text"))->write(&input, &out);
    ck_assert_str_eq(out, "before\nNo race hazards found in 3 files.\n");
    free(out);
    diagnostics_free(none);
}
END_TEST

/* A finding in a file whose name, and with a message that, would break every format that forgets to escape. */
static char *written_hostile(const char *format)
{
    struct samples samples;
    samples_init(&samples);
    struct finding finding = *samples.findings[SAMPLE_CACHE];
    finding.where.path = STR("a,b:c%0A<&>\"'\n::error::x]]>.py");
    finding.message = STR("100%\r\n::stop-commands::x </failure> ]]> \"quoted\" \xff\x01 {\"a\": 1}");
    finding.fix.message = STR("%0A & <b>");
    char *out = written_finding(format, &finding);
    samples_release(&samples);
    return out;
}

START_TEST(github_commands_stay_on_their_line)
{
    char *out = written_hostile("github");
    ck_assert_uint_eq(count_of(out, "\n"), 1);
    ck_assert(!has(out, "\r"));
    ck_assert(has(out, ",file=/p/a%2Cb%3Ac%250A<&>\"'%0A%3A%3Aerror%3A%3Ax]]>.py,line=13"));
    ck_assert(has(out, "] 100%25 ::stop-commands::x"));
    ck_assert(has(out, "Fix: %250A & <b>."));
    free(out);
}
END_TEST

START_TEST(junit_holds_what_looks_like_markup)
{
    char *out = written_hostile("junit");
    ck_assert_uint_eq(count_of(out, "<failure "), 1);
    ck_assert_uint_eq(count_of(out, "</failure>"), 1);
    ck_assert(has(out, "file=\"a,b:c%0A&lt;&amp;&gt;&quot;'&#10;::error::x]]&gt;.py\""));
    ck_assert(has(out, "&lt;/failure&gt; ]]&gt; &quot;quoted&quot; \\xff\\x01"));
    free(out);
}
END_TEST

START_TEST(json_formats_escape_strings)
{
    static const char *const formats[] = {"json", "json-lines", "gitlab", "rdjson", "sarif"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char *out = written_hostile(formats[i]);
        ck_assert_msg(has(out, "\\\"quoted\\\" \xEF\xBF\xBD\\u0001 {\\\"a\\\": 1}"), "%s: %s", formats[i], out);
        ck_assert_msg(!has(out, "\r") && !has(out, "\x01") && !has(out, "\xff"), "%s: %s", formats[i], out);
        free(out);
    }
    char *lines = written_hostile("json-lines");
    ck_assert_uint_eq(count_of(lines, "\n"), 2);
    free(lines);
}
END_TEST

START_TEST(rdjson_counts_bytes)
{
    struct samples samples;
    samples_init(&samples);
    char *out = written_finding("rdjson", samples.findings[SAMPLE_TELLER]);
    /* Before it: three tabs, note = '円'; of which 円 takes three bytes; in it 残高 takes six. */
    ck_assert(has(out, "\"column\": 18"));
    ck_assert(has(out, "\"column\": 39"));
    free(out);
    samples_release(&samples);
}
END_TEST

START_TEST(gitlab_paths_begin_at_the_repository)
{
    struct samples samples;
    samples_init(&samples);
    struct finding outside = *samples.findings[SAMPLE_CACHE];
    outside.where.path = STR("/elsewhere/cache.py");
    const struct finding *both[] = {samples.findings[SAMPLE_CACHE], &outside};
    samples.input.findings = both;
    samples.input.finding_count = 2;
    samples.input.prefix = STR("services/shop/");
    char *out = written("gitlab", &samples.input);
    ck_assert(has(out, "\"path\": \"services/shop/pkg/cache.py\""));
    ck_assert(has(out, "\"path\": \"/elsewhere/cache.py\""));
    free(out);
    samples_release(&samples);
}
END_TEST

START_TEST(junit_tells_equal_findings_apart)
{
    struct samples samples;
    samples_init(&samples);
    const struct finding *thrice[] = {samples.findings[SAMPLE_CACHE], samples.findings[SAMPLE_CACHE],
                                      samples.findings[SAMPLE_CACHE]};
    char *out = written_findings("junit", thrice, 3);
    ck_assert_uint_eq(count_of(out, "at line 13, column 9\""), 1);
    ck_assert_uint_eq(count_of(out, "at line 13, column 9 (2)\""), 1);
    ck_assert_uint_eq(count_of(out, "at line 13, column 9 (3)\""), 1);
    ck_assert_uint_eq(count_of(out, "<testsuite "), 1);
    free(out);
    samples_release(&samples);
}
END_TEST

static void check_summary(struct report_input *input, const char *expected)
{
    char *out = written("text", input);
    ck_assert_msg(str_ends(str_of(out), str_of(expected)), "the report ends otherwise: %s", out);
    free(out);
}

START_TEST(the_summary_counts)
{
    struct samples samples;
    samples_init(&samples);
    struct report_input *input = &samples.input;
    check_summary(input, "\n5 findings (2 high, 2 medium, 1 low) in 12 files; 2 could not be parsed in full.\n"
                         "12 low-confidence findings are hidden; show them with --min-confidence low\n");
    input->finding_count = 1;
    input->summary = (struct report_summary){.files = 1, .hidden_low = 1};
    check_summary(input, "\n1 finding (1 high) in 1 file\n"
                         "1 low-confidence finding is hidden; show it with --min-confidence low\n");
    input->finding_count = 0;
    input->summary = (struct report_summary){.files = 0, .unparsed = 1};
    check_summary(input, "No race hazards found in 0 files; 1 could not be parsed in full.\n");
    input->quiet = true;
    input->summary = (struct report_summary){.files = 1, .hidden_low = 1};
    char *out = written("text", input);
    ck_assert_str_eq(out, "");
    free(out);
    samples_release(&samples);
}
END_TEST

/* Copies the text without ANSI sequences. */
static void without_color(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\x1b') {
            text += strcspn(text, "m");
        } else {
            buf_add_char(out, *text);
        }
    }
}

START_TEST(color_adds_nothing_but_color)
{
    struct samples samples;
    struct buf stripped = {0};
    samples_init(&samples);
    char *plain = written("text", &samples.input);
    samples.input.color = true;
    char *color = written("text", &samples.input);
    golden_check("samples.color.txt", color);
    without_color(&stripped, color);
    ck_assert_str_eq(stripped.ptr, plain);
    ck_assert(!has(plain, "\x1b"));
    free(plain);
    free(color);
    buf_release(&stripped);
    samples_release(&samples);
}
END_TEST

START_TEST(lines_for_people_fit_and_hold_no_control_characters)
{
    struct samples samples;
    samples_init(&samples);
    char *out = written("text", &samples.input);
    for (struct str rest = str_of(out); rest.len > 0;) {
        size_t end = str_find(rest, STR("\n"));
        struct str line = str_slice(rest, 0, end);
        for (size_t i = 0; i < line.len; i++) {
            ck_assert_uint_ge((unsigned char)line.ptr[i], 0x20);
        }
        ck_assert_msg(display_width(line) <= STYLE_WIDTH, "too long: %.*s", STR_FMT(line));
        ck_assert(line.len == 0 || line.ptr[line.len - 1] != ' ');
        rest = str_slice(rest, end + 1, rest.len);
    }
    free(out);
    samples_release(&samples);
}
END_TEST

START_TEST(concise_has_one_line_each)
{
    struct samples samples;
    samples_init(&samples);
    char *out = written("concise", &samples.input);
    ck_assert_uint_eq(count_of(out, "\n"), samples.input.finding_count);
    free(out);
    samples_release(&samples);
}
END_TEST

START_TEST(findings_may_know_next_to_nothing)
{
    struct finding bare = {.rule = &sample_rule, .where = {STR("a.py"), 3, 1, 3, 2}, .message = STR("message")};
    char *text = written_finding("text", &bare), *sarif = written_finding("sarif", &bare);
    char *json = written_finding("json", &bare);
    ck_assert_str_eq(text, "a.py:3:1: RL102 split-read-modify-write [low]\n  message\n\n1 finding (1 low) in 1 file\n");
    ck_assert(has(json, "\"guard\": null"));
    ck_assert(has(json, "\"lock\": null"));
    ck_assert(has(json, "\"threads\": []"));
    ck_assert(!has(sarif, "codeFlows"));
    ck_assert(!has(sarif, "primaryLocationLineHash"));
    free(text);
    free(sarif);
    free(json);
}
END_TEST

/* A thread with as many steps of one kind, one per line. */
static struct finding_thread long_thread(struct arena *arena, uint32_t count)
{
    struct finding_step *steps = arena_array(arena, count, sizeof *steps);
    for (uint32_t i = 0; i < count; i++) {
        steps[i] = (struct finding_step){.where = {STR("a.py"), i + 1, 1, i + 1, 2},
                                         .effect = STEP_CALL,
                                         .text = arena_printf(arena, "step%u", i + 1)};
    }
    return (struct finding_thread){.root = STR("main thread"), .steps = steps, .step_count = count};
}

START_TEST(a_long_story_is_shortened)
{
    struct arena *arena = arena_new();
    struct finding_thread thread = long_thread(arena, 30);
    struct finding finding = {
        .rule = &sample_rule, .where = {STR("a.py"), 3, 1, 3, 2}, .threads = &thread, .thread_count = 1};
    char *out = written_finding("text", &finding);
    ck_assert(has(out, "\n  12  A  calls    step12  line 12\n  ... 6 more steps\n  19  A  calls    step19"));
    ck_assert(has(out, "\n  30  A  calls    step30  line 30\n"));
    free(out);
    arena_free(arena);
}
END_TEST

START_TEST(many_threads_share_a_column)
{
    struct arena *arena = arena_new();
    struct finding_thread *threads = arena_array(arena, 30, sizeof *threads);
    for (int i = 0; i < 30; i++) {
        threads[i] = long_thread(arena, i == 1 || i == 29);
    }
    struct finding finding = {
        .rule = &sample_rule, .where = {STR("b.py"), 3, 1, 3, 2}, .threads = threads, .thread_count = 30};
    char *out = written_finding("text", &finding);
    ck_assert(has(out, "\n  T30  another of these threads\n"));
    ck_assert(has(out, "\n  1  B    calls    step1  a.py:1\n  2  T30  calls    step1  a.py:1\n"));
    free(out);
    arena_free(arena);
}
END_TEST

static struct finding_related *long_related(struct arena *arena, uint32_t count)
{
    struct finding_related *related = arena_array(arena, count, sizeof *related);
    for (uint32_t i = 0; i < count; i++) {
        related[i] = (struct finding_related){.where = {STR("a.py"), i + 1, 1, i + 1, 2}, .message = STR("too")};
    }
    return related;
}

START_TEST(many_related_places_are_counted)
{
    struct arena *arena = arena_new();
    struct finding finding = {.rule = &sample_rule,
                              .where = {STR("b.py"), 3, 1, 3, 2},
                              .related = long_related(arena, 9),
                              .related_count = 9};
    char *out = written_finding("text", &finding);
    ck_assert(has(out, "  also:  a.py:1: too\n         a.py:2: too\n"));
    ck_assert(has(out, "a.py:6: too\n         3 more\n"));
    ck_assert(!has(out, "a.py:7"));
    free(out);
    arena_free(arena);
}
END_TEST

START_TEST(sarif_stays_within_the_limits_of_a_result)
{
    struct arena *arena = arena_new();
    struct finding_thread thread = long_thread(arena, 5003);
    struct finding finding = {.rule = &sample_rule,
                              .where = {STR("b.py"), 3, 1, 3, 2},
                              .message = STR("message"),
                              .related = long_related(arena, 1200),
                              .related_count = 1200,
                              .threads = &thread,
                              .thread_count = 1};
    char *out = written_finding("sarif", &finding);
    ck_assert_uint_eq(count_of(out, "\"executionOrder\""), 10000);
    ck_assert(has(out, "\"id\": 999,"));
    ck_assert(!has(out, "\"id\": 1000,"));
    ck_assert(has(out, "\"text\": \"201 related locations are left out: code scanning takes no more.\""));
    ck_assert(has(out, "\"text\": \"6 steps of threads are left out: code scanning takes no more.\""));
    free(out);
    arena_free(arena);
}
END_TEST

START_TEST(sarif_stays_within_the_limits_of_a_run)
{
    enum { COUNT = 25003 };
    static const struct finding *findings[COUNT];
    struct finding finding = {.rule = &sample_rule, .where = {STR("b.py"), 3, 1, 3, 2}, .message = STR("message")};
    for (size_t i = 0; i < COUNT; i++) {
        findings[i] = &finding;
    }
    char *out = written_findings("sarif", findings, COUNT);
    ck_assert_uint_eq(count_of(out, "\"ruleId\""), 25000);
    ck_assert_uint_eq(count_of(out, "\"id\": \"RL102\""), 1);
    ck_assert(has(out, "\"text\": \"3 findings are left out: code scanning takes no more.\""));
    free(out);
}
END_TEST

START_TEST(sarif_cuts_long_descriptions)
{
    enum { LENGTH = 1500 };
    static char explanation[2 * LENGTH + 1];
    for (size_t i = 0; i < LENGTH; i++) {
        memcpy(explanation + 2 * i, "é", 2);
    }
    struct rule rule = sample_rule;
    rule.explanation = explanation;
    struct finding finding = {.rule = &rule, .where = {STR("b.py"), 3, 1, 3, 2}, .message = STR("message")};
    char *out = written_finding("sarif", &finding);
    const char *text = strstr(out, "\"fullDescription\": {\n                \"text\": \"é");
    ck_assert_ptr_nonnull(text);
    text = strstr(text, "é");
    ck_assert_uint_eq(strspn(text, "é"), (size_t)2 * 1021);
    ck_assert_int_eq(strncmp(text + (size_t)2 * 1021, "...\"", 4), 0);
    free(out);
}
END_TEST

static void check_location(struct str path, const char *expected)
{
    struct finding finding = {.rule = &sample_rule, .where = {path, 3, 1, 3, 2}, .message = STR("message")};
    char *out = written_finding("sarif", &finding);
    ck_assert_msg(has(out, expected), "%s", out);
    free(out);
}

START_TEST(sarif_paths_have_a_base_where_they_lie_in_the_project)
{
    check_location(STR("a b.py"), "\"uri\": \"a%20b.py\",\n                  \"uriBaseId\": \"SRCROOT\"\n");
    check_location(STR("/tmp/a.py"), "\"uri\": \"file:///tmp/a.py\"\n");
    check_location(STR("../a.py"), "\"uri\": \"../a.py\"\n");
}
END_TEST

START_TEST(sarif_does_not_hash_what_was_transcoded)
{
    struct samples samples;
    samples_init(&samples);
    samples.files[SAMPLE_CACHE].transcoded = true;
    char *out = written_finding("sarif", samples.findings[SAMPLE_CACHE]);
    ck_assert(!has(out, "primaryLocationLineHash"));
    ck_assert(has(out, "\"racelint/v1\""));
    free(out);
    samples_release(&samples);
}
END_TEST

START_TEST(sarif_regions_are_never_reversed)
{
    struct finding finding = {.rule = &sample_rule, .where = {STR("a.py"), 3, 7, 0, 0}, .message = STR("message")};
    char *out = written_finding("sarif", &finding);
    ck_assert(has(out, "\"startLine\": 3,\n                  \"startColumn\": 7,\n"
                       "                  \"endLine\": 3,\n                  \"endColumn\": 7\n"));
    free(out);
}
END_TEST

START_TEST(rules_are_documented_in_three_ways)
{
    const struct rule *rules[] = {&sample_rule};
    char *text = NULL, *markdown = NULL, *json = NULL;
    report_rule_text(&sample_rule, &text);
    report_rule_markdown(&sample_rule, &markdown);
    report_rules_json(rules, 1, &json);
    golden_check("rule.txt", text);
    golden_check("rule.md", markdown);
    golden_check("rules.json", json);
    free(text);
    free(markdown);
    free(json);
}
END_TEST

START_TEST(a_rule_with_little_documentation)
{
    struct rule rule = {.code = "RL999", .name = "bare", .summary = "little", .opt_in = true};
    const struct rule *rules[] = {&rule};
    char *text = NULL, *markdown = NULL, *json = NULL, *none = NULL;
    report_rule_text(&rule, &text);
    report_rule_markdown(&rule, &markdown);
    report_rules_json(rules, 1, &json);
    report_rules_json(NULL, 0, &none);
    ck_assert_str_eq(text, "RL999 bare\n  Little.\n  Off unless it is selected.\n");
    ck_assert_str_eq(markdown, "# bare (RL999)\n\nLittle.\n\nThis rule is off unless it is selected.\n");
    ck_assert(has(json, "\"explanation\": \"\""));
    ck_assert_str_eq(none, "[]\n");
    free(text);
    free(markdown);
    free(json);
    free(none);
}
END_TEST

START_TEST(sentences_begin_large_and_end_in_a_full_stop)
{
    struct buf out = {0};
    report_add_sentence(&out, STR(" the lock\n  is gone "));
    ck_assert_str_eq(out.ptr, "The lock is gone.");
    buf_clear(&out);
    report_add_sentence(&out, STR("`x` is gone:"));
    ck_assert_str_eq(out.ptr, "`x` is gone.");
    buf_clear(&out);
    report_add_sentence(&out, STR("gone?"));
    ck_assert_str_eq(out.ptr, "Gone?");
    buf_clear(&out);
    report_add_sentence(&out, STR(" "));
    ck_assert_uint_eq(out.len, 0);
    buf_release(&out);
}
END_TEST

static TCase *golden_tests(void)
{
    TCase *tests = tcase_create("golden");
    tcase_add_test(tests, the_samples_are_as_before);
    tcase_add_test(tests, wide_terminals_show_threads_side_by_side);
    tcase_add_test(tests, narrow_terminals_get_narrow_pages);
    tcase_add_test(tests, no_page_is_narrower_than_the_narrowest);
    tcase_add_test(tests, codes_are_hyperlinks_where_asked_for);
    tcase_add_test(tests, concise_lines_have_colours_where_asked_for);
    tcase_add_test(tests, no_findings_are_as_before);
    tcase_add_test(tests, rules_are_documented_in_three_ways);
    tcase_add_test(tests, color_adds_nothing_but_color);
    return tests;
}

static TCase *limit_tests(void)
{
    TCase *tests = tcase_create("limits");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, sarif_stays_within_the_limits_of_a_result);
    tcase_add_test(tests, sarif_stays_within_the_limits_of_a_run);
    tcase_add_test(tests, sarif_cuts_long_descriptions);
    return tests;
}

Suite *test_report_formats_suite(void)
{
    Suite *suite = suite_create("report_formats");
    TCase *tests = tcase_create("report_formats");

    tcase_add_test(tests, the_formats_are_found_by_name);
    tcase_add_test(tests, a_report_is_appended);
    tcase_add_test(tests, github_commands_stay_on_their_line);
    tcase_add_test(tests, junit_holds_what_looks_like_markup);
    tcase_add_test(tests, json_formats_escape_strings);
    tcase_add_test(tests, rdjson_counts_bytes);
    tcase_add_test(tests, gitlab_paths_begin_at_the_repository);
    tcase_add_test(tests, junit_tells_equal_findings_apart);
    tcase_add_test(tests, the_summary_counts);
    tcase_add_test(tests, lines_for_people_fit_and_hold_no_control_characters);
    tcase_add_test(tests, concise_has_one_line_each);
    tcase_add_test(tests, findings_may_know_next_to_nothing);
    tcase_add_test(tests, a_long_story_is_shortened);
    tcase_add_test(tests, many_threads_share_a_column);
    tcase_add_test(tests, many_related_places_are_counted);
    tcase_add_test(tests, sarif_paths_have_a_base_where_they_lie_in_the_project);
    tcase_add_test(tests, sarif_does_not_hash_what_was_transcoded);
    tcase_add_test(tests, sarif_regions_are_never_reversed);
    tcase_add_test(tests, a_rule_with_little_documentation);
    tcase_add_test(tests, sentences_begin_large_and_end_in_a_full_stop);
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, golden_tests());
    suite_add_tcase(suite, limit_tests());
    return suite;
}

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/vec.h"
#include "frontend/python/repair.h"
#include "frontend/python/repair_parts.h"

/* tests/fixtures/repair holds Python files, each with a .tree file beside it: the tree as print_tree writes it. The
 * names of those with error nodes begin with `broken`. UPDATE=1 rewrites the .tree files. */
#define FOLDER "tests/fixtures/repair/"

const TSLanguage *tree_sitter_python(void);

static TSParser *parser;
static struct arena *arena;

static void set_up(void)
{
    parser = ts_parser_new();
    ck_assert(ts_parser_set_language(parser, tree_sitter_python()));
    arena = arena_new();
}

static void tear_down(void)
{
    ts_parser_delete(parser);
    arena_free(arena);
}

/* ---- fixtures ---- */

/* A whole file, in the arena, or an empty string where it cannot be read. */
static struct str read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct buf buf = {0};

    for (int c; file != NULL && (c = getc(file)) != EOF;) {
        buf_add_char(&buf, (char)c);
    }
    if (file != NULL) {
        fclose(file);
    }
    struct str text = arena_str(arena, buf_str(&buf));
    buf_release(&buf);
    return text;
}

/* Bytes with line ends and quotes as escapes. */
static void add_quoted(struct buf *out, struct str bytes)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.ptr[i];
        buf_add(out, c == '\n' ? STR("\\n") : c == '\r' ? STR("\\r") : c == '"' ? STR("\\\"") : (struct str){&c, 1});
    }
    buf_add_char(out, '"');
}

static void print_node(const TSTreeCursor *cursor, struct str text, unsigned depth, struct buf *out)
{
    TSNode node = ts_tree_cursor_current_node(cursor);
    const char *field = ts_tree_cursor_current_field_name(cursor);

    buf_printf(out, "%*s", (int)depth * 2, "");
    if (field != NULL) {
        buf_printf(out, "%s: ", field);
    }
    buf_printf(out, "%s%s", ts_node_is_missing(node) ? "MISSING " : "", ts_node_type(node));
    if (ts_node_named_child_count(node) == 0 || ts_node_is_error(node)) {
        buf_add_char(out, ' ');
        add_quoted(out, str_slice(text, ts_node_start_byte(node), ts_node_end_byte(node)));
    }
    buf_add_char(out, '\n');
}

/* One line per named node: its field, its type and, where it has no children, its words in the original text. */
static void print_tree(const struct repaired *parsed, struct buf *out)
{
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(parsed->tree));
    unsigned depth = 0;

    for (bool more = true; more;) {
        TSNode node = ts_tree_cursor_current_node(&cursor);
        if (ts_node_is_named(node) || ts_node_is_missing(node)) {
            print_node(&cursor, parsed->text, depth, out);
        }
        if (ts_tree_cursor_goto_first_child(&cursor)) {
            depth++;
            continue;
        }
        while ((more = ts_tree_cursor_goto_next_sibling(&cursor)) == false && ts_tree_cursor_goto_parent(&cursor)) {
            depth--;
        }
    }
    ts_tree_cursor_delete(&cursor);
    for (size_t i = 0; i < parsed->comment_count; i++) {
        buf_add(out, STR("blanked comment "));
        add_quoted(out, str_slice(parsed->text, parsed->comments[i].start, parsed->comments[i].end));
        buf_add_char(out, '\n');
    }
}

static bool is_python(const char *name)
{
    return str_ends(str_of(name), STR(".py"));
}

static int order_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The sorted names of the fixtures without ".py"; each and the array are malloc's. */
static char **fixture_names(int *count)
{
    VEC(char *) names = {0};
    DIR *folder = opendir(FOLDER);

    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        if (is_python(entry->d_name)) {
            vec_push(&names, strndup(entry->d_name, strlen(entry->d_name) - 3));
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    if (names.len > 0) {
        qsort(names.data, names.len, sizeof *names.data, order_names);
    }
    *count = (int)names.len;
    return names.data;
}

static void compare_tree(const char *name, const struct buf *found)
{
    struct str path = arena_printf(arena, FOLDER "%s.tree", name);

    if (getenv("UPDATE") != NULL) {
        FILE *file = fopen(path.ptr, "wb");
        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(fwrite(found->ptr, 1, found->len, file), found->len);
        fclose(file);
    }
    ck_assert_msg(str_equal(read_file(path.ptr), buf_str(found)), "%s: the tree is now:\n%s", path.ptr, found->ptr);
}

START_TEST(fixtures)
{
    int count;
    char **names = fixture_names(&count);
    const char *name = names[_i];
    struct str text = read_file(arena_printf(arena, FOLDER "%s.py", name).ptr);
    struct repair_result result = repair_parse(parser, arena, text);
    struct buf tree = {0};

    ck_assert(!result.refused);
    ck_assert(str_equal(result.parsed.text, text));
    bool errors = ts_node_has_error(ts_tree_root_node(result.parsed.tree));
    ck_assert_msg(errors == str_starts(str_of(name), STR("broken")), "%s has %serrors", name, errors ? "" : "no ");
    print_tree(&result.parsed, &tree);
    compare_tree(name, &tree);
    buf_release(&tree);
    ts_tree_delete(result.parsed.tree);
    for (int i = 0; i < count; i++) {
        free(names[i]);
    }
    free(names);
}
END_TEST

START_TEST(the_table_is_documented_and_tried)
{
    for (size_t i = 0; i < repair_count; i++) {
        ck_assert_uint_gt(strlen(repairs[i].makes_good), 20);
        for (size_t k = 0; k < i; k++) {
            ck_assert_str_ne(repairs[i].name, repairs[k].name);
        }
        /* Each has the fixture of its name, with _ for -, or is one of the repairs of broken code. */
        struct str path = arena_printf(arena, FOLDER "%s.py", repairs[i].name);
        for (char *c = (char *)path.ptr + strlen(FOLDER); *c != '\0'; c++) {
            *c = *c == '-' ? '_' : *c;
        }
        bool broken = strcmp(repairs[i].name, "unclosed-brackets") == 0;
        ck_assert_msg(broken || read_file(path.ptr).len > 0, "%s has no fixture", repairs[i].name);
    }
}
END_TEST

/* ---- what is refused, and what is not ---- */

/* `head`, `count` times `part`, and `tail`. */
static struct str build(struct buf *buf, const char *head, const char *part, size_t count, const char *tail)
{
    buf_clear(buf);
    buf_add(buf, str_of(head));
    for (size_t i = 0; i < count; i++) {
        buf_add(buf, str_of(part));
    }
    buf_add(buf, str_of(tail));
    return buf_str(buf);
}

/* Parses; expects a refusal whose reason has this part, or a tree where it is NULL. */
static void check_refusal(struct str text, const char *reason)
{
    arena_clear(arena);
    struct repair_result result = repair_parse(parser, arena, text);

    ck_assert_msg(result.refused == (reason != NULL), "%.30s…: %.*s", text.ptr, STR_FMT(result.reason));
    if (reason != NULL) {
        ck_assert(result.parsed.tree == NULL);
        ck_assert_msg(str_find(result.reason, str_of(reason)) != SIZE_MAX, "%.*s", STR_FMT(result.reason));
    } else {
        ck_assert(result.parsed.tree != NULL);
        ts_tree_delete(result.parsed.tree);
    }
}

START_TEST(deep_nesting)
{
    struct buf buf = {0}, brackets = {0};

    check_refusal(build(&buf, "x = ", "(", 900, "\n"), NULL);
    check_refusal(build(&buf, "x = ", "(", 1100, "\n"), "nest deeper than the 1000");
    check_refusal(build(&buf, "x = ", "f'{", 1100, "\n"), "nest deeper than the 1000");
    check_refusal(build(&buf, "x = ", "{a:", 100000, "\n"), "nest deeper than the 1000");
    check_refusal(build(&buf, "", "def f(\n", 5000, ""), "brackets are never closed");
    /* Brackets in strings do not nest. */
    check_refusal(build(&buf, "x = '", "((([", 2000, "'\n"), NULL);
    /* What nests without brackets is fine. */
    build(&brackets, "x = ", "[", 900, "");
    check_refusal(build(&buf, brackets.ptr, "]", 900, "\n"), NULL);
    check_refusal(build(&buf, "x = ", "not ", 50000, "y\n"), NULL);
    check_refusal(build(&buf, "x = ", "y if z else ", 20000, "y\n"), NULL);
    check_refusal(build(&buf, "x = y", ".z()", 20000, "\n"), NULL);
    buf_release(&buf);
    buf_release(&brackets);
}
END_TEST

/* `count` nested blocks, each indented by `step` more, with a string at the bottom. */
static struct str build_blocks(struct buf *buf, unsigned count, unsigned step, const char *line_end)
{
    buf_clear(buf);
    for (unsigned i = 0; i < count; i++) {
        buf_printf(buf, "%*sif x:%s", (int)(i * step), "", line_end);
    }
    buf_printf(buf, "%*sy = f'{z}'%s", (int)(count * step), "", line_end);
    return buf_str(buf);
}

START_TEST(deep_blocks)
{
    struct buf buf = {0};

    check_refusal(build_blocks(&buf, 100, 4, "\n"), NULL);
    check_refusal(build_blocks(&buf, 600, 1, "\n"), "different indentations");
    check_refusal(build_blocks(&buf, 600, 1, "\r\n"), "different indentations");
    check_refusal(build_blocks(&buf, 600, 1, "\r"), "different indentations");
    check_refusal(build(&buf, "if x:\n", " \\\n", 600, "  y\n"), "different indentations");
    /* A few lines far to the right are nothing special. */
    check_refusal(build(&buf, "x = (1,\n", "                 ", 60, "2)\n"), NULL);
    buf_release(&buf);
}
END_TEST

START_TEST(bounded_time)
{
    static const struct {
        const char *head, *part;
        size_t count;
        const char *reason;
    } cases[] = {
        {"x = 1\n", "\\\n", 100000, "takes far longer"},
        {"", "x = = 1\n", 30000, NULL},
        {"", "$ ? !\n", 30000, NULL},
        {"", "if x: ", 30000, NULL},
        {"x = '''", "'\n", 100000, NULL},
        {"", "class A:\n", 30000, NULL},
        {"", ")", 100000, NULL},
        {"", "f(\n", 900, NULL},
        {"", "lazy import a, (\n", 900, NULL},
        {"", "class A[T = (\n", 450, NULL},
        {"", "type(x", 900, NULL},
        {"", "a\r", 100000, NULL},
        {"x = (", "\n# c\na +", 20000, NULL},
        {"if 1:\n x = (", "\n# c\na +", 20000, NULL},
    };
    struct buf buf = {0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clock_t start = clock();
        check_refusal(build(&buf, cases[i].head, cases[i].part, cases[i].count, "\n"), cases[i].reason);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        ck_assert_msg(seconds < 10.0, "%s: %.1f s", cases[i].part, seconds);
    }
    buf_release(&buf);
}
END_TEST

/* In such a text the parser finds no place to recover at, and its time is quadratic. */
START_TEST(no_python_at_all)
{
    struct buf buf = {0};
    clock_t start = clock();

    build(&buf, "", "comparison 57 74\nF e0.py\nHAS\nfunction 0\n", 20000, "");
    struct repair_result result = repair_parse(parser, arena, buf_str(&buf));
    ck_assert_double_lt((double)(clock() - start) / CLOCKS_PER_SEC, 20.0);
    ck_assert(result.refused || ts_node_has_error(ts_tree_root_node(result.parsed.tree)));
    if (!result.refused) {
        ts_tree_delete(result.parsed.tree);
    }
    buf_release(&buf);
}
END_TEST

START_TEST(too_much_text)
{
    struct buf buf = {0};

    check_refusal(build(&buf, "x = '", "0123456789abcdef", ((size_t)32 << 20) / 16, "'\n"), "bytes that are parsed");
    check_refusal(build(&buf, "x = [f(),\n", "a,", 2100000, "]\n"), "tokens that are parsed");
    buf_release(&buf);
}
END_TEST

/* ---- large literals ---- */

/* Parses a large text; its tree as text, or nothing where it is longer than a screen. */
static void check_literal(struct str text, const char *expected_part, size_t notes)
{
    struct buf tree = {0};
    struct repair_result result = repair_parse(parser, arena, text);

    ck_assert(!result.refused);
    ck_assert_uint_eq(result.parsed.note_count, notes);
    if (notes > 0) {
        ck_assert(result.parsed.edited);
        ck_assert(!ts_node_has_error(ts_tree_root_node(result.parsed.tree)));
        print_tree(&result.parsed, &tree);
        ck_assert_uint_lt(tree.len, 2000);
        ck_assert_msg(strstr(tree.ptr, expected_part) != NULL, "%s", tree.ptr);
        ck_assert(str_find(result.parsed.notes[0].message, STR("a literal of ")) == 0);
        ck_assert_uint_eq(result.parsed.notes[0].offset, str_find(text, STR("=")) + 2);
    }
    ts_tree_delete(result.parsed.tree);
    buf_release(&tree);
}

START_TEST(large_literals)
{
    struct buf buf = {0};

    check_literal(build(&buf, "x = [1,\n", "2, -3.5, None,\n", 50000, "]\nafter = x\n"),
                  "right: list\n        integer \"1\"\n  expression_statement", 1);
    check_literal(build(&buf, "x = {'a': 1,\n", "'b': [2, ('c', True)],\n", 40000, "}\nafter = x\n"),
                  "right: dictionary\n        pair\n", 1);
    check_literal(build(&buf, "x = (\n'a'\n", "'bcdefghijklmno'\n", 40000, ")\nafter = x\n"),
                  "right: parenthesized_expression\n        string\n", 1);
    check_literal(build(&buf, "x = {1,\n", "2,", 400000, "}; y = {f'a',\n 2}\n"), "right: set\n", 1);
    /* Small ones, and those that do something, are left as they are. */
    check_literal(build(&buf, "x = [1,\n", "2,\n", 4000, "]\n"), NULL, 0);
    check_literal(build(&buf, "x = [a,\n", "2,\n", 200000, "]\n"), NULL, 0);
    check_literal(build(&buf, "x = [f'{a}',\n", "2,\n", 200000, "]\n"), NULL, 0);
    check_literal(build(&buf, "x = f(1,\n", "2,\n", 200000, ")\n"), NULL, 0);
    check_literal(build(&buf, "x = [f(0),\n", "(2, 3),\n", 100000, "]\n"), NULL, 0);
    buf_release(&buf);
}
END_TEST

/* ---- other properties ---- */

START_TEST(text_without_faults_is_not_copied)
{
    struct str text = STR("def f(type):\n    x = type(type)  # lazy import := \n    return f'{x:>10}'\n");
    struct repair_result result = repair_parse(parser, arena, text);

    ck_assert(!result.parsed.edited);
    ck_assert_ptr_eq(result.parsed.text.ptr, text.ptr);
    ck_assert_uint_eq(result.parsed.comment_count, 0);
    ts_tree_delete(result.parsed.tree);
}
END_TEST

START_TEST(empty_texts)
{
    static const char *const texts[] = {"",     "\n",           "\r", " ", "#",     "\\",
                                        "\f\n", "\xef\xbb\xbf", "\"", "(", "type(", "lazy"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct repair_result result = repair_parse(parser, arena, str_of(texts[i]));
        ck_assert(!result.refused);
        ck_assert_ptr_nonnull(result.parsed.tree);
        ts_tree_delete(result.parsed.tree);
    }
}
END_TEST

Suite *test_repair_suite(void)
{
    Suite *suite = suite_create("repair");
    TCase *tests = tcase_create("repair");
    int count;
    char **names = fixture_names(&count);

    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    /* Without its folder the test fails once instead of passing not at all. */
    tcase_add_loop_test(tests, fixtures, 0, count > 0 ? count : 1);
    tcase_add_test(tests, the_table_is_documented_and_tried);
    tcase_add_test(tests, deep_nesting);
    tcase_add_test(tests, deep_blocks);
    tcase_add_test(tests, bounded_time);
    tcase_add_test(tests, no_python_at_all);
    tcase_add_test(tests, too_much_text);
    tcase_add_test(tests, large_literals);
    tcase_add_test(tests, text_without_faults_is_not_copied);
    tcase_add_test(tests, empty_texts);
    suite_add_tcase(suite, tests);
    for (int i = 0; i < count; i++) {
        free(names[i]);
    }
    free(names);
    return suite;
}

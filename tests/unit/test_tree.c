#include <check.h>
#include <string.h>

#include "tests/unit/lowered.h"

/* The first node of a kind. */
static uint32_t find(const struct tree *tree, enum node_kind kind)
{
    for (uint32_t i = 0; i < tree->nodes.len; i++) {
        if (node_kind(tree, i) == kind) {
            return i;
        }
    }
    ck_abort_msg("there is no node of kind %d", (int)kind);
    return NO_NODE;
}

static uint32_t count(const struct tree *tree, enum node_kind kind)
{
    uint32_t found = 0;

    for (uint32_t i = 0; i < tree->nodes.len; i++) {
        found += node_kind(tree, i) == kind;
    }
    return found;
}

START_TEST(subtrees_are_runs)
{
    struct steps steps;
    const struct tree *tree = &steps.tree;

    steps_init(&steps, STR("f(a, b + c)\nd\n"), false);
    uint32_t call = find(tree, NODE_CALL);
    uint32_t list = node_field(tree, call, FIELD_ARGUMENTS);
    ck_assert_uint_eq(node_field(tree, call, FIELD_FUNCTION), call + 1);
    ck_assert_int_eq(node_kind(tree, list), NODE_ARGUMENT_LIST);
    ck_assert_uint_eq(node_operand_count(tree, list), 2);
    uint32_t binary = node_operand(tree, list, 1);
    ck_assert_int_eq(node_kind(tree, binary), NODE_BINARY_OPERATOR);
    ck_assert_uint_eq(tree_node(tree, binary)->after, tree_node(tree, call)->after);
    ck_assert_uint_eq(tree_node(tree, 0)->after, tree->nodes.len);
    ck_assert_uint_eq(node_next(tree, list, binary), NO_NODE);
    ck_assert_uint_eq(node_operand(tree, list, 2), NO_NODE);
    ck_assert_uint_eq(node_field(tree, call, FIELD_LEFT), NO_NODE);
    ck_assert_uint_eq(node_first(tree, call + 1), NO_NODE);
    ck_assert(str_equal(node_text(tree, binary), STR("b + c")));
    steps_release(&steps);
}
END_TEST

START_TEST(what_carries_nothing_is_left_out)
{
    struct steps steps;

    steps_init(&steps, STR("x: list[int] = ('a\\n', \\\n f'{b}', f'') # c\n"), false);
    ck_assert_uint_eq(count(&steps.tree, NODE_TYPE), 1);
    ck_assert_uint_eq(count(&steps.tree, NODE_IDENTIFIER), 2); /* x and b, but not list and int */
    ck_assert_uint_eq(count(&steps.tree, NODE_STRING), 3);
    ck_assert_uint_eq(count(&steps.tree, NODE_INTERPOLATION), 1);
    ck_assert_uint_eq(count(&steps.tree, NODE_COMMENT), 0);
    ck_assert_uint_eq(steps.tree.comments.len, 1);
    ck_assert_uint_eq(steps.tree.errors.len, 0);
    steps_release(&steps);
}
END_TEST

START_TEST(errors_are_counted_once)
{
    struct steps steps;

    steps_init(&steps, STR("x = = 1\ny = 2\nz: list[ = 3\n"), false);
    ck_assert_uint_ge(steps.tree.errors.len, 2);
    for (size_t i = 1; i < steps.tree.errors.len; i++) {
        ck_assert_uint_le(steps.tree.errors.data[i - 1].start, steps.tree.errors.data[i].start);
        ck_assert_uint_le(steps.tree.errors.data[i - 1].end, steps.tree.errors.data[i].end);
    }
    steps_release(&steps);
}
END_TEST

START_TEST(errors_inside_of_dropped_texts_are_seen)
{
    static const char *const sources[] = {"def f(a: b c) -> d e: pass\n", "x: a b = 1\n", "f'{a b}'\n"};
    struct steps steps;

    steps_init(&steps, str_of(sources[_i]), false);
    ck_assert_uint_gt(steps.tree.errors.len, 0);
    steps_release(&steps);
}
END_TEST

static const struct {
    const char *source;
    enum node_kind kind;
    const char *head;
} heads[] = {
    {"if a[1:2]: b\n", NODE_IF_STATEMENT, "if a[1:2]:"},
    {"if a: # {:}\n b\nelif c :\n d\n", NODE_ELIF_CLAUSE, "elif c :"},
    {"try: a\nfinally: b\n", NODE_FINALLY_CLAUSE, "finally:"},
    {"def f(a: int = 1) -> {1: 2}: pass\n", NODE_FUNCTION_DEFINITION, "def f(a: int = 1) -> {1: 2}:"},
    {"class C(a={1: 2}): pass\n", NODE_CLASS_DEFINITION, "class C(a={1: 2}):"},
    {"async def f(): pass\n", NODE_FUNCTION_DEFINITION, "async def f():"},
    {"x = lambda a={1: 2}: a\n", NODE_LAMBDA, "lambda a={1: 2}:"},
    {"match {1: 2}:\n case {1: a}: pass\n", NODE_MATCH_STATEMENT, "match {1: 2}:"},
    {"match {1: 2}:\n case {1: a} if b[:]: pass\n", NODE_CASE_CLAUSE, "case {1: a} if b[:]:"},
    {"while x[:]: pass\n", NODE_WHILE_STATEMENT, "while x[:]:"},
    {"with a as b: pass\n", NODE_WITH_STATEMENT, "with a as b:"},
};

START_TEST(heads_end_at_the_colon)
{
    struct steps steps;

    steps_init(&steps, str_of(heads[_i].source), false);
    struct ir_span head = node_head(&steps.tree, find(&steps.tree, heads[_i].kind));
    struct str text = str_slice(steps.tree.text, head.start, head.end);
    ck_assert_msg(str_equal(text, str_of(heads[_i].head)), "%.*s", STR_FMT(text));
    steps_release(&steps);
}
END_TEST

START_TEST(commas_are_seen_between_comments)
{
    struct tree tree = {.text = STR("a # b, c\n , d # ,")};

    ck_assert(!tree_has_comma(&tree, 0, 9));
    ck_assert(tree_has_comma(&tree, 0, 11));
    ck_assert(!tree_has_comma(&tree, 11, 99));
}
END_TEST

START_TEST(stars_are_seen_before_a_node)
{
    static const struct {
        const char *source;
        unsigned stars;
    } cases[] = {{"x", 0}, {"f(*x)", 1}, {"f(** x)", 2}, {"f(*\tx)", 1}, {"a *\\\nx", 0}, {"a ** x", 2}};
    struct steps steps;
    uint32_t node = NO_NODE;

    steps_init(&steps, str_of(cases[_i].source), false);
    for (uint32_t i = 0; i < steps.tree.nodes.len; i++) {
        if (node_kind(&steps.tree, i) == NODE_IDENTIFIER && str_equal(node_text(&steps.tree, i), STR("x"))) {
            node = i;
        }
    }
    ck_assert_uint_eq(tree_stars_before(&steps.tree, node), cases[_i].stars);
    steps_release(&steps);
}
END_TEST

/* Whether tree-sitter's node is one that the walk keeps, and whether it goes into it. */
static bool is_kept(const struct steps *steps, TSNode node, bool *descend)
{
    TSSymbol symbol = ts_node_symbol(node);
    unsigned kind = symbol < steps->grammar.symbol_count ? steps->grammar.kinds[symbol] : NODE_ERROR;
    enum node_role role = node_role((enum node_kind)kind);

    *descend = role != ROLE_NOTHING && role != ROLE_TOKEN && role != ROLE_TEXT;
    return (kind != NODE_NOTHING && kind != NODE_COMMENT) || ts_node_is_missing(node) ||
           (!*descend && ts_node_has_error(node));
}

/* Holds one node against that of tree-sitter's cursor. */
static void compare(const struct steps *steps, const TSTreeCursor *cursor, uint32_t index)
{
    TSNode node = ts_tree_cursor_current_node(cursor);
    TSFieldId field = ts_tree_cursor_current_field_id(cursor);

    ck_assert_uint_lt(index, steps->tree.nodes.len);
    const struct node *ours = tree_node(&steps->tree, index);
    ck_assert_uint_eq(ours->start, ts_node_start_byte(node));
    ck_assert_uint_eq(ours->end, ts_node_end_byte(node));
    ck_assert_uint_eq(ours->field, steps->grammar.fields[field]);
    ck_assert_uint_eq((ours->flags & NODE_FLAG_MISSING) != 0, ts_node_is_missing(node));
    if (ours->kind != NODE_ERROR) {
        ck_assert_uint_eq(ours->kind, steps->grammar.kinds[ts_node_symbol(node)]);
    }
}

static const char *const walked[] = {
    "",
    "# only a comment\n",
    "@a.b(c, *d, **e)\nasync def f(g, /, h: int = 1, *i, j=2, **k) -> l[m]:\n    '''doc'''\n    # n\n    await g\n",
    "class A(B, metaclass=C):  # c\n    x: int = 1\n    def m(self): self.x += (yield)\n",
    "try:\n    with a as b, c: pass\nexcept (D, E) as e:\n    raise F from e\nelse: pass\nfinally: del g\n",
    "for i, *j in k:\n    if not i: continue\n    elif i is not j: break\n    else: pass\nelse: pass\n",
    "x = [a for b in c if d for e in f], {g: h, **i}, {j, *k}, (l := m), lambda n, *o: n\n",
    "print(f'{a!r:>{b}}' 'c' rb'd', f'e', not f, -g ** h, i[1:2, ...])\n",
    "from . import a as b, c\nfrom d import *\nimport e.f as g\nglobal h\nassert i, j\n",
    "match a:\n    case {'k': [b, *_], **c} if d: pass\n    case E(f, g=1) | None: pass\n",
    "def f(:\n    x = = 1\ny = (2\n",
    "x: a b = 1\nz: list[ = 3\nf(\n",
    "f'{a b}' )\nclass\n",
};

START_TEST(the_walk_sees_what_the_cursor_sees)
{
    struct steps steps;
    VEC(uint32_t) open = {0}; /* the nodes around the cursor's */
    uint32_t index = 0;
    bool descend;

    steps_init(&steps, str_of(walked[_i]), false);
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(steps.parsed));
    for (bool more = true; more;) {
        uint32_t at = index;
        if (is_kept(&steps, ts_tree_cursor_current_node(&cursor), &descend)) {
            compare(&steps, &cursor, index++);
        }
        if (descend && ts_tree_cursor_goto_first_child(&cursor)) {
            vec_push(&open, at);
            continue;
        }
        while (!(more = ts_tree_cursor_goto_next_sibling(&cursor)) && ts_tree_cursor_goto_parent(&cursor)) {
            ck_assert_uint_gt(open.len, 0);
            ck_assert_uint_eq(tree_node(&steps.tree, vec_pop(&open))->after, index);
        }
    }
    ck_assert_uint_eq(index, steps.tree.nodes.len);
    ts_tree_cursor_delete(&cursor);
    vec_release(&open);
    steps_release(&steps);
}
END_TEST

Suite *test_tree_suite(void)
{
    Suite *suite = suite_create("tree");
    TCase *tests = tcase_create("tree");

    tcase_add_test(tests, subtrees_are_runs);
    tcase_add_test(tests, what_carries_nothing_is_left_out);
    tcase_add_test(tests, errors_are_counted_once);
    tcase_add_loop_test(tests, errors_inside_of_dropped_texts_are_seen, 0, 3);
    tcase_add_loop_test(tests, heads_end_at_the_colon, 0, (int)(sizeof heads / sizeof heads[0]));
    tcase_add_test(tests, commas_are_seen_between_comments);
    tcase_add_loop_test(tests, stars_are_seen_before_a_node, 0, 6);
    tcase_add_loop_test(tests, the_walk_sees_what_the_cursor_sees, 0, (int)(sizeof walked / sizeof walked[0]));
    suite_add_tcase(suite, tests);
    return suite;
}

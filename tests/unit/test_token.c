#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "frontend/python/token.h"

static const char *const kinds[] = {
    [TOK_END] = "end",       [TOK_NEWLINE] = "newline", [TOK_JOIN] = "join",   [TOK_INDENT] = "indent",
    [TOK_DEDENT] = "dedent", [TOK_COMMENT] = "comment", [TOK_NAME] = "name",   [TOK_NUMBER] = "number",
    [TOK_STRING] = "string", [TOK_TEXT_OPEN] = "text<", [TOK_TEXT] = "text",   [TOK_TEXT_CLOSE] = "text>",
    [TOK_OPEN] = "open",     [TOK_CLOSE] = "close",     [TOK_OPERATOR] = "op", [TOK_STRAY] = "stray",
};

/* Appends a token's bytes, line ends as escapes. */
static void add_bytes(struct buf *out, struct str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.ptr[i];
        buf_add(out, c == '\n' ? STR("\\n") : c == '\r' ? STR("\\r") : (struct str){&c, 1});
    }
}

/* Compares the tokens of a text with a list of "kind:bytes", separated by blanks; the end is left out. */
static void check_tokens(const char *source, const char *expected)
{
    struct str text = str_of(source);
    struct buf found = {0};
    size_t count;
    struct token *tokens = tokenize(text, &count);

    for (size_t i = 0; i + 1 < count; i++) {
        buf_printf(&found, "%s%s", i > 0 ? " " : "", kinds[tokens[i].kind]);
        if (tokens[i].end > tokens[i].start) {
            buf_add_char(&found, ':');
            add_bytes(&found, str_slice(text, tokens[i].start, tokens[i].end));
        }
    }
    buf_add_char(&found, '\0');
    ck_assert_str_eq(found.ptr, expected);
    free(tokens);
    buf_release(&found);
}

/* Fails the test unless the condition holds; quicker than ck_assert, which reports success, too. */
#define MUST(condition) ((condition) ? (void)0 : (void)ck_abort_msg("%s", #condition))

/* What must hold for any bytes: tokens in order, only white space between them, blocks balanced. */
static void check_sound(struct str text)
{
    struct tokenizer *tokens = memory_new(sizeof *tokens);
    struct token token;
    uint32_t at = 0, count = 0;
    int blocks = 0;

    tokenizer_init(tokens, text);
    do {
        token = tokenizer_next(tokens);
        MUST(token.start >= at && token.end >= token.start && token.end <= text.len);
        for (; at < token.start; at++) {
            MUST(text.ptr[at] != '\0' && strchr(" \t\f", text.ptr[at]) != NULL);
        }
        at = token.end;
        blocks += token.kind == TOK_INDENT ? 1 : token.kind == TOK_DEDENT ? -1 : 0;
        MUST(blocks >= 0);
        /* Every byte gives at most one token, besides the edges of statements, strings and blocks. */
        MUST(++count <= 4 * text.len + 16);
    } while (token.kind != TOK_END);
    MUST(at == text.len);
    MUST(blocks == 0);
    MUST(tokenizer_next(tokens).kind == TOK_END);
    free(tokens);
}

START_TEST(statements_and_blocks)
{
    check_tokens("", "");
    check_tokens("x", "name:x newline");
    check_tokens("\n \n# c\nx = 1\n", "join:\\n join:\\n comment:# c join:\\n name:x op:= number:1 newline:\\n");
    check_tokens("if x:\n  y\n  # c\n\nz\n",
                 "name:if name:x op:: newline:\\n indent name:y newline:\\n comment:# c join:\\n "
                 "join:\\n dedent name:z newline:\\n");
    check_tokens("if x:\n\tif y:\n\t\tz",
                 "name:if name:x op:: newline:\\n indent name:if name:y op:: newline:\\n indent name:z "
                 "newline dedent dedent");
    check_tokens("  x\ny", "indent name:x newline:\\n dedent name:y newline");
    check_tokens("a;b\r\nc\rd", "name:a op:; name:b newline:\\r\\n name:c newline:\\r name:d newline");
    check_tokens("x \\\n  y\\", "name:x join:\\\\n name:y stray:\\ newline");
}
END_TEST

START_TEST(brackets_join_lines)
{
    check_tokens("(a # c\n\n b)\n", "open:( name:a comment:# c join:\\n join:\\n name:b close:) newline:\\n");
    check_tokens("a[(1]\nb", "name:a open:[ open:( number:1 close:] newline:\\n name:b newline");
    check_tokens("a)\nb", "name:a stray:) newline:\\n name:b newline");
    check_tokens("f(a\ndef g(): b",
                 "name:f open:( name:a join:\\n newline name:def name:g open:( close:) op:: name:b newline");
    check_tokens("f(\n  defined\nreturns)",
                 "name:f open:( join:\\n name:defined join:\\n name:returns close:) newline");
}
END_TEST

START_TEST(names_numbers_operators)
{
    check_tokens("\xc3\xa9t\xc3\xa9_1", "name:\xc3\xa9t\xc3\xa9_1 newline");
    check_tokens("1if 0xfor 1_000j .5e-3 1..real 1.e5J 0b1_0 0o17 1e",
                 "number:1 name:if number:0xf name:or number:1_000j number:.5e-3 number:1. op:. name:real number:1.e5J "
                 "number:0b1_0 number:0o17 number:1 name:e newline");
    check_tokens("a**=b//c!=d->e:=f...@=",
                 "name:a op:**= name:b op:// name:c op:!= name:d op:-> name:e op::= name:f op:... op:@= "
                 "newline");
    check_tokens("a ? $ b", "name:a stray:? stray:$ name:b newline");
}
END_TEST

START_TEST(plain_strings)
{
    check_tokens("'a' \"b\" r'\\'' rb'' u'c' ''",
                 "string:'a' string:\"b\" string:r'\\'' string:rb'' string:u'c' string:'' newline");
    check_tokens("'a\\'b' '\\\\'", "string:'a\\'b' string:'\\\\' newline");
    check_tokens("'a\\\nb' 'c\nd", "string:'a\\\\nb' string:'c newline:\\n name:d newline");
    check_tokens("'''a'b''c\n''' \"\"\"\"\"\"", "string:'''a'b''c\\n''' string:\"\"\"\"\"\" newline");
    check_tokens("'''a\nb", "string:'''a\\nb newline");
    check_tokens("rb'a' Rb'b' BR'c' ub'd' ruf'e'",
                 "string:rb'a' string:Rb'b' string:BR'c' name:ub string:'d' name:ruf string:'e' newline");
}
END_TEST

START_TEST(replacement_fields)
{
    check_tokens("f'a{b}c'", "text<:f' text:a open:{ name:b close:} text:c text>:' newline");
    check_tokens("t'{a!r:>{b}}'",
                 "text<:t' open:{ name:a op:! name:r op:: text:> open:{ name:b close:} close:} text>:' newline");
    check_tokens("f'{{a}}{b!=c}'", "text<:f' text:{{a}} open:{ name:b op:!= name:c close:} text>:' newline");
    check_tokens("f\"{a[\"b\"]}\"", "text<:f\" open:{ name:a open:[ string:\"b\" close:] close:} text>:\" newline");
    check_tokens("f'{f'{f'{a}'}'}'",
                 "text<:f' open:{ text<:f' open:{ text<:f' open:{ name:a close:} text>:' close:} text>:' close:} "
                 "text>:' newline");
    check_tokens("f'{a:=10}'", "text<:f' open:{ name:a op:: text:=10 close:} text>:' newline");
    check_tokens("f'{(a:=1)}'", "text<:f' open:{ open:( name:a op::= number:1 close:) close:} text>:' newline");
    check_tokens("f'{x[a:b]:c}'",
                 "text<:f' open:{ name:x open:[ name:a op:: name:b close:] op:: text:c close:} text>:' newline");
    check_tokens("rf'\\{a}\\''", "text<:rf' text:\\ open:{ name:a close:} text:\\' text>:' newline");
    check_tokens("f'\\N{DASH}{a}'", "text<:f' text:\\N{DASH} open:{ name:a close:} text>:' newline");
    check_tokens("fr'\\N{a}'", "text<:fr' text:\\N open:{ name:a close:} text>:' newline");
    check_tokens("f'''{\na # c\n}\n'''",
                 "text<:f''' open:{ join:\\n name:a comment:# c join:\\n close:} text:\\n text>:''' newline");
}
END_TEST

START_TEST(broken_replacement_fields)
{
    check_tokens("f'{a\nb}'", "text<:f' open:{ name:a join:\\n name:b close:} text>:' newline");
    check_tokens("f'a\nb", "text<:f' text:a text> newline:\\n name:b newline");
    check_tokens("f'{a:b'\nc", "text<:f' open:{ name:a op:: text:b text>:' newline:\\n name:c newline");
    check_tokens("f'{a:{b:c'\nd",
                 "text<:f' open:{ name:a op:: open:{ name:b op:: text:c text>:' newline:\\n name:d newline");
    check_tokens("f'{(a}'", "text<:f' open:{ open:( name:a close:} text>:' newline");
    check_tokens("f'{a]}'", "text<:f' open:{ name:a stray:] close:} text>:' newline");
    check_tokens("f'{a\ndef b", "text<:f' open:{ name:a join:\\n newline name:def name:b newline");
    check_tokens("f'}'", "text<:f' text:} text>:' newline");
}
END_TEST

START_TEST(widths_and_depths)
{
    struct str text = STR("if x:\n    a = (b,\n  [c], f'{d}')\n");
    size_t count;
    struct token *tokens = tokenize(text, &count);

    for (size_t i = 0; i < count; i++) {
        const struct token *token = &tokens[i];
        if (token_is(text, token, "a")) {
            ck_assert_uint_eq(token->width, 4);
            ck_assert_uint_eq(token->depth, 0);
        } else if (token_is(text, token, "[")) {
            ck_assert_uint_eq(token->width, 2);
            ck_assert_uint_eq(token->block, 4);
            ck_assert_uint_eq(token->depth, 2);
        } else if (token_is(text, token, "c")) {
            ck_assert_uint_eq(token->width, TOK_NO_WIDTH);
        } else if (token_is(text, token, "d")) {
            ck_assert(token->field);
            ck_assert_uint_eq(token->depth, 2);
        } else if (token_is(text, token, "if")) {
            ck_assert_int_eq(token->word, TOK_WORD_NONE);
        }
    }
    free(tokens);
    tokens = tokenize(STR("class type lazy"), &count);
    ck_assert_int_eq(tokens[0].word, TOK_CLASS);
    ck_assert_int_eq(tokens[1].word, TOK_TYPE);
    ck_assert_int_eq(tokens[2].word, TOK_LAZY);
    free(tokens);
}
END_TEST

/* A text of `count` parts. */
static struct str repeat(struct buf *buf, const char *part, size_t count)
{
    buf_clear(buf);
    for (size_t i = 0; i < count; i++) {
        buf_add(buf, str_of(part));
    }
    return buf_str(buf);
}

START_TEST(any_nesting_is_quick)
{
    static const char *const parts[] = {"(",       "([{",  "f'{",  "f'''{",    "f'{a:", "f'{a:{", ")",
                                        "(]",      "(]])", "'\n",  "'''\n",    "f'\n",  "{",      "}",
                                        "\\\n",    "\r",   " (\n", "def f(\n", "\tx\n", "#\n",    "\"\"\"",
                                        "f\"\\N{", "1e",   "0x",   "...",      "!",     "rb"};
    struct buf buf = {0};
    clock_t start = clock();

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        check_sound(repeat(&buf, parts[i], 100000));
    }
    ck_assert_double_lt((double)(clock() - start) / CLOCKS_PER_SEC, 5.0);
    buf_release(&buf);
}
END_TEST

START_TEST(any_bytes_are_tokens)
{
    static const char alphabet[] = "ab1_ \t\n\r\f\\#'\"'\"{}{}()[]fFtTrRbBuN:=!.,;@*-\xc3\xa9\x80\0x";
    uint32_t state = 12345;
    char bytes[64];

    for (int round = 0; round < 40000; round++) {
        size_t len = (size_t)round % sizeof bytes;
        for (size_t i = 0; i < len; i++) {
            state = state * 1664525u + 1013904223u;
            bytes[i] = alphabet[(state >> 16) % (sizeof alphabet - 1)];
        }
        check_sound((struct str){bytes, len});
    }
}
END_TEST

START_TEST(counts_of_nesting)
{
    struct tokenizer *tokens = memory_new(sizeof *tokens);
    struct buf buf = {0};

    tokenizer_init(tokens, repeat(&buf, "[", 50));
    while (tokenizer_next(tokens).kind != TOK_END) {
    }
    ck_assert_uint_eq(tokens->deepest, 50);
    ck_assert_uint_eq(tokens->unclosed, 50);
    tokenizer_init(tokens, repeat(&buf, "[", TOK_FRAMES_MAX + 7));
    while (tokenizer_next(tokens).kind != TOK_END) {
    }
    ck_assert_uint_eq(tokens->deepest, TOK_FRAMES_MAX);
    ck_assert_uint_eq(tokens->unclosed, TOK_FRAMES_MAX + 7);
    tokenizer_init(tokens, STR("(a, {b: f'{c}'})"));
    while (tokenizer_next(tokens).kind != TOK_END) {
    }
    ck_assert_uint_eq(tokens->deepest, 4);
    ck_assert_uint_eq(tokens->unclosed, 0);
    buf_release(&buf);
    free(tokens);
}
END_TEST

Suite *test_token_suite(void)
{
    Suite *suite = suite_create("token");
    TCase *tests = tcase_create("token");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, statements_and_blocks);
    tcase_add_test(tests, brackets_join_lines);
    tcase_add_test(tests, names_numbers_operators);
    tcase_add_test(tests, plain_strings);
    tcase_add_test(tests, replacement_fields);
    tcase_add_test(tests, broken_replacement_fields);
    tcase_add_test(tests, widths_and_depths);
    tcase_add_test(tests, any_nesting_is_quick);
    tcase_add_test(tests, any_bytes_are_tokens);
    tcase_add_test(tests, counts_of_nesting);
    suite_add_tcase(suite, tests);
    return suite;
}

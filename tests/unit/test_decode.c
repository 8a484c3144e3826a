#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "source/decode.h"

/* Decodes bytes in malloc memory; expects what decoding a copy of them gave, and the diagnostics. */
static void decode_where_they_lie(struct str bytes, const struct source_file *expected, size_t diagnostic_count)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct source_file file = {.path = STR("a.py")};
    char *buffer = memory_new(bytes.len + 1);

    memcpy(buffer, bytes.ptr, bytes.len);
    decode_buffer(&file, buffer, bytes.len, diagnostics);
    ck_assert(str_equal(file.text, expected->text));
    ck_assert_int_eq(file.text.ptr[file.text.len], '\0');
    ck_assert_int_eq(file.has_bom, expected->has_bom);
    ck_assert_int_eq(file.transcoded, expected->transcoded);
    ck_assert_uint_eq(diagnostics_count(diagnostics), diagnostic_count);
    diagnostics_free(diagnostics);
    source_free(&file);
}

/* Decodes bytes; expects this text, and one diagnostic at `line` whose message holds `part` (NULL: none). */
static struct source_file decode(struct str bytes, struct str text, uint32_t line, const char *part)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct source_file file;

    ck_assert_int_eq(source_from_bytes(&file, STR("a.py"), bytes, diagnostics), SOURCE_OK);
    ck_assert_msg(str_equal(file.text, text), "'%.*s' instead of '%.*s'", STR_FMT(file.text), STR_FMT(text));
    ck_assert_int_eq(file.text.ptr[file.text.len], '\0');
    ck_assert_uint_eq(diagnostics_count(diagnostics), part != NULL ? 1 : 0);
    if (part != NULL) {
        const struct diagnostic *diagnostic = diagnostics_at(diagnostics, 0);
        ck_assert_str_eq(diagnostic->code, "RL001");
        ck_assert_uint_eq(diagnostic->line, line);
        ck_assert_msg(str_find(diagnostic->message, str_of(part)) != SIZE_MAX, "message: %.*s",
                      STR_FMT(diagnostic->message));
    }
    decode_where_they_lie(bytes, &file, diagnostics_count(diagnostics));
    diagnostics_free(diagnostics);
    return file;
}

START_TEST(utf8_stays_as_it_is)
{
    struct source_file file = decode(STR("x = '\xC3\xA9'\r\n"), STR("x = '\xC3\xA9'\r\n"), 0, NULL);

    ck_assert(!file.transcoded);
    ck_assert(!file.has_bom);
    source_free(&file);
    file = decode(STR(""), STR(""), 0, NULL);
    ck_assert_uint_eq(file.line_count, 1);
    source_free(&file);
}
END_TEST

START_TEST(a_buffer_of_utf8_becomes_the_text)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct source_file file = {.path = STR("a.py")};
    struct str text = STR("x = '\xC3\xA9'\0\n");
    char *buffer = memory_new(text.len + 1);

    memcpy(buffer, text.ptr, text.len);
    decode_buffer(&file, buffer, text.len, diagnostics);
    ck_assert_ptr_eq(file.text.ptr, buffer);
    ck_assert(str_equal(file.text, STR("x = '\xC3\xA9' \n")));
    ck_assert(file.transcoded); /* the NUL is gone */
    diagnostics_free(diagnostics);
    source_free(&file);
}
END_TEST

START_TEST(a_byte_order_mark_is_taken_off)
{
    struct source_file file = decode(STR("\xEF\xBB\xBFx = 1\n"), STR("x = 1\n"), 0, NULL);

    ck_assert(file.has_bom);
    ck_assert(!file.transcoded);
    source_free(&file);
    file = decode(STR("\xEF\xBB\xBF# coding: utf-8\n"), STR("# coding: utf-8\n"), 0, NULL);
    source_free(&file);
    file = decode(STR("\xEF\xBB\xBF\n# coding: cp1252\n\xC3\xA9"), STR("\n# coding: cp1252\n\xC3\xA9"), 2,
                  "byte-order mark");
    source_free(&file);
}
END_TEST

START_TEST(declared_encodings_are_converted)
{
    struct source_file file =
        decode(STR("# coding: latin-1\n\xE9\x80"), STR("# coding: latin-1\n\xC3\xA9\xC2\x80"), 0, NULL);

    ck_assert(file.transcoded);
    source_free(&file);
    file = decode(STR("# coding: cp1252\n\x80"), STR("# coding: cp1252\n\xE2\x82\xAC"), 0, NULL);
    ck_assert(file.transcoded);
    source_free(&file);
    file = decode(STR("# coding: iso-8859-15\nx"), STR("# coding: iso-8859-15\nx"), 0, NULL);
    ck_assert(!file.transcoded); /* the bytes are the text */
    source_free(&file);
    file = decode(STR("# coding: shift_jis\n'\x83\x5C\\~'"), STR("# coding: shift_jis\n'\xE3\x82\xBD\\~'"), 0, NULL);
    source_free(&file);
    file = decode(STR("# coding: euc-jp\n\xA4\xA2"), STR("# coding: euc-jp\n\xE3\x81\x82"), 0, NULL);
    source_free(&file);
    file = decode(STR("# coding: gbk\n\xB0\xA1"), STR("# coding: gbk\n\xE5\x95\x8A"), 0, NULL);
    source_free(&file);
    file = decode(STR("# coding: big5\n\xA4\x40"), STR("# coding: big5\n\xE4\xB8\x80"), 0, NULL);
    source_free(&file);
    file = decode(STR("# coding: iso-2022-jp\n\x1B$B$\"\x1B(B;"), STR("# coding: iso-2022-jp\n\xE3\x81\x82;"), 0, NULL);
    source_free(&file);
}
END_TEST

START_TEST(bytes_that_do_not_decode_are_replaced)
{
    struct source_file file =
        decode(STR("a\nb\xFF\nc\xE9\n"), STR("a\nb\xEF\xBF\xBD\nc\xEF\xBF\xBD\n"), 2, "byte 0xFF is not valid UTF-8");

    ck_assert(file.transcoded);
    source_free(&file);
    file = decode(STR("# coding: ascii\r\n\r\xE9"), STR("# coding: ascii\r\n\r\xEF\xBF\xBD"), 3, "'ascii'");
    source_free(&file);
    file = decode(STR("# coding: cp1252\n\n\x81 \x9D"), STR("# coding: cp1252\n\n\xEF\xBF\xBD \xEF\xBF\xBD"), 3,
                  "byte 0x81");
    source_free(&file);
    file = decode(STR("# coding: euc-jp\n\xA4"), STR("# coding: euc-jp\n\xEF\xBF\xBD"), 2, "byte 0xA4"); /* cut off */
    source_free(&file);
}
END_TEST

START_TEST(unknown_encodings_are_guessed)
{
    struct source_file file =
        decode(STR("# coding: klingon\n\xC3\xA9"), STR("# coding: klingon\n\xC3\xA9"), 1, "read as UTF-8");

    ck_assert(!file.transcoded);
    source_free(&file);
    file = decode(STR("\n# coding: klingon\n\xE9"), STR("\n# coding: klingon\n\xC3\xA9"), 2, "read as Latin-1");
    ck_assert(file.transcoded);
    source_free(&file);
}
END_TEST

START_TEST(utf16_is_read_and_complained_about)
{
    struct source_file file = decode(STR("\xFF\xFEx\0=\0\xE9\0"), STR("x=\xC3\xA9"), 1, "UTF-16");

    ck_assert(file.transcoded);
    source_free(&file);
    file = decode(STR("\xFE\xFF\0x\0\n"), STR("x\n"), 1, "UTF-16");
    source_free(&file);
}
END_TEST

START_TEST(nul_bytes_become_blanks)
{
    struct source_file file = decode(STR("a\nb\0c\0"), STR("a\nb c "), 2, "NUL");

    ck_assert(file.transcoded);
    source_free(&file);
}
END_TEST

START_TEST(long_text_passes_the_converters_buffer)
{
    enum { COUNT = 20000 };
    static char bytes[COUNT + 32], text[COUNT * 3 + 32];
    static const char head[] = "# coding: cp1252\n";
    size_t len = strlen(head);

    memcpy(bytes, head, len);
    memset(bytes + len, 0x80, COUNT);
    memcpy(text, head, len);
    for (size_t i = 0; i < COUNT; i++) {
        memcpy(text + len + 3 * i, "\xE2\x82\xAC", 3);
    }
    struct source_file file =
        decode((struct str){bytes, len + COUNT}, (struct str){text, len + 3 * (size_t)COUNT}, 0, NULL);
    source_free(&file);
}
END_TEST

START_TEST(what_is_too_large_is_refused)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct source_file file;
    char *bytes = memory_new(SOURCE_SIZE_MAX + 1);

    memset(bytes, '\n', SOURCE_SIZE_MAX + 1);
    ck_assert_int_eq(source_from_bytes(&file, STR("a.py"), (struct str){bytes, SOURCE_SIZE_MAX + 1}, diagnostics),
                     SOURCE_UNREADABLE);
    ck_assert_uint_eq(diagnostics_count(diagnostics), 1);
    source_free(&file);
    ck_assert_int_eq(source_from_bytes(&file, STR("a.py"), (struct str){bytes, SOURCE_SIZE_MAX}, diagnostics),
                     SOURCE_OK);
    ck_assert_uint_eq(file.line_count, SOURCE_SIZE_MAX + 1);
    source_free(&file);
    free(bytes);
    diagnostics_free(diagnostics);
}
END_TEST

Suite *test_decode_suite(void)
{
    Suite *suite = suite_create("decode");
    TCase *tests = tcase_create("decode");

    tcase_add_test(tests, utf8_stays_as_it_is);
    tcase_add_test(tests, a_buffer_of_utf8_becomes_the_text);
    tcase_add_test(tests, a_byte_order_mark_is_taken_off);
    tcase_add_test(tests, declared_encodings_are_converted);
    tcase_add_test(tests, bytes_that_do_not_decode_are_replaced);
    tcase_add_test(tests, unknown_encodings_are_guessed);
    tcase_add_test(tests, utf16_is_read_and_complained_about);
    tcase_add_test(tests, nul_bytes_become_blanks);
    tcase_add_test(tests, long_text_passes_the_converters_buffer);
    tcase_add_test(tests, what_is_too_large_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}

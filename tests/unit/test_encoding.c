#include <check.h>
#include <iconv.h>
#include <string.h>

#include "source/encoding.h"

static struct encoding find(const char *name)
{
    struct encoding found = {ENCODING_UTF8, NULL};

    ck_assert_msg(encoding_find(str_of(name), &found), "%s is not found", name);
    return found;
}

START_TEST(spellings_of_one_codec_are_one)
{
    static const char *const utf8[] = {"utf-8", "UTF8", "utf_8", "U8", "utf-8-sig", "utf-8-unix", "cp65001"};
    static const char *const latin1[] = {"latin-1", "Latin1",      "iso-8859-1",  "ISO_8859-1:1987",
                                         "l1",      "latin-1-dos", "iso-latin-1", "iso-latin-1-unix",
                                         "8859",    "cp819"};
    static const char *const ascii[] = {"ascii", "US-ASCII", "646", "ANSI_X3.4-1968"};

    for (size_t i = 0; i < sizeof utf8 / sizeof *utf8; i++) {
        ck_assert_int_eq(find(utf8[i]).kind, ENCODING_UTF8);
    }
    for (size_t i = 0; i < sizeof latin1 / sizeof *latin1; i++) {
        ck_assert_int_eq(find(latin1[i]).kind, ENCODING_LATIN1);
    }
    for (size_t i = 0; i < sizeof ascii / sizeof *ascii; i++) {
        ck_assert_int_eq(find(ascii[i]).kind, ENCODING_ASCII);
    }
}
END_TEST

START_TEST(converters_are_named)
{
    static const char *const names[][2] = {
        {"windows-1252", "CP1252"},
        {"cp1251", "CP1251"},
        {"iso-8859-15", "ISO-8859-15"},
        {"latin-9", "ISO-8859-15"},
        {"latin10", "ISO-8859-16"},
        {"koi8-r", "KOI8-R"},
        {"euc_jp", "EUC-JP"},
        {"ujis", "EUC-JP"},
        {"Shift_JIS", "CP932"},
        {"gbk", "GBK"},
        {"cp936", "GBK"},
        {"big5-tw", "BIG5"},
        {"iso-2022-jp", "ISO-2022-JP"},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct encoding found = find(names[i][0]);
        ck_assert_int_eq(found.kind, ENCODING_ICONV);
        ck_assert_str_eq(found.iconv_name, names[i][1]);
    }
}
END_TEST

START_TEST(what_is_not_an_encoding_of_sources_is_not_found)
{
    static const char *const names[] = {"",
                                        "-",
                                        "utf-16",
                                        "utf-7",
                                        "cp037",
                                        "rot13",
                                        "klingon",
                                        "latin-11",
                                        "8",
                                        "cp125",
                                        "a-name-that-is-much-longer-than-any-in-the-table"};
    struct encoding found;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_assert_msg(!encoding_find(str_of(names[i]), &found), "%s is found", names[i]);
    }
}
END_TEST

/* The bytes of ASCII must stay what they are, or the syntax of a file would change with its encoding. */
START_TEST(every_converter_keeps_ascii)
{
    static const char *const names[] = {
#define ENCODING(name, iconv_name, aliases) iconv_name,
#include "source/encodings.def"
#undef ENCODING
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char bytes[] = "abcXYZ019 \t\n\\~{}[]()#'\"`^_|@$&%!?<>=+-*/.,:;";
        char text[sizeof bytes * 2] = "";
        char *in = bytes, *out = text;
        size_t in_left = strlen(bytes), out_left = sizeof text;
        iconv_t converter = *names[i] != '\0' ? iconv_open("UTF-8", names[i]) : (iconv_t)-1;
        if (converter == (iconv_t)-1) {
            continue; /* none is needed, or this system has none: then files say so */
        }
        ck_assert_uint_eq(iconv(converter, &in, &in_left, &out, &out_left), 0);
        iconv_close(converter);
        ck_assert_msg(strcmp(text, bytes) == 0, "%s: %s", names[i], text);
    }
}
END_TEST

static void declares(const char *text, const char *name, uint32_t expected_line)
{
    uint32_t line = 99;
    struct str found = encoding_declared(str_of(text), &line);

    ck_assert_msg(str_equal(found, str_of(name)), "'%s': found '%.*s'", text, STR_FMT(found));
    ck_assert_uint_eq(line, expected_line);
}

START_TEST(a_coding_comment_declares)
{
    declares("# -*- coding: latin-1 -*-\n", "latin-1", 1);
    declares("#coding=cp1252", "cp1252", 1);
    declares("\t\f # vim: set fileencoding=iso-8859-15 :\n", "iso-8859-15", 1);
    declares("#!/usr/bin/python\n# coding: utf_8\n", "utf_8", 2);
    declares("\n# coding: koi8.r", "koi8.r", 2);
    declares("\r\n# coding: a", "a", 2);
    declares("\r# coding: b", "b", 2);
    declares("# the coding of coding: c\n", "c", 1);
    declares("# coding: \t d\n", "d", 1);
    declares("# coding:\n# coding: e\n", "e", 2);
}
END_TEST

START_TEST(other_comments_do_not)
{
    declares("", "", 0);
    declares("x = 1\n# coding: latin-1\n", "", 0);
    declares("\n\n# coding: latin-1\n", "", 0);
    declares("x = '# coding: latin-1'\n", "", 0);
    declares("# coding latin-1\n", "", 0);
    declares("# coding : latin-1\n", "", 0);
    declares("# coding: ???\n", "", 0);
}
END_TEST

Suite *test_encoding_suite(void)
{
    Suite *suite = suite_create("encoding");
    TCase *tests = tcase_create("encoding");

    tcase_add_test(tests, spellings_of_one_codec_are_one);
    tcase_add_test(tests, converters_are_named);
    tcase_add_test(tests, what_is_not_an_encoding_of_sources_is_not_found);
    tcase_add_test(tests, every_converter_keeps_ascii);
    tcase_add_test(tests, a_coding_comment_declares);
    tcase_add_test(tests, other_comments_do_not);
    suite_add_tcase(suite, tests);
    return suite;
}

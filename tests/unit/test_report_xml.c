#include <check.h>

#include "report/xml.h"

static void check_text(struct str text, const char *expected)
{
    struct buf out = {0};
    xml_add_text(&out, text);
    ck_assert_str_eq(out.ptr, expected);
    buf_release(&out);
}

static void check_attribute(struct str text, const char *expected)
{
    struct buf out = {0};
    xml_add_attribute(&out, text);
    ck_assert_str_eq(out.ptr, expected);
    buf_release(&out);
}

START_TEST(markup_is_escaped)
{
    check_text(STR("a < b && c > \"d\" ]]>"), "a &lt; b &amp;&amp; c &gt; \"d\" ]]&gt;");
    check_attribute(STR("<\"it's\">"), "&lt;&quot;it's&quot;&gt;");
    check_text(STR("&amp;"), "&amp;amp;");
}
END_TEST

START_TEST(white_space_survives_the_reader)
{
    check_text(STR("a\n\tb\rc"), "a\n\tb&#13;c");
    check_attribute(STR("a\n\tb\rc"), "a&#10;&#9;b&#13;c");
}
END_TEST

START_TEST(what_xml_cannot_hold_is_shown)
{
    check_text(STR("\x1b[31m\0.\x07"), "\\x1b[31m\\x00.\\x07");
    check_text(STR("bad \xff\xc3("), "bad \\xff\\xc3(");
    check_text(STR("\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBD"), "\\ufffe\\uffff\xEF\xBF\xBD");
    check_text(STR("\xED\xA0\x80"), "\\xed\\xa0\\x80"); /* a surrogate */
}
END_TEST

START_TEST(other_text_stays)
{
    check_text(STR("口座 e\xCC\x81 \xF0\x9F\x98\x80"), "口座 e\xCC\x81 \xF0\x9F\x98\x80");
}
END_TEST

Suite *test_report_xml_suite(void)
{
    Suite *suite = suite_create("report_xml");
    TCase *tests = tcase_create("xml");
    tcase_add_test(tests, markup_is_escaped);
    tcase_add_test(tests, white_space_survives_the_reader);
    tcase_add_test(tests, what_xml_cannot_hold_is_shown);
    tcase_add_test(tests, other_text_stays);
    suite_add_tcase(suite, tests);
    return suite;
}

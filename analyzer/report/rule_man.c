/* rule_man: the manual page of all rules, racelint-rules(7). */
#include <stdlib.h>

#include "base/buf.h"
#include "base/roff.h"
#include "racelint/report.h"
#include "report/formats.h"

/* Text that is laid out already. */
static void add_lines(struct buf *out, struct str text)
{
    buf_add(out, STR(".nf\n"));
    for (size_t i = 0; i < text.len; i++) {
        roff_add_char(out, text.ptr[i]);
    }
    buf_add(out, STR(".fi\n"));
}

void report_rules_man(const struct rule *const *rules, size_t count, char **out)
{
    struct buf page = {0};

    buf_printf(&page,
               ".\\\" Made by 'racelint debug man rules' from the rules. Do not edit.\n"
               ".TH RACELINT\\-RULES 7 \"\" \"racelint %s\" \"Miscellaneous\"\n"
               ".SH NAME\nracelint\\-rules \\- the race hazards that racelint finds\n"
               ".SH DESCRIPTION\nEach rule has a code and a name; both may stand where\n.BR racelint (1)\n"
               "asks for rules.\n.B racelint rule\nexplains single ones.\n.SH RULES\n",
               RACELINT_VERSION);
    for (size_t i = 0; i < count; i++) {
        char *text = NULL;
        report_rule_text(rules[i], &text);
        struct str body = str_of(text);
        buf_printf(&page, ".SS %s %s\n", rules[i]->code, rules[i]->name);
        add_lines(&page, str_slice(body, str_find(body, STR("\n")) + 1, body.len)); /* without its heading */
        free(text);
    }
    buf_add(&page, STR(".SH SEE ALSO\n.BR racelint (1)\n"));
    report_append(out, buf_str(&page));
    buf_release(&page);
}

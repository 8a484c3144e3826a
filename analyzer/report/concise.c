/* concise: one line per finding, as compilers print them and editors read them. */
#include "report/formats.h"
#include "report/style.h"

static void concise_write(const struct report_input *input, char **out)
{
    struct buf text = {0};
    for (size_t i = 0; i < input->finding_count; i++) {
        const struct finding *finding = input->findings[i];
        display_escape(&text, finding->where.path);
        buf_printf(&text, ":%u:%u: %s %s [%s] ", (unsigned)finding->where.line, (unsigned)finding->where.column,
                   finding->rule->code, finding->rule->name, report_confidence_word(finding->confidence));
        display_escape(&text, finding->message);
        buf_add_char(&text, '\n');
    }
    report_append(out, buf_str(&text));
    buf_release(&text);
}

const struct report_format report_format_concise = {.name = "concise", .write = concise_write};

/* concise: one line per finding, as compilers print them and editors read them. */
#include "report/formats.h"
#include "report/text_parts.h"

static void concise_write(const struct report_input *input, char **out)
{
    struct buf text = {0};
    struct pen pen = {
        .out = &text, .color = input->color, .links = input->links, .root = input->root, .here = input->here};
    for (size_t i = 0; i < input->finding_count; i++) {
        const struct finding *finding = input->findings[i];
        text_place(&pen, finding);
        buf_add_char(&text, ' ');
        text_heading(&pen, finding);
        buf_add_char(&text, ' ');
        display_escape(&text, finding->message);
        buf_add_char(&text, '\n');
    }
    report_append(out, buf_str(&text));
    buf_release(&text);
}

const struct report_format report_format_concise = {.name = "concise", .write = concise_write};

/* github: workflow commands, which GitHub's runner turns into annotations of the changed lines. */
#include "report/formats.h"
#include "report/style.h"

static const char *command_of(const char *level)
{
    return level[0] == 'n' ? "notice" : level;
}

/* What would end a value, or begin an escape, is escaped; in properties also what parts them. */
static void add_value(struct buf *out, struct str text, bool property)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','))) {
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
        } else {
            buf_add_char(out, c);
        }
    }
}

/* "::error title=...,file=..." up to where the line may follow. */
static void add_command(struct buf *out, const struct report_input *input, const char *level, struct str title,
                        struct str path)
{
    struct buf file = {0};
    report_add_absolute(&file, input, path);
    buf_printf(out, "::%s title=", command_of(level));
    add_value(out, title, true);
    buf_add(out, STR(",file="));
    add_value(out, buf_str(&file), true);
    buf_release(&file);
}

static void add_finding(struct buf *out, const struct report_input *input, const struct finding *finding)
{
    const struct finding_range *where = &finding->where;
    struct buf title = {0}, message = {0}, shown = {0};

    buf_printf(&title, "racelint %s %s", finding->rule->code, finding->rule->name);
    add_command(out, input, report_level_word(finding->confidence), buf_str(&title), where->path);
    buf_printf(out, ",line=%u,endLine=%u", (unsigned)where->line, (unsigned)where->end_line);
    if (where->end_line == where->line) { /* columns of several lines are not understood */
        buf_printf(out, ",col=%u,endColumn=%u", (unsigned)where->column, (unsigned)where->end_column);
    }
    /* The log of the job shows the message alone. */
    buf_add(&message, where->path);
    buf_printf(&message, ":%u:%u: %s [%s] ", (unsigned)where->line, (unsigned)where->column, finding->rule->code,
               report_confidence_word(finding->confidence));
    report_add_message(&message, finding);
    display_escape(&shown, buf_str(&message));
    buf_add(out, STR("::"));
    add_value(out, buf_str(&shown), false);
    buf_add_char(out, '\n');
    buf_release(&title);
    buf_release(&message);
    buf_release(&shown);
}

static void add_diagnostic(struct buf *out, const struct report_input *input, const struct diagnostic *diagnostic)
{
    struct buf title = {0}, shown = {0};

    buf_printf(&title, "racelint %s", diagnostic->code);
    add_command(out, input, report_diagnostic_level(diagnostic), buf_str(&title), diagnostic->path);
    display_escape(&shown, diagnostic->path);
    if (diagnostic->line > 0) {
        buf_printf(out, ",line=%u", (unsigned)diagnostic->line);
        buf_printf(&shown, ":%u", (unsigned)diagnostic->line);
    }
    buf_printf(&shown, ": %s ", diagnostic->code);
    display_escape(&shown, diagnostic->message);
    buf_add(out, STR("::"));
    add_value(out, buf_str(&shown), false);
    buf_add_char(out, '\n');
    buf_release(&title);
    buf_release(&shown);
}

static void github_write(const struct report_input *input, char **out)
{
    struct buf text = {0};
    for (size_t i = 0; i < input->finding_count; i++) {
        add_finding(&text, input, input->findings[i]);
    }
    for (size_t i = 0; i < diagnostics_count(input->diagnostics); i++) {
        add_diagnostic(&text, input, diagnostics_at(input->diagnostics, i));
    }
    report_append(out, buf_str(&text));
    buf_release(&text);
}

const struct report_format report_format_github = {.name = "github", .write = github_write};

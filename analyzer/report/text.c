/* text: the report for people. Each finding says in this order: where and what; the source; who runs when; which locks
 * are held; what to do. */
#include "base/buf.h"
#include "report/formats.h"
#include "report/rule_docs.h"
#include "report/text_parts.h"
#include "report/wrap.h"

enum {
    KEY_WIDTH = 7,  /* columns of "state: " and its like */
    RELATED_MAX = 6 /* more are counted */
};

const char *text_verb(enum step_effect effect, bool plural)
{
    static const char *const verbs[STEP_COUNT][2] = {
        [STEP_READ] = {"reads", "read"},          [STEP_WRITE] = {"writes", "write"},
        [STEP_UPDATE] = {"updates", "update"},    [STEP_DELETE] = {"deletes", "delete"},
        [STEP_CHECK] = {"checks", "check"},       [STEP_ITERATE] = {"iterates", "iterate"},
        [STEP_CALL] = {"calls", "call"},          [STEP_ACQUIRE] = {"acquires", "acquire"},
        [STEP_RELEASE] = {"releases", "release"}, [STEP_SPAWN] = {"starts", "start"},
        [STEP_JOIN] = {"joins", "join"},
    };
    return verbs[effect][plural];
}

enum style text_thread_style(uint32_t thread)
{
    return thread == 0 ? STYLE_THREAD_A : STYLE_THREAD_B;
}

enum style text_confidence_style(enum confidence confidence)
{
    return confidence == CONFIDENCE_HIGH ? STYLE_HIGH : confidence == CONFIDENCE_MEDIUM ? STYLE_MEDIUM : STYLE_LOW;
}

void text_add_place(const struct pen *pen, struct buf *out, const struct finding *finding,
                    const struct finding_range *where)
{
    if (str_equal(where->path, finding->where.path)) {
        buf_printf(out, "line %u", (unsigned)where->line);
    } else {
        pen_add_path(pen, out, where->path);
        buf_printf(out, ":%u", (unsigned)where->line);
    }
}

void text_entry(const struct pen *pen, enum style style, const char *key, struct str value)
{
    size_t width = str_of(key).len;
    pen_space(pen, TEXT_INDENT);
    pen_add(pen, style, str_of(key));
    pen_space(pen, width < KEY_WIDTH ? KEY_WIDTH - width : 1);
    wrap_add(pen->out, value, TEXT_INDENT + (width < KEY_WIDTH ? KEY_WIDTH : width + 1), TEXT_INDENT + KEY_WIDTH,
             pen_page(pen));
    buf_add_char(pen->out, '\n');
}

void text_place(const struct pen *pen, const struct finding *finding)
{
    struct buf path = {0};
    pen_add_path(pen, &path, finding->where.path);
    pen_begin(pen, STYLE_BOLD);
    display_escape(pen->out, buf_str(&path));
    buf_printf(pen->out, ":%u:%u:", (unsigned)finding->where.line, (unsigned)finding->where.column);
    pen_end(pen, STYLE_BOLD);
    buf_release(&path);
}

void text_heading(const struct pen *pen, const struct finding *finding)
{
    enum style style = text_confidence_style(finding->confidence);
    const char *uri = rule_uri(finding->rule);
    pen_begin(pen, style);
    pen_begin_link(pen, uri);
    buf_add(pen->out, str_of(finding->rule->code));
    pen_end_link(pen, uri);
    buf_printf(pen->out, " %s [%s]", finding->rule->name, report_confidence_word(finding->confidence));
    pen_end(pen, style);
}

static void write_header(const struct pen *pen, const struct finding *finding)
{
    struct buf *out = pen->out;
    text_place(pen, finding);
    buf_add_char(out, ' ');
    text_heading(pen, finding);
    buf_add_char(out, '\n');
    pen_space(pen, TEXT_INDENT);
    wrap_add(out, finding->message, TEXT_INDENT, TEXT_INDENT, pen_page(pen));
    buf_add(out, STR("\n"));
}

static void write_state(const struct pen *pen, const struct finding *finding)
{
    struct buf value = {0};
    if (finding->state_name.len == 0) {
        return;
    }
    buf_add(&value, finding->state_name);
    if (finding->state_owner.len > 0) {
        buf_add(&value, STR(" of "));
        buf_add(&value, finding->state_owner);
    }
    if (finding->state_where.line > 0) {
        buf_add(&value, STR(", set up at "));
        text_add_place(pen, &value, finding, &finding->state_where);
    }
    text_entry(pen, STYLE_BOLD, "state:", buf_str(&value));
    buf_release(&value);
}

static void write_guard(const struct pen *pen, const struct finding *finding)
{
    struct buf value = {0};
    if (finding->guard_lock.len == 0) {
        return;
    }
    buf_add(&value, finding->guard_lock);
    if (finding->guard_of > 0) {
        buf_printf(&value, ", held at %u of %u accesses", (unsigned)finding->guard_held, (unsigned)finding->guard_of);
    }
    text_entry(pen, STYLE_BOLD, "guard:", buf_str(&value));
    buf_release(&value);
}

static void write_related(const struct pen *pen, const struct finding *finding)
{
    for (uint32_t i = 0; i < finding->related_count; i++) {
        const struct finding_related *related = &finding->related[i];
        struct buf value = {0};
        if (i == RELATED_MAX) {
            buf_printf(&value, "%u more", (unsigned)(finding->related_count - i));
        } else {
            text_add_place(pen, &value, finding, &related->where);
            buf_add(&value, STR(": "));
            buf_add(&value, related->message);
        }
        text_entry(pen, STYLE_BOLD, i == 0 ? "also:" : "", buf_str(&value));
        buf_release(&value);
        if (i == RELATED_MAX) {
            break;
        }
    }
}

static void write_entries(const struct pen *pen, const struct finding *finding)
{
    if (finding->thread_count > 0) {
        bool any_build = finding->exposure == EXPOSURE_ANY_BUILD;
        text_entry(pen, STYLE_BOLD,
                   "when:", any_build ? STR("on any build, with the GIL too") : STR("on free-threaded builds only"));
    }
    if (finding->why.len > 0) {
        text_entry(pen, STYLE_BOLD, "why:", finding->why);
    }
    write_state(pen, finding);
    write_guard(pen, finding);
    write_related(pen, finding);
    if (finding->fix.message.len > 0) {
        text_entry(pen, STYLE_FIX, "fix:", finding->fix.message);
    }
}

void text_finding(const struct pen *pen, const struct finding *finding)
{
    struct buf entries = {0};
    struct pen entry_pen = *pen;
    entry_pen.out = &entries;
    write_header(pen, finding);
    text_excerpt(pen, finding);
    write_entries(&entry_pen, finding);
    if (entries.len > 0) {
        buf_add_char(pen->out, '\n');
    }
    if (finding->thread_count > 0) {
        text_threads(pen, finding);
    }
    buf_add(pen->out, buf_str(&entries));
    buf_add_char(pen->out, '\n');
    buf_release(&entries);
}

static const char *plural(uint32_t count)
{
    return count == 1 ? "" : "s";
}

/* "; 12 are in the baseline": what else is to be said of the whole. */
static void add_clauses(struct buf *out, const struct report_summary *summary)
{
    if (summary->unparsed > 0) {
        buf_printf(out, "; %u could not be parsed in full", (unsigned)summary->unparsed);
    }
    if (summary->baselined > 0) {
        buf_printf(out, "; %u %s in the baseline", (unsigned)summary->baselined,
                   summary->baselined == 1 ? "is" : "are");
    }
    if (summary->unchanged > 0) {
        buf_printf(out, "; %u %s on unchanged lines", (unsigned)summary->unchanged,
                   summary->unchanged == 1 ? "is" : "are");
    }
}

/* "12 findings (7 high, 5 medium)" */
static void add_count(struct buf *out, const struct report_input *input)
{
    uint32_t by_confidence[3] = {0};
    const char *separator = " (";
    for (size_t i = 0; i < input->finding_count; i++) {
        by_confidence[input->findings[i]->confidence]++;
    }
    buf_printf(out, "%zu finding%s", input->finding_count, input->finding_count == 1 ? "" : "s");
    for (int level = CONFIDENCE_HIGH; level >= CONFIDENCE_LOW; level--) {
        if (by_confidence[level] > 0) {
            buf_printf(out, "%s%u %s", separator, (unsigned)by_confidence[level],
                       report_confidence_word((enum confidence)level));
            separator = ", ";
        }
    }
    buf_add_char(out, ')');
}

static void write_summary(const struct pen *pen, const struct report_input *input)
{
    const struct report_summary *summary = &input->summary;
    bool any_clause = summary->unparsed + summary->baselined + summary->unchanged > 0;
    struct buf line = {0};
    if (input->finding_count == 0) {
        buf_add(&line, STR("No race hazards found"));
    } else {
        add_count(&line, input);
    }
    buf_printf(&line, " in %u file%s", (unsigned)summary->files, plural(summary->files));
    add_clauses(&line, summary);
    buf_add(&line, input->finding_count == 0 || any_clause ? STR(".") : STR(""));
    wrap_add(pen->out, buf_str(&line), 0, TEXT_INDENT, pen_page(pen));
    buf_add_char(pen->out, '\n');
    if (summary->hidden_low > 0) {
        buf_clear(&line);
        buf_printf(&line, "%u low-confidence finding%s hidden; show %s with --min-confidence low",
                   (unsigned)summary->hidden_low, summary->hidden_low == 1 ? " is" : "s are",
                   summary->hidden_low == 1 ? "it" : "them");
        wrap_add(pen->out, buf_str(&line), 0, TEXT_INDENT, pen_page(pen));
        buf_add_char(pen->out, '\n');
    }
    buf_release(&line);
}

static void text_write(const struct report_input *input, char **out)
{
    struct buf text = {0};
    struct pen pen = {.out = &text,
                      .color = input->color,
                      .links = input->links,
                      .width = input->width,
                      .root = input->root,
                      .here = input->here};
    for (size_t i = 0; i < input->finding_count; i++) {
        text_finding(&pen, input->findings[i]);
    }
    if (!input->quiet) {
        write_summary(&pen, input);
    }
    report_append(out, buf_str(&text));
    buf_release(&text);
}

const struct report_format report_format_text = {.name = "text", .write = text_write};

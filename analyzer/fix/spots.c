#include "fix/spots.h"

struct spot spot_of(struct plan *plan, const struct access *access)
{
    struct spot spot = {.file = UINT32_MAX, .node = NO_NODE, .statement = NO_NODE};
    if (!access) {
        return spot;
    }
    spot.file = scene_file(&plan->scene, access->site.file);
    struct syntax *syntax = scene_syntax(&plan->scene, spot.file);
    if (!syntax) {
        return spot;
    }
    spot.node = syntax_find(syntax, access->site.span);
    spot.statement = syntax_statement(syntax, spot.node);
    spot.syntax = spot.statement == NO_NODE ? NULL : syntax;
    return spot;
}

void spot_edit(struct candidate *candidate, uint32_t file, uint32_t start, uint32_t end, struct str text)
{
    vec_push(&candidate->edits, ((struct edit){file, start, end, EDIT_HERE, text}));
}

void spot_replace(struct candidate *candidate, const struct spot *spot, uint32_t node, struct str text)
{
    uint32_t start = spot->syntax->tree.nodes.data[node].start;
    spot_edit(candidate, spot->file, start, start + (uint32_t)syntax_text(spot->syntax, node).len, text);
}

void spot_append(struct candidate *candidate, const struct spot *spot, uint32_t statement, struct str lines)
{
    uint32_t at = spot_line_end(spot->syntax, statement);
    vec_push(&candidate->edits, ((struct edit){spot->file, at, at, EDIT_BEHIND, lines}));
}

void spot_delete(struct candidate *candidate, const struct spot *spot, uint32_t statement)
{
    const struct syntax *s = spot->syntax;
    spot_edit(candidate, spot->file, spot_line_start(s, statement), spot_line_end(s, statement), STR(""));
}

void spot_offer(struct unit *unit, struct candidate *candidate, const char *message)
{
    candidate->message = str_of(message);
    vec_push(&unit->candidates, *candidate);
}

void spot_drop(struct candidate *candidate)
{
    vec_release(&candidate->regions);
    vec_release(&candidate->edits);
}

uint32_t spot_line_start(const struct syntax *s, uint32_t statement)
{
    return syntax_line_start(s, syntax_first_line(s, statement));
}

uint32_t spot_line_end(const struct syntax *s, uint32_t statement)
{
    return syntax_line_start(s, syntax_last_line(s, statement) + 1);
}

uint32_t spot_comments_start(const struct syntax *s, uint32_t statement)
{
    uint32_t line = syntax_first_line(s, statement);
    while (line > 1 && str_starts(str_trim(source_line(s->file, line - 1)), STR("#"))) {
        line--;
    }
    return syntax_line_start(s, line);
}

struct str spot_indent(const struct syntax *s, uint32_t statement)
{
    return syntax_indent(s, syntax_first_line(s, statement));
}

bool spot_may_leave(const struct syntax *s, uint32_t from, uint32_t to)
{
    static const enum node_kind ways[] = {NODE_RETURN_STATEMENT, NODE_RAISE_STATEMENT, NODE_BREAK_STATEMENT,
                                          NODE_CONTINUE_STATEMENT};
    for (uint32_t node = from; node != NO_NODE && node <= to; node = node_next(&s->tree, s->parents[from], node)) {
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            if (syntax_has(s, node, ways[i])) {
                return true;
            }
        }
    }
    return false;
}

bool spot_has_comment(const struct syntax *s, uint32_t first, uint32_t last)
{
    uint32_t start = syntax_line_start(s, first), end = syntax_line_start(s, last + 1);
    for (size_t i = 0; i < s->tree.comments.len; i++) {
        const struct ir_span *comment = &s->tree.comments.data[i];
        if (start <= comment->start && comment->start < end) {
            return true;
        }
    }
    return false;
}

uint32_t spot_only(const struct syntax *s, uint32_t block)
{
    uint32_t first = node_first(&s->tree, block);
    return first != NO_NODE && node_next(&s->tree, block, first) == NO_NODE ? first : NO_NODE;
}

uint32_t spot_inside(const struct syntax *s, uint32_t statement)
{
    return node_kind(&s->tree, statement) == NODE_EXPRESSION_STATEMENT ? node_first(&s->tree, statement) : statement;
}

struct str spot_free_name(struct scene *scene, const struct syntax *s, struct str name)
{
    struct str made = name;
    for (int i = 2; syntax_has_name(s, made) && i < 100; i++) {
        made = scene_text(scene, "%.*s_%d", STR_FMT(name), i);
    }
    return made;
}

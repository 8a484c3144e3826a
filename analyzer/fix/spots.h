/* spots: where an access stands, and pieces of candidates that rewrite such places. */
#ifndef FIX_SPOTS_H
#define FIX_SPOTS_H

#include "fix/plan.h"

/* An access and where it stands. */
struct spot {
    struct syntax *syntax; /* NULL: nothing can be edited there */
    uint32_t file, node, statement;
};
struct spot spot_of(struct plan *plan, const struct access *access); /* of NULL: none */

/* Replaces bytes, or the source of a node. */
void spot_edit(struct candidate *candidate, uint32_t file, uint32_t start, uint32_t end, struct str text);
void spot_replace(struct candidate *candidate, const struct spot *spot, uint32_t node, struct str text);
/* Puts whole lines behind the last one of a statement. */
void spot_append(struct candidate *candidate, const struct spot *spot, uint32_t statement, struct str lines);
/* Takes the lines of a statement away. */
void spot_delete(struct candidate *candidate, const struct spot *spot, uint32_t statement);
/* Adds a candidate, with what it does as a sentence; takes its lists over. */
void spot_offer(struct unit *unit, struct candidate *candidate, const char *message);
void spot_drop(struct candidate *candidate);

/* The bytes from the beginning of a statement's first line to the beginning of the line behind it. */
uint32_t spot_line_start(const struct syntax *s, uint32_t statement);
uint32_t spot_line_end(const struct syntax *s, uint32_t statement);
/* The same with the comments right above it. */
uint32_t spot_comments_start(const struct syntax *s, uint32_t statement);
/* The blanks at the beginning of a statement. */
struct str spot_indent(const struct syntax *s, uint32_t statement);
/* Whether control can leave the function, or a loop around, inside of the statements from one to another of a block. */
bool spot_may_leave(const struct syntax *s, uint32_t from, uint32_t to);
/* Whether a comment stands on one of the lines. */
bool spot_has_comment(const struct syntax *s, uint32_t first, uint32_t last);
/* The only statement of a block; NO_NODE where there are several. */
uint32_t spot_only(const struct syntax *s, uint32_t block);
/* What an expression statement does, else the statement itself. */
uint32_t spot_inside(const struct syntax *s, uint32_t statement);
/* A name like the one given that stands nowhere in the file. */
struct str spot_free_name(struct scene *scene, const struct syntax *s, struct str name);

#endif

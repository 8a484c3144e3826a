/* comments: what comments in Python code say to racelint.
 *
 *     # racelint: ignore[RL201, check-then-insert] reason      these rules, on this line or in this function or class
 *     # racelint: ignore                                       all rules
 *     # racelint: skip-file                                    nothing of this file is reported
 *     # noqa: RL201                                            as ignore[RL201]; a bare noqa says nothing to racelint
 *     # guarded by self._lock                                  the attribute or variable assigned here
 *     # racelint: requires(self._lock)                         callers of this function hold the lock
 *
 * One comment may hold several, each behind its own '#'.
 */
#ifndef SOURCE_COMMENTS_H
#define SOURCE_COMMENTS_H

#include "racelint/base.h"

enum directive_kind {
    DIRECTIVE_IGNORE, /* items: rule codes, prefixes of codes, names; none: all rules */
    DIRECTIVE_NOQA,   /* items: rule codes, at least one; those of other tools may be among them */
    DIRECTIVE_SKIP_FILE,
    DIRECTIVE_GUARDED_BY, /* items: one lock, as written: "self._lock" */
    DIRECTIVE_REQUIRES,   /* items: locks */
    DIRECTIVE_MALFORMED   /* speaks to racelint, but is none of these; items: the text behind "racelint:" */
};

struct directive {
    enum directive_kind kind;
    const struct str *items;
    uint32_t item_count;
    struct str reason; /* of DIRECTIVE_IGNORE: the author's words; may be empty */
};

/* The directives of one comment, from its '#' to the end of its line, in order. They live in the arena; their texts are
 * views into the comment. Returns how many there are. */
uint32_t comment_directives(struct str comment, struct arena *arena, const struct directive **directives);

#endif

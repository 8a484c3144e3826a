/* suppress: the comments of a file that keep findings from being reported. */
#ifndef CLI_SUPPRESS_H
#define CLI_SUPPRESS_H

#include "base/vec.h"
#include "cli/load.h"
#include "racelint/extension.h"
#include "racelint/ir.h"
#include "racelint/rules.h"
#include "source/comments.h"

/* One comment, and the lines that it speaks for. */
struct suppression {
    const struct directive *directive;
    uint32_t start, end;            /* of the comment: bytes of the file */
    uint32_t line;                  /* of the comment; of one that stands alone: of what it stands above */
    uint32_t first_line, last_line; /* a statement, a whole function or class, or the file */
    uint32_t used;                  /* how many findings it suppressed */
    uint64_t used_items;            /* bit i: item i of the directive suppressed one */
};

struct suppressions {
    struct arena *arena;
    VEC(struct suppression) items; /* in order of position */
};

/* Reads a file's comments. A comment that speaks to racelint but is not understood, or that names a rule which does not
 * exist, is a warning on standard error, about the file of that run; none with NULL. */
void suppressions_read(struct suppressions *suppressions, const struct ir_module *module,
                       const struct source_file *file, const struct load *warned);
/* The same of the source of an extension module, where comments are written as in its language. One that stands alone
 * speaks for the line below it. */
void suppressions_read_extension(struct suppressions *suppressions, const struct extension *extension,
                                 const struct load *warned);
void suppressions_release(struct suppressions *suppressions);

/* Whether a comment suppresses the finding, which lies in this file; all that do count it. */
bool suppressions_cover(struct suppressions *suppressions, const struct finding *finding);

/* Adds a finding RL003 for each comment, or part of one, that suppressed nothing although all the rules that it means
 * are on (`enabled`, per rule), unless a comment suppresses that. They are to be sorted (findings_sort). */
void suppressions_find_unused(const struct suppressions *suppressions, const struct source_file *file,
                              const uint8_t *enabled, struct findings *findings);

#endif

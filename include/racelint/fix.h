/* fix: from findings to edits of the source. What is offered is proven: the analysis of the edited program has not got
 * the finding any more, and no other one that was not there before. */
#ifndef RACELINT_FIX_H
#define RACELINT_FIX_H

#include "racelint/frontend.h"
#include "racelint/rules.h"

/* A file of the program. */
struct fix_file {
    const struct source_file *source;
    const struct ir_module *module; /* NULL: not analysed */
    bool writable;                  /* lies in what the user named, and can be written back: edits may change it */
};

struct fix_request {
    const struct program_options *options; /* as the program was made with */
    const struct fix_file *files;          /* all of the program, in order of path */
    size_t file_count;
    struct program *program; /* analysed */
    struct findings *findings;
    const struct rule_choice *choice; /* of rules, as given to findings_of */
    const bool *wanted;  /* [findings_count]: the findings to fix */
    enum confidence least; /* what is less sure does not count as a new finding */
    enum fix_applicability allowed; /* FIX_SAFE, or FIX_UNSAFE: which edits go into the result */
    bool explains;          /* findings without edits say why there are none */
    unsigned proofs;       /* how often the program may be analysed again at most */
};

struct fix_result {
    struct str *texts; /* [file_count]: the edited text, in malloc memory; ptr NULL: nothing to change */
    size_t fixed;      /* findings that are gone in these texts */
};

/* Works out edits for the wanted findings, proves them, and writes into each finding's fix what came out: its edits and
 * how safe they are, or the reason why there are none. Which edits it keeps depends on the input alone. */
void fix_plan(const struct fix_request *request, struct fix_result *result);
void fix_result_release(struct fix_result *result, size_t file_count);

/* Appends what changed between two texts as a unified diff with three lines of context; nothing where they are equal. */
struct buf;
void fix_diff(struct str path, struct str before, struct str after, struct buf *out);

#endif

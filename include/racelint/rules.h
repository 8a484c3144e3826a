/* rules: from hazards to findings. A rule is a self-describing constant; it never sees another rule. */
#ifndef RACELINT_RULES_H
#define RACELINT_RULES_H

#include "racelint/extension.h"
#include "racelint/program.h"

struct finding_range {
    struct str path;
    uint32_t line, column;         /* 1-based; columns in code points */
    uint32_t end_line, end_column; /* the end is exclusive */
};

/* Whether a step touches the shared state, rather than leads there or handles a lock. */
bool step_is_access(enum step_effect effect);

struct finding_step {
    struct finding_range where;
    enum step_effect effect;
    struct str text;
    const struct str *locks; /* names */
    uint32_t lock_count;
};

struct finding_thread {
    struct str root; /* empty: unknown (JSON null) */
    struct finding_range where; /* of the spawn; line 0 where there is none */
    bool many;
    const struct finding_step *steps;
    uint32_t step_count;
};

struct finding_related {
    struct finding_range where;
    struct str message;
};

enum fix_kind { FIX_EXISTING_LOCK, FIX_NEW_LOCK, FIX_ATOMIC_OPERATION, FIX_SNAPSHOT, FIX_PRIMITIVE, FIX_MANUAL };
enum fix_applicability { FIX_SAFE, FIX_UNSAFE, FIX_BY_HAND };
/* One piece of source to replace. */
struct finding_edit {
    struct finding_range where; /* an insertion ends where it begins */
    struct str text;            /* what stands there instead */
};
struct finding_fix {
    enum fix_kind kind;
    enum fix_applicability applicability; /* FIX_BY_HAND until the fix layer has worked out edits */
    struct str lock;    /* empty: none (JSON null) */
    struct str message; /* names the lock and the lines */
    const struct finding_edit *edits; /* by path and position; they do not overlap */
    uint32_t edit_count;
    struct str done;     /* what the edits do, as a sentence; empty: what the message says */
};

/* One thing to tell the user. Strings are in the arena of the finding list. */
struct finding {
    const struct rule *rule;
    enum confidence confidence;
    enum exposure exposure;
    struct str why; /* the reason for the confidence, one clause: "started in a loop at app.py:12"; may be empty */
    struct str message;
    struct finding_range where; /* the access that completes the hazard */
    struct str symbol;
    struct str state_name, state_owner;
    struct finding_range state_where; /* line 0: unknown */
    struct str guard_lock; /* empty: none */
    struct finding_range guard_where; /* where the guard is made; line 0: unknown */
    uint32_t guard_held, guard_of;
    const struct finding_related *related;
    uint32_t related_count;
    const struct finding_thread *threads;
    uint32_t thread_count;
    struct finding_fix fix;
    struct str fingerprint; /* 16 hexadecimal digits, ":n" behind the nth equal one */
    const struct source_file *file;
    const struct hazard *const *hazards; /* of which it tells, the one that leads first; good as long as the program */
    uint32_t hazard_count;
};

/* What a rule says of one hazard. All strings are in the arena. */
struct rule_text {
    struct arena *arena;
    struct str message;
    struct finding_fix fix;
};

struct rule {
    const char *code;     /* "RL101" */
    const char *name;     /* "augmented-assignment" */
    const char *summary;  /* one line, no full stop */
    const char *explanation; /* Markdown: what two threads do, step by step */
    const char *language;    /* that the examples are written in: "c"; NULL: Python */
    const char *bad, *good;  /* programs that the tests run */
    const char *fix;         /* how to fix it, in words */
    const char *const *cwes;       /* "CWE-362", NULL-terminated */
    const char *const *references; /* URLs or titles, NULL-terminated */
    bool opt_in;          /* off unless selected */
    bool (*on_request)(const struct hazard *hazard); /* of those that match, the hazards that are told only where the rule is
                                                        selected; NULL: none */
    int specificity;      /* of the rules that match one hazard, the highest reports */
    /* Whether the hazard is this rule's. NULL for codes that are found elsewhere: RL001 to RL003, RL804, RL805. */
    bool (*matches)(const struct hazard *hazard);
    /* Writes message and fix of a hazard that matches. */
    void (*describe)(const struct hazard *hazard, struct rule_text *text);
};

size_t rules_count(void);
const struct rule *rules_at(size_t index);              /* in order of code */
const struct rule *rules_find(struct str code_or_name); /* exact code (any case) or name; NULL where none */

enum rule_state { RULE_OFF, RULE_ON, RULE_SELECTED }; /* on by default; on, because the user named it */

/* Which rules report, as enum rule_state, per rule index. A folder of the program can have a choice of its own: the innermost one around a
 * file holds there. */
struct rule_folder {
    struct str path; /* relative to the root */
    const uint8_t *enabled;
};
struct rule_choice {
    const uint8_t *enabled; /* everywhere else */
    const struct rule_folder *folders; /* a folder comes before those inside it */
    size_t folder_count;
};
/* What holds for a file, by its path relative to the root. */
const uint8_t *rule_choice_at(const struct rule_choice *choice, struct str path);

/* Something to say of the text of a file, which is no hazard of the program. */
struct remark {
    const struct rule *rule;
    const struct source_file *file;
    uint32_t start, end;      /* bytes of the text that it is about */
    struct str about;         /* what it is known by in the next run, besides the rule */
    struct str message, fix;  /* sentences */
    enum confidence confidence;
    enum exposure exposure;
    struct str why;                /* the reason for the confidence; may be empty */
    struct str symbol, state_name; /* as in findings; may be empty */
};
struct findings;
/* Runs every enabled rule over the hazards of the program and folds what belongs together: one finding per place and function,
 * the most specific rule's. `choice` NULL enables all that are not opt-in. The list is sorted by path,
 * position and code, and owns its memory. */
struct findings *findings_of(const struct program *program, const struct rule_choice *choice);
void findings_free(struct findings *findings);
/* Appends what the enabled rules say of an extension module (settled by extension_link), as findings; as with
 * findings_add, they are to be sorted. */
void findings_add_extension(struct findings *findings, const struct extension *extension,
                            const struct rule_choice *choice);
/* Appends a remark as a finding; when all were, findings_sort brings the list in order again. */
void findings_add(struct findings *findings, const struct remark *remark);
void findings_sort(struct findings *findings);
size_t findings_count(const struct findings *findings);
const struct finding *findings_at(const struct findings *findings, size_t index);
/* Replaces the fix of a finding; all of it is copied. */
void findings_set_fix(struct findings *findings, size_t index, const struct finding_fix *fix);

#endif

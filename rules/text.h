/* text: the phrases of which the rules build their messages, so that all of them speak alike. Functions that return a
 * string put it into the arena they are given. Lines are 1-based. */
#ifndef RULES_TEXT_H
#define RULES_TEXT_H

#include "racelint/rules.h"

/* The words for the two ends of a span. */
struct text_span {
    struct str name;  /* the state, as code: "`self._jobs[name]`" */
    struct str first; /* where it is read or tested: "line 7" */
    struct str last;  /* where it is written or relied on: "line 9" */
};

/* How to lock what a hazard leaves open. */
struct lock_advice {
    enum fix_kind kind;  /* FIX_EXISTING_LOCK or FIX_NEW_LOCK */
    struct str lock;     /* "self._lock" */
    struct str creation; /* "add `self._lock = threading.Lock()` beside line 5"; empty for an existing lock */
    struct str holding;  /* "put lines 7-9 inside `with self._lock:`" */
};

/* The lines on which a site begins and ends; 0 where its file is unknown. */
uint32_t text_line(const struct site *site);
uint32_t text_last_line(const struct site *site);

/* Source text as one short line between backticks: white space is folded, what exceeds 60 characters is cut. */
struct str text_code(struct arena *arena, struct str source);
/* The same of an access, which is written as a statement where it is one: "`del jobs[name]`". */
struct str text_act(struct arena *arena, const struct access *access);
/* "line 7" for a site in the same file as `from`, else "app.py:7". */
struct str text_at(struct arena *arena, const struct site *site, const struct site *from);
/* The last part of a qualified name: "Cache" of "pkg.cache.Cache". */
struct str text_last_name(struct str qualified);
/* The part of a path behind the last '/'. */
struct str text_file_name(struct str path);
/* The state as the act names it: "self._jobs[name]"; by its owner where the act is a call: "Ledger._balances". */
struct str text_state(struct arena *arena, const struct hazard *hazard);
struct text_span text_span(struct arena *arena, const struct hazard *hazard);
/* The state as an access writes it, a part of its text: "self._jobs" of "self._jobs.get(name)". Empty where the text
 * does not show it. */
struct str text_path(const struct access *access);
/* The object whose field an access touches, or whose method it calls to do so: "buyer" of "buyer.balance -= 1",
 * "ledger" of "ledger.set_balance(name, 5)". Empty where the text does not show it. */
struct str text_object(const struct access *access);
/* The container of which an access takes an element or calls a method, a part of its text: "jobs" of "jobs[name]" and
 * of "jobs.pop(name)". Empty where the text does not show it. */
struct str text_container(const struct access *access);
/* The qualified name without the module it lies in ("Cache.get" of "pkg.cache.Cache.get" in src/pkg/cache.py); a part
 * of `symbol`, or "<module>" for the module itself. */
struct str text_symbol(struct str path, struct str symbol);

/* Whether the two sides of the race run the same code, so that one message speaks of both. */
bool text_is_self_race(const struct hazard *hazard);
/* Both sides of a self race, at the beginning of a sentence: "Two threads running worker() (started at line 12)". */
struct str text_both(struct arena *arena, const struct hazard *hazard);
/* The other side: "another thread running worker() (started at line 12)", "the main thread". */
struct str text_other(struct arena *arena, const struct hazard *hazard);
/* What the other side does: "runs `del jobs[name]` (line 15)". */
struct str text_partner_does(struct arena *arena, const struct hazard *hazard);
/* The sentence that tells the interleaving. Of a self race: "<both> can <together>."; else: "If <other> <does> in
 * between, <then>." */
struct str text_interleaving(struct arena *arena, const struct hazard *hazard, const char *together, const char *then);
/* The exception that a stale access of a container ends in: "KeyError", "IndexError", "queue.Empty", … */
const char *text_failure(const struct access *access);

/* The lock of the program that should guard the place of a hazard; NULL: a new one is needed. */
const struct held_lock *text_existing_lock(const struct hazard *hazard);
/* The lock to take: the guard, the lock that the act holds, the suggestion, or a new one beside the state. */
struct lock_advice text_lock(struct arena *arena, const struct hazard *hazard);
/* Sets the fix to holding that lock over the span. */
void text_fix_lock(struct rule_text *text, const struct hazard *hazard);
/* Sets the fix to something that makes a lock unnecessary; `instead` is a clause that begins in lower case: "use
 * `jobs.pop(name, None)`, which is one step". The lock is named as the second choice where `or_lock` is set. */
void text_fix_step(struct rule_text *text, const struct hazard *hazard, enum fix_kind kind, struct str instead,
                   bool or_lock);

#endif

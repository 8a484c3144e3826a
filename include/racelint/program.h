/* program: the whole-program analysis. Modules go in, hazards come out; rules turn hazards into findings. */
#ifndef RACELINT_PROGRAM_H
#define RACELINT_PROGRAM_H

#include "racelint/ir.h"
#include "racelint/models.h"
#include "racelint/source.h"

enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };
enum exposure { EXPOSURE_FREE_THREADED, EXPOSURE_ANY_BUILD };

/* Where something happens. */
struct site {
    const struct source_file *file;
    struct ir_span span;
    struct str symbol; /* qualified name of the function around it: "pkg.cache.Cache.increment" */
};

/* What a step does. */
enum step_effect {
    STEP_READ, STEP_WRITE, STEP_UPDATE, STEP_DELETE, STEP_CHECK, STEP_ITERATE, STEP_CALL, STEP_ACQUIRE, STEP_RELEASE,
    STEP_SPAWN, STEP_JOIN, STEP_COUNT
};
const char *step_effect_text(enum step_effect effect); /* "read", "write", … */

/* How an access touches its place. */
enum access_kind {
    ACCESS_LOAD,        /* read of a variable or attribute, or of an item */
    ACCESS_STORE,       /* plain store of one */
    ACCESS_AUGMENTED,   /* the write half of `place op= value` */
    ACCESS_DELETE,      /* del place */
    ACCESS_METHOD,      /* a modelled operation of a container: `method` names it */
    ACCESS_MEMBERSHIP,  /* `in`, `not in` */
    ACCESS_SIZE,        /* len(), truth of a container, empty(), full(), qsize() */
    ACCESS_ITERATE,     /* a loop, comprehension or consumer over its contents */
    ACCESS_USE          /* the value read before is used: an attribute of it, a call on it */
};

enum place_root {
    PLACE_GLOBAL,
    PLACE_CLASS,
    PLACE_INSTANCE,
    PLACE_CELL,
    PLACE_DEFAULT, /* the default value of a parameter: the owner is the function */
    PLACE_OBJECT
};

/* Shared state, as an access path. */
struct place {
    enum place_root root;
    bool contents;     /* what a container holds, rather than the variable that holds the container */
    struct str name;   /* as the first site writes it, with the key where there is one: "self._data[key]" */
    struct str field;  /* the last name of the path: "_data" */
    struct str owner;  /* qualified name of the class, module or function that owns it */
    struct site declared; /* where it gets its first value; file NULL where that was not seen */
    struct str variable;  /* the field, or of a container in a container the field that holds the outermost one */
    struct site set_up;   /* where that gets its first value; file NULL where that was not seen */
    enum model_role role; /* of the container it holds, or ROLE_NONE */
    const struct model *type; /* of what it holds, where modelled, or NULL */
    uint64_t key; /* equal for the same place, within one analysis */
};

struct held_lock {
    struct str name;   /* as written: "self._lock" */
    struct str owner;  /* "pkg.cache.Cache" */
    uint32_t identity; /* equal for the same lock, within one analysis */
    enum model_role role;
    bool of_tasks;     /* a lock of asyncio: keeps tasks apart, and is taken by `async with` */
    struct site declared; /* where the owner first gets it; file NULL where that was not seen */
};

struct access {
    struct site site;
    enum access_kind kind;
    bool writes;         /* changes the place */
    bool atomic;         /* one step of CPython */
    bool constant;       /* a store of a literal or other immutable that does not depend on what was read */
    struct str text;     /* the source text of the access: "self._data.get(key, 0)" */
    struct str method;   /* of ACCESS_METHOD: "append" */
    const struct model *model; /* of ACCESS_METHOD; else NULL */
    struct str key;      /* text of the key expression, or empty */
    const struct place *place;
    const struct held_lock *locks; /* held here, in order of name */
    uint32_t lock_count;
};

enum span_via { VIA_DATA, VIA_CONTROL, VIA_ITERATION, VIA_INVARIANT };

/* What the condition of a control span asks of the place. */
enum check_kind {
    CHECK_NOT_A_CHECK,
    CHECK_IN, CHECK_NOT_IN,         /* the key is, or is not, there where the act happens */
    CHECK_NONE, CHECK_NOT_NONE,     /* is None / is not None, or .get(k) compared with None */
    CHECK_TRUE, CHECK_FALSE,        /* truth of the value (of a container: not empty, empty) */
    CHECK_COMPARE,                  /* ==, <, … with something else */
    CHECK_SIZE,                     /* a comparison of the size; empty(), full() */
    CHECK_MISSING                   /* hasattr, or except KeyError / AttributeError / IndexError … around the read */
};

/* A thread root, or how a side of a hazard comes to run. */
enum thread_kind { THREAD_IMPORT, THREAD_MAIN, THREAD_SPAWNED, THREAD_CALLER };
struct thread_step {
    struct site site;
    enum step_effect effect;
    struct str text;                /* what the source says there, one line */
    const struct held_lock *locks;  /* held there */
    uint32_t lock_count;
};
struct thread_side {
    enum thread_kind kind;
    struct str root;   /* "ThreadPoolExecutor.submit(worker)", "main thread", "any caller"; empty: unknown */
    struct site start; /* where it is spawned; file NULL for main and callers */
    bool many;         /* several threads may run this at once */
    const struct thread_step *steps; /* in order: spawn, the calls on the way, then the accesses */
    uint32_t step_count;
};

/* How it is known which lock guards a place. */
enum guard_kind {
    GUARD_NONE,
    GUARD_SOMEWHERE, /* some access holds it */
    GUARD_OF_WRITES, /* every write does */
    GUARD_INFERRED,  /* two thirds of the accesses do, writes counted double */
    GUARD_DECLARED   /* its author says so */
};

enum hazard_kind {
    HAZARD_SPAN,       /* first … last on one place, and a partner that can come between */
    HAZARD_UNGUARDED,  /* last is without the lock that other accesses hold, partner one of these; first = last */
    HAZARD_VIOLATION,  /* the same with a lock that the author declares, or (no place) a call without the lock it requires */
    HAZARD_LEAK,       /* last hands a guarded container on, out of its critical section; partner changes it; first = last */
    HAZARD_LOCK_REBOUND, /* last stores a new lock where first may have tested for one; partner uses the old one */
    HAZARD_BAD_ANNOTATION, /* last declares a guard that does not exist; no partner */
    HAZARD_MUTATION,   /* a write and a conflicting access with no common lock: last and partner; first = last */
    HAZARD_PUBLISH,    /* last sets what partner tests, before `later` makes it complete, or empties what partner looks up,
                          before `later` fills it again; first = last */
    HAZARD_ESCAPE,     /* last sets a field of a new object after `escape` let partner's thread have it; first = last */
    HAZARD_TORN,       /* first and last read two places that partner's side only changes together, under a lock */
    HAZARD_MEMO,       /* last is a function whose result is kept, which partner's side may run at the same time; first = last */
    HAZARD_LOCK_PER_CALL, /* a lock made in the call that uses it: last is the acquisition */
    HAZARD_LOCK_FOR_PROCESSES, /* last takes `held` in a thread, a lock of processes in a program that makes none */
    HAZARD_LOCK_ORDER,    /* first takes `held`, last then takes `wanted`; the partner side the other way round */
    HAZARD_SELF_DEADLOCK, /* last takes a lock for the second time, of which first already holds the thread up */
    HAZARD_MADE_ONCE,     /* last changes a container that a class body or a default made for all; first = last */
    HAZARD_SHARED_ITERATOR, /* last and partner take elements from one iterator; first = last */
    HAZARD_HANDED,        /* first gives an object to the thread of partner, last changes it afterwards */
    HAZARD_CAPTURE,       /* last reads, in a thread, a variable of a loop that partner binds again; first = last; while_loop:
                             the loop goes on meanwhile, else it is over when the threads start */
    HAZARD_BUFFER,        /* last stores into a buffer that does not lock itself, partner touches it, too; first = last */
    HAZARD_REQUEST_STATE, /* first stores what belongs to one call on an object of all, last reads it back; partner is first */
    HAZARD_POOL_WAIT,     /* last waits, in a task of a pool, for what first gave to the same pool */
    HAZARD_LEFT_HELD,     /* last takes `held`; at `escape` control leaves without giving it back: an exception, if `raises` */
    HAZARD_RELEASED_TWICE, /* last gives `held` back, which was given back before; `escape`: where it was taken, or NULL */
    HAZARD_ACQUIRE_IGNORED, /* last may come back without `held`, and nobody asks */
    HAZARD_WAIT_ONCE,     /* last waits for `held`, a condition, without testing again what it waits for */
    HAZARD_PREDICATE_CHANGED, /* last changes what the wait `escape` for `held` is about, tested by the partner, without
                                 its lock */
    HAZARD_PREDICATE_TESTED,  /* last tests it without the lock; the partner changes it and wakes with it */
    HAZARD_WAIT_UNLOCKED, /* last waits for, or wakes, those who wait for `held` without holding it */
    HAZARD_WAIT_HOLDING,  /* last waits for a condition while it holds `held` as well, another lock */
    HAZARD_PROCESS_STATE, /* last changes `state` of the whole process while other threads run; partner (or NULL) does, too */
    HAZARD_PATCH,         /* the same with an attribute of a module or class outside the program */
    HAZARD_FILE,          /* first asks for a file, last relies on the answer; check CHECK_TRUE: last writes a temporary file of
                             one name for all; CHECK_FALSE: first only gave a name */
    HAZARD_THREAD_RUN,    /* last calls run() of a thread object in the calling thread */
    HAZARD_THREAD_UNUSED, /* last makes a thread that is never started */
    HAZARD_THREAD_EMPTY,  /* last starts a thread that has nothing to run */
    HAZARD_THREAD_BASE,   /* last is a constructor of a class of threads that does not call its base's */
    HAZARD_DROPPED,       /* last starts a task and drops its future (while_loop: keeps it and never asks it); `escape`: where the task may fail, or NULL */
    HAZARD_THREAD_LOST,   /* last starts a thread that may end with the exception of `escape`, and no hook is set */
    HAZARD_EARLY_READ,    /* last reads what partner's thread writes, before it waits for it; first = last */
    HAZARD_LOOP_TOUCHED,  /* last touches an object of an event loop that runs in another thread */
    HAZARD_BLOCKING,      /* last may take long while `held` is held, which partner takes; while_loop: it waits for that thread */
    HAZARD_CALLBACK,      /* last calls code from outside while `held` is held */
    HAZARD_AWAIT_HOLDING, /* last lets other tasks run while `held`, a lock of threads, is held */
    HAZARD_LOOP_WAITS,    /* last waits in a coroutine for `held`, a lock that partner holds over what takes long */
    HAZARD_FORK,          /* last forks beside threads; check CHECK_TRUE: to run code in the child before exec */
    HAZARD_FINALIZER,     /* last takes `held` in a finalizer (check CHECK_TRUE: a signal handler); `escape`: others do */
    HAZARD_LOCAL_AT_IMPORT, /* last reads an attribute of a threading.local that only partner, at import, sets */
    HAZARD_CONTEXT,       /* last reads a context variable without a default in a new thread; partner sets it in another */
    HAZARD_CONTEXT_VAR,   /* last makes a context variable in a function, or one with a default that all share */
    HAZARD_GIL_REMARK,    /* last is text that relies on the GIL */
    HAZARD_GIL_BRANCH,    /* last asks whether there is a GIL, and only one of the two answers leads to a lock */
    HAZARD_GIL_SWITCH,    /* last sets how often the GIL is handed on */
    HAZARD_GIL_PROBE,     /* last asks whether the GIL is on, without asking whether it can */
    HAZARD_FOREIGN_FRAME, /* last reads the variables of a frame that another thread runs */
    HAZARD_LOCK_SILENT,   /* last makes a lock of which no text says what it guards */
    HAZARD_EXPORTED,      /* last changes a container that a module exports */
    HAZARD_DAEMON,        /* last writes a file in a daemon thread */
    HAZARD_POLLED,        /* last is read in the condition of a loop that works; partner sets it to end the loop */
    HAZARD_BUSY_WAIT,     /* the same of a loop that does nothing but wait */
    HAZARD_LOST_SIGNAL    /* last clears an event after first has looked at what it announces; partner sets it */
};

/* What the span could still be, for rules and messages. */
struct hazard {
    enum hazard_kind kind;
    const struct place *place;
    const struct access *first;   /* the read, check or iteration */
    const struct access *last;    /* the write or act that completes the hazard */
    const struct access *partner; /* the other side's access that comes between; may be `last` itself in another thread */
    enum span_via via;
    enum check_kind check;        /* of VIA_CONTROL */
    bool through_call;            /* a call lies between them */
    bool first_locked_alike;      /* first and last hold the same lock, but not without interruption */
    bool while_loop;              /* the check is the condition of a loop */
    bool in_parts;                /* the act is one of several that fill what the check finds empty */
    const struct thread_side *side, *partner_side;
    const struct held_lock *guard; /* declared or inferred guard of the place, or NULL */
    uint32_t guard_held, guard_of; /* accesses that hold it, of how many */
    uint32_t guard_writes;         /* of these how many write */
    enum guard_kind guard_kind;
    bool locked_apart; /* both sides hold a lock that could guard the place, but never the same one */
    bool breaks_section; /* last comes between two steps that hold the guard without interruption: the partner is the second */
    bool stored;       /* of HAZARD_CONTEXT_VAR: its default, which partner changes, is one for all contexts */
    enum model_state state; /* of HAZARD_PROCESS_STATE */
    uint16_t target_version; /* as in program_options, where it matters; 0: it does not */
    const struct held_lock *weak; /* a lock that last holds and that lets several threads in; else NULL */
    struct str requires; /* of HAZARD_VIOLATION: the function called without the lock it requires, or empty */
    bool wrong_scope;  /* last holds only locks of one instance each, and the place belongs to all of them */
    const struct access *later;     /* of HAZARD_PUBLISH: the write that comes too late; else NULL */
    const struct access *later_use; /* of HAZARD_PUBLISH: where the other side relies on it; NULL: not seen */
    const struct access *escape; /* of HAZARD_ESCAPE: where the thread is started or the object registered; of others: see there */
    const struct access *pair;  /* of HAZARD_TORN: `first` with its own place; else NULL */
    bool raises;                /* of HAZARD_LEFT_HELD: by an exception; of HAZARD_PROCESS_STATE: the thread gets one */
    bool never_joined;          /* of HAZARD_EARLY_READ: nobody waits for the thread, as far as is known */
    bool runs_twice;            /* of HAZARD_MEMO: the function changes shared state, so that its second run counts */
    const struct access *partner_first; /* of HAZARD_LOCK_ORDER: where the partner took what it holds; else NULL */
    const struct held_lock *held, *wanted; /* of the hazards of lock order: what first and last take; else NULL */
    const struct access *const *chain; /* of a circle of more than two locks: what the threads in between wait for, each
                                          holding what the one before it waits for */
    uint32_t chain_count;
    const struct held_lock *suggestion; /* a lock of the owner that would fit, or NULL: a new one is needed */
    const struct access *const *related; /* other accesses of the place that want the same lock */
    uint32_t related_count;
    enum confidence confidence;
    enum exposure exposure;
    struct str why; /* the reason for the confidence, one clause: "started in a loop at app.py:12" */
};

/* A function, or several, that code outside of the program runs in threads. */
struct thread_entry {
    struct str name;   /* a qualified name; '*' stands for any letters of one part */
    bool many;         /* several threads at once */
    bool own_instance; /* of methods: each thread has a receiver of its own */
};

struct program_options {
    const struct thread_entry *entries; /* and src: must live as long as the program */
    uint32_t entry_count;
    const struct str *src; /* folders where imports begin, as paths of modules begin (the root is empty); NULL: the root
                              and "src" */
    uint32_t src_count;
    const struct models *models; /* NULL: the built-in ones */
    bool assume_threaded;
    uint16_t target_version; /* 0x030d, 0x030e, 0x030f */
    bool free_threaded;      /* it runs on free-threaded builds only */
    uint16_t oldest_version; /* the oldest one that the project says it supports; 0: it does not say */
    unsigned jobs;
};

/* Why a call has no effect on the analysis. */
enum unresolved {
    UNRESOLVED_LIBRARY,   /* of something outside the program that no model describes */
    UNRESOLVED_ARGUMENT,  /* on, or of, a parameter whose type is not known */
    UNRESOLVED_ATTRIBUTE, /* the same of an attribute, or of a variable of a module */
    UNRESOLVED_VALUE,     /* of some other value that nothing is known of */
    UNRESOLVED_UNREACHED, /* in code that was never evaluated */
    UNRESOLVED_COUNT
};
const char *unresolved_text(enum unresolved reason); /* "on arguments of unknown type" */

#define LIBRARIES_SHOWN 5
struct program_stats {
    uint64_t steps; /* instructions evaluated: how much work the analysis was, whatever the machine */
    bool capped;    /* a bound on that was reached: calls were told apart less from there on */
    uint32_t roots, functions;
    uint32_t calls, calls_resolved; /* as they stand in the code, each once */
    uint32_t unresolved[UNRESOLVED_COUNT];
    struct str libraries[LIBRARIES_SHOWN]; /* without a model, those called most first */
    uint32_t library_calls[LIBRARIES_SHOWN];
    uint32_t library_count;
};

struct program;
/* The program keeps what program_add is given until it is freed: module and file must live as long. Modules may be added
 * in any order; what comes out does not depend on it. */
struct program *program_new(const struct program_options *options);
void program_free(struct program *program);
void program_add(struct program *program, const struct ir_module *module, const struct source_file *file);
void program_analyze(struct program *program);

/* How many functions an entry of the options names. Of none, *nearest is a similar name of the program, or empty. */
uint32_t program_entry_count(const struct program *program, uint32_t index, struct str *nearest);

/* The hazards, sorted by path, position and kind. Owned by the program. */
uint32_t program_hazard_count(const struct program *program);
const struct hazard *program_hazard_at(const struct program *program, uint32_t index);
void program_stats(const struct program *program, struct program_stats *stats);

/* ---- for those who change the program: see also hazard.place->key ---- */

/* One access of a place as it stands in the source; what holds for all ways to get there. */
struct place_access {
    const struct access *access; /* the locks are those held on every way */
    bool racing;  /* a conflicting access may happen at the same time */
    bool exposed; /* it is in no constructor that has its object for itself */
};
/* The accesses of some places, in order of path and position. The array is in `arena`, what it points to is the
 * program's; returns the count. */
uint32_t program_accesses(struct program *program, const uint64_t *places, uint32_t place_count, struct arena *arena,
                          struct place_access **accesses);

/* The places (keys) of one owner that a piece of source changes, outside constructors: what a lock around it guards. The
 * array is in `arena`; returns the count. */
uint32_t program_places_changed(struct program *program, const struct source_file *file, struct ir_span span,
                                struct str owner, struct arena *arena, uint64_t **places);

/* What the calls in a piece of source come to, with what they call in turn. */
struct call_survey {
    bool unknown;       /* some call leads where nothing is known */
    bool blocks;        /* waits for time, files or the network */
    bool waits;         /* waits for another thread: join, get, result, wait */
    struct site slow;   /* the first call in the piece that blocks or waits; file NULL: none */
    struct site strange; /* the first one that leads to what is not known */
    const struct site *functions; /* of the program, that may run: their definitions, in order of position */
    uint32_t function_count;
};
/* Strings and arrays are in `arena`. */
struct call_survey program_calls(struct program *program, const struct source_file *file, struct ir_span span,
                                 struct arena *arena);
/* `racelint debug program`: roots, call graph, places, locks; appended to *out (malloc, NUL-terminated, NULL at first). */
void program_print(const struct program *program, char **out);

#endif

/* models: what libraries do with threads, locks and containers, as const tables compiled from models/ (TOML). */
#ifndef RACELINT_MODELS_H
#define RACELINT_MODELS_H

#include "racelint/base.h"

/* What an entry describes; MODEL_PACKAGE: a module, with those below it. */
enum model_is { MODEL_CLASS, MODEL_FUNCTION, MODEL_METHOD, MODEL_VALUE, MODEL_PACKAGE };

/* What an instance of a class (or a value) is to the analysis. */
enum model_role {
    ROLE_NONE,
    ROLE_LOCK, ROLE_RLOCK, ROLE_CONDITION, ROLE_SEMAPHORE, /* guards */
    ROLE_EVENT, ROLE_BARRIER,
    ROLE_THREAD, ROLE_EXECUTOR, ROLE_FUTURE,
    ROLE_SERVER,        /* a server that runs its handler class in threads */
    ROLE_HANDLER,       /* a base class whose subclasses' methods run in a server's threads */
    ROLE_QUEUE,         /* hands objects from one thread to another */
    ROLE_THREAD_LOCAL,  /* each thread has its own attributes */
    ROLE_LIST, ROLE_DICT, ROLE_SET, ROLE_DEQUE, ROLE_BYTEARRAY, ROLE_TUPLE, ROLE_ITERATOR, /* containers */
    ROLE_IMMUTABLE,     /* never changes */
    ROLE_COUNTER_ATOMIC,/* next() or inc() is one step: itertools.count, atomics */
    ROLE_OBJECT,        /* some other object that is modelled */
    ROLE_VIEW,          /* a live view of a container or buffer: dict.keys(), MappingProxyType, memoryview */
    ROLE_LOOP,          /* an event loop: belongs to the one thread that runs it */
    ROLE_COUNT
};

enum model_safety { SAFETY_UNKNOWN, SAFETY_SAFE, SAFETY_UNSAFE };
/* Whom a lock holds back, between whom a queue hands over, where an executor runs its tasks: between threads, between
 * processes (which share no objects), or between the tasks of one event loop (which run in one thread). To whom a
 * ROLE_THREAD_LOCAL belongs: to a thread, or to a context, of which a thread may run several. */
enum model_scope { SCOPE_THREAD, SCOPE_PROCESS, SCOPE_ASYNCIO, SCOPE_CONTEXT };
/* Where `compound`, `iterate` or `unsafe` bites: on every build, or only where threads run in parallel (with the GIL
 * the operation is one step as long as it runs no Python code: no __eq__, no key function, no generator). */
enum model_build { BUILD_ANY, BUILD_FREE_THREADED };
/* What a loop over the result goes through: elements, or tuples of a number and an element, of a key and an element, or of
 * one element of each argument. */
enum model_deals { DEALS_ELEMENTS, DEALS_NUMBERED, DEALS_KEYED, DEALS_EACH };
/* What an operation does to the file system: asks what is there, or whether a folder is, changes it or relies on it, or only reads or writes what
 * is in files, which mostly takes a short time. */
enum model_file { FILE_NONE, FILE_CHECK, FILE_CHECK_FOLDER, FILE_ACT, FILE_DATA };
/* What a function of the file system has to do with folders: it makes one, or its result is the one that argument 0 is in. */
enum model_folder { FOLDER_UNSAID, FOLDER_MADE, FOLDER_OF };
/* Which state of the whole process something changes, or is. */
enum model_state {
    STATE_NONE,
    STATE_ENVIRONMENT, STATE_DIRECTORY, STATE_UMASK, STATE_LOCALE, STATE_SIGNALS, STATE_WARNINGS, STATE_STREAMS,
    STATE_HOOKS, STATE_RANDOM, STATE_IMPORTS,
    STATE_SETTINGS, /* other settings of the interpreter or of a library */
    STATE_FORK      /* the set of processes: the call copies this one, with one thread only */
};
/* Where the target of EFFECT_LATER runs. */
enum model_gil {
    GIL_UNSAID,
    GIL_PROBE, /* tells whether the GIL is on, or whether the build has one */
    GIL_SWITCH /* says how often threads hand it on */
};
enum model_runs {
    RUNS_UNSAID,
    RUNS_LOOP,      /* in the thread of an event loop, between other callbacks */
    RUNS_SIGNAL,    /* in the main thread, between any two of its steps */
    RUNS_FINALIZER, /* in whatever thread lets go of the object, at any step, also one that holds locks */
    RUNS_EXIT,      /* in the main thread when the program ends, after the threads that are no daemons */
    RUNS_PROCESS,   /* in another process or interpreter, which shares no objects */
    RUNS_CALLER,    /* in a thread of the caller's: when a `with` ends, a scheduler runs, an iterator is consumed */
    RUNS_SERVER     /* in threads of a server's, once the program has set itself up; several at once with `many` */
};

/* What a function or method does; a set of bits. */
enum {
    EFFECT_ACQUIRE = 1 << 0, EFFECT_RELEASE = 1 << 1, EFFECT_WAIT = 1 << 2, EFFECT_NOTIFY = 1 << 3,
    EFFECT_SPAWN = 1 << 4,        /* runs `target` in another thread, from now on */
    EFFECT_START = 1 << 5,        /* starts the receiver (a thread made earlier) */
    EFFECT_JOIN = 1 << 6,         /* waits for the receiver (thread, future, executor) to end */
    EFFECT_PUT = 1 << 7,          /* hands argument `value` to another thread */
    EFFECT_GET = 1 << 8,          /* receives one */
    EFFECT_READ = 1 << 9,         /* reads the container's contents, size or one item */
    EFFECT_WRITE = 1 << 10,       /* changes them */
    EFFECT_ATOMIC = 1 << 11,      /* all of it is one step of CPython */
    EFFECT_COMPOUND = 1 << 12,    /* shows intermediate states while others look */
    EFFECT_REMOVE = 1 << 13,      /* removes an element; fails where it is gone (unless it has a default) */
    EFFECT_INSERT = 1 << 14,      /* adds an element */
    EFFECT_SIZE = 1 << 15,        /* the result is the size, or whether it is empty or full: stale at once */
    EFFECT_ITERATE = 1 << 16,     /* walks argument 0 (or the receiver) element by element, not in one step */
    EFFECT_SNAPSHOT = 1 << 17,    /* the result is a private copy, taken in one step */
    EFFECT_BLOCKS = 1 << 18,
    EFFECT_PROCESS = 1 << 19,     /* changes process-wide state */
    EFFECT_PURE = 1 << 20,        /* reads and writes nothing shared */
    EFFECT_SET = 1 << 21, EFFECT_CLEAR = 1 << 22, /* of an event */
    EFFECT_DECORATOR = 1 << 23,   /* returns its argument, or something that behaves like it */
    EFFECT_CALLBACK = 1 << 24,    /* calls `target` now, in this thread */
    EFFECT_VIEW = 1 << 25,        /* the result is a live view of the receiver or argument 0 (keys(), iter(), …) */
    EFFECT_CHECK_THEN_RAISES = 1 << 26, /* *_nowait, get(block=False): fails when a check has gone stale */
    EFFECT_LATER = 1 << 27,       /* calls `target` later; `runs` says where */
    EFFECT_MEMO = 1 << 28,        /* keeps the target's result; two threads that ask at once both run the target */
    EFFECT_ATTRIBUTE = 1 << 29,   /* `key` names an attribute of argument 0 (getattr, setattr, …), not an item */
    EFFECT_MAKES_DECORATOR = 1 << 30 /* the result, called with a function, returns it or what behaves like it; together
                                        with EFFECT_DECORATOR: only where argument 0 is no function */
};

#define MODEL_NO_ARG (-1)

struct model {
    const char *name;   /* qualified: "threading.Lock", "builtins.list.append" */
    uint8_t is;         /* enum model_is */
    uint8_t role;       /* enum model_role: of the instances of a class, or of a value; of a function that makes a class
                           (namedtuple): of that class's instances */
    uint8_t safety;     /* enum model_safety */
    uint8_t scope;      /* enum model_scope: of locks, queues, executors and thread-locals */
    uint32_t effects;   /* EFFECT_* */
    bool many;          /* a spawn whose target may run in several threads at once (pools, servers) */
    bool reentrant;     /* of locks */
    /* Arguments by position (the receiver not counted; MODEL_NO_ARG: none) and by keyword (NULL: none). */
    int8_t target, target_args, target_kwargs; /* spawns: callable; a tuple of its arguments; a dict of them */
    int8_t rest;        /* spawns: positional arguments from here on, and keywords, go to the target (submit) */
    int8_t elements;    /* iterables from here on: their elements go to the target (map), or are what EFFECT_ITERATE or
                           EFFECT_VIEW is about (zip, chain) */
    int8_t key, value, fallback; /* container operations: item key, stored value, default; EFFECT_BLOCKS: `value` is what
                                    is sent, which does not wait where it is a constant of a few bytes */
    const char *target_keyword, *args_keyword, *kwargs_keyword, *key_keyword, *value_keyword, *fallback_keyword;
    const char *returns; /* qualified class of the result; "self"; "element"; "argument"; NULL: unknown. Of a value: its
                            class. Of a class: what `with` binds. */
    const char *const *bases;   /* of a class; NULL-terminated, or NULL */
    const char *const *entries; /* ROLE_HANDLER, ROLE_THREAD: methods that run in the new thread ("run", "handle",
                                   "do_*"), of a ROLE_HANDLER with RUNS_SERVER in those of a server; of other classes: that run in whatever thread uses the object, with
                                   `held` taken (logging.Handler.emit). NULL-terminated */
    uint16_t from_version, to_version; /* 0x030d is 3.13: the first with it, the first without it again (0: no end) */
    const char *source;  /* where it is documented */

    const char *module;  /* "threading": what `name` begins with */
    const char *same_as; /* an alias: the entry it stands for; models_find follows it, only models_at shows it */
    uint8_t build;       /* enum model_build */
    uint8_t runs;        /* enum model_runs: of EFFECT_LATER */
    bool one_per_call;   /* a spawn with `many`: each call runs the target once, so it takes two calls to overlap */
    bool own_instance;   /* ROLE_HANDLER: every run has an instance of its own, so that its `self` is not shared */
    bool spread;         /* with `elements`: each element is a tuple of the target's arguments (starmap) */
    bool tasks;          /* a spawn whose `target` is an iterable of what is to be called (joblib.Parallel) */
    bool defers;         /* the result, called, does not call `target` but gives back the call, to be run later
                            (joblib.delayed) */
    const char *const *threads_with; /* ROLE_EXECUTOR with SCOPE_PROCESS: "keyword=value" arguments that make it run its
                                        tasks in threads instead. NULL-terminated, or NULL */
    /* Further arguments, as above. */
    int8_t through;      /* the object meant instead of the receiver (of a function: instead of argument 0): the lock
                            in a Condition, what enter_context enters, the futures wait() waits for, the executor
                            of run_in_executor, what str.join walks */
    int8_t block;        /* where given and false, the operation does not wait, and EFFECT_ACQUIRE may fail; of a method
                            without EFFECT_BLOCKS and EFFECT_ACQUIRE: what is done with the receiver later does not wait
                            (setblocking) */
    int8_t timeout;      /* where given and not None, it may give up: EFFECT_JOIN and EFFECT_ACQUIRE are not certain */
    int8_t limit;        /* how many threads run or hold at once: a pool's workers, a semaphore's value */
    uint8_t limit_default; /* that number where the argument is left out; 0: many */
    const char *through_keyword, *block_keyword, *timeout_keyword, *limit_keyword;
    bool discards;       /* takes elements out and does not fail where there are none (discard, clear); has no
                            EFFECT_REMOVE */
    bool one_step_without_key; /* EFFECT_COMPOUND only where `key` is given; else one step (list.pop) */
    bool thread_identity; /* the result tells the calling thread from all others (get_ident, current_thread) */
    bool pause;          /* lets time pass, and does nothing else (time.sleep) */
    bool extreme;        /* gives back the least or the greatest of what it is given (min, max) */
    bool lookup_error;   /* of a class: an exception which says that what was looked up is not there (KeyError) */
    uint8_t file;        /* enum model_file: what it does to the file that `key` names */
    uint8_t folder;      /* enum model_folder */
    uint8_t state;       /* enum model_state: of EFFECT_PROCESS */
    const char *held;    /* the attribute of the receiver that is the lock: held while `entries` run (logging.Handler),
                            or what the receiver's acquire and release methods take; NULL: the receiver itself. Of a
                            function: the name of a lock of the process that it takes or releases */
    const char *others;  /* of a value: what any thread may do at any time that puts elements into it and takes some
                            out, so that the program need not show it: "imports a module"; or NULL */
    const char *const *one_step_with; /* classes: where the argument that is walked (`through`, `elements`, else 0) is
                                         of exactly one of them, the operation is one step (a snapshot, where it makes
                                         a container); where it is known to be of another, it is walked element by
                                         element; where it is unknown, `effects` say. Or NULL */
    uint8_t gil;         /* enum model_gil */
    bool keeps_length;   /* what it makes has as many elements as what it is given (sorted, list) */
    uint8_t deals;       /* enum model_deals */
    bool sorts;          /* what it makes is in order (sorted) */
    bool wraps_type;     /* in annotations: it stands for the types in its brackets (Optional) */
    bool endless;        /* of an iterator: its elements come again for ever (cycle, repeat) */
    bool may_mean_gone;  /* of an exception: a handler of it may be there for a look-up that fails: what such raise, and its
                            bases */
    const char *like;    /* ROLE_HANDLER: it stands for all classes outside the program of such a name, '*' for any letters:
                            "*_pb2_grpc.*Servicer"; or NULL */
    const char *const *parameters; /* ROLE_HANDLER: what has exactly these parameters is an entry, too: a function of a
                                      module, the `__call__` of a class. NULL-terminated, or NULL */
    const char *harm;    /* of a class: what goes wrong where threads share an object ("they share one position"); of a
                            method: what it does to the object that others can see meanwhile ("leaves the list empty until
                            it is sorted"). A clause for the reader of a finding, or NULL */
    /* Further arguments, as above. */
    int8_t forgives;     /* where given and not false, it does not fail for what is there, or is not (exist_ok) */
    int8_t mode;         /* how a file is opened: "r", "w+" */
    int8_t daemon;       /* of a thread: where given and true, nobody need wait for it to end */
    int8_t named;        /* of a lock, or what makes one: all that are made with the same name are one and the same */
    int8_t in_child;     /* what a forked child runs before it becomes another program (preexec_fn) */
    const char *forgives_keyword, *mode_keyword, *daemon_keyword, *in_child_keyword, *named_keyword;
    bool makes_fields;   /* a decorator or base of classes that makes fields and a constructor from what is annotated or
                            assigned in the class's body (dataclass, NamedTuple) */
    bool any_copy;       /* a function outside the program with the last part of this name is taken for it: projects carry
                            copies of it (six.iteritems) */
    bool greenlets;        /* from then on one thread runs all threads, and changes over where one of them waits */
    bool replaces_program; /* another program takes the place of this one in the process: exec */
    bool sees_failures;  /* of a value: the function stored there is told of the exceptions that end threads */
    const char *configures; /* of a function whose result is for `with`: a ROLE_EXECUTOR class; `threads_with`, and `key`
                               for the first of them by position, hold for those made inside that say nothing of `key`;
                               or NULL */
    const char *named_in; /* ROLE_HANDLER: a variable of a module whose strings name the classes that are such handlers, and
                             functions that make such ("MIDDLEWARE"); or NULL */
    const char *made_with; /* ROLE_HANDLER: a class whose constructor has a parameter of this name is taken for one where
                              nobody is seen to make it ("get_response"); or NULL */
    bool ends_process;   /* it ends the process at once (os._exit) */
    bool handles;        /* of a class: a `with` statement with such an object handles exceptions of its body (suppress) */
};

/* All entries that hold for a program. */
struct models;
/* Those that are compiled in. */
const struct models *models_builtin(void);

/* The entry of a qualified name, or NULL. Binary search. Those of packages are not found so. */
const struct model *models_find(const struct models *models, struct str qualified_name);
/* The entry of a module, or of the nearest package around it that has one; NULL: none has. */
const struct model *models_package(const struct models *models, struct str module);
/* Whether there are entries of this module of Python's own library, or of those below it. */
bool models_has_standard_module(const struct models *models, struct str name);
/* The entry of a method or attribute of a class, looked for in the class and then its bases; NULL where none. */
const struct model *models_member(const struct models *models, const struct model *type, struct str member);
/* Whether some function of this name (the last part of its qualified one), or what it is asked for, is about the GIL in
 * this way; for GIL_PROBE also the build's variable Py_GIL_DISABLED. */
bool models_about_gil(const struct models *models, struct str name, enum model_gil gil);
bool models_asks_gil(const struct models *models, struct str name);
/* Whether a decorator, as it is written without `@` and arguments ("dataclasses.dataclass", "define"), makes a class's
 * fields: its last part is the name of a function that does, or ends in `_` and that name ("slotted_dataclass"). */
bool models_makes_fields(const struct models *models, struct str decorator);
/* Whether some method of event loops that hands a callback to the loop has this name (call_soon). */
bool models_hands_to_loop(const struct models *models, struct str name);
/* Whether something by which any thread hands functions to a main loop has this name (idle_add). */
bool models_runs_in_loop(const struct models *models, struct str name);
size_t models_count(const struct models *models);
const struct model *models_at(const struct models *models, size_t index); /* in order of name */

#endif

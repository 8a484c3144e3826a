/* state: the tables that all parts of the analysis share. Only the program layer includes this.
 *
 * The analysis is an abstract interpreter over the IR. Values are sets of abstract objects; an object is its allocation
 * site plus one level of calling context. The heap (fields of objects) is flow-insensitive and only grows; locals,
 * locks, ownership and the set of running threads are flow-sensitive. A context is a function with what it was called
 * with; evaluating one records its accesses and spans. When nothing changes any more, hazards.c pairs them.
 */
#ifndef PROGRAM_STATE_H
#define PROGRAM_STATE_H

#include "base/index.h"
#include "base/intern.h"
#include "base/map.h"
#include "base/vec.h"
#include "program/symbols/callsites.h"
#include "program/values/sets.h"
#include "racelint/program.h"

typedef uint32_t object_id;  /* index into program->objects; 0 is "nothing known" */
typedef uint32_t context_id; /* index into program->contexts; 0 is none */
typedef uint32_t root_id;    /* index into program->roots */
typedef uint32_t name_id;    /* in program->names */
typedef uint32_t path_id;    /* index into program->paths; 0 is none: see paths.h */

/* ---- modules ---- */

/* When a module's global gets its values. */
enum global_bound { GLOBAL_AT_IMPORT = 1, GLOBAL_LATER = 2 };

/* What the name of a function says of who else can be about. */
enum alone {
    ALONE_NOT,
    ALONE_WITH_RECEIVER, /* __init__ and its like: nobody else has the receiver */
    ALONE_IN_PROCESS     /* runs right after a fork */
};

struct unit {
    const struct ir_module *ir;
    const struct source_file *file;
    struct str dotted;        /* "pkg.cache" */
    struct str folder;        /* of the path, without the last '/' */
    struct str top;           /* the folder of the outermost package around it: where absolute imports start */
    bool is_package;          /* an __init__ file */
    name_id *names;           /* program-wide id of each module name */
    object_id object;         /* OBJECT_MODULE */
    struct map globals;       /* name_id -> enum global_bound, for each name the module binds */
    struct map field_classes; /* name_id -> the class whose methods alone set self.<name>, or IR_NO_INDEX for several */
    context_id body;          /* context of the module body once it was run */
    bool *concrete;           /* [function_count]: reached from an entry with real arguments */
    const struct model **modelled; /* [function_count]: the model that speaks for a function of a modelled module; NULL:
                                      no such module */
    struct callsites calls;        /* which instructions are calls */
    uint16_t *fates;               /* [calls.count]: what became of each call; see tally.c */
    set_id *targets;               /* [calls.count]: the objects that each call was seen to call */
    bool greenlets;          /* it has all threads replaced by greenlets when it is imported, or its package has */
    bool main_loop;          /* it uses a toolkit for user interfaces: see conventions.c */
    bool *threaded;          /* [function_count]: the settings name it as a thread entry */
    set_id *param_values;    /* by index into ir->params: annotation_param, once known */
    bool *called;            /* [function_count]: some call resolved to it */
    bool *detached;          /* [function_count]: given to what runs it in another process, or after a fork */
    uint8_t *alone;          /* [function_count]: enum alone, by the function's name */
    struct str *qualnames;   /* [function_count]: function_qualname, once asked for; else empty */
    object_id *class_object; /* [class_count]: OBJECT_CLASS once the class statement ran, else 0 */
    const struct directive *
        *required_locks; /* [function_count]: the locks that a comment says callers hold, or NULL; NULL: nowhere */
};

/* A guard that the author declares: `# guarded by self._lock`, Annotated[T, GuardedBy("_lock")]. */
struct declaration {
    uint32_t unit;
    uint32_t class_index; /* of instances and of the class itself; IR_NO_INDEX: a variable of the module */
    uint32_t function;    /* where it stands */
    name_id name;         /* of the variable or attribute */
    struct str lock;      /* as written: "self._lock" */
    struct ir_span span;  /* of the comment or the annotation */
    uint64_t key;         /* of the lock, once resolved: see guards.h; 0: not known */
    bool missing;         /* there is no such lock */
    object_id sample;     /* the lock, where it was seen being made */
};

/* A function whose results functools keeps. */
struct memo {
    const struct model *model; /* of the decorator: functools.lru_cache */
};

/* A function that a library calls in threads of its own: a view of a web application. */
struct served {
    object_id function;        /* OBJECT_FUNCTION, or OBJECT_BOUND */
    object_id class_object;    /* of a method that is served for its class's sake: that class, else 0 */
    const struct model *model; /* of what registered it, or of the class's base: flask.Flask.route, flask.views.View */
    bool async;                /* one event loop runs it and its like, in one thread */
};

/* ---- objects ---- */

enum object_kind {
    OBJECT_UNKNOWN,  /* anything */
    OBJECT_NONE,     /* None */
    OBJECT_SCALAR,   /* an immutable value: numbers, strings, bytes, True … */
    OBJECT_MODULE,   /* a = unit */
    OBJECT_EXTERNAL, /* a = name_id of the qualified name of something outside the program */
    OBJECT_FUNCTION, /* a = unit, b = function, c = context whose cells it closes over, or 0 */
    OBJECT_CLASS,    /* a = unit, b = class */
    OBJECT_INSTANCE, /* a = class object, b = allocation site, c = context (one level) or 0 */
    OBJECT_GENERIC,  /* a = class object: an instance that came from somewhere unseen */
    OBJECT_MODELLED, /* a = external object of its class, b = allocation site, c = context or 0 */
    OBJECT_BOUND,    /* a = function object, b = receiver */
    OBJECT_METHOD,   /* a = receiver, b = name_id of the method; model in `model` */
    OBJECT_SUPER,    /* a = class object after which to look, b = receiver */
    OBJECT_CELLS,    /* a = context: the closure cells of one call */
    OBJECT_PATH, /* a = base object, b = name_id: what is reached that way, of unknown origin; c = class object or 0 */
    OBJECT_ROOT  /* a = tag: stands for a spawned thread that has no object of its own */
};

enum {
    OBJECT_MANY = 1,   /* its allocation may run more than once */
    OBJECT_SHARED = 2, /* reachable from module or class state, or from a cell or argument that several threads have */
    OBJECT_KEPT = 8,   /* stored in a variable, a dict or a tuple: who takes it out of a list is not alone with it */
    OBJECT_BARE =
        16, /* an instance made by __new__ or by a metaclass: who does that keeps account of which one it is */
    OBJECT_SIGNAL = 128 /* a lock that is released by who does not hold it */
};

struct object {
    uint8_t kind;  /* enum object_kind */
    uint8_t flags; /* OBJECT_MANY … */
    uint8_t depth; /* OBJECT_PATH: steps from its root */
    uint32_t a, b, c;
    const struct model *model; /* of an external name, or of a modelled instance's class, or of a method */
    uint32_t first_field;      /* index into program->fields, 0 for none */
    object_id home;            /* the object in whose field it was first stored; OBJECT_PATH: a threading.local that has
                                  it */
    name_id home_field;
    uint32_t class_number; /* of a program class, once it is defined: its place in program->classes, from 1 */
    object_id generic;     /* of a class: object_generic, once it was asked for */
    uint32_t walk;         /* number of the last walk over the heap that met it */
};

/* One field of one object; the name FIELD_CONTENTS stands for what a container holds. */
struct field {
    object_id object;
    name_id name;
    set_id value;
    uint32_t next;         /* the object's next field, 0 ends */
    uint32_t first_reader; /* contexts to run again when the value grows: index into program->readers */
    uint32_t unit, op;     /* where it was first written; unit UINT32_MAX: nowhere seen */
    object_id path;        /* what is reached through it where its value is not known, once asked for */
    bool written_later;    /* of modules and classes: written by functions, not only by their own body */
};

struct reader {
    context_id context;
    uint32_t next;
};

/* ---- classes ---- */

struct class_info {
    object_id object;
    set_id bases;              /* class and external objects, in no order */
    set_id metaclasses;        /* of the program: its own and those of its bases */
    VEC(object_id) mro;        /* itself first; program classes and external classes */
    const struct model *model; /* the first modelled base, or NULL */
    const struct model
        *itself;    /* the class is the very one that a model describes (the standard library analysed), or NULL */
    bool dataclass; /* a decorator makes its fields, see models_makes_fields */
    bool doc_safe, doc_unsafe; /* its docstring, or that of its constructor, says that it is (not) thread-safe */
    bool singleton;            /* its metaclass sees to it that there is one instance */
    bool base_of_safe;         /* a class that says so derives from it */
    bool keeps_per_thread;     /* an instance has something for each thread: several use it, then */
    uint32_t kept_instances;   /* instances, of derived classes too, that a module or class keeps in a variable; see
                                  parallel.c */
    uint32_t other_instances;
};

/* Where a class has a member, as found when program->classes_version was `version`. */
struct found_member {
    uint32_t version;
    object_id holder; /* 0: nowhere */
    uint32_t field;   /* of a program class: index into program->fields */
    const struct model *model;
};

/* ---- accesses and spans ---- */

enum {
    ACC_WRITES = 1,
    ACC_ATOMIC = 2,
    ACC_CONSTANT = 4,
    ACC_FRESH = 8,
    ACC_CONSTRUCTOR = 16,
    ACC_AUGMENTED = 32,
    ACC_NONE = 64,      /* a store of None or another empty constant */
    ACC_SAFE_KEY = 128, /* cannot fail when the element is gone: pop with a default, get */
    ACC_CALLEE = 256,   /* the value is only called */
    ACC_REMOVES = 512,
    ACC_INSERTS = 1024,
    ACC_RESIZES = 2048,
    ACC_USED = 8192,
    ACC_RAISES = 16384,           /* fails where the element is not there */
    ACC_GIVEN = 16777216,         /* stores what an argument decides, other than one that the key is made from */
    ACC_TESTED = 8388608,         /* a write under a test of the same place */
    ACC_EXTREME = 2097152,        /* of a walk: max() or min() of its elements is taken */
    ACC_ADVANCED = 4194304,       /* and something is added to it: the next number */
    ACC_LOCK = 1048576,           /* a store of a lock */
    ACC_TAKES = 1073741824,       /* of struct taking: a lock is taken */
    ACC_WAITS = 536870912,        /* waits for a task of a pool */
    ACC_FROM_ARGUMENT = 67108864, /* stores what was made from an argument of this call */
    ACC_HANDS = 134217728,        /* gives the object to another thread */
    ACC_SPAWNS = 268435456,       /* gives a task to a pool */
    ACC_REPLACEABLE = 524288,     /* a store of an immutable value: another one is as good if what it was made from is
                                     (struct     source), and no argument decides it but the one in the key (ACC_GIVEN) */
    ACC_OWN_THREAD = 262144,      /* only the thread that some state of the object names gets here */
    ACC_OWN_LOCK = 131072,        /* under a lock that only this call has, or that may be one of several */
    ACC_OWN_KEY = 65536,          /* the key is what this thread was started with: another thread has another one */
    ACC_VIA = 32768               /* happens inside a call: op and span are the call's, `inner` is where it really is */
};

#define KEY_OF_SEVERAL 255 /* above all numbers of parameters: a range of what two of them say */

struct acc {
    context_id context;
    uint32_t unit, function, op;
    object_id object;
    path_id path; /* of the object, in the words of the function; 0: not known */
    name_id field;
    uint8_t kind; /* enum access_kind */
    bool key_constant;
    uint8_t key_param; /* the key is made from parameter number key_param - 1; 0: from none; or KEY_OF_SEVERAL */
    uint32_t flags;    /* ACC_* */
    set_id locks;      /* lock objects held, those of callers included */
    set_id tokens;     /* acquisitions held without interruption in this call: index of the acquiring instruction */
    set_id running;    /* threads that may run beside this, as root objects */
    name_id key;       /* text of the key expression, 0 for none */
    name_id stored;    /* of a store: the text of the constant, 0 where it is none */
    struct ir_span span;
    const struct model *model;
    struct {
        uint32_t unit, function;
        struct ir_span span;
    } inner; /* of ACC_VIA */
};

enum {
    SPAN_THROUGH_CALL = 2,
    SPAN_WHILE = 8,
    SPAN_CALL_BETWEEN = 16,
    SPAN_REPLACEABLE = 128, /* the act stores a value as good as the one it may replace */
    SPAN_LIKE = 512,        /* the act stores a container like the one it may replace, and nothing changes either */
    SPAN_DISCARDS = 32768, /* the elements that were copied or walked over are dropped, and with them what came since */
    SPAN_EXCHANGE = 16384, /* the container that was read is taken, and another one put in its place */
    SPAN_BARE = 256,       /* all that is done because of the check is to store constants */
    SPAN_LOOSE =
        8192, /* the check only lets the function go on to a call that changes the place, or one in that does */
    SPAN_SUCCEEDS = 4096,   /* by data: the value is not computed from the one read, it only takes its place */
    SPAN_DRAWN = 2048,      /* the act stores a value that comes out different each time */
    SPAN_INCOMPLETE = 1024, /* the act shows others what is not complete yet */
    SPAN_IDEMPOTENT = 32,
    SPAN_HELD_ALIKE = 64,
    SPAN_IN_PARTS = 65536 /* what the check finds empty is filled in several steps, of which the act is one */
};

struct span {
    const struct acc *first, *last;
    uint8_t via;    /* enum span_via */
    uint8_t check;  /* enum check_kind */
    uint32_t flags; /* SPAN_* */
    set_id held;    /* locks held from first to last without interruption */
};

struct path;

/* ---- locks taken ---- */

enum {
    TAKING_SCOPED = 1,      /* by `with`: the same code gives it back */
    TAKING_TRIED = 2,       /* gives up where it cannot have the lock: acquire(blocking=False), acquire(timeout=1) */
    TAKING_CHOSEN = 4,      /* below a test of an argument that some call on the way gives as a constant */
    TAKING_OWN = 8,         /* of a lock that only this call has */
    TAKING_SEVERAL = 16,    /* acc.object is one of several locks that it may be */
    TAKING_BELOW_TEST = 32, /* below an `if`, there or in a function on the way */
    TAKING_PROBED =
        64 /* behind a look at the lock or its owner: locked(), acquire(blocking=False), owner == get_ident() */
};

/* An acquisition: acc.object is the lock, acc.locks what was held before it. */
struct taking {
    struct acc acc;
    path_id path;    /* of the lock, in the words of the function of acc.context */
    uint8_t flags;   /* TAKING_* */
    uint32_t chosen; /* bit i: below a test of parameter i */
};

/* One lock taken, here or in a call, while another one is held that was taken here. */
struct nesting {
    struct taking first, last;
    bool ordered; /* the two objects were compared, or sorted: every thread takes them in one order */
};

/* ---- single steps that rules look at one by one ---- */

enum note_kind {
    NOTE_CALL,          /* a call of something modelled; acc.object is the receiver, or 0 */
    NOTE_CALLBACK,      /* code that came from outside is called with a lock held */
    NOTE_AWAIT,         /* other tasks may run here, with a lock held */
    NOTE_PREEXEC,       /* a child process is asked to run code between fork and exec */
    NOTE_LOCAL_SET,     /* an attribute (acc.field) of a threading.local is set */
    NOTE_LOCAL_READ,    /* ... is read */
    NOTE_VARIABLE,      /* a context variable without a default is read or set: acc.model */
    NOTE_VARIABLE_MADE, /* a context variable is made */
    NOTE_RUN,           /* run() of a thread object (acc.object) is called instead of start() */
    NOTE_UNUSED,        /* a thread object is made that nobody uses */
    NOTE_NOTHING,       /* a thread is started that has nothing to run */
    NOTE_KEPT,    /* the future of a task is kept; it becomes NOTE_DROPPED, with NOTE_LISTENER, where nobody asks it */
    NOTE_DROPPED, /* the future of a task is dropped; acc.object is its root's object */
    NOTE_TOUCHED, /* a method of an object that belongs to one event loop is called */
    NOTE_LEFT_HELD,     /* a lock is taken; where `second` is, control leaves the function without giving it back */
    NOTE_CHANGE,        /* an element of process-wide state is set or deleted; acc.model is of the state */
    NOTE_LOOK,          /* ... is read */
    NOTE_FILE,          /* a call that asks for a file, or relies on one; acc.key is the path as written */
    NOTE_RELEASED_TWICE /* a lock is given back; `second` is where it was taken */
};
enum {
    NOTE_HELD = 1,        /* the lock that it is about is held */
    NOTE_IN_LOOP = 2,     /* in a loop of its function */
    NOTE_LOOPED = 4,      /* ... that began with the lock held */
    NOTE_BELOW_TEST = 8,  /* below an `if` inside of the innermost loop or `with` */
    NOTE_GIVES_UP = 16,   /* asked not to wait, or not for ever */
    NOTE_IGNORED = 32,    /* nobody uses its result */
    NOTE_OWNED = 64,      /* of an object that only this call has */
    NOTE_RAISES = 128,    /* NOTE_LEFT_HELD: an exception leaves */
    NOTE_YIELDS = 256,    /* ... out of a yield */
    NOTE_HANDLED = 512,   /* in a `try` with a handler; NOTE_FILE: or told not to mind */
    NOTE_LISTENER = 2048, /* NOTE_CALLBACK: an element of a container of such code; NOTE_DROPPED: it was kept */
    NOTE_OWN_KEY = 1024,  /* ... the path depends on an argument of this call, or on something only this call has; of an
                            acquisition: whether it waits is such an argument */
    NOTE_HARDLY = 8192,   /* NOTE_RAISES: what may raise hardly ever does */
    NOTE_OVERWRITES = 4096, /* ... a file of that name is written anew */
    NOTE_READS = 16384,     /* NOTE_FILE: the file is only read */
    NOTE_AT_ONCE = 32768    /* NOTE_CALL: it sends a constant of a few bytes */
};

struct note {
    struct acc acc; /* acc.model: what is called, or NULL */
    uint8_t kind;   /* enum note_kind */
    uint16_t flags; /* NOTE_* */
    bool again;     /* met before, in another pass or for another callee */
    struct ir_span second;
    set_id targets; /* of a call that registers code to be run later: the functions; NOTE_FILE: the object that has the
                       path, where nothing else decides it */
};

/* ---- what is handed on, and what is called without the lock it asks for ---- */

enum leak_kind { LEAK_RETURNED, LEAK_PASSED };

/* A container that other code gets: acc.object is the container, acc.span the statement. */
struct leak {
    struct acc acc;
    uint8_t kind; /* enum leak_kind; LEAK_PASSED: to a call that is not known */
};

/* A call of a function that is declared to require a lock, without that lock: acc.object is the lock. */
struct unmet {
    struct acc acc;
    uint32_t unit, function; /* of the callee */
};

/* How a test of a variable came out where state that belongs to it is used. */
enum announced_outcome {
    ANNOUNCED_TESTED, /* no such use is known: the record is of the test alone */
    ANNOUNCED_TRUE,
    ANNOUNCED_FALSE,
    ANNOUNCED_EITHER
};

/* A variable that is tested for being set, and what is used relying on it. */
struct announced {
    const struct acc *flag, *data; /* data: NULL where no use is known */
    uint8_t check;   /* enum check_kind: CHECK_NONE, CHECK_TRUE or CHECK_MISSING, as when the test is true */
    uint8_t outcome; /* enum announced_outcome */
};

/* A field that a constructor sets when other threads may have the object already. */
struct late {
    struct acc acc;        /* the store */
    set_id begun;          /* threads that this constructor started, as root objects */
    struct acc registered; /* where the object was put into module or class state; context 0: nowhere */
};

/* In a task of a pool: the code waits for another task of the same pool. acc.object is the pool. */
struct wait {
    struct acc acc;
    root_id waited;
};

/* An object given to another thread, and changed afterwards. */
struct handoff {
    struct acc given, changed;
    object_id queue;  /* by way of this queue, or 0 */
    object_id thread; /* as an argument of this thread or task, or 0 */
    path_id path;     /* of the object; 0: it is one that this call made */
    bool loop;        /* both in a loop */
    bool own;         /* nobody but the giver had it */
    bool kept;        /* not changed in the same call: only `given` is known */
};

/* A closure that a thread runs reads a variable of the loop that made the closure. */
struct capture {
    struct acc read, bound; /* read.context is found at the end */
    object_id thread;
    uint32_t loop; /* the index of the LOOP or FOR in the function */
    bool after;    /* the thread starts behind the loop */
};

/* ---- contexts ---- */

/* A read that flows into what a function returns, with how it was tested there. */
struct returned {
    struct acc acc;
    uint8_t check; /* enum check_kind: the result is this test of it */
};

/* A place that was read for the value that instruction `op` stores. */
struct source {
    uint32_t op;
    bool alias; /* it is what the place holds that is stored, an object that may change */
    struct acc read;
};

/* A write in a function (or below it), and on which parameters it depends. */
#define WRITTEN_MAX 32 /* kept per context */
struct written {
    const struct acc *origin; /* in the function that makes it; in the arena. As told from here: written_access() */
    uint32_t op;              /* of this function: the write, or the call that it happens in */
    uint32_t flags;           /* ACC_*, as told from here */
    set_id tokens;            /* acquisitions of this function that hold there */
    uint32_t params;          /* bit i: the value depends on parameter i */
    name_id key;              /* of the access, in the words of this function, like the next two */
    bool key_constant;
    uint8_t key_param;
    bool rechecked; /* under a check of the same place that the same lock covers */
    bool tested;    /* under a check of the same place: whatever a caller tested before, this decides */
    bool validated; /* under a comparison of state of the same object that the same lock covers: a stale value is
                       noticed */
    bool takes;     /* takes out, under one lock, all that is there, however much it is */
};

struct argument {
    set_id set;
    name_id keyword; /* 0: positional */
};

/* What an evaluation of a context records. While it runs the vectors grow in its draft; afterwards they have the size
 * of what is in them, in one block of memory with this struct, and nothing may be added: see drafts.h. */
struct records {
    VEC(struct acc) accs;            /* behind the last one are those that only spans and announcements point to */
    VEC(struct span) spans;          /* their accesses are in accs.data; empty while the evaluation runs */
    VEC(struct announced) announced; /* the same */
    VEC(struct written) written;
    VEC(struct returned) returned;
    VEC(struct taking) takings; /* locks taken in this call and those it makes, whatever is held */
    VEC(struct note) notes;
    VEC(context_id) callees; /* contexts that were called */
    VEC(context_id) guessed; /* those among them that were called by way of a registry: see context.by_guess */
};

enum context_status { CONTEXT_NEW, CONTEXT_RUNNING, CONTEXT_DONE, CONTEXT_STALE };

/* What few contexts record. */
struct rare_records {
    VEC(struct source) sources;
    VEC(struct acc) local_locks; /* acquisitions of a lock that only this call has */
    VEC(struct leak) leaks;
    VEC(struct unmet) unmet;
    VEC(struct nesting) nestings;
    VEC(struct wait) waits;
    VEC(struct handoff) handed;
    VEC(struct capture) captures;
    VEC(struct acc) consumed; /* elements taken from an iterator that other code may have, too */
    VEC(struct late) late;
    VEC(struct acc) own_reads;  /* of a thread object's fields in its own thread */
    VEC(struct acc) own_writes; /* the same: see early_reads.c */
};

struct context {
    /* what passes over all contexts ask for, and what finds one: together, so that few cache lines are touched */
    uint32_t unit, function;
    root_id root;
    context_id caller; /* who called it first; 0: nobody in the program */
    uint32_t caller_op;
    set_id locks;    /* lock objects held at entry */
    uint8_t status;  /* enum context_status */
    uint8_t runs;    /* evaluations so far */
    bool queued;     /* in program->queue */
    bool many;       /* may run more than once */
    bool widened;    /* stands for further calls: arguments and running threads are joined */
    bool generic;    /* called by "any caller" */
    bool callback;   /* given to code outside the program, which calls it at once or later */
    bool takes_lock; /* some access of it holds a lock that is not held at entry */
    bool live;       /* reached from an entry by last evaluations: what only earlier ones called is dropped */
    bool by_guess; /* entries get here only by what a registry with code of many owners gave for a key: which of them it
                      gave is not known */
    bool meant;    /* any caller is meant to run it: see conventions.h */
    bool orders;   /* it sorts objects, or compares two of them by size */
    bool never_returns;
    struct records *records;       /* of the last evaluation; where there is nothing, program->nothing_recorded */
    struct rare_records *rare;     /* what few contexts record; where there is nothing, program->nothing_rare */
    set_id running;                /* threads running at entry */
    set_id owned;                  /* objects among the arguments that only this call has */
    uint32_t first_arg, arg_count; /* in program->arguments, the receiver first */
    context_id env;                /* whose cells its function closes over */
    set_id receiver;               /* of a method: what it was made for */
    uint32_t owned_params;         /* which parameters only got objects of the caller's own when it was made */
    /* the result */
    set_id result;
    set_id result_owned;
    uint32_t result_params; /* parameters the result depends on */
    set_id escaped;         /* objects of `owned` that escaped */
    set_id started, joined; /* threads */
    set_id begun;           /* all that were started in this call and those it makes, also where they have ended */
    set_id dealt; /* arguments of which a loop gives each of the tasks that run this another one: see tasks.h */
    set_id locks_added, locks_released;
    set_id held_before;                   /* given back here and never taken: whoever calls holds them */
    set_id locks_kept;                    /* taken here and still held at some exit */
    set_id yield_locks;                   /* held at its yields */
    set_id yielded;                       /* what it yields */
    set_id yielded_owned, yielded_shared; /* ... that only this call has until then, and the rest of it */
    object_id cells;                      /* OBJECT_CELLS, once asked for: see context_cells */
    VEC(context_id) waiting;              /* contexts to run again when the result changes */
};

/* ---- threads ---- */

struct root {
    uint8_t kind;                /* enum thread_kind */
    object_id object;            /* what stands for it in sets of running threads; 0 for import, main and callers */
    struct str label;            /* "Thread(target=worker)" */
    uint32_t unit, op, function; /* where it is spawned */
    context_id spawner;
    bool self_parallel; /* two of it may run at once */
    bool callback;      /* called back once, in whatever thread completes something: that may be the caller's */
    bool joined;        /* stands for further threads of its site, which may work on other objects */
    bool repeated;      /* one call of the code that starts it may start several: a loop, a pool */
    object_id executor; /* the pool that runs it, or 0 */
    bool has_company;   /* some other root may run at the same time: see program->roots_beside */
    set_id exclusive;   /* objects handed over to it, a fresh one for each thread */
    set_id apart;       /* objects of which a loop gives each of its threads another one: see apart.h */
    set_id queues;      /* those that it takes objects out of */
    bool generic;       /* spawned by code that "any caller" runs, or by code outside of the program */
    bool entry;         /* code outside runs it: unit, op and function say nothing, spawner is 0 */
    bool served;        /* of an entry: a model says so, not the settings */
    bool interleaves;   /* of an entry: its one thread works on several calls at once, and each may start threads */
    bool own_instance;  /* of an entry: each thread has a receiver of its own */
    context_id heap_context;        /* stands for its contexts where a site is not told apart by them any more, or 0 */
    VEC(const struct note *) waits; /* of program->signals: its calls that wait for one */
};

/* What became of a thread entry of the options. */
struct entry_result {
    uint32_t count;     /* functions that it names */
    struct str nearest; /* where it names none: a function of a similar name, or empty */
};

struct frame;

struct program {
    struct program_options options;
    const struct models *models;  /* of the options, or the built-in ones */
    struct entry_result *entries; /* of options.entries, once they were run */
    struct arena *arena;          /* what lives as long as the program */
    struct intern *names;
    struct sets *sets;
    VEC(struct unit) units;
    struct map in_namespace;      /* name_id of "a.b" -> module object, where the folder a is no package */
    struct map unit_by_path;      /* name_id of the path without suffix -> unit + 1 */
    VEC(struct object *) objects; /* in the arena: pointers stay good */
    struct index object_index;
    VEC(struct field) fields;
    struct index field_index;
    VEC(struct reader) readers;
    uint32_t walks;           /* heap_walk: how many there were */
    VEC(object_id) walk_work; /* ... objects that the present one has met and not yet visited */
    VEC(struct class_info *) classes;
    uint32_t classes_version; /* counts what changes where members are found: see classes.c */
    VEC(struct found_member) found_members;
    struct map found_by_name; /* class object << 32 | name_id -> index into found_members */
    struct map member_models; /* number of a model << 32 | name_id -> number of its member's model, or UINT32_MAX */
    struct map
        members_by_name; /* external object << 32 | name_id -> the external object of the longer name, method of text */
    VEC(struct context *) contexts;
    struct records nothing_recorded;  /* of all contexts that have recorded nothing; stays empty */
    struct rare_records nothing_rare; /* of all contexts that have recorded none; stays empty */
    struct index context_index;
    struct map context_count; /* function -> contexts made */
    VEC(struct argument) arguments;
    VEC(context_id) queue;
    size_t queue_head;
    VEC(struct root) roots;
    struct map root_by_object;
    uint32_t depth;                        /* of nested evaluation */
    VEC(struct frame *) spare_frames;      /* to be used again, with what they allocated */
    uint64_t steps, step_limit;            /* instructions evaluated; where evaluation stops growing new contexts */
    uint64_t main_steps, main_limit;       /* the same for the main thread: past the limit its calls are joined */
    uint64_t spawned_steps, spawned_limit; /* the same for started threads */
    bool capped;                           /* the step limit was reached */
    bool imported;                         /* the bodies of all modules were run */
    bool has_entry, has_threads;
    bool has_main_loop;               /* a good part of the modules uses a toolkit for user interfaces */
    struct map unresolved_library;    /* unit << 32 | instruction of a call -> name_id of the library it is of */
    VEC(const struct note *) signals; /* calls that wait for signals between threads, or give them, by object */
    VEC(struct hazard) hazards;
    struct map roots_beside;  /* pairs of roots that may run at the same time, the lower one << 32 | the other -> 1 */
    struct map site_roots;    /* site -> how many roots it started << 32 | the last of them */
    struct map site_contexts; /* (site, 0) -> contexts it made objects in; (site, context) -> 1 for each of those */
    struct map builtins;      /* name_id -> external object builtins.<name> */
    VEC(struct declaration) declarations;
    VEC(struct memo) memos;
    struct map memo_by_function;      /* unit << 32 | function -> index into memos */
    VEC(struct served) served;        /* no function twice */
    VEC(const struct model *) copied; /* functions that projects have copies of */
    struct map lookup_errors;         /* name_ids of types by which an `except` may mean a failed look-up -> 1 */
    struct map telling_methods;       /* name_id of a method -> what something unknown that has it is taken for */
    size_t served_run;                /* how many of them have become roots */
    struct map loop_params;           /* function -> which of its parameters it hands to a main loop */
    struct map called_how;            /* function -> how the program itself calls it: see conventions.c */
    struct map at_exit;               /* functions that are registered to run at the end of the program */
    struct map handed_on;             /* private names that are read otherwise than to call what they name */
    struct map waited;                /* (unit, function) -> set of the locks that it holds over something that waits */
    struct map relatives;             /* two classes, the lower one << 32 | the other -> 1: an object may be of both */
    struct map declared;              /* guard_group() of a place -> index into declarations */
    VEC(struct path) paths;           /* [0] unused */
    struct index path_index;
};

/* Names that the analysis itself uses, interned first so that their ids are constants. */
enum {
    FIELD_NONE = 0,
#define NAME(id, text) id,
#include "program/names.def"
#undef NAME
    NAME_COUNT
};

/* Objects made first, so that their ids are constants. */
enum {
    UNKNOWN_OBJECT = 0,
    NONE_OBJECT = 1,
    SCALAR_OBJECT = 2,
    /* what get_ident() and current_thread() give: equal to it, state belongs to the thread that runs */
    THREAD_ID_OBJECT = 3,
    PLAIN_CLASS = 4 /* builtins.object: its own instances, `MISSING = object()`, have nothing but their identity */
};
/* Roots made first. */
enum { ROOT_IMPORT = 0, ROOT_CALLER = 1, ROOT_MAIN = 2, ROOT_FIRST_SPAWNED = 3 };

#define VALUE_MAX 10     /* a value of more objects than this is not followed */
#define PATH_DEPTH_MAX 4 /* steps of an access path */

static inline struct object *object_at(const struct program *p, object_id id)
{
    return p->objects.data[id];
}

static inline struct str name_text(const struct program *p, name_id id)
{
    return intern_str(p->names, id);
}

#endif

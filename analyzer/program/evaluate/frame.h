/* frame: one evaluation of one context: its values, its flow-sensitive state, and the regions it is in. */
#ifndef PROGRAM_FRAME_H
#define PROGRAM_FRAME_H

#include "base/hash.h"
#include "program/evaluate/contexts.h"
#include "program/records/drafts.h"
#include "program/state.h"

/* The abstract value of an expression or local. */
struct val {
    set_id set;      /* objects it may be */
    uint32_t test;   /* what its truth says of earlier reads: index into frame->tests, 0 for nothing */
    uint64_t reads;  /* bit i: derived from event i */
    uint32_t params; /* bit i: derived from parameter i */
    uint32_t op;     /* the instruction that made it */
    path_id path;    /* which object it is, in the words of this call: see paths.h */
};

/* What a condition asks of earlier reads. Combinations (and, or) are trees of at most TEST_PARTS_MAX leaves. */
struct test {
    uint8_t check; /* enum check_kind, as when the value is true */
    bool negated;
    bool owner; /* compares with the identity of the running thread */
    uint64_t reads;
    uint32_t left, right; /* a combination, or 0 */
};

/* A condition that holds at some point: a linked list towards the outermost. */
struct control {
    uint64_t places; /* what it and its parents look at: bit place_bit() of each place */
    uint32_t parent;
    uint32_t test;
    bool polarity; /* the test was true here */
    bool loop;     /* the condition of a loop */
};

/* One bit of 64 for a place: most places that are asked for have one that no condition around has. */
static inline uint64_t place_bit(object_id object, name_id field)
{
    return UINT64_C(1) << (hash_mix(object, field) >> 58);
}

/* A variable that a condition asks whether it is set. */
struct tested {
    uint32_t test; /* index into frame->tests */
    uint32_t acc;  /* of the read: index into frame->event_accs */
    bool loop;     /* the condition of a loop */
};

/* A read of a place that something later may depend on; at most EVENTS_MAX per call. */
struct event {
    uint32_t first, count; /* in frame->event_accs: one per object the place may belong to */
};

/* A lock taken in this call. */
struct acquired {
    uint32_t token;
    object_id lock;
    struct taking taking; /* acc.context is 0 where it is not known how */
};

/* A lock that this call took otherwise than by `with`: where it is given back, and where it may not be. */
struct pending {
    object_id lock;
    struct acc acc; /* of the acquisition */
    struct ir_span left,
        risk;          /* control leaves the function with the lock held; an exception may do so; empty: nowhere */
    uint8_t risk_code; /* of the instruction that `risk` is about */
    uint32_t risk_op;  /* its index */
    bool mild;         /* the call that `risk` is about hardly ever raises */
    bool released;     /* somewhere in this function */
};
#define EVENTS_MAX 64
#define ACQUIRED_MAX 48
#define COMPARED_MAX 6
#define HANDOFFS_MAX 16
#define CAPTURES_MAX 8
#define PENDING_MAX 8
#define OWNED_MAX 4096
#define GIVEN_MAX 4096

/* The flow-sensitive part, copied where control forks and joined where it meets. */
struct flow {
    struct val *locals;
    set_id owned;       /* objects that only this call can reach yet */
    set_id locks;       /* lock objects held */
    set_id own_locks;   /* locks held that only this call has, or of which one may be held: they guard nothing */
    set_id maybe_locks; /* locks that are held on some path to here */
    set_id tokens;      /* instructions whose acquisition still holds */
    set_id freed;       /* locks released in this call and not taken again */
    set_id running;     /* threads that may run now */
    set_id joined;      /* threads waited for since entry */
    set_id handed;      /* indices into frame->handoffs: given away, and not waited for */
    uint32_t control;
    bool dead; /* control does not get here */
};

struct region {
    uint8_t code;     /* IR_IF, IR_LOOP, IR_FOR, IR_TRY, IR_WITH */
    uint32_t op;      /* the opening instruction */
    bool second_pass; /* of a loop */
    bool in_else, in_finally, has_finally;
    struct flow before;             /* IF: state of the other branch; loops: at entry; TRY: at entry */
    struct flow merged;             /* exits so far: breaks, ends of branches and handlers; dead where none */
    struct flow abrupt;             /* TRY with FINALLY: states that leave through it */
    uint64_t reads_before;          /* TRY: events before the body */
    uint32_t control;               /* at entry */
    uint32_t test;                  /* IF, LOOP: of the condition */
    struct val subject;             /* FOR: the iterable; WITH: the context manager */
    set_id with_locks, with_tokens; /* WITH: what it acquired */
    set_id if_locks;                /* IF: locks held before it */
    bool normal_dead;               /* FINALLY: the normal path does not get past it */
    bool handles_lookup;            /* TRY: a handler catches what a failed look-up raises */
    bool searched;                  /* FOR: a return or raise leaves from its body: what was looked for is found */
    bool returns;                   /* TRY with FINALLY: a return leaves through it */
    bool body_done;                 /* TRY: past its body; its end state is in `before` of handlers or in `body` */
    struct flow body;               /* TRY: state at the end of the body */
    uint32_t ends;                  /* TRY: handlers whose end is reached */
    uint32_t end_control;           /* TRY: at the last such end */
};

struct frame {
    struct program *p;
    struct context *c;
    context_id id;
    struct draft *draft; /* what this evaluation records; of a frame that runs a thread's start: its starter's */
    const struct unit *u;
    const struct ir_function *fn;
    const struct ir_op *ops; /* of the function */
    struct val *vals;        /* [fn->value_count] */
    uint32_t vals_room;      /* that it has room for */
    struct flow now;
    VEC(struct val *) spare_locals; /* arrays that no flow state has at present */
    uint32_t locals_room;           /* values that each of those, and each that a flow state has, has room for */
    VEC(struct region) regions;
    struct event events[EVENTS_MAX];
    uint32_t event_count;
    uint64_t acted; /* events that something was done about under the lock of the look: what follows relies on that */
    VEC(struct acc) event_accs;
    VEC(struct test) tests;       /* [0] unused */
    VEC(struct control) controls; /* [0] unused */
    VEC(struct tested) tested;
    bool calls_back; /* what is called now was given to code outside the program */
    bool in_loop;    /* what is called now is handed to a main loop, which runs it in a thread of its own */
    uint8_t starts;  /* threads in a row of which each has nothing to run but the start of the next one */
    bool guesses;    /* what is called now is one of many that a registry holds: see struct context.by_guess */
    uint32_t loop_depth;
    uint32_t last_stored;          /* the last instruction of which an access was stored */
    uint32_t op;                   /* index of the present instruction in the function */
    VEC(struct acquired) acquired; /* what each token stands for */
    /* joined over returns */
    struct flow exit;
    struct val result;
    set_id given;          /* objects that were only this call's, and no longer are on some path: the first GIVEN_MAX */
    set_id exit_owned;     /* returned, and only this call's then */
    set_id exit_owned_all; /* the same inside of a `try` with `finally`, which may give it away yet */
    set_id exit_shared;    /* returned, and not only this call's */
    bool in_constructor;   /* of __init__ and its like: what it does to its receiver comes before anybody else has it */
    set_id begun;          /* threads started in this call, as root objects */
    set_id tasks;          /* threads that the tasks made in this call have begun: see tasks.h */
    bool registered;       /* of a constructor: its receiver was put into module or class state, by `registration` */
    struct acc registration;
    bool recording;                    /* accesses matter here: other threads may run */
    uint32_t chosen;                   /* bit i: parameter i decided whether control got here */
    path_id compared[COMPARED_MAX][2]; /* pairs compared by size */
    uint32_t compared_count;
    set_id probed; /* locks that were looked at here */
    VEC(struct pending) pending;
    VEC(struct handoff) handoffs;
    VEC(struct capture) own_captures; /* of threads that were started in a loop */
};

/* ---- evaluate.c ---- */
void frame_release(struct frame *f); /* what it allocated; vals, too, but not the draft */
/* Makes room for the locals of the frame's function, of which none has a value yet. */
void frame_locals(struct frame *f);

/* ---- frame.c ---- */
void flow_copy(struct frame *f, struct flow *to, const struct flow *from);    /* `to` must be released or zero */
void flow_join(struct frame *f, struct flow *into, const struct flow *other); /* a dead side adds nothing */
uint32_t token_new(struct frame *f, uint32_t token,
                   object_id lock); /* notes what a token stands for; 0 past ACQUIRED_MAX */
void flow_take(struct frame *f, struct flow *to, struct flow *from); /* moves */
void flow_release(struct frame *f, struct flow *flow);
struct val val_of(set_id set);
struct val val_join(struct frame *f, struct val a, struct val b);
uint32_t test_new(struct frame *f, enum check_kind check, bool negated, uint64_t reads);
uint32_t test_not(struct frame *f, uint32_t test);
uint32_t test_join(struct frame *f, uint32_t a, uint32_t b);
/* The test that the truth of a value makes: its own, or plain truth of what it was read from; 0 for none. */
uint32_t val_test(struct frame *f, const struct val *v);
void control_push(struct frame *f, uint32_t test, bool polarity, bool loop);
struct str op_text(const struct frame *f, const struct ir_op *op); /* source text of an instruction */
name_id name_of(const struct frame *f, ir_name name);              /* program-wide id of a module name */
struct val *val_at(struct frame *f, ir_value value);
uint32_t frame_site(const struct frame *f); /* a number for this function and instruction, as allocation site */
/* The calling context that tells apart what the present instruction makes in different calls: this one; one
 * for the whole thread where a site has made objects in SITE_CONTEXTS_MAX contexts already (recursive structures have
 * no end), which is 0 outside of started threads; 0 for code that any caller runs. */
context_id frame_heap_context(struct frame *f);
bool frame_once(const struct frame *f); /* the present instruction runs at most once in the program */

/* ---- regions.c ---- */
/* Finds the names of exceptions which a failed look-up raises, or of bases of those. Once, when all modules are linked.
 */
void regions_prepare(struct program *p);
/* Each is given the instruction and returns the index of the next one to run */
uint32_t region_if(struct frame *f, const struct ir_op *op);
uint32_t region_loop(struct frame *f, const struct ir_op *op); /* LOOP and FOR */
uint32_t region_test(struct frame *f, const struct ir_op *op);
uint32_t region_try(struct frame *f, const struct ir_op *op);
uint32_t region_except(struct frame *f, const struct ir_op *op);
bool region_has_finally(const struct frame *f);    /* a `finally` of this function runs before control leaves it */
bool region_handles_lookup(const struct frame *f); /* a failed look-up here is caught in this function */
void region_catch(struct frame *f, const struct ir_op *op);
uint32_t region_with(struct frame *f, const struct ir_op *op);
uint32_t region_else(struct frame *f, const struct ir_op *op);
uint32_t region_finally(struct frame *f, const struct ir_op *op);
uint32_t region_end(struct frame *f, const struct ir_op *op);
void region_leave(struct frame *f, const struct ir_op *op); /* RETURN, RAISE, BREAK, CONTINUE: control does not go on */
void frame_exit(struct frame *f);                           /* the state here leaves the function */

/* ---- define.c: functions, classes, imports ---- */
struct val define_function(struct frame *f, const struct ir_op *op);
struct val define_class(struct frame *f, const struct ir_op *op);
struct val define_import(struct frame *f, const struct ir_op *op);
struct val define_import_from(struct frame *f, const struct ir_op *op);
void define_import_star(struct frame *f, const struct ir_op *op);
void define_declare(struct frame *f, const struct ir_op *op);

/* ---- accesses.c ---- */
/* An access of a place. */
struct access_info {
    name_id field;
    enum access_kind kind;
    uint32_t flags;
    const struct val *key; /* NULL for none */
    const struct model *model;
    path_id path; /* of the object, where that is known */
};
/* Records an access that may concern several objects; a read returns the bit of its event (0 where it is not followed).
 */
uint64_t access_read(struct frame *f, const uint32_t *objects, uint32_t count, const struct access_info *info);
void access_write(struct frame *f, const uint32_t *objects, uint32_t count, const struct access_info *info,
                  const struct val *stored);
/* Whether a key is the identity of the running thread: what is kept under it belongs to this thread. */
bool access_by_thread(const struct frame *f, const struct val *key);
/* What was found under such a key is this call's alone, as far as other threads are concerned. */
void access_own_found(struct frame *f, set_id value);
/* A call writes a place what it was given in the parameters `given` (bit i: parameter i; params: the values here): what
 * decides that here, apart from the key. */
void access_given(struct frame *f, struct acc *acc, const struct val *params, uint32_t count, uint32_t given,
                  const struct val *key);
/* A call writes a place, as told from here: b = self.pending; self.reset(). */
void access_exchanged(struct frame *f, const struct acc *acc);
/* Whether accesses of the object matter here: it is not owned, not thread-local, and other threads may have it. */
bool access_matters(const struct frame *f, object_id object);
/* Whether the object is the thread that runs, which nobody else is known to have. */
bool is_own_thread(const struct frame *f, object_id object);
/* The objects (or what they hold) are no longer only this call's. */
void frame_escape(struct frame *f, set_id value);
/* The same of what a thread gets: also what it holds by way of objects that were not known to be this call's, such as
 * those that earlier rounds of a loop made. */
void frame_escape_to_thread(struct frame *f, set_id value);
/* From here on the object is this call's alone. Where a call has OWNED_MAX objects already (a function as long as only
 * programs write it), further ones count as shared. */
void frame_own(struct frame *f, object_id object);
void frame_own_taken(struct frame *f, set_id value); /* taken out of a list, and stored nowhere else */

/* ---- spans.c ---- */
/* takes: all that is there is taken out under one lock, however much it is. */
void span_at_write(struct frame *f, const struct acc *last, const struct val *stored, bool takes);
/* The write takes the place of the value read, which is still used. Flags: SPAN_SUCCEEDS unless it leaves nothing
 * behind, or what it stores is made from that; SPAN_EXCHANGE where it leaves an empty container, and the old one is
 * used. */
void span_at_exchange(struct frame *f, const struct acc *last, uint64_t reads, uint32_t flags);
bool span_rechecked(struct frame *f,
                    const struct acc *last); /* a check of the place, under a lock still held, holds here */
/* Whether a check of the place holds here, and that is more than the condition of a loop. */
enum tested_how { TESTED_NOT, TESTED_BY_LOOP, TESTED_ONCE };
enum tested_how span_tested(struct frame *f, const struct acc *last);
bool span_validated(struct frame *f,
                    const struct acc *last); /* state of the same object was compared under a lock still held */
/* Whether a lock is held from a read to a later access, without interruption. */
bool span_unbroken(struct frame *f, const struct acc *first, const struct acc *last);
void span_at_use(struct frame *f, const struct acc *last);
/* All elements are dropped; whether they were copied under a lock that has been held since. */
bool span_at_discard(struct frame *f, const struct acc *last);
/* A callee writes a place, by `acc` as told from here; deep: not the callee itself, but one of its own. */
void span_from_call(struct frame *f, const struct written *w, const struct acc *acc, uint64_t reads, bool deep);
void span_iteration(struct frame *f, const struct acc *iterate);
/* A call that writes a line into a log, as the name of the method says. */
bool span_is_report(const struct frame *f, const struct ir_op *call);
bool span_is_report_name(struct str name);
void span_at_key(struct frame *f, const struct acc *last, uint64_t reads,
                 set_id tokens); /* reads: what the key depends on */
/* An element is taken out that must be there; reads: what its key depends on. */
void span_at_removal(struct frame *f, const struct acc *last, uint64_t reads);
uint64_t span_walks(const struct frame *f, uint64_t reads);    /* those that walk over the elements of a container */
uint64_t span_measures(const struct frame *f, uint64_t reads); /* those of the size or an extreme of a container */
/* max() or min() is taken of what was read; or (advanced) a number is added to that. */
void span_note_extreme(struct frame *f, uint64_t reads, bool advanced);

/* ---- places.c ---- */
#define PLACE_OBJECTS_MAX 6 /* objects of one access that are told apart */
/* Whether an object has places that threads may share: not what only has an identity, nor modelled functions. */
bool place_is_state(const struct program *p, object_id object);
/* The ACC_* flags of a read, from the IR_FLAG_* of its instruction. */
uint32_t place_read_flags(uint8_t flags);
/* An unknown value read from a place is "what that place holds": a path, so that its fields are places, too. */
set_id place_known_by_path(struct frame *f, set_id value, object_id base, name_id name);
/* A name of a module or class that only its own body binds. */
bool place_is_constant(const struct frame *f, object_id holder, name_id name);
struct val place_read_global(struct frame *f, name_id name, uint8_t flags);
struct val place_read_cell(struct frame *f, uint32_t function, uint32_t local, uint8_t flags);
struct val place_read_item(struct frame *f, const struct val *base, const struct val *key, uint8_t flags);
void place_write_global(struct frame *f, name_id name, const struct val *value, uint8_t flags);
void place_write_cell(struct frame *f, uint32_t function, uint32_t local, const struct val *value, uint8_t flags);
void place_write_item(struct frame *f, const struct val *base, const struct val *key, const struct val *value,
                      uint8_t flags);
void place_delete(struct frame *f, const struct ir_op *op);
/* The element that an UNPACK takes. */
struct val unpack_element(struct frame *f, const struct ir_op *op);
/* items[1:]: a new list of these elements, where it is lists or tuples that are cut; else 0. */
set_id slice_of(struct frame *f, const struct val *base, set_id contents);
struct val place_contents(struct frame *f, const struct val *container); /* an element, without an access */
name_id local_name(const struct frame *f, uint32_t function, uint32_t local);

/* ---- attributes.c ---- */
/* Finds the names of methods that tell what something unknown is. Once, when all modules are linked. */
void attributes_prepare(struct program *p);
struct val place_read_attr(struct frame *f, const struct val *base, name_id name, uint8_t flags);
void place_write_attr(struct frame *f, const struct val *base, name_id name, const struct val *value, uint8_t flags);

/* ---- descriptors.c: attributes that are calls ---- */
/* Reads a class's attribute by way of an instance: false unless it is a descriptor; its value is joined to *value. */
bool descriptor_get(struct frame *f, object_id member, object_id receiver, struct val *value);
/* Sets an attribute of an instance: false unless its class has a setter or a descriptor of that name. */
bool descriptor_set(struct frame *f, object_id receiver, name_id name, const struct val *value);

/* ---- calls.c ---- */
#define CALL_ARGS_MAX 24
struct call {
    const struct ir_op *op;
    struct val callee;
    struct val args[CALL_ARGS_MAX];
    name_id keywords[CALL_ARGS_MAX];
    bool star[CALL_ARGS_MAX]; /* the argument is *x or **x */
    uint32_t count;
    uint32_t partials; /* the partials that it came through */
    set_id locks;      /* of acquire() and release() on what may be one of several locks: all of them */
};
static inline void call_begin(struct call *call, const struct ir_op *op) /* without callee and arguments */
{
    call->op = op;
    call->callee = (struct val){0};
    call->count = call->partials = 0;
    call->locks = 0;
}
/* A further argument; past CALL_ARGS_MAX they are left out. */
void call_add(struct call *call, struct val value, name_id keyword, bool star);
/* *args with a known tuple: its elements one by one; else one starred argument that stands for all. */
void call_add_star(struct frame *f, struct call *call, const struct val *v);
/* **kwargs of a known call: its keywords one by one. */
void call_add_double_star(struct frame *f, struct call *call, const struct val *v);
void call_from_op(struct frame *f, const struct ir_op *op, struct call *call);
bool call_is_callback(const struct program *p, object_id object); /* code that whoever gets it may call */
struct val call_run(struct frame *f, const struct call *call);
struct val call_function(struct frame *f, object_id function, object_id receiver, const struct call *call);
struct val call_method(struct frame *f, object_id receiver, name_id method, const struct val *args, uint32_t count);
/* delayed(f): what it gives back, called with arguments, gives back that call of f, for others to run. */
struct val call_defers(struct frame *f, const struct model *model, const struct call *call);
/* An object of a class outside the program is called. */
struct val call_modelled(struct frame *f, object_id object, const struct call *call);
/* The argument at a position (receiver not counted) or with a keyword; NULL where not given. */
const struct val *call_arg(const struct frame *f, const struct call *call, int position, const char *keyword);
void call_unknown(struct frame *f, const struct call *call); /* arguments escape; callbacks run */
/* The same of a call that hands its callbacks to a main loop: those of a thread do not run in the thread. */
void call_in_loop(struct frame *f, const struct call *call);
/* Whether something unknown is called in a thread by a name that hands functions to a main loop: glib.idle_add(f). */
bool call_hands_to_loop(const struct frame *f, const struct call *call);
/* Whether a call in a thread is of an argument that the function also hands to a main loop, on some other way: where it
 * calls it itself there is no such loop, or this is the loop's thread. */
bool call_means_loop(const struct frame *f, const struct val *callee);

/* ---- instances.c ---- */
/* A call of a class of the program: a new instance, by __new__ and __init__. */
struct val instance_make(struct frame *f, object_id class_object, const struct call *call);
/* The same, whatever its metaclass does: what type.__call__ does. Of a class that is not known, some object. */
struct val instance_by_type(struct frame *f, object_id class_object, const struct call *call);
/* object.__new__(cls), dict.__new__(cls): a new instance of each class that it is asked for; 0: none is known. */
set_id instance_bare(struct frame *f, object_id callee, const struct call *call);

/* ---- effects.c: modelled calls ---- */
struct val effect_call(struct frame *f, const struct model *model, object_id receiver, const struct call *call);
struct val effect_instance(struct frame *f, object_id external, const struct call *call);
/* Whether an operation that takes in an argument is one step with this one. */
bool effect_is_one_step(const struct frame *f, const struct model *model, const struct val *argument);
/* Whether a call that waits may come back without what it waited for. */
bool effect_may_give_up(const struct frame *f, const struct model *model, const struct call *call);
/* Whether a value is known to be of a modelled class, and of another one than `type`. */
bool effect_is_known_other(const struct frame *f, const struct val *v, const char *type);

/* ---- builtins.c ---- */
/* Whether a builtin (by its model) was handled here; *result is its value. */
bool effect_builtin(struct frame *f, const struct model *model, const struct call *call, struct val *result);
/* Whether the result of any() or all() says that something is among what was walked: a test, or 0. */
uint32_t builtin_search_test(struct frame *f, const struct model *model, uint64_t reads);
/* What ContextVar.get() gives where nothing was set; 0: the call is another one. */
set_id effect_default(struct frame *f, const struct model *model, object_id receiver);

/* ---- locks.c ---- */
void lock_acquire(struct frame *f, set_id locks);
/* Before a release: a lock that this call has not taken, but gives back, was held when the call began. */
void lock_found_held(struct frame *f, set_id locks);
void lock_release(struct frame *f, set_id locks);
void lock_enter(struct frame *f, struct region *region, const struct val *manager, struct val *entered);
/* An ExitStack enters a manager, and leaves it when the `with` of the stack ends. */
void lock_enter_by(struct frame *f, object_id stack, const struct val *manager);
void lock_leave(struct frame *f, struct region *region);
/* At the end of a call: a lock that it alone had when it took it, and that others have by now, is shared after all. */
void lock_drop_shared(struct frame *f);
/* A try to take a lock, by its token, has failed where this state holds. */
void lock_untaken(struct frame *f, struct flow *flow, uint32_t token);
void lock_left(struct frame *f, struct flow *flow, const struct region *with); /* what a state is without its locks */
set_id lock_objects(struct frame *f, set_id value); /* those among the objects that are locks */

/* ---- nesting.c: which locks are taken while which are held ---- */
path_id nesting_path(struct frame *f, const struct ir_op *op); /* of the value that an instruction makes */
/* Takes locks (lock_acquire) and notes how: path and span of the lock, TAKING_*. */
void nesting_take(struct frame *f, set_id locks, path_id path, struct ir_span span, uint8_t flags);
/* The same for what a callee took; params: the values that it was given. */
void nesting_from_call(struct frame *f, const struct context *callee, const struct val *params, uint32_t count);
/* The path of the object that a method is called on by the present instruction. */
path_id nesting_receiver(struct frame *f, object_id receiver, const struct call *call);
void nesting_released(struct frame *f, set_id locks); /* before lock_release */
void nesting_probed(struct frame *f, set_id locks);   /* asked whether they are held */
/* After lock_acquire of what a callee left taken. */
void nesting_added(struct frame *f, set_id locks);
/* A comparison may settle the order in which two locks are taken. */
void nesting_compared(struct frame *f, const struct ir_op *op);
/* An IF of which one branch leaves: what follows depends on its condition. */
void nesting_branched(struct frame *f, const struct ir_op *branch);

/* ---- iterators.c ---- */
/* What is walked, and beside it the iterator over it (of a modelled class) that the present instruction makes. */
set_id iterator_over(struct frame *f, set_id walked, object_id external);
/* A set without the iterators in it. */
set_id iterator_without(struct frame *f, set_id walked);
/* Elements are taken from the iterators among these; model: the method called, or NULL in a loop. */
void iterator_consumed(struct frame *f, set_id walked, struct ir_span span, const struct model *model);

/* ---- handoff.c ---- */
void handoff_put(struct frame *f, object_id queue, const struct val *v);      /* before the value escapes */
void handoff_started(struct frame *f, object_id thread, const struct val *v); /* the same for a thread's argument */
void handoff_rebound(struct frame *f, path_id path);
void handoff_made(struct frame *f, object_id object);
void handoff_dropped(struct frame *f, const struct val *old); /* a local had this value, and has another one now */
void handoff_waited(struct frame *f);
void handoff_changed(struct frame *f, const struct acc *changed, path_id path);

/* ---- captures.c ---- */
void capture_started(struct frame *f, object_id thread, set_id target);
void capture_overtaken(struct frame *f, uint32_t loop);

/* ---- waits.c ---- */
void wait_note(struct frame *f, set_id threads, struct ir_span span); /* the code waits for these until they end */

/* ---- spawn.c ---- */
void spawn_target(struct frame *f, object_id stands_for, const struct model *model, set_id target,
                  const struct call *args, object_id executor);
/* The thread that already stands for spawns by the present instruction, where a thread started there starts another
 * one: 0 for none. */
object_id spawn_again(struct frame *f);
/* Notes of a deferred call, whose callee and arguments are given, which of them only its task will have. */
void spawn_deferred(struct frame *f, object_id task, const struct call *call);
void spawn_start(struct frame *f, object_id thread, const struct model *model);
void spawn_join(struct frame *f, set_id threads, bool loop);
void spawn_join_executor(struct frame *f, object_id executor);
void spawn_join_results(struct frame *f, set_id walked,
                        struct ir_span span); /* all results of executor.map were taken */
void spawn_server(struct frame *f, object_id server, const struct model *model, const struct call *call);

#endif

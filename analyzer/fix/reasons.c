/* reasons: why no edit is offered for hazards that people have to decide about. */
#include "fix/plan.h"

const char *plan_reason(const struct hazard *hazard)
{
    switch (hazard->kind) {
    case HAZARD_LOCK_ORDER: return "which order is right for all who take these locks does not show in the code";
    case HAZARD_SELF_DEADLOCK: return "where the lock is made is not seen, so that it stays one that is taken once";
    case HAZARD_BLOCKING:
    case HAZARD_LOOP_WAITS:
    case HAZARD_AWAIT_HOLDING: return "what may change while the lock is not held is for its author to say";
    case HAZARD_CALLBACK: return "what the called code relies on while the lock is held is not known";
    case HAZARD_POOL_WAIT: return "the work would have to be dealt out in another way";
    case HAZARD_WAIT_HOLDING: return "what the other lock guards meanwhile is for its author to say";
    case HAZARD_RELEASED_TWICE: return "which of the releases is one too many is not certain";
    case HAZARD_ACQUIRE_IGNORED: return "what to do without the lock does not show in the code";
    case HAZARD_FINALIZER: return "when the work could be done instead is for its author to say";
    case HAZARD_MEMO: return "only a function of a module, without arguments and other exits, is rewritten";
    case HAZARD_REQUEST_STATE:
    case HAZARD_PROCESS_STATE:
    case HAZARD_PATCH:
    case HAZARD_CONTEXT: return "who needs the value, and how it could be handed to them, does not show in the code";
    case HAZARD_LOCAL_AT_IMPORT: return "what each thread is to begin with does not show in the code";
    case HAZARD_FILE: return "what is to happen where the file is not as expected does not show in the code";
    case HAZARD_EARLY_READ: return "where the program can wait for the thread is for its author to say";
    case HAZARD_LOOP_TOUCHED: return "the event loop is not at hand, or the result of the call is used";
    case HAZARD_GIL_REMARK:
    case HAZARD_GIL_BRANCH:
    case HAZARD_GIL_SWITCH: return "what the code relies on is for its author to say";
    default: return "it is for people to decide";
    }
}

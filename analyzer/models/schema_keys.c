#include "models/schema_keys.h"

#include "models/schema.h"
#include "settings/suggest.h"

static const struct key_word roles[] = {
    {"lock", ROLE_LOCK},
    {"rlock", ROLE_RLOCK},
    {"condition", ROLE_CONDITION},
    {"semaphore", ROLE_SEMAPHORE},
    {"event", ROLE_EVENT},
    {"barrier", ROLE_BARRIER},
    {"thread", ROLE_THREAD},
    {"executor", ROLE_EXECUTOR},
    {"future", ROLE_FUTURE},
    {"server", ROLE_SERVER},
    {"handler", ROLE_HANDLER},
    {"queue", ROLE_QUEUE},
    {"thread-local", ROLE_THREAD_LOCAL},
    {"list", ROLE_LIST},
    {"dict", ROLE_DICT},
    {"set", ROLE_SET},
    {"deque", ROLE_DEQUE},
    {"bytearray", ROLE_BYTEARRAY},
    {"tuple", ROLE_TUPLE},
    {"iterator", ROLE_ITERATOR},
    {"immutable", ROLE_IMMUTABLE},
    {"counter", ROLE_COUNTER_ATOMIC},
    {"object", ROLE_OBJECT},
    {"view", ROLE_VIEW},
    {"loop", ROLE_LOOP},
    {NULL, 0},
};
_Static_assert(sizeof roles / sizeof roles[0] == ROLE_COUNT, "one word per role but ROLE_NONE");

static const struct key_word safeties[] = {{"safe", SAFETY_SAFE}, {"unsafe", SAFETY_UNSAFE}, {NULL, 0}};
static const struct key_word scopes[] = {{"thread", SCOPE_THREAD},
                                         {"process", SCOPE_PROCESS},
                                         {"asyncio", SCOPE_ASYNCIO},
                                         {"context", SCOPE_CONTEXT},
                                         {NULL, 0}};
static const struct key_word builds[] = {{"any", BUILD_ANY}, {"free-threaded", BUILD_FREE_THREADED}, {NULL, 0}};
static const struct key_word deals[] = {
    {"numbered", DEALS_NUMBERED}, {"keyed", DEALS_KEYED}, {"each", DEALS_EACH}, {NULL, 0}};
static const struct key_word files[] = {
    {"check", FILE_CHECK}, {"check-folder", FILE_CHECK_FOLDER}, {"act", FILE_ACT}, {"data", FILE_DATA}, {NULL, 0}};
static const struct key_word folders[] = {{"made", FOLDER_MADE}, {"of", FOLDER_OF}, {NULL, 0}};
static const struct key_word states[] = {
    {"environment", STATE_ENVIRONMENT},
    {"directory", STATE_DIRECTORY},
    {"umask", STATE_UMASK},
    {"locale", STATE_LOCALE},
    {"signals", STATE_SIGNALS},
    {"warnings", STATE_WARNINGS},
    {"streams", STATE_STREAMS},
    {"hooks", STATE_HOOKS},
    {"random", STATE_RANDOM},
    {"imports", STATE_IMPORTS},
    {"settings", STATE_SETTINGS},
    {"fork", STATE_FORK},
    {NULL, 0},
};
static const struct key_word gils[] = {{"probe", GIL_PROBE}, {"switch", GIL_SWITCH}, {NULL, 0}};
static const struct key_word runs[] = {
    {"loop", RUNS_LOOP},       {"signal", RUNS_SIGNAL}, {"finalizer", RUNS_FINALIZER}, {"exit", RUNS_EXIT},
    {"process", RUNS_PROCESS}, {"caller", RUNS_CALLER}, {"server", RUNS_SERVER},       {NULL, 0}};

const struct key_word schema_platforms[] = {{"unix", 1}, {"windows", 2}, {NULL, 0}};

const struct key_word schema_effects[] = {
    {"acquire", EFFECT_ACQUIRE},
    {"release", EFFECT_RELEASE},
    {"wait", EFFECT_WAIT},
    {"notify", EFFECT_NOTIFY},
    {"spawn", EFFECT_SPAWN},
    {"start", EFFECT_START},
    {"join", EFFECT_JOIN},
    {"put", EFFECT_PUT},
    {"get", EFFECT_GET},
    {"read", EFFECT_READ},
    {"write", EFFECT_WRITE},
    {"atomic", EFFECT_ATOMIC},
    {"compound", EFFECT_COMPOUND},
    {"remove", EFFECT_REMOVE},
    {"insert", EFFECT_INSERT},
    {"size", EFFECT_SIZE},
    {"iterate", EFFECT_ITERATE},
    {"snapshot", EFFECT_SNAPSHOT},
    {"blocks", EFFECT_BLOCKS},
    {"process", EFFECT_PROCESS},
    {"pure", EFFECT_PURE},
    {"set", EFFECT_SET},
    {"clear", EFFECT_CLEAR},
    {"decorator", EFFECT_DECORATOR},
    {"callback", EFFECT_CALLBACK},
    {"view", EFFECT_VIEW},
    {"check-then-raises", EFFECT_CHECK_THEN_RAISES},
    {"later", EFFECT_LATER},
    {"memo", EFFECT_MEMO},
    {"attribute", EFFECT_ATTRIBUTE},
    {"makes-decorator", EFFECT_MAKES_DECORATOR},
    {NULL, 0},
};

const char *const schema_kind_names[ENTRY_COUNT] = {"class", "function", "method", "attribute",
                                                    "value", "alias",    "package"};

enum {
    CLASS = 1u << ENTRY_CLASS,
    CALL = 1u << ENTRY_FUNCTION | 1u << ENTRY_METHOD | CLASS, /* what can be called */
    PLACE = 1u << ENTRY_ATTRIBUTE | 1u << ENTRY_VALUE,        /* what can be read */
    ALIAS = 1u << ENTRY_ALIAS,
    PACKAGE = 1u << ENTRY_PACKAGE,
    ANY = CALL | PLACE,
    NAMED = ANY | ALIAS,
    ALL = NAMED | PACKAGE
};

#define AT(field) offsetof(struct model, field)
#define ARGUMENT(name, field, keyword)                                                                                 \
    {                                                                                                                  \
        name, KEY_ARGUMENT, CALL, true, AT(field), AT(keyword), NULL                                                   \
    }

const struct schema_key schema_keys[] = {
    {"name", KEY_NAME, NAMED, false, 0, 0, NULL},
    {"names", KEY_NAME, NAMED, false, 0, 0, NULL},
    {"source", KEY_NAME, ALL, false, 0, 0, NULL},
    {"platform", KEY_NAME, ALL, false, 0, 0, NULL},
    {"of", KEY_NAME, ALIAS, false, 0, 0, NULL},
    {"added", KEY_VERSION, ALL, false, AT(from_version), 0, NULL},
    {"removed", KEY_VERSION, ALL, false, AT(to_version), 0, NULL},
    {"role", KEY_WORD, ANY | PACKAGE, true, AT(role), 0, roles},
    {"safety", KEY_WORD, ANY, true, AT(safety), 0, safeties},
    {"scope", KEY_WORD, ANY, true, AT(scope), 0, scopes},
    {"build", KEY_WORD, ANY, true, AT(build), 0, builds},
    {"runs", KEY_WORD, CALL, true, AT(runs), 0, runs},
    {"effects", KEY_WORDS, ANY, true, AT(effects), 0, schema_effects},
    {"many", KEY_BOOLEAN, CALL, true, AT(many), 0, NULL},
    {"one-per-call", KEY_BOOLEAN, CALL, true, AT(one_per_call), 0, NULL},
    {"own-instance", KEY_BOOLEAN, CLASS, true, AT(own_instance), 0, NULL},
    {"reentrant", KEY_BOOLEAN, CLASS | PLACE, true, AT(reentrant), 0, NULL},
    {"spread", KEY_BOOLEAN, CALL, true, AT(spread), 0, NULL},
    {"tasks", KEY_BOOLEAN, CALL, true, AT(tasks), 0, NULL},
    {"defers", KEY_BOOLEAN, CALL, true, AT(defers), 0, NULL},
    {"discards", KEY_BOOLEAN, CALL, true, AT(discards), 0, NULL},
    {"one-step-without-key", KEY_BOOLEAN, CALL, true, AT(one_step_without_key), 0, NULL},
    {"thread-identity", KEY_BOOLEAN, CALL, true, AT(thread_identity), 0, NULL},
    {"pause", KEY_BOOLEAN, CALL, true, AT(pause), 0, NULL},
    {"ends-process", KEY_BOOLEAN, CALL, true, AT(ends_process), 0, NULL},
    {"handles", KEY_BOOLEAN, CLASS, true, AT(handles), 0, NULL},
    {"extreme", KEY_BOOLEAN, CALL, true, AT(extreme), 0, NULL},
    {"keeps-length", KEY_BOOLEAN, CALL, true, AT(keeps_length), 0, NULL},
    {"deals", KEY_WORD, CALL, true, AT(deals), 0, deals},
    {"sorts", KEY_BOOLEAN, CALL, true, AT(sorts), 0, NULL},
    {"wraps-type", KEY_BOOLEAN, PLACE, true, AT(wraps_type), 0, NULL},
    {"any-copy", KEY_BOOLEAN, 1u << ENTRY_FUNCTION, true, AT(any_copy), 0, NULL},
    {"greenlets", KEY_BOOLEAN, 1u << ENTRY_FUNCTION, true, AT(greenlets), 0, NULL},
    {"replaces-program", KEY_BOOLEAN, 1u << ENTRY_FUNCTION, true, AT(replaces_program), 0, NULL},
    {"sees-failures", KEY_BOOLEAN, 1u << ENTRY_VALUE, true, AT(sees_failures), 0, NULL},
    {"makes-fields", KEY_BOOLEAN, 1u << ENTRY_FUNCTION | 1u << ENTRY_CLASS, true, AT(makes_fields), 0, NULL},
    {"endless", KEY_BOOLEAN, CLASS, true, AT(endless), 0, NULL},
    {"may-mean-gone", KEY_BOOLEAN, CLASS, true, AT(may_mean_gone), 0, NULL},
    {"lookup-error", KEY_BOOLEAN, CLASS, true, AT(lookup_error), 0, NULL},
    {"file", KEY_WORD, CALL, true, AT(file), 0, files},
    {"folder", KEY_WORD, CALL, true, AT(folder), 0, folders},
    {"gil", KEY_WORD, CALL | PLACE, true, AT(gil), 0, gils},
    {"state", KEY_WORD, ANY, true, AT(state), 0, states},
    ARGUMENT("target", target, target_keyword),
    ARGUMENT("target-args", target_args, args_keyword),
    ARGUMENT("target-kwargs", target_kwargs, kwargs_keyword),
    {"rest", KEY_POSITION, CALL, true, AT(rest), 0, NULL},
    {"elements", KEY_POSITION, CALL, true, AT(elements), 0, NULL},
    ARGUMENT("key", key, key_keyword),
    ARGUMENT("value", value, value_keyword),
    ARGUMENT("default", fallback, fallback_keyword),
    ARGUMENT("through", through, through_keyword),
    ARGUMENT("block", block, block_keyword),
    ARGUMENT("timeout", timeout, timeout_keyword),
    ARGUMENT("limit", limit, limit_keyword),
    ARGUMENT("forgives", forgives, forgives_keyword),
    ARGUMENT("mode", mode, mode_keyword),
    {"daemon", KEY_ARGUMENT, CLASS, false, AT(daemon), AT(daemon_keyword), NULL},
    ARGUMENT("in-child", in_child, in_child_keyword),
    ARGUMENT("named", named, named_keyword),
    {"limit-default", KEY_COUNT, CALL, true, AT(limit_default), 0, NULL},
    {"returns", KEY_TEXT, ANY, false, AT(returns), 0, NULL},
    {"held", KEY_TEXT, CALL, true, AT(held), 0, NULL},
    {"others", KEY_TEXT, 1u << ENTRY_VALUE, true, AT(others), 0, NULL},
    {"harm", KEY_TEXT, CLASS | 1u << ENTRY_METHOD, true, AT(harm), 0, NULL},
    {"bases", KEY_LIST, CLASS, false, AT(bases), 0, NULL},
    {"entries", KEY_LIST, CLASS, true, AT(entries), 0, NULL},
    {"like", KEY_TEXT, CLASS, false, AT(like), 0, NULL},
    {"configures", KEY_TEXT, 1u << ENTRY_FUNCTION, true, AT(configures), 0, NULL},
    {"named-in", KEY_TEXT, CLASS, false, AT(named_in), 0, NULL},
    {"made-with", KEY_TEXT, CLASS, false, AT(made_with), 0, NULL},
    {"parameters", KEY_LIST, CLASS, false, AT(parameters), 0, NULL},
    {"one-step-with", KEY_LIST, CALL, true, AT(one_step_with), 0, NULL},
    {"threads-with", KEY_LIST, CLASS | 1u << ENTRY_FUNCTION, true, AT(threads_with), 0, NULL},
    {NULL, KEY_NAME, 0, false, 0, 0, NULL},
};
const size_t schema_key_count = sizeof schema_keys / sizeof schema_keys[0] - 1;
_Static_assert(sizeof schema_keys / sizeof schema_keys[0] - 1 <= SCHEMA_KEYS_MAX, "an entry has a flag for each key");

const struct schema_key *schema_key_find(struct str name)
{
    for (size_t i = 0; i < schema_key_count; i++) {
        if (str_equal(name, str_of(schema_keys[i].name))) {
            return &schema_keys[i];
        }
    }
    return NULL;
}

struct str schema_nearest(struct str typed, const char *const *texts, size_t stride)
{
    struct suggestion nearest = suggestion_of(typed);

    for (const char *at = (const char *)texts; *(const char *const *)(const void *)at != NULL; at += stride) {
        suggestion_offer(&nearest, str_of(*(const char *const *)(const void *)at));
    }
    return suggestion_best(&nearest);
}

/* The rules on hazards made by hand: which rule takes which, what it says, how findings fold. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "racelint/rules.h"
#include "rules/findings.h"

static const char program_text[] = "import threading\n"                                      /* 1 */
                                   "class Store:\n"                                          /* 2 */
                                   "    def __init__(self):\n"                               /* 3 */
                                   "        self._data = {}\n"                               /* 4 */
                                   "        self._lock = threading.Lock()\n"                 /* 5 */
                                   "    def add(self, key):\n"                               /* 6 */
                                   "        value = self._data.get(key, 0)\n"                /* 7 */
                                   "        self._data[key] = value + 1\n"                   /* 8 */
                                   "    def drop(self, key):\n"                              /* 9 */
                                   "        if key in self._data:\n"                         /* 10 */
                                   "            del self._data[key]\n"                       /* 11 */
                                   "    def names(self):\n"                                  /* 12 */
                                   "        return [n for n in self._data.items()]\n"        /* 13 */
                                   "def pay(buyer, seller, amount):\n"                       /* 14 */
                                   "    buyer.balance -= amount; seller.balance += amount\n" /* 15 */
                                   "threading.Thread(target=store.drop).start()\n";          /* 16 */

static struct source_file file, renamed;
static struct place data = {.root = PLACE_INSTANCE,
                            .contents = true,
                            .name = {"self._data[key]", 15},
                            .field = {"_data", 5},
                            .owner = {"pkg.app.Store", 13},
                            .role = ROLE_DICT};
static struct place field; /* a field that holds no container */
static const struct model get_model = {
    .name = "builtins.dict.get", .is = MODEL_METHOD, .effects = EFFECT_READ | EFFECT_ATOMIC};
static const struct model pop_model = {
    .name = "collections.deque.pop", .is = MODEL_METHOD, .effects = EFFECT_WRITE | EFFECT_ATOMIC | EFFECT_REMOVE};
static const struct model append_model = {
    .name = "builtins.list.append", .is = MODEL_METHOD, .effects = EFFECT_WRITE | EFFECT_ATOMIC | EFFECT_INSERT};
static const struct model get_nowait_model = {
    .name = "queue.Queue.get_nowait", .is = MODEL_METHOD, .effects = EFFECT_GET | EFFECT_CHECK_THEN_RAISES};
static const struct held_lock own_lock = {
    .name = {"self._lock", 10}, .owner = {"pkg.app.Store", 13}, .identity = 7, .role = ROLE_LOCK};
static struct thread_side spawned = {.kind = THREAD_SPAWNED, .root = {"Thread(target=store.drop)", 25}};
static const struct thread_side caller = {.kind = THREAD_CALLER, .root = {"any caller", 10}, .many = true};

static struct site site_of(const char *code)
{
    size_t start = str_find(file.text, str_of(code));
    ck_assert_msg(start != SIZE_MAX, "no such code: %s", code);
    return (struct site){&file, {(uint32_t)start, (uint32_t)(start + strlen(code))}, STR("pkg.app.Store.add")};
}

static struct access access_to(const struct place *place, const char *code, enum access_kind kind)
{
    return (struct access){
        .site = site_of(code),
        .kind = kind,
        .writes = kind == ACCESS_STORE || kind == ACCESS_AUGMENTED || kind == ACCESS_DELETE,
        .atomic = true,
        .text = str_of(code),
        .key = place->contents ? STR("key") : (struct str){0},
        .place = place,
    };
}

static struct access access_with(const struct place *place, const char *code, const struct model *model)
{
    struct access access = access_to(place, code, ACCESS_METHOD);
    access.model = model;
    access.method = str_of(strrchr(model->name, '.') + 1);
    access.writes = (model->effects & EFFECT_WRITE) != 0;
    return access;
}

static struct hazard hazard_of(const struct access *first, const struct access *last)
{
    return (struct hazard){
        .kind = HAZARD_SPAN,
        .place = last->place,
        .first = first,
        .last = last,
        .partner = last,
        .via = VIA_DATA,
        .side = &caller,
        .partner_side = &caller,
        .confidence = CONFIDENCE_MEDIUM,
    };
}

static struct hazard checked(enum check_kind check, const struct access *first, const struct access *last)
{
    struct hazard hazard = hazard_of(first, last);
    hazard.via = VIA_CONTROL;
    hazard.check = check;
    return hazard;
}

/* The findings of up to four hazards; NULL ends them. */
static struct findings *told(const struct hazard *a, const struct hazard *b, const struct hazard *c)
{
    const struct hazard *hazards[] = {a, b, c};
    size_t count = !a ? 0 : !b ? 1 : !c ? 2 : 3;
    return findings_from(hazards, count, NULL);
}

static const char *only_code(const struct hazard *hazard)
{
    struct findings *findings = told(hazard, NULL, NULL);
    const char *code = findings_count(findings) == 1 ? findings_at(findings, 0)->rule->code : "none";
    findings_free(findings);
    return code;
}

static void assert_contains(struct str text, const char *part)
{
    ck_assert_msg(str_find(text, str_of(part)) != SIZE_MAX, "\"%s\" is not in \"%.*s\"", part, STR_FMT(text));
}

static void set_up(void)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct str text = str_of(program_text);
    ck_assert_int_eq(source_from_bytes(&file, STR("src/pkg/app.py"), text, diagnostics), SOURCE_OK);
    ck_assert_int_eq(source_from_bytes(&renamed, STR("lib/renamed.py"), text, diagnostics), SOURCE_OK);
    ck_assert_uint_eq(diagnostics_count(diagnostics), 0);
    diagnostics_free(diagnostics);
    data.declared = site_of("self._data = {}");
    field = data;
    field.contents = false;
    field.role = ROLE_NONE;
    field.name = STR("self._data");
    spawned.start = site_of("threading.Thread(target=store.drop)");
}

static void tear_down(void)
{
    source_free(&file);
    source_free(&renamed);
}

START_TEST(the_registry_is_in_order_and_complete)
{
    for (size_t i = 0; i < rules_count(); i++) {
        const struct rule *rule = rules_at(i);
        ck_assert(i == 0 || strcmp(rules_at(i - 1)->code, rule->code) < 0);
        ck_assert_ptr_eq(rules_find(str_of(rule->code)), rule);
        ck_assert_ptr_eq(rules_find(str_of(rule->name)), rule);
        ck_assert(rule->summary && rule->explanation && rule->bad && rule->good && rule->fix);
        ck_assert(rule->cwes && rule->references);
        ck_assert_int_eq(rule->matches == NULL, rule->describe == NULL);
    }
    ck_assert_str_eq(rules_find(STR("rl101"))->code, "RL101");
    ck_assert_ptr_null(rules_find(STR("RL10")));
    ck_assert_ptr_null(rules_find(STR("")));
}
END_TEST

START_TEST(updates)
{
    struct access read = access_with(&data, "self._data.get(key, 0)", &get_model);
    struct access write = access_to(&data, "self._data[key] = value + 1", ACCESS_STORE);
    struct access augmented = access_to(&field, "buyer.balance -= amount", ACCESS_AUGMENTED);
    struct hazard hazard = hazard_of(&read, &write);
    ck_assert_str_eq(only_code(&hazard), "RL102");
    hazard.first_locked_alike = true;
    ck_assert_str_eq(only_code(&hazard), "RL103");
    hazard = hazard_of(&augmented, &augmented);
    ck_assert_str_eq(only_code(&hazard), "RL101");
}
END_TEST

/* One row: what the check asks, what is read, what is done, and the rule that takes it. */
struct shape_case {
    enum check_kind check;
    enum access_kind first, last;
    bool contents, constant;
    const struct model *first_model, *last_model;
    const char *key;
    const char *code;
};

static const struct shape_case shape_cases[] = {
    {CHECK_IN, ACCESS_MEMBERSHIP, ACCESS_LOAD, true, false, NULL, NULL, "key", "RL201"},
    {CHECK_IN, ACCESS_MEMBERSHIP, ACCESS_DELETE, true, false, NULL, NULL, "key", "RL201"},
    {CHECK_IN, ACCESS_MEMBERSHIP, ACCESS_AUGMENTED, true, false, NULL, NULL, "key", "RL201"},
    {CHECK_IN, ACCESS_MEMBERSHIP, ACCESS_METHOD, true, false, NULL, &pop_model, "key", "RL201"},
    {CHECK_TRUE, ACCESS_METHOD, ACCESS_LOAD, true, false, &get_model, NULL, "key", "RL201"},
    {CHECK_NOT_NONE, ACCESS_LOAD, ACCESS_DELETE, true, false, NULL, NULL, "key", "RL201"},
    {CHECK_IN, ACCESS_MEMBERSHIP, ACCESS_STORE, true, false, NULL, NULL, "key", "RL210"},
    {CHECK_NOT_IN, ACCESS_MEMBERSHIP, ACCESS_STORE, true, false, NULL, NULL, "key", "RL202"},
    {CHECK_NOT_IN, ACCESS_MEMBERSHIP, ACCESS_STORE, true, true, NULL, NULL, "key", "RL202"},
    {CHECK_NOT_IN, ACCESS_MEMBERSHIP, ACCESS_METHOD, true, false, NULL, &append_model, "", "RL202"},
    {CHECK_NONE, ACCESS_METHOD, ACCESS_STORE, true, false, &get_model, NULL, "key", "RL202"},
    {CHECK_MISSING, ACCESS_LOAD, ACCESS_STORE, true, false, NULL, NULL, "key", "RL202"},
    {CHECK_FALSE, ACCESS_SIZE, ACCESS_METHOD, true, false, NULL, &append_model, "", "RL202"},
    {CHECK_TRUE, ACCESS_SIZE, ACCESS_METHOD, true, false, NULL, &pop_model, "", "RL203"},
    {CHECK_SIZE, ACCESS_METHOD, ACCESS_METHOD, true, false, &get_model, &get_nowait_model, "", "RL203"},
    {CHECK_SIZE, ACCESS_SIZE, ACCESS_LOAD, true, false, NULL, NULL, "-1", "RL203"},
    {CHECK_TRUE, ACCESS_SIZE, ACCESS_DELETE, true, false, NULL, NULL, "0", "RL203"},
    {CHECK_SIZE, ACCESS_SIZE, ACCESS_LOAD, true, false, NULL, NULL, "index", "RL207"},
    {CHECK_SIZE, ACCESS_SIZE, ACCESS_METHOD, true, false, NULL, &append_model, "", "RL210"},
    {CHECK_NONE, ACCESS_LOAD, ACCESS_STORE, false, false, NULL, NULL, "", "RL204"},
    {CHECK_FALSE, ACCESS_LOAD, ACCESS_STORE, false, false, NULL, NULL, "", "RL204"},
    {CHECK_MISSING, ACCESS_LOAD, ACCESS_STORE, false, false, NULL, NULL, "", "RL204"},
    {CHECK_FALSE, ACCESS_LOAD, ACCESS_STORE, false, true, NULL, NULL, "", "RL206"},
    {CHECK_TRUE, ACCESS_LOAD, ACCESS_STORE, false, true, NULL, NULL, "", "RL206"},
    {CHECK_NOT_NONE, ACCESS_LOAD, ACCESS_STORE, false, true, NULL, NULL, "", "RL206"},
    {CHECK_COMPARE, ACCESS_LOAD, ACCESS_STORE, true, true, NULL, NULL, "key", "RL206"},
    {CHECK_NOT_NONE, ACCESS_LOAD, ACCESS_LOAD, false, false, NULL, NULL, "", "RL207"},
    {CHECK_TRUE, ACCESS_LOAD, ACCESS_USE, false, false, NULL, NULL, "", "RL207"},
    {CHECK_NOT_NONE, ACCESS_LOAD, ACCESS_USE, true, false, NULL, NULL, "0", "RL207"},
    {CHECK_COMPARE, ACCESS_LOAD, ACCESS_AUGMENTED, false, false, NULL, NULL, "", "RL210"},
    {CHECK_COMPARE, ACCESS_LOAD, ACCESS_STORE, false, false, NULL, NULL, "", "RL210"},
    {CHECK_TRUE, ACCESS_LOAD, ACCESS_AUGMENTED, false, false, NULL, NULL, "", "RL210"},
    {CHECK_COMPARE, ACCESS_LOAD, ACCESS_AUGMENTED, true, false, NULL, NULL, "key", "RL210"},
};

START_TEST(every_shape_has_its_rule)
{
    const struct shape_case *row = &shape_cases[_i];
    const struct place *place = row->contents ? &data : &field;
    const char *read = "key in self._data", *act = "self._data[key] = value + 1";
    struct access first =
        row->first_model ? access_with(place, read, row->first_model) : access_to(place, read, row->first);
    struct access last = row->last_model ? access_with(place, act, row->last_model) : access_to(place, act, row->last);
    last.constant = row->constant;
    last.key = str_of(row->key);
    struct hazard hazard = checked(row->check, &first, &last);
    ck_assert_str_eq(only_code(&hazard), row->code);
}
END_TEST

/* No control span may fall between the rules: each combination is some rule's. */
START_TEST(no_shape_is_lost)
{
    for (int check = CHECK_IN; check <= CHECK_MISSING; check++) {
        for (int first = ACCESS_LOAD; first <= ACCESS_USE; first++) {
            for (int last = ACCESS_LOAD; last <= ACCESS_USE; last++) {
                for (int bits = 0; bits < 4; bits++) {
                    const struct place *place = bits & 1 ? &data : &field;
                    struct access read = access_to(place, "key in self._data", (enum access_kind)first);
                    struct access act = access_to(place, "del self._data[key]", (enum access_kind)last);
                    act.constant = (bits & 2) != 0;
                    struct hazard hazard = checked((enum check_kind)check, &read, &act);
                    ck_assert_str_ne(only_code(&hazard), "none");
                }
            }
        }
    }
}
END_TEST

START_TEST(double_checking)
{
    struct access first = access_to(&field, "self._data.get(key, 0)", ACCESS_LOAD);
    struct access last = access_to(&field, "self._data[key] = value + 1", ACCESS_STORE);
    last.locks = &own_lock;
    last.lock_count = 1;
    struct hazard hazard = checked(CHECK_NONE, &first, &last);
    ck_assert_str_eq(only_code(&hazard), "RL205");
    struct findings *findings = told(&hazard, NULL, NULL);
    const struct finding *finding = findings_at(findings, 0);
    ck_assert(str_equal(finding->fix.lock, STR("self._lock")));
    ck_assert_int_eq(finding->fix.kind, FIX_EXISTING_LOCK);
    assert_contains(finding->fix.message, "Repeat the test of line 7 inside `with self._lock:`, before line 8.");
    findings_free(findings);
    hazard.first_locked_alike = true;
    ck_assert_str_eq(only_code(&hazard), "RL103");
}
END_TEST

START_TEST(mutations)
{
    struct access sort = access_to(&data, "self._data[key] = value + 1", ACCESS_METHOD);
    struct access append = access_to(&data, "del self._data[key]", ACCESS_METHOD);
    sort.atomic = false;
    sort.writes = append.writes = true;
    struct hazard hazard = hazard_of(&sort, &sort);
    hazard.kind = HAZARD_MUTATION;
    hazard.partner = &append;
    ck_assert_str_eq(only_code(&hazard), "RL301");
    sort.atomic = true; /* two single steps: no hazard */
    ck_assert_str_eq(only_code(&hazard), "none");
    append.atomic = false;
    ck_assert_str_eq(only_code(&hazard), "RL301");
    append.locks = &own_lock; /* a lock on one side is another rule's */
    append.lock_count = 1;
    ck_assert_str_eq(only_code(&hazard), "none");
    hazard.kind = HAZARD_LOCK_PER_CALL;
    ck_assert_str_eq(only_code(&hazard), "RL401");
}
END_TEST

START_TEST(a_finding_has_all_its_parts)
{
    struct access read = access_with(&data, "self._data.get(key, 0)", &get_model);
    struct access write = access_to(&data, "self._data[key] = value + 1", ACCESS_STORE);
    struct access drop = access_to(&data, "del self._data[key]", ACCESS_DELETE);
    struct access loop = access_to(&data, "self._data.items()", ACCESS_ITERATE);
    const struct access *related[] = {&loop, &write, &loop};
    struct thread_step steps[] = {
        {.site = spawned.start, .effect = STEP_SPAWN, .text = spawned.start.symbol},
        {.site = drop.site, .effect = STEP_DELETE, .text = drop.text, .locks = &own_lock, .lock_count = 1},
    };
    struct thread_side side = spawned;
    side.steps = steps;
    side.step_count = 2;
    struct hazard hazard = hazard_of(&read, &write);
    hazard.partner = &drop;
    hazard.partner_side = &side;
    hazard.guard = &own_lock;
    hazard.guard_held = 7;
    hazard.guard_of = 8;
    hazard.related = related;
    hazard.related_count = 3;
    hazard.why = STR("started at app.py:16");
    struct findings *findings = told(&hazard, NULL, NULL);
    ck_assert_uint_eq(findings_count(findings), 1);
    const struct finding *f = findings_at(findings, 0);
    ck_assert(str_equal(f->where.path, STR("src/pkg/app.py")));
    ck_assert_uint_eq(f->where.line, 8);
    ck_assert_uint_eq(f->where.column, 9);
    ck_assert_uint_eq(f->where.end_line, 8);
    ck_assert_uint_eq(f->where.end_column, 36);
    ck_assert_uint_eq(f->state_where.line, 4);
    ck_assert(str_equal(f->state_owner, STR("pkg.app.Store")));
    ck_assert(str_equal(f->guard_lock, STR("self._lock")));
    ck_assert_uint_eq(f->guard_held, 7);
    ck_assert_uint_eq(f->guard_of, 8);
    ck_assert(str_equal(f->why, hazard.why));
    ck_assert_uint_eq(f->thread_count, 2);
    ck_assert_uint_eq(f->threads[1].where.line, 16);
    ck_assert_uint_eq(f->threads[1].step_count, 2);
    ck_assert_uint_eq(f->threads[1].steps[1].where.line, 11);
    ck_assert(str_equal(f->threads[1].steps[1].locks[0], STR("self._lock")));
    ck_assert_uint_eq(f->related_count, 1); /* the loop, once; the write is the finding itself */
    ck_assert_uint_eq(f->related[0].where.line, 13);
    ck_assert_ptr_eq(f->file, &file);
    assert_contains(f->message, "line 7");
    assert_contains(f->message, "another thread running store.drop() (started at line 16)");
    assert_contains(f->message, "`del self._data[key]` (line 11)");
    assert_contains(f->fix.message, "Put lines 7-8 inside `with self._lock:`, and line 11 too.");
    findings_free(findings);
}
END_TEST

START_TEST(hazards_of_one_function_fold)
{
    struct access read = access_with(&data, "self._data.get(key, 0)", &get_model);
    struct access write = access_to(&data, "self._data[key] = value + 1", ACCESS_STORE);
    struct access test = access_to(&data, "key in self._data", ACCESS_MEMBERSHIP);
    struct access drop = access_to(&data, "del self._data[key]", ACCESS_DELETE);
    struct hazard split = hazard_of(&read, &write), check = checked(CHECK_IN, &test, &drop);
    struct findings *findings = told(&split, &check, NULL);
    ck_assert_uint_eq(findings_count(findings), 1);
    ck_assert_str_eq(findings_at(findings, 0)->rule->code, "RL201");
    ck_assert_uint_eq(findings_at(findings, 0)->related_count, 1);
    assert_contains(findings_at(findings, 0)->related[0].message, "RL102");
    findings_free(findings);

    split.confidence = CONFIDENCE_HIGH; /* the surer one tells */
    findings = told(&check, &split, NULL);
    ck_assert_uint_eq(findings_count(findings), 1);
    ck_assert_str_eq(findings_at(findings, 0)->rule->code, "RL102");
    findings_free(findings);

    drop.site.symbol = STR("pkg.app.Store.drop"); /* another function: a finding of its own */
    findings = told(&split, &check, NULL);
    ck_assert_uint_eq(findings_count(findings), 2);
    ck_assert_str_eq(findings_at(findings, 0)->rule->code, "RL102");
    ck_assert_str_eq(findings_at(findings, 1)->rule->code, "RL201");
    findings_free(findings);
}
END_TEST

START_TEST(two_objects_of_one_class_do_not_fold)
{
    struct place balance = field;
    balance.field = STR("balance");
    struct access buyer = access_to(&balance, "buyer.balance -= amount", ACCESS_AUGMENTED);
    struct access seller = access_to(&balance, "seller.balance += amount", ACCESS_AUGMENTED);
    struct hazard a = hazard_of(&buyer, &buyer), b = hazard_of(&seller, &seller);
    struct findings *findings = told(&b, &a, NULL);
    ck_assert_uint_eq(findings_count(findings), 2);
    assert_contains(findings_at(findings, 0)->message, "`buyer.balance -= amount`");
    assert_contains(findings_at(findings, 0)->fix.message, "`with buyer._lock:`");
    assert_contains(findings_at(findings, 1)->fix.message, "`with seller._lock:`");
    findings_free(findings);
}
END_TEST

START_TEST(mutations_join_what_is_surer)
{
    struct access sort = access_to(&data, "del self._data[key]", ACCESS_METHOD);
    struct access other = access_to(&data, "self._data.items()", ACCESS_METHOD);
    struct access read = access_with(&data, "self._data.get(key, 0)", &get_model);
    struct access write = access_to(&data, "self._data[key] = value + 1", ACCESS_STORE);
    sort.atomic = other.atomic = false;
    sort.site.symbol = STR("pkg.app.Store.drop");
    other.site.symbol = STR("pkg.app.Store.names");
    struct hazard a = hazard_of(&sort, &sort), b = hazard_of(&other, &other), span = hazard_of(&read, &write);
    a.kind = b.kind = HAZARD_MUTATION;
    a.partner = &other;
    b.partner = &sort;
    struct findings *findings = told(&a, &b, NULL); /* A races B and B races A: one */
    ck_assert_uint_eq(findings_count(findings), 1);
    ck_assert_str_eq(findings_at(findings, 0)->rule->code, "RL301");
    ck_assert_uint_eq(findings_at(findings, 0)->where.line, 11);
    findings_free(findings);

    findings = told(&a, &b, &span);
    ck_assert_uint_eq(findings_count(findings), 1);
    ck_assert_str_eq(findings_at(findings, 0)->rule->code, "RL102");
    ck_assert_uint_eq(findings_at(findings, 0)->related_count, 2);
    findings_free(findings);

    a.confidence = CONFIDENCE_HIGH; /* it must not hide behind one that may not be shown */
    findings = told(&a, &b, &span);
    ck_assert_uint_eq(findings_count(findings), 2);
    findings_free(findings);
}
END_TEST

/* An access without the lock that the partner holds. */
static struct hazard unguarded(const struct access *access, const struct access *partner)
{
    struct hazard hazard = hazard_of(access, access);
    hazard.kind = HAZARD_UNGUARDED;
    hazard.partner = partner;
    hazard.guard = &own_lock;
    hazard.guard_kind = GUARD_INFERRED;
    hazard.guard_held = 7;
    hazard.guard_of = 8;
    return hazard;
}

START_TEST(unguarded_accesses_of_a_place_are_one_finding)
{
    struct access drop = access_to(&data, "del self._data[key]", ACCESS_DELETE);
    struct access store = access_to(&data, "self._data[key] = value + 1", ACCESS_STORE);
    struct access locked = access_with(&data, "self._data.get(key, 0)", &get_model);
    drop.site.symbol = STR("pkg.app.Store.drop");
    store.site.symbol = STR("pkg.app.Store.put");
    struct hazard a = unguarded(&drop, &locked), b = unguarded(&store, &locked);
    struct findings *findings = told(&a, &b, NULL);
    ck_assert_uint_eq(findings_count(findings), 1);
    const struct finding *finding = findings_at(findings, 0);
    ck_assert_str_eq(finding->rule->code, "RL302");
    ck_assert_uint_eq(finding->related_count, 1);
    assert_contains(finding->message, "without `self._lock`, although 7 of 8 accesses hold it");
    assert_contains(finding->fix.message, "`with self._lock:`");
    ck_assert(str_equal(finding->guard_lock, own_lock.name));
    ck_assert_uint_eq(finding->guard_held, 7);
    ck_assert_uint_eq(finding->guard_of, 8);
    findings_free(findings);

    struct access read = access_with(&data, "self._data.get(key, 0)", &get_model);
    struct hazard span = hazard_of(&read, &store); /* in one function the span tells more */
    findings = told(&b, &span, NULL);
    ck_assert_uint_eq(findings_count(findings), 1);
    ck_assert_str_eq(findings_at(findings, 0)->rule->code, "RL102");
    findings_free(findings);

    span.locked_apart = true; /* two locks, and never the same: more again */
    store.locks = locked.locks = &own_lock;
    store.lock_count = locked.lock_count = 1;
    span.partner = &locked;
    ck_assert_str_eq(only_code(&span), "RL303");
}
END_TEST

START_TEST(what_the_caller_does_with_a_leak_joins_it)
{
    struct access leak = access_to(&data, "self._data.items()", ACCESS_USE);
    struct access walk = access_to(&data, "key in self._data", ACCESS_ITERATE);
    struct access locked = access_to(&data, "del self._data[key]", ACCESS_DELETE);
    leak.site.symbol = STR("pkg.app.Store.all");
    walk.site.symbol = STR("pkg.app.report");
    struct thread_step steps[] = {{.site = walk.site, .effect = STEP_CALL}, {.site = leak.site, .effect = STEP_READ}};
    struct thread_side side = caller;
    side.steps = steps;
    side.step_count = 2;
    struct hazard hands = unguarded(&leak, &locked), loop = hazard_of(&walk, &walk);
    hands.kind = HAZARD_LEAK;
    hands.side = &side;
    loop.via = VIA_ITERATION;
    struct findings *findings = told(&loop, &hands, NULL);
    ck_assert_uint_eq(findings_count(findings), 1);
    ck_assert_str_eq(findings_at(findings, 0)->rule->code, "RL305");
    assert_contains(findings_at(findings, 0)->fix.message, "list(self._data.items())");
    findings_free(findings);

    walk.site.symbol = STR("pkg.app.elsewhere"); /* not the one who got it: a finding of its own */
    findings = told(&loop, &hands, NULL);
    ck_assert_uint_eq(findings_count(findings), 2);
    findings_free(findings);
}
END_TEST

START_TEST(disabled_rules_are_silent)
{
    uint8_t enabled[256] = {RULE_OFF};
    struct rule_choice choice = {.enabled = enabled};
    struct access augmented = access_to(&field, "buyer.balance -= amount", ACCESS_AUGMENTED);
    struct hazard hazard = hazard_of(&augmented, &augmented);
    const struct hazard *hazards[] = {&hazard};
    ck_assert_uint_le(rules_count(), 256);
    struct findings *findings = findings_from(hazards, 1, &choice);
    ck_assert_uint_eq(findings_count(findings), 0);
    findings_free(findings);
    for (size_t i = 0; i < rules_count(); i++) {
        enabled[i] = strcmp(rules_at(i)->code, "RL101") == 0 ? RULE_ON : RULE_OFF;
    }
    findings = findings_from(hazards, 1, &choice);
    ck_assert_uint_eq(findings_count(findings), 1);
    findings_free(findings);
}
END_TEST

static void fingerprint(const struct hazard *hazard, char out[32])
{
    struct findings *findings = told(hazard, NULL, NULL);
    ck_assert_uint_eq(findings_count(findings), 1);
    struct str print = findings_at(findings, 0)->fingerprint;
    snprintf(out, 32, "%.*s", STR_FMT(print));
    findings_free(findings);
}

START_TEST(fingerprints_survive_moves_and_layout)
{
    char before[32], after[32];
    struct access read = access_with(&data, "self._data.get(key, 0)", &get_model);
    struct access write = access_to(&data, "self._data[key] = value + 1", ACCESS_STORE);
    struct hazard hazard = hazard_of(&read, &write);
    fingerprint(&hazard, before);
    ck_assert_uint_eq(strlen(before), 16);

    struct place moved = data;
    moved.owner = STR("renamed.Store");
    write.place = read.place = hazard.place = &moved;
    write.site.file = read.site.file = &renamed;
    write.site.symbol = read.site.symbol = STR("renamed.Store.add");
    write.site.span = site_of("del self._data[key]").span;
    read.text = STR("self._data.get(\n    key,\n    0,\n)");
    fingerprint(&hazard, after);
    ck_assert_str_eq(before, after);

    read.text = STR("self._data.get(name, 0)");
    fingerprint(&hazard, after);
    ck_assert_str_ne(before, after);
    read.text = STR("self._data.get(key, 0)");
    write.site.symbol = STR("renamed.Store.put");
    fingerprint(&hazard, after);
    ck_assert_str_ne(before, after);
}
END_TEST

START_TEST(equal_fingerprints_are_numbered)
{
    struct place one = data, two = data;
    one.declared = one.set_up = site_of("import threading");
    two.declared = two.set_up = site_of("class Store:");
    struct access a = access_to(&one, "self._data[key] = value + 1", ACCESS_AUGMENTED), b = a;
    b.site.span = site_of("del self._data[key]").span;
    b.place = &two;
    struct hazard first = hazard_of(&a, &a), second = hazard_of(&b, &b);
    struct findings *findings = told(&second, &first, NULL);
    ck_assert_uint_eq(findings_count(findings), 2);
    struct str p = findings_at(findings, 0)->fingerprint, q = findings_at(findings, 1)->fingerprint;
    ck_assert_uint_eq(p.len, 16);
    ck_assert(str_starts(q, p) && str_ends(q, STR(":2")));
    findings_free(findings);
}
END_TEST

START_TEST(unknown_sides_are_left_out)
{
    struct access write = access_to(&field, "buyer.balance -= amount", ACCESS_AUGMENTED);
    struct hazard hazard = hazard_of(&write, &write);
    hazard.partner = NULL;
    hazard.side = hazard.partner_side = NULL;
    hazard.confidence = CONFIDENCE_LOW;
    struct findings *findings = told(&hazard, NULL, NULL);
    ck_assert_uint_eq(findings_count(findings), 1);
    ck_assert_uint_eq(findings_at(findings, 0)->thread_count, 0);
    assert_contains(findings_at(findings, 0)->message, "Two threads can");
    findings_free(findings);
}
END_TEST

/* Where the two ends lie in helpers, the lock belongs around the calls of the helpers, and is named as it is written
 * there. */
START_TEST(the_lock_goes_where_the_helpers_are_called)
{
    struct access read = access_with(&data, "self._data.get(key, 0)", &get_model);
    struct access write = access_to(&data, "self._data[key] = value + 1", ACCESS_STORE);
    struct thread_step to_read[] = {
        {.site = site_of("buyer.balance -= amount"), .effect = STEP_CALL, .text = STR("store.add(key)")},
        {.site = read.site, .effect = STEP_READ, .text = read.text},
    };
    struct thread_step to_write[] = {
        {.site = site_of("threading.Thread(target=store.drop)"), .effect = STEP_CALL, .text = STR("store.put(key, 1)")},
        {.site = write.site, .effect = STEP_WRITE, .text = write.text},
    };
    struct thread_side side = caller, partner_side = caller;
    side.steps = to_read;
    partner_side.steps = to_write;
    side.step_count = partner_side.step_count = 2;
    write.site.symbol = STR("pkg.app.Store.put");
    to_read[0].site.symbol = to_write[0].site.symbol = STR("pkg.app.pay");
    struct hazard hazard = hazard_of(&read, &write);
    hazard.through_call = true;
    hazard.side = &side;
    hazard.partner_side = &partner_side;
    struct findings *findings = told(&hazard, NULL, NULL);
    assert_contains(findings_at(findings, 0)->fix.message, "put lines 15-16 inside `with store._lock:`");
    findings_free(findings);

    hazard.suggestion = &own_lock;
    findings = told(&hazard, NULL, NULL);
    assert_contains(findings_at(findings, 0)->fix.message, "Put lines 15-16 inside `with store._lock:`");
    ck_assert(str_equal(findings_at(findings, 0)->fix.lock, STR("store._lock")));
    findings_free(findings);

    to_write[0].site.symbol = STR("pkg.app.other"); /* no function has both */
    findings = told(&hazard, NULL, NULL);
    assert_contains(findings_at(findings, 0)->fix.message, "Hold `self._lock` without a break over line 7 and line 8.");
    findings_free(findings);
}
END_TEST

/* An access may stand for the call in the function that has both ends of the span. */
START_TEST(calls_stand_for_what_they_do)
{
    struct access read = access_to(&data, "buyer.balance -= amount", ACCESS_LOAD);
    struct access write = access_to(&data, "threading.Thread(target=store.drop)", ACCESS_STORE), inner = write;
    read.text = STR("store.total(key)");
    write.text = STR("store.put(key, old[0] + 1)");
    inner.site = site_of("self._data[key] = value + 1");
    inner.site.symbol = STR("pkg.app.Store.put");
    struct thread_step steps[] = {{.site = write.site, .effect = STEP_CALL, .text = write.text}};
    struct thread_side partner_side = caller;
    partner_side.steps = steps;
    partner_side.step_count = 1;
    struct hazard hazard = hazard_of(&read, &write);
    hazard.partner = &inner;
    hazard.partner_side = &partner_side;
    struct findings *findings = told(&hazard, NULL, NULL);
    assert_contains(findings_at(findings, 0)->message, "`Store._data` is read on line 15 and written back on line 16");
    assert_contains(findings_at(findings, 0)->message, "Two threads that call");
    assert_contains(findings_at(findings, 0)->fix.message, "put lines 15-16 inside `with store._lock:`.");
    findings_free(findings);
}
END_TEST

START_TEST(threads_are_named_by_what_they_run)
{
    static const struct {
        const char *root, *words;
    } rows[] = {
        {"Executor.submit(pay)", "another thread running pay() (started at line 16)"},
        {"Thread(target=store.drop)", "another thread running store.drop() (started at line 16)"},
        {"pkg.net.Download.start()", "another thread running Download.run() (started at line 16)"},
        {"Timer(<lambda>)", "another thread of Timer(<lambda>) (started at line 16)"},
        {"", "another thread (started at line 16)"},
    };
    struct access write = access_to(&field, "buyer.balance -= amount", ACCESS_AUGMENTED);
    struct access other = access_to(&field, "del self._data[key]", ACCESS_STORE);
    struct thread_side side = spawned;
    struct hazard hazard = hazard_of(&write, &write);
    hazard.partner = &other;
    hazard.partner_side = &side;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        side.root = str_of(rows[i].root);
        struct findings *findings = told(&hazard, NULL, NULL);
        assert_contains(findings_at(findings, 0)->message, rows[i].words);
        findings_free(findings);
    }
    side.kind = THREAD_MAIN;
    struct findings *findings = told(&hazard, NULL, NULL);
    assert_contains(findings_at(findings, 0)->message, "If the main thread sets");
    findings_free(findings);
}
END_TEST

/* Every rule's message and fix, on a self race and on a race with another function, is one line and names what it must.
 */
START_TEST(messages_are_whole_sentences)
{
    const struct shape_case *row = &shape_cases[_i];
    const struct place *place = row->contents ? &data : &field;
    struct access first = access_to(place, "key in self._data", row->first), drop = first;
    struct access last = row->last_model ? access_with(place, "self._data[key] = value + 1", row->last_model)
                                         : access_to(place, "self._data[key] = value + 1", row->last);
    first.model = row->first_model;
    last.constant = row->constant;
    last.key = str_of(row->key);
    drop.site = site_of("del self._data[key]");
    struct hazard hazard = checked(row->check, &first, &last);
    for (int other = 0; other < 2; other++) {
        hazard.partner = other ? &drop : &last;
        hazard.partner_side = other ? &spawned : &caller;
        struct findings *findings = told(&hazard, NULL, NULL);
        const struct finding *finding = findings_at(findings, 0);
        struct str texts[] = {finding->message, finding->fix.message};
        for (size_t i = 0; i < 2; i++) {
            ck_assert_uint_gt(texts[i].len, 20);
            ck_assert_uint_lt(texts[i].len, 420);
            ck_assert(str_ends(texts[i], STR(".")) && !str_ends(texts[i], STR("..")));
            ck_assert_uint_eq(str_find(texts[i], STR("\n")), SIZE_MAX);
            ck_assert_uint_eq(str_find(texts[i], STR("  ")), SIZE_MAX);
            ck_assert_uint_eq(str_find(texts[i], STR("``")), SIZE_MAX);
        }
        assert_contains(finding->message, other ? "store.drop()" : "Two threads that call Store.add()");
        findings_free(findings);
    }
}
END_TEST

Suite *test_rules_suite(void)
{
    Suite *suite = suite_create("rules");
    TCase *tcase = tcase_create("rules");
    int shapes = (int)(sizeof shape_cases / sizeof shape_cases[0]);

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, the_registry_is_in_order_and_complete);
    tcase_add_test(tcase, updates);
    tcase_add_loop_test(tcase, every_shape_has_its_rule, 0, shapes);
    tcase_add_test(tcase, no_shape_is_lost);
    tcase_add_test(tcase, double_checking);
    tcase_add_test(tcase, mutations);
    tcase_add_test(tcase, a_finding_has_all_its_parts);
    tcase_add_test(tcase, hazards_of_one_function_fold);
    tcase_add_test(tcase, two_objects_of_one_class_do_not_fold);
    tcase_add_test(tcase, unguarded_accesses_of_a_place_are_one_finding);
    tcase_add_test(tcase, what_the_caller_does_with_a_leak_joins_it);
    tcase_add_test(tcase, mutations_join_what_is_surer);
    tcase_add_test(tcase, disabled_rules_are_silent);
    tcase_add_test(tcase, fingerprints_survive_moves_and_layout);
    tcase_add_test(tcase, equal_fingerprints_are_numbered);
    tcase_add_test(tcase, unknown_sides_are_left_out);
    tcase_add_test(tcase, the_lock_goes_where_the_helpers_are_called);
    tcase_add_test(tcase, calls_stand_for_what_they_do);
    tcase_add_test(tcase, threads_are_named_by_what_they_run);
    tcase_add_loop_test(tcase, messages_are_whole_sentences, 0, shapes);
    suite_add_tcase(suite, tcase);
    return suite;
}

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "racelint/models.h"
#include "tests/unit/child.h"

static const struct model *find(const char *name)
{
    const struct model *model = models_find(models_builtin(), str_of(name));

    ck_assert_msg(model != NULL, "no entry %s", name);
    return model;
}

START_TEST(names_are_in_order_and_all_are_found)
{
    ck_assert_uint_gt(models_count(models_builtin()), 1000);
    for (size_t i = 0; i < models_count(models_builtin()); i++) {
        const struct model *model = models_at(models_builtin(), i);
        if (i > 0) {
            ck_assert_int_lt(strcmp(models_at(models_builtin(), i - 1)->name, model->name), 0);
        }
        bool package = model->is == MODEL_PACKAGE;
        const struct model *found = package ? models_package(models_builtin(), str_of(model->name)) : find(model->name);
        if (model->same_as == NULL) {
            ck_assert_ptr_eq(found, model);
        } else {
            ck_assert_str_eq(found->name, model->same_as);
        }
        ck_assert(str_starts(str_of(model->name), str_of(model->module)));
        ck_assert_ptr_nonnull(strchr(model->source, '/'));
    }
}
END_TEST

START_TEST(unknown_names_are_not_found)
{
    static const struct str names[] = {
        {NULL, 0},
        {"", 0},
        {"threading", 9},
        {"threading.", 10},
        {"threading.Loc", 13},
        {"aaa", 3},
        {"zzz", 3},
        {"threading.Locks", 15},
        {".", 1},
        {"threading.Lock\0", 15},
        {"\xff\xff", 2},
        {"Lock", 4},
        {"threading.Lock.", 15},
        {"threading\0Lock", 14},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_msg(models_find(models_builtin(), names[i]) == NULL, "%.*s", STR_FMT(names[i]));
    }
    /* The string need not end where its memory does. */
    ck_assert_ptr_nonnull(models_find(models_builtin(), (struct str){"threading.Lock.acquire", 14}));
}
END_TEST

START_TEST(modules_of_python_are_told_from_others)
{
    static const char *const ours[] = {"threading", "os", "collections", "_thread", "xml.etree"};
    static const char *const others[] = {"redis", "flask", "nothing", "threadin", ""};

    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        ck_assert_msg(models_has_standard_module(models_builtin(), str_of(ours[i])), "%s", ours[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ck_assert_msg(!models_has_standard_module(models_builtin(), str_of(others[i])), "%s", others[i]);
    }
}
END_TEST

START_TEST(packages_are_found_by_what_is_in_them)
{
    static const char *const inside[] = {"tkinter", "tkinter.ttk", "PyQt6.QtCore", "wx", "wx.lib.agw", "asyncore"};
    static const char *const others[] = {"threading", "wxy", "tk", "tkinterx", "lib.wx", ""};

    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
        const struct model *package = models_package(models_builtin(), str_of(inside[i]));
        ck_assert_msg(package != NULL && package->role == ROLE_LOOP, "%s", inside[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ck_assert_msg(models_package(models_builtin(), str_of(others[i])) == NULL, "%s", others[i]);
    }
    ck_assert_ptr_null(models_find(models_builtin(), STR("tkinter"))); /* no object of its own */
}
END_TEST

START_TEST(some_names_say_enough_alone)
{
    ck_assert(models_hands_to_loop(models_builtin(), STR("call_soon")));
    ck_assert(models_hands_to_loop(models_builtin(), STR("call_soon_threadsafe")));
    ck_assert(!models_hands_to_loop(models_builtin(), STR("add_done_callback"))); /* of futures, of threads as well */
    ck_assert(!models_hands_to_loop(models_builtin(), STR("soon")));
    ck_assert(find("threading.excepthook")->sees_failures && !find("sys.displayhook")->sees_failures);
    ck_assert(find("six.iteritems")->any_copy && !find("builtins.dict.items")->any_copy);
    ck_assert(find("os.execvp")->replaces_program && !find("os.fork")->replaces_program);
}
END_TEST

START_TEST(second_names_of_containers_lead_to_them)
{
    ck_assert_str_eq(find("typing.List")->name, "builtins.list");
    ck_assert_str_eq(find("collections.abc.MutableMapping")->name, "builtins.dict");
    ck_assert(find("builtins.KeyError")->lookup_error && find("queue.Empty")->lookup_error);
    ck_assert(find("threading.currentThread")->thread_identity && !find("threading.main_thread")->thread_identity);
}
END_TEST

START_TEST(decorators_that_make_fields_are_known_by_their_last_part)
{
    static const char *const make[] = {"dataclass", "dataclasses.dataclass", "attr.s",
                                       "define",    "struct.dataclass",      "slotted_dataclass"};
    static const char *const others[] = {"data", "subdataclass", "dataclass.x", "total_ordering", "classes", ""};

    for (size_t i = 0; i < sizeof make / sizeof make[0]; i++) {
        ck_assert_msg(models_makes_fields(models_builtin(), str_of(make[i])), "%s", make[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ck_assert_msg(!models_makes_fields(models_builtin(), str_of(others[i])), "%s", others[i]);
    }
    ck_assert(find("attr.define")->makes_fields && !find("dataclasses.field")->makes_fields);
}
END_TEST

START_TEST(entries_say_what_goes_wrong_and_what_is_forgiven)
{
    ck_assert_str_eq(find("csv.writer")->harm, "rows are written into each other");
    ck_assert_str_eq(find("builtins.list.sort")->harm, "leaves the list empty until it is sorted");
    ck_assert_ptr_null(find("builtins.list.reverse")->harm);
    ck_assert_str_eq(find("os.makedirs")->forgives_keyword, "exist_ok");
    ck_assert_int_eq(find("os.makedirs")->forgives, 2);
    ck_assert_str_eq(find("shutil.rmtree")->forgives_keyword, "ignore_errors");
    ck_assert_int_eq(find("os.mkdir")->forgives, MODEL_NO_ARG);
    ck_assert_ptr_null(find("os.mkdir")->forgives_keyword);
}
END_TEST

START_TEST(members_come_from_the_class_and_its_bases)
{
    const struct model *timer = find("threading.Timer");

    ck_assert_str_eq(models_member(models_builtin(), timer, STR("cancel"))->name, "threading.Timer.cancel");
    ck_assert_str_eq(models_member(models_builtin(), timer, STR("start"))->name, "threading.Thread.start");
    ck_assert_ptr_null(models_member(models_builtin(), timer, STR("append")));
    ck_assert_ptr_null(models_member(models_builtin(), timer, STR("")));
    ck_assert_ptr_null(models_member(models_builtin(), NULL, STR("start")));
    ck_assert_ptr_null(models_member(models_builtin(), find("threading.enumerate"), STR("start")));
    /* The nearest definition wins. */
    ck_assert_str_eq(models_member(models_builtin(), find("collections.Counter"), STR("update"))->name,
                     "collections.Counter.update");
    ck_assert_str_eq(models_member(models_builtin(), find("collections.Counter"), STR("pop"))->name,
                     "builtins.dict.pop");
    /* Over two bases, in order. */
    ck_assert_str_eq(
        models_member(models_builtin(), find("http.server.ThreadingHTTPServer"), STR("server_close"))->name,
        "socketserver.ThreadingMixIn.server_close");
    ck_assert_str_eq(
        models_member(models_builtin(), find("http.server.ThreadingHTTPServer"), STR("serve_forever"))->name,
        "socketserver.BaseServer.serve_forever");
}
END_TEST

START_TEST(aliases_lead_to_their_entry)
{
    ck_assert_str_eq(find("_thread.LockType")->name, "threading.Lock");
    ck_assert_str_eq(find("concurrent.futures.thread.ThreadPoolExecutor")->name,
                     "concurrent.futures.ThreadPoolExecutor");
}
END_TEST

START_TEST(threads_are_spawned_by_what_the_models_say)
{
    const struct model *thread = find("threading.Thread"), *submit = find("concurrent.futures.Executor.submit");
    const struct model *map = find("multiprocessing.pool.ThreadPool.starmap");

    ck_assert_int_eq(thread->role, ROLE_THREAD);
    ck_assert_int_eq(thread->target, 1);
    ck_assert_str_eq(thread->target_keyword, "target");
    ck_assert_int_eq(thread->target_args, 3);
    ck_assert_str_eq(thread->entries[0], "run");
    ck_assert_str_eq(find("threading.Timer")->entries[0], "run");
    ck_assert_str_eq(find("threading.Timer")->target_keyword, "function");
    ck_assert(find("threading.Thread.start")->effects & EFFECT_START);

    ck_assert(submit->effects & EFFECT_SPAWN);
    ck_assert(submit->many && submit->one_per_call);
    ck_assert_int_eq(submit->target, 0);
    ck_assert_int_eq(submit->rest, 1);
    ck_assert(map->many && map->spread && !map->one_per_call);
    ck_assert_uint_eq(map->effects & (EFFECT_SPAWN | EFFECT_JOIN), EFFECT_SPAWN | EFFECT_JOIN);
    /* Processes share nothing: no thread is spawned. */
    ck_assert_int_eq(find("concurrent.futures.ProcessPoolExecutor")->scope, SCOPE_PROCESS);
    const struct model *process =
        models_member(models_builtin(), find("concurrent.futures.ProcessPoolExecutor"), STR("submit"));
    ck_assert_uint_eq(process->effects & EFFECT_SPAWN, 0);
    ck_assert_int_eq(process->runs, RUNS_PROCESS);
    ck_assert_uint_eq(find("multiprocessing.Process.start")->effects & EFFECT_START, 0);
}
END_TEST

START_TEST(locks_say_whom_they_hold_back)
{
    ck_assert_int_eq(find("threading.Lock")->role, ROLE_LOCK);
    ck_assert(!find("threading.Lock")->reentrant);
    ck_assert_int_eq(find("threading.RLock")->role, ROLE_RLOCK);
    ck_assert(find("threading.RLock")->reentrant);
    ck_assert_int_eq(find("threading.Lock")->scope, SCOPE_THREAD);
    ck_assert_int_eq(find("asyncio.Lock")->scope, SCOPE_ASYNCIO);
    ck_assert_int_eq(find("multiprocessing.Lock")->scope, SCOPE_PROCESS);
    ck_assert_int_eq(find("multiprocessing.dummy.Lock")->scope, SCOPE_THREAD);
    ck_assert_int_eq(find("threading.BoundedSemaphore")->role, ROLE_SEMAPHORE);
    ck_assert_int_eq(find("threading.BoundedSemaphore")->limit_default, 1);
    ck_assert_int_eq(find("threading.Condition")->through, 0);
}
END_TEST

/* What ATOMIC, COMPOUND and the like say of the operations that matter most. */
static const struct {
    const char *name;
    uint32_t has, lacks;
} operations[] = {
    {"builtins.list.append", EFFECT_WRITE | EFFECT_INSERT | EFFECT_ATOMIC, EFFECT_COMPOUND},
    {"builtins.list.insert", EFFECT_WRITE | EFFECT_COMPOUND, EFFECT_ATOMIC},
    {"builtins.list.sort", EFFECT_WRITE | EFFECT_COMPOUND, EFFECT_ATOMIC},
    {"builtins.list.copy", EFFECT_SNAPSHOT, EFFECT_ITERATE},
    {"builtins.dict.setdefault", EFFECT_READ | EFFECT_WRITE | EFFECT_INSERT | EFFECT_ATOMIC, EFFECT_COMPOUND},
    {"builtins.dict.get", EFFECT_READ | EFFECT_ATOMIC, EFFECT_WRITE | EFFECT_REMOVE},
    {"builtins.dict.pop", EFFECT_REMOVE | EFFECT_ATOMIC, EFFECT_COMPOUND},
    {"builtins.dict.keys", EFFECT_VIEW, EFFECT_SNAPSHOT},
    {"builtins.set.discard", EFFECT_WRITE | EFFECT_ATOMIC, EFFECT_REMOVE},
    {"builtins.set.remove", EFFECT_REMOVE | EFFECT_ATOMIC, EFFECT_COMPOUND},
    {"builtins.len", EFFECT_READ | EFFECT_SIZE, EFFECT_WRITE},
    {"builtins.sorted", EFFECT_SNAPSHOT, EFFECT_ITERATE},
    {"builtins.sum", EFFECT_ITERATE, EFFECT_SNAPSHOT | EFFECT_ATOMIC},
    {"builtins.next", EFFECT_WRITE | EFFECT_COMPOUND, EFFECT_ATOMIC},
    {"itertools.count.__next__", EFFECT_ATOMIC, EFFECT_COMPOUND},
    {"collections.deque.popleft", EFFECT_REMOVE | EFFECT_ATOMIC, EFFECT_COMPOUND},
    {"collections.defaultdict.__getitem__", EFFECT_INSERT | EFFECT_COMPOUND, EFFECT_ATOMIC},
    {"collections.Counter.update", EFFECT_COMPOUND, EFFECT_ATOMIC},
    {"collections.OrderedDict.move_to_end", EFFECT_COMPOUND, EFFECT_ATOMIC},
    {"queue.Queue.get_nowait", EFFECT_GET | EFFECT_CHECK_THEN_RAISES, EFFECT_BLOCKS},
    {"queue.Queue.empty", EFFECT_SIZE, EFFECT_WRITE},
    {"threading.Condition.wait", EFFECT_WAIT | EFFECT_BLOCKS, EFFECT_ACQUIRE},
    {"threading.Event.set", EFFECT_SET, EFFECT_CLEAR},
    {"os.chdir", EFFECT_PROCESS, EFFECT_PURE},
    {"time.sleep", EFFECT_BLOCKS, EFFECT_PURE},
    {"functools.lru_cache", EFFECT_MEMO | EFFECT_DECORATOR | EFFECT_MAKES_DECORATOR, EFFECT_PURE},
    {"functools.wraps", EFFECT_MAKES_DECORATOR, EFFECT_DECORATOR},
};

START_TEST(operations_have_their_effects)
{
    const struct model *model = find(operations[_i].name);

    ck_assert_msg((model->effects & operations[_i].has) == operations[_i].has, "%s lacks an effect", model->name);
    ck_assert_msg((model->effects & operations[_i].lacks) == 0, "%s has an effect too many", model->name);
}
END_TEST

START_TEST(one_step_depends_on_what_is_walked)
{
    const struct model *list = find("builtins.list"), *tuple = find("builtins.tuple");
    bool dict_is_one_step = false;

    for (const char *const *class = list->one_step_with; *class != NULL; class ++) {
        dict_is_one_step = dict_is_one_step || strcmp(*class, "builtins.dict") == 0;
    }
    ck_assert(dict_is_one_step);
    for (const char *const *class = tuple->one_step_with; *class != NULL; class ++) {
        ck_assert_str_ne(*class, "builtins.dict");
    }
    ck_assert(find("builtins.list.pop")->one_step_without_key);
    ck_assert(find("builtins.set.discard")->discards);
    ck_assert_int_eq(find("builtins.list.insert")->build, BUILD_FREE_THREADED);
    ck_assert_int_eq(find("collections.Counter.update")->build, BUILD_ANY);
}
END_TEST

static void ask_for_too_many(void *unused)
{
    (void)unused;
    models_at(models_builtin(), models_count(models_builtin()));
}

START_TEST(an_index_out_of_range_is_a_bug)
{
    char errors[200];

    ck_assert_int_eq(child_run(ask_for_too_many, NULL, errors, sizeof errors), 2);
    ck_assert_ptr_nonnull(strstr(errors, "internal error"));
}
END_TEST

Suite *test_models_suite(void)
{
    Suite *suite = suite_create("models");
    TCase *tests = tcase_create("models");

    tcase_add_test(tests, names_are_in_order_and_all_are_found);
    tcase_add_test(tests, unknown_names_are_not_found);
    tcase_add_test(tests, modules_of_python_are_told_from_others);
    tcase_add_test(tests, packages_are_found_by_what_is_in_them);
    tcase_add_test(tests, some_names_say_enough_alone);
    tcase_add_test(tests, decorators_that_make_fields_are_known_by_their_last_part);
    tcase_add_test(tests, entries_say_what_goes_wrong_and_what_is_forgiven);
    tcase_add_test(tests, second_names_of_containers_lead_to_them);
    tcase_add_test(tests, members_come_from_the_class_and_its_bases);
    tcase_add_test(tests, aliases_lead_to_their_entry);
    tcase_add_test(tests, threads_are_spawned_by_what_the_models_say);
    tcase_add_test(tests, locks_say_whom_they_hold_back);
    tcase_add_loop_test(tests, operations_have_their_effects, 0, (int)(sizeof operations / sizeof operations[0]));
    tcase_add_test(tests, one_step_depends_on_what_is_walked);
    tcase_add_test(tests, an_index_out_of_range_is_a_bug);
    suite_add_tcase(suite, tests);
    return suite;
}

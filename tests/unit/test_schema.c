#include <check.h>
#include <stdio.h>
#include <string.h>

#include "models/extend.h"
#include "models/schema.h"

static struct schema *schema;

static void set_up(void)
{
    schema = schema_new();
}

static void tear_down(void)
{
    schema_free(schema);
}

static void no_problems(void)
{
    if (schema_problem_count(schema) > 0) {
        const struct schema_problem *problem = schema_problem_at(schema, 0);
        ck_abort_msg("%.*s:%u:%u: %.*s", STR_FMT(problem->path), problem->line, problem->column,
                     STR_FMT(problem->message));
    }
}

/* Reads and links one good document. */
static void load(const char *text)
{
    schema_read(schema, STR("test.toml"), str_of(text));
    schema_link(schema, NULL);
    no_problems();
}

static const struct model *find(const char *name)
{
    for (size_t i = 0; i < schema_count(schema); i++) {
        if (strcmp(schema_at(schema, i)->model.name, name) == 0) {
            return &schema_at(schema, i)->model;
        }
    }
    ck_abort_msg("no entry %s", name);
}

START_TEST(every_key_lands_in_its_field)
{
    load("module = \"m\"\npage = \"docs.example.org/m.html\"\n"
         "[[class]]\nname = \"C\"\nrole = \"semaphore\"\nsafety = \"safe\"\nscope = \"process\"\nbuild = "
         "\"free-threaded\"\n"
         "reentrant = true\nown-instance = true\nlookup-error = true\nentries = [\"run\", \"do_*\"]\nheld = "
         "\"lock\"\nadded = \"3.13\"\n"
         "removed = \"3.15\"\nsource = \"#C\"\n"
         "limit = { position = 0, keyword = \"value\" }\nlimit-default = 1\n"
         "[[function]]\nname = \"f\"\nsource = \"docs.example.org/other.html#x\"\neffects = [\"spawn\", \"later\", "
         "\"write\"]\n"
         "runs = \"loop\"\nmany = true\none-per-call = true\nspread = true\ndiscards = true\nfile = \"check\"\n"
         "one-step-without-key = true\nthread-identity = true\npause = true\nextreme = true\ntarget = 1\ntarget-args = "
         "\"args\"\n"
         "target-kwargs = { keyword = \"kwargs\", position = 4 }\nrest = 2\nelements = 3\nkey = 5\nvalue = 6\n"
         "default = 7\nthrough = 8\nblock = 9\ntimeout = 10\nreturns = \"m.C\"\none-step-with = [\"m.C\"]\n");
    const struct model *class = find("m.C"), *f = find("m.f");

    ck_assert_int_eq(class->is, MODEL_CLASS);
    ck_assert_str_eq(class->module, "m");
    ck_assert_int_eq(class->role, ROLE_SEMAPHORE);
    ck_assert_int_eq(class->safety, SAFETY_SAFE);
    ck_assert_int_eq(class->scope, SCOPE_PROCESS);
    ck_assert_int_eq(class->build, BUILD_FREE_THREADED);
    ck_assert(class->reentrant && class->own_instance && class->lookup_error);
    ck_assert_str_eq(class->entries[0], "run");
    ck_assert_str_eq(class->entries[1], "do_*");
    ck_assert_ptr_null(class->entries[2]);
    ck_assert_str_eq(class->held, "lock");
    ck_assert_uint_eq(class->from_version, 0x030d);
    ck_assert_uint_eq(class->to_version, 0x030f);
    ck_assert_str_eq(class->source, "docs.example.org/m.html#C");
    ck_assert_int_eq(class->limit, 0);
    ck_assert_str_eq(class->limit_keyword, "value");
    ck_assert_int_eq(class->limit_default, 1);

    ck_assert_int_eq(f->is, MODEL_FUNCTION);
    ck_assert_uint_eq(f->effects, EFFECT_SPAWN | EFFECT_LATER | EFFECT_WRITE);
    ck_assert_int_eq(f->runs, RUNS_LOOP);
    ck_assert(f->many && f->one_per_call && f->spread && f->discards && f->one_step_without_key);
    ck_assert(f->thread_identity && f->pause && f->extreme && !f->lookup_error);
    ck_assert_int_eq(f->file, FILE_CHECK);
    ck_assert_int_eq(f->target, 1);
    ck_assert_ptr_null(f->target_keyword);
    ck_assert_int_eq(f->target_args, MODEL_NO_ARG);
    ck_assert_str_eq(f->args_keyword, "args");
    ck_assert_int_eq(f->target_kwargs, 4);
    ck_assert_str_eq(f->kwargs_keyword, "kwargs");
    ck_assert_int_eq(f->rest, 2);
    ck_assert_int_eq(f->elements, 3);
    ck_assert_int_eq(f->key, 5);
    ck_assert_int_eq(f->value, 6);
    ck_assert_int_eq(f->fallback, 7);
    ck_assert_int_eq(f->through, 8);
    ck_assert_int_eq(f->block, 9);
    ck_assert_int_eq(f->timeout, 10);
    ck_assert_int_eq(f->limit, MODEL_NO_ARG);
    ck_assert_str_eq(f->returns, "m.C");
    ck_assert_str_eq(f->one_step_with[0], "m.C");
    ck_assert_str_eq(f->source, "docs.example.org/other.html#x");
}
END_TEST

START_TEST(handlers_of_servers_name_what_is_run)
{
    load("module = \"m\"\n[[class]]\nname = \"H\"\nrole = \"handler\"\nruns = \"server\"\nlike = \"*_g.*H\"\n"
         "entries = [\"*\"]\nparameters = [\"a\", \"b\"]\nsource = \"d.org/x\"\n"
         "[[class]]\nname = \"D\"\nbases = [\"m.H\"]\nsource = \"d.org/x\"\n");
    const struct model *handler = find("m.H"), *derived = find("m.D");

    ck_assert_str_eq(handler->like, "*_g.*H");
    ck_assert_str_eq(handler->parameters[1], "b");
    ck_assert_ptr_null(handler->parameters[2]);
    ck_assert_int_eq(derived->runs, RUNS_SERVER);
    ck_assert_str_eq(derived->entries[0], "*");
    ck_assert_ptr_null(derived->like);
    ck_assert_ptr_null(derived->parameters);
}
END_TEST

START_TEST(decorators_that_register_need_no_target)
{
    load("module = \"m\"\n[[function]]\nname = \"route\"\nsource = \"d.org/x\"\n"
         "effects = [\"later\", \"makes-decorator\"]\nruns = \"server\"\nmany = true\n");
    const struct model *route = find("m.route");

    ck_assert_int_eq(route->runs, RUNS_SERVER);
    ck_assert_int_eq(route->target, MODEL_NO_ARG);
    ck_assert_uint_eq(route->effects, EFFECT_LATER | EFFECT_MAKES_DECORATOR);
    ck_assert(route->many);
}
END_TEST

START_TEST(what_is_left_out_is_nothing)
{
    load("module = \"m\"\n[[function]]\nname = \"f\"\nsource = \"d.org/x\"\n");
    const struct model *f = find("m.f");

    ck_assert_int_eq(f->target, MODEL_NO_ARG);
    ck_assert_int_eq(f->rest, MODEL_NO_ARG);
    ck_assert_int_eq(f->elements, MODEL_NO_ARG);
    ck_assert_int_eq(f->timeout, MODEL_NO_ARG);
    ck_assert_int_eq(f->role, ROLE_NONE);
    ck_assert_uint_eq(f->effects, 0);
    ck_assert_uint_eq(f->to_version, 0);
    ck_assert_ptr_null(f->returns);
    ck_assert_ptr_null(f->bases);
    ck_assert_ptr_null(f->same_as);
}
END_TEST

START_TEST(names_make_one_entry_each)
{
    load("module = \"a.b\"\npage = \"d.org/x.html\"\n[[class]]\nname = \"C\"\nsource = \"#C\"\n"
         "[[method]]\nnames = [\"C.get\", \"C.put\"]\nsource = \"#x.{name}-y\"\n");

    ck_assert_uint_eq(schema_count(schema), 3);
    ck_assert_str_eq(find("a.b.C.get")->source, "d.org/x.html#x.C.get-y");
    ck_assert_str_eq(find("a.b.C.put")->source, "d.org/x.html#x.C.put-y");
    ck_assert_int_eq(find("a.b.C.put")->is, MODEL_METHOD);
}
END_TEST

START_TEST(entries_are_in_order_of_name)
{
    load("module = \"m\"\n[[value]]\nnames = [\"b\", \"a\", \"B\", \"a_\", \"a1\"]\nsource = \"d.org/x\"\n");
    static const char *const order[] = {"m.B", "m.a", "m.a1", "m.a_", "m.b"};

    for (size_t i = 0; i < 5; i++) {
        ck_assert_str_eq(schema_at(schema, i)->model.name, order[i]);
    }
}
END_TEST

START_TEST(classes_inherit_what_they_do_not_say)
{
    load("module = \"m\"\n"
         "[[class]]\nname = \"A\"\nrole = \"thread\"\nmany = true\ntarget = { position = 1, keyword = \"target\" }\n"
         "entries = [\"run\"]\nreturns = \"self\"\nsource = \"d.org/x\"\n"
         "[[class]]\nname = \"B\"\nbases = [\"m.A\"]\ntarget = 2\nmany = false\nsource = \"d.org/x\"\n"
         "[[class]]\nname = \"D\"\nbases = [\"m.E\", \"m.B\"]\nsource = \"d.org/x\"\n"
         "[[class]]\nname = \"E\"\nsafety = \"unsafe\"\nrole = \"object\"\nsource = \"d.org/x\"\n");
    const struct model *b = find("m.B"), *d = find("m.D");

    ck_assert_int_eq(b->role, ROLE_THREAD);
    ck_assert_int_eq(b->target, 2);
    ck_assert_ptr_null(b->target_keyword);
    ck_assert(!b->many);
    ck_assert_str_eq(b->entries[0], "run");
    ck_assert_ptr_null(b->returns);         /* not inherited */
    ck_assert_int_eq(d->role, ROLE_OBJECT); /* the first base wins */
    ck_assert_int_eq(d->safety, SAFETY_UNSAFE);
    ck_assert_int_eq(d->target, 2); /* what it does not say comes from the second */
}
END_TEST

START_TEST(aliases_stand_for_their_entry)
{
    load("module = \"m\"\n[[class]]\nname = \"A\"\nrole = \"lock\"\nsource = \"d.org/x\"\n"
         "[[alias]]\nname = \"sub.B\"\nof = \"m.A\"\nsource = \"d.org/x\"\n"
         "[[class]]\nname = \"C\"\nbases = [\"m.sub.B\"]\nsource = \"d.org/x\"\n");

    ck_assert_str_eq(find("m.sub.B")->same_as, "m.A");
    ck_assert_int_eq(find("m.sub.B")->is, MODEL_CLASS);
    ck_assert_int_eq(find("m.C")->role, ROLE_LOCK);
}
END_TEST

START_TEST(aliases_of_a_whole_module)
{
    load("module = \"m\"\n[[class]]\nnames = [\"OldA\", \"OldB\"]\nsource = \"d.org/x\"\n"
         "[[alias]]\nnames = [\"A\", \"B\"]\nof = \"m.Old{name}\"\nsource = \"d.org/x\"\n"
         "[[alias]]\nnames = [\"C\", \"D\"]\nof = \"m.OldA\"\nsource = \"d.org/x\"\n");
    ck_assert_str_eq(find("m.A")->same_as, "m.OldA");
    ck_assert_str_eq(find("m.B")->same_as, "m.OldB");
    ck_assert_str_eq(find("m.D")->same_as, "m.OldA");
}
END_TEST

START_TEST(several_files_make_one_table)
{
    schema_read(schema, STR("b.toml"), STR("module = \"m\"\n[[method]]\nname = \"C.f\"\nsource = \"d.org/x\"\n"));
    schema_read(schema, STR("a.toml"), STR("module = \"m\"\n[[class]]\nname = \"C\"\nsource = \"d.org/x\"\n"));
    schema_link(schema, NULL);
    no_problems();
    ck_assert_uint_eq(schema_count(schema), 2);
}
END_TEST

START_TEST(other_tables_may_be_referred_to)
{
    schema_read(
        schema, STR("user.toml"),
        STR("module = \"mine\"\n"
            "[[class]]\nname = \"Pool\"\nbases = [\"concurrent.futures.ThreadPoolExecutor\"]\nsource = \"d.org/x\"\n"
            "[[class]]\nname = \"Gone\"\nbases = [\"no.Such\"]\nsource = \"d.org/x\"\n"));
    schema_link(schema, models_known);
    ck_assert_uint_eq(schema_problem_count(schema), 1);
    ck_assert_uint_eq(schema_problem_at(schema, 0)->line, 8);
    ck_assert_int_eq(find("mine.Pool")->role, ROLE_EXECUTOR);
    ck_assert(find("mine.Pool")->many);
    ck_assert_str_eq(find("mine.Pool")->limit_keyword, "max_workers");
}
END_TEST

#define HEAD "module = \"m\"\n"                                     /* line 1 */
#define F HEAD "[[function]]\nname = \"f\"\nsource = \"d.org/x\"\n" /* lines 2 to 4 */
#define CLASS_C HEAD "[[class]]\nname = \"C\"\nsource = \"d.org/x\"\n"

static const struct {
    const char *text;
    uint32_t line, column;
    const char *message;
} bad[] = {
    /* the file */
    {"module = \n", 1, 1, "this is not TOML: `module =`"},
    {"[[class]]\nname = \"C\"\n", 1, 1, "`module` is missing: the module whose names the file describes"},
    {"module = 1\n", 1, 10, "`module` must be a string, not an integer"},
    {"module = \"\"\n", 1, 10, "`module` is empty or holds a NUL"},
    {"module = \"a..b\"\n", 1, 10, "`module` must be the dotted name of a module"},
    {"module = \"m\"\npage = []\n", 2, 8, "`page` must be a string, not an array"},
    {HEAD "[[clas]]\n", 2, 3, "unknown key `clas`; did you mean `class`?"},
    {HEAD "colour = 1\n", 2, 1, "unknown key `colour`"},
    {HEAD "[class]\nname = \"C\"\n", 2, 2, "`class` must be an array of tables: [[class]]"},
    {HEAD "class = [1]\n", 2, 1, "`class` must be an array of tables: [[class]]"},
    /* names and sources */
    {HEAD "[[function]]\nsource = \"d.org/x\"\n", 2, 3,
     "an entry needs a `name`, or `names` for several that are alike"},
    {F "names = [\"g\"]\n", 2, 3, "an entry needs a `name`, or `names` for several that are alike"},
    {HEAD "[[function]]\nnames = []\nsource = \"d.org/x\"\n", 3, 9,
     "`names` must be an array of strings with at least one element, not an array"},
    {HEAD "[[function]]\nname = \"2f\"\nsource = \"d.org/x\"\n", 3, 8,
     "this must be a Python name, relative to the module"},
    {HEAD "[[function]]\nname = 2\nsource = \"d.org/x\"\n", 3, 8, "this must be a Python name, relative to the module"},
    {HEAD "[[function]]\nname = \"C.f\"\nsource = \"d.org/x\"\n", 3, 8, "this must be a name without a dot"},
    {HEAD "[[method]]\nname = \"f\"\nsource = \"d.org/x\"\n", 3, 8, "this must be Class.member"},
    {HEAD "[[function]]\nname = \"f\"\n", 2, 3, "`source` is missing: the page of the documentation that says it"},
    {HEAD "[[function]]\nname = \"f\"\nsource = \"#f\"\n", 4, 10,
     "`source` must be host/page#anchor, or #anchor where the file has a `page`"},
    {HEAD "[[function]]\nname = \"f\"\nsource = \"d.org/a b\"\n", 4, 10,
     "`source` must be host/page#anchor, or #anchor where the file has a `page`"},
    {HEAD "[[function]]\nname = \"f\"\nsource = true\n", 4, 10, "`source` must be a string, not a boolean"},
    {F "[[function]]\nname = \"f\"\nsource = \"d.org/x\"\n", 6, 8, "`m.f` is already defined in test.toml at line 2"},
    /* keys */
    {F "effect = [\"read\"]\n", 5, 1, "unknown key `effect`; did you mean `effects`?"},
    {F "entries = [\"run\"]\n", 5, 1, "`entries` has no place in [[function]]"},
    {F "of = \"m.g\"\n", 5, 1, "`of` has no place in [[function]]"},
    /* types and values */
    {F "role = \"lok\"\n", 5, 8, "unknown role `lok`; did you mean `lock`?"},
    {F "role = 1\n", 5, 8, "a value of `role` must be a string, not an integer"},
    {F "effects = \"read\"\n", 5, 11, "`effects` must be an array of strings, not a string"},
    {F "effects = [\"raed\"]\n", 5, 12, "unknown effects `raed`; did you mean `read`?"},
    {F "effects = [\"read\", \"read\"]\n", 5, 20, "this is said twice"},
    {F "effects = [1]\n", 5, 12, "a value of `effects` must be a string, not an integer"},
    {F "many = 1\n", 5, 8, "`many` must be true or false, not an integer"},
    {F "limit-default = 256\n", 5, 17, "`limit-default` must lie between 0 and 255"},
    {F "limit-default = 1.5\n", 5, 17, "`limit-default` must be an integer, not a float"},
    {F "rest = -1\n", 5, 8, "`rest` must lie between 0 and 99"},
    {F "added = 3.13\n", 5, 9, "`added` must be a version such as \"3.13\""},
    {F "added = \"3\"\n", 5, 9, "`added` must be a version such as \"3.13\""},
    {F "added = \"2.7\"\n", 5, 9, "`added` must be a version such as \"3.13\""},
    {F "added = \"3.13.1\"\n", 5, 9, "`added` must be a version such as \"3.13\""},
    {F "target = true\n", 5, 10, "`target` must be a position, a keyword, or { position, keyword }, not a boolean"},
    {F "target = {}\n", 5, 10, "`target` must be a position, a keyword, or { position, keyword }, not a table"},
    {F "target = { pos = 1 }\n", 5, 12, "unknown key `pos`; did you mean `position`?"},
    {F "target = { position = 100 }\n", 5, 23, "`position` must lie between 0 and 99"},
    {F "target = \"a-b\"\n", 5, 10, "`a-b` is not a Python name"},
    {F "one-step-with = []\n", 5, 17,
     "`one-step-with` must be an array of strings with at least one element, not an array"},
    {F "one-step-with = [2]\n", 5, 18, "the elements of `one-step-with` must be strings that are not empty"},
    {F "platform = \"amiga\"\n", 5, 12, "unknown platform `amiga`"},
    /* facts that do not go together */
    {F "effects = [\"atomic\", \"compound\"]\n", 5, 11, "an operation cannot be both `atomic` and `compound`"},
    {F "effects = [\"pure\", \"write\"]\n", 5, 11, "an operation cannot be both `pure` and `write`"},
    {F "effects = [\"spawn\"]\n", 5, 11, "`spawn` and `later` need a `target`"},
    {F "effects = [\"later\", \"decorator\"]\nruns = \"server\"\n", 5, 11, "`spawn` and `later` need a `target`"},
    {F "effects = [\"later\", \"makes-decorator\"]\nruns = \"exit\"\n", 5, 11, "`spawn` and `later` need a `target`"},
    {F "effects = [\"later\"]\ntarget = 0\n", 2, 3, "`later` and `runs` go together"},
    {F "runs = \"loop\"\n", 2, 3, "`later` and `runs` go together"},
    {F "effects = [\"spawn\"]\ntasks = true\ntarget = 0\ndefers = 1\n", 8, 10,
     "`defers` must be true or false, not an integer"},
    {F "defers = true\n", 2, 3, "`tasks` and `defers` are about a `target`"},
    {F "deals = \"pairs\"\n", 5, 9, "unknown deals `pairs`"},
    {F "configures = \"m.C\"\n", 2, 3, "of a function, `configures` and `threads-with` go together"},
    {CLASS_C "role = \"executor\"\nthreads-with = [\"a=b\", \"c\"]\n", 6, 16, "an argument is `keyword=value`"},
    {CLASS_C "like = \"*.D\"\n", 2, 3,
     "`like`, `parameters`, `named-in` and `made-with` are about a `handler` that runs in a `server`"},
    {CLASS_C "named-in = \"APPS\"\n", 2, 3,
     "`like`, `parameters`, `named-in` and `made-with` are about a `handler` that runs in a `server`"},
    {"module = \"m\"\n[[package]]\nsource = \"d.org/x\"\n", 2, 3,
     "what is said of a package is its `role`, which can be `loop`"},
    {"module = \"m\"\n[[package]]\nname = \"n\"\nrole = \"loop\"\nsource = \"d.org/x\"\n", 3, 1,
     "`name` has no place in [[package]]"},
    {CLASS_C "role = \"handler\"\nparameters = [\"a\"]\n", 2, 3,
     "`like`, `parameters`, `named-in` and `made-with` are about a `handler` that runs in a `server`"},
    {CLASS_C "role = \"handler\"\nruns = \"server\"\n", 2, 3,
     "a `handler` that runs in a `server` needs `entries` or `parameters`"},
    {CLASS_C "role = \"handler\"\nruns = \"exit\"\nentries = [\"run\"]\n", 2, 3, "`later` and `runs` go together"},
    {F "effects = [\"put\"]\n", 5, 11, "`put` needs a `value`"},
    {F "added = \"3.13\"\nremoved = \"3.13\"\n", 6, 11, "`removed` must be later than `added`"},
    /* references */
    {F "returns = \"m.D\"\n", 5, 11, "`returns`: there is no class `m.D`"},
    {F "returns = \"m.f\"\n", 5, 11, "`returns`: there is no class `m.f`"},
    {CLASS_C "[[function]]\nname = \"f\"\nsource = \"d.org/x\"\nreturns = \"x.y.C\"\n", 8, 11,
     "`returns`: there is no class `x.y.C`; did you mean `m.C`?"},
    {F "one-step-with = [\"m.D\"]\n", 5, 17, "`one-step-with`: there is no class `m.D`"},
    {HEAD "[[method]]\nname = \"D.f\"\nsource = \"d.org/x\"\n", 3, 8, "`name`: there is no class `m.D`"},
    {CLASS_C "bases = [\"m.D\"]\n", 5, 9, "`bases`: there is no class `m.D`; did you mean `m.C`?"},
    {CLASS_C "bases = [\"m.C\"]\n", 5, 9, "`m.C` derives from itself"},
    {HEAD "[[alias]]\nname = \"a\"\nsource = \"d.org/x\"\n", 2, 3,
     "an alias needs `of`: the qualified name it stands for"},
    {HEAD "[[alias]]\nname = \"a\"\nof = \"m.b\"\nsource = \"d.org/x\"\n", 4, 6,
     "`m.b` is no entry, or itself an alias"},
    {HEAD "[[alias]]\nname = \"a\"\nof = \"m.a\"\nsource = \"d.org/x\"\n", 4, 6,
     "`m.a` is no entry, or itself an alias"},
};

START_TEST(each_mistake_is_told_with_its_place)
{
    schema_read(schema, STR("test.toml"), str_of(bad[_i].text));
    schema_link(schema, NULL);
    ck_assert_msg(schema_problem_count(schema) == 1, "%zu problems in %s", schema_problem_count(schema), bad[_i].text);
    const struct schema_problem *problem = schema_problem_at(schema, 0);
    ck_assert(str_equal(problem->path, STR("test.toml")));
    ck_assert_msg(problem->line == bad[_i].line && problem->column == bad[_i].column &&
                      str_equal(problem->message, str_of(bad[_i].message)),
                  "%s -> %u:%u: %.*s", bad[_i].text, problem->line, problem->column, STR_FMT(problem->message));
}
END_TEST

START_TEST(problems_are_told_together_and_in_order)
{
    schema_read(schema, STR("b.toml"), STR(F "many = 1\nrole = \"lok\"\nreturns = \"m.D\"\n"));
    schema_read(schema, STR("a.toml"),
                STR(CLASS_C "[[function]]\nname = \"g\"\nsource = \"d.org/x\"\nreturns = \"m.D\"\n"));
    schema_link(schema, NULL);
    ck_assert_uint_eq(schema_problem_count(schema), 3);
    ck_assert(str_equal(schema_problem_at(schema, 0)->path, STR("a.toml")));
    ck_assert_uint_eq(schema_problem_at(schema, 1)->line, 5);
    ck_assert_uint_eq(schema_problem_at(schema, 2)->line, 6);
}
END_TEST

START_TEST(problems_have_a_limit)
{
    char text[40];

    for (int i = 0; i < 150; i++) {
        snprintf(text, sizeof text, "module = \"m\"\nkey%d = 1\n", i);
        schema_read(schema, STR("test.toml"), str_of(text));
    }
    ck_assert_uint_eq(schema_problem_count(schema), 100);
}
END_TEST

START_TEST(chains_of_classes_have_a_limit)
{
    char text[4000] = "module = \"m\"\n[[class]]\nname = \"C0\"\nsource = \"d.org/x\"\n";

    schema_read(schema, STR("test.toml"), str_of(text));
    for (int i = 1; i < 80; i++) { /* the base comes after its class in order of name */
        snprintf(text, sizeof text,
                 "module = \"m\"\n[[class]]\nname = \"A%02d\"\nsource = \"d.org/x\"\nbases = [\"m.A%02d\"]\n", i,
                 i + 1);
        schema_read(schema, STR("test.toml"), str_of(text));
    }
    schema_read(schema, STR("test.toml"), STR("module = \"m\"\n[[class]]\nname = \"A80\"\nsource = \"d.org/x\"\n"));
    schema_link(schema, NULL);
    ck_assert_uint_eq(schema_problem_count(schema), 1);
    ck_assert(str_find(schema_problem_at(schema, 0)->message, STR("more than 64 classes")) != SIZE_MAX);
}
END_TEST

START_TEST(an_empty_schema_links)
{
    schema_link(schema, NULL);
    ck_assert_uint_eq(schema_count(schema), 0);
    ck_assert_uint_eq(schema_problem_count(schema), 0);
}
END_TEST

Suite *test_schema_suite(void)
{
    Suite *suite = suite_create("schema");
    TCase *tests = tcase_create("schema");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, every_key_lands_in_its_field);
    tcase_add_test(tests, handlers_of_servers_name_what_is_run);
    tcase_add_test(tests, decorators_that_register_need_no_target);
    tcase_add_test(tests, what_is_left_out_is_nothing);
    tcase_add_test(tests, names_make_one_entry_each);
    tcase_add_test(tests, entries_are_in_order_of_name);
    tcase_add_test(tests, classes_inherit_what_they_do_not_say);
    tcase_add_test(tests, aliases_stand_for_their_entry);
    tcase_add_test(tests, aliases_of_a_whole_module);
    tcase_add_test(tests, several_files_make_one_table);
    tcase_add_test(tests, other_tables_may_be_referred_to);
    tcase_add_loop_test(tests, each_mistake_is_told_with_its_place, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(tests, problems_are_told_together_and_in_order);
    tcase_add_test(tests, problems_have_a_limit);
    tcase_add_test(tests, chains_of_classes_have_a_limit);
    tcase_add_test(tests, an_empty_schema_links);
    suite_add_tcase(suite, tests);
    return suite;
}

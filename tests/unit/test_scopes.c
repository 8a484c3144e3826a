#include <check.h>
#include <string.h>

#include "tests/unit/lowered.h"

/* What a name means in a function: "global", "local", or "free:" and the owner's qualified name. */
static const struct {
    const char *source, *function, *name, *place;
} names[] = {
    /* functions */
    {"x = 1\ndef f(): return x", "f", "x", "global"},
    {"def f(): return x\nx = 1", "f", "x", "global"},
    {"def f(x): return x", "f", "x", "local"},
    {"def f(*x, **y): pass", "f", "y", "local"},
    {"def f(x: y = z): pass", "f", "y", "global"},
    {"def f(x: y = z): pass", "f", "z", "global"},
    {"def f():\n print(x)\n x = 1", "f", "x", "local"},
    {"def f():\n global x\n x = 1", "f", "x", "global"},
    {"def f():\n x = 1\n global x", "f", "x", "global"},
    {"def f(): x.y = x[0] = 1", "f", "x", "global"},
    {"def f(): (x, [y, *z]), w = 1", "f", "z", "local"},
    {"def f(): x += 1", "f", "x", "local"},
    {"def f(): x: int", "f", "x", "local"},
    {"def f(): del x", "f", "x", "local"},
    {"def f(): del x.y, z[0]", "f", "z", "global"},
    {"def f():\n for x, y in z: pass", "f", "y", "local"},
    {"def f():\n with a as (x, y.z): pass", "f", "x", "local"},
    {"def f():\n with a as (x, y.z): pass", "f", "y", "global"},
    {"def f():\n try: pass\n except E as x: pass", "f", "x", "local"},
    {"def f(): import x.y", "f", "x", "local"},
    {"def f(): import x.y", "f", "y", "global"},
    {"def f(): import x.y as z", "f", "x", "global"},
    {"def f(): from x import y as z, w", "f", "z", "local"},
    {"def f(): from x import y as z, w", "f", "y", "global"},
    {"def f(): from x import *", "f", "y", "global"},
    {"def f():\n def x(): pass", "f", "x", "local"},
    {"def f():\n class x: pass", "f", "x", "local"},
    {"def f():\n @d\n def x(): pass", "f", "x", "local"},
    {"def f(): type x = int", "f", "x", "local"},
    {"def f(): print((x := 1))", "f", "x", "local"},
    {"def f():\n match a:\n  case x: pass", "f", "x", "local"},
    {"def f():\n match a:\n  case x.y: pass", "f", "x", "global"},
    {"def f():\n match a:\n  case C(x, y=z): pass", "f", "C", "global"},
    {"def f():\n match a:\n  case C(x, y=z): pass", "f", "y", "global"},
    {"def f():\n match a:\n  case C(x, y=z): pass", "f", "z", "local"},
    {"def f():\n match a:\n  case {K: x, **y}: pass", "f", "y", "local"},
    {"def f():\n match a:\n  case [_, *x] as y: pass", "f", "x", "local"},
    {"def f():\n match a:\n  case [_, *x] as y: pass", "f", "_", "global"},
    {"def f():\n match a:\n  case [_, *x] as y: pass", "f", "y", "local"},
    /* closures */
    {"def f():\n x = 1\n def g(): return x", "f.g", "x", "free:f"},
    {"def f():\n def g(): return x\n x = 1", "f.g", "x", "free:f"},
    {"def f(x):\n def g():\n  def h(): return x", "f.g.h", "x", "free:f"},
    {"def f():\n x = 1\n def g():\n  nonlocal x\n  x = 2", "f.g", "x", "free:f"},
    {"def f():\n x = 1\n def g():\n  nonlocal x\n  x = 2\n  def h(): x", "f.g.h", "x", "free:f"},
    {"def f():\n x = 1\n def g():\n  global x\n  def h(): x", "f.g.h", "x", "global"},
    {"def f():\n x = 1\n def g(): x = 2", "f.g", "x", "local"},
    {"def f(x): return lambda y: x", "f.<lambda>", "x", "free:f"},
    {"def f(x, g=lambda: x): pass", "<lambda>", "x", "global"},
    {"def f(x):\n @d(lambda: x)\n def g(): pass", "f.<lambda>", "x", "free:f"},
    {"def f():\n nonlocal x\n x = 1", "f", "x", "global"},
    /* classes */
    {"class C:\n x = 1", "C", "x", "local"},
    {"class C:\n y = x", "C", "x", "global"},
    {"class C:\n x = 1\n def f(self): return x", "C.f", "x", "global"},
    {"def f(x):\n class C:\n  def g(self): return x", "f.C.g", "x", "free:f"},
    {"def f(x):\n class C:\n  x = 1\n  def g(self): return x", "f.C.g", "x", "free:f"},
    {"def f(x):\n class C:\n  y = x", "f.C", "x", "free:f"},
    {"def f(x):\n class C:\n  nonlocal x\n  x = 1", "f.C", "x", "free:f"},
    {"class C:\n global x\n x = 1", "C", "x", "global"},
    {"class C:\n x = 1\n class D:\n  y = x", "C.D", "x", "global"},
    {"class C(x): x = 1", "", "x", "global"},
    /* type parameters */
    {"def f[T](): return T", "f", "T", "free:"},
    {"class C[T]:\n def f(self): return T", "C.f", "T", "free:"},
    {"def f():\n class C[T]:\n  def g(self): return T", "f.C.g", "T", "free:f"},
    /* private names */
    {"class C:\n def f(self): __x = 1", "C.f", "_C__x", "local"},
    {"class _C:\n def f(self, __x): pass", "_C.f", "_C__x", "local"},
    {"class C:\n __x = 1\n def f(self): return __x", "C.f", "_C__x", "global"},
    {"def f(): __x = 1", "f", "__x", "local"},
};

static uint32_t function_index(const struct steps *steps, const char *qualname)
{
    for (uint32_t i = 0; i < steps->scopes.functions.len; i++) {
        ir_name name = ir_builder_function_at(steps->ir, i)->qualname;
        if (str_equal(ir_builder_name_text(steps->ir, name), str_of(qualname))) {
            return i;
        }
    }
    ck_abort_msg("there is no function %s", qualname);
    return 0;
}

START_TEST(names_mean_places)
{
    struct steps steps;
    const char *wanted = names[_i].place;

    steps_init(&steps, str_of(names[_i].source), true);
    uint32_t function = function_index(&steps, names[_i].function);
    struct place place = scope_resolve(&steps.scopes, steps.scopes.functions.data[function],
                                       ir_builder_name(steps.ir, str_of(names[_i].name)));
    const char *kind = place.kind == PLACE_IS_GLOBAL ? "global" : place.kind == PLACE_IS_LOCAL ? "local" : "free:";
    ck_assert_msg(strncmp(wanted, kind, strlen(kind)) == 0, "%s: %s is %s", names[_i].source, names[_i].name, kind);
    if (place.kind == PLACE_IS_FREE) {
        ck_assert_uint_eq(place.function, function_index(&steps, wanted + strlen("free:")));
    }
    steps_release(&steps);
}
END_TEST

/* The scope of a comprehension, by its number among those of the text. */
static uint32_t comprehension_scope(const struct steps *steps, unsigned number)
{
    for (uint32_t i = 0; i < steps->scopes.scopes.len; i++) {
        if (scope_at(&steps->scopes, i)->kind == SCOPE_COMPREHENSION && number-- == 0) {
            return i;
        }
    }
    ck_abort_msg("there are not so many comprehensions");
    return 0;
}

static struct place place_in_comprehension(struct steps *steps, unsigned number, const char *name)
{
    return scope_resolve(&steps->scopes, comprehension_scope(steps, number), ir_builder_name(steps->ir, str_of(name)));
}

START_TEST(comprehensions_have_locals_of_their_own)
{
    struct steps steps;

    steps_init(&steps, STR("def f(y):\n x = 1\n return [x + y for x in x if [z for z in x]], (w := 1)"), true);
    uint32_t function = function_index(&steps, "f");
    ir_name x = ir_builder_name(steps.ir, STR("x"));
    struct place inner = place_in_comprehension(&steps, 0, "x");
    struct place outer = scope_resolve(&steps.scopes, steps.scopes.functions.data[function], x);
    ck_assert_int_eq(inner.kind, PLACE_IS_LOCAL);
    ck_assert_int_eq(outer.kind, PLACE_IS_LOCAL);
    ck_assert_uint_ne(inner.local, outer.local);
    ck_assert_uint_eq(place_in_comprehension(&steps, 1, "x").local, inner.local);
    ck_assert_uint_eq(place_in_comprehension(&steps, 0, "y").local, 0);
    ck_assert_int_eq(place_in_comprehension(&steps, 0, "z").kind, PLACE_IS_GLOBAL);
    ck_assert_int_eq(place_in_comprehension(&steps, 1, "z").kind, PLACE_IS_LOCAL);
    steps_release(&steps);
}
END_TEST

START_TEST(comprehensions_of_classes_skip_the_class)
{
    struct steps steps;

    steps_init(&steps, STR("def f(x):\n class C:\n  x = 1\n  y = [x for z in x]"), true);
    struct place place = place_in_comprehension(&steps, 0, "x");
    ck_assert_int_eq(place.kind, PLACE_IS_FREE);
    ck_assert_uint_eq(place.function, function_index(&steps, "f"));
    ck_assert_int_eq(place_in_comprehension(&steps, 0, "z").kind, PLACE_IS_LOCAL);
    steps_release(&steps);
}
END_TEST

START_TEST(comprehensions_of_the_module_have_locals_in_it)
{
    struct steps steps;

    steps_init(&steps, STR("x = [y for y in z]\nf = [lambda: y for y in z]"), true);
    ck_assert_int_eq(place_in_comprehension(&steps, 0, "y").kind, PLACE_IS_LOCAL);
    ck_assert_int_eq(place_in_comprehension(&steps, 0, "x").kind, PLACE_IS_GLOBAL);
    struct place place =
        scope_resolve(&steps.scopes, steps.scopes.functions.data[1], ir_builder_name(steps.ir, STR("y")));
    ck_assert_int_eq(place.kind, PLACE_IS_FREE);
    ck_assert_uint_eq(place.function, 0);
    ck_assert_uint_eq(place.local, place_in_comprehension(&steps, 1, "y").local);
    steps_release(&steps);
}
END_TEST

START_TEST(captured_locals_are_marked)
{
    struct frontend *frontend = frontend_new();
    struct lowered lowered;

    lowered_init(&lowered, frontend, "a.py", STR("def f(a, b):\n c = d = 1\n def g():\n  nonlocal d\n  return a, c"));
    const struct ir_module *module = lowered.module;
    const struct ir_function *function = function_named(module, "f");
    for (uint32_t i = 0; i < function->local_count; i++) {
        const struct ir_local_info *local = &module->locals[function->first_local + i];
        bool captured = module->names[local->name].ptr[0] == 'a' || module->names[local->name].ptr[0] == 'c';
        ck_assert_int_eq((local->flags & IR_LOCAL_CAPTURED) != 0, captured);
    }
    lowered_release(&lowered);
    frontend_free(frontend);
}
END_TEST

START_TEST(scopes_are_numbered_in_document_order)
{
    static const char *const order[] = {"", "A", "A.f", "A.f.g", "A.h", "k", "k.<lambda>", "m"};
    struct steps steps;

    steps_init(&steps,
               STR("class A:\n def f(self):\n  def g(): pass\n def h(self): pass\ndef k(): lambda: 0\ndef m(): pass"),
               true);
    ck_assert_uint_eq(steps.scopes.functions.len, 8);
    for (uint32_t i = 0; i < 8; i++) {
        ck_assert_uint_eq(function_index(&steps, order[i]), i);
    }
    steps_release(&steps);
}
END_TEST

Suite *test_scopes_suite(void)
{
    Suite *suite = suite_create("scopes");
    TCase *tests = tcase_create("scopes");

    tcase_add_loop_test(tests, names_mean_places, 0, (int)(sizeof names / sizeof names[0]));
    tcase_add_test(tests, comprehensions_have_locals_of_their_own);
    tcase_add_test(tests, comprehensions_of_classes_skip_the_class);
    tcase_add_test(tests, comprehensions_of_the_module_have_locals_in_it);
    tcase_add_test(tests, captured_locals_are_marked);
    tcase_add_test(tests, scopes_are_numbered_in_document_order);
    suite_add_tcase(suite, tests);
    return suite;
}

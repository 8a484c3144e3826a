#include "program/hazards/breaking.h"

#include "program/evaluate/contexts.h"
#include "program/values/objects.h"

static bool is_use(const struct span *s)
{
    return (s->last->flags & ACC_WRITES) == 0;
}

/* An act after a look at the size: one that fails where an element has gone meanwhile, or waits for one that does not
 * come. */
static bool size_relies(const struct span *s)
{
    bool raises = (s->last->flags & ACC_RAISES) != 0;
    uint32_t effects = s->last->model != NULL ? s->last->model->effects : 0;
    if (effects & EFFECT_PUT)
        return raises;
    if (effects & EFFECT_GET)
        return raises || (effects & EFFECT_CHECK_THEN_RAISES) == 0;
    return is_use(s) ? s->last->field == FIELD_CONTENTS && raises : true;
}

/* What one element of a copy is says nothing of what the container holds now. */
static bool asks_of_copied_element(const struct span *s)
{
    bool whole = s->check == CHECK_IN || s->check == CHECK_NOT_IN || s->check == CHECK_SIZE;
    return !whole && s->first->kind == ACCESS_METHOD && s->first->model != NULL &&
           (s->first->model->effects & EFFECT_SNAPSHOT) != 0;
}

/* Whether check and act are about the same thing at all. */
static bool check_fits(const struct span *s)
{
    if (asks_of_copied_element(s))
        return false;
    bool contents = s->last->field == FIELD_CONTENTS;
    bool same_key = s->first->key == s->last->key || s->last->key == 0 || s->first->key == 0;
    bool searched = s->check == CHECK_NOT_IN || s->check == CHECK_NONE; /* none of them is what is added now */
    if (s->first->kind == ACCESS_ITERATE && !(searched && contents && (s->last->flags & ACC_INSERTS)))
        return false;
    if (s->last->kind == ACCESS_ITERATE || s->last->kind == ACCESS_SIZE)
        return false;
    if ((contents && !same_key) || (s->last->flags & ACC_SAFE_KEY))
        return false;
    bool taken_out =
        contents && s->first->kind == ACCESS_METHOD && (s->first->flags & ACC_REMOVES); /* it is ours now */
    return !taken_out;
}

/* slots[i] = who: the element that was looked at before, under the same name. A range that arguments bound may be the
 * thread's own, and a list with an element of a fixed number is a variable: the first error is kept there. */
static bool replaces_element(const struct span *s)
{
    return s->last->kind == ACCESS_STORE && s->last->field == FIELD_CONTENTS && s->first->kind == ACCESS_LOAD &&
           s->last->key != 0 && !s->last->key_constant && s->last->key == s->first->key &&
           s->last->key_param != KEY_OF_SEVERAL && (s->last->flags & ACC_INSERTS) == 0;
}

/* Whether the act relies on what was checked. */
static bool control_relies(const struct span *s)
{
    bool contents = s->last->field == FIELD_CONTENTS;
    uint32_t flags = s->last->flags;
    if (!check_fits(s))
        return false;
    switch ((enum check_kind)s->check) {
    case CHECK_IN:
        if (is_use(s))
            return contents && s->last->key == s->first->key && (flags & ACC_RAISES);
        return (flags & ACC_RAISES) != 0 || s->last->kind == ACCESS_AUGMENTED;
    case CHECK_NOT_IN:
    case CHECK_MISSING:
        if (contents && (flags & ACC_INSERTS) == 0)
            return false;
        return !is_use(s) && (flags & ACC_REMOVES) == 0;
    case CHECK_NONE:
    case CHECK_FALSE:
        if (contents && (flags & ACC_INSERTS) == 0 && !replaces_element(s))
            return false;
        return !is_use(s) && (flags & ACC_REMOVES) == 0;
    case CHECK_NOT_NONE:
    case CHECK_TRUE:
        if (contents && s->check == CHECK_TRUE && s->last->kind == ACCESS_DELETE && s->last->key != 0)
            return false; /* that the container is not empty says nothing of the key */
        if (is_use(s))
            return contents ? (flags & ACC_RAISES) != 0 : s->last->kind == ACCESS_LOAD && (flags & ACC_USED) != 0;
        return !contents || (flags & ACC_RAISES) != 0;
    case CHECK_SIZE: return size_relies(s);
    case CHECK_COMPARE: return !is_use(s);
    case CHECK_NOT_A_CHECK: return false;
    }
    return false;
}

bool breaking_relies(const struct span *s)
{
    switch ((enum span_via)s->via) {
    case VIA_DATA: return !is_use(s);
    case VIA_CONTROL: return control_relies(s);
    case VIA_ITERATION: return true;
    case VIA_INVARIANT: return true;
    }
    return false;
}

static bool keys_apart(const struct acc *a, const struct acc *b)
{
    return a->key != 0 && b->key != 0 && a->key_constant && b->key_constant && a->key != b->key;
}

/* items.append(x) leaves all other elements where they are. */
static bool leaves_elements(const struct program *p, const struct span *s, const struct acc *w)
{
    bool element = s->last->field == FIELD_CONTENTS && s->last->key != 0 && s->first->key != 0;
    return element && object_role(p, s->last->object) == ROLE_LIST && w->kind == ACCESS_METHOD && w->key == 0 &&
           (w->flags & (ACC_INSERTS | ACC_REMOVES)) == ACC_INSERTS;
}

/* A value computed from the size or the greatest element goes stale when elements come or go. */
static bool data_breaks(const struct program *p, const struct span *s, const struct acc *w)
{
    bool measures = s->first->kind == ACCESS_SIZE || s->first->kind == ACCESS_ITERATE;
    if (measures)
        return (w->flags & (ACC_REMOVES | ACC_INSERTS)) != 0;
    return !leaves_elements(p, s, w);
}

bool breaking_stores_alike(const struct span *s, const struct acc *w)
{
    return s->via == VIA_CONTROL && s->last->stored != 0 && s->last->stored == w->stored && s->last->kind == w->kind &&
           ((w->flags & ACC_TESTED) == 0 || (s->flags & SPAN_WHILE));
}

/* Whether a write puts something where nothing was found. */
static bool puts_element(const struct span *s, const struct acc *w)
{
    return replaces_element(s) ? w->kind == ACCESS_STORE && w->key != 0 : (w->flags & ACC_INSERTS) != 0;
}

bool breaking_harms(const struct program *p, const struct span *s, const struct acc *w)
{
    if (keys_apart(s->last, w))
        return false;
    uint32_t flags = w->flags;
    bool contents = s->last->field == FIELD_CONTENTS;
    bool removes = (flags & ACC_REMOVES) != 0 || w->kind == ACCESS_DELETE || (!contents && (flags & ACC_NONE));
    bool list = object_role(p, s->last->object) == ROLE_LIST || object_role(p, s->last->object) == ROLE_TUPLE;
    if (s->via == VIA_ITERATION) {
        if (list)
            return (flags & ACC_REMOVES) != 0;
        return (flags & (ACC_REMOVES | ACC_INSERTS)) != 0;
    }
    if (s->via == VIA_DATA)
        return data_breaks(p, s, w);
    if (is_use(s) || s->check == CHECK_IN)
        return removes;
    bool missing =
        s->check == CHECK_NOT_IN || s->check == CHECK_NONE || s->check == CHECK_MISSING || s->check == CHECK_FALSE;
    if (missing)
        return contents ? puts_element(s, w) : !removes;
    if (s->last->model != NULL && (s->last->model->effects & EFFECT_GET))
        return removes;
    if (s->check == CHECK_SIZE || s->check == CHECK_TRUE || s->check == CHECK_NOT_NONE) {
        if (s->last->field == FIELD_CONTENTS && (s->last->flags & ACC_REMOVES))
            return removes;
        if (s->last->field == FIELD_CONTENTS)
            return (flags & (ACC_REMOVES | ACC_INSERTS)) != 0;
    }
    return true;
}

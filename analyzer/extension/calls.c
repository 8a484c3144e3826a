/* calls: functions that lend a reference, of containers that other threads may change. */
#include "extension/scan.h"
#include "source/lines.h"

/* A function that lends, and the one that gives. */
struct lender {
    const char *name, *instead;
};

static const struct lender lenders[] = {
    {"PyDict_GetItem", "PyDict_GetItemRef"},
    {"PyDict_GetItemWithError", "PyDict_GetItemRef"},
    {"PyDict_GetItemString", "PyDict_GetItemStringRef"},
    {"PyDict_SetDefault", "PyDict_SetDefaultRef"},
    {"PyDict_Next", NULL},
    {"PyList_GetItem", "PyList_GetItemRef"},
    {"PyList_GET_ITEM", "PyList_GetItemRef"},
    {"PyWeakref_GetObject", "PyWeakref_GetRef"},
    {"PyWeakref_GET_OBJECT", "PyWeakref_GetRef"},
    {"PyImport_AddModule", "PyImport_AddModuleRef"},
    {"PyCell_GET", "PyCell_Get"},
    {"PySequence_Fast_GET_ITEM", "PySequence_GetItem"},
};

/* The function around the token that is looked at. */
struct around {
    size_t start;   /* its first token behind the head; 0 where there is none */
    size_t name;    /* of the function: a token, or SIZE_MAX */
    size_t depth;   /* of the brackets that are open */
    size_t outside; /* how many were open before its body */
};

static bool is_one_of(const struct tokens *tokens, size_t index, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (token_is_name(tokens, index, *names)) {
            return true;
        }
    }
    return false;
}

static const struct lender *lender_at(const struct tokens *tokens, size_t index)
{
    struct str name = token_text(tokens, index);

    if (!str_starts(name, STR("Py")) || !token_is_mark(tokens, index + 1, '(')) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof lenders / sizeof *lenders; i++) {
        if (str_equal(name, str_of(lenders[i].name))) {
            return &lenders[i];
        }
    }
    return NULL;
}

/* Behind a type stands a declaration or a definition; behind a word of the language a call. */
static bool is_declaration(const struct tokens *tokens, size_t index)
{
    static const char *const words[] = {"return", "else", "do", "and", "or", "not", "if", "in", "while", NULL};

    if (index == 0) {
        return true;
    }
    bool star = token_is_mark(tokens, index - 1, '*');
    return star || (tokens->items.data[index - 1].kind == TOKEN_NAME && !is_one_of(tokens, index - 1, words));
}

/* Whether the reference is not kept: nothing is done with it, or it is only compared with NULL. */
static bool is_only_tested(const struct tokens *tokens, size_t index)
{
    size_t before = index - 1, after = tokens_close(tokens, index + 1) + 1;
    bool begins =
        token_is_mark(tokens, before, ';') || token_is_mark(tokens, before, '{') || token_is_mark(tokens, before, '}');
    bool negated = token_is_mark(tokens, before, '!');
    bool compared = (token_is_mark(tokens, after, '=') || token_is_mark(tokens, after, '!')) &&
                    token_is_mark(tokens, after + 1, '=');
    bool in_condition = token_is_mark(tokens, before, '(') || token_is_mark(tokens, before, '&') ||
                        token_is_mark(tokens, before, '|') || token_is_name(tokens, before, "return");

    return begins || negated || (compared && in_condition);
}

/* Whether a lock or a critical section is open at the token, as far as the text of its function tells. */
static bool is_protected(const struct tokens *tokens, size_t start, size_t index)
{
    static const char *const guards[] = {"lock_guard",
                                         "scoped_lock",
                                         "unique_lock",
                                         "critical_section",
                                         "ft_lock_guard",
                                         "ft_object_guard",
                                         "scoped_critical_section",
                                         NULL};
    static const char *const takes[] = {"PyMutex_Lock", "PyThread_acquire_lock", "pthread_mutex_lock", NULL};
    static const char *const gives[] = {"PyMutex_Unlock", "PyThread_release_lock", "pthread_mutex_unlock", NULL};
    size_t sections = 0, locks = 0;

    for (size_t i = start; i < index; i++) {
        struct str name = token_text(tokens, i);
        sections += str_starts(name, STR("Py_BEGIN_CRITICAL_SECTION"));
        sections -= sections > 0 && str_starts(name, STR("Py_END_CRITICAL_SECTION"));
        locks += is_one_of(tokens, i, takes);
        locks -= locks > 0 && is_one_of(tokens, i, gives);
        if (is_one_of(tokens, i, guards)) {
            return true;
        }
    }
    return sections > 0 || locks > 0;
}

/* The first argument: its tokens. */
struct argument {
    size_t first, end; /* end: behind its last token */
    size_t name;       /* of a plain variable, perhaps behind a cast; else SIZE_MAX */
    bool is_field;     /* reached through '.', '->' or an index */
    bool is_call;      /* what another function gives */
};

static struct argument argument_of(const struct tokens *tokens, size_t open)
{
    size_t close = tokens_close(tokens, open), depth = 0;
    struct argument argument = {.first = open + 1, .end = close, .name = SIZE_MAX};

    for (size_t i = open + 1; i < close; i++) {
        bool opens = token_is_mark(tokens, i, '(');
        argument.is_call = argument.is_call || (opens && tokens->items.data[i - 1].kind == TOKEN_NAME);
        argument.is_field = argument.is_field || token_is_mark(tokens, i, '.') || token_is_mark(tokens, i, '>') ||
                            token_is_mark(tokens, i, '[');
        depth += opens;
        depth -= depth > 0 && token_is_mark(tokens, i, ')');
        if (depth == 0 && token_is_mark(tokens, i, ',')) {
            argument.end = i;
            break;
        }
    }
    if (argument.end > argument.first && !argument.is_field && !argument.is_call &&
        tokens->items.data[argument.end - 1].kind == TOKEN_NAME) {
        argument.name = argument.end - 1;
    }
    return argument;
}

/* Whether the variable holds what nobody else has: an object that the function has just made, or its own keywords. */
static bool is_own(const struct tokens *tokens, size_t start, size_t index, struct str name)
{
    static const char *const makers[] = {"PyDict_New",
                                         "PyDict_Copy",
                                         "PyList_New",
                                         "PyList_GetSlice",
                                         "PyDict_Items",
                                         "PySequence_List",
                                         "PyDict_Keys",
                                         "PyDict_Values",
                                         "PyMapping_Items",
                                         "PyMapping_Keys",
                                         "PyMapping_Values",
                                         "Py_BuildValue",
                                         "PyModule_GetDict",
                                         "PyUnicode_Split",
                                         "PyUnicode_Splitlines",
                                         "PyObject_Dir",
                                         "PySequence_Tuple",
                                         "PyList_AsTuple",
                                         NULL};
    static const struct str keywords[] = {{"kwds", 4}, {"kwargs", 6}, {"kw", 2}, {"keywds", 6}, {"keywords", 8}};
    bool own = false;

    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        own = own || str_equal(name, keywords[i]);
    }
    for (size_t i = start; i < index; i++) {
        if (tokens->items.data[i].kind == TOKEN_NAME && str_equal(token_text(tokens, i), name) &&
            token_is_mark(tokens, i + 1, '=') && !token_is_mark(tokens, i + 2, '=')) {
            own = is_one_of(tokens, i + 2, makers);
        }
    }
    return own;
}

/* Whether a variable of that name is declared outside of all functions: `static PyObject *name;`. */
static bool is_global(const struct tokens *tokens, struct str name)
{
    size_t depth = 0;

    for (size_t i = 0; i < tokens->items.len; i++) {
        depth += token_is_mark(tokens, i, '{') || token_is_mark(tokens, i, '(');
        depth -= depth > 0 && (token_is_mark(tokens, i, '}') || token_is_mark(tokens, i, ')'));
        if (depth == 0 && i > 0 && token_is_mark(tokens, i - 1, '*') && str_equal(token_text(tokens, i), name) &&
            (token_is_mark(tokens, i + 1, ';') || token_is_mark(tokens, i + 1, '=') ||
             token_is_mark(tokens, i + 1, ','))) {
            return true;
        }
    }
    return false;
}

static void look_at(struct scan *scan, const struct around *around, size_t index)
{
    const struct tokens *tokens = &scan->tokens;
    const struct lender *lender = lender_at(tokens, index);

    if (lender == NULL || is_declaration(tokens, index)) {
        return;
    }
    bool walks = lender->instead == NULL;
    struct argument argument = argument_of(tokens, index + 1);
    struct str name = token_text(tokens, argument.name);
    if (argument.end == argument.first || (!walks && is_only_tested(tokens, index)) ||
        is_protected(tokens, around->start, index) ||
        (argument.name != SIZE_MAX && is_own(tokens, around->start, index, name))) {
        return;
    }
    bool global = argument.name != SIZE_MAX && scan->extension->language == EXTENSION_C && is_global(tokens, name);
    const struct token *token = &tokens->items.data[index];
    struct extension_hazard hazard = {
        .kind = walks ? EXTENSION_ITERATION : EXTENSION_BORROWED,
        .start = token->start,
        .end = token->end,
        .name = str_of(lender->name),
        .instead = lender->instead,
        .container =
            str_slice(tokens->text, tokens->items.data[argument.first].start, tokens->items.data[argument.end - 1].end),
        .symbol = token_text(tokens, around->name),
        .is_shared = (argument.is_field && !argument.is_call) || global,
    };
    vec_push(&scan->hazards, hazard);
}

/* In C a body opens behind ')', where no other one is open. The name stands in front of its brackets. */
static void follow_c(const struct tokens *tokens, struct around *around, size_t index, size_t *head)
{
    if (token_is_mark(tokens, index, '(') && around->start == 0 && index > 0 &&
        tokens->items.data[index - 1].kind == TOKEN_NAME) {
        *head = index - 1;
    }
    if (token_is_mark(tokens, index, '{')) {
        if (around->start == 0 && index > 0 && token_is_mark(tokens, index - 1, ')')) {
            *around = (struct around){index, *head, around->depth, around->depth};
        }
        around->depth++;
    } else if (token_is_mark(tokens, index, '}') && around->depth > 0) {
        around->depth--;
        if (around->start != 0 && around->depth == around->outside) {
            *around = (struct around){.depth = around->depth, .name = SIZE_MAX};
        }
    }
}

/* In Cython a function begins at a line with its head, and the next one ends it. */
static void follow_cython(const struct scan *scan, struct around *around, size_t index)
{
    static const char *const heads[] = {"def", "cdef", "cpdef", NULL};
    const struct tokens *tokens = &scan->tokens;

    if (!is_one_of(tokens, index, heads)) {
        return;
    }
    uint32_t line = lines_find(scan->extension->file, tokens->items.data[index].start);
    for (size_t i = index + 1; i < tokens->items.len; i++) {
        if (lines_find(scan->extension->file, tokens->items.data[i].start) != line || token_is_mark(tokens, i, '=')) {
            return;
        }
        if (token_is_mark(tokens, i, '(')) {
            *around = (struct around){.start = index, .name = i - 1};
            return;
        }
    }
}

void scan_calls(struct scan *scan)
{
    struct around around = {.name = SIZE_MAX};
    size_t head = SIZE_MAX;

    for (size_t i = 0; i < scan->tokens.items.len; i++) {
        if (scan->extension->language == EXTENSION_C) {
            follow_c(&scan->tokens, &around, i, &head);
        } else {
            follow_cython(scan, &around, i);
        }
        if (around.start != 0 || scan->extension->language == EXTENSION_CYTHON) {
            look_at(scan, &around, i);
        }
    }
}

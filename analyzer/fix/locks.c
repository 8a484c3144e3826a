#include "fix/locks.h"

#include <stdarg.h>
#include <stdio.h>

#include "fix/classes.h"
#include "rules/text.h"

uint32_t scene_file(const struct scene *scene, const struct source_file *file)
{
    for (size_t i = 0; i < scene->request->file_count; i++) {
        if (scene->request->files[i].source == file) {
            return (uint32_t)i;
        }
    }
    return UINT32_MAX;
}

struct syntax *scene_syntax(struct scene *scene, uint32_t file)
{
    if (file >= scene->request->file_count) {
        return NULL;
    }
    const struct fix_file *given = &scene->request->files[file];
    if (!scene->parsed[file]) {
        scene->parsed[file] = true;
        bool stub = given->module != NULL && given->module->is_stub;
        scene->syntaxes[file] = given->module != NULL && !stub ? syntax_new(scene->frontend, given->source) : NULL;
    }
    return scene->syntaxes[file];
}

struct str scene_text(struct scene *scene, const char *format, ...)
{
    char small[256];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (length >= 0 && (size_t)length < sizeof small) {
        return arena_str(scene->arena, (struct str){small, (size_t)length});
    }
    char *text = arena_alloc(scene->arena, (size_t)length + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return (struct str){text, (size_t)length};
}

bool lock_is_held(const struct lock *lock, const struct access *access)
{
    for (uint32_t i = 0; i < access->lock_count && !lock->is_new; i++) {
        if (access->locks[i].identity == lock->identity) {
            return true;
        }
    }
    return false;
}

/* ---- locks that are there ---- */

static struct str after_last_dot(struct str path)
{
    size_t dot = str_rfind_char(path, '.');
    return dot == SIZE_MAX ? path : str_slice(path, dot + 1, path.len);
}

static bool is_dotted(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!str_is_name_byte(text.ptr[i]) && text.ptr[i] != '.') {
            return false;
        }
    }
    return text.len > 0;
}

/* Where a lock belongs: what hangs off an object that a module keeps is the object's own. */
static enum place_root root_of(struct scene *scene, const struct place *place)
{
    bool whole = place->root == PLACE_CLASS || place->root == PLACE_DEFAULT;
    return !whole && class_locate(scene, place->owner).syntax ? PLACE_INSTANCE : place->root;
}

static struct lock *existing_lock(struct scene *scene, const struct hazard *hazard, const struct held_lock *held,
                                  const char **reason)
{
    bool plain = held->role == ROLE_LOCK || held->role == ROLE_RLOCK || held->role == ROLE_CONDITION;
    if (held->of_tasks) {
        *reason = "the lock is one of asyncio, which only a coroutine can take";
        return NULL;
    }
    if (!plain || !is_dotted(held->name)) {
        *reason = "the lock cannot be named where it is needed";
        return NULL;
    }
    struct lock *lock = arena_alloc(scene->arena, sizeof *lock);
    lock->identity = held->identity;
    lock->reentrant = held->role != ROLE_LOCK;
    lock->root = hazard->place ? root_of(scene, hazard->place) : PLACE_OBJECT;
    lock->file = held->declared.file ? scene_file(scene, held->declared.file) : UINT32_MAX;
    lock->path = held->name;
    lock->made = held->declared.span;
    lock->attr = after_last_dot(held->name);
    lock->key = scene_text(scene, "#%u", held->identity);
    struct class_place owner = class_locate(scene, held->owner);
    lock->owner = owner.syntax && owner.file == lock->file ? owner.node : NO_NODE;
    if (str_starts(held->name, STR("self.")) && hazard->place && !str_equal(held->owner, hazard->place->owner) &&
        lock->root == PLACE_INSTANCE) {
        lock->root = PLACE_OBJECT; /* of another object: only where both are written with `self` */
    }
    return lock;
}

/* ---- new ones: where ---- */

/* The statement of a block in which a piece of source lies; NO_NODE: none. */
static uint32_t statement_of(const struct syntax *s, uint32_t block, struct ir_span span)
{
    for (uint32_t child = node_first(&s->tree, block); child != NO_NODE; child = node_next(&s->tree, block, child)) {
        if (s->tree.nodes.data[child].start <= span.start && span.end <= s->tree.nodes.data[child].end) {
            return child;
        }
    }
    return NO_NODE;
}

static bool stays_on_lines(const struct syntax *s, uint32_t statement)
{
    return statement != NO_NODE && syntax_has_lines(s, statement);
}

/* An assignment that calls nothing, except in a class body; or the string below one that documents it. */
static bool belongs_to_group(const struct syntax *s, uint32_t statement, bool calls)
{
    if (node_kind(&s->tree, statement) != NODE_EXPRESSION_STATEMENT || !stays_on_lines(s, statement)) {
        return false;
    }
    enum node_kind kind = node_kind(&s->tree, node_first(&s->tree, statement));
    return kind == NODE_STRING || (kind == NODE_ASSIGNMENT && (calls || !syntax_has(s, statement, NODE_CALL)));
}

/* The last of the assignments that stand right below a statement, line by line. */
static uint32_t end_of_group(const struct syntax *s, uint32_t block, uint32_t statement)
{
    bool calls = node_kind(&s->tree, s->parents[block]) == NODE_CLASS_DEFINITION;
    for (;;) {
        uint32_t next = node_next(&s->tree, block, statement);
        if (next == NO_NODE || !belongs_to_group(s, next, calls) ||
            syntax_first_line(s, next) != syntax_last_line(s, statement) + 1) {
            return statement;
        }
        statement = next;
    }
}

/* Puts the lock beside the statement that makes the state: behind it and its like where that is one simple statement.
 */
static bool place_beside(struct lock *lock, const struct syntax *s, uint32_t block, const struct site *declared)
{
    uint32_t statement = statement_of(s, block, declared->span);
    if (!stays_on_lines(s, statement)) {
        return false;
    }
    lock->beside = statement;
    lock->before = node_kind(&s->tree, statement) != NODE_EXPRESSION_STATEMENT;
    if (!lock->before) {
        lock->beside = end_of_group(s, block, statement);
    }
    return true;
}

/* The last of the simple statements that a class body begins with; or its first statement, to go before it. */
static bool place_in_class(struct lock *lock, const struct syntax *s)
{
    uint32_t block = syntax_body(s, lock->owner), last = NO_NODE;
    if (block == NO_NODE) {
        return false;
    }
    for (uint32_t child = node_first(&s->tree, block); child != NO_NODE; child = node_next(&s->tree, block, child)) {
        if (node_kind(&s->tree, child) != NODE_EXPRESSION_STATEMENT) {
            break;
        }
        last = child;
    }
    lock->before = last == NO_NODE;
    lock->beside = last == NO_NODE ? node_first(&s->tree, block) : last;
    return stays_on_lines(s, lock->beside) && syntax_first_line(s, lock->beside) > syntax_first_line(s, lock->owner);
}

/* The constructor that gives the state its first value, or the class's own. */
static bool place_in_constructor(struct lock *lock, const struct syntax *s, const struct site *declared)
{
    uint32_t init = syntax_method(s, lock->owner, STR("__init__"));
    uint32_t block = init == NO_NODE ? NO_NODE : syntax_body(s, init);
    if (block == NO_NODE) {
        return false;
    }
    if (declared->file == s->file && place_beside(lock, s, block, declared)) {
        return true;
    }
    uint32_t first = node_first(&s->tree, block);
    bool docstring = first != NO_NODE && node_kind(&s->tree, first) == NODE_EXPRESSION_STATEMENT &&
                     node_kind(&s->tree, node_first(&s->tree, first)) == NODE_STRING;
    lock->beside = first;
    lock->before = !docstring;
    return stays_on_lines(s, first) && syntax_first_line(s, first) > syntax_first_line(s, init);
}

/* ---- new ones: their names ---- */

static bool name_is_free(struct scene *scene, const struct lock *lock, struct str name)
{
    const struct syntax *s = scene_syntax(scene, lock->file);
    if (lock->where == LOCK_IN_CONSTRUCTOR || lock->where == LOCK_IN_CLASS) {
        return class_name_is_free(scene, lock->file, lock->owner, name);
    }
    return !syntax_has_name(s, name);
}

static bool choose_name(struct scene *scene, struct lock *lock, struct str field)
{
    struct str plain = field;
    while (plain.len > 0 && plain.ptr[0] == '_') {
        plain = str_slice(plain, 1, plain.len);
    }
    struct buf lower = {0};
    for (size_t i = 0; i < plain.len; i++) {
        char c = plain.ptr[i];
        buf_add_char(&lower, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    const char *mark = lock->where == LOCK_IN_FUNCTION ? "" : "_";
    struct str own = scene_text(scene, "%s%.*s_lock", mark, STR_FMT(buf_str(&lower)));
    struct str names[] = {lock->where == LOCK_IN_FUNCTION ? STR("lock") : STR("_lock"), own,
                          scene_text(scene, "%.*s_2", STR_FMT(own)), scene_text(scene, "%.*s_3", STR_FMT(own))};
    buf_release(&lower);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (is_dotted(names[i]) && name_is_free(scene, lock, names[i])) {
            lock->attr = names[i];
            return true;
        }
    }
    return false;
}

/* ---- new ones: for each kind of state ---- */

/* Whether a piece of source runs with its module, in no function. */
static bool is_in_module(struct scene *scene, const struct site *site)
{
    const struct syntax *s = site->file ? scene_syntax(scene, scene_file(scene, site->file)) : NULL;
    return s && syntax_function(s, syntax_find(s, site->span)) == NO_NODE;
}

static bool new_in_module(struct scene *scene, struct lock *lock, const struct hazard *hazard, const char **reason)
{
    const struct site *declared = &hazard->place->declared, *set_up = &hazard->place->set_up;
    if (is_in_module(scene, set_up) && !is_in_module(scene, declared)) {
        declared = set_up; /* of what a container of the module holds */
    }
    lock->file = declared->file ? scene_file(scene, declared->file) : UINT32_MAX;
    const struct syntax *s = scene_syntax(scene, lock->file);
    lock->where = LOCK_IN_MODULE;
    lock->owner = NO_NODE;
    if (!s || !place_beside(lock, s, 0, declared)) {
        *reason = "where the state is made is not seen";
        return false;
    }
    lock->key = scene_text(scene, "module %u", lock->file);
    return true;
}

/* The class whose methods make the state, which may be a base of the one that owns it. */
static struct class_place class_of_state(struct scene *scene, const struct place *place)
{
    struct class_place found = class_locate(scene, place->owner);
    uint32_t file = place->declared.file ? scene_file(scene, place->declared.file) : UINT32_MAX;
    const struct syntax *s = found.syntax ? scene_syntax(scene, file) : NULL;
    uint32_t at = s ? syntax_find(s, place->declared.span) : NO_NODE;
    uint32_t function = at == NO_NODE ? NO_NODE : syntax_function(s, at);
    uint32_t class_node = at == NO_NODE ? NO_NODE : syntax_class(s, function == NO_NODE ? at : function);
    return class_node == NO_NODE ? found : (struct class_place){s, file, class_node};
}

static bool find_owner(struct scene *scene, struct lock *lock, const struct place *place, const char **reason)
{
    struct class_place found = class_of_state(scene, place);
    if (!found.syntax) {
        *reason = "the class that owns the state is not in the program";
        return false;
    }
    lock->file = found.file;
    lock->owner = found.node;
    lock->key = scene_text(scene, "class %u:%u", found.file, found.node);
    return true;
}

static bool new_in_class(struct scene *scene, struct lock *lock, const struct hazard *hazard, const char **reason)
{
    const struct place *place = hazard->place;
    if (!find_owner(scene, lock, place, reason)) {
        return false;
    }
    const struct syntax *s = scene_syntax(scene, lock->file);
    enum class_kind kind = class_kind(scene, lock->file, lock->owner);
    if (kind == CLASS_WITHOUT_STATE) {
        *reason = "its class (a named tuple, an enumeration or a protocol) cannot hold a lock";
        return false;
    }
    lock->where = lock->root == PLACE_CLASS || kind == CLASS_WITHOUT_CONSTRUCTOR ? LOCK_IN_CLASS : LOCK_IN_CONSTRUCTOR;
    if (lock->where == LOCK_IN_CONSTRUCTOR && !place_in_constructor(lock, s, &place->declared)) {
        lock->where = LOCK_IN_CLASS;
    }
    uint32_t block = syntax_body(s, lock->owner);
    bool beside = lock->where == LOCK_IN_CLASS && place->declared.file == s->file && block != NO_NODE &&
                  place_beside(lock, s, block, &place->declared) && !lock->before;
    if (lock->where == LOCK_IN_CLASS && !beside && !place_in_class(lock, s)) {
        *reason = "there is no line in the class body for a lock";
        return false;
    }
    return true;
}

static bool new_in_function(struct scene *scene, struct lock *lock, const struct hazard *hazard, const char **reason)
{
    const struct site *declared = &hazard->place->declared;
    lock->file = declared->file ? scene_file(scene, declared->file) : UINT32_MAX;
    const struct syntax *s = scene_syntax(scene, lock->file);
    uint32_t node = s ? syntax_find(s, declared->span) : NO_NODE;
    lock->owner = node == NO_NODE ? NO_NODE : syntax_function(s, node);
    uint32_t block = lock->owner == NO_NODE ? NO_NODE : syntax_body(s, lock->owner);
    lock->where = LOCK_IN_FUNCTION;
    if (block == NO_NODE || !place_beside(lock, s, block, declared)) {
        *reason = "where the variable is made is not seen";
        return false;
    }
    lock->key = scene_text(scene, "function %u:%u", lock->file, lock->owner);
    return true;
}

/* A default value belongs to its function: the lock stands in the module, before the statement that has the function.
 */
static bool new_for_default(struct scene *scene, struct lock *lock, const struct hazard *hazard, const char **reason)
{
    lock->file = scene_file(scene, hazard->last->site.file);
    const struct syntax *s = scene_syntax(scene, lock->file);
    uint32_t node = s ? syntax_find(s, hazard->last->site.span) : NO_NODE;
    while (node != NO_NODE && s->parents[node] != 0) {
        node = s->parents[node];
    }
    if (node == NO_NODE || !stays_on_lines(s, node)) {
        *reason = "there is no line for a lock before the function";
        return false;
    }
    lock->where = LOCK_IN_MODULE;
    lock->owner = NO_NODE;
    lock->beside = node;
    lock->before = true;
    lock->key = scene_text(scene, "default %u:%u", lock->file, node);
    return true;
}

static struct lock *new_lock(struct scene *scene, const struct hazard *hazard, const char **reason)
{
    struct lock *lock = arena_alloc(scene->arena, sizeof *lock);
    bool good = false;
    lock->is_new = true;
    lock->root = root_of(scene, hazard->place);
    switch (root_of(scene, hazard->place)) {
    case PLACE_GLOBAL: good = new_in_module(scene, lock, hazard, reason); break;
    case PLACE_CLASS:
    case PLACE_INSTANCE: good = new_in_class(scene, lock, hazard, reason); break;
    case PLACE_CELL: good = new_in_function(scene, lock, hazard, reason); break;
    case PLACE_DEFAULT: good = new_for_default(scene, lock, hazard, reason); break;
    case PLACE_OBJECT: *reason = "which object holds the state is not certain"; break;
    }
    if (good && !scene->request->files[lock->file].writable) {
        *reason = "the lock belongs into a file outside of the paths given";
        good = false;
    }
    if (good && !choose_name(scene, lock, hazard->place->field)) {
        *reason = "every name for the lock is taken";
        good = false;
    }
    return good ? lock : NULL;
}

struct lock *lock_for(struct scene *scene, const struct hazard *hazard, const char **reason)
{
    if (!hazard->place) {
        *reason = "it is about no state";
        return NULL;
    }
    /* a lock that each instance has for itself does not guard what all of them share */
    const struct held_lock *held = hazard->wrong_scope ? NULL : text_existing_lock(hazard);
    return held ? existing_lock(scene, hazard, held, reason) : new_lock(scene, hazard, reason);
}

/* ---- how it is written ---- */

/* The object whose field `field` is accessed below a node: "self" of "self._data.get(key)"; empty where none is. */
static struct str object_written(const struct syntax *s, uint32_t node, struct str field)
{
    for (uint32_t i = node; i < s->tree.nodes.data[node].after; i++) {
        if (node_kind(&s->tree, i) != NODE_ATTRIBUTE) {
            continue;
        }
        uint32_t name = node_field(&s->tree, i, FIELD_ATTRIBUTE), object = node_field(&s->tree, i, FIELD_OBJECT);
        if (name != NO_NODE && object != NO_NODE && str_equal(node_text(&s->tree, name), field)) {
            return syntax_text(s, object);
        }
    }
    return STR("");
}

/* The first parameter of the method around a node; empty where there is none. *class_node is the method's class. */
static struct str receiver(const struct syntax *s, uint32_t node, uint32_t *class_node)
{
    for (uint32_t function = syntax_function(s, node); function != NO_NODE; function = syntax_function(s, function)) {
        *class_node = syntax_class(s, function);
        if (*class_node == NO_NODE || node_kind(&s->tree, function) != NODE_FUNCTION_DEFINITION) {
            continue;
        }
        uint32_t parameters = node_field(&s->tree, function, FIELD_PARAMETERS);
        uint32_t first = parameters == NO_NODE ? NO_NODE : node_first(&s->tree, parameters);
        bool plain = first != NO_NODE && node_kind(&s->tree, first) == NODE_IDENTIFIER;
        struct str name = plain ? node_text(&s->tree, first) : STR("");
        return str_equal(name, STR("self")) || str_equal(name, STR("cls")) ? name : STR("");
    }
    return STR("");
}

static bool is_inside(const struct syntax *s, uint32_t outer, uint32_t node)
{
    return outer != NO_NODE && syntax_contains(s, outer, node);
}

/* `self` or `cls` where it is what has the lock: the state may have come to an object of another class. */
static struct str own_receiver(struct scene *scene, const struct lock *lock, uint32_t file, const struct syntax *s,
                               uint32_t node)
{
    uint32_t class_node = NO_NODE;
    struct str name = receiver(s, node, &class_node);
    bool known = lock->owner != NO_NODE;
    bool own = name.len > 0 && (!known || class_is_a(scene, file, class_node, lock->file, lock->owner));
    return own ? name : STR("");
}

static struct str with_object(struct scene *scene, const struct lock *lock, uint32_t file, const struct syntax *s,
                              uint32_t node, struct str field)
{
    struct str object = object_written(s, node, field);
    if (object.len == 0) {
        object = own_receiver(scene, lock, file, s, node);
    }
    bool type = str_equal(object, STR("type(self)")) || str_equal(object, STR("self.__class__"));
    if (!is_dotted(object) && !type) {
        return STR("");
    }
    return scene_text(scene, "%.*s.%.*s", STR_FMT(object), STR_FMT(lock->attr));
}

static struct str module_level(struct scene *scene, const struct lock *lock, uint32_t file, const struct syntax *s,
                               uint32_t node, struct str field)
{
    if (file == lock->file) {
        return lock->is_new ? lock->attr : lock->path;
    }
    struct str module = object_written(s, node, field);
    return is_dotted(module) ? scene_text(scene, "%.*s.%.*s", STR_FMT(module), STR_FMT(lock->attr)) : STR("");
}

static struct str existing_written(struct scene *scene, const struct lock *lock, uint32_t file, const struct syntax *s,
                                   uint32_t node, struct str field)
{
    bool own = str_starts(lock->path, STR("self."));
    bool one_step = own && str_equal(str_slice(lock->path, 5, lock->path.len), lock->attr);
    if (own && one_step && lock->root == PLACE_INSTANCE) {
        return with_object(scene, lock, file, s, node, field);
    }
    if (own) {
        return str_equal(own_receiver(scene, lock, file, s, node), STR("self")) ? lock->path : STR("");
    }
    size_t dot = str_find(lock->path, STR("."));
    struct str head = str_slice(lock->path, 0, dot == SIZE_MAX ? lock->path.len : dot);
    if (dot == SIZE_MAX && file != lock->file) {
        return module_level(scene, lock, file, s, node, field);
    }
    return file == lock->file || syntax_has_name(s, head) ? lock->path : STR("");
}

struct str lock_written(struct scene *scene, const struct lock *lock, uint32_t file, uint32_t node, struct str field)
{
    const struct syntax *s = scene_syntax(scene, file);
    if (!lock->is_new) {
        return existing_written(scene, lock, file, s, node, field);
    }
    switch (lock->where) {
    case LOCK_IN_MODULE: return module_level(scene, lock, file, s, node, field);
    case LOCK_IN_FUNCTION: return file == lock->file && is_inside(s, lock->owner, node) ? lock->attr : STR("");
    case LOCK_IN_CLASS:
    case LOCK_IN_CONSTRUCTOR: return with_object(scene, lock, file, s, node, field);
    }
    return STR("");
}

/* ---- how it is made ---- */

/* The line behind a statement and the comments that go on from the one on its last line. */
static uint32_t line_behind(const struct syntax *s, uint32_t statement)
{
    size_t indent = syntax_indent(s, syntax_first_line(s, statement)).len;
    uint32_t line = syntax_last_line(s, statement) + 1;
    while (line <= s->file->line_count && syntax_indent(s, line).len > indent &&
           str_starts(str_trim(source_line(s->file, line)), STR("#"))) {
        line++;
    }
    return line;
}

bool lock_create(struct scene *scene, const struct lock *lock, bool reentrant, edit_list *edits)
{
    const struct syntax *s = scene_syntax(scene, lock->file);
    struct str make = scene_import(scene, lock->file, STR("threading"), reentrant ? STR("RLock") : STR("Lock"), edits);
    if (make.len == 0) {
        return false;
    }
    struct str indent = syntax_indent(s, syntax_first_line(s, lock->beside));
    uint32_t line = lock->before ? syntax_first_line(s, lock->beside) : line_behind(s, lock->beside);
    const char *object = lock->where == LOCK_IN_CONSTRUCTOR ? "self." : "";
    struct str gap = STR("");
    bool definition = node_kind(&s->tree, lock->beside) == NODE_FUNCTION_DEFINITION ||
                      node_kind(&s->tree, lock->beside) == NODE_DECORATED_DEFINITION ||
                      node_kind(&s->tree, lock->beside) == NODE_CLASS_DEFINITION;
    if (lock->before && definition) {
        bool module = lock->where == LOCK_IN_MODULE;
        gap = scene_text(scene, "%.*s%.*s", STR_FMT(s->newline), module ? (int)s->newline.len : 0, s->newline.ptr);
    }
    uint32_t at = syntax_line_start(s, line);
    bool torn = line > s->file->line_count && source_line(s->file, s->file->line_count).len > 0;
    struct str text =
        scene_text(scene, "%.*s%.*s%s%.*s = %.*s()%.*s%.*s", torn ? (int)s->newline.len : 0, s->newline.ptr,
                   STR_FMT(indent), object, STR_FMT(lock->attr), STR_FMT(make), STR_FMT(s->newline), STR_FMT(gap));
    vec_push(edits, ((struct edit){lock->file, at, at, lock->before ? EDIT_BEFORE : EDIT_BEHIND, text}));
    return true;
}

bool lock_make_reentrant(struct scene *scene, const struct lock *lock, edit_list *edits)
{
    const struct syntax *s = lock->file == UINT32_MAX ? NULL : scene_syntax(scene, lock->file);
    uint32_t node = s ? syntax_find(s, lock->made) : NO_NODE;
    uint32_t statement = node == NO_NODE ? NO_NODE : syntax_statement(s, node);
    uint32_t inside = statement == NO_NODE ? NO_NODE : node_first(&s->tree, statement);
    uint32_t call = inside != NO_NODE && node_kind(&s->tree, inside) == NODE_ASSIGNMENT
                        ? node_field(&s->tree, inside, FIELD_RIGHT)
                        : NO_NODE;
    if (call == NO_NODE || node_kind(&s->tree, call) != NODE_CALL) {
        return false;
    }
    uint32_t function = node_field(&s->tree, call, FIELD_FUNCTION);
    struct str text = syntax_text(s, function);
    if (!str_equal(text, STR("Lock")) && !str_ends(text, STR(".Lock"))) {
        return false;
    }
    struct str make = scene_import(scene, lock->file, STR("threading"), STR("RLock"), edits);
    uint32_t start = s->tree.nodes.data[function].start;
    vec_push(edits, ((struct edit){lock->file, start, start + (uint32_t)text.len, EDIT_HERE, make}));
    return make.len > 0;
}

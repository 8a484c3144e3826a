#include "rules/text.h"

#include "base/buf.h"
#include "rules/shape.h"

enum { CODE_MAX = 60 }; /* characters of source shown in a message */

struct str text_last_name(struct str qualified)
{
    size_t dot = str_rfind_char(qualified, '.');
    return dot == SIZE_MAX ? qualified : str_slice(qualified, dot + 1, qualified.len);
}

uint32_t text_line(const struct site *site)
{
    return site->file ? source_position_at(site->file, site->span.start).line : 0;
}

uint32_t text_last_line(const struct site *site)
{
    uint32_t end = site->span.end;
    if (end > site->span.start) {
        end--;
    }
    return site->file ? source_position_at(site->file, end).line : 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool continues_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

struct str text_code(struct arena *arena, struct str source)
{
    struct buf buf = {0};
    source = str_trim(source);
    size_t characters = 0;
    bool space = false, cut = false;
    buf_add_char(&buf, '`');
    for (size_t i = 0; i < source.len; i++) {
        if (is_space(source.ptr[i])) {
            space = true;
            continue;
        }
        if (!continues_character(source.ptr[i]) && ++characters > CODE_MAX) {
            cut = true;
            break;
        }
        if (space) {
            buf_add_char(&buf, ' ');
        }
        space = false;
        /* A backtick would end the quotation. Python 3 has none outside of strings and comments. */
        buf_add_char(&buf, source.ptr[i] == '`' ? '\'' : source.ptr[i]);
    }
    if (cut) {
        buf_add(&buf, STR("…"));
    }
    buf_add_char(&buf, '`');
    struct str text = arena_str(arena, buf_str(&buf));
    buf_release(&buf);
    return text;
}

struct str text_act(struct arena *arena, const struct access *access)
{
    struct str text = access->text;
    if (access->kind == ACCESS_DELETE && !str_starts(text, STR("del "))) {
        text = arena_printf(arena, "del %.*s", STR_FMT(text));
    }
    return text_code(arena, text);
}

struct str text_file_name(struct str path)
{
    size_t slash = str_rfind_char(path, '/');
    return slash == SIZE_MAX ? path : str_slice(path, slash + 1, path.len);
}

struct str text_at(struct arena *arena, const struct site *site, const struct site *from)
{
    uint32_t line = text_line(site);
    if (!line) {
        return STR("a place unknown");
    }
    if (site->file == from->file) {
        return arena_printf(arena, "line %u", line);
    }
    struct str name = text_file_name(site->file->path);
    return arena_printf(arena, "%.*s:%u", STR_FMT(name), line);
}

static bool is_dotted_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!str_is_name_byte(s.ptr[i]) && s.ptr[i] != '.') {
            return false;
        }
    }
    return s.len > 0 && !(s.ptr[0] >= '0' && s.ptr[0] <= '9');
}

/* The dotted name that ends at `end`. */
static struct str path_before(struct str text, size_t end)
{
    size_t start = end;
    while (start > 0 && (str_is_name_byte(text.ptr[start - 1]) || text.ptr[start - 1] == '.')) {
        start--;
    }
    return str_slice(text, start, end);
}

/* Whether an access stands for a call that reads or writes the state further down: "ledger.set_balance(name, 5)". */
static bool text_is_call(const struct access *access)
{
    struct str text = access->text;
    if (!access->place || !str_ends(text, STR(")")) || str_find_name(text, access->place->field) != SIZE_MAX) {
        return false;
    }
    return access->kind != ACCESS_METHOD || str_find_name(text, access->method) == SIZE_MAX;
}

struct str text_path(const struct access *access)
{
    struct str text = access->text;
    if (text_is_call(access)) {
        return STR("");
    }
    size_t at = access->place ? str_find_name(text, access->place->field) : SIZE_MAX;
    if (at != SIZE_MAX) {
        return path_before(text, at + access->place->field.len);
    }
    return is_dotted_name(text) ? text : text_container(access);
}

/* All but the last name: "self.stats" of "self.stats.total". */
static struct str all_but_last(struct str path)
{
    size_t dot = str_rfind_char(path, '.');
    return str_slice(path, 0, dot == SIZE_MAX ? 0 : dot);
}

struct str text_object(const struct access *access)
{
    struct str text = access->text;
    if (text_is_call(access)) {
        return all_but_last(path_before(text, str_find(text, STR("("))));
    }
    size_t at = access->place ? str_find_name(text, access->place->field) : SIZE_MAX;
    return at == SIZE_MAX ? STR("") : all_but_last(path_before(text, at + access->place->field.len));
}

struct str text_container(const struct access *access)
{
    struct str text = access->text;
    if (access->kind == ACCESS_METHOD) {
        size_t at = str_find_name(text, access->method);
        return at != SIZE_MAX && at > 0 && text.ptr[at - 1] == '.' ? path_before(text, at - 1) : STR("");
    }
    size_t bracket = text_is_call(access) ? SIZE_MAX : str_find(text, STR("["));
    return bracket == SIZE_MAX ? STR("") : path_before(text, bracket);
}

struct str text_state(struct arena *arena, const struct hazard *hazard)
{
    const struct place *place = hazard->place;
    if (hazard->kind == HAZARD_LOCK_PER_CALL || !text_is_call(hazard->last)) {
        return place->name;
    }
    struct str owner = text_last_name(place->owner);
    return arena_printf(arena, "%.*s.%.*s", STR_FMT(owner), STR_FMT(place->field));
}

struct text_span text_span(struct arena *arena, const struct hazard *hazard)
{
    return (struct text_span){
        .name = text_code(arena, text_state(arena, hazard)),
        .first = text_at(arena, &hazard->first->site, &hazard->last->site),
        .last = text_at(arena, &hazard->last->site, &hazard->last->site),
    };
}

/* The part of `path` that names a module: without extension and without a closing "/__init__". */
static struct str module_path(struct str path)
{
    size_t dot = str_rfind_char(path, '.');
    if (dot != SIZE_MAX) {
        path = str_slice(path, 0, dot);
    }
    if (str_ends(path, STR("/__init__"))) {
        path.len -= sizeof "/__init__" - 1;
    }
    return path;
}

static bool names_module(struct str path, struct str symbol)
{
    if (symbol.len < path.len || (symbol.len > path.len && symbol.ptr[path.len] != '.')) {
        return false;
    }
    for (size_t i = 0; i < path.len; i++) {
        if (symbol.ptr[i] != (path.ptr[i] == '/' ? '.' : path.ptr[i])) {
            return false;
        }
    }
    return true;
}

struct str text_symbol(struct str path, struct str symbol)
{
    struct str module = module_path(path);
    for (size_t from = 0; from < module.len; from++) {
        if (from > 0 && module.ptr[from - 1] != '/') {
            continue;
        }
        struct str tail = str_slice(module, from, module.len);
        if (!names_module(tail, symbol)) {
            continue;
        }
        return symbol.len == tail.len ? STR("<module>") : str_slice(symbol, tail.len + 1, symbol.len);
    }
    if (str_starts(symbol, STR("__main__."))) {
        return str_slice(symbol, sizeof "__main__." - 1, symbol.len);
    }
    return symbol;
}

static bool same_site(const struct site *a, const struct site *b)
{
    return a->file == b->file && a->span.start == b->span.start && a->span.end == b->span.end;
}

/* Whether a side passes through a place on its way. */
static bool passes(const struct thread_side *side, const struct site *site)
{
    for (uint32_t i = 0; i < side->step_count; i++) {
        if (same_site(&side->steps[i].site, site)) {
            return true;
        }
    }
    return false;
}

bool text_is_self_race(const struct hazard *hazard)
{
    const struct access *partner = hazard->partner;
    const struct site *last = &hazard->last->site;
    if (!partner || same_site(&partner->site, last) || same_site(&partner->site, &hazard->first->site)) {
        return true;
    }
    const struct thread_side *a = hazard->side, *b = hazard->partner_side;
    if (!a || !b || a->kind != b->kind || !str_equal(a->root, b->root) || !same_site(&a->start, &b->start)) {
        return false;
    }
    return passes(b, last) || (partner->site.file == last->file && str_equal(partner->site.symbol, last->symbol));
}

/* The function that a root runs: "worker" of "Executor.submit(worker)" and "Thread(target=worker)", "Download.run" of
 * "pkg.net.Download.start()". Empty where the root does not tell. */
static struct str root_target(struct arena *arena, struct str root)
{
    if (str_ends(root, STR(".start()"))) {
        struct str type = text_last_name(str_slice(root, 0, root.len - (sizeof ".start()" - 1)));
        return arena_printf(arena, "%.*s.run", STR_FMT(type));
    }
    size_t open = str_find(root, STR("("));
    if (open == SIZE_MAX || !str_ends(root, STR(")"))) {
        return STR("");
    }
    struct str inner = str_slice(root, open + 1, root.len - 1);
    if (str_starts(inner, STR("target="))) {
        inner = str_slice(inner, sizeof "target=" - 1, inner.len);
    }
    return is_dotted_name(inner) ? inner : STR("");
}

/* The threads of a side, without an article: "thread running worker() (started at line 12)". */
static struct str thread_phrase(struct arena *arena, const struct thread_side *side, const struct site *at,
                                const struct site *from, const char *noun, const char *calls)
{
    struct str start = {0};
    if (side && side->kind == THREAD_SPAWNED) {
        if (side->start.file) {
            struct str where = text_at(arena, &side->start, from);
            start = arena_printf(arena, " (started at %.*s)", STR_FMT(where));
        }
        struct str target = root_target(arena, side->root);
        if (target.len) {
            return arena_printf(arena, "%s running %.*s()%.*s", noun, STR_FMT(target), STR_FMT(start));
        }
        if (side->root.len) {
            return arena_printf(arena, "%s of %.*s%.*s", noun, STR_FMT(side->root), STR_FMT(start));
        }
        return arena_printf(arena, "%s%.*s", noun, STR_FMT(start));
    }
    if (side && side->kind == THREAD_CALLER && at->file) {
        struct str symbol = text_symbol(at->file->path, at->symbol);
        if (symbol.len && symbol.ptr[0] != '<') {
            return arena_printf(arena, "%s that %s %.*s()", noun, calls, STR_FMT(symbol));
        }
    }
    return str_of(noun);
}

struct str text_both(struct arena *arena, const struct hazard *hazard)
{
    struct str who = thread_phrase(arena, hazard->side, &hazard->last->site, &hazard->last->site, "threads", "call");
    return arena_printf(arena, "Two %.*s", STR_FMT(who));
}

struct str text_other(struct arena *arena, const struct hazard *hazard)
{
    const struct thread_side *side = hazard->partner_side;
    if (side && (side->kind == THREAD_MAIN || side->kind == THREAD_IMPORT)) {
        return STR("the main thread"); /* modules are imported there */
    }
    const struct site *at = hazard->partner ? &hazard->partner->site : &hazard->last->site;
    struct str who = thread_phrase(arena, side, at, &hazard->last->site, "thread", "calls");
    return arena_printf(arena, "another %.*s", STR_FMT(who));
}

/* Whether the text of an access is the whole statement ("n += 1") rather than its target ("n"). */
static bool is_statement(struct str text)
{
    return str_find(text, STR("=")) != SIZE_MAX;
}

static const char *access_verb(const struct access *access)
{
    if (text_is_call(access)) {
        return "calls";
    }
    switch (access->kind) {
    case ACCESS_STORE: return is_statement(access->text) ? "runs" : "sets";
    case ACCESS_AUGMENTED: return is_statement(access->text) ? "runs" : "updates";
    case ACCESS_DELETE: return str_starts(access->text, STR("del ")) ? "runs" : "deletes";
    case ACCESS_METHOD: return str_starts(access->method, STR("__")) ? "runs" : "calls"; /* an operator */
    case ACCESS_ITERATE: return "loops over";
    default: return "reads";
    }
}

struct str text_partner_does(struct arena *arena, const struct hazard *hazard)
{
    const struct access *partner = hazard->partner;
    struct str code = text_act(arena, partner);
    struct str where = text_at(arena, &partner->site, &hazard->last->site);
    return arena_printf(arena, "%s %.*s (%.*s)", access_verb(partner), STR_FMT(code), STR_FMT(where));
}

struct str text_interleaving(struct arena *arena, const struct hazard *hazard, const char *together, const char *then)
{
    const struct model *type = hazard->place ? hazard->place->type : NULL;
    if (!hazard->partner && type && type->others) {
        return arena_printf(arena, "If another thread %s in between, %s.", type->others, then);
    }
    if (text_is_self_race(hazard)) {
        struct str both = text_both(arena, hazard);
        return arena_printf(arena, "%.*s can %s.", STR_FMT(both), together);
    }
    struct str other = text_other(arena, hazard), does = text_partner_does(arena, hazard);
    return arena_printf(arena, "If %.*s %.*s in between, %s.", STR_FMT(other), STR_FMT(does), then);
}

const char *text_failure(const struct access *access)
{
    if (access->model && (access->model->effects & EFFECT_CHECK_THEN_RAISES)) {
        return shape_inserts(access) ? "queue.Full" : "queue.Empty";
    }
    switch (access->place ? access->place->role : ROLE_NONE) {
    case ROLE_DICT:
    case ROLE_SET: return "KeyError";
    case ROLE_LIST:
        return str_equal(access->method, STR("remove")) || str_equal(access->method, STR("index")) ? "ValueError"
                                                                                                   : "IndexError";
    case ROLE_DEQUE:
    case ROLE_BYTEARRAY: return "IndexError";
    case ROLE_QUEUE: return "queue.Empty";
    default: return "an exception";
    }
}

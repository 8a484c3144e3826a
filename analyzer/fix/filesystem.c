/* filesystem: a test of a file and the act that relies on it, said as one step: `exist_ok`, `missing_ok`, or the act
 * alone with what it raises caught. */
#include "fix/spots.h"

/* A test of a path, as the condition of an `if`, and the one call that it decides on. */
struct file_decision {
    struct plan *plan;
    struct spot act;    /* `node` is the call */
    uint32_t outer;     /* the `if` */
    bool absent;        /* asks for what is not there */
    bool kind;          /* asks for a file, or for a folder, rather than for anything */
    struct str path;    /* what it asks for, as it is written */
    struct str method;  /* of the act: "makedirs", "unlink" */
    uint32_t arguments; /* of the act */
};

/* The method of a call and its object or only argument: the path that it is about. False where it is another call. */
static bool path_of(const struct syntax *s, uint32_t call, struct str *method, struct str *path, bool *alone)
{
    uint32_t function = node_kind(&s->tree, call) == NODE_CALL ? node_field(&s->tree, call, FIELD_FUNCTION) : NO_NODE;
    uint32_t list = function == NO_NODE ? NO_NODE : node_field(&s->tree, call, FIELD_ARGUMENTS);
    if (list == NO_NODE || node_kind(&s->tree, list) != NODE_ARGUMENT_LIST) {
        return false;
    }
    uint32_t first = node_first(&s->tree, list);
    bool member = node_kind(&s->tree, function) == NODE_ATTRIBUTE;
    *method = syntax_text(s, member ? node_field(&s->tree, function, FIELD_ATTRIBUTE) : function);
    struct str object = member ? syntax_text(s, node_field(&s->tree, function, FIELD_OBJECT)) : STR("");
    bool module =
        !member || str_equal(object, STR("os")) || str_equal(object, STR("os.path")) || str_equal(object, STR("path"));
    *path = module ? first == NO_NODE ? STR("") : syntax_text(s, first) : object;
    *alone = module ? first != NO_NODE && node_next(&s->tree, list, first) == NO_NODE : first == NO_NODE;
    return path->len > 0;
}

static bool find_test(struct file_decision *d, const struct spot *test)
{
    static const char *const any[] = {"exists", "lexists", NULL};
    static const char *const kinds[] = {"isdir", "isfile", "is_dir", "is_file", NULL};
    const struct syntax *s = test->syntax;
    uint32_t outer = test->statement, condition = node_field(&s->tree, outer, FIELD_CONDITION);
    if (node_kind(&s->tree, outer) != NODE_IF_STATEMENT || condition == NO_NODE ||
        node_field(&s->tree, outer, FIELD_ALTERNATIVE) != NO_NODE) {
        return false;
    }
    if (node_kind(&s->tree, condition) == NODE_NOT_OPERATOR) {
        d->absent = true;
        condition = node_field(&s->tree, condition, FIELD_ARGUMENT);
    }
    struct str method;
    bool alone;
    d->outer = outer;
    if (condition == NO_NODE || !path_of(s, condition, &method, &d->path, &alone) || !alone) {
        return false;
    }
    d->kind = syntax_is_any_of(method, kinds);
    return d->kind || syntax_is_any_of(method, any);
}

static bool decision_of(struct plan *plan, const struct hazard *hazard, struct file_decision *d)
{
    *d = (struct file_decision){.plan = plan, .act = spot_of(plan, hazard->last)};
    struct spot test = spot_of(plan, hazard->first);
    const struct syntax *s = d->act.syntax;
    if (hazard->check != CHECK_NOT_A_CHECK || !s || test.syntax != s || !find_test(d, &test)) {
        return false;
    }
    uint32_t body = syntax_body(s, d->outer);
    d->act.node = spot_inside(s, d->act.statement);
    struct str path;
    bool alone;
    if (body == NO_NODE || spot_only(s, body) != d->act.statement || !syntax_has_lines(s, d->outer) ||
        !syntax_has_lines(s, d->act.statement) || !path_of(s, d->act.node, &d->method, &path, &alone) ||
        spot_has_comment(s, syntax_first_line(s, d->outer), syntax_last_line(s, d->outer)) ||
        syntax_first_line(s, d->act.node) != syntax_last_line(s, d->act.node)) {
        return false;
    }
    d->arguments = node_field(&s->tree, d->act.node, FIELD_ARGUMENTS);
    return str_equal(path, d->path);
}

/* The call with one more argument in place of all of it. */
static void with_argument(struct file_decision *d, struct candidate *candidate, const char *argument)
{
    const struct syntax *s = d->act.syntax;
    struct str call = syntax_text(s, d->act.node);
    bool empty = node_first(&s->tree, d->arguments) == NO_NODE;
    spot_replace(candidate, &d->act, d->outer,
                 scene_text(&d->plan->scene, "%.*s%s%s)", STR_FMT(str_slice(call, 0, call.len - 1)), empty ? "" : ", ",
                            argument));
}

/* The call alone, with the exception that says that it came too late. */
static void with_exception(struct file_decision *d, struct candidate *candidate, const char *exception)
{
    const struct syntax *s = d->act.syntax;
    struct str indent = spot_indent(s, d->outer), end = s->newline;
    spot_replace(candidate, &d->act, d->outer,
                 scene_text(&d->plan->scene, "try:%.*s%.*s%.*s%.*s%.*s%.*sexcept %s:%.*s%.*s%.*spass", STR_FMT(end),
                            STR_FMT(indent), STR_FMT(s->unit), STR_FMT(syntax_text(s, d->act.node)), STR_FMT(end),
                            STR_FMT(indent), exception, STR_FMT(end), STR_FMT(indent), STR_FMT(s->unit)));
}

/* What is made is there afterwards, whoever made it. A file in its place was left alone by a test for anything. */
static bool make(struct file_decision *d, struct candidate *candidate)
{
    bool folders = str_equal(d->method, STR("makedirs")),
         member = !folders && !str_starts(syntax_text(d->act.syntax, d->act.node), STR("os."));
    if (!d->absent || str_find(syntax_text(d->act.syntax, d->arguments), STR("exist_ok")) != SIZE_MAX) {
        return false;
    }
    if (folders || (member && str_equal(d->method, STR("mkdir")))) {
        candidate->applicability = d->kind ? FIX_SAFE : FIX_UNSAFE;
        with_argument(d, candidate, "exist_ok=True");
        return true;
    }
    if (str_equal(d->method, STR("mkdir"))) {
        with_exception(d, candidate, "FileExistsError");
        return true;
    }
    return false;
}

/* What is removed is gone afterwards. A folder was left alone by a test for a file. */
static bool remove_file(struct file_decision *d, struct candidate *candidate)
{
    if (d->absent) {
        return false;
    }
    candidate->applicability = d->kind ? FIX_UNSAFE : FIX_SAFE;
    bool member = !str_starts(syntax_text(d->act.syntax, d->act.node), STR("os."));
    if (member && str_equal(d->method, STR("unlink")) && node_first(&d->act.syntax->tree, d->arguments) == NO_NODE) {
        with_argument(d, candidate, "missing_ok=True");
        return true;
    }
    if (str_equal(d->method, STR("remove")) || str_equal(d->method, STR("unlink"))) {
        with_exception(d, candidate, "FileNotFoundError");
        return true;
    }
    return false;
}

void filesystem_candidates(struct plan *plan, struct unit *unit)
{
    struct candidate candidate = {.kind = FIX_ATOMIC_OPERATION, .applicability = FIX_SAFE};
    const struct hazard *hazard;
    bool good = true;
    for (size_t i = 0; good && (hazard = unit_hazard(plan, unit, i)) != NULL; i++) {
        struct file_decision d;
        good = decision_of(plan, hazard, &d) && (make(&d, &candidate) || remove_file(&d, &candidate));
    }
    if (good) {
        spot_offer(unit, &candidate, "Do it without a test, and let it be done already.");
    } else {
        spot_drop(&candidate);
    }
}

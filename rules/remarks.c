#include "rules/remarks.h"

#include "base/hash.h"

struct finding remark_finding(struct arena *arena, const struct remark *remark)
{
    struct source_position start = source_position_at(remark->file, remark->start);
    struct source_position end = source_position_at(remark->file, remark->end);
    struct str about = arena_printf(arena, "%s\n%.*s", remark->rule->code, STR_FMT(remark->about));

    return (struct finding){
        .rule = remark->rule,
        .confidence = remark->confidence,
        .exposure = remark->exposure,
        .why = arena_str(arena, remark->why),
        .symbol = arena_str(arena, remark->symbol),
        .state_name = arena_str(arena, remark->state_name),
        .message = arena_str(arena, remark->message),
        .where = {.path = remark->file->path,
                  .line = start.line,
                  .column = start.column,
                  .end_line = end.line,
                  .end_column = end.column},
        .fix = {.kind = FIX_MANUAL, .applicability = FIX_BY_HAND, .message = arena_str(arena, remark->fix)},
        .fingerprint = arena_printf(arena, "%016llx", (unsigned long long)hash_bytes(about.ptr, about.len)),
        .file = remark->file,
    };
}

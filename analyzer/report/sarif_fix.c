/* sarif_fix: the edits that make a finding go away, as SARIF's fixes. */
#include "report/sarif_parts.h"

/* Takes a file's path to an artifactLocation, by way of a location without a region. */
static struct json *change_of(const struct finding_edit *edit, struct json *replacements)
{
    struct finding_range file = {.path = edit->where.path};
    struct json *change = sarif_physical_location(&file, true);
    json_set(change, "replacements", replacements);
    return change;
}

static struct json *replacement_json(const struct finding_edit *edit)
{
    struct json *replacement = json_object(), *region = json_object(), *content = json_object();
    json_set(region, "startLine", json_integer(edit->where.line));
    json_set(region, "startColumn", json_integer(edit->where.column));
    json_set(region, "endLine", json_integer(edit->where.end_line));
    json_set(region, "endColumn", json_integer(edit->where.end_column));
    json_set(replacement, "deletedRegion", region);
    json_set(content, "text", json_string(edit->text));
    json_set(replacement, "insertedContent", content);
    return replacement;
}

struct json *sarif_fixes(const struct finding_fix *fix)
{
    struct json *fixes = json_array(), *one = json_object(), *changes = json_array(), *replacements = NULL;
    for (uint32_t i = 0; i < fix->edit_count; i++) {
        const struct finding_edit *edit = &fix->edits[i];
        if (i == 0 || !str_equal(edit->where.path, fix->edits[i - 1].where.path)) {
            replacements = json_array();
            json_push(changes, change_of(edit, replacements));
        }
        json_push(replacements, replacement_json(edit));
    }
    json_set(one, "description", sarif_message(fix->done.len > 0 ? fix->done : fix->message));
    json_set(one, "artifactChanges", changes);
    json_push(fixes, one);
    return fixes;
}

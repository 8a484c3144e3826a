/* regions: ranges of statements to put under a lock, and what that does to the lines. */
#ifndef FIX_REGIONS_H
#define FIX_REGIONS_H

#include "fix/edits.h"
#include "fix/syntax.h"

/* Neighbouring statements of one block, all on lines of their own. */
struct region {
    uint32_t file;        /* index among the files of the request */
    uint32_t first, last; /* statements with the same parent, first <= last */
    struct str lock;      /* as it is written there: "self._lock" */
    struct str head;      /* another header than `with LOCK:`; empty: that one */
    bool apart;           /* lines are put before it: it does not go on from the region above */
};
typedef VEC(struct region) region_list;

/* The smallest range of statements around two nodes of one function; false where there is none on lines of its own. */
bool region_around(const struct syntax *syntax, uint32_t a, uint32_t b, struct region *region);
/* The bytes from the first statement's start to the last one's end. */
struct ir_span region_span(const struct syntax *syntax, const struct region *region);

/* Joins the regions of one file and one lock that meet, and drops those that lie in another one. */
void regions_join(region_list *regions, struct syntax *const *syntaxes);
/* Appends the edits: `with LOCK:` before each region, its lines one step further in. A `with` statement on the same
 * lock inside of it goes. False where two regions cut through each other. */
bool regions_edit(const region_list *regions, struct syntax *const *syntaxes, struct arena *arena, edit_list *edits);
/* The `with` statement's own lock, where it takes that one lock and nothing else: "self._lock"; else empty. */
struct str region_with_lock(const struct syntax *syntax, uint32_t statement);

#endif

/* guarding: how the rules speak of the lock that guards a place. */
#ifndef RULES_GUARDING_H
#define RULES_GUARDING_H

#include "racelint/rules.h"

/* How it is known: "7 of 8 accesses hold it", "all other accesses hold it", "all 3 writes hold it", "it is declared as
 * the guard". */
struct str guarding_evidence(struct arena *arena, const struct hazard *hazard);
/* What an access does, with its place: "`self._jobs.clear()` changes `self._jobs`". */
struct str guarding_act(struct arena *arena, const struct hazard *hazard);
/* The partner, that holds the lock: "another thread that calls Cache.get() loops over `self._jobs` (line 22)". */
struct str guarding_partner(struct arena *arena, const struct hazard *hazard);
/* The locks that an access holds, as code: "`self._lock`", "`A` and `B`". */
struct str guarding_locks(struct arena *arena, const struct access *access);

#endif

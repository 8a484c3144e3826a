/* prove: analyses the edited program, and compares. */
#ifndef FIX_PROVE_H
#define FIX_PROVE_H

#include "fix/edits.h"
#include "racelint/fix.h"

struct prover;
struct prover *prover_new(const struct fix_request *request, struct frontend *frontend);
void prover_free(struct prover *prover);

/* Whether the program with these edits (sorted) parses, has not got the findings in `gone` any more, and no finding
 * that it had not before. False, too, when the number of proofs that the request allows is used up. */
bool prove(struct prover *prover, const edit_list *edits, const size_t *gone, size_t gone_count);
/* Whether the last proof failed because a thread would take a lock that it holds already. */
bool prover_saw_deadlock(const struct prover *prover);
bool prover_is_exhausted(const struct prover *prover);

#endif

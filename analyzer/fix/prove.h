/* prove: analyses the edited program, and compares. */
#ifndef FIX_PROVE_H
#define FIX_PROVE_H

#include "fix/edits.h"
#include "racelint/fix.h"

struct prover;
struct prover *prover_new(const struct fix_request *request, struct frontend *frontend);
void prover_free(struct prover *prover);

/* Where a finding is, in the text before the edits. */
struct origin {
    uint32_t file;   /* index among the files of the request */
    uint32_t offset; /* in bytes */
};

/* What became of one try. */
struct proof {
    bool holds;
    bool deadlocks;           /* it does not, because a thread would take a lock that it holds already */
    VEC(size_t) stayed;       /* findings that were to be gone, and are not */
    VEC(struct origin) newly; /* where the accesses of findings are that were not there before */
};
void proof_release(struct proof *proof);

/* Whether the program with these edits (sorted) parses, has not got the findings in `gone` any more, and no finding
 * that it had not before. It does not hold, either, when the number of proofs that the request allows is used up, or
 * when the program does not parse; then there is nothing else to tell. The proof is empty at first. */
void prove(struct prover *prover, const edit_list *edits, const size_t *gone, size_t gone_count, struct proof *proof);
bool prover_is_exhausted(const struct prover *prover);

#endif

/* linehash: the fingerprint that GitHub's code scanning knows a result by ("primaryLocationLineHash"). A line is known
 * by the polynomial hash of the hundred UTF-16 units that begin with it; blanks do not count, and every line end counts
 * as one. GitHub computes the same from the checkout where a SARIF file does not bring it along. */
#ifndef REPORT_LINEHASH_H
#define REPORT_LINEHASH_H

#include "racelint/base.h"

struct line_hashes {
    uint64_t *data; /* data[i] belongs to line i + 1 */
    size_t count;
};

#define LINE_HASH_SIZE 32 /* bytes that hold any printed hash */

/* Hashes every line of a UTF-8 text. A byte order mark that was taken off counts as a character of the first line. */
void line_hashes_init(struct line_hashes *hashes, struct str text, bool has_bom);
void line_hashes_release(struct line_hashes *hashes);
/* Prints the hash of a line (1-based) with ":n" behind it, where n counts the equal ones up to this line; false where
 * there is no such line. */
bool line_hash_print(const struct line_hashes *hashes, uint32_t line, char printed[LINE_HASH_SIZE]);

#endif

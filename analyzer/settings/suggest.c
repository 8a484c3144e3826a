#include "settings/suggest.h"

#include <limits.h>

/* Longer names are not compared, in bytes. */
enum { NAME_MAX_LENGTH = 64 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned edit_distance(struct str a, struct str b)
{
    /* rows[i % 3][j]: the distance of the first i bytes of a from the first j bytes of b. */
    unsigned rows[3][NAME_MAX_LENGTH + 1];

    if (a.len > NAME_MAX_LENGTH || b.len > NAME_MAX_LENGTH) {
        return UINT_MAX;
    }
    for (size_t j = 0; j <= b.len; j++) {
        rows[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i - 1) % 3];
        const unsigned *above_it = rows[(i + 1) % 3]; /* i - 2 */
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = lower(a.ptr[i - 1]) == lower(b.ptr[j - 1]);
            row[j] = smaller(smaller(above[j], row[j - 1]) + 1, above[j - 1] + !same);
            if (i > 1 && j > 1 && lower(a.ptr[i - 1]) == lower(b.ptr[j - 2]) &&
                lower(a.ptr[i - 2]) == lower(b.ptr[j - 1])) {
                row[j] = smaller(row[j], above_it[j - 2] + 1);
            }
        }
    }
    return rows[a.len % 3][b.len];
}

struct suggestion suggestion_of(struct str wrong)
{
    return (struct suggestion){wrong, STR(""), UINT_MAX};
}

void suggestion_offer(struct suggestion *suggestion, struct str candidate)
{
    unsigned distance = edit_distance(suggestion->wrong, candidate);

    if (distance > 1 && suggestion->wrong.len > 1 && str_starts(candidate, suggestion->wrong)) {
        distance = 1; /* the beginning was typed */
    }
    if (distance < suggestion->distance) {
        suggestion->distance = distance;
        suggestion->best = candidate;
    }
}

struct str suggestion_best(const struct suggestion *suggestion)
{
    size_t allowed = suggestion->wrong.len / 2;

    return suggestion->distance <= (allowed > 0 ? allowed : 1) ? suggestion->best : STR("");
}

/* shape: the questions that rules ask of a hazard. Each is a pure predicate; together they are the vocabulary in which
 * matches() functions are written. */
#ifndef RULES_SHAPE_H
#define RULES_SHAPE_H

#include "racelint/rules.h"

/* Of what a rule claims, how much it says; the most specific of the rules that match is the one that reports. */
enum {
    SPECIFICITY_MUTATION = 10, /* nothing is known but the two accesses */
    SPECIFICITY_USE = 20,      /* a test whose outcome is used */
    SPECIFICITY_DATA = 30,     /* a value read and written back */
    SPECIFICITY_UPDATE = 40,   /* a test that decides on a write */
    SPECIFICITY_SHAPE = 50,    /* a test and an act that make up a named idiom */
    SPECIFICITY_LOCKED = 60    /* the same with a lock that does not help */
};

bool shape_is_span(const struct hazard *hazard, enum span_via via);

/* The check of a control span. */
bool shape_checks_presence(const struct hazard *hazard); /* of a key or element: that it is there */
bool shape_checks_absence(const struct hazard *hazard);  /* of a key or element: that it is not */
bool shape_checks_size(const struct hazard *hazard);     /* of a container: its size, emptiness or fullness */
bool shape_checks_unset(const struct hazard *hazard);    /* of a variable or attribute: that it has no value yet */

/* The act at the end. */
bool shape_acts_on_element(const struct hazard *hazard); /* reads, changes or removes an element that must be there */
bool shape_removes(const struct access *access);         /* takes an element out of a container */
bool shape_inserts(const struct access *access);         /* puts one in */
bool shape_act_fails_when_stale(const struct hazard *hazard); /* get_nowait() and the like */
bool shape_has_literal_key(const struct access *access);      /* an index such as 0 or -1, or none */

/* Whether the act holds a lock that the check did not hold. */
bool shape_locks_only_the_act(const struct hazard *hazard);
/* Whether the two accesses hold a lock of the same identity. */
bool shape_share_a_lock(const struct access *a, const struct access *b);

#endif

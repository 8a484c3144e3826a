/* conventions: what the program itself shows of how its functions are meant to be called. */
#ifndef PROGRAM_CONVENTIONS_H
#define PROGRAM_CONVENTIONS_H

#include "program/state.h"

/* Collects how functions are called; once, when all is evaluated and before contexts_drop_stale, which forgets who
 * called whom. */
void conventions_prepare(struct program *p);
/* Whether an access that any caller seems to make is in code that is there for all to call at any time: not only in
 * what a thread of the program's own runs, nor in what is called at the beginning, as its name says: main(), setup().
 */
bool convention_meant(const struct program *p, const struct acc *acc);
/* Whether an access is made by a function that a call makes and gives to code outside: in which thread it runs, that
 * code decides. */
bool convention_given_away(const struct program *p, const struct acc *acc);
/* Whether an access lies in a module that uses a toolkit for user interfaces, or is only made by way of such modules:
 * such a program does its work in the thread that runs the main loop. */
bool convention_main_loop(const struct program *p, const struct acc *acc);
/* Whether an access lies in a program whose threads are greenlets. */
bool convention_greenlets(const struct program *p, const struct acc *acc);
/* Whether an access lies in a private function that nobody here calls or hands on: who calls it, and with what held, is
 * not seen. */
bool convention_uncalled(const struct program *p, const struct acc *acc);
/* Whether an access lies in a function that is registered to run when the program ends: it is alone by then, but for
 * daemon threads. */
bool convention_at_exit(const struct program *p, const struct acc *acc);
/* Whether an access lies in a handler for any error: what is done there needs a failure first. */
bool convention_cleans_up(const struct program *p, const struct acc *acc);
/* Whether a module is one of tests, by its name: what runs them calls one after the other. */
bool convention_of_tests(const struct program *p, uint32_t unit);
/* Whether an access lies in a test that a module brings along, as the name of a function around it says: _test(). What
 * goes wrong there ends the test. */
bool convention_in_test(const struct program *p, const struct acc *acc);
/* Whether the function that reads also waits at a condition: perhaps until what it reads is complete. */
bool convention_gated(const struct program *p, const struct acc *read);

#endif

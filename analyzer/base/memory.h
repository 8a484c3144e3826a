/* memory: a hook for tests of memory exhaustion. Debug builds (RACELINT_DEBUG) only; other builds have no such code. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#ifdef RACELINT_DEBUG
/* Lets the next `count` calls of memory_new and memory_resize succeed; the one after them fails as if no memory were
 * left. A negative count lets all succeed. The environment variable RACELINT_FAIL_ALLOC gives the count a process
 * starts with. */
void memory_fail_after(long count);
#endif

#endif

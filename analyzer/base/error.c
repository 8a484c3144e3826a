#include "racelint/base.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

/* The exit status of an internal error. */
enum { STATUS_INTERNAL = 2 };

/* Ends the process at once: other threads may be running, so that no exit handler may touch what they use. A fuzzer
 * needs to see the end as a crash. */
static _Noreturn void die(void)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    abort();
#else
    _exit(STATUS_INTERNAL);
#endif
}

/* Writes to standard error without stdio, which could need memory. */
static void complain(const char *text, int length)
{
    size_t left = length > 0 ? (size_t)length : 0;

    while (left > 0) {
        ssize_t written = write(STDERR_FILENO, text, left);
        if (written <= 0) {
            break;
        }
        text += written;
        left -= (size_t)written;
    }
}

void bug_at(const char *file, int line, const char *format, ...)
{
    char message[1024];
    char text[1400];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    snprintf(text, sizeof text, "racelint: internal error at %.200s:%d: %s\n", file, line, message);
    complain(text, (int)strlen(text));
    die();
}

void out_of_memory(size_t size)
{
    char text[100];

    complain(text, snprintf(text, sizeof text, "racelint: out of memory (%zu bytes asked for)\n", size));
    die();
}

#ifdef RACELINT_DEBUG
#include <stdatomic.h>

/* How many more allocations succeed. The only mutable state of the process that is not handed down: tests need it to
 * reach every allocation of every layer. */
static atomic_long allowed = LONG_MAX;

void memory_fail_after(long count)
{
    atomic_store(&allowed, count < 0 ? LONG_MAX : count);
}

/* Runs before main(), so that the first allocation of any thread sees the count. */
__attribute__((constructor)) static void memory_read_environment(void)
{
    const char *count = getenv("RACELINT_FAIL_ALLOC");

    if (count != NULL && *count != '\0') {
        memory_fail_after(strtol(count, NULL, 10));
    }
}

/* No object is larger than PTRDIFF_MAX; sanitizers end the process by themselves on such a request. */
static bool memory_may_allocate(size_t size)
{
    long left = atomic_load(&allowed);

    return size <= PTRDIFF_MAX && (left == LONG_MAX || atomic_fetch_sub(&allowed, 1) > 0);
}
#else
static bool memory_may_allocate(size_t size)
{
    return size <= PTRDIFF_MAX;
}
#endif

void *memory_new(size_t size)
{
    void *memory = memory_may_allocate(size) ? calloc(1, size > 0 ? size : 1) : NULL;

    if (memory == NULL) {
        out_of_memory(size);
    }
    return memory;
}

void *memory_resize(void *old, size_t size)
{
    void *memory = memory_may_allocate(size) ? realloc(old, size > 0 ? size : 1) : NULL;

    if (memory == NULL) {
        out_of_memory(size);
    }
    return memory;
}

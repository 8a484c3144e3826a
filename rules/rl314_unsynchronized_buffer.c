/* RL314 unsynchronized-buffer: several threads write into one buffer of bytes or numbers. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    bool unlocked = hazard->last->lock_count == 0 && (!hazard->partner || hazard->partner->lock_count == 0);
    if (hazard->kind == HAZARD_BUFFER) {
        return true;
    }
    return hazard->kind == HAZARD_MUTATION && unlocked && hazard->place && hazard->place->role == ROLE_BYTEARRAY;
}

static struct str type_name(const struct hazard *hazard)
{
    struct str name = hazard->place->type ? str_of(hazard->place->type->name) : STR("bytearray");
    return str_starts(name, STR("builtins.")) ? str_slice(name, sizeof "builtins." - 1, name.len) : name;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct str act = text_act(arena, hazard->last), type = type_name(hazard);
    struct str story = text_interleaving(arena, hazard, "do so at the same time, and what is read is a mixture of both",
                                         "what is read is a mixture of both");
    text->message = arena_printf(
        arena, "%.*s changes a buffer (`%.*s`) that other threads use, and nothing makes it one step. %.*s",
        STR_FMT(act), STR_FMT(type), STR_FMT(story));
    text_fix_lock(text, hazard);
}

static const char *const cwes[] = {"CWE-366", "CWE-820", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threadsafety.html",
    "https://docs.python.org/3/library/array.html",
    "https://docs.python.org/3/library/mmap.html",
    NULL,
};

const struct rule rule_RL314 = {
    .code = "RL314",
    .name = "unsynchronized-buffer",
    .summary = "a buffer of bytes or numbers is written by several threads without a lock",
    .explanation =
        "`array.array`, `mmap` and `memoryview` give access to plain memory. A store of a slice, or a method\n"
        "that moves bytes, is not one step for a thread that reads them:\n"
        "\n"
        "1. Thread A extends `samples`, an array, by the values of its sensor: the memory is moved.\n"
        "2. Thread B extends it, too, from the length that it read before.\n"
        "3. The values of A are written over.\n"
        "\n"
        "A `bytearray` locks itself for each single operation; `+=` on an element, a test before a store,\n"
        "and two stores that belong together need a lock all the same. Threads that each write a part of\n"
        "their own do each other no harm.\n",
    .bad = "import array\n"
           "import threading\n"
           "\n"
           "samples = array.array(\"d\")\n"
           "\n"
           "\n"
           "def record(values):\n"
           "    samples.extend(values)\n"
           "\n"
           "\n"
           "threads = [threading.Thread(target=record, args=([1.0, 2.0],)) for _ in range(4)]\n"
           "for thread in threads:\n"
           "    thread.start()\n"
           "for thread in threads:\n"
           "    thread.join()\n",
    .good = "import array\n"
            "import threading\n"
            "\n"
            "samples = array.array(\"d\")\n"
            "samples_lock = threading.Lock()\n"
            "\n"
            "\n"
            "def record(values):\n"
            "    with samples_lock:\n"
            "        samples.extend(values)\n"
            "\n"
            "\n"
            "threads = [threading.Thread(target=record, args=([1.0, 2.0],)) for _ in range(4)]\n"
            "for thread in threads:\n"
            "    thread.start()\n"
            "for thread in threads:\n"
            "    thread.join()\n",
    .fix = "Hold one lock wherever the buffer is read or written, or let each thread fill a buffer of its own and\n"
           "put the parts together after `join()`. Slices that do not overlap may be written in parallel.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_SHAPE,
    .matches = matches,
    .describe = describe,
};

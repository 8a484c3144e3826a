/* RL210 check-then-update: a shared value is tested against a limit and then changed. */
#include "rules/list.h"
#include "rules/shape.h"
#include "rules/text.h"

static bool matches(const struct hazard *hazard)
{
    return shape_is_span(hazard, VIA_CONTROL) && hazard->last->writes;
}

static void describe(const struct hazard *hazard, struct rule_text *text)
{
    struct arena *arena = text->arena;
    struct text_span span = text_span(arena, hazard);
    struct str story =
        text_interleaving(arena, hazard, "both pass the test before either makes the change, which then happens twice",
                          "the test no longer holds when the change is made");
    text->message = arena_printf(arena, "%.*s is tested on %.*s and changed on %.*s, a second step. %.*s",
                                 STR_FMT(span.name), STR_FMT(span.first), STR_FMT(span.last), STR_FMT(story));
    text_fix_lock(text, hazard);
}

static const char *const cwes[] = {"CWE-367", "CWE-362", NULL};
static const char *const references[] = {
    "https://docs.python.org/3/library/threading.html#lock-objects",
    "https://docs.python.org/3/library/threading.html#semaphore-objects",
    NULL,
};

const struct rule rule_RL210 = {
    .code = "RL210",
    .name = "check-then-update",
    .summary = "a shared value is tested and then changed in a second step",
    .explanation = "`if self.stock > 0: self.stock -= 1` is meant to keep the stock from falling below zero. The\n"
                   "test and the change are separate steps:\n"
                   "\n"
                   "1. Thread A tests `stock > 0` with one left: true.\n"
                   "2. Thread B tests `stock > 0` with one left: true.\n"
                   "3. Thread A takes it: 0.\n"
                   "4. Thread B takes it, too: -1, or 0 with two orders confirmed.\n"
                   "\n"
                   "So go budgets, balances, capacities (`if len(rooms) < limit: rooms.append(guest)`), rate\n"
                   "limits (`if now - self.last > gap: self.last = now`) and claims\n"
                   "(`if slot.owner == FREE: slot.owner = me`): the condition held when it was tested, not when\n"
                   "it mattered.\n",
    .bad = "import threading\n"
           "\n"
           "\n"
           "class Shop:\n"
           "    def __init__(self, stock):\n"
           "        self.stock = stock\n"
           "\n"
           "    def buy(self):\n"
           "        if self.stock > 0:\n"
           "            self.stock -= 1\n"
           "            return True\n"
           "        return False\n"
           "\n"
           "\n"
           "shop = Shop(3)\n"
           "buyers = [threading.Thread(target=shop.buy) for _ in range(8)]\n"
           "for buyer in buyers:\n"
           "    buyer.start()\n"
           "for buyer in buyers:\n"
           "    buyer.join()\n"
           "print(shop.stock)\n",
    .good = "import threading\n"
            "\n"
            "\n"
            "class Shop:\n"
            "    def __init__(self, stock):\n"
            "        self.stock = stock\n"
            "        self._lock = threading.Lock()\n"
            "\n"
            "    def buy(self):\n"
            "        with self._lock:\n"
            "            if self.stock > 0:\n"
            "                self.stock -= 1\n"
            "                return True\n"
            "            return False\n"
            "\n"
            "\n"
            "shop = Shop(3)\n"
            "buyers = [threading.Thread(target=shop.buy) for _ in range(8)]\n"
            "for buyer in buyers:\n"
            "    buyer.start()\n"
            "for buyer in buyers:\n"
            "    buyer.join()\n"
            "print(shop.stock)\n",
    .fix = "Hold one lock from the test to the change. For a number of free places, a\n"
           "`threading.Semaphore(n)` or a `queue.Queue(maxsize=n)` is the test and the change in one\n"
           "step.\n",
    .cwes = cwes,
    .references = references,
    .specificity = SPECIFICITY_UPDATE,
    .matches = matches,
    .describe = describe,
};

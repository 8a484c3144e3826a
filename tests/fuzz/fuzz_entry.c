/* From altered entries of the cache to findings: whatever reading lets pass must be as good as any module.
 *
 * The input alters the entry of a fixed text: records of four bytes, a place (two bytes) and what to do there with the
 * value (two bytes). The checksum is made to fit, as whoever alters entries on purpose would. */
#include <stdlib.h>
#include <string.h>

#include "racelint/frontend.h"
#include "racelint/rules.h"
#include "store/entry.h"

static const char text[] = "import threading\n"
                           "import queue as q\n"
                           "__all__ = ['Cache', 'work']\n"
                           "total = 0  # guarded by lock\n"
                           "lock = threading.Lock()\n"
                           "class Cache(dict):\n"
                           "    '''Thread-safe.'''\n"
                           "    def __init__(self, *rest: int, size=3, **more):\n"
                           "        self._lock = threading.RLock()\n"
                           "        self._data: dict[str, int] = {k: v for k, v in more.items()}\n"
                           "    @staticmethod\n"
                           "    def of(x):\n"
                           "        return lambda y: x + y\n"
                           "    def get(self, key):\n"
                           "        if key not in self._data:\n"
                           "            with self._lock:\n"
                           "                self._data[key] = [key, *self._data]\n"
                           "        return self._data[key]\n"
                           "def work(n, pipe=q.Queue()):\n"
                           "    global total\n"
                           "    a = b = cache = Cache(size=n)\n"
                           "    def inner():\n"
                           "        nonlocal b\n"
                           "        b = a\n"
                           "        yield b\n"
                           "    for i in range(n):\n"
                           "        try:\n"
                           "            total += 1\n"
                           "            cache.get(i)\n"
                           "        except (KeyError, ValueError) as error:\n"
                           "            del a\n"
                           "            raise RuntimeError from error\n"
                           "        else:\n"
                           "            continue\n"
                           "        finally:\n"
                           "            pipe.put(list(inner()))\n"
                           "    while total:\n"
                           "        total -= 1\n"
                           "        if total == 3: break\n"
                           "    match n:\n"
                           "        case {'a': [x, *_]} | Cache(x): print(f'{x}')\n"
                           "async def serve(s):\n"
                           "    async with s as t:\n"
                           "        await t\n"
                           "    x, *y = [z async for z in t]\n"
                           "    return (not x) if x is y else -x[1:2]\n"
                           "if __name__ == '__main__':\n"
                           "    for i in range(4):\n"
                           "        threading.Thread(target=work, args=(i,)).start()\n";

static struct frontend *frontend;
static struct source_file file;
static struct entry_key key;
static struct str entry;
static uint8_t *enabled; /* all rules, by index; see rule_choice */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct diagnostics *diagnostics = diagnostics_new();

    (void)argc;
    (void)argv;
    frontend = frontend_new();
    enabled = memory_new(rules_count() * sizeof *enabled);
    memset(enabled, RULE_SELECTED, rules_count() * sizeof *enabled);
    if (source_from_bytes(&file, STR("fuzz.py"), STR(text), diagnostics) != SOURCE_OK) {
        abort();
    }
    struct ir_module *module = frontend_lower(frontend, &file, diagnostics);
    key = entry_key_of(frontend_version(), file.text);
    entry = entry_write(&key, module, diagnostics, 1);
    arena_free(module->arena);
    diagnostics_free(diagnostics);
    return 0;
}

static void alter(char *bytes, const uint8_t *record)
{
    size_t at = (size_t)(record[0] | record[1] << 8) * 4 % (entry.len - 3);
    uint32_t value;

    memcpy(&value, bytes + at, sizeof value);
    switch (record[2] & 3) {
    case 0: value = record[3]; break;
    case 1: value += record[3]; break;
    case 2: value -= record[3]; break;
    case 3: value ^= (uint32_t)record[3] << (record[2] >> 2 & 3) * 8; break;
    }
    memcpy(bytes + at, &value, sizeof value);
}

static void analyze(const struct ir_module *module)
{
    struct program_options options = {.jobs = 1, .target_version = 0x030e};
    struct program *program = program_new(&options);
    char *printed = NULL;

    program_add(program, module, &file);
    program_analyze(program);
    struct findings *findings = findings_of(program, &(struct rule_choice){.enabled = enabled});
    program_print(program, &printed);
    ir_print(module, file.text, &printed);
    free(printed);
    findings_free(findings);
    program_free(program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct arena *arena = arena_new();
    char *bytes = arena_alloc(arena, entry.len);
    uint32_t cost;

    memcpy(bytes, entry.ptr, entry.len);
    for (; size >= 4; data += 4, size -= 4) {
        alter(bytes, data);
    }
    entry_seal(bytes, entry.len);
    struct ir_module *module = entry_read(arena, bytes, entry.len, &key, file.path, diagnostics, &cost);
    if (module != NULL) {
        analyze(module);
    }
    arena_free(arena);
    diagnostics_free(diagnostics);
    return 0;
}

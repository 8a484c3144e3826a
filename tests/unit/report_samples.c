#include "tests/unit/report_samples.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static const char *const sample_cwes[] = {"CWE-362", "CWE-366", NULL};
static const char *const sample_references[] = {"The art of waiting",
                                                "https://docs.python.org/3/library/threading.html", NULL};

const struct rule sample_rule = {
    .code = "RL102",
    .name = "split-read-modify-write",
    .summary = "a shared value is read, worked on and written back in separate steps",
    .explanation =
        "Each step alone is safe, the whole is not: what another thread writes between the read and the write\n"
        "is overwritten, as here with `stock[\"apple\"] = present + 1`:\n"
        "\n"
        "1. Thread A reads 5.\n"
        "2. Thread B reads 5, and stores 6. This item goes on for so long that it has to be wrapped at the\n"
        "   end of a line.\n"
        "3. Thread A stores 6.\n"
        "\n"
        "```python\n"
        "stock[\"apple\"] += 1\n"
        "```\n"
        "\n"
        "One update is lost.\n",
    .bad = "def deliver(fruit):\n    present = stock[fruit]\n\n    stock[fruit] = present + 1\n",
    .good = "def deliver(fruit):\n    with stock_lock:\n        stock[fruit] += 1\n",
    .fix = "Read and write inside one `with lock:` block.\n",
    .cwes = sample_cwes,
    .references = sample_references,
};

static const struct rule teller_rule = {
    .code = "RL101",
    .name = "augmented-assignment",
    .summary = "an augmented assignment to shared state",
    .explanation = "```python\nn += 1\n```\nreads and writes.\n",
    .fix = "Hold a lock.\n",
    .opt_in = true,
};

static const struct rule local_rule = {
    .code = "RL401",
    .name = "lock-per-call",
    .summary = "a lock made in the call that uses it",
    .explanation = "Nobody else can hold it.\n",
};

static const char cache_source[] = "import threading\n"
                                   "import time\n"
                                   "\n"
                                   "\n"
                                   "class Cache:\n"
                                   "    def __init__(self):\n"
                                   "        self._lock = threading.Lock()\n"
                                   "        self._data = {}\n"
                                   "\n"
                                   "    def increment(self, key):\n"
                                   "        value = self._data.get(key, 0)\n"
                                   "        time.sleep(0)\n"
                                   "        self._data[key] = value + 1\n"
                                   "\n"
                                   "    def clear(self):\n"
                                   "        self._data.clear()\n";

static const char teller_source[] = "class 口座:\n"
                                    "\tdef deposit(self, amount):\n"
                                    "\t\tif amount:\n"
                                    "\t\t\tnote = '円'; self.残高 += amount\t# e\xCC\x81\n"
                                    "\n"
                                    "\n"
                                    "\n"
                                    "\n"
                                    "\n"
                                    "\n"
                                    "\n"
                                    "\tdef close(self):\n"
                                    "\t\twith self.lock:\n"
                                    "\t\t\tself.残高 = 0\n";

static const char unknown_source[] = "\n\nif key in table:\n    use(table[key])\n";

static const char local_source[] = "def save(item):\r\n"
                                   "    with threading.Lock(\r\n"
                                   "    ), open(\r\n"
                                   "        item.path,\r\n"
                                   "        'w',\r\n"
                                   "    ) as out:\r\n"
                                   "        out.write(item)\r\n";

struct finding_range sample_range(const struct source_file *file, const char *text, int nth)
{
    struct str rest = file->text;
    size_t offset = 0, length = strlen(text);
    for (;;) {
        size_t at = str_find(rest, str_of(text));
        ck_assert_msg(at != SIZE_MAX, "the sample has no \"%s\"", text);
        offset += at;
        if (--nth == 0) {
            break;
        }
        rest = str_slice(rest, at + length, rest.len);
        offset += length;
    }
    struct source_position start = source_position_at(file, (uint32_t)offset);
    struct source_position end = source_position_at(file, (uint32_t)(offset + length));
    return (struct finding_range){file->path, start.line, start.column, end.line, end.column};
}

static void source_init(struct samples *samples, int index, struct str path, struct str bytes)
{
    struct diagnostics *none = diagnostics_new();
    ck_assert_int_eq(source_from_bytes(&samples->files[index], path, bytes, none), SOURCE_OK);
    diagnostics_free(none);
}

static struct finding *finding_new(struct samples *samples, int index, const struct rule *rule)
{
    struct finding *finding = arena_alloc(samples->arena, sizeof *finding);
    finding->rule = rule;
    finding->file = &samples->files[index];
    finding->fingerprint = arena_printf(samples->arena, "%016x", 0xabc0 + index);
    samples->findings[index] = finding;
    return finding;
}

/* A growing list of steps in an arena. */
struct steps {
    struct arena *arena;
    struct finding_step *all;
    uint32_t count;
};

enum { STEPS_ROOM = 8 };

static struct steps steps_new(struct arena *arena)
{
    return (struct steps){arena, arena_array(arena, STEPS_ROOM, sizeof(struct finding_step)), 0};
}

static void steps_add(struct steps *steps, enum step_effect effect, struct finding_range where, const char *text,
                      const char *lock)
{
    struct finding_step *step = &steps->all[steps->count++];
    ck_assert_uint_le(steps->count, STEPS_ROOM);
    *step = (struct finding_step){.where = where, .effect = effect, .text = str_of(text)};
    if (lock != NULL) {
        struct str *locks = arena_alloc(steps->arena, sizeof *locks);
        *locks = str_of(lock);
        step->locks = locks;
        step->lock_count = 1;
    }
}

static void threads_set(struct samples *samples, struct finding *finding, const struct finding_thread *threads,
                        uint32_t count)
{
    struct finding_thread *copy = arena_array(samples->arena, count, sizeof *copy);
    memcpy(copy, threads, count * sizeof *copy);
    finding->threads = copy;
    finding->thread_count = count;
}

static void cache_init(struct samples *samples)
{
    struct source_file *file = &samples->files[SAMPLE_CACHE];
    source_init(samples, SAMPLE_CACHE, STR("pkg/cache.py"), STR(cache_source));
    struct finding *finding = finding_new(samples, SAMPLE_CACHE, &sample_rule);
    finding->confidence = CONFIDENCE_HIGH;
    finding->exposure = EXPOSURE_ANY_BUILD;
    finding->message = STR("`self._data[key]` is read on line 11 and written back on line 13, in separate steps. Two "
                           "threads running handle() (started at app.py:21) can read the same old value, and one of "
                           "their two updates is lost.");
    finding->where = sample_range(file, "self._data[key] = value + 1", 1);
    finding->symbol = STR("pkg.cache.Cache.increment");
    finding->state_name = STR("self._data[key]");
    finding->state_owner = STR("pkg.cache.Cache");
    finding->state_where = sample_range(file, "self._data = {}", 1);
    finding->guard_lock = STR("self._lock");
    finding->why = STR("several threads run this code");
    finding->guard_where = sample_range(file, "self._lock = threading.Lock()", 1);
    finding->guard_held = 7;
    finding->guard_of = 8;

    struct finding_related *related = arena_alloc(samples->arena, sizeof *related);
    related->where = sample_range(file, "self._data.clear()", 1);
    related->message = STR("`self._data.clear()` holds no lock either");
    finding->related = related;
    finding->related_count = 1;

    struct finding_range spawn = {STR("app.py"), 21, 9, 21, 36};
    struct steps steps = steps_new(samples->arena);
    steps_add(&steps, STEP_SPAWN, spawn, "pool.submit(handle, request)", NULL);
    steps_add(&steps, STEP_CALL, (struct finding_range){STR("app.py"), 9, 5, 9, 29}, "cache.increment(request)", NULL);
    steps_add(&steps, STEP_READ, sample_range(file, "self._data.get(key, 0)", 1), "self._data.get(key, 0)", NULL);
    steps_add(&steps, STEP_WRITE, finding->where, "self._data[key] = value + 1", NULL);
    struct finding_thread thread = {.root = STR("ThreadPoolExecutor.submit(handle)"), .where = spawn, .many = true};
    thread.steps = steps.all;
    thread.step_count = steps.count;
    struct finding_thread both[] = {thread, thread};
    threads_set(samples, finding, both, 2);
    finding->fix = (struct finding_fix){.kind = FIX_EXISTING_LOCK,
                                        .applicability = FIX_SAFE,
                                        .lock = STR("self._lock"),
                                        .message = STR("put lines 11-13 inside `with self._lock:`")};
}

static void teller_init(struct samples *samples)
{
    struct source_file *file = &samples->files[SAMPLE_TELLER];
    source_init(samples, SAMPLE_TELLER, STR("src/bank/teller.py"), STR(teller_source));
    struct finding *finding = finding_new(samples, SAMPLE_TELLER, &teller_rule);
    finding->confidence = CONFIDENCE_MEDIUM;
    finding->exposure = EXPOSURE_FREE_THREADED;
    finding->message = STR("`self.残高 += amount` is a read and a write");
    finding->where = sample_range(file, "self.残高 += amount", 1);
    finding->symbol = STR("bank.teller.口座.deposit");
    finding->state_name = STR("self.残高");
    finding->state_owner = STR("bank.teller.口座");

    struct steps first = steps_new(samples->arena);
    steps_add(&first, STEP_READ, sample_range(file, "self.残高", 1), "self.残高", NULL);
    steps_add(&first, STEP_WRITE, finding->where, "self.残高 += amount", NULL);
    struct steps second = steps_new(samples->arena);
    steps_add(&second, STEP_SPAWN, (struct finding_range){STR("src/bank/main.py"), 3, 1, 3, 20}, "closer.start()",
              NULL);
    steps_add(&second, STEP_ACQUIRE, sample_range(file, "self.lock", 1), "with self.lock", "self.lock");
    steps_add(&second, STEP_WRITE, sample_range(file, "self.残高 = 0", 1), "self.残高 = 0", "self.lock");
    steps_add(&second, STEP_RELEASE, sample_range(file, "self.lock", 1), "with self.lock", NULL);
    struct finding_thread threads[] = {
        {.root = STR("main thread"), .steps = first.all, .step_count = first.count},
        {.root = STR("Thread(target=close)"),
         .where = {STR("src/bank/main.py"), 2, 10, 2, 30},
         .steps = second.all,
         .step_count = second.count},
    };
    threads_set(samples, finding, threads, 2);
    finding->fix =
        (struct finding_fix){.kind = FIX_NEW_LOCK,
                             .applicability = FIX_UNSAFE,
                             .lock = STR("self._lock"),
                             .message = STR("add `self._lock = threading.Lock()` beside line 2, and put line "
                                            "4 inside `with self._lock:`")};
}

static void unknown_init(struct samples *samples)
{
    struct source_file *file = &samples->files[SAMPLE_UNKNOWN];
    source_init(samples, SAMPLE_UNKNOWN, STR("odd dir/100%#\xFF.py"), STR(unknown_source));
    struct finding *finding = finding_new(samples, SAMPLE_UNKNOWN, &sample_rule);
    finding->confidence = CONFIDENCE_LOW;
    finding->message = STR("`table[key](1)` may be gone");
    finding->where = sample_range(file, "table[key]", 1);

    struct steps first = steps_new(samples->arena);
    steps_add(&first, STEP_CHECK, sample_range(file, "key in table", 1), "key in table", NULL);
    steps_add(&first, STEP_READ, finding->where, "table[key]", NULL);
    struct steps second = steps_new(samples->arena);
    steps_add(&second, STEP_DELETE, (struct finding_range){.path = STR("")}, "del table[key]", NULL);
    struct finding_thread threads[] = {
        {.root = STR("any caller"), .many = true, .steps = first.all, .step_count = first.count},
        {.steps = second.all, .step_count = second.count},
    };
    threads_set(samples, finding, threads, 2);
    finding->fix = (struct finding_fix){.kind = FIX_ATOMIC_OPERATION,
                                        .applicability = FIX_BY_HAND,
                                        .message = STR("use `table.get(key)`, which is one step")};
}

static void local_init(struct samples *samples)
{
    struct source_file *file = &samples->files[SAMPLE_LOCAL];
    source_init(samples, SAMPLE_LOCAL, STR("save.py"), STR(local_source));
    struct finding *finding = finding_new(samples, SAMPLE_LOCAL, &local_rule);
    finding->confidence = CONFIDENCE_HIGH;
    finding->exposure = EXPOSURE_ANY_BUILD;
    finding->message = STR("the lock is made where it is used, so it keeps nobody out!");
    finding->where = sample_range(file,
                                  "threading.Lock(\r\n"
                                  "    ), open(\r\n"
                                  "        item.path,\r\n"
                                  "        'w',\r\n"
                                  "    )",
                                  1);
    finding->symbol = STR("save.save");

    struct steps steps = steps_new(samples->arena);
    steps_add(&steps, STEP_ACQUIRE, finding->where, "threading.Lock(), open(item.path, 'w')", "threading.Lock()");
    struct finding_thread threads[] = {
        {.root = STR("any caller"), .many = true, .steps = steps.all, .step_count = steps.count}};
    threads_set(samples, finding, threads, 1);
    finding->fix = (struct finding_fix){
        .kind = FIX_MANUAL, .applicability = FIX_BY_HAND, .message = STR("make the lock once, beside what it guards")};
}

static void wide_init(struct samples *samples)
{
    struct source_file *file = &samples->files[SAMPLE_WIDE];
    struct buf bytes = {0};
    buf_add(&bytes, STR("data = ["));
    for (int i = 0; i < 60; i++) {
        buf_printf(&bytes, "'😀%d', ", i);
    }
    buf_add(&bytes, STR("]; total['😀'] = total['😀'] + len(data); print('"));
    for (int i = 0; i < 100; i++) {
        buf_add(&bytes, STR("漢字"));
    }
    buf_add(&bytes, STR("') # \x1b[31m\xE2\x80\xAE\n"));
    source_init(samples, SAMPLE_WIDE, STR("wide.py"), arena_str(samples->arena, buf_str(&bytes)));
    buf_release(&bytes);

    struct finding *finding = finding_new(samples, SAMPLE_WIDE, &sample_rule);
    finding->confidence = CONFIDENCE_MEDIUM;
    finding->message = STR("`total['😀']` is read\nand\twritten back \x1b[31m in one line");
    finding->where = sample_range(file, "total['😀'] = total['😀'] + len(data)", 1);
    finding->symbol = STR("wide.a\nb");
    finding->state_name = STR("total['😀']\x07");
    finding->state_owner = STR("wide");
    finding->state_where = finding->where;
    finding->guard_lock = STR("lock\r");

    struct steps steps = steps_new(samples->arena);
    steps_add(&steps, STEP_READ, sample_range(file, "total['😀']", 2), "total['😀']", "a very long name of a lock");
    steps_add(&steps, STEP_WRITE, finding->where, "total['😀'] =\ntotal['😀'] + len(data)", NULL);
    struct finding_thread threads[] = {
        {.root = STR("Thread(target=\"\n\")"),
         .where = {STR("wide.py"), 1, 1, 1, 5},
         .steps = steps.all,
         .step_count = steps.count},
        {.root = STR("Timer(漢字)"),
         .where = {STR("a/long/path/that/leaves/little/room/for/what/comes/behind/it/wide.py"), 1, 1, 1, 5},
         .many = true,
         .steps = steps.all,
         .step_count = steps.count},
    };
    threads_set(samples, finding, threads, 2);
    finding->fix =
        (struct finding_fix){.kind = FIX_PRIMITIVE, .applicability = FIX_UNSAFE, .message = STR("use a `queue.Queue`")};
}

void samples_init(struct samples *samples)
{
    *samples = (struct samples){.arena = arena_new(), .diagnostics = diagnostics_new()};
    cache_init(samples);
    teller_init(samples);
    unknown_init(samples);
    local_init(samples);
    wide_init(samples);
    diagnostics_add(samples->diagnostics, STR("a b.py"), 0, "RL001", STR("the file cannot be read: Permission denied"));
    diagnostics_add(samples->diagnostics, STR("bad\n.py"), 7, "RL002", STR("this is no Python: `x =`"));
    samples->input = (struct report_input){
        .findings = (const struct finding *const *)samples->findings,
        .finding_count = SAMPLE_COUNT,
        .diagnostics = samples->diagnostics,
        .summary = {.files = 12,
                    .lines = 3456,
                    .unparsed = 2,
                    .findings = SAMPLE_COUNT,
                    .suppressed = 1,
                    .hidden_low = 12,
                    .roots = 4},
        .root = STR("/home/ann b/50%"),
        .prefix = STR("ann b/"),
    };
}

void samples_release(struct samples *samples)
{
    for (int i = 0; i < SAMPLE_COUNT; i++) {
        source_free(&samples->files[i]);
    }
    diagnostics_free(samples->diagnostics);
    arena_free(samples->arena);
}

/* The text with every quoted version of the program replaced. */
static void without_version(struct buf *out, struct str text)
{
    static const struct str version = STR("\"" RACELINT_VERSION "\"");
    for (size_t at; (at = str_find(text, version)) != SIZE_MAX;) {
        buf_add(out, str_slice(text, 0, at));
        buf_add(out, STR("\"VERSION\""));
        text = str_slice(text, at + version.len, text.len);
    }
    buf_add(out, text);
}

static void read_all(const char *path, struct buf *out)
{
    char chunk[4096];
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s cannot be read; UPDATE=1 writes it", path);
    for (size_t count; (count = fread(chunk, 1, sizeof chunk, file)) > 0;) {
        buf_add(out, (struct str){chunk, count});
    }
    fclose(file);
}

void golden_check(const char *name, const char *text)
{
    struct buf actual = {0}, expected = {0}, path = {0};
    const char *update = getenv("UPDATE");
    ck_assert_ptr_nonnull(text);
    buf_printf(&path, "tests/fixtures/report/%s", name);
    without_version(&actual, str_of(text));
    if (update != NULL && strcmp(update, "1") == 0) {
        FILE *file = fopen(path.ptr, "wb");
        ck_assert_msg(file != NULL, "%s cannot be written", path.ptr);
        ck_assert_uint_eq(fwrite(actual.ptr, 1, actual.len, file), actual.len);
        ck_assert_int_eq(fclose(file), 0);
    } else {
        size_t line = 1;
        read_all(path.ptr, &expected);
        for (size_t i = 0; i < actual.len && i < expected.len && actual.ptr[i] == expected.ptr[i]; i++) {
            line += actual.ptr[i] == '\n';
        }
        ck_assert_msg(str_equal(buf_str(&actual), buf_str(&expected)), "the report differs from %s in line %zu",
                      path.ptr, line);
    }
    buf_release(&actual);
    buf_release(&expected);
    buf_release(&path);
}

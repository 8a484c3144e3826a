#include "settings/outputs.h"

#include <string.h>

void outputs_note(struct settings *settings, struct output_word word)
{
    size_t count = settings->output_word_count;
    if ((count & (count - 1)) == 0) { /* 0 or a power of two: full */
        struct output_word *larger =
            arena_array(settings->arena, count == 0 ? 1 : count * 2, sizeof *settings->output_words);
        if (count > 0) {
            memcpy(larger, settings->output_words, count * sizeof *larger);
        }
        settings->output_words = larger;
    }
    settings->output_words[settings->output_word_count++] = word;
}

static bool is_pair(const struct settings *settings)
{
    size_t files = 0;
    for (size_t i = 0; i < settings->output_word_count; i++) {
        files += settings->output_words[i].is_file;
    }
    return files <= 1 && settings->output_word_count - files <= 1;
}

/* The place of a report that has no file yet: behind the last one, or that of the format which it replaces. */
static size_t place_of(const struct output *outputs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (outputs[i].file.len == 0) {
            return i;
        }
    }
    return count;
}

static bool is_taken(const struct output *outputs, size_t count, struct str file)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(outputs[i].file, file)) {
            return true;
        }
    }
    return false;
}

/* At most one output has no file: the last format that was met. */
static size_t join_words(const struct settings *settings, struct output *outputs, struct buf *error)
{
    const struct output_word *words = settings->output_words;
    size_t count = 0;
    for (size_t i = 0; i < settings->output_word_count; i++) {
        if (!words[i].is_file) {
            /* "sarif, text -o a": the text goes to the file, the other one stays. */
            size_t last =
                i + 1 < settings->output_word_count && words[i + 1].is_file ? count : place_of(outputs, count);
            count = last == count ? count + 1 : count;
            outputs[last] = (struct output){.format = words[i].format};
            continue;
        }
        if (i == 0 || words[i - 1].is_file) {
            buf_printf(error, "option '--output-file': '%.*s' has no '--output-format' of its own before it",
                       STR_FMT(words[i].file));
            return 0;
        }
        if (is_taken(outputs, count, words[i].file)) {
            buf_printf(error, "option '--output-file': two reports would go to '%.*s'", STR_FMT(words[i].file));
            return 0;
        }
        outputs[count - 1].file = words[i].file;
    }
    return count;
}

const struct output *outputs_of(const struct settings *settings, size_t *count, struct buf *error)
{
    struct output *outputs = arena_array(settings->arena, settings->output_word_count + 1, sizeof *outputs);
    *count = 1;
    outputs[0] = (struct output){settings->output_format, settings->output_file};
    if (!is_pair(settings)) {
        *count = join_words(settings, outputs, error);
    }
    return *count > 0 ? outputs : NULL;
}

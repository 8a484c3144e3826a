#include "settings/completions.h"

#include "cli/command.h"
#include "cli/message.h"
#include "cli/output.h"

int command_completions(const struct settings *settings)
{
    static const struct {
        const char *name;
        void (*write)(const struct settings_context *context, struct buf *out);
    } shells[] = {
        {"bash", completions_bash},
        {"zsh", completions_zsh},
        {"fish", completions_fish},
    };
    struct str wanted = settings->operands.items[0];
    struct buf out = {0};

    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (str_equal(str_of(shells[i].name), wanted)) {
            shells[i].write(cli_context(), &out);
            bool written = output_result(buf_str(&out), STR(""));
            buf_release(&out);
            return written ? EXIT_NOTHING : EXIT_TROUBLE;
        }
    }
    message_add_path(&out, wanted);
    message_error("there are no completions for '%s', only for bash, zsh and fish", out.ptr != NULL ? out.ptr : "");
    buf_release(&out);
    return EXIT_TROUBLE;
}

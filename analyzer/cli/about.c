#include "settings/help.h"

#include <stdio.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/output.h"

/* Without a command there is no result: what to do instead is a message. */
int command_none(const struct settings *settings)
{
    struct buf out = {0};

    (void)settings;
    help_print(COMMAND_NONE, cli_context(), &out);
    fputs(out.ptr, stderr);
    buf_release(&out);
    return EXIT_TROUBLE;
}

int command_version(const struct settings *settings)
{
    (void)settings;
    return output_result(STR("racelint " RACELINT_VERSION "\n"), STR("")) ? EXIT_NOTHING : EXIT_TROUBLE;
}

/* The operands, joined by blanks: "debug ir". */
static void add_topic(const struct settings *settings, struct buf *topic)
{
    buf_add(topic, STR(""));
    for (size_t i = 0; i < settings->operands.count; i++) {
        buf_add(topic, i > 0 ? STR(" ") : STR(""));
        buf_add(topic, settings->operands.items[i]);
    }
}

int command_help(const struct settings *settings)
{
    struct buf topic = {0}, out = {0};
    int status = EXIT_TROUBLE;

    add_topic(settings, &topic);
    enum command_id command = help_find_command(buf_str(&topic));
    if (command == COMMAND_NONE && topic.len > 0 && !help_print_family(buf_str(&topic), &out)) {
        struct buf shown = {0};
        message_add_path(&shown, buf_str(&topic));
        message_error("there is no command '%s'; 'racelint help' lists them", shown.ptr);
        buf_release(&shown);
    } else {
        if (out.len == 0) {
            help_print(settings->help && topic.len == 0 ? COMMAND_HELP : command, cli_context(), &out);
        }
        status = output_result(buf_str(&out), STR("")) ? EXIT_NOTHING : EXIT_TROUBLE;
    }
    buf_release(&topic);
    buf_release(&out);
    return status;
}

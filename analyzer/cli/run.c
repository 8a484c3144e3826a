#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/configure.h"
#include "cli/message.h"
#include "cli/output.h"
#include "racelint/report.h"
#include "racelint/source.h"
#include "settings/help.h"

/* One function per row of commands.def. */
static int (*const functions[])(const struct settings *settings) = {
#define COMMAND(id, function, name, operands, minimum, maximum, summary, description)                                  \
    [COMMAND_##id] = command_##function,
#include "settings/commands.def"
#undef COMMAND
};
_Static_assert(sizeof functions / sizeof *functions == COMMAND_COUNT, "every command has its function");

static const char *report_format_name(size_t index)
{
    return index < report_count() ? report_at(index)->name : NULL;
}

static const char *rule_code(size_t index)
{
    return index < rules_count() ? rules_at(index)->code : NULL;
}

static const char *rule_name(size_t index)
{
    return index < rules_count() ? rules_at(index)->name : NULL;
}

static const struct settings_context context = {
    .report_format = report_format_name,
    .default_exclude = discovery_default_exclude,
    .rule_code = rule_code,
    .rule_name = rule_name,
};

/* Whether paths have a beginning; false, with a message printed, where the working folder was removed. */
static bool has_working_folder(void)
{
    char *here = getcwd(NULL, 0);

    if (here == NULL) {
        message_error("the working folder cannot be found: %s", strerror(errno));
    }
    bool known = here != NULL;
    free(here);
    return known;
}

const struct settings_context *cli_context(void)
{
    return &context;
}

int cli_run(int argc, char **argv)
{
    struct settings settings;
    struct buf error = {0};
    int status;

    signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of write(), dealt with in output.c */
    if (!settings_parse(&settings, argc, argv, &context, &error)) {
        struct buf shown = {0};
        message_add_path(&shown, buf_str(&error)); /* it quotes what was typed */
        message_error("%s", shown.ptr);
        buf_release(&shown);
        status = EXIT_TROUBLE;
    } else if (settings.version) {
        status = command_version(&settings);
    } else if (settings.help && settings.command != COMMAND_HELP) {
        struct buf help = {0};
        help_print(settings.command, &context, &help);
        status = output_result(buf_str(&help), STR("")) ? EXIT_NOTHING : EXIT_TROUBLE;
        buf_release(&help);
    } else if (option_is_for(option_at(option_of_field(offsetof(struct settings, config))), settings.command) &&
               !(has_working_folder() && configure(&settings, &context))) {
        status = EXIT_TROUBLE;
    } else {
        status = functions[settings.command](&settings);
    }
    buf_release(&error);
    settings_free(&settings);
    return status;
}

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/vec.h"
#include "settings/outputs.h"
#include "settings/values.h"

/* getopt_long returns this plus the index in the table for an option, whichever form it had. */
enum { FIRST_OPTION = 0x200, OPERAND = 1 };

/* One command line being read. */
struct parser {
    struct settings *settings;
    const struct settings_context *context;
    struct buf *error;
};

/* The option of that name that the command takes, or NULL. */
static const struct option_info *find_option(enum command_id command, struct str name)
{
    for (size_t i = 0; i < options_count(); i++) {
        const struct option_info *option = option_at(i);
        if (option_is_for(option, command) && str_equal(str_of(option->name), name)) {
            return option;
        }
    }
    return NULL;
}

static const char *prefix_of(enum command_id command)
{
    return command == COMMAND_NONE ? "" : " ";
}

static bool fail_unknown_option(struct parser *parser, struct str name)
{
    enum command_id command = parser->settings->command;
    struct suggestion suggestion = suggestion_of(name);

    for (size_t i = 0; i < options_count(); i++) {
        if (option_is_for(option_at(i), command)) {
            suggestion_offer(&suggestion, str_of(option_at(i)->name));
        }
    }
    buf_printf(parser->error, "'racelint%s%s' has no option '--%.*s'", prefix_of(command), command_at(command)->name,
               STR_FMT(name));
    if (command == COMMAND_NONE && find_option(COMMAND_CHECK, name) != NULL) {
        buf_printf(parser->error, "; options follow the command: racelint check --%.*s", STR_FMT(name));
    } else {
        value_suggest(&suggestion, "--", parser->error);
    }
    return false;
}

/* getopt_long takes unambiguous beginnings of long options; a new option would break scripts that use them. So every
 * argument that looks like a long option is looked up first. */
static bool check_long_names(struct parser *parser, int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            continue;
        }
        struct str name = {argv[i] + 2, strcspn(argv[i] + 2, "=")};
        const struct option_info *option = find_option(parser->settings->command, name);
        if (option == NULL) {
            return fail_unknown_option(parser, name);
        }
        if (option->kind == OPTION_FLAG && name.ptr[name.len] == '=') {
            buf_printf(parser->error, "option '--%s' takes no value", option->name);
            return false;
        }
    }
    return true;
}

static const struct setting_place command_line = {.layer = LAYER_COMMAND_LINE};

static bool add_items(struct parser *parser, struct str value, struct str_list *list, struct buf *problem)
{
    for (size_t start = 0; start <= value.len;) {
        const char *comma = start < value.len ? memchr(value.ptr + start, ',', value.len - start) : NULL;
        size_t end = comma != NULL ? (size_t)(comma - value.ptr) : value.len;
        struct str item = str_trim(str_slice(value, start, end));
        if (item.len == 0) {
            buf_printf(problem, "'%.*s' has an empty item", STR_FMT(value));
            return false;
        }
        list_push(parser->settings->arena, list, item, command_line);
        start = end + 1;
    }
    return true;
}

static bool set_value(struct parser *parser, const struct option_info *option, struct str value, struct buf *problem)
{
    void *field = (char *)parser->settings + option->field;

    switch (option->kind) {
    case OPTION_FLAG: *(bool *)field = true; return true;
    case OPTION_CHOICE: return value_choice(option, parser->context, value, field, problem);
    case OPTION_NUMBER: return value_number(option, value, field, problem);
    case OPTION_LIST:
    case OPTION_MORE: return add_items(parser, value, field, problem);
    case OPTION_TEXTS:
    case OPTION_TEXT:
        if (value.len == 0) {
            buf_add(problem, STR("the value is empty"));
        } else if (option->kind == OPTION_TEXT) {
            *(struct str *)field = value;
        } else {
            list_push(parser->settings->arena, field, value, command_line);
        }
        return value.len > 0;
    case OPTION_GROUP:
    case OPTION_RULES_OF_FILES:
    case OPTION_ENTRIES: break;
    }
    BUG("option '%s' cannot be set", option->name);
}

static bool set_option(struct parser *parser, const struct option_info *option, const char *argument)
{
    struct buf problem = {0};
    bool good = set_value(parser, option, str_of(argument), &problem);

    if (good) {
        parser->settings->places[option - option_at(0)] = command_line;
    } else {
        buf_printf(parser->error, "option '--%s': %s", option->name, problem.ptr);
    }
    buf_release(&problem);
    return good;
}

/* Formats and files of reports belong together by their order. */
static void note_output(struct settings *settings, const struct option_info *option)
{
    if (option->field == offsetof(struct settings, output_format)) {
        outputs_note(settings, (struct output_word){.format = settings->output_format});
    } else if (option->field == offsetof(struct settings, output_file)) {
        outputs_note(settings, (struct output_word){.is_file = true, .file = settings->output_file});
    }
}

static void set_presets(struct parser *parser)
{
    struct buf problem = {0};

    for (size_t i = 0; i < options_count(); i++) {
        const struct option_info *option = option_at(i);
        if (option->kind == OPTION_CHOICE && !set_value(parser, option, str_of(option->preset), &problem)) {
            BUG("the preset of --%s: %s", option->name, problem.ptr);
        }
    }
    buf_release(&problem);
}

static bool fail_getopt(struct parser *parser, int result, const struct option *known)
{
    if (result == ':') {
        const char *name = NULL;
        for (; known->name != NULL && name == NULL; known++) {
            name = known->val == optopt ? known->name : NULL;
        }
        if (name != NULL) {
            buf_printf(parser->error, "option '--%s' needs a value", name);
        } else {
            buf_printf(parser->error, "option '-%c' needs a value", optopt);
        }
    } else {
        buf_printf(parser->error, "'racelint%s%s' has no option '-%c'", prefix_of(parser->settings->command),
                   command_at(parser->settings->command)->name, optopt);
    }
    return false;
}

/* getopt_long keeps its place between calls; each system has its own way to say that a new command line begins. */
static void restart_getopt(void)
{
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__)
    optreset = 1;
    optind = 1;
#else
    optind = 0;
#endif
    opterr = 0;
}

/* Reads options and operands; argv[0] is not looked at. */
static bool read_arguments(struct parser *parser, int argc, char **argv)
{
    VEC(struct option) known = {0};
    struct buf letters = {0};
    bool good = true;
    int result;

    buf_add(&letters, STR("-:")); /* operands in order, as results; no messages */
    for (size_t i = 0; i < options_count(); i++) {
        const struct option_info *option = option_at(i);
        bool has_value = option->kind != OPTION_FLAG;
        int code = FIRST_OPTION + (int)i;
        if (!option_is_for(option, parser->settings->command)) {
            continue;
        }
        vec_push(&known, (struct option){option->name, has_value ? required_argument : no_argument, NULL, code});
        if (option->letter != 0) {
            buf_printf(&letters, "%c%s", option->letter, has_value ? ":" : "");
        }
    }
    vec_push(&known, (struct option){0});
    restart_getopt();
    while (good && (result = getopt_long(argc, argv, letters.ptr, known.data, NULL)) != -1) {
        const struct option_info *option = NULL;
        for (size_t i = 0; i < options_count() && option == NULL; i++) {
            bool is_it =
                result == FIRST_OPTION + (int)i || (option_at(i)->letter != 0 && result == option_at(i)->letter);
            option = is_it && option_is_for(option_at(i), parser->settings->command) ? option_at(i) : NULL;
        }
        if (result == OPERAND) {
            list_push(parser->settings->arena, &parser->settings->operands, str_of(optarg), command_line);
        } else if (option != NULL) {
            good = set_option(parser, option, optarg);
            note_output(parser->settings, option);
        } else {
            good = fail_getopt(parser, result, known.data);
        }
    }
    for (int i = optind; good && i < argc; i++) { /* behind "--" */
        list_push(parser->settings->arena, &parser->settings->operands, str_of(argv[i]), command_line);
    }
    buf_release(&letters);
    vec_release(&known);
    return good;
}

static bool fail_unknown_command(struct parser *parser, int argc, char **argv)
{
    bool is_debug = strcmp(argv[1], "debug") == 0;
    const char *given = !is_debug ? argv[1] : argc > 2 ? argv[2] : "";
    struct suggestion suggestion = suggestion_of(str_of(given));

    if (is_debug && argc == 2) {
        buf_add(parser->error, STR("'debug' needs to know what: ir, program, files, parse, settings, keys or man"));
        return false;
    }
    for (unsigned i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        struct str name = str_of(command_at(i)->name);
        bool in_debug = str_starts(name, STR("debug "));
        if (in_debug == is_debug) {
            suggestion_offer(&suggestion, in_debug ? str_slice(name, strlen("debug "), name.len) : name);
        }
    }
    if (!is_debug) {
        suggestion_offer(&suggestion, STR("debug"));
    }
    buf_printf(parser->error, "there is no command '%s%s'", is_debug ? "debug " : "", given);
    if (!is_debug && access(given, F_OK) == 0) {
        buf_printf(parser->error, "; to analyse that path: racelint check %s", given);
    } else {
        value_suggest(&suggestion, "", parser->error);
    }
    return false;
}

/* Finds the command; *words is how many arguments name it. */
static bool find_command(struct parser *parser, int argc, char **argv, int *words)
{
    *words = 0;
    parser->settings->command = COMMAND_NONE;
    if (argv[1][0] == '-' && argv[1][1] != '\0') {
        return true; /* --help, --version; or an option that has no command */
    }
    for (unsigned i = COMMAND_NONE + 1; i < COMMAND_COUNT; i++) {
        const char *name = command_at(i)->name;
        size_t first = strcspn(name, " ");
        bool two = name[first] == ' ';
        if (strncmp(argv[1], name, first) == 0 && argv[1][first] == '\0' &&
            (!two || (argc > 2 && strcmp(argv[2], name + first + 1) == 0))) {
            parser->settings->command = i;
            *words = two ? 2 : 1;
            return true;
        }
    }
    if (strcmp(argv[1], "debug") == 0 && argc > 2 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0)) {
        parser->settings->command = COMMAND_HELP;
        return true; /* with the operand "debug" */
    }
    return fail_unknown_command(parser, argc, argv);
}

static bool check_operands(struct parser *parser)
{
    const struct command_info *command = command_at(parser->settings->command);
    size_t count = parser->settings->operands.count;

    if (count < command->minimum) {
        buf_printf(parser->error, "'racelint %s' needs an operand: %s", command->name, command->operands);
        return false;
    }
    if (count > command->maximum) {
        struct str extra = parser->settings->operands.items[command->maximum];
        buf_printf(parser->error, "'racelint%s%s' takes no operand '%.*s'", prefix_of(parser->settings->command),
                   command->name, STR_FMT(extra));
        return false;
    }
    return true;
}

bool settings_parse(struct settings *settings, int argc, char **argv, const struct settings_context *context,
                    struct buf *error)
{
    struct parser parser = {settings, context, error};
    int words;

    *settings = (struct settings){.arena = arena_new()};
    settings->places = arena_array(settings->arena, options_count(), sizeof *settings->places);
    set_presets(&parser);
    if (argc < 2) {
        return true; /* COMMAND_NONE */
    }
    if (!find_command(&parser, argc, argv, &words) || !check_long_names(&parser, argc - 1 - words, argv + 1 + words)) {
        return false;
    }
    /* The words of the command stand where getopt_long expects the program's name. */
    if (!read_arguments(&parser, argc - words, argv + words)) {
        return false;
    }
    return settings->help || settings->version || check_operands(&parser);
}

void settings_free(struct settings *settings)
{
    arena_free(settings->arena);
    *settings = (struct settings){0};
}

#include <stdlib.h>

#include "cli/analysis.h"
#include "cli/command.h"
#include "cli/load.h"
#include "cli/message.h"
#include "cli/output.h"
#include "racelint/report.h"
#include "settings/config.h"
#include "settings/help.h"

/* Prints all diagnostics; the status that they alone would give. */
static int say_diagnostics(const struct load *load)
{
    for (size_t i = 0; i < diagnostics_count(load->diagnostics); i++) {
        load_say(load, diagnostics_at(load->diagnostics, i));
    }
    if (load->discovery.missing_count > 0) {
        return EXIT_TROUBLE;
    }
    return diagnostics_count(load->diagnostics) > 0 ? EXIT_FOUND : EXIT_NOTHING;
}

static int finish(struct buf *out, int status)
{
    bool written = output_result(buf_str(out), STR(""));

    buf_release(out);
    return written ? status : EXIT_TROUBLE;
}

/* The file that findings are reported for, where there is exactly one. */
static const struct loaded_file *only_file(const struct load *load)
{
    const struct loaded_file *only = NULL;

    for (size_t i = 0; i < load->file_count; i++) {
        if (load->files[i].reported) {
            if (only != NULL) {
                return NULL;
            }
            only = &load->files[i];
        }
    }
    return only;
}

int command_debug_ir(const struct settings *settings)
{
    struct settings alone = *settings;
    struct load load;
    struct buf out = {0};
    int status = EXIT_TROUBLE;

    alone.isolated = true;
    if (load_find(&load, &alone, LOAD_PROGRAM)) {
        load_files(&load, &alone, LOAD_LOWER, NULL);
        const struct loaded_file *file = only_file(&load);
        status = say_diagnostics(&load);
        if (file == NULL && load.discovery.missing_count == 0) {
            message_error("'debug ir' takes one file");
            status = EXIT_TROUBLE;
        } else if (file != NULL && file->module != NULL) {
            struct str broken;
            char *text = NULL;
            ir_print(file->module, file->source.text, &text);
            buf_add(&out, str_of(text));
            free(text);
            if (!ir_verify(file->module, &broken)) {
                message_error("broken IR: %.*s", STR_FMT(broken));
                status = EXIT_TROUBLE;
            }
        }
    }
    load_free(&load);
    return finish(&out, status);
}

int command_debug_program(const struct settings *settings)
{
    struct load load = {0};
    struct analysis analysis = {0};
    struct buf out = {0};
    int status = EXIT_TROUBLE;

    if (analysis_prepare(&analysis, settings) && load_find(&load, settings, LOAD_PROGRAM)) {
        char *text = NULL;
        load_files(&load, settings, LOAD_LOWER, NULL);
        analysis_run(&analysis, settings, &load, NULL);
        analysis_warn(&analysis, settings, &load);
        program_print(analysis.program, &text);
        buf_add(&out, str_of(text));
        free(text);
        status = say_diagnostics(&load);
    }
    analysis_free(&analysis);
    load_free(&load);
    return finish(&out, status);
}

int command_debug_files(const struct settings *settings)
{
    struct load load;
    struct buf out = {0};
    int status = EXIT_TROUBLE;

    if (load_find(&load, settings, LOAD_PROGRAM)) {
        buf_add(&out, STR("root "));
        message_add_path(&out, load.discovery.root);
        buf_add_char(&out, '\n');
        for (size_t i = 0; i < load.file_count; i++) {
            const struct discovered_file *file = &load.discovery.files[i];
            buf_add(&out, file->reported ? STR("* ") : STR("  "));
            message_add_path(&out, file->path);
            buf_add_char(&out, '\n');
        }
        status = say_diagnostics(&load);
    }
    load_free(&load);
    return finish(&out, status);
}

int command_debug_parse(const struct settings *settings)
{
    struct load load;
    struct buf out = {0};
    int status = EXIT_TROUBLE;

    if (load_find(&load, settings, LOAD_PROGRAM)) {
        load_files(&load, settings, LOAD_PARSE_ONLY, NULL);
        buf_printf(&out, "files %zu\nlines %llu\nbytes %llu\nerror-nodes %llu\nseconds %.3f\n", load.file_count,
                   (unsigned long long)load.lines, (unsigned long long)load.bytes, (unsigned long long)load.error_nodes,
                   load.find_seconds + load.read_seconds + load.parse_seconds);
        status = say_diagnostics(&load);
    }
    load_free(&load);
    return finish(&out, status);
}

int command_debug_settings(const struct settings *settings)
{
    struct buf text = {0}, out = {0};

    if (settings->config_file.len > 0) {
        buf_printf(&text, "# racelint reads %.*s.\n", STR_FMT(settings->config_file));
    } else {
        buf_printf(&text, "# There is no configuration file%s.\n",
                   settings->isolated ? ", or it is not read: --isolated" : "");
    }
    settings_print(settings, cli_context(), &text);
    for (struct str rest = buf_str(&text); rest.len > 0;) { /* line by line: names may hold what a terminal obeys */
        size_t end = str_find(rest, STR("\n"));
        message_add_path(&out, str_slice(rest, 0, end));
        buf_add_char(&out, '\n');
        rest = str_slice(rest, end + 1, rest.len);
    }
    buf_release(&text);
    return finish(&out, EXIT_NOTHING);
}

int command_debug_keys(const struct settings *settings)
{
    struct buf out = {0};

    (void)settings;
    keys_print(cli_context(), &out);
    return finish(&out, EXIT_NOTHING);
}

/* racelint-rules(7): all rules, in order of code. */
static void print_rules_page(struct buf *out)
{
    const struct rule **rules = memory_new(rules_count() * sizeof *rules);
    char *page = NULL;

    for (size_t i = 0; i < rules_count(); i++) {
        rules[i] = rules_at(i);
    }
    report_rules_man(rules, rules_count(), &page);
    buf_add(out, str_of(page));
    free(page);
    free(rules);
}

int command_debug_man(const struct settings *settings)
{
    struct str page = settings->operands.count > 0 ? settings->operands.items[0] : STR("racelint");
    struct buf out = {0};

    if (str_equal(page, STR("rules"))) {
        print_rules_page(&out);
    } else if (str_equal(page, STR("racelint"))) {
        manual_print(cli_context(), &out);
    } else {
        message_error("there is no manual page '%.*s'; there are 'racelint' and 'rules'", STR_FMT(page));
        return EXIT_TROUBLE;
    }
    return finish(&out, EXIT_NOTHING);
}

/* From any bytes to printed IR: decoding, tokenizer, repairs, parser, lowering, verifier, printer. */
#include <stdio.h>
#include <stdlib.h>

#include "racelint/frontend.h"

static struct frontend *frontend;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    frontend = frontend_new();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diagnostics *diagnostics = diagnostics_new();
    struct str bytes = {(const char *)data, size};
    struct source_file file;

    if (source_from_bytes(&file, STR("fuzz.py"), bytes, diagnostics) == SOURCE_OK) {
        struct ir_module *module = frontend_lower(frontend, &file, diagnostics);
        struct str message = {0};
        char *printed = NULL;
        if (!ir_verify(module, &message)) {
            fprintf(stderr, "the IR is not sound: %.*s\n", STR_FMT(message));
            abort();
        }
        ir_print(module, file.text, &printed);
        free(printed);
        arena_free(module->arena);
        source_free(&file);
    }
    diagnostics_free(diagnostics);
    return 0;
}

/* modelc: compiles the model files of a folder into a C file with one const table.
 *
 *     modelc -o OUT.c FOLDER    writes the table
 *     modelc --list FOLDER      prints one line per entry, fields between tabs, for the tests of the models
 *     modelc --keys             prints the keys of an entry, and their words, for the test of the documentation
 *
 * Ends with status 1 when a model file is wrong (each problem as FILE:LINE:COLUMN: message), 2 on bad usage. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/vec.h"
#include "emit.h"
#include "models/schema.h"

enum { FOLDER_DEPTH_MAX = 8, FILE_MAX = 4 * 1024 * 1024 };

typedef VEC(char *) path_list;

static int failed(const char *what, const char *path)
{
    fprintf(stderr, "modelc: cannot %s %s: %s\n", what, path, strerror(errno));
    return -1;
}

static int path_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *path_join(const char *folder, const char *name)
{
    struct buf path = {0};

    buf_printf(&path, "%s/%s", folder, name);
    return path.ptr;
}

/* Collects the .toml files below a folder. */
static int folder_scan(const char *folder, path_list *files, unsigned depth)
{
    DIR *dir = depth < FOLDER_DEPTH_MAX ? opendir(folder) : NULL;
    int result = 0;

    if (dir == NULL) {
        return failed("open the folder", folder);
    }
    for (struct dirent *item = readdir(dir); item != NULL && result == 0; item = readdir(dir)) {
        if (item->d_name[0] == '.') {
            continue;
        }
        char *path = path_join(folder, item->d_name);
        struct stat status;
        if (stat(path, &status) != 0) {
            result = failed("look at", path);
        } else if (S_ISDIR(status.st_mode)) {
            result = folder_scan(path, files, depth + 1);
        } else if (str_ends(str_of(path), STR(".toml"))) {
            vec_push(files, path);
            continue;
        }
        free(path);
    }
    closedir(dir);
    return result;
}

static int file_read(const char *path, struct schema *schema)
{
    FILE *file = fopen(path, "rb");
    struct buf text = {0};
    char chunk[1 << 16];
    size_t got;

    if (file == NULL) {
        return failed("open", path);
    }
    while (text.len <= FILE_MAX && (got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        buf_add(&text, (struct str){chunk, got});
    }
    int result = ferror(file) ? failed("read", path) : 0;
    fclose(file);
    if (result == 0) {
        schema_read(schema, str_of(path), buf_str(&text));
    }
    buf_release(&text);
    return result;
}

static int problems_print(const struct schema *schema)
{
    for (size_t i = 0; i < schema_problem_count(schema); i++) {
        const struct schema_problem *problem = schema_problem_at(schema, i);
        fprintf(stderr, "%.*s:%u:%u: %.*s\n", STR_FMT(problem->path), (unsigned)problem->line,
                (unsigned)problem->column, STR_FMT(problem->message));
    }
    return schema_problem_count(schema) == 0 ? 0 : -1;
}

static int table_write(const char *path, const struct schema *schema)
{
    struct buf text = {0};

    emit_table(schema, &text);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        buf_release(&text);
        return failed("write", path);
    }
    bool good = fwrite(text.ptr, 1, text.len, file) == text.len;
    good = fclose(file) == 0 && good;
    buf_release(&text);
    return good ? 0 : failed("write", path);
}

static int compile(const char *folder, const char *out)
{
    struct schema *schema = schema_new();
    path_list files = {0};
    int result = folder_scan(folder, &files, 0);

    if (files.len > 0) {
        qsort(files.data, files.len, sizeof *files.data, path_compare);
    }
    for (size_t i = 0; i < files.len; i++) {
        result = result == 0 ? file_read(files.data[i], schema) : result;
        free(files.data[i]);
    }
    vec_release(&files);
    if (result == 0) {
        schema_link(schema, NULL);
        result = problems_print(schema);
    }
    if (result == 0 && out != NULL) {
        result = table_write(out, schema);
    } else if (result == 0) {
        emit_list(schema, stdout);
    }
    schema_free(schema);
    return result;
}

int main(int argc, char **argv)
{
    int result = -1;

    if (argc == 4 && strcmp(argv[1], "-o") == 0) {
        result = compile(argv[3], argv[2]);
    } else if (argc == 3 && strcmp(argv[1], "--list") == 0) {
        result = compile(argv[2], NULL);
    } else if (argc == 2 && strcmp(argv[1], "--keys") == 0) {
        emit_keys(stdout);
        result = 0;
    } else {
        fprintf(stderr, "usage: modelc -o OUT.c FOLDER\n       modelc --list FOLDER\n       modelc --keys\n");
        return 2;
    }
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#include "cli/message.h"

#include <stdarg.h>
#include <stdio.h>

#include "report/style.h"

static void print_line(const char *kind, const char *format, va_list arguments)
{
    flockfile(stderr);
    fprintf(stderr, "racelint: %s: ", kind);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    funlockfile(stderr);
}

void message_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line("error", format, arguments);
    va_end(arguments);
}

void message_warning(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line("warning", format, arguments);
    va_end(arguments);
}

void message_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line("note", format, arguments);
    va_end(arguments);
}

void message_add_path(struct buf *out, struct str path)
{
    display_escape(out, path);
}

void message_diagnostic(struct str path, const struct diagnostic *diagnostic)
{
    struct buf line = {0};

    buf_add(&line, path);
    if (diagnostic->line > 0) {
        buf_printf(&line, ":%u", (unsigned)diagnostic->line);
    }
    buf_printf(&line, ": %s ", diagnostic->code);
    display_escape(&line, diagnostic->message);
    buf_add_char(&line, '\n');
    fputs(line.ptr, stderr);
    buf_release(&line);
}

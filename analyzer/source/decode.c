#include "source/decode.h"

#include <errno.h>
#include <iconv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "source/encoding.h"
#include "source/utf8.h"

#define REPLACEMENT STR("\xEF\xBF\xBD") /* U+FFFD */

/* Room for converted text between two turns of iconv, in bytes. */
enum { CHUNK = 4096 };

/* One file on its way to text. */
struct decoder {
    struct source_file *file;
    struct diagnostics *diagnostics;
    struct str bytes;    /* what is decoded, without the byte-order mark */
    char *buffer;        /* where the bytes begin, if it may become the text; else NULL */
    struct str declared; /* the encoding's name as declared; empty: none */
    struct buf text;     /* the text so far */
    bool replaced;       /* an undecodable byte was met and reported */
};

static uint32_t line_at(struct str text)
{
    uint32_t line = 1;

    for (size_t i = 0; i < text.len; i++) {
        line += text.ptr[i] == '\n' || (text.ptr[i] == '\r' && (i + 1 == text.len || text.ptr[i + 1] != '\n'));
    }
    return line;
}

static void report(struct decoder *decoder, uint32_t line, struct str message)
{
    diagnostics_add(decoder->diagnostics, decoder->file->path, line, "RL001", message);
}

static __attribute__((format(printf, 3, 4))) void report_printf(struct decoder *decoder, uint32_t line,
                                                                const char *format, ...)
{
    char message[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    report(decoder, line, str_of(message));
}

/* Puts U+FFFD for a byte that is not valid here; the first one of a file is reported. */
static void replace(struct decoder *decoder, char byte)
{
    if (!decoder->replaced) {
        uint32_t line = line_at(buf_str(&decoder->text));
        decoder->replaced = true;
        if (decoder->declared.len > 0) {
            report_printf(decoder, line,
                          "byte 0x%02X is not valid in the declared encoding '%.*s'; it is read as U+FFFD",
                          (unsigned char)byte, STR_FMT(str_slice(decoder->declared, 0, 40)));
        } else {
            report_printf(decoder, line,
                          "byte 0x%02X is not valid UTF-8, and no encoding is declared; it is read as U+FFFD",
                          (unsigned char)byte);
        }
    }
    buf_add(&decoder->text, REPLACEMENT);
}

static void decode_utf8(struct decoder *decoder)
{
    struct str rest = decoder->bytes;
    size_t good = utf8_valid_length(rest);

    if (good == rest.len && decoder->buffer == rest.ptr) {
        decoder->text = (struct buf){decoder->buffer, rest.len, rest.len + 1};
        return;
    }
    for (; rest.len > 0; good = utf8_valid_length(rest)) {
        bool valid;
        buf_add(&decoder->text, str_slice(rest, 0, good));
        rest = str_slice(rest, good, rest.len);
        if (rest.len > 0) {
            size_t bad = utf8_length_at(rest, 0, &valid);
            replace(decoder, rest.ptr[0]);
            rest = str_slice(rest, bad, rest.len);
        }
    }
}

/* ASCII, where bytes above 0x7F are errors, or Latin-1, where they are characters. */
static void decode_single_bytes(struct decoder *decoder, bool latin1)
{
    for (size_t i = 0; i < decoder->bytes.len; i++) {
        unsigned char byte = (unsigned char)decoder->bytes.ptr[i];
        char out[2];
        if (byte >= 0x80 && !latin1) {
            replace(decoder, (char)byte);
        } else {
            buf_add(&decoder->text, (struct str){out, utf8_put_small(out, byte)});
        }
    }
}

/* False where the converter does not exist on this system; then nothing was decoded. */
static bool decode_iconv(struct decoder *decoder, const char *iconv_name)
{
    iconv_t converter = iconv_open("UTF-8", iconv_name);
    char *in = (char *)(uintptr_t)decoder->bytes.ptr; /* iconv's type lacks the const, it does not write */
    size_t in_left = decoder->bytes.len;

    if (converter == (iconv_t)-1) {
        return false;
    }
    for (bool flushing = false;;) {
        char out[CHUNK];
        char *end = out;
        size_t out_left = sizeof out;
        flushing = in_left == 0;
        size_t result = iconv(converter, flushing ? NULL : &in, flushing ? NULL : &in_left, &end, &out_left);
        int error = errno;
        buf_add(&decoder->text, (struct str){out, (size_t)(end - out)});
        if (result != (size_t)-1) {
            if (flushing) {
                break;
            }
        } else if (error == EILSEQ || error == EINVAL) {
            replace(decoder, *in);
            in++;
            in_left--;
        } else if (error != E2BIG) {
            BUG("iconv failed with error %d", error);
        }
    }
    iconv_close(converter);
    return true;
}

/* For bytes of an unknown encoding: UTF-8 where they are valid UTF-8, else Latin-1, in which every byte is something.
 */
static void decode_unknown(struct decoder *decoder, uint32_t line, const char *why)
{
    bool utf8 = utf8_valid_length(decoder->bytes) == decoder->bytes.len;

    report_printf(decoder, line, "the file declares the encoding '%.*s', %s; it is read as %s",
                  STR_FMT(str_slice(decoder->declared, 0, 40)), why, utf8 ? "UTF-8" : "Latin-1");
    if (utf8) {
        decode_utf8(decoder);
    } else {
        decode_single_bytes(decoder, true);
    }
}

/* Python refuses UTF-16 sources; an editor can leave one behind all the same. True where it was one. */
static bool decode_utf16(struct decoder *decoder)
{
    bool little = str_starts(decoder->bytes, STR("\xFF\xFE"));

    if (!little && !str_starts(decoder->bytes, STR("\xFE\xFF"))) {
        return false;
    }
    decoder->declared = STR("UTF-16");
    decoder->bytes = str_slice(decoder->bytes, 2, decoder->bytes.len);
    if (!decode_iconv(decoder, little ? "UTF-16LE" : "UTF-16BE")) {
        return false;
    }
    report(decoder, 1, STR("the file is encoded in UTF-16, which Python does not accept as source; save it as UTF-8"));
    return true;
}

static void decode_declared(struct decoder *decoder)
{
    uint32_t line;
    struct encoding encoding = {ENCODING_UTF8, NULL};

    decoder->declared = encoding_declared(decoder->bytes, &line);
    bool known = decoder->declared.len == 0 || encoding_find(decoder->declared, &encoding);
    if (decoder->file->has_bom && (!known || encoding.kind != ENCODING_UTF8)) {
        report_printf(
            decoder, line,
            "the file declares the encoding '%.*s' but begins with the UTF-8 byte-order mark; it is read as UTF-8",
            STR_FMT(str_slice(decoder->declared, 0, 40)));
        decoder->declared = STR("");
        decode_utf8(decoder);
    } else if (!known) {
        decode_unknown(decoder, line, "which racelint does not know");
    } else if (encoding.kind == ENCODING_UTF8) {
        decode_utf8(decoder);
    } else if (encoding.kind == ENCODING_ICONV) {
        if (!decode_iconv(decoder, encoding.iconv_name)) {
            decode_unknown(decoder, line, "which this system's iconv does not know");
        }
    } else {
        decode_single_bytes(decoder, encoding.kind == ENCODING_LATIN1);
    }
}

/* NUL bytes would end the text for readers of C strings; Python refuses them. True where there were some. */
static bool blank_nul_bytes(struct decoder *decoder)
{
    char *nul = memchr(decoder->text.ptr, '\0', decoder->text.len);

    if (nul == NULL) {
        return false;
    }
    uint32_t line = line_at((struct str){decoder->text.ptr, (size_t)(nul - decoder->text.ptr)});
    report(decoder, line,
           STR("the file contains a NUL byte, which Python does not accept in source; it is read as a blank"));
    for (char *at = nul, *end = decoder->text.ptr + decoder->text.len; at < end; at++) {
        if (*at == '\0') {
            *at = ' ';
        }
    }
    return true;
}

static void decode(struct decoder *decoder)
{
    struct source_file *file = decoder->file;
    static const char bom[] = "\xEF\xBB\xBF";

    file->has_bom = str_starts(decoder->bytes, STR(bom));
    if (file->has_bom) {
        decoder->bytes = str_slice(decoder->bytes, strlen(bom), decoder->bytes.len);
    }
    struct str original = decoder->bytes;
    if (file->has_bom || !decode_utf16(decoder)) {
        decode_declared(decoder);
    }
    if (decoder->text.ptr == NULL) {
        buf_add(&decoder->text, STR("")); /* so that an empty file has a text that ends in NUL, too */
    }
    bool blanked = blank_nul_bytes(decoder);
    file->text = buf_str(&decoder->text);
    file->transcoded = blanked || (file->text.ptr != original.ptr && !str_equal(file->text, original));
}

void decode_bytes(struct source_file *file, struct str bytes, struct diagnostics *diagnostics)
{
    struct decoder decoder = {.file = file, .diagnostics = diagnostics, .bytes = bytes};

    decode(&decoder);
}

void decode_buffer(struct source_file *file, char *bytes, size_t size, struct diagnostics *diagnostics)
{
    struct decoder decoder = {.file = file, .diagnostics = diagnostics, .bytes = {bytes, size}, .buffer = bytes};

    decode(&decoder);
    if (file->text.ptr != bytes) {
        free(bytes);
    }
}

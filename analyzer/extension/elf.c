/* elf: what a built extension module says of the GIL, as far as its symbols and constant data tell. Nothing in the file
 * is trusted: every offset is checked against its end. */
#include "extension/elf.h"

#include "extension/scan.h"

/* How the file is laid out. */
struct elf {
    struct str bytes;
    bool is_wide;  /* 64 bits */
    bool is_big;   /* the most significant byte comes first */
    uint64_t left; /* bytes of sections that will still be read: sections may overlap, in files made to be slow */
};

/* A section, as its header tells. */
struct section {
    uint64_t type, flags, offset, size, link, entry_size;
};

/* Numbers of the format, and how much of it is looked at. */
enum {
    TYPE_SHARED = 3,
    SECTION_DATA = 1,
    SECTION_SYMBOLS = 11, /* those of the dynamic linker */
    FLAG_LOADED = 2,
    FLAG_CODE = 4,
    SECTIONS_MAX = 1 << 12,
    SYMBOLS_MAX = 1 << 20,
    NAME_MAX_SIZE = 1 << 10
};

/* The slot's number up to 3.14, and from 3.15 on; and what it holds: Py_MOD_GIL_NOT_USED. */
enum { SLOT_OLD = 4, SLOT_NEW = 87, NOT_USED = 1 };

/* Whether so many bytes lie at the offset. */
static bool has(const struct elf *elf, uint64_t offset, uint64_t size)
{
    return offset <= elf->bytes.len && size <= elf->bytes.len - offset;
}

/* A number of 1, 2, 4 or 8 bytes; 0 where the file ends before. */
static uint64_t number_at(const struct elf *elf, uint64_t offset, unsigned size)
{
    uint64_t result = 0;

    if (!has(elf, offset, size)) {
        return 0;
    }
    for (unsigned i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)elf->bytes.ptr[offset + i];
        unsigned place = elf->is_big ? size - 1 - i : i;
        result |= (uint64_t)byte << (8 * place);
    }
    return result;
}

/* The text that ends in NUL in a section of strings; empty where it does not end in it, or is endless. */
static struct str name_at(const struct elf *elf, const struct section *strings, uint64_t at)
{
    if (at >= strings->size || !has(elf, strings->offset, strings->size)) {
        return STR("");
    }
    struct str rest = {elf->bytes.ptr + strings->offset + at, (size_t)(strings->size - at)};
    size_t end = str_find(str_slice(rest, 0, NAME_MAX_SIZE), (struct str){"", 1});
    return end == SIZE_MAX ? STR("") : str_slice(rest, 0, end);
}

/* Whether a section lies in the file, and may be read. */
static bool take(struct elf *elf, const struct section *section)
{
    if (!has(elf, section->offset, section->size) || section->size > elf->left) {
        return false;
    }
    elf->left -= section->size;
    return true;
}

static uint64_t section_count(const struct elf *elf)
{
    uint64_t count = number_at(elf, elf->is_wide ? 60 : 48, 2);

    return count < SECTIONS_MAX ? count : SECTIONS_MAX;
}

/* False where the header lies outside of the file. */
static bool section_at(const struct elf *elf, uint64_t index, struct section *section)
{
    unsigned word = elf->is_wide ? 8 : 4;
    uint64_t table = number_at(elf, elf->is_wide ? 40 : 32, word), size = number_at(elf, elf->is_wide ? 58 : 46, 2);
    uint64_t expected = elf->is_wide ? 64 : 40;

    if (size < expected || table == 0 || table > elf->bytes.len || !has(elf, table + index * size, expected)) {
        return false;
    }
    uint64_t at = table + index * size;
    *section = (struct section){
        .type = number_at(elf, at + 4, 4),
        .flags = number_at(elf, at + 8, word),
        .offset = number_at(elf, at + 8 + 2 * word, word),
        .size = number_at(elf, at + 8 + 3 * word, word),
        .link = number_at(elf, at + 8 + 4 * word, 4),
        .entry_size = number_at(elf, at + 16 + 5 * word, word),
    };
    return true;
}

/* What the symbols tell. */
struct symbols {
    struct str module; /* of the function that makes it; empty: there is none */
    bool sets_gil;     /* calls PyUnstable_Module_SetGIL */
    bool is_late;      /* may make its slots while it is loaded: pybind11 does */
};

static void read_symbol(struct symbols *symbols, struct str name, bool is_defined)
{
    struct str module = extension_module_of(name);

    symbols->sets_gil = symbols->sets_gil || str_equal(name, STR("PyUnstable_Module_SetGIL"));
    symbols->is_late = symbols->is_late || str_find(name, STR("pybind11")) != SIZE_MAX;
    if (is_defined && symbols->module.len == 0) {
        symbols->module = module;
    }
}

static void read_symbols(struct elf *elf, const struct section *table, struct symbols *symbols)
{
    uint64_t size = elf->is_wide ? 24 : 16;
    struct section strings;

    if (table->entry_size != size || !take(elf, table) || table->link >= section_count(elf) ||
        !section_at(elf, table->link, &strings)) {
        return;
    }
    for (uint64_t i = 0; i < table->size / size && i < SYMBOLS_MAX; i++) {
        uint64_t at = table->offset + i * size;
        struct str name = name_at(elf, &strings, number_at(elf, at, 4));
        read_symbol(symbols, name, number_at(elf, at + (elf->is_wide ? 6 : 14), 2) != 0);
    }
}

/* Whether constant data holds the slot, where an array of slots may lie. Other data may look the same; then the module
 * is believed to be fine. */
static bool holds_slot(struct elf *elf, const struct section *data)
{
    unsigned word = elf->is_wide ? 8 : 4;

    if (!take(elf, data)) {
        return false;
    }
    for (uint64_t at = (data->offset + word - 1) / word * word; at + 2 * word <= data->offset + data->size;
         at += word) {
        uint64_t slot = number_at(elf, at, 4);
        bool is_slot = slot == SLOT_OLD || slot == SLOT_NEW || number_at(elf, at, 2) == SLOT_NEW;
        if (is_slot && number_at(elf, at + word, word) == NOT_USED) {
            return true;
        }
    }
    return false;
}

/* Whether the file is a shared object of a layout that is known. */
static bool open_elf(struct elf *elf, struct str bytes)
{
    *elf = (struct elf){.bytes = bytes, .left = bytes.len};
    if (!str_starts(bytes, STR("\177ELF")) || bytes.len < 52) {
        return false;
    }
    elf->is_wide = bytes.ptr[4] == 2;
    elf->is_big = bytes.ptr[5] == 2;
    return (elf->is_wide || bytes.ptr[4] == 1) && (elf->is_big || bytes.ptr[5] == 1) &&
           number_at(elf, 16, 2) == TYPE_SHARED;
}

enum elf_verdict elf_read(struct str bytes, struct str *module)
{
    struct symbols symbols = {.module = STR("")};
    bool has_slot = false;
    struct elf elf;

    *module = STR("");
    if (!open_elf(&elf, bytes)) {
        return ELF_OTHER;
    }
    for (uint64_t i = 0; i < section_count(&elf); i++) {
        struct section section;
        if (!section_at(&elf, i, &section)) {
            return ELF_OTHER;
        }
        if (section.type == SECTION_SYMBOLS) {
            read_symbols(&elf, &section, &symbols);
        } else if (section.type == SECTION_DATA && (section.flags & (FLAG_LOADED | FLAG_CODE)) == FLAG_LOADED) {
            has_slot = has_slot || holds_slot(&elf, &section);
        }
    }
    *module = symbols.module;
    if (symbols.module.len == 0) {
        return ELF_OTHER;
    }
    return has_slot || symbols.sets_gil || symbols.is_late ? ELF_DECLARES : ELF_SILENT;
}

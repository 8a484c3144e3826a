#include "store/pack.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a pack ends with. Before it is the index, and before that the entries. */
struct trailer {
    uint64_t checksum; /* of the index, and of what is behind this field */
    char magic[8];
    uint64_t version;      /* of the front end */
    uint64_t index_offset; /* where the entries end */
    uint64_t count;        /* of entries */
};
_Static_assert(sizeof(struct trailer) == 40 && sizeof(struct pack_record) == 32, "neither has gaps");

static const char magic[8] = "racepack";

static uint64_t checksum_of(const struct trailer *trailer, const struct pack_record *records)
{
    const char *sealed = (const char *)trailer + sizeof trailer->checksum;

    return hash_mix(hash_bytes(records, (size_t)trailer->count * sizeof *records),
                    hash_bytes(sealed, sizeof *trailer - sizeof trailer->checksum));
}

static int compare_hashes(struct hash128 a, struct hash128 b)
{
    return a.high != b.high ? (a.high > b.high) - (a.high < b.high) : (a.low > b.low) - (a.low < b.low);
}

/* ---- reading ---- */

static bool records_are_good(const struct pack *pack, uint64_t end)
{
    bool good = true;

    for (uint32_t i = 0; i < pack->count; i++) {
        const struct pack_record *record = &pack->records[i];
        good &= record->offset <= end && record->size <= end - record->offset;
        good &= i == 0 || compare_hashes(record[-1].hash, record->hash) < 0;
    }
    return good;
}

/* Reads the index; false where something about it is wrong. */
static bool read_index(struct pack *pack, uint64_t version)
{
    struct trailer trailer;

    if (pack->size < sizeof trailer ||
        !files_read_at(pack->descriptor, &trailer, sizeof trailer, pack->size - sizeof trailer) ||
        memcmp(trailer.magic, magic, sizeof magic) != 0 || trailer.version != version ||
        trailer.count > PACK_ENTRIES_MAX || trailer.index_offset > pack->size ||
        pack->size - trailer.index_offset != trailer.count * sizeof(struct pack_record) + sizeof trailer) {
        return false;
    }
    pack->count = (uint32_t)trailer.count;
    pack->records = memory_new((pack->count + 1) * sizeof *pack->records);
    pack->is_hit = memory_new(pack->count + 1);
    return files_read_at(pack->descriptor, pack->records, pack->count * sizeof *pack->records, trailer.index_offset) &&
           checksum_of(&trailer, pack->records) == trailer.checksum && records_are_good(pack, trailer.index_offset);
}

bool pack_open(struct pack *pack, int folder, const char *name, uint64_t version)
{
    struct stat status;

    *pack = (struct pack){.descriptor = files_open_regular(folder, name, &status)};
    memcpy(pack->name, name, strnlen(name, sizeof pack->name - 1));
    if (pack->descriptor >= 0 && status.st_size > 0) {
        pack->size = (uint64_t)status.st_size;
        if (read_index(pack, version)) {
            return true;
        }
    }
    pack_release(pack);
    return false;
}

void pack_release(struct pack *pack)
{
    if (pack->descriptor >= 0) {
        close(pack->descriptor);
    }
    free(pack->records);
    free(pack->is_hit);
    *pack = (struct pack){.descriptor = -1};
}

uint32_t pack_find(const struct pack *pack, struct hash128 hash)
{
    uint32_t low = 0, high = pack->count;

    while (low < high) { /* the record lies in [low, high), if anywhere */
        uint32_t middle = low + (high - low) / 2;
        int order = compare_hashes(hash, pack->records[middle].hash);
        if (order == 0) {
            return middle;
        }
        low = order > 0 ? middle + 1 : low;
        high = order < 0 ? middle : high;
    }
    return UINT32_MAX;
}

bool pack_read(const struct pack *pack, const struct pack_record *record, void *out)
{
    return files_read_at(pack->descriptor, out, record->size, record->offset);
}

/* ---- writing ---- */

static int begin(struct pack_writer *writer, int folder)
{
    cache_temporary_name(writer->temporary, 0);
    int error = files_create(&writer->file, folder, writer->temporary);
    writer->is_begun = error == 0;
    return error;
}

static int append(struct pack_writer *writer, const void *data, size_t size)
{
    writer->size += size;
    return files_write(writer->file.descriptor, (struct str){data, size});
}

int pack_add(struct pack_writer *writer, int folder, struct hash128 hash, struct str bytes, uint32_t used)
{
    struct pack_record record = {hash, writer->size, (uint32_t)bytes.len, used};
    int error = writer->is_begun ? 0 : begin(writer, folder);

    if (error == 0) {
        error = append(writer, bytes.ptr, bytes.len);
    }
    if (error == 0) {
        vec_push(&writer->records, record);
    }
    return error;
}

static int compare_records(const void *left, const void *right)
{
    const struct pack_record *a = left, *b = right;
    int order = compare_hashes(a->hash, b->hash);

    return order != 0 ? order : (a->offset > b->offset) - (a->offset < b->offset);
}

void pack_sort(struct pack_writer *writer)
{
    struct pack_record *records = writer->records.data;
    size_t kept = 0;

    if (writer->records.len == 0) {
        return;
    }
    qsort(records, writer->records.len, sizeof *records, compare_records);
    for (size_t i = 1; i < writer->records.len; i++) {
        if (compare_hashes(records[i].hash, records[kept].hash) != 0) {
            records[++kept] = records[i];
        }
    }
    writer->records.len = kept + 1;
}

int pack_finish(struct pack_writer *writer, uint64_t version, char name[CACHE_NAME_SIZE])
{
    struct trailer trailer = {.version = version, .index_offset = writer->size};
    uint64_t seed = version;

    pack_sort(writer);
    trailer.count = writer->records.len;
    memcpy(trailer.magic, magic, sizeof magic);
    trailer.checksum = checksum_of(&trailer, writer->records.data);
    for (size_t i = 0; i < writer->records.len; i++) {
        seed = hash_mix(seed, writer->records.data[i].hash.low); /* packs of the same entries have the same name */
    }
    cache_pack_name(name, hash_wide(&version, sizeof version, seed));
    int error = append(writer, writer->records.data, writer->records.len * sizeof *writer->records.data);
    if (error == 0) {
        error = append(writer, &trailer, sizeof trailer);
    }
    if (error != 0) {
        files_abandon(&writer->file);
    } else {
        error = files_complete(&writer->file, name);
    }
    writer->is_begun = false;
    return error;
}

void pack_writer_release(struct pack_writer *writer)
{
    if (writer->is_begun) {
        files_abandon(&writer->file);
    }
    vec_release(&writer->records);
    *writer = (struct pack_writer){0};
}

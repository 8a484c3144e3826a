#include "base/vec.h"

#include <stdlib.h>

#include "racelint/base.h"

void *vec_grow(void *data, size_t *cap, size_t count, size_t element_size)
{
    size_t first = element_size > 32 ? 2 : 8; /* most vectors of large elements stay short */
    size_t larger = *cap < first ? first : *cap * 2;

    if (count > VEC_MAX || element_size > SIZE_MAX / VEC_MAX) {
        out_of_memory(count > SIZE_MAX / element_size ? SIZE_MAX : count * element_size);
    }
    if (larger < count) {
        larger = count;
    }
    if (larger > VEC_MAX) {
        larger = VEC_MAX;
    }
    data = memory_resize(data, larger * element_size);
    *cap = larger;
    return data;
}

void vec_free(void *data)
{
    free(data);
}

/* vec: growable arrays of any element type. VEC(T) names the type; data[0..len) are the elements, in malloc memory.
 *
 *     VEC(int) numbers = {0};
 *     vec_push(&numbers, 7);
 *     vec_release(&numbers);
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>

#define VEC(T)                                                                                                         \
    struct {                                                                                                           \
        T *data;                                                                                                       \
        size_t len, cap;                                                                                               \
    }

/* Appends a value. A vector never holds more than VEC_MAX elements; past that memory counts as exhausted. */
#define VEC_MAX ((size_t)1 << 28)
#define vec_push(v, ...) (vec_reserve((v), (v)->len + 1), (v)->data[(v)->len++] = (__VA_ARGS__))
/* Makes room for `count` elements in all. */
#define vec_reserve(v, count)                                                                                          \
    ((count) > (v)->cap ? (void)((v)->data = vec_grow((v)->data, &(v)->cap, (count), sizeof *(v)->data)) : (void)0)
#define vec_pop(v) ((v)->data[--(v)->len])
#define vec_last(v) ((v)->data[(v)->len - 1])
#define vec_clear(v) ((void)((v)->len = 0))
#define vec_release(v) (vec_free((v)->data), (v)->data = NULL, (v)->len = (v)->cap = 0)

void *vec_grow(void *data, size_t *cap, size_t count, size_t element_size);
void vec_free(void *data);

#endif

/* build: which build this is. */
#ifndef BASE_BUILD_H
#define BASE_BUILD_H

/* Differs between any two builds of the library whose code differs: checksums of its objects (build/gen/build_id.c). */
extern const char build_id[];

#endif

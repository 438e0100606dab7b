/* Counts what the process takes from the heap: glibc's own functions under their other names. What
 * stands in the program goes before what stands in the C library, for all libraries. */

#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

#include "bench.h"

#include <errno.h>
#include <malloc.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

struct heap {
    long calls, blocks, bytes; /* ever taken; held now */
};

static struct heap heap;

static void *taken(void *memory) {
    if (memory != NULL) {
        __atomic_add_fetch(&heap.calls, 1, __ATOMIC_RELAXED);
        __atomic_add_fetch(&heap.blocks, 1, __ATOMIC_RELAXED);
        __atomic_add_fetch(&heap.bytes, (long)malloc_usable_size(memory), __ATOMIC_RELAXED);
    }
    return memory;
}

static void given_back(void *memory) {
    if (memory == NULL)
        return;
    __atomic_sub_fetch(&heap.blocks, 1, __ATOMIC_RELAXED);
    __atomic_sub_fetch(&heap.bytes, (long)malloc_usable_size(memory), __ATOMIC_RELAXED);
}

void *malloc(size_t size) {
    return taken(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
    return taken(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size) {
    given_back(memory);
    return taken(__libc_realloc(memory, size));
}

void *aligned_alloc(size_t alignment, size_t size) {
    return taken(__libc_memalign(alignment, size));
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    *memory = taken(__libc_memalign(alignment, size));
    return *memory == NULL ? ENOMEM : 0;
}

void free(void *memory) {
    given_back(memory);
    __libc_free(memory);
}

#endif

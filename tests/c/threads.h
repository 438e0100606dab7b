/* A program that includes this sees every thread that is started in it, and may refuse them. */

#ifndef THREADS_H
#define THREADS_H

#include "process.h"

#include <dlfcn.h>
#include <stdatomic.h>

/* How many threads anybody in this process has started. */
static atomic_int started;

/* How many more are to be had; negative: as many as anybody wants. */
static atomic_int threads_to_be_had = -1;

#ifdef __GLIBC__
static int create_thread(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *data) {
    int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    void *found = dlsym(RTLD_NEXT, "pthread_create");
    memcpy(&create, &found, sizeof create);
    return create(thread, attributes, run, data);
}
#else
/* By musl's other name for it: a static program has nothing next to it that could be looked up. */
#define create_thread __pthread_create
int create_thread(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
#endif

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
                   void *(*run)(void *), void *restrict data) {
    if (atomic_load(&threads_to_be_had) == 0)
        return EAGAIN;
    if (atomic_load(&threads_to_be_had) > 0)
        atomic_fetch_sub(&threads_to_be_had, 1);
    atomic_fetch_add(&started, 1);
    return create_thread(thread, attributes, run, data);
}

#endif

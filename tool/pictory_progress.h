/*
 * How far a download is: a bar on a terminal, a line now and then elsewhere.
 */
#ifndef PICTORY_PROGRESS_H
#define PICTORY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *job_id, *what;
    uint64_t done, first;    /* bytes: now, and when it began */
    int64_t begun_ms;        /* 0: has not begun */
    int64_t said_ms, rated_ms;
    uint64_t rated;          /* bytes when the rate was last taken */
    double rate;             /* bytes in a second, smoothed; 0: not known yet */
};

/* A pictory_progress_callback; `user_data` is a struct progress. */
bool on_progress(uint64_t bytes_done, uint64_t bytes_total, void *user_data);

/* The last word on a download that has worked. */
void say_done(const struct progress *progress);

#endif

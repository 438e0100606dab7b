/*
 * How far a download is: a bar on a terminal, a line now and then elsewhere.
 */
#ifndef PICTORY_PROGRESS_H
#define PICTORY_PROGRESS_H

#include "pictory_screen.h"
#include <pictory.h>
#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *job_id, *what;
    uint64_t done, total;    /* bytes; the total is 0 if it is not known */
    int64_t begun_ms;        /* 0: has not begun */
    int64_t said_ms, rated_ms;
    uint64_t rated;          /* bytes when the rate was last taken */
    double rate;             /* bytes in a second, smoothed; 0: not known yet */
};

/* Takes how far it is now; off a terminal, says so every few seconds. */
void note_progress(struct progress *progress, uint64_t bytes_done, uint64_t bytes_total);

/* How much of it is there, from 0 to 1. */
double part_of(const struct progress *progress);

/* Adds its live line. */
void add_progress(struct live *live, const struct progress *progress);

/* A bar of this part, as long as `size` has room for. */
void write_bar(char *text, size_t size, double part);

/* "1.2 of 4.0 MB" or, where the total is 0, "1.2 MB". */
void write_amount(char *text, size_t size, double done, double total);

/* The last word on a download that has worked. */
void say_done(const struct progress *progress, const pictory_result *result);

#endif

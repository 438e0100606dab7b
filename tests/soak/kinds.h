/* What the soaks share: how the kinds of job of script.sh end, and what a process holds. It comes
 * after what a program asks of the system. */

#ifndef KINDS_H
#define KINDS_H

#include <dirent.h>
#include <pictory.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { KINDS = 16, STALLS = 8, RUNS_ON = 13, ID_SIZE = 37 };

/* Kind 8 is cut by its time; 13 is stopped by its callback. */
static const pictory_code ends[KINDS] = {
    PICTORY_OK,
    PICTORY_ERROR_JOB_FAILED,
    PICTORY_ERROR_JOB_CLEANED,
    PICTORY_ERROR_JOB_NOT_FOUND,
    PICTORY_ERROR_UNAUTHORIZED,
    PICTORY_OK,
    PICTORY_OK,
    PICTORY_OK,
    PICTORY_ERROR_WAIT_TIMEOUT,
    PICTORY_OK,
    PICTORY_ERROR_API,
    PICTORY_ERROR_SERVER,
    PICTORY_OK,
    PICTORY_ERROR_CANCELLED,
    PICTORY_OK,
    PICTORY_ERROR_JOB_NOT_FOUND,
};

static inline void make_id(char *id, unsigned job) {
    snprintf(id, ID_SIZE, "%08x-0000-4000-8000-000000000000", job);
}

static inline time_t now(void) {
    struct timespec clock;
    clock_gettime(CLOCK_MONOTONIC, &clock);
    return clock.tv_sec;
}

static inline void pause_us(long microseconds) {
    struct timespec span = {0, microseconds * 1000};
    nanosleep(&span, NULL);
}

/* The lines are written and thrown away: it is the library's work on them that is tried. */
static inline void take_line(pictory_log_level level, const char *message, void *user_data) {
    (void)level;
    (void)message;
    (void)user_data;
}

static inline pictory_client *new_client(const char *ca_file) {
    pictory_client *client = NULL;
    pictory_config *config = pictory_config_new();
    pictory_code code = ca_file != NULL ? pictory_config_set_ca_file(config, ca_file) : PICTORY_OK;
    if (code == PICTORY_OK)
        code = pictory_config_set_log(config, PICTORY_LOG_LEVEL_DEBUG, take_line, NULL);
    if (code == PICTORY_OK)
        code = pictory_client_new(config, &client);
    pictory_config_free(config);
    return client;
}

struct held {
    long kilobytes;
    int descriptors, threads;
};

static inline int entries(const char *folder) {
    int count = 0;
    DIR *directory = opendir(folder);
    while (directory != NULL && readdir(directory) != NULL)
        count++;
    if (directory != NULL)
        closedir(directory);
    return count;
}

static inline struct held look(void) {
    struct held held = {0, entries("/proc/self/fd"), entries("/proc/self/task")};
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        if (fscanf(file, "%ld %ld", &total, &resident) == 2)
            held.kilobytes = resident * (sysconf(_SC_PAGESIZE) / 1024);
        fclose(file);
    }
    return held;
}

/* Tells it, too. A kept connection more or less is no leak, nor is a page here and there. */
static inline bool has_grown(struct held early, struct held late, int connections) {
    printf("memory %ld -> %ld KiB, descriptors %d -> %d, threads %d -> %d\n", early.kilobytes,
           late.kilobytes, early.descriptors, late.descriptors, early.threads, late.threads);
    return late.kilobytes > early.kilobytes + early.kilobytes / 10 + 512 ||
           late.descriptors > early.descriptors + connections || late.threads > early.threads + 1;
}

#endif

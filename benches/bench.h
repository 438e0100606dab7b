/* What every program here needs: clocks, what the process has used, job ids. It comes first, since
 * it asks for more than C99. A program prints its figures as lines of NAME=VALUE. */

#ifndef BENCH_H
#define BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* The job of the get loops. */
#define JOB "4a09edf9-d071-4847-bda5-8dea913d80fe"
#define KEY "pictai_0123456789abcdef0123456789abcdef"
#define AGENT "pictory-c/0.1.0"

static inline void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static inline void *some(void *memory) {
    if (memory == NULL)
        fail("out of memory");
    return memory;
}

static inline double clock_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static inline double now_ms(void) {
    return clock_ms(CLOCK_MONOTONIC);
}

static inline double cpu_ms(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

/* How often a thread of the process has given way to another, by itself or not. */
static inline double switches(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_nvcsw + (double)usage.ru_nivcsw;
}

static inline void sleep_ms(double ms) {
    if (ms <= 0)
        return;
    struct timespec pause = {.tv_sec = (time_t)(ms / 1e3)};
    pause.tv_nsec = (long)((ms - (double)pause.tv_sec * 1e3) * 1e6);
    nanosleep(&pause, NULL);
}

/* A line of /proc/self/status, such as "Threads" or "VmHWM" (kB). The peak of getrusage is no use:
 * it counts what the process was before its exec. */
static inline long own_status(const char *name) {
    FILE *file = fopen("/proc/self/status", "r");
    if (file == NULL)
        return -1;
    char line[256];
    long value = -1;
    size_t length = strlen(name);
    while (value < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            value = strtol(line + length + 1, NULL, 10);
    fclose(file);
    return value;
}

/* job_name(id, 7): the id of the watchers' job number 7. */
static inline void job_name(char id[static 37], unsigned number) {
    snprintf(id, 37, "%08x-0000-4000-8000-000000000000", number);
}

static inline long count_argument(const char *text) {
    char *end;
    long value = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < 0)
        fail("not a number: %s", text);
    return value;
}

#endif

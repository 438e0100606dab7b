/* What the programs here share. Each runs against the emulator, and ends with 0 if every call
 * ended as it may; the sanitizer that it is built with looks for the rest. They order their
 * threads by mutexes and barriers alone, so that no other order hides a race of the library's. It
 * comes first, since it asks for more than C99. */

#ifndef RACES_H
#define RACES_H

#define _POSIX_C_SOURCE 200809L

#include <pictory.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS 16

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

/* A job that has completed. */
#define DONE_JOB "4a09edf9-d071-4847-bda5-8dea913d80fe"

/* Room for a job id. */
#define ID_SIZE sizeof DONE_JOB

/* A job that no other call asks for: see script.json for how it goes on. */
static inline void make_id(char *id, unsigned thread, unsigned round) {
    snprintf(id, ID_SIZE, "%08x-0000-4000-8000-%012x", thread + 1, round + 1);
}

static inline void pause_us(long microseconds) {
    struct timespec span = {0, microseconds * 1000};
    nanosleep(&span, NULL);
}

static inline pictory_config *new_config(void) {
    pictory_config *config = pictory_config_new();
    const char *ca = getenv("RACES_CA");
    if (ca != NULL)
        CHECK(pictory_config_set_ca_file(config, ca) == PICTORY_OK);
    return config;
}

/* A client of this configuration, which is freed. */
static inline pictory_client *new_client(pictory_config *config) {
    pictory_client *client = NULL;
    CHECK(pictory_client_new(config, &client) == PICTORY_OK);
    pictory_config_free(config);
    return client;
}

/* Options that poll as often as it goes. */
static inline pictory_wait_options *new_options(const pictory_cancel_token *token) {
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK(pictory_wait_options_set_poll_interval_ms(options, 10) == PICTORY_OK);
    CHECK(pictory_wait_options_set_cancel_token(options, token) == PICTORY_OK);
    return options;
}

/* Reads all that a result tells; returns its code. */
static inline pictory_code read_result(const pictory_result *result) {
    const pictory_job *job = pictory_result_job(result);
    const char *const texts[] = {
        pictory_result_message(result),  pictory_result_job_id(result),
        pictory_result_request_id(result), pictory_result_body(result, NULL),
        pictory_job_id(job),             pictory_job_status_text(job),
        pictory_job_url(job),            pictory_job_error_message(job),
        pictory_job_field(job, "width"), pictory_job_field(job, "thumbnailImageUrl"),
    };
    size_t length = 0;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        length += texts[i] != NULL ? strlen(texts[i]) : 0;
    CHECK(length > 0);
    return pictory_result_code(result);
}

static inline pictory_code end_result(pictory_result *result) {
    pictory_code code = read_result(result);
    pictory_result_free(result);
    return code;
}

typedef void *(*thread_function)(void *);

/* Starts threads with their numbers' places in `numbers`. */
static inline void start_all(pthread_t *threads, unsigned *numbers, thread_function run) {
    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&threads[i], NULL, run, &numbers[i]) == 0);
    }
}

static inline void join_all(const pthread_t *threads) {
    for (unsigned i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

#endif

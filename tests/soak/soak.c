/*
 * Waits for jobs of all kinds on 8 threads for a while: each must end as its kind does, and what
 * the process holds at the end is what it held after the first tenth of the time.
 *
 * soak SECONDS JOBS [CA-FILE]. PICTORY_API_BASE_URL names an emulator with the script of script.sh.
 */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <pictory.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 8, KINDS = 16, STALLS = 8, RUNS_ON = 13 };

/* See script.sh. Kinds 6 and 8 may be cut by their time; 13 is stopped by its callback. */
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

static pictory_client *client;
static unsigned jobs;
static time_t end_at;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned next_job, settled[KINDS], wrong;

static time_t now(void) {
    struct timespec clock;
    clock_gettime(CLOCK_MONOTONIC, &clock);
    return clock.tv_sec;
}

static bool stop_after_two(const pictory_result *update, void *user_data) {
    (void)user_data;
    return pictory_result_polls(update) < 2;
}

static void note(unsigned kind, const pictory_result *result) {
    pthread_mutex_lock(&lock);
    settled[kind]++;
    if (pictory_result_code(result) != ends[kind]) {
        wrong++;
        fprintf(stderr, "kind %u, job %s: %s\n", kind, pictory_result_job_id(result),
                pictory_result_message(result));
    }
    pthread_mutex_unlock(&lock);
}

static void *work(void *unused) {
    (void)unused;
    while (now() < end_at) {
        pthread_mutex_lock(&lock);
        const unsigned job = next_job++ % jobs;
        pthread_mutex_unlock(&lock);
        const unsigned kind = job % KINDS;
        char id[37];
        snprintf(id, sizeof id, "%08x-0000-4000-8000-000000000000", job);
        pictory_wait_options *options = pictory_wait_options_new();
        pictory_wait_options_set_poll_interval_ms(options, 10);
        pictory_wait_options_set_max_wait_ms(options, kind == STALLS ? 200 : 60000);
        if (kind == RUNS_ON)
            pictory_wait_options_set_on_poll(options, stop_after_two, NULL);
        pictory_result *result = pictory_wait_job(client, id, options);
        pictory_wait_options_free(options);
        note(kind, result);
        pictory_result_free(result);
    }
    return NULL;
}

static int count(const char *folder) {
    int entries = 0;
    DIR *directory = opendir(folder);
    while (directory != NULL && readdir(directory) != NULL)
        entries++;
    if (directory != NULL)
        closedir(directory);
    return entries;
}

struct held {
    long kilobytes;
    int descriptors, threads;
};

static struct held look(void) {
    struct held held = {0, count("/proc/self/fd"), count("/proc/self/task")};
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        if (fscanf(file, "%ld %ld", &total, &resident) == 2)
            held.kilobytes = resident * (sysconf(_SC_PAGESIZE) / 1024);
        fclose(file);
    }
    return held;
}

/* The lines are written and thrown away: it is the library's work on them that is tried. */
static void take_line(pictory_log_level level, const char *message, void *user_data) {
    (void)level;
    (void)message;
    (void)user_data;
}

static int make_client(const char *ca_file) {
    pictory_config *config = pictory_config_new();
    pictory_code code = ca_file != NULL ? pictory_config_set_ca_file(config, ca_file) : PICTORY_OK;
    if (code == PICTORY_OK)
        code = pictory_config_set_log(config, PICTORY_LOG_LEVEL_DEBUG, take_line, NULL);
    if (code == PICTORY_OK)
        code = pictory_client_new(config, &client);
    pictory_config_free(config);
    return code == PICTORY_OK ? 0 : -1;
}

int main(int argc, char **argv) {
    const time_t seconds = argc > 2 ? (time_t)strtol(argv[1], NULL, 10) : 0;
    jobs = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    if (seconds < 10 || jobs == 0 || make_client(argc > 3 ? argv[3] : NULL) != 0)
        return 2;
    end_at = now() + seconds;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            return 2;
    }
    sleep((unsigned)(seconds / 10));
    const struct held early = look();
    sleep((unsigned)(seconds - seconds / 10 - 1));
    const struct held late = look();
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pictory_client_free(client);

    unsigned waits = 0, kinds = 0;
    for (int kind = 0; kind < KINDS; kind++) {
        waits += settled[kind];
        kinds += settled[kind] > 0;
    }
    printf("%u waits, %u wrong; memory %ld -> %ld KiB, descriptors %d -> %d, threads %d -> %d\n",
           waits, wrong, early.kilobytes, late.kilobytes, early.descriptors, late.descriptors,
           early.threads, late.threads);
    /* A kept connection more or less for each thread is no leak, nor is a page here and there. */
    const bool grew = late.kilobytes > early.kilobytes + early.kilobytes / 10 + 512 ||
                      late.descriptors > early.descriptors + THREADS ||
                      late.threads != early.threads;
    return wrong > 0 || grew || kinds < KINDS;
}

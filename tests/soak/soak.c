/*
 * Waits for jobs of all kinds on 8 threads for a while: each must end as its kind does, and what
 * the process holds at the end is what it held after the first tenth of the time.
 *
 * soak SECONDS JOBS [CA-FILE]. PICTORY_API_BASE_URL names an emulator with the script of script.sh.
 */
#define _POSIX_C_SOURCE 200809L

#include "kinds.h"

enum { THREADS = 8 };

static pictory_client *client;
static unsigned jobs;
static time_t end_at;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned next_job, settled[KINDS], wrong;

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
        char id[ID_SIZE];
        make_id(id, job);
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

int main(int argc, char **argv) {
    const time_t seconds = argc > 2 ? (time_t)strtol(argv[1], NULL, 10) : 0;
    jobs = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    client = new_client(argc > 3 ? argv[3] : NULL);
    if (seconds < 10 || jobs == 0 || client == NULL)
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
    printf("%u waits, %u wrong; ", waits, wrong);
    const bool grew = has_grown(early, late, THREADS);
    return wrong > 0 || grew || kinds < KINDS;
}

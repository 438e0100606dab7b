/* Sixteen threads on one client: gets, waits, new keys, and the cancel of a token that most of
 * them use, in rounds, while others read one result. */

#include "races.h"

#define ROUNDS 12

static pictory_client *client;
static pthread_barrier_t barrier;

/* Set between two rounds. */
static pictory_cancel_token *token;
static pictory_result *shared;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned lines, updates, completed, cancelled;

static void on_log(pictory_log_level level, const char *message, void *user_data) {
    CHECK(level != PICTORY_LOG_LEVEL_OFF && message[0] != '\0' && user_data == &lines);
    pthread_mutex_lock(&mutex);
    lines++;
    pthread_mutex_unlock(&mutex);
}

static bool on_poll(const pictory_result *update, void *user_data) {
    (void)user_data;
    read_result(update);
    pthread_mutex_lock(&mutex);
    updates++;
    pthread_mutex_unlock(&mutex);
    return true;
}

static void count(pictory_result *result) {
    pictory_code code = end_result(result);
    CHECK(code == PICTORY_OK || code == PICTORY_ERROR_CANCELLED);
    pthread_mutex_lock(&mutex);
    *(code == PICTORY_OK ? &completed : &cancelled) += 1;
    pthread_mutex_unlock(&mutex);
}

/* The first get pauses before it tries again, unless it is cancelled. */
static void get(unsigned thread, unsigned round) {
    char id[ID_SIZE];
    make_id(id, thread, round);
    count(pictory_get_job(client, id, token));
    for (unsigned i = 0; i < 8; i++)
        count(pictory_get_job(client, DONE_JOB, i % 2 == 0 ? token : NULL));
}

static void wait_for_job(unsigned thread, unsigned round) {
    char id[ID_SIZE];
    make_id(id, thread, round);
    pictory_wait_options *options = new_options(token);
    CHECK(pictory_wait_options_set_on_poll(options, on_poll, NULL) == PICTORY_OK);
    count(pictory_wait_job(client, id, options));
    pictory_wait_options_free(options);
}

static void rotate(unsigned thread, unsigned round) {
    for (unsigned i = 0; i < 200; i++) {
        char key[64];
        snprintf(key, sizeof key, "pictai_%u_%u_%u", thread, round, i);
        CHECK(pictory_client_set_api_key(client, key) == PICTORY_OK);
        CHECK(pictory_client_set_api_key(client, "") == PICTORY_ERROR_INVALID_API_KEY);
    }
}

/* Some rounds end by the cancel, in some it comes too late. */
static void cancel(unsigned round) {
    pause_us((long)round * 10000);
    pictory_cancel_token_cancel(token);
    CHECK(pictory_cancel_token_is_cancelled(token));
}

static void read_shared(void) {
    for (unsigned i = 0; i < 200; i++)
        CHECK(read_result(shared) == PICTORY_OK);
}

static void *run(void *data) {
    const unsigned thread = *(const unsigned *)data;
    for (unsigned round = 0; round < ROUNDS; round++) {
        pthread_barrier_wait(&barrier);
        if (thread < 5)
            get(thread, round);
        else if (thread < 10)
            wait_for_job(thread, round);
        else if (thread < 12)
            rotate(thread, round);
        else if (thread < 14)
            cancel(round);
        else
            read_shared();
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

int main(void) {
    static const char body[] = "{\"data\": {\"status\": \"completed\", \"width\": 720}}";
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];
    pictory_config *config = new_config();
    CHECK(pictory_config_set_log(config, PICTORY_LOG_LEVEL_DEBUG, on_log, &lines) == PICTORY_OK);
    client = new_client(config);
    CHECK(pthread_barrier_init(&barrier, NULL, THREADS + 1) == 0);
    start_all(threads, numbers, run);
    for (unsigned round = 0; round < ROUNDS; round++) {
        token = pictory_cancel_token_new();
        shared = pictory_parse_job(body, sizeof body - 1);
        pthread_barrier_wait(&barrier);
        pthread_barrier_wait(&barrier);
        pictory_cancel_token_free(token);
        pictory_result_free(shared);
    }
    join_all(threads);
    pthread_barrier_destroy(&barrier);
    pictory_client_free(client);
    CHECK(completed > 0 && cancelled > 0 && updates > 0 && lines > 0);
    return 0;
}

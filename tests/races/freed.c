/* The client, the options and the token are freed while sixteen calls use them: each has told that
 * it is under way, and that the emulator has answered it once, by a callback of its own thread. */

#include "races.h"

#define ROUNDS 6

static pictory_client *client;
static pictory_wait_options *options;
static pictory_cancel_token *token;
static unsigned round_now;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned under_way;

static void tell(void) {
    pthread_mutex_lock(&mutex);
    under_way++;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&mutex);
}

/* Of a get that is about to try again: every id's first reply is a 503. */
static void on_log(pictory_log_level level, const char *message, void *user_data) {
    (void)level, (void)user_data;
    if (strstr(message, "trying again") != NULL)
        tell();
}

static bool on_poll(const pictory_result *update, void *user_data) {
    (void)user_data;
    if (pictory_result_polls(update) == 1)
        tell();
    return true;
}

static void *run(void *data) {
    const unsigned thread = *(const unsigned *)data;
    char id[ID_SIZE];
    make_id(id, thread, round_now);
    if (thread % 2 == 0)
        return pictory_get_job(client, id, token);
    return pictory_wait_job(client, id, options);
}

static void begin(void) {
    under_way = 0;
    pictory_config *config = new_config();
    CHECK(pictory_config_set_log(config, PICTORY_LOG_LEVEL_DEBUG, on_log, NULL) == PICTORY_OK);
    client = new_client(config);
    token = pictory_cancel_token_new();
    options = new_options(token);
    CHECK(pictory_wait_options_set_on_poll(options, on_poll, NULL) == PICTORY_OK);
}

static void await_all(void) {
    pthread_mutex_lock(&mutex);
    while (under_way < THREADS)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
}

int main(void) {
    for (round_now = 0; round_now < ROUNDS; round_now++) {
        const bool is_cancelled = round_now % 2 == 1;
        pthread_t threads[THREADS];
        unsigned numbers[THREADS];
        begin();
        start_all(threads, numbers, run);
        await_all();
        if (is_cancelled)
            pictory_cancel_token_cancel(token);
        pictory_client_free(client);
        pictory_wait_options_free(options);
        pictory_cancel_token_free(token);
        for (unsigned i = 0; i < THREADS; i++) {
            void *result = NULL;
            CHECK(pthread_join(threads[i], &result) == 0);
            pictory_code code = end_result(result);
            /* A wait may have been done before the cancel. */
            CHECK(code == PICTORY_OK || (is_cancelled && code == PICTORY_ERROR_CANCELLED));
        }
    }
    return 0;
}

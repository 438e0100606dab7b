/* Sixteen threads at one watcher: they add, remove, poke, cancel, wake and take, while callbacks run
 * and the key is replaced; then it is freed in the middle of all that was left. */

#include "races.h"

#define ROUNDS 5
#define JOBS 12

static pictory_client *client;
static pictory_watcher *watcher;
static unsigned round_now;

static bool on_poll(const pictory_result *update, void *user_data) {
    (void)user_data;
    read_result(update);
    return pictory_result_polls(update) < 30;
}

static uint64_t tag_of(unsigned thread, unsigned job) {
    return (uint64_t)thread * 1000 + job;
}

static void add_all(unsigned thread, pictory_cancel_token *token) {
    pictory_wait_options *options = new_options(token);
    CHECK(pictory_wait_options_set_on_poll(options, on_poll, NULL) == PICTORY_OK);
    char id[ID_SIZE];
    for (unsigned job = 0; job < JOBS; job++) {
        make_id(id, thread, round_now * JOBS + job);
        CHECK(pictory_watcher_add(watcher, id, options, tag_of(thread, job)) == PICTORY_OK);
    }
    pictory_wait_options_free(options);
}

static void take_some(unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        pictory_result *result = pictory_watcher_next(watcher, i % 2 == 0 ? 0 : 20);
        if (result != NULL)
            end_result(result);
    }
}

static void *run(void *data) {
    const unsigned thread = *(const unsigned *)data;
    pictory_cancel_token *token = thread % 4 == 0 ? pictory_cancel_token_new() : NULL;
    add_all(thread, token);
    char id[ID_SIZE];
    for (unsigned job = 0; job < JOBS; job++) {
        make_id(id, thread, round_now * JOBS + job);
        /* It may have been settled and taken meanwhile. */
        pictory_watcher_poke(watcher, id);
        if (job % 3 == 0)
            pictory_watcher_remove(watcher, id, tag_of(thread, job));
        take_some(2);
        (void)pictory_watcher_pending(watcher);
        (void)pictory_watcher_fd(watcher);
    }
    CHECK(pictory_client_set_api_key(client, "pictai_another") == PICTORY_OK);
    pictory_watcher_wake(watcher);
    if (token != NULL)
        pictory_cancel_token_cancel(token);
    take_some(JOBS);
    pictory_cancel_token_free(token);
    return NULL;
}

int main(void) {
    client = new_client(new_config());
    for (round_now = 0; round_now < ROUNDS; round_now++) {
        pthread_t threads[THREADS];
        unsigned numbers[THREADS];
        CHECK(pictory_watcher_new(client, &watcher) == PICTORY_OK);
        start_all(threads, numbers, run);
        join_all(threads);
        pictory_watcher_free(watcher);
    }
    pictory_client_free(client);
    return 0;
}

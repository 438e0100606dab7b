/* The rate limit of a client: calls that give up before their turn leave it to the others. */

#include "process.h"

#include <stdatomic.h>

#define CALLERS 20

static pictory_client *client;
static pictory_cancel_token *token;

static void begin(double requests_per_second) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_rate_limit(config, requests_per_second), PICTORY_OK);
    client = new_client_of(config);
}

struct caller {
    atomic_int tid;
    atomic_bool has_ended;
};

static void *get(void *data) {
    struct caller *caller = data;
    atomic_store(&caller->tid, (int)own_tid());
    pictory_result *result = pictory_get_job(client, JOB, token);
    /* On a slow machine one may have its turn before it is cancelled. */
    CHECK(pictory_result_code(result) == PICTORY_ERROR_CANCELLED ||
          pictory_result_code(result) == PICTORY_OK);
    pictory_result_free(result);
    atomic_store(&caller->has_ended, true);
    return NULL;
}

static bool is_there(struct caller *caller) {
    return atomic_load(&caller->has_ended) ||
           (atomic_load(&caller->tid) != 0 && is_blocked(atomic_load(&caller->tid)));
}

/* One request in two seconds: what the cancelled calls would have made must not be waited for. */
static void a_cancelled_call_gives_its_turn_back(void) {
    static struct caller callers[CALLERS];
    pthread_t running[CALLERS];
    begin(0.5);
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    token = pictory_cancel_token_new();
    for (int i = 0; i < CALLERS; i++)
        running[i] = start_thread(get, &callers[i]);
    for (int i = 0; i < CALLERS; i++)
        AWAIT(is_there(&callers[i]));
    pictory_cancel_token_cancel(token);
    for (int i = 0; i < CALLERS; i++)
        join_thread(running[i]);
    int64_t cancelled = now_ms();
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    /* All together would have been forty seconds. */
    CHECK(now_ms() - cancelled < 20000);
    pictory_cancel_token_free(token);
    pictory_client_free(client);
}

/* Ten requests a second, and waits that are over sooner than their turn comes. */
static void a_wait_out_of_time_gives_its_turn_back(void) {
    begin(10);
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_max_wait_ms(options, 25), PICTORY_OK);
    uint32_t polls = 0;
    for (int i = 0; i < 40; i++) {
        pictory_result *result = pictory_wait_job(client, JOB, options);
        polls += pictory_result_polls(result);
        pictory_result_free(result);
    }
    CHECK(polls >= 4);
    pictory_wait_options_free(options);
    pictory_client_free(client);
}

CASES(CASE(a_cancelled_call_gives_its_turn_back), CASE(a_wait_out_of_time_gives_its_turn_back))

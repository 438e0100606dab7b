/* Sixteen threads make the first calls of the process at once, each with all handles of its own:
 * what the library makes once for all of them is made by one. Then each cancels the next one's
 * call at the very moment it begins. */

#include "races.h"

#define ROUNDS 40

static pthread_barrier_t barrier;
static pictory_cancel_token *tokens[THREADS];

static void *run(void *data) {
    const unsigned thread = *(const unsigned *)data;
    pthread_barrier_wait(&barrier);
    pictory_client *client = new_client(new_config());
    for (unsigned round = 0; round < ROUNDS; round++) {
        tokens[thread] = pictory_cancel_token_new();
        pthread_barrier_wait(&barrier);
        if (thread % 2 == 0)
            pictory_cancel_token_cancel(tokens[(thread + 1) % THREADS]);
        pictory_code code = end_result(pictory_get_job(client, DONE_JOB, tokens[thread]));
        CHECK(code == PICTORY_OK || (thread % 2 == 1 && code == PICTORY_ERROR_CANCELLED));
        pthread_barrier_wait(&barrier);
        pictory_cancel_token_free(tokens[thread]);
    }
    pictory_client_free(client);
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];
    CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
    start_all(threads, numbers, run);
    join_all(threads);
    pthread_barrier_destroy(&barrier);
    return 0;
}

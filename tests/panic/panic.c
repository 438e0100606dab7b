/*
 * A panic in the library, which a build with `--cfg pictory_test_panic` has on request: the call
 * reports it, the process goes on, and nothing is written.
 */
#include <pictory.h>
#include <pthread.h>
#include <string.h>

static int panics(void) {
    pictory_result *result = pictory_parse_job("panic", strlen("panic"));
    const int failed = pictory_result_code(result) != PICTORY_ERROR_INTERNAL ||
                       pictory_result_message(result) == NULL ||
                       pictory_result_job(result) != NULL || pictory_result_is_retryable(result);
    pictory_result_free(result);
    return failed;
}

static int works(void) {
    static const char body[] = "{\"data\":{\"status\":\"completed\"}}";
    pictory_result *result = pictory_parse_job(body, sizeof body - 1);
    const int failed = pictory_result_code(result) != PICTORY_OK;
    pictory_result_free(result);
    return failed;
}

static void *in_a_thread(void *failed) {
    *(int *)failed = panics() + works();
    return NULL;
}

int main(void) {
    int failed = works();
    for (int i = 0; i < 100; i++) {
        failed += panics() + works();
    }
    pthread_t threads[8];
    int failures[8];
    for (int i = 0; i < 8; i++) {
        if (pthread_create(&threads[i], NULL, in_a_thread, &failures[i]) != 0) {
            return 2;
        }
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        failed += failures[i];
    }
    return failed != 0;
}

/* Mistakes that a sanitizer has to catch, one by name, on the program's side and on the library's:
 * mistakes NAME. Without a name it makes none. */

#include "races.h"

/* Both threads live until both are done, or the one may be taken for the other. */
static pthread_barrier_t barrier;

static unsigned counter;
static pictory_config *config;

/* volatile: the compiler may not see what becomes of it. */
static pictory_result *volatile result;

static void *count(void *data) {
    (void)data;
    for (unsigned i = 0; i < 10; i++)
        counter++;
    pthread_barrier_wait(&barrier);
    return NULL;
}

/* Configurations are not for two threads at once. */
static void *configure(void *data) {
    (void)data;
    for (unsigned i = 0; i < 10; i++)
        pictory_config_set_max_retries(config, i);
    pthread_barrier_wait(&barrier);
    return NULL;
}

/* On a stack that is gone afterwards: a word that is left on one that is not would pass for an owner. */
static void *leak(void *data) {
    (void)data;
    CHECK(pictory_parse_job("{}", 2) != NULL);
    return NULL;
}

static void in_a_thread(thread_function run) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, run, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void in_two_threads(thread_function run) {
    pthread_t threads[2];
    CHECK(pthread_barrier_init(&barrier, NULL, 2) == 0);
    for (unsigned i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, run, NULL) == 0);
    for (unsigned i = 0; i < 2; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    pthread_barrier_destroy(&barrier);
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    result = pictory_parse_job("{}", 2);
    config = pictory_config_new_empty();
    const char *body = pictory_result_body(result, NULL);
    if (strcmp(name, "race") == 0)
        in_two_threads(count);
    else if (strcmp(name, "race-in-library") == 0)
        in_two_threads(configure);
    else if (strcmp(name, "leak") == 0)
        in_a_thread(leak);
    pictory_config_free(config);
    pictory_result_free(result);
    if (strcmp(name, "use-after-free") == 0)
        return body[0] == '\0';
    if (strcmp(name, "use-after-free-in-library") == 0)
        return pictory_result_code(result) == PICTORY_OK;
    result = NULL;
    return 0;
}

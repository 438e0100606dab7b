/* Sixteen threads at one watcher of watches with updates and of downloads: they set the ready callback and
 * take it away, take and wake, cut by tokens and removals; then the watcher is freed in the middle of what
 * is left. Each result comes once, and no call after free. */

#include "races.h"

#define ROUNDS 4
#define JOBS 10
#define DOWNLOADS 16

static pictory_client *client;
static pictory_watcher *watcher;
static pictory_result *done;
static char folder[256];

/* By thread and job, those of downloads behind those of watches. */
static struct {
    pthread_mutex_t lock;
    int ended[THREADS][JOBS + DOWNLOADS];
    unsigned calls;
    bool is_freed;
} seen = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void on_ready(void *user_data) {
    (void)user_data;
    pthread_mutex_lock(&seen.lock);
    CHECK(!seen.is_freed);
    seen.calls++;
    pthread_mutex_unlock(&seen.lock);
}

static void take(pictory_result *result) {
    if (result == NULL)
        return;
    const uint64_t tag = pictory_result_tag(result);
    const unsigned thread = (unsigned)(tag / 100), job = (unsigned)(tag % 100);
    CHECK(thread < THREADS && job < JOBS + DOWNLOADS);
    pthread_mutex_lock(&seen.lock);
    /* Which of two threads was handed its result first cannot be seen: updates after the end are for tests with one. */
    if (!pictory_result_is_update(result))
        CHECK(seen.ended[thread][job]++ == 0);
    pthread_mutex_unlock(&seen.lock);
    end_result(result);
}

static void add(unsigned thread, const pictory_cancel_token *token, unsigned round) {
    pictory_wait_options *options = new_options(token);
    CHECK(pictory_wait_options_set_updates(options, true) == PICTORY_OK);
    char id[ID_SIZE], path[300];
    for (unsigned job = 0; job < JOBS; job++) {
        make_id(id, thread, round * JOBS + job);
        CHECK(pictory_watcher_add(watcher, id, options, thread * 100 + job) == PICTORY_OK);
    }
    pictory_wait_options_free(options);
    pictory_download_options *files = pictory_download_options_new();
    CHECK(pictory_download_options_set_cancel_token(files, token) == PICTORY_OK);
    CHECK(pictory_download_options_set_updates(files, true) == PICTORY_OK);
    for (unsigned job = JOBS; job < JOBS + DOWNLOADS; job++) {
        snprintf(path, sizeof path, "%s/%u-%u", folder, thread, job);
        CHECK(pictory_watcher_download(watcher, pictory_result_job(done), PICTORY_OUTPUT_VIDEO, path,
                                       files, thread * 100 + job) == PICTORY_OK);
    }
    pictory_download_options_free(files);
}

static void *run(void *data) {
    const unsigned thread = *(const unsigned *)data;
    pictory_cancel_token *token = thread % 4 == 0 ? pictory_cancel_token_new() : NULL;
    add(thread, token, thread % ROUNDS);
    for (unsigned i = 0; i < JOBS + DOWNLOADS; i++) {
        if (i % 5 == 0)
            CHECK(pictory_watcher_set_on_ready(watcher, i % 2 == 0 ? on_ready : NULL, NULL) == PICTORY_OK);
        if (i % 7 == 3)
            pictory_watcher_remove(watcher, DONE_JOB, thread * 100 + JOBS + i % DOWNLOADS);
        take(i % 2 == 0 ? pictory_watcher_take(watcher, 5) : pictory_watcher_next(watcher, 0));
        (void)pictory_watcher_pending(watcher);
    }
    if (token != NULL)
        pictory_cancel_token_cancel(token);
    pictory_watcher_wake(watcher);
    for (unsigned i = 0; i < 2 * JOBS; i++)
        take(pictory_watcher_take(watcher, 10));
    pictory_cancel_token_free(token);
    return NULL;
}

/* Serves until somebody has woken it. */
static void *serve(void *unused) {
    (void)unused;
    pictory_result *result;
    while ((result = pictory_watcher_take(watcher, PICTORY_WAIT_FOREVER)) != NULL)
        take(result);
    return NULL;
}

static void clean(void) {
    char command[300];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    CHECK(system(command) == 0);
}

int main(void) {
    client = new_client(new_config());
    done = pictory_get_job(client, DONE_JOB, NULL);
    CHECK(pictory_result_code(done) == PICTORY_OK);
    const char *place = getenv("CHECK_DIR");
    snprintf(folder, sizeof folder, "%s/own-loop-XXXXXX", place != NULL ? place : "/tmp");
    CHECK(mkdtemp(folder) != NULL);
    for (unsigned round = 0; round < ROUNDS; round++) {
        pthread_t threads[THREADS], serving;
        unsigned numbers[THREADS];
        memset(seen.ended, 0, sizeof seen.ended);
        seen.is_freed = false;
        CHECK(pictory_watcher_new(client, &watcher) == PICTORY_OK);
        CHECK(pthread_create(&serving, NULL, serve, NULL) == 0);
        start_all(threads, numbers, run);
        join_all(threads);
        CHECK(pictory_watcher_set_on_ready(watcher, on_ready, NULL) == PICTORY_OK);
        pictory_watcher_wake(watcher);
        CHECK(pthread_join(serving, NULL) == 0);
        pictory_watcher_free(watcher);
        pthread_mutex_lock(&seen.lock);
        seen.is_freed = true;
        pthread_mutex_unlock(&seen.lock);
    }
    CHECK(seen.calls > 0);
    clean();
    pictory_result_free(done);
    pictory_client_free(client);
    return 0;
}

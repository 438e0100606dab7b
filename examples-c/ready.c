/*
 * A watcher in a program with a message queue of its own, as a GUI has one: ready JOB_ID...
 *
 * The watcher has something to hand out: it posts a message, on a thread of its own, and does nothing
 * else there. The program's one thread sleeps until there is a message, and takes all results when it
 * is that one. With a queue that the system gives, post() is PostMessage(), g_idle_add(),
 * uv_async_send() or dispatch_async(). Each poll is told as it comes, on the program's own thread.
 * The key comes from PICTORY_API_KEY, the server from PICTORY_API_BASE_URL (default: Pictory's).
 */
#define _POSIX_C_SOURCE 200809L

#include <pictory.h>
#include <pthread.h>
#include <stdio.h>

enum message { NOTHING, RESULTS_ARE_READY };

/* Messages that are alike are one, so that there is room for all of them. */
struct queue {
    pthread_mutex_t lock;
    pthread_cond_t is_posted;
    enum message message;
};

static void post(void *user_data) {
    struct queue *queue = user_data;
    pthread_mutex_lock(&queue->lock);
    queue->message = RESULTS_ARE_READY;
    pthread_cond_signal(&queue->is_posted);
    pthread_mutex_unlock(&queue->lock);
}

static enum message get_message(struct queue *queue) {
    pthread_mutex_lock(&queue->lock);
    while (queue->message == NOTHING)
        pthread_cond_wait(&queue->is_posted, &queue->lock);
    enum message message = queue->message;
    queue->message = NOTHING;
    pthread_mutex_unlock(&queue->lock);
    return message;
}

/* Returns whether it was the end of a job that did not complete. */
static bool has_failed(const pictory_result *result) {
    const char *id = pictory_result_job_id(result);
    if (pictory_result_is_update(result)) {
        fprintf(stderr, "%s: poll %u: %s\n", id, (unsigned)pictory_result_polls(result),
                pictory_result_message(result));
        return false;
    }
    if (pictory_result_code(result) != PICTORY_OK) {
        fprintf(stderr, "ready: %s: %s\n", id, pictory_result_message(result));
        return true;
    }
    const char *url = pictory_job_url(pictory_result_job(result));
    printf("%s completed %s\n", id, url != NULL ? url : "-");
    return false;
}

/* Takes all results that are there, and does not block. */
static bool take_results(const pictory_watcher *watcher) {
    bool all_completed = true;
    pictory_result *result;
    while ((result = pictory_watcher_next(watcher, 0)) != NULL) {
        if (has_failed(result))
            all_completed = false;
        pictory_result_free(result);
    }
    fflush(stdout);
    return all_completed;
}

static int run(const pictory_watcher *watcher, int count, char **job_ids) {
    struct queue queue = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NOTHING};
    pictory_wait_options *options = pictory_wait_options_new();
    pictory_wait_options_set_updates(options, true);
    pictory_code code = pictory_watcher_set_on_ready(watcher, post, &queue);
    for (int i = 0; i < count && code == PICTORY_OK; i++)
        code = pictory_watcher_add(watcher, job_ids[i], options, (uint64_t)i);
    pictory_wait_options_free(options);
    int status = 0;
    if (code != PICTORY_OK) {
        fprintf(stderr, "ready: %s\n", pictory_code_description(code));
        status = 2;
    }
    while (status != 2 && pictory_watcher_pending(watcher) > 0)
        if (get_message(&queue) == RESULTS_ARE_READY && !take_results(watcher))
            status = 1;
    /* The queue goes: nothing is posted to it any more. */
    pictory_watcher_set_on_ready(watcher, NULL, NULL);
    return status;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: ready JOB_ID...\n");
        return 2;
    }
    pictory_config *config = pictory_config_new();
    pictory_client *client = NULL;
    pictory_watcher *watcher = NULL;
    pictory_code code = pictory_client_new(config, &client);
    if (code != PICTORY_OK)
        fprintf(stderr, "ready: %s\n", pictory_config_message(config));
    else if ((code = pictory_watcher_new(client, &watcher)) != PICTORY_OK)
        fprintf(stderr, "ready: %s\n", pictory_code_description(code));
    pictory_config_free(config);
    int status = code == PICTORY_OK ? run(watcher, argc - 1, argv + 1) : 2;
    pictory_watcher_free(watcher);
    pictory_client_free(client);
    return status;
}

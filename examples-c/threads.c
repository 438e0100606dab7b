/*
 * Waits for many jobs at once, one thread each, through one client: threads JOB_ID...
 *
 * The key comes from PICTORY_API_KEY, the server from PICTORY_API_BASE_URL (default: Pictory's).
 */
#define _POSIX_C_SOURCE 200809L

#include <pictory.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct task {
    pthread_t thread;
    const pictory_client *client; /* const: any number of threads may use it */
    const char *job_id;
    pictory_result *result;
};

static void *run(void *argument) {
    struct task *task = argument;
    task->result = pictory_wait_job(task->client, task->job_id, NULL);
    return NULL;
}

/* Prints what came of a task, and frees it. */
static bool finish(struct task *task) {
    pictory_result *result = task->result;
    bool is_completed = pictory_result_code(result) == PICTORY_OK;
    const char *url = pictory_job_url(pictory_result_job(result));
    if (is_completed)
        printf("%s %s\n", task->job_id, url != NULL ? url : "-");
    else
        fprintf(stderr, "threads: %s: %s\n", task->job_id, pictory_result_message(result));
    pictory_result_free(result);
    return is_completed;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: threads JOB_ID...\n");
        return 2;
    }
    pictory_config *config = pictory_config_new();
    pictory_client *client = NULL;
    pictory_code code = pictory_client_new(config, &client);
    if (code != PICTORY_OK) {
        fprintf(stderr, "threads: %s\n", pictory_config_message(config));
        pictory_config_free(config);
        return 2;
    }
    pictory_config_free(config);
    size_t wanted = (size_t)(argc - 1), started = 0, completed = 0;
    struct task *tasks = calloc(wanted, sizeof *tasks);
    if (tasks == NULL)
        perror("threads");
    for (; tasks != NULL && started < wanted; started++) {
        struct task *task = &tasks[started];
        task->client = client;
        task->job_id = argv[started + 1];
        int error = pthread_create(&task->thread, NULL, run, task);
        if (error != 0) {
            fprintf(stderr, "threads: %s: %s\n", task->job_id, strerror(error));
            break;
        }
    }
    for (size_t i = 0; i < started; i++) {
        pthread_join(tasks[i].thread, NULL);
        completed += finish(&tasks[i]);
    }
    free(tasks);
    pictory_client_free(client);
    return completed == wanted ? 0 : 1;
}

/*
 * A watcher in an event loop of your own: event_loop JOB_ID...
 *
 * One poll() waits for two descriptors: the watcher's, readable while a settled job can be taken,
 * and stdin, which stands for a webhook here. A line on it is a job id that the webhook says is
 * done: its job is polled at once instead of when its turn comes, and watched from then on if it
 * is not. Ends when no job is out. To stop it with Ctrl-C loses nothing: the jobs go on at
 * Pictory, and any process may watch them again.
 * The key comes from PICTORY_API_KEY, the server from PICTORY_API_BASE_URL (default: Pictory's).
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pictory.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A line that may not be whole yet. */
struct line {
    char text[256];
    size_t length;
};

/* Takes all results that are there, and does not block. */
static bool take_results(const pictory_watcher *watcher) {
    bool all_completed = true;
    pictory_result *result;
    while ((result = pictory_watcher_next(watcher, 0)) != NULL) {
        const char *url = pictory_job_url(pictory_result_job(result));
        if (pictory_result_code(result) == PICTORY_OK) {
            printf("%s completed %s\n", pictory_result_job_id(result), url != NULL ? url : "-");
        } else {
            fprintf(stderr, "event_loop: %s: %s\n", pictory_result_job_id(result),
                    pictory_result_message(result));
            all_completed = false;
        }
        pictory_result_free(result);
    }
    fflush(stdout);
    return all_completed;
}

/*
 * The webhook has named a job. Its word is not taken for it: anybody may send a webhook, and the
 * API itself says what has become of the job.
 */
static void on_webhook(const pictory_watcher *watcher, const char *job_id) {
    pictory_code code = pictory_watcher_poke(watcher, job_id);
    if (code == PICTORY_ERROR_NOT_WATCHED) /* any more, or never */
        code = pictory_watcher_add(watcher, job_id, NULL, 0);
    if (code != PICTORY_OK)
        fprintf(stderr, "event_loop: %s: %s\n", job_id, pictory_code_description(code));
}

/* Reads what there is of stdin. Returns false at its end. */
static bool read_webhooks(const pictory_watcher *watcher, struct line *line) {
    char bytes[512];
    ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0)
        return errno == EINTR || errno == EAGAIN;
    for (ssize_t i = 0; i < count; i++) {
        if (bytes[i] == '\n' && line->length > 0) {
            line->text[line->length] = '\0';
            on_webhook(watcher, line->text);
        }
        if (bytes[i] == '\n')
            line->length = 0;
        else if (line->length < sizeof line->text - 1) /* what does not fit is no job id */
            line->text[line->length++] = bytes[i];
    }
    return count > 0;
}

static bool run(const pictory_watcher *watcher) {
    struct pollfd fds[2] = {{.fd = pictory_watcher_fd(watcher), .events = POLLIN},
                            {.fd = STDIN_FILENO, .events = POLLIN}};
    struct line line = {.length = 0};
    bool all_completed = true;
    while (pictory_watcher_pending(watcher) > 0) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR) {
            perror("event_loop: poll");
            return false;
        }
        if (fds[0].revents != 0 && !take_results(watcher))
            all_completed = false;
        if (fds[1].revents != 0 && !read_webhooks(watcher, &line))
            fds[1].fd = -1; /* poll() passes over it from now on */
    }
    return all_completed;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: event_loop JOB_ID...\n");
        return 2;
    }
    pictory_config *config = pictory_config_new();
    pictory_client *client = NULL;
    pictory_watcher *watcher = NULL;
    pictory_code code = pictory_client_new(config, &client);
    const char *reason = code != PICTORY_OK ? pictory_config_message(config) : NULL;
    if (code == PICTORY_OK)
        code = pictory_watcher_new(client, &watcher);
    for (int i = 1; i < argc && code == PICTORY_OK; i++)
        code = pictory_watcher_add(watcher, argv[i], NULL, (uint64_t)i);
    int status = 2;
    if (code != PICTORY_OK)
        fprintf(stderr, "event_loop: %s\n", reason != NULL ? reason : pictory_code_description(code));
    else
        status = run(watcher) ? 0 : 1;
    pictory_config_free(config);
    pictory_watcher_free(watcher);
    pictory_client_free(client);
    return status;
}

/*
 * Watches many jobs at once, on one thread: watch_jobs [JOB_ID...]
 *
 * Without ids it reads them from stdin, one a line, to its end. Prints a line for each settled job
 * on stdout, and on a terminal how many are still out. Ctrl-C ends the watch, not the jobs, and
 * lists those that are still out.
 * The key comes from PICTORY_API_KEY, the server from PICTORY_API_BASE_URL (default: Pictory's).
 */
#define _POSIX_C_SOURCE 200809L

#include <pictory.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Exit statuses. */
enum { ALL_COMPLETED = 0, NOT_ALL = 1, USAGE = 2, OUTPUT_FAILED = 3, INTERRUPTED = 130 };

/* Many jobs take long when they share a rate limit: each has a day. */
enum { MAX_WAIT_MS = 24 * 60 * 60 * 1000 };

static pictory_cancel_token *volatile interrupt_token; /* what the signal handler needs */

static void on_signal(int signal_number) {
    (void)signal_number;
    pictory_cancel_token_cancel(interrupt_token);
}

/* No SA_RESTART: a signal ends the reading of stdin, too. */
static void handle_signals(void (*handler)(int)) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* On a terminal that can, the count is written over itself. */
static bool is_live(void) {
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static void show_count(const pictory_watcher *watcher) {
    if (is_live())
        fprintf(stderr, "\r\033[K%zu out", pictory_watcher_pending(watcher));
}

static void clear_count(void) {
    fputs(is_live() ? "\r\033[K" : "", stderr);
}

/* The tag tells watches of the same job apart. */
static int add(const pictory_watcher *watcher, const char *job_id,
               const pictory_wait_options *options, uint64_t tag) {
    pictory_code code = pictory_watcher_add(watcher, job_id, options, tag);
    if (code == PICTORY_OK)
        return ALL_COMPLETED;
    fprintf(stderr, "watch_jobs: %s: %s\n", job_id, pictory_code_description(code));
    return NOT_ALL;
}

static int add_from_stdin(const pictory_watcher *watcher, const pictory_wait_options *options) {
    char line[256]; /* what does not fit is no job id */
    uint64_t tag = 0;
    int status = ALL_COMPLETED;
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, " \t\r\n")] = '\0';
        if (line[0] != '\0' && add(watcher, line, options, ++tag) != ALL_COMPLETED)
            status = NOT_ALL;
    }
    return status;
}

static int print_result(const pictory_result *result) {
    const char *id = pictory_result_job_id(result);
    switch (pictory_result_code(result)) {
    case PICTORY_OK: {
        const char *url = pictory_job_url(pictory_result_job(result));
        printf("%s completed %s\n", id, url != NULL ? url : "-");
        return ALL_COMPLETED;
    }
    case PICTORY_ERROR_JOB_FAILED:
    case PICTORY_ERROR_JOB_CLEANED: {
        const pictory_job *job = pictory_result_job(result);
        const char *why = pictory_job_error_message(job);
        printf("%s %s %s\n", id, pictory_status_name(pictory_job_status(job)),
               why != NULL ? why : "-");
        return NOT_ALL;
    }
    case PICTORY_ERROR_CANCELLED:
        fprintf(stderr, "watch_jobs: %s: still out\n", id);
        return INTERRUPTED;
    default:
        fprintf(stderr, "watch_jobs: %s: %s\n", id, pictory_result_message(result));
        return NOT_ALL;
    }
}

/* Hands out each watch as it settles, the cancelled ones too, until none is pending. */
static int watch(const pictory_watcher *watcher) {
    int worst = ALL_COMPLETED;
    pictory_result *result;
    show_count(watcher);
    while ((result = pictory_watcher_next(watcher, PICTORY_WAIT_FOREVER)) != NULL) {
        clear_count();
        int status = print_result(result);
        pictory_result_free(result);
        if (fflush(stdout) != 0) {
            perror("watch_jobs: stdout");
            return OUTPUT_FAILED;
        }
        worst = status > worst ? status : worst;
        show_count(watcher);
    }
    clear_count();
    return worst;
}

static int run(const pictory_client *client, int argc, char **argv) {
    pictory_watcher *watcher = NULL;
    pictory_code code = pictory_watcher_new(client, &watcher);
    if (code != PICTORY_OK) {
        fprintf(stderr, "watch_jobs: %s\n", pictory_code_description(code));
        return NOT_ALL;
    }
    pictory_wait_options *options = pictory_wait_options_new();
    pictory_wait_options_set_max_wait_ms(options, MAX_WAIT_MS);
    pictory_wait_options_set_cancel_token(options, interrupt_token);
    int added = ALL_COMPLETED;
    for (int i = 1; i < argc; i++)
        if (add(watcher, argv[i], options, (uint64_t)i) != ALL_COMPLETED)
            added = NOT_ALL;
    if (argc < 2)
        added = add_from_stdin(watcher, options);
    pictory_wait_options_free(options); /* each watch has its own copy */
    int status = watch(watcher);
    pictory_watcher_free(watcher);
    if (pictory_cancel_token_is_cancelled(interrupt_token))
        return INTERRUPTED;
    return status > added ? status : added;
}

int main(int argc, char **argv) {
    if (argc > 1 && argv[1][0] == '-') {
        fprintf(stderr, "usage: watch_jobs [JOB_ID...]\n");
        return USAGE;
    }
    pictory_config *config = pictory_config_new();
    pictory_client *client = NULL;
    pictory_code code = pictory_client_new(config, &client);
    if (code != PICTORY_OK) {
        fprintf(stderr, "watch_jobs: %s\n", pictory_config_message(config));
        pictory_config_free(config);
        return USAGE;
    }
    pictory_config_free(config);
    interrupt_token = pictory_cancel_token_new();
    handle_signals(on_signal);
    int status = run(client, argc, argv);
    handle_signals(SIG_DFL); /* before the token goes */
    pictory_cancel_token_free(interrupt_token);
    pictory_client_free(client);
    return status;
}

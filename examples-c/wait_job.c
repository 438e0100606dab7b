/*
 * Waits for a job: wait_job [--max-wait SECONDS] [--poll-interval SECONDS] JOB_ID
 *
 * Prints each poll on stderr and the video on stdout. Ctrl-C ends the wait, not the job.
 * The key comes from PICTORY_API_KEY, the server from PICTORY_API_BASE_URL (default: Pictory's).
 */
#define _POSIX_C_SOURCE 200809L

#include <pictory.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EXIT_COMPLETED = 0,
    EXIT_JOB_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_API = 3, /* the network or the API */
    EXIT_TIME_IS_UP = 4,
    EXIT_INTERRUPTED = 130
};

static const char usage[] =
    "usage: wait_job [--max-wait SECONDS] [--poll-interval SECONDS] JOB_ID\n"
    "\n"
    "  --max-wait SECONDS       give up after so long (default: 600)\n"
    "  --poll-interval SECONDS  pause so long between polls (default: 15)\n"
    "\n"
    "PICTORY_API_KEY is the key, PICTORY_API_BASE_URL another server than Pictory's.\n"
    "Exit status: 0 completed, 1 job failed, 2 usage, 3 network or API, 4 time is up,\n"
    "130 interrupted.\n";

/* State for the signal handler, which must be async-signal-safe. */
static pictory_cancel_token *volatile interrupt_token;

static void on_signal(int signal_number) {
    (void)signal_number;
    pictory_cancel_token_cancel(interrupt_token);
}

static void handle_signals(void (*handler)(int)) {
#ifdef _WIN32
    signal(SIGINT, handler);
    signal(SIGTERM, handler);
#else
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
#endif
}

/* On a terminal that can, polls are written over one another. */
static bool is_rewritable(void) {
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

/* Begins a line on stderr, in place of a poll that stands there. */
static void begin_line(void) {
    fputs(is_rewritable() ? "\r\033[K" : "", stderr);
}

static void print_poll(const pictory_result *poll) {
    begin_line();
    fprintf(stderr, "poll %u after %.1f s: %s", (unsigned)pictory_result_polls(poll),
            (double)pictory_result_elapsed_ms(poll) / 1000.0, pictory_result_message(poll));
}

static bool on_poll(const pictory_result *poll, void *user_data) {
    double progress = pictory_job_progress(pictory_result_job(poll)); /* only of render jobs */
    int64_t next = pictory_result_next_poll_ms(poll);
    bool is_good = pictory_result_code(poll) == PICTORY_OK;

    (void)user_data;
    print_poll(poll);
    if (is_good && progress >= 0.0)
        fprintf(stderr, ", %.0f %%", progress);
    if (next >= 0)
        fprintf(stderr, "; next in %.1f s", (double)next / 1000.0);
    /* A failed poll stays on the screen. */
    fputs(is_good && is_rewritable() ? "" : "\n", stderr);
    return true; /* go on */
}

/* Returns false, and leaves the default, if `text` is not a number of seconds. */
static bool milliseconds(const char *text, int64_t *ms) {
    char *end = NULL;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds > 0.0 && seconds < 1e9))
        return false;
    *ms = (int64_t)(seconds * 1000.0 + 0.5);
    return true;
}

/* Reads the arguments. Returns the job id, or NULL if they cannot be used. */
static const char *read_arguments(int argc, char **argv, pictory_wait_options *options) {
    const char *job_id = NULL;
    for (int i = 1; i < argc; i++) {
        int64_t ms = 0;
        if (strcmp(argv[i], "--max-wait") == 0 && i + 1 < argc) {
            if (!milliseconds(argv[++i], &ms) ||
                pictory_wait_options_set_max_wait_ms(options, ms) != PICTORY_OK)
                return NULL;
        } else if (strcmp(argv[i], "--poll-interval") == 0 && i + 1 < argc) {
            if (!milliseconds(argv[++i], &ms) ||
                pictory_wait_options_set_poll_interval_ms(options, ms) != PICTORY_OK)
                return NULL;
        } else if (argv[i][0] == '-' || job_id != NULL) {
            return NULL;
        } else {
            job_id = argv[i];
        }
    }
    return job_id;
}

static void print_video(const pictory_job *job) {
    const char *url = pictory_job_url(job);
    uint32_t width = pictory_job_width(job), height = pictory_job_height(job);
    double seconds = pictory_job_duration_seconds(job);
    double credits = pictory_job_ai_credits_used(job);

    printf("URL         %s\n", url != NULL ? url : "unknown");
    if (width > 0 && height > 0)
        printf("size        %u x %u\n", (unsigned)width, (unsigned)height);
    if (seconds >= 0.0)
        printf("length      %g s\n", seconds);
    if (credits >= 0.0)
        printf("AI credits  %g\n", credits);
}

static int exit_status(pictory_code code) {
    switch (code) {
    case PICTORY_OK:
        return EXIT_COMPLETED;
    case PICTORY_ERROR_JOB_FAILED:
    case PICTORY_ERROR_JOB_CLEANED:
        return EXIT_JOB_FAILED;
    case PICTORY_ERROR_INVALID_ARGUMENT:
    case PICTORY_ERROR_INVALID_JOB_ID:
    case PICTORY_ERROR_INVALID_API_KEY:
    case PICTORY_ERROR_INVALID_URL:
    case PICTORY_ERROR_INSECURE_URL:
        return EXIT_USAGE;
    case PICTORY_ERROR_WAIT_TIMEOUT:
    case PICTORY_ERROR_UNEXPECTED_STATUS:
        return EXIT_TIME_IS_UP;
    case PICTORY_ERROR_CANCELLED:
        return EXIT_INTERRUPTED;
    default:
        return EXIT_API;
    }
}

static pictory_code wait_for(const pictory_client *client, const char *job_id,
                             const pictory_wait_options *options) {
    pictory_result *result = pictory_wait_job(client, job_id, options);
    pictory_code code = pictory_result_code(result);
    if (code == PICTORY_OK) {
        print_poll(result);
        fputs("\n", stderr);
        print_video(pictory_result_job(result));
    } else {
        begin_line();
        fprintf(stderr, "wait_job: %s\n", pictory_result_message(result));
    }
    if (code == PICTORY_ERROR_CANCELLED || code == PICTORY_ERROR_WAIT_TIMEOUT)
        fprintf(stderr, "wait_job: wait again with: wait_job %s\n", job_id);
    pictory_result_free(result);
    return code;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return EXIT_COMPLETED;
    }
    int status = EXIT_USAGE;
    pictory_client *client = NULL;
    pictory_wait_options *options = pictory_wait_options_new();
    interrupt_token = pictory_cancel_token_new();
    pictory_wait_options_set_cancel_token(options, interrupt_token);
    pictory_wait_options_set_on_poll(options, on_poll, NULL);

    const char *job_id = read_arguments(argc, argv, options);
    if (job_id == NULL) {
        fputs(usage, stderr);
    } else {
        pictory_config *config = pictory_config_new();
        pictory_code code = pictory_client_new(config, &client);
        if (code != PICTORY_OK) {
            fprintf(stderr, "wait_job: %s\n", pictory_config_message(config));
        } else {
            handle_signals(on_signal);
            code = wait_for(client, job_id, options);
            handle_signals(SIG_DFL); /* before the token goes */
        }
        pictory_config_free(config);
        status = exit_status(code);
    }
    pictory_cancel_token_free(interrupt_token);
    pictory_wait_options_free(options);
    pictory_client_free(client);
    if (fclose(stdout) != 0) {
        perror("wait_job: stdout");
        return EXIT_API;
    }
    return status;
}

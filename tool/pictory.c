/*
 * pictory: gets Pictory AI video jobs, waits for them and downloads what they made.
 *
 * `pictory --help` says how it is used, pictory.1 all of it. It needs nothing but C99, POSIX and the
 * library. This file is the commands; beside it are pictory_options.c (the command line), pictory_ids.c
 * (from arguments and stdin), pictory_jobs.c (many jobs at once), pictory_report.c (stdout),
 * pictory_files.c and pictory_progress.c (downloads) and pictory_screen.c (stderr).
 */
#define _POSIX_C_SOURCE 200809L

#include "pictory_files.h"
#include "pictory_ids.h"
#include "pictory_jobs.h"
#include "pictory_report.h"
#include "pictory_screen.h"
#include <errno.h>
#include <pictory.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* State for the signal handler, which must be async-signal-safe. */
static pictory_cancel_token *volatile interrupt_token;

static volatile sig_atomic_t interrupted_by;

static void on_signal(int signal_number) {
    interrupted_by = signal_number;
    pictory_cancel_token_cancel(interrupt_token);
}

/* The second Ctrl-C finds the default again, which ends the program at once. What was ignored when the
 * program began, such as by nohup, stays so. */
static void handle(int signal_number, void (*handler)(int)) {
    struct sigaction action;
    if (sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN &&
        handler != SIG_IGN)
        return;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART | (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

/* Where the log goes. */
struct log {
    bool is_verbose, is_made;
    FILE *trace; /* NULL: nobody asked for it */
    int64_t begun_ms;
};

static void on_log(pictory_log_level level, const char *message, void *user_data) {
    static const char *const names[] = {"off", "error", "warn", "info", "debug"};
    struct log *log = user_data;
    if (log->trace != NULL) /* a line at once: other threads write, too */
        fprintf(log->trace, "%9.3f %-5s %s\n", (double)(now_ms() - log->begun_ms) / 1000.0,
                names[level], message);
    if (!log->is_made) /* why it is not, its configuration says */
        return;
    if (log->is_verbose)
        say("%s%s", level == PICTORY_LOG_LEVEL_DEBUG ? "  " : "", message);
    else if (level == PICTORY_LOG_LEVEL_WARN) /* an error is in the result, too */
        say("%s", message);
}

static bool accept(const pictory_config *config, const char *option, pictory_code code) {
    if (code != PICTORY_OK)
        say("%s: %s", option, pictory_config_message(config));
    return code == PICTORY_OK;
}

/* Returns the client, or NULL after having said why not. */
static pictory_client *make_client(const struct options *options, struct log *log) {
    pictory_client *client = NULL;
    pictory_config *config = pictory_config_new();
    bool is_good = true;
    log->is_verbose = options->is_verbose;
    bool is_whole = log->is_verbose || log->trace != NULL;
    pictory_config_set_log(config, is_whole ? PICTORY_LOG_LEVEL_DEBUG : PICTORY_LOG_LEVEL_WARN, on_log,
                           log);
    if (options->base_url != NULL)
        is_good = accept(config, "--base-url", pictory_config_set_base_url(config, options->base_url));
    if (is_good && options->ca_file != NULL)
        is_good = accept(config, "--ca-file", pictory_config_set_ca_file(config, options->ca_file));
    if (is_good && options->rate > 0.0)
        is_good = accept(config, "--rate", pictory_config_set_rate_limit(config, options->rate));
    if (is_good) {
        pictory_code code = pictory_client_new(config, &client);
        log->is_made = true;
        if (code != PICTORY_OK)
            say("%s", pictory_config_message(config));
    }
    pictory_config_free(config);
    return client;
}

/* A job that has failed is a good reply to a get, and yet not a good job. */
static int state_status(const pictory_result *result) {
    pictory_status status = pictory_job_status(pictory_result_job(result));
    bool has_failed = status == PICTORY_STATUS_FAILED || status == PICTORY_STATUS_CLEANED;
    pictory_code code = pictory_result_code(result);
    return code == PICTORY_OK && has_failed ? EXIT_JOB_FAILED : exit_status(code);
}

static int get(const pictory_client *client, const struct options *options, const struct ids *ids) {
    int status = EXIT_COMPLETED;
    for (size_t i = 0; i < ids->count && status != EXIT_INTERRUPTED; i++) {
        pictory_result *result = pictory_get_job(client, ids->list[i], interrupt_token);
        struct report report = report_of(result);
        print_report(options, &report, ids->count == 1);
        status = highest(status, state_status(result));
        pictory_result_free(result);
        if (!flush_stdout())
            return EXIT_TROUBLE;
    }
    if (status == EXIT_INTERRUPTED)
        say("interrupted: run the same command again");
    return status;
}

static bool open_trace(struct log *log, const char *path) {
    log->begun_ms = now_ms();
    log->trace = path != NULL ? fopen(path, "w") : NULL;
    if (log->trace != NULL)
        setvbuf(log->trace, NULL, _IOLBF, BUFSIZ); /* of a program that is killed, all lines are there */
    else if (path != NULL)
        say("--trace %s: %s", path, strerror(errno));
    return path == NULL || log->trace != NULL;
}

static bool close_trace(const struct log *log, const char *path) {
    if (log->trace == NULL)
        return true;
    bool is_whole = !ferror(log->trace);
    is_whole = fclose(log->trace) == 0 && is_whole;
    if (!is_whole)
        say("--trace %s: not all of it could be written", path);
    return is_whole;
}

static int with_client(const struct options *options) {
    struct ids ids = {.list = NULL};
    struct log log = {.is_made = false};
    pictory_client *client = NULL;
    int status = EXIT_USAGE;
    if (read_ids(&ids, options->words, options->count, options->command == DOWNLOAD)) {
        if (!open_trace(&log, options->trace)) /* after stdin, which may be the same file */
            status = EXIT_TROUBLE;
        else
            client = make_client(options, &log);
    }
    if (client != NULL && options->command == DOWNLOAD && !make_folder(options->folder)) {
        status = EXIT_TROUBLE;
    } else if (client != NULL) {
        interrupt_token = pictory_cancel_token_new();
        handle(SIGINT, on_signal);
        handle(SIGTERM, on_signal);
        status = options->command == GET ? get(client, options, &ids) 
                                         : run_jobs(client, options, &ids, interrupt_token);
        handle(SIGINT, SIG_DFL); /* before the token goes */
        handle(SIGTERM, SIG_DFL);
        pictory_cancel_token_free(interrupt_token);
    }
    pictory_client_free(client);
    if (!close_trace(&log, options->trace))
        status = highest(status, EXIT_TROUBLE);
    free_ids(&ids);
    return status;
}

/* Reads a body. It proves nothing about its sender, and nothing is sent. */
static int parse(const struct options *options) {
    enum { MOST = 1024 * 1024 + 1 }; /* a byte more than the library takes, so that it says so */
    bool is_stdin = strcmp(options->words[0], "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(options->words[0], "rb");
    char *body = malloc(MOST);
    int status = EXIT_USAGE;
    errno = body == NULL ? ENOMEM : errno;
    size_t length = file != NULL && body != NULL ? fread(body, 1, MOST, file) : 0;
    if (file == NULL || body == NULL || ferror(file)) {
        say("%s: %s", options->words[0], strerror(errno));
        status = EXIT_TROUBLE;
    } else {
        pictory_result *result = pictory_parse_job(body, length);
        struct report report = report_of(result);
        print_report(options, &report, true);
        status = state_status(result);
        pictory_result_free(result);
    }
    free(body);
    if (file != NULL && !is_stdin)
        fclose(file);
    return status;
}

int main(int argc, char **argv) {
    struct options options;
    handle(SIGPIPE, SIG_IGN); /* a closed stdout is an error like others */
    int status = read_options(argc, argv, &options);
    if (status == GO_ON)
        status = options.command == PARSE ? parse(&options) : with_client(&options);
    free_options(&options);
    if (!flush_stdout())
        status = EXIT_TROUBLE;
    /* By the signal itself, so that a loop of the shell's ends, too. */
    if (status == EXIT_INTERRUPTED && interrupted_by == SIGINT)
        raise(SIGINT);
    return status;
}

/*
 * From a list of job ids to a folder of videos: download_all FOLDER <ids
 *
 * Each id on stdin is watched, and its video goes to FOLDER/JOB_ID.mp4 as soon as the job is done, four at a
 * time. One thread of this program's own takes all that comes out of one watcher. Ctrl-C ends it; started
 * again, it goes on where it was: a video that is there is not downloaded again, and one that is half
 * there is gone on with.
 * The key comes from PICTORY_API_KEY, the server from PICTORY_API_BASE_URL (default: Pictory's).
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <pictory.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WATCH = 0, DOWNLOAD = 1 }; /* tags */

static pictory_cancel_token *volatile interrupt_token;

static void on_signal(int signal_number) {
    (void)signal_number;
    pictory_cancel_token_cancel(interrupt_token);
}

static void path_of(char *path, size_t size, const char *folder, const char *job_id) {
    snprintf(path, size, "%s/%s.mp4", folder, job_id);
}

/* Watches the ids of stdin, but for those whose videos are there. Returns false if one is none. */
static bool add_all(const pictory_watcher *watcher, const pictory_wait_options *options,
                    const char *folder) {
    char line[256], path[4096];
    bool is_good = true;
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, " \t\r\n")] = '\0';
        path_of(path, sizeof path, folder, line);
        if (line[0] == '\0' || (pictory_job_id_is_valid(line) && access(path, F_OK) == 0))
            continue;
        pictory_code code = pictory_watcher_add(watcher, line, options, WATCH);
        if (code != PICTORY_OK && code != PICTORY_ERROR_ALREADY_WATCHED) {
            fprintf(stderr, "download_all: %s: %s\n", line, pictory_code_description(code));
            is_good = false;
        }
    }
    return is_good;
}

/* A job has settled: has its video downloaded. Returns PICTORY_OK if its turn will come. */
static pictory_code begin(const pictory_watcher *watcher, const pictory_result *settled,
                          const pictory_download_options *options, const char *folder) {
    char path[4096];
    path_of(path, sizeof path, folder, pictory_result_job_id(settled));
    return pictory_watcher_download(watcher, pictory_result_job(settled), PICTORY_OUTPUT_VIDEO, path,
                                    options, DOWNLOAD);
}

/* Takes whatever comes out of the watcher, until nothing is left. */
static int run(const pictory_watcher *watcher, const pictory_download_options *options,
               const char *folder) {
    int status = 0;
    pictory_result *result;
    while ((result = pictory_watcher_next(watcher, PICTORY_WAIT_FOREVER)) != NULL) {
        const char *job_id = pictory_result_job_id(result), *message = pictory_result_message(result);
        pictory_code code = pictory_result_code(result);
        if (code == PICTORY_OK && pictory_result_tag(result) == DOWNLOAD) {
            printf("%s/%s.mp4\n", folder, job_id);
            fflush(stdout);
        } else if (code == PICTORY_OK) {
            code = begin(watcher, result, options, folder);
            message = pictory_code_description(code);
        }
        if (code != PICTORY_OK && status != 130)
            status = code == PICTORY_ERROR_CANCELLED ? 130 : 1;
        if (code != PICTORY_OK && code != PICTORY_ERROR_CANCELLED)
            fprintf(stderr, "download_all: %s: %s\n", job_id, message);
        pictory_result_free(result);
    }
    return status;
}

static void handle_signals(void (*handler)(int)) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART | (int)SA_RESETHAND; /* the second Ctrl-C ends the program at once */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int download_all(const pictory_client *client, const char *folder) {
    pictory_watcher *watcher = NULL;
    pictory_code code = pictory_watcher_new(client, &watcher);
    if (code != PICTORY_OK) {
        fprintf(stderr, "download_all: %s\n", pictory_code_description(code));
        return 2;
    }
    interrupt_token = pictory_cancel_token_new();
    pictory_wait_options *wait = pictory_wait_options_new();
    pictory_download_options *download = pictory_download_options_new();
    pictory_wait_options_set_cancel_token(wait, interrupt_token);
    pictory_wait_options_set_max_wait_ms(wait, PICTORY_WAIT_FOREVER);
    pictory_download_options_set_cancel_token(download, interrupt_token);
    handle_signals(on_signal);
    bool is_good = add_all(watcher, wait, folder);
    int status = run(watcher, download, folder);
    handle_signals(SIG_DFL); /* before the token goes */
    if (status == 130)
        fprintf(stderr, "download_all: interrupted; start it again to go on\n");
    pictory_download_options_free(download);
    pictory_wait_options_free(wait);
    pictory_cancel_token_free(interrupt_token);
    pictory_watcher_free(watcher);
    return status == 0 && !is_good ? 2 : status;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: download_all FOLDER <ids\n");
        return 2;
    }
    if (mkdir(argv[1], 0777) != 0 && errno != EEXIST) {
        perror(argv[1]);
        return 2;
    }
    pictory_config *config = pictory_config_new();
    pictory_client *client = NULL;
    pictory_code code = pictory_client_new(config, &client);
    if (code != PICTORY_OK)
        fprintf(stderr, "download_all: %s\n", pictory_config_message(config));
    pictory_config_free(config);
    int status = code == PICTORY_OK ? download_all(client, argv[1]) : 2;
    pictory_client_free(client);
    return status;
}

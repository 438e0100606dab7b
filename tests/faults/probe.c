/*
 * One call, as a line: CODE ELAPSED_MS POLLS DESCRIPTORS THREADS, the last two being what was left
 * once the client was gone.
 *
 * probe get|wait URL [--ca FILE] [--proxy URL] [--max-wait MS] [--interval MS] [--connect MS]
 *       [--request MS] [--stop-on-unknown 0|1]
 */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <pictory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char job_id[] = "4a09edf9-d071-4847-bda5-8dea913d80fe";

static int count(const char *folder) {
    int entries = 0;
    DIR *directory = opendir(folder);
    while (directory != NULL && readdir(directory) != NULL)
        entries++;
    if (directory != NULL)
        closedir(directory);
    return entries;
}

/* A thread that was joined may still be listed for a moment: the kernel tells of its end first. */
static int threads_left(int before) {
    const struct timespec moment = {0, 1000000};
    int left = count("/proc/self/task") - before;
    for (int tries = 0; left > 0 && tries < 1000; tries++) {
        nanosleep(&moment, NULL);
        left = count("/proc/self/task") - before;
    }
    return left;
}

static pictory_code set(pictory_config *config, pictory_wait_options *options, const char *name,
                        const char *value) {
    const int64_t ms = strtoll(value, NULL, 10);
    if (strcmp(name, "--ca") == 0)
        return pictory_config_set_ca_file(config, value);
    if (strcmp(name, "--proxy") == 0)
        return pictory_config_set_proxy(config, value);
    if (strcmp(name, "--connect") == 0)
        return pictory_config_set_connect_timeout_ms(config, ms);
    if (strcmp(name, "--request") == 0)
        return pictory_config_set_request_timeout_ms(config, ms);
    if (strcmp(name, "--max-wait") == 0)
        return pictory_wait_options_set_max_wait_ms(options, ms);
    if (strcmp(name, "--interval") == 0)
        return pictory_wait_options_set_poll_interval_ms(options, ms);
    if (strcmp(name, "--stop-on-unknown") == 0)
        return pictory_wait_options_set_stop_on_unknown_status(options, ms != 0);
    return PICTORY_ERROR_INVALID_ARGUMENT;
}

int main(int argc, char **argv) {
    if (argc < 3)
        return 2;
    const int descriptors = count("/proc/self/fd"), threads = count("/proc/self/task");
    pictory_config *config = pictory_config_new_empty();
    pictory_wait_options *options = pictory_wait_options_new();
    pictory_client *client = NULL;
    pictory_config_set_api_key(config, "pictai_probe");
    pictory_config_set_max_retries(config, 0);
    pictory_config_set_allow_http(config, true);
    pictory_code code = pictory_config_set_base_url(config, argv[2]);
    for (int i = 3; i + 1 < argc && code == PICTORY_OK; i += 2)
        code = set(config, options, argv[i], argv[i + 1]);
    if (code == PICTORY_OK)
        code = pictory_client_new(config, &client);
    if (code != PICTORY_OK) {
        fprintf(stderr, "probe: %s\n", pictory_code_name(code));
        return 2;
    }
    pictory_result *result = strcmp(argv[1], "wait") == 0
                                 ? pictory_wait_job(client, job_id, options)
                                 : pictory_get_job(client, job_id, NULL);
    pictory_client_free(client);
    pictory_wait_options_free(options);
    pictory_config_free(config);
    printf("%s %lld %u %d %d\n", pictory_code_name(pictory_result_code(result)),
           (long long)pictory_result_elapsed_ms(result), (unsigned)pictory_result_polls(result),
           count("/proc/self/fd") - descriptors, threads_left(threads));
    fprintf(stderr, "probe: %s\n", pictory_result_message(result));
    pictory_result_free(result);
    return 0;
}

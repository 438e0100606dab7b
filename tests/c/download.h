/* What the programs that download share. PICTORY_TEST_URL is the output's URL, PICTORY_TEST_PATH where
 * it goes to. */

#ifndef DOWNLOAD_H
#define DOWNLOAD_H

#include "process.h"

#include <sys/stat.h>

static pictory_client *client;
static pictory_download_options *options;
static pictory_result *parsed;
static const char *path;

static inline const pictory_job *job(void) {
    return pictory_result_job(parsed);
}

static inline void begin(void) {
    char body[1024];
    snprintf(body, sizeof body,
             "{\"job_id\": \"" JOB "\", \"data\": {\"status\": \"completed\", \"url\": \"%s\"}}",
             setting("PICTORY_TEST_URL"));
    parsed = pictory_parse_job(body, strlen(body));
    CHECK_CODE(pictory_result_code(parsed), PICTORY_OK);
    path = setting("PICTORY_TEST_PATH");
    pictory_config *config = pictory_config_new();
    if (getenv("PICTORY_TEST_CA") != NULL)
        CHECK_CODE(pictory_config_set_ca_file(config, getenv("PICTORY_TEST_CA")), PICTORY_OK);
    client = new_client_of(config);
    options = pictory_download_options_new();
    CHECK_CODE(pictory_download_options_set_max_retries(options, 0), PICTORY_OK);
}

static inline void end(void) {
    pictory_download_options_free(options);
    pictory_result_free(parsed);
    pictory_client_free(client);
}

static inline pictory_result *download(void) {
    return pictory_download(client, job(), PICTORY_OUTPUT_VIDEO, path, options);
}

static inline void on_progress(pictory_progress_callback callback, void *user_data) {
    CHECK_CODE(pictory_download_options_set_on_progress(options, callback, user_data), PICTORY_OK);
}

static inline int64_t size_of(const char *ending) {
    char name[4096];
    struct stat found;
    snprintf(name, sizeof name, "%s%s", path, ending);
    return stat(name, &found) == 0 ? (int64_t)found.st_size : -1;
}

#endif

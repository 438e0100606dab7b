/* A client of this library for the benchmarks. */

#ifndef PICTORY_BENCH_H
#define PICTORY_BENCH_H

#include "bench.h"

#include <pictory.h>

static inline void expect_ok(pictory_code code, const char *what) {
    if (code != PICTORY_OK)
        fail("%s: %s", what, pictory_code_name(code));
}

static inline pictory_client *new_client(const char *base_url, const char *ca) {
    pictory_config *config = pictory_config_new_empty();
    expect_ok(pictory_config_set_api_key(config, KEY), "the key");
    expect_ok(pictory_config_set_base_url(config, base_url), "the base URL");
    if (ca != NULL)
        expect_ok(pictory_config_set_ca_file(config, ca), "the CA file");
    pictory_client *client = NULL;
    expect_ok(pictory_client_new(config, &client), "the client");
    pictory_config_free(config);
    return client;
}

/* Reads all that the reply of a completed job holds. */
static inline void check_read(const pictory_result *result) {
    const pictory_job *job = pictory_result_job(result);
    if (pictory_job_id(job) == NULL || pictory_job_status(job) == PICTORY_STATUS_UNKNOWN)
        fail("no job");
    const char *texts[] = {pictory_job_url(job), pictory_job_thumbnail_image_url(job),
                           pictory_job_last_frame_image_url(job),
                           pictory_job_preview_image_url(job), pictory_job_duration(job)};
    double numbers = pictory_job_width(job) + pictory_job_height(job) +
                     pictory_job_ai_credits_used(job);
    if (pictory_job_status(job) != PICTORY_STATUS_COMPLETED)
        return;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] == NULL || texts[i][0] == '\0')
            fail("a text is missing");
    if (numbers <= 0)
        fail("a number is missing");
}

#endif

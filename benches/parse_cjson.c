/* The same fields by cJSON. */
#include "curl_job.h"
#include "parse.h"

static void once(const struct text *text) {
    struct job_view job;
    if (!job_view_read(&job, text->bytes, text->length) || job.url == NULL || job.credits < 0)
        fail("not a job");
    job_view_free(&job);
}

int main(int argc, char **argv) {
    return parse_measure(argc, argv, once);
}

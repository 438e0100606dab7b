/*
 * Reads a job from a body that you already hold, such as a webhook's: parse_job [FILE]
 *
 * Without FILE it reads stdin. Nothing is sent, and no key is needed. Such a body proves nothing
 * about its sender: get the job by its id before acting on it.
 */
#include <pictory.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 1024 * 1024 + 1 }; /* a byte more than the library takes, so that it says so */

static void print_text(const char *label, const char *text) {
    if (text != NULL)
        printf("%-16s %s\n", label, text);
}

static void print_number(const char *label, double number, const char *unit) {
    if (number >= 0.0)
        printf("%-16s %g%s\n", label, number, unit);
}

static void print_job(const pictory_job *job) {
    uint32_t width = pictory_job_width(job), height = pictory_job_height(job);

    print_text("job", pictory_job_id(job));
    print_text("status", pictory_status_name(pictory_job_status(job)));
    print_number("progress", pictory_job_progress(job), " %");
    print_text("video", pictory_job_url(job));
    if (width > 0 && height > 0)
        printf("%-16s %u x %u\n", "size", (unsigned)width, (unsigned)height);
    print_number("length", pictory_job_duration_seconds(job), " s");
    print_text("thumbnail", pictory_job_thumbnail_image_url(job));
    print_text("last frame", pictory_job_last_frame_image_url(job));
    print_text("preview", pictory_job_preview_image_url(job));
    print_number("AI credits", pictory_job_ai_credits_used(job), "");
    print_text("error code", pictory_job_error_code(job));
    print_text("error message", pictory_job_error_message(job));
    /* Members without a function of their own are found by their API names. */
    print_text("share URL", pictory_job_field(job, "videoShareURL"));
}

static int parse(FILE *file) {
    char *body = malloc(MOST);
    if (body == NULL) {
        perror("parse_job");
        return 2;
    }
    size_t length = fread(body, 1, MOST, file);
    if (ferror(file)) {
        perror("parse_job: read");
        free(body);
        return 2;
    }
    pictory_result *result = pictory_parse_job(body, length);
    free(body); /* the result has its own copy */
    pictory_code code = pictory_result_code(result);
    if (code == PICTORY_OK)
        print_job(pictory_result_job(result));
    else
        fprintf(stderr, "parse_job: %s\n", pictory_result_message(result));
    pictory_result_free(result);
    return code == PICTORY_OK ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
        fprintf(stderr, "usage: parse_job [FILE]\n");
        return 2;
    }
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : stdin;
    if (file == NULL) {
        perror(argv[1]);
        return 2;
    }
    int status = parse(file);
    if (file != stdin)
        fclose(file);
    return status;
}

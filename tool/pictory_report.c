/*
 * The tool's report on stdout: how a job stands, for a person or as JSON.
 */
#define _POSIX_C_SOURCE 200809L

#include "pictory_report.h"
#include "../examples-c/json.h"
#include "pictory_screen.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct report report_of(const pictory_result *result) {
    return (struct report){.id = pictory_result_job_id(result),
                           .code = pictory_result_code(result),
                           .message = pictory_result_message(result),
                           .result = result,
                           .elapsed_ms = -1};
}

static void print_status(pictory_status status, int width) {
    const char *number = status == PICTORY_STATUS_COMPLETED       ? "32"
                         : status == PICTORY_STATUS_FAILED        ? "31"
                         : status == PICTORY_STATUS_CLEANED       ? "31"
                                                                  : "33";
    fputs(colour(stdout, number), stdout);
    printf("%-*s", width, pictory_status_name(status));
    fputs(colour(stdout, NULL), stdout);
}

static void print_text(const char *label, const char *text) {
    if (text == NULL)
        return;
    printf("%-14s ", label);
    put(stdout, text);
    putchar('\n');
}

static void print_number(const char *label, double number, const char *unit) {
    if (number >= 0.0)
        printf("%-14s %g%s\n", label, number, unit);
}

/* One job: all that is known, a line each. */
static void print_job(const pictory_job *job) {
    uint32_t width = pictory_job_width(job), height = pictory_job_height(job);
    print_text("job", pictory_job_id(job));
    printf("%-14s ", "status");
    print_status(pictory_job_status(job), 0);
    putchar('\n');
    if (pictory_job_status(job) == PICTORY_STATUS_UNKNOWN)
        print_text("as spelled", pictory_job_status_text(job));
    print_number("progress", pictory_job_progress(job), " %");
    print_text("video", pictory_job_url(job));
    if (width > 0 && height > 0)
        printf("%-14s %" PRIu32 " x %" PRIu32 "\n", "size", width, height);
    print_number("length", pictory_job_duration_seconds(job), " s");
    print_text("thumbnail", pictory_job_thumbnail_image_url(job));
    print_text("last frame", pictory_job_last_frame_image_url(job));
    print_text("preview", pictory_job_preview_image_url(job));
    print_number("AI credits", pictory_job_ai_credits_used(job), "");
    print_text("error code", pictory_job_error_code(job));
    print_text("error message", pictory_job_error_message(job));
}

/* Several jobs: a line for each. */
static void print_line(const char *id, const pictory_job *job) {
    const char *what = pictory_job_url(job);
    if (what == NULL)
        what = pictory_job_error_message(job);
    put(stdout, id != NULL ? id : "-");
    fputs("  ", stdout);
    print_status(pictory_job_status(job), 11);
    fputs("  ", stdout);
    put(stdout, what != NULL ? what : "-");
    putchar('\n');
}

static void member(const char *name, const char *text) {
    printf(",\"%s\":", name);
    json_string(stdout, text);
}

/* Absent numbers are negative. */
static void number_member(const char *name, double number) {
    printf(",\"%s\":", name);
    if (number < 0.0)
        fputs("null", stdout);
    else
        json_number(stdout, number);
}

static void print_json_files(const struct file *files) {
    const char *separator = "";
    fputs(",\"files\":[", stdout);
    for (unsigned i = 0; i < OUTPUTS; i++) {
        if (files[i].result == NULL)
            continue;
        fputs(separator, stdout);
        fputs("{\"output\":", stdout);
        json_string(stdout, pictory_output_name((pictory_output)i));
        member("path", files[i].path);
        member("code", pictory_code_name(pictory_result_code(files[i].result)));
        member("message", pictory_result_message(files[i].result));
        printf(",\"bytes\":%" PRIu64 "}", pictory_result_bytes_done(files[i].result));
        separator = ",";
    }
    fputs("]", stdout);
}

static void print_json(const struct report *report) {
    const pictory_result *result = report->result;
    const pictory_job *job = pictory_result_job(result);
    uint32_t width = pictory_job_width(job), height = pictory_job_height(job);
    int32_t http_status = pictory_result_http_status(result);
    fputs("{\"job_id\":", stdout);
    json_string(stdout, report->id);
    member("code", pictory_code_name(report->code));
    member("message", report->message);
    printf(",\"retryable\":%s", pictory_result_is_retryable(result) ? "true" : "false");
    member("status", job != NULL ? pictory_status_name(pictory_job_status(job)) : NULL);
    member("url", pictory_job_url(job));
    number_member("duration_seconds", pictory_job_duration_seconds(job));
    number_member("width", width > 0 ? (double)width : -1.0);
    number_member("height", height > 0 ? (double)height : -1.0);
    member("thumbnail_image_url", pictory_job_thumbnail_image_url(job));
    member("last_frame_image_url", pictory_job_last_frame_image_url(job));
    member("preview_image_url", pictory_job_preview_image_url(job));
    number_member("ai_credits_used", pictory_job_ai_credits_used(job));
    number_member("progress", pictory_job_progress(job));
    member("error_code", pictory_job_error_code(job));
    member("error_message", pictory_job_error_message(job));
    number_member("http_status", http_status > 0 ? (double)http_status : -1.0);
    member("request_id", pictory_result_request_id(result));
    printf(",\"polls\":%" PRIu32 ",\"elapsed_ms\":%" PRId64, pictory_result_polls(result),
           report->elapsed_ms >= 0 ? report->elapsed_ms : pictory_result_elapsed_ms(result));
    if (report->files != NULL)
        print_json_files(report->files);
    fputs("}\n", stdout);
}

/* Whether the job is what was asked for, so that its state is data, not an error. */
static bool has_settled(pictory_code code) {
    return code == PICTORY_OK || code == PICTORY_ERROR_JOB_FAILED ||
           code == PICTORY_ERROR_JOB_CLEANED;
}

void print_report(const struct options *options, const struct report *report, bool is_single) {
    const pictory_job *job = pictory_result_job(report->result);
    clear(); /* stdout may be the same terminal */
    if (options->is_json)
        print_json(report);
    else if (has_settled(report->code) && options->command != DOWNLOAD && is_single)
        print_job(job);
    else if (has_settled(report->code) && options->command != DOWNLOAD)
        print_line(report->id, job);
    /* Of what was interrupted one line is enough, at the end. */
    if (report->code != PICTORY_OK && report->code != PICTORY_ERROR_CANCELLED && !report->is_told)
        say("%s: %s", report->id != NULL ? report->id : "no job", report->message);
}

bool flush_stdout(void) {
    static bool has_failed; /* say it once */
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    if (!has_failed)
        say("stdout: %s", strerror(errno));
    has_failed = true;
    return false;
}

int exit_status(pictory_code code) {
    switch (code) {
    case PICTORY_OK:
        return EXIT_COMPLETED;
    case PICTORY_ERROR_JOB_FAILED:
    case PICTORY_ERROR_JOB_CLEANED:
        return EXIT_JOB_FAILED;
    case PICTORY_ERROR_INVALID_ARGUMENT:
    case PICTORY_ERROR_INVALID_JOB_ID:
    case PICTORY_ERROR_INVALID_API_KEY:
    case PICTORY_ERROR_UNAUTHORIZED:
        return EXIT_USAGE;
    case PICTORY_ERROR_WAIT_TIMEOUT:
    case PICTORY_ERROR_UNEXPECTED_STATUS:
        return EXIT_TIME_IS_UP;
    case PICTORY_ERROR_CANCELLED:
        return EXIT_INTERRUPTED;
    default:
        return EXIT_TROUBLE;
    }
}

int highest(int a, int b) {
    return a > b ? a : b;
}

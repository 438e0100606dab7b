/* The five replies on the API's page, over the wire and as a body that the program holds: each
 * gives exactly the page's values. */

#include "check.h"

#define FILES                                                                                      \
    "https://example.cloudfront.net/videos/user/a1b2c3d4-e5f6-7890-abcd-ef1234567890/"             \
    "d7c6b5a4-e3f2-1098-dcba-fedcba987654"

/* What all accessors of a job must answer. */
struct expected {
    pictory_status status;
    const char *id, *status_text, *url, *duration, *thumbnail, *last_frame, *preview;
    double seconds, credits;
    uint32_t width, height;
    const char *error_code, *error_message;
};

static void check_job(const pictory_job *job, const struct expected *wanted) {
    CHECK(job != NULL);
    CHECK(pictory_job_status(job) == wanted->status);
    CHECK_TEXT(pictory_job_id(job), wanted->id);
    CHECK_TEXT(pictory_job_status_text(job), wanted->status_text);
    CHECK_TEXT(pictory_job_url(job), wanted->url);
    CHECK_TEXT(pictory_job_duration(job), wanted->duration);
    CHECK_TEXT(pictory_job_thumbnail_image_url(job), wanted->thumbnail);
    CHECK_TEXT(pictory_job_last_frame_image_url(job), wanted->last_frame);
    CHECK_TEXT(pictory_job_preview_image_url(job), wanted->preview);
    CHECK(!(pictory_job_duration_seconds(job) < wanted->seconds) &&
          !(pictory_job_duration_seconds(job) > wanted->seconds));
    CHECK(!(pictory_job_ai_credits_used(job) < wanted->credits) &&
          !(pictory_job_ai_credits_used(job) > wanted->credits));
    CHECK(pictory_job_width(job) == wanted->width && pictory_job_height(job) == wanted->height);
    CHECK(pictory_job_progress(job) < 0);
    CHECK_TEXT(pictory_job_error_code(job), wanted->error_code);
    CHECK_TEXT(pictory_job_error_message(job), wanted->error_message);
    CHECK_TEXT(pictory_job_field(job, "status"), wanted->status_text);
    CHECK_TEXT(pictory_job_field(job, "url"), wanted->url);
    CHECK_TEXT(pictory_job_field(job, "width"), wanted->width ? "720" : NULL);
    CHECK_TEXT(pictory_job_field(job, "aiCreditsUsed"), wanted->width ? "12.8" : NULL);
    CHECK_TEXT(pictory_job_field(job, "error_code"), wanted->error_code);
    CHECK_TEXT(pictory_job_field(job, "absent"), NULL);
    CHECK_TEXT(pictory_job_field(job, NULL), NULL);
    CHECK_TEXT(pictory_job_field(job, "\xff"), NULL);
    CHECK(pictory_job_field(job, "status") == pictory_job_field(job, "status"));
}

static void check_body(const pictory_result *result, const char *body) {
    size_t length = 0;
    CHECK_TEXT(pictory_result_body(result, &length), body);
    CHECK(length == strlen(body));
    CHECK(pictory_result_body(result, NULL) == pictory_result_body(result, &length));
}

/* Gets the job, and parses the body that the test says was sent. */
static void get_and_parse(pictory_result **got, pictory_result **parsed) {
    const char *body = setting("PICTORY_TEST_BODY");
    pictory_client *client = new_client();
    *got = pictory_get_job(client, JOB, NULL);
    *parsed = pictory_parse_job(body, strlen(body));
    check_body(*got, body);
    check_body(*parsed, body);
    CHECK_TEXT(pictory_result_job_id(*got), JOB);
    CHECK(pictory_result_polls(*got) == 1 && pictory_result_polls(*parsed) == 0);
    CHECK(pictory_result_http_status(*parsed) == 0);
    pictory_result *const both[] = {*got, *parsed};
    for (int i = 0; i < 2; i++) {
        CHECK(strlen(pictory_result_message(both[i])) > 0);
        CHECK(!pictory_result_is_retryable(both[i]));
        CHECK(pictory_result_retry_after_ms(both[i]) == -1);
        CHECK(pictory_result_next_poll_ms(both[i]) == -1);
        CHECK(pictory_result_elapsed_ms(both[i]) >= 0);
        CHECK(pictory_result_request_id(both[i]) == NULL);
        CHECK(pictory_result_tag(both[i]) == 0 && pictory_result_bytes_written(both[i]) == 0);
    }
    /* Nothing that is handed out lives in the client. */
    pictory_client_free(client);
}

static void check_state(const struct expected *wanted) {
    pictory_result *got, *parsed;
    get_and_parse(&got, &parsed);
    CHECK(pictory_result_http_status(got) == 200);
    CHECK_TEXT(pictory_result_job_id(parsed), JOB);
    check_job(pictory_result_job(got), wanted);
    check_job(pictory_result_job(parsed), wanted);
    CHECK_RESULT(got, PICTORY_OK);
    CHECK_RESULT(parsed, PICTORY_OK);
}

static void in_progress(void) {
    const struct expected wanted = {
        .status = PICTORY_STATUS_IN_PROGRESS, .id = JOB, .status_text = "in-progress",
        .seconds = -1, .credits = -1,
    };
    check_state(&wanted);
}

static void completed(void) {
    const struct expected wanted = {
        .status = PICTORY_STATUS_COMPLETED, .id = JOB, .status_text = "completed",
        .url = FILES ".mp4", .duration = "8s", .seconds = 8, .credits = 12.8,
        .thumbnail = FILES "_thumbnail.jpg", .last_frame = FILES "_last_frame.png",
        .preview = FILES "_preview.jpg", .width = 720, .height = 1280,
    };
    check_state(&wanted);
}

static void failed(void) {
    const struct expected wanted = {
        .status = PICTORY_STATUS_FAILED, .id = JOB, .status_text = "failed",
        .seconds = -1, .credits = -1, .error_code = "5001",
        .error_message = "Video generation failed due to an internal error.",
    };
    check_state(&wanted);
}

static void not_found(void) {
    pictory_result *got, *parsed;
    get_and_parse(&got, &parsed);
    CHECK(pictory_result_http_status(got) == 200);
    CHECK(pictory_result_job(got) == NULL && pictory_result_job(parsed) == NULL);
    CHECK_TEXT(pictory_result_job_id(parsed), JOB);
    CHECK_RESULT(got, PICTORY_ERROR_JOB_NOT_FOUND);
    CHECK_RESULT(parsed, PICTORY_ERROR_JOB_NOT_FOUND);
}

static void unauthorized(void) {
    pictory_result *got, *parsed;
    get_and_parse(&got, &parsed);
    CHECK(pictory_result_http_status(got) == 401 && pictory_result_job(got) == NULL);
    CHECK(strstr(pictory_result_message(got), "Unauthorized") != NULL);
    CHECK_RESULT(got, PICTORY_ERROR_UNAUTHORIZED);
    /* Without its HTTP status it is a body that says nothing of a job. */
    const struct expected nothing = {.seconds = -1, .credits = -1};
    check_job(pictory_result_job(parsed), &nothing);
    CHECK_TEXT(pictory_result_job_id(parsed), NULL);
    CHECK_RESULT(parsed, PICTORY_OK);
}

CASES(CASE(in_progress), CASE(completed), CASE(failed), CASE(not_found), CASE(unauthorized))

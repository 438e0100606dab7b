/* What bodies mean, read without a network: pictory_parse_job and the accessors. And the names and
 * words that the library has for codes and statuses. */

#include "check.h"

#define ID "\"job_id\":\"" JOB "\","

static pictory_result *parse(const char *body) {
    return pictory_parse_job(body, strlen(body));
}

static void ends(const char *body, pictory_code wanted) {
    pictory_result *result = parse(body);
    if (pictory_result_code(result) != wanted)
        dprintf(check_output, "%s\n", body);
    check_result(__FILE__, __LINE__, result, wanted);
}

static void is(const char *data, pictory_status wanted) {
    char body[512];
    snprintf(body, sizeof body, "{\"success\":true,%s\"data\":%s}", ID, data);
    pictory_result *result = parse(body);
    CHECK_CODE(pictory_result_code(result), PICTORY_OK);
    CHECK(pictory_job_status(pictory_result_job(result)) == wanted);
    CHECK_TEXT(pictory_result_job_id(result), JOB);
    CHECK(pictory_result_message(result) != NULL);
    pictory_result_free(result);
}

static void codes_are_those_of_the_contract(void) {
    static const char *const invalid[] = {
        "", "[]", "null", "3", "\"text\"", "{", "{\"data\":[]}", "{\"data\":3}", "{\"data\":-3}",
        "{\"data\":1.5}", "{\"data\":true}", "{\"data\":\"x\"}", "{\"a\":1} x"};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        ends(invalid[i], PICTORY_ERROR_INVALID_RESPONSE);
    ends("{\"success\":false,\"data\":{\"error_code\":\"5000\"}}", PICTORY_ERROR_JOB_NOT_FOUND);
    ends("{\"success\":false,\"error_message\":{\"at\":1,\"message\":\"JOB_NOT_FOUND\"}}",
         PICTORY_ERROR_JOB_NOT_FOUND);
    ends("{\"success\":\"false\",\"error\":-17}", PICTORY_ERROR_API);
    ends("{\"success\":false,\"error_code\":\"A\",\"error_message\":\"b\"}", PICTORY_ERROR_API);
    ends("{\"success\":false,\"data\":{\"error_code\":1.5}}", PICTORY_ERROR_API);
    ends("{\"success\":false}", PICTORY_ERROR_API);
    ends("{\"success\":\"true\"}", PICTORY_OK);
    char *large = malloc((1 << 20) + 1);
    CHECK(large != NULL);
    memset(large, ' ', (1 << 20) + 1);
    CHECK_RESULT(pictory_parse_job(large, (1 << 20) + 1), PICTORY_ERROR_INVALID_RESPONSE);
    memset(large, '[', 1 << 20);
    CHECK_RESULT(pictory_parse_job(large, 1 << 20), PICTORY_ERROR_INVALID_RESPONSE);
    free(large);
}

/* What a parser of JSON will not have: it costs at most the member that holds it. */
static void odd_bodies_are_understood(void) {
    static const char *const odd[] = {
        "1e400", "-1e999", "\"\\ud83d\"", "\"\\ud83d\\ude00 \\udc00\"", "\"a\tb\"", "\"\xff\xc3\"",
        "[[1e400], {\"a\": \"\\udbff\"}]", "{\"a\": [\"\n\"]}", "12345678901234567890123456789"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char body[512];
        snprintf(body, sizeof body,
                 "\xef\xbb\xbf{%s\"x\": %s, \"data\": {\"odd\": %s, \"width\": %s, \"status\": "
                 "\"completed\", \"url\": \"https://v\"}}",
                 ID, odd[i], odd[i], odd[i]);
        pictory_result *result = parse(body);
        const pictory_job *job = pictory_result_job(result);
        CHECK(job != NULL && pictory_job_field(job, "odd") != NULL);
        CHECK_TEXT(pictory_job_url(job), "https://v");
        CHECK_RESULT(result, PICTORY_OK);
    }
    pictory_result *result = parse("{\"data\": {\"status\": \"failed\", \"error_message\": "
                                   "\"pictai_1\\u001b\\u202e\\n\\thttp://u:p@h/\"}}");
    CHECK_TEXT(pictory_result_message(result),
               "the job failed: [key]\\u001b\\u202e\\n\\thttp://[key]@h/");
    CHECK_RESULT(result, PICTORY_OK);
    ends("<!DOCTYPE html>", PICTORY_ERROR_INVALID_RESPONSE);
}

static void statuses_are_those_of_the_contract(void) {
    is("{\"status\":\"In_Progress\"}", PICTORY_STATUS_IN_PROGRESS);
    is("{\"status\":\"COMPLETED\"}", PICTORY_STATUS_COMPLETED);
    is("{\"status\":\"failed\"}", PICTORY_STATUS_FAILED);
    is("{\"status\":\"failed\",\"error_code\":5001}", PICTORY_STATUS_FAILED);
    is("{\"status\":\"cleaned\"}", PICTORY_STATUS_CLEANED);
    is("{\"status\":\"queued\"}", PICTORY_STATUS_UNKNOWN);
    is("{\"status\":[1,{\"a\":null}]}", PICTORY_STATUS_UNKNOWN);
    is("{\"\\u0073tatus\":\"c\\u006fmpleted\"}", PICTORY_STATUS_COMPLETED);
    is("null", PICTORY_STATUS_UNKNOWN);
}

static void lasts(const char *duration, double wanted) {
    char body[128];
    snprintf(body, sizeof body, "{\"data\":{\"duration\":%s}}", duration);
    pictory_result *result = parse(body);
    const double seconds = pictory_job_duration_seconds(pictory_result_job(result));
    if (seconds < wanted || seconds > wanted)
        dprintf(check_output, "%s: %f\n", duration, seconds);
    CHECK(!(seconds < wanted || seconds > wanted));
    pictory_result_free(result);
}

static void durations_are_understood(void) {
    lasts("\"8s\"", 8);
    lasts("\"1m 5s\"", 65);
    lasts("\"1:05\"", 65);
    lasts("\"12.5\"", 12.5);
    lasts("12.5", 12.5);
    lasts("\"1 h 2 min 3 sec\"", 3723);
    lasts("\"1500ms\"", 1.5);
    static const char *const not_understood[] = {"\"\"",     "\"soon\"", "\"8x\"",   "\"5s 5s\"",
                                                 "\"1:60\"", "\"-8s\"",  "\"1:2:3:4\"", "null",
                                                 "true",     "\"1.5:00\""};
    for (size_t i = 0; i < sizeof not_understood / sizeof *not_understood; i++)
        lasts(not_understood[i], -1);
}

static void a_render_jobs_members_answer_alike(void) {
    pictory_result *result = parse(
        "{\"data\":{\"status\":\"completed\",\"videoURL\":\"https://v\",\"thumbnail\":\"https://t\","
        "\"videoDuration\":65.6,\"renderProgress\":\"100\",\"width\":\"720\",\"height\":-1,"
        "\"aiCreditsUsed\":7,\"extra\":{\"a\":[1]},\"nul\":\"a\\u0000b\"}}");
    const pictory_job *job = pictory_result_job(result);
    CHECK_TEXT(pictory_job_url(job), "https://v");
    CHECK_TEXT(pictory_job_thumbnail_image_url(job), "https://t");
    CHECK(pictory_job_duration_seconds(job) > 65.5 && pictory_job_progress(job) > 99);
    CHECK(pictory_job_width(job) == 720 && pictory_job_height(job) == 0);
    CHECK(pictory_job_ai_credits_used(job) > 6.9);
    CHECK_TEXT(pictory_job_field(job, "extra"), "{\"a\":[1]}");
    CHECK_TEXT(pictory_job_field(job, "nul"), "a\xEF\xBF\xBD"
                                              "b");
    CHECK(pictory_job_field(job, "extra") == pictory_job_field(job, "extra"));
    CHECK(pictory_job_field(job, "absent") == NULL && pictory_job_field(job, "\xff") == NULL);
    pictory_result_free(result);
}

static void names_and_descriptions_are_there_for_every_number(void) {
    CHECK(strncmp(pictory_version(), "0.", 2) == 0);
    CHECK(pictory_abi_version() == PICTORY_ABI_VERSION);
    CHECK_TEXT(pictory_code_name(PICTORY_ERROR_TIMEOUT), "PICTORY_ERROR_TIMEOUT");
    CHECK_TEXT(pictory_code_name(-1), "PICTORY_ERROR_UNKNOWN");
    for (pictory_code code = -10; code < 1000; code++)
        CHECK(strlen(pictory_code_name(code)) > 0 && strlen(pictory_code_description(code)) > 0);
    static const char *const names[] = {"unknown", "in-progress", "completed", "failed", "cleaned"};
    for (pictory_status status = 0; status < 5; status++) {
        CHECK_TEXT(pictory_status_name(status), names[status]);
        CHECK(pictory_status_is_final(status) == (status >= PICTORY_STATUS_COMPLETED));
    }
    CHECK_TEXT(pictory_status_name(17), "unknown");
    CHECK(!pictory_status_is_final(17) && !pictory_status_is_final(-1));
}

CASES(CASE(codes_are_those_of_the_contract), CASE(odd_bodies_are_understood), CASE(statuses_are_those_of_the_contract),
      CASE(durations_are_understood), CASE(a_render_jobs_members_answer_alike),
      CASE(names_and_descriptions_are_there_for_every_number))

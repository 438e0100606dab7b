/* Bad input: every function that takes a pointer gets NULL, every value gets what it must refuse. */

#include "check.h"

#include <math.h>

#define NOT_UTF8 "\xff\xfe"

/* Longer than anything that goes into a header or a URL. */
static const char *too_long(const char *start) {
    static char text[20000];
    memset(text, 'a', sizeof text - 1);
    memcpy(text, start, strlen(start));
    return text;
}

static void accessors_answer_null_with_the_absent_value(void) {
    size_t length = 7;
    CHECK_CODE(pictory_result_code(NULL), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK(pictory_result_message(NULL) == NULL && pictory_result_job(NULL) == NULL);
    CHECK(pictory_result_http_status(NULL) == 0 && !pictory_result_is_retryable(NULL));
    CHECK(pictory_result_retry_after_ms(NULL) == -1 && pictory_result_polls(NULL) == 0);
    CHECK(pictory_result_job_id(NULL) == NULL && pictory_result_elapsed_ms(NULL) <= 0);
    CHECK(pictory_result_next_poll_ms(NULL) == -1);
    CHECK(pictory_result_body(NULL, &length) == NULL && length == 0);
    CHECK(pictory_result_body(NULL, NULL) == NULL && pictory_result_request_id(NULL) == NULL);
    CHECK(pictory_result_tag(NULL) == 0 && pictory_result_bytes_written(NULL) == 0);
    CHECK(pictory_result_bytes_done(NULL) == 0 && pictory_result_bytes_total(NULL) == 0);
    CHECK(pictory_job_id(NULL) == NULL && pictory_job_status(NULL) == PICTORY_STATUS_UNKNOWN);
    CHECK(pictory_job_status_text(NULL) == NULL && pictory_job_url(NULL) == NULL);
    CHECK(pictory_job_duration(NULL) == NULL && pictory_job_duration_seconds(NULL) < 0);
    CHECK(pictory_job_width(NULL) == 0 && pictory_job_height(NULL) == 0);
    CHECK(pictory_job_thumbnail_image_url(NULL) == NULL);
    CHECK(pictory_job_last_frame_image_url(NULL) == NULL);
    CHECK(pictory_job_preview_image_url(NULL) == NULL);
    CHECK(pictory_job_ai_credits_used(NULL) < 0 && pictory_job_progress(NULL) < 0);
    CHECK(pictory_job_error_code(NULL) == NULL && pictory_job_error_message(NULL) == NULL);
    CHECK(pictory_job_field(NULL, "url") == NULL && pictory_job_field(NULL, NULL) == NULL);
    CHECK(pictory_job_output_url(NULL, PICTORY_OUTPUT_VIDEO) == NULL);
    CHECK(pictory_config_message(NULL) == NULL && pictory_wait_options_message(NULL) == NULL);
    CHECK(pictory_download_options_message(NULL) == NULL);
    CHECK(!pictory_result_is_update(NULL) && !pictory_job_id_is_valid(NULL));
    CHECK(!pictory_cancel_token_is_cancelled(NULL));
    pictory_cancel_token_cancel(NULL);
}

static void setters_refuse_a_null_handle(void) {
    const pictory_code codes[] = {
        pictory_config_set_api_key(NULL, "k"),
        pictory_config_set_base_url(NULL, "https://a.example"),
        pictory_config_set_allow_http(NULL, true),
        pictory_config_set_user_agent(NULL, "a"),
        pictory_config_set_header(NULL, "X-A", "a"),
        pictory_config_set_proxy(NULL, "http://a.example"),
        pictory_config_set_ca_file(NULL, NULL),
        pictory_config_set_connect_timeout_ms(NULL, 1),
        pictory_config_set_request_timeout_ms(NULL, 1),
        pictory_config_set_max_retries(NULL, 1),
        pictory_config_set_rate_limit(NULL, 1),
        pictory_config_set_log(NULL, PICTORY_LOG_LEVEL_OFF, NULL, NULL),
        pictory_client_set_api_key(NULL, "k"),
        pictory_wait_options_set_max_wait_ms(NULL, 1),
        pictory_wait_options_set_poll_interval_ms(NULL, 10),
        pictory_wait_options_set_max_failures(NULL, 1),
        pictory_wait_options_set_stop_on_unknown_status(NULL, true),
        pictory_wait_options_set_cancel_token(NULL, NULL),
        pictory_wait_options_set_on_poll(NULL, NULL, NULL),
        pictory_wait_options_set_updates(NULL, true),
        pictory_download_options_set_timeout_ms(NULL, 1),
        pictory_download_options_set_idle_timeout_ms(NULL, 1),
        pictory_download_options_set_max_retries(NULL, 1),
        pictory_download_options_set_cancel_token(NULL, NULL),
        pictory_download_options_set_on_progress(NULL, NULL, NULL),
        pictory_download_options_set_updates(NULL, true),
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        CHECK_CODE(codes[i], PICTORY_ERROR_INVALID_ARGUMENT);
}

static void free_of_null_does_nothing(void) {
    pictory_config_free(NULL);
    pictory_client_free(NULL);
    pictory_result_free(NULL);
    pictory_wait_options_free(NULL);
    pictory_cancel_token_free(NULL);
    pictory_download_options_free(NULL);
}

static void calls_refuse_null(void) {
    pictory_client *client = new_client();
    CHECK_RESULT(pictory_get_job(NULL, JOB, NULL), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_RESULT(pictory_wait_job(NULL, JOB, NULL), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_RESULT(pictory_parse_job(NULL, 3), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_RESULT(pictory_get_job(client, NULL, NULL), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_RESULT(pictory_wait_job(client, NULL, NULL), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_RESULT(pictory_download(client, NULL, PICTORY_OUTPUT_VIDEO, "file", NULL),
                 PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_RESULT(pictory_download(NULL, NULL, PICTORY_OUTPUT_VIDEO, NULL, NULL),
                 PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_CODE(pictory_client_new(NULL, NULL), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_CODE(pictory_client_set_api_key(client, NULL), PICTORY_ERROR_INVALID_ARGUMENT);
    pictory_result *result = pictory_get_job(NULL, NULL, NULL);
    CHECK(pictory_result_message(result) != NULL && pictory_result_job_id(result) == NULL);
    CHECK(pictory_result_polls(result) == 0 && !pictory_result_is_retryable(result));
    pictory_result_free(result);
    pictory_client_free(client);
}

static void client_is_null_on_failure(void) {
    pictory_client *const stale = (pictory_client *)check_failed;
    pictory_client *client = stale;
    pictory_config *config = pictory_config_new_empty();
    CHECK_CODE(pictory_client_new(config, &client), PICTORY_ERROR_INVALID_API_KEY);
    CHECK(client == NULL);
    CHECK_TEXT(pictory_config_message(config),
               "there is no API key: set PICTORY_API_KEY, or give this configuration one");
    client = stale;
    CHECK_CODE(pictory_config_set_api_key(config, "pictai_key"), PICTORY_OK);
    CHECK_CODE(pictory_config_set_base_url(config, "http://api.example"), PICTORY_OK);
    CHECK_CODE(pictory_client_new(config, &client), PICTORY_ERROR_INSECURE_URL);
    CHECK(client == NULL && strstr(pictory_config_message(config), "api.example") != NULL);
    CHECK_CODE(pictory_client_new(config, NULL), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_TEXT(pictory_config_message(config), "client is NULL");
    CHECK_CODE(pictory_config_set_allow_http(config, true), PICTORY_OK);
    CHECK_CODE(pictory_client_new(config, &client), PICTORY_OK);
    CHECK(client != NULL && pictory_config_message(config) == NULL);
    pictory_client_free(client);
    pictory_config_free(config);
}

/* What the environment has wrong is told where the client is made. */
static void a_client_that_is_refused_says_why(void) {
    setenv("PICTORY_API_BASE_URL", "ftp://api.example", 1);
    pictory_config *config = pictory_config_new();
    pictory_client *client = NULL;
    CHECK_CODE(pictory_client_new(config, &client), PICTORY_ERROR_INVALID_URL);
    CHECK(strstr(pictory_config_message(config), "PICTORY_API_BASE_URL") != NULL);
    CHECK_CODE(pictory_client_new(NULL, &client), PICTORY_ERROR_INVALID_URL);
    pictory_config_free(config);
}

static void a_job_id_that_is_no_uuid_is_refused(void) {
    pictory_client *client = new_client();
    const char *ids[] = {
        "", "x", "4a09edf9d0714847bda58dea913d80fe", "../../" JOB, JOB "/", JOB "?a=b",
        JOB "\r\nX: y", " " JOB, "4a09edf9-d071-4847-bda5-8dea913d80f/",
        "..%2f..%2f-d071-4847-bda5-8dea913d80", "{" JOB "}", too_long(JOB),
    };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        pictory_result *result = pictory_get_job(client, ids[i], NULL);
        CHECK_TEXT(pictory_result_job_id(result), ids[i]);
        CHECK_RESULT(result, PICTORY_ERROR_INVALID_JOB_ID);
        CHECK_RESULT(pictory_wait_job(client, ids[i], NULL), PICTORY_ERROR_INVALID_JOB_ID);
    }
    CHECK_RESULT(pictory_get_job(client, NOT_UTF8, NULL), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_RESULT(pictory_wait_job(client, NOT_UTF8, NULL), PICTORY_ERROR_INVALID_ARGUMENT);
    pictory_client_free(client);
}

/* Checks that a setter refused, said so, and no longer says so after a good one. */
#define REFUSED(config, call, wanted)                                                              \
    do {                                                                                           \
        CHECK_CODE(call, wanted);                                                                  \
        const char *message_ = pictory_config_message(config);                                     \
        CHECK(message_ != NULL && strlen(message_) > 10 && strlen(message_) < 1000);               \
        CHECK(strpbrk(message_, "\r\n") == NULL);                                                  \
        CHECK_CODE(pictory_config_set_max_retries(config, 0), PICTORY_OK);                         \
        CHECK(pictory_config_message(config) == NULL);                                             \
    } while (0)

static void refuse_everything(pictory_config *config) {
    const pictory_code argument = PICTORY_ERROR_INVALID_ARGUMENT;
    const char *keys[] = {"", "Bearer pictai_x", "bearer pictai_x", "Bearer", "a\r\nb", "a\nb",
                          "a\tb", "a\x7f", "k\xc3\xa4y", " pictai", "pictai ", too_long("k"),
                          "\"pictai_x\"", "'pictai_x'", "PICTORY_API_KEY=pictai_x"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        REFUSED(config, pictory_config_set_api_key(config, keys[i]),
                PICTORY_ERROR_INVALID_API_KEY);
    REFUSED(config, pictory_config_set_api_key(config, NULL), argument);
    REFUSED(config, pictory_config_set_api_key(config, NOT_UTF8), argument);

    const char *urls[] = {"", "api.example", "https://", "https:///p", "http://:80/", "ftp://a.b",
                          "https://a.b/?q", "https://a.b/#f", "https://u:p@a.b", "https://a.b:0",
                          "https://a.b:99999", "https://a b", "https://a.b\r\nX: y", "//a.b",
                          too_long("https://")};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        REFUSED(config, pictory_config_set_base_url(config, urls[i]), PICTORY_ERROR_INVALID_URL);
    REFUSED(config, pictory_config_set_base_url(config, NULL), argument);
    REFUSED(config, pictory_config_set_base_url(config, NOT_UTF8), argument);

    const char *proxies[] = {"socks5://a.b:1", "https://a.b:1", "http://u:p/w@a.b:1", "http://", "http://:1",
                             "http://a.b:x", "http://a b", "http://a\r\nb", too_long("http://")};
    for (size_t i = 0; i < sizeof proxies / sizeof proxies[0]; i++)
        REFUSED(config, pictory_config_set_proxy(config, proxies[i]), PICTORY_ERROR_INVALID_URL);
    REFUSED(config, pictory_config_set_proxy(config, NOT_UTF8), argument);

    const char *values[] = {"", "a\r\nb", " a", "a ", "a\tb", "a\n", "\ra", "a\x01z", "\xc3\xa4", NOT_UTF8,
                            too_long("v")};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        REFUSED(config, pictory_config_set_user_agent(config, values[i]), argument);
        REFUSED(config, pictory_config_set_header(config, "X-Extra", values[i]), argument);
    }
    const char *names[] = {NULL, "", "X Y", "X:Y", "X\r\nY", "\xc3\xa4", NOT_UTF8, too_long("X"),
                           "Authorization", "authorization", "HOST", "Accept", "User-Agent",
                           "Connection", "Content-Length", "Transfer-Encoding", "TE", "te",
                           "Upgrade", "Proxy-Authorization", "proxy-anything"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        REFUSED(config, pictory_config_set_header(config, names[i], "value"), argument);
        REFUSED(config, pictory_config_set_header(config, names[i], NULL), argument);
    }

    const char *files[] = {"", "/nonexistent/ca.pem", "/", "/dev/null", too_long("/")};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        REFUSED(config, pictory_config_set_ca_file(config, files[i]), PICTORY_ERROR_CERTIFICATES);
    /* A path is bytes, but on Windows, where it is UTF-8. */
#ifdef _WIN32
    REFUSED(config, pictory_config_set_ca_file(config, NOT_UTF8), argument);
#else
    REFUSED(config, pictory_config_set_ca_file(config, NOT_UTF8), PICTORY_ERROR_CERTIFICATES);
#endif

    const int64_t times[] = {0, -1, -1000, INT64_MIN};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        REFUSED(config, pictory_config_set_connect_timeout_ms(config, times[i]), argument);
        REFUSED(config, pictory_config_set_request_timeout_ms(config, times[i]), argument);
    }
    const double rates[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, -0.001, -1e300};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
        REFUSED(config, pictory_config_set_rate_limit(config, rates[i]), argument);
    const pictory_log_level levels[] = {-1, 5, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        REFUSED(config, pictory_config_set_log(config, levels[i], NULL, NULL), argument);
}

static void refused_settings_say_why_and_send_nothing(void) {
    pictory_config *config = pictory_config_new();
    CHECK(pictory_config_message(config) == NULL);
    refuse_everything(config);
    pictory_client_free(new_client_of(config));
}

static void a_refused_value_leaves_the_old_one(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_user_agent(config, "old-agent/1"), PICTORY_OK);
    CHECK_CODE(pictory_config_set_header(config, "X-Extra", "old value"), PICTORY_OK);
    refuse_everything(config);
    pictory_client *client = new_client_of(config);
    CHECK_CODE(pictory_client_set_api_key(client, "Bearer x"), PICTORY_ERROR_INVALID_API_KEY);
    CHECK_CODE(pictory_client_set_api_key(client, NOT_UTF8), PICTORY_ERROR_INVALID_ARGUMENT);
    CHECK_RESULT(pictory_get_job(client, JOB, NULL), PICTORY_OK);
    pictory_client_free(client);
}

static void wait_options_refuse_what_is_out_of_range(void) {
    const pictory_code argument = PICTORY_ERROR_INVALID_ARGUMENT;
    pictory_wait_options *options = pictory_wait_options_new();
    const int64_t times[] = {0, -2, INT64_MIN};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        CHECK_CODE(pictory_wait_options_set_max_wait_ms(options, times[i]), argument);
        CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, times[i]), argument);
    }
    CHECK(pictory_wait_options_message(options) != NULL);
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, PICTORY_WAIT_FOREVER), argument);
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, 9), argument);
    CHECK_TEXT(pictory_wait_options_message(options), "poll_interval must be at least 10 ms");
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, 10), PICTORY_OK);
    CHECK(pictory_wait_options_message(options) == NULL);
    CHECK_CODE(pictory_wait_options_set_max_failures(options, 0), argument);
    CHECK_CODE(pictory_wait_options_set_max_failures(options, PICTORY_UNLIMITED), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_max_wait_ms(options, PICTORY_WAIT_FOREVER), PICTORY_OK);
    pictory_wait_options_free(options);
}

static void download_options_refuse_what_is_out_of_range(void) {
    const pictory_code argument = PICTORY_ERROR_INVALID_ARGUMENT;
    pictory_download_options *options = pictory_download_options_new();
    CHECK(pictory_download_options_message(options) == NULL);
    CHECK_CODE(pictory_download_options_set_timeout_ms(options, 0), argument);
    CHECK_TEXT(pictory_download_options_message(options), "timeout must be at least 1 ms, and is 0");
    CHECK_CODE(pictory_download_options_set_timeout_ms(options, PICTORY_WAIT_FOREVER), PICTORY_OK);
    CHECK(pictory_download_options_message(options) == NULL);
    CHECK_CODE(pictory_download_options_set_idle_timeout_ms(options, PICTORY_WAIT_FOREVER), argument);
    CHECK_TEXT(pictory_download_options_message(options),
               "idle_timeout must be at least 1 ms, and is -1");
    pictory_download_options_free(options);
}

static void job_ids_and_outputs_are_known_without_a_call(void) {
    CHECK(pictory_job_id_is_valid(JOB) && pictory_job_id_is_valid("4A09EDF9-D071-4847-BDA5-8DEA913D80FE"));
    const char *ids[] = {"", "x", "4a09edf9d0714847bda58dea913d80fe", " " JOB, JOB "\n", "{" JOB "}", NOT_UTF8};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        CHECK(!pictory_job_id_is_valid(ids[i]));
    CHECK_TEXT(pictory_output_name(PICTORY_OUTPUT_VIDEO), "video");
    CHECK_TEXT(pictory_output_name(PICTORY_OUTPUT_THUMBNAIL), "thumbnail");
    CHECK_TEXT(pictory_output_name(PICTORY_OUTPUT_LAST_FRAME), "last-frame");
    CHECK_TEXT(pictory_output_name(PICTORY_OUTPUT_PREVIEW), "preview");
    CHECK_TEXT(pictory_output_name((pictory_output)4), "unknown");
    CHECK_TEXT(pictory_output_name((pictory_output)-1), "unknown");
    const char *json = "{\"data\":{\"url\":\"https://a/v\",\"previewImageUrl\":\"https://a/p\"}}";
    pictory_result *result = pictory_parse_job(json, strlen(json));
    const pictory_job *job = pictory_result_job(result);
    CHECK_TEXT(pictory_job_output_url(job, PICTORY_OUTPUT_VIDEO), "https://a/v");
    CHECK_TEXT(pictory_job_output_url(job, PICTORY_OUTPUT_PREVIEW), "https://a/p");
    CHECK_TEXT(pictory_job_output_url(job, PICTORY_OUTPUT_THUMBNAIL), NULL);
    CHECK_TEXT(pictory_job_output_url(job, (pictory_output)4), NULL);
    pictory_result_free(result);
}

static void the_longest_times_and_the_smallest_rate_work(void) {
    pictory_config *config = pictory_config_new();
    CHECK_CODE(pictory_config_set_connect_timeout_ms(config, INT64_MAX), PICTORY_OK);
    CHECK_CODE(pictory_config_set_request_timeout_ms(config, INT64_MAX), PICTORY_OK);
    CHECK_CODE(pictory_config_set_max_retries(config, UINT32_MAX), PICTORY_OK);
    CHECK_CODE(pictory_config_set_rate_limit(config, 5e-324), PICTORY_OK);
    pictory_client *client = new_client_of(config);
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_max_wait_ms(options, INT64_MAX), PICTORY_OK);
    CHECK_CODE(pictory_wait_options_set_poll_interval_ms(options, INT64_MAX), PICTORY_OK);
    CHECK_RESULT(pictory_wait_job(client, JOB, options), PICTORY_OK);
    pictory_wait_options_free(options);
    pictory_client_free(client);
}

CASES(CASE(accessors_answer_null_with_the_absent_value), CASE(setters_refuse_a_null_handle),
      CASE(free_of_null_does_nothing), CASE(calls_refuse_null), CASE(client_is_null_on_failure),
      CASE(a_job_id_that_is_no_uuid_is_refused), CASE(refused_settings_say_why_and_send_nothing),
      CASE(a_refused_value_leaves_the_old_one), CASE(wait_options_refuse_what_is_out_of_range),
      CASE(a_client_that_is_refused_says_why), CASE(download_options_refuse_what_is_out_of_range),
      CASE(job_ids_and_outputs_are_known_without_a_call),
      CASE(the_longest_times_and_the_smallest_rate_work))

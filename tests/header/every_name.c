/*
 * The contract of the header: every function with its type, every number. It compiles as C and as
 * C++, in every standard that the header supports, and needs no library.
 */
#include <pictory.h>

#ifdef __cplusplus
#define CHECK(condition) static_assert(condition, #condition)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define CHECK(condition) _Static_assert(condition, #condition)
#else
/* C99 has none: an array of a negative size does the same. */
#define JOIN(a, b) a##b
#define NAME(line) JOIN(check_, line)
#define CHECK(condition) extern char NAME(__LINE__)[(condition) ? 1 : -1]
#endif

CHECK(PICTORY_OK == 0);
CHECK(PICTORY_ERROR_INVALID_ARGUMENT == 1);
CHECK(PICTORY_ERROR_INVALID_JOB_ID == 2);
CHECK(PICTORY_ERROR_INVALID_API_KEY == 3);
CHECK(PICTORY_ERROR_INVALID_URL == 4);
CHECK(PICTORY_ERROR_INSECURE_URL == 5);
CHECK(PICTORY_ERROR_CERTIFICATES == 6);
CHECK(PICTORY_ERROR_SYSTEM == 7);
CHECK(PICTORY_ERROR_ALREADY_WATCHED == 8);
CHECK(PICTORY_ERROR_NOT_WATCHED == 9);
CHECK(PICTORY_ERROR_RESOLVE == 100);
CHECK(PICTORY_ERROR_CONNECT == 101);
CHECK(PICTORY_ERROR_TLS == 102);
CHECK(PICTORY_ERROR_PROXY == 103);
CHECK(PICTORY_ERROR_TIMEOUT == 104);
CHECK(PICTORY_ERROR_CONNECTION_LOST == 105);
CHECK(PICTORY_ERROR_UNAUTHORIZED == 200);
CHECK(PICTORY_ERROR_FORBIDDEN == 201);
CHECK(PICTORY_ERROR_JOB_NOT_FOUND == 202);
CHECK(PICTORY_ERROR_RATE_LIMITED == 203);
CHECK(PICTORY_ERROR_SERVER == 204);
CHECK(PICTORY_ERROR_HTTP_STATUS == 205);
CHECK(PICTORY_ERROR_API == 206);
CHECK(PICTORY_ERROR_INVALID_RESPONSE == 207);
CHECK(PICTORY_ERROR_JOB_FAILED == 300);
CHECK(PICTORY_ERROR_JOB_CLEANED == 301);
CHECK(PICTORY_ERROR_WAIT_TIMEOUT == 302);
CHECK(PICTORY_ERROR_CANCELLED == 303);
CHECK(PICTORY_ERROR_UNEXPECTED_STATUS == 304);
CHECK(PICTORY_ERROR_OUTPUT_MISSING == 400);
CHECK(PICTORY_ERROR_OUTPUT_EXPIRED == 401);
CHECK(PICTORY_ERROR_FILE == 402);
CHECK(PICTORY_ERROR_INTERNAL == 900);

CHECK(PICTORY_STATUS_UNKNOWN == 0);
CHECK(PICTORY_STATUS_IN_PROGRESS == 1);
CHECK(PICTORY_STATUS_COMPLETED == 2);
CHECK(PICTORY_STATUS_FAILED == 3);
CHECK(PICTORY_STATUS_CLEANED == 4);
CHECK(PICTORY_LOG_LEVEL_OFF == 0);
CHECK(PICTORY_LOG_LEVEL_ERROR == 1);
CHECK(PICTORY_LOG_LEVEL_WARN == 2);
CHECK(PICTORY_LOG_LEVEL_INFO == 3);
CHECK(PICTORY_LOG_LEVEL_DEBUG == 4);
CHECK(PICTORY_OUTPUT_VIDEO == 0);
CHECK(PICTORY_OUTPUT_THUMBNAIL == 1);
CHECK(PICTORY_OUTPUT_LAST_FRAME == 2);
CHECK(PICTORY_OUTPUT_PREVIEW == 3);

CHECK(PICTORY_ABI_VERSION == 1);
CHECK(PICTORY_WAIT_FOREVER == -1);
CHECK(1 - PICTORY_WAIT_FOREVER == 2);
CHECK(PICTORY_UNLIMITED == UINT32_MAX);
CHECK(sizeof(PICTORY_UNLIMITED) == 4);
CHECK(PICTORY_VERSION_MAJOR >= 0 && PICTORY_VERSION_MINOR >= 0 && PICTORY_VERSION_PATCH >= 0);
CHECK(sizeof(pictory_code) == 4);
CHECK(sizeof(pictory_status) == 4);
CHECK(sizeof(pictory_log_level) == 4);
CHECK(sizeof(pictory_output) == 4);

/* A function whose type is another one does not initialise its pointer. */
#define HAS(returned, name, parameters)                                                            \
    do {                                                                                           \
        returned(*function) parameters = name;                                                     \
        count += function != 0;                                                                    \
    } while (0)

int every_name(void);

int every_name(void) {
    int count = 0;
    HAS(const char *, pictory_version, (void));
    HAS(uint32_t, pictory_abi_version, (void));
    HAS(const char *, pictory_code_name, (pictory_code code));
    HAS(const char *, pictory_code_description, (pictory_code code));
    HAS(const char *, pictory_status_name, (pictory_status status));
    HAS(bool, pictory_status_is_final, (pictory_status status));
    HAS(const char *, pictory_output_name, (pictory_output output));
    HAS(bool, pictory_job_id_is_valid, (const char *job_id));
    HAS(pictory_config *, pictory_config_new, (void));
    HAS(pictory_config *, pictory_config_new_empty, (void));
    HAS(void, pictory_config_free, (pictory_config *config));
    HAS(pictory_code, pictory_config_set_api_key, (pictory_config *config, const char *api_key));
    HAS(pictory_code, pictory_config_set_base_url, (pictory_config *config, const char *url));
    HAS(pictory_code, pictory_config_set_allow_http, (pictory_config *config, bool allow));
    HAS(pictory_code, pictory_config_set_user_agent, (pictory_config *config, const char *user_agent));
    HAS(pictory_code, pictory_config_set_header, (pictory_config *config, const char *name, const char *value));
    HAS(pictory_code, pictory_config_set_proxy, (pictory_config *config, const char *url));
    HAS(pictory_code, pictory_config_set_ca_file, (pictory_config *config, const char *path));
    HAS(pictory_code, pictory_config_set_connect_timeout_ms, (pictory_config *config, int64_t ms));
    HAS(pictory_code, pictory_config_set_request_timeout_ms, (pictory_config *config, int64_t ms));
    HAS(pictory_code, pictory_config_set_max_retries, (pictory_config *config, uint32_t retries));
    HAS(pictory_code, pictory_config_set_rate_limit, (pictory_config *config, double requests_per_second));
    HAS(pictory_code, pictory_config_set_log, (pictory_config *config, pictory_log_level level, pictory_log_callback callback, void *user_data));
    HAS(const char *, pictory_config_message, (const pictory_config *config));
    HAS(pictory_code, pictory_client_new, (pictory_config *config, pictory_client **client));
    HAS(void, pictory_client_free, (pictory_client *client));
    HAS(pictory_code, pictory_client_set_api_key, (const pictory_client *client, const char *api_key));
    HAS(pictory_result *, pictory_get_job, (const pictory_client *client, const char *job_id, const pictory_cancel_token *token));
    HAS(pictory_result *, pictory_wait_job, (const pictory_client *client, const char *job_id, const pictory_wait_options *options));
    HAS(pictory_result *, pictory_parse_job, (const char *json, size_t length));
    HAS(void, pictory_result_free, (pictory_result *result));
    HAS(pictory_result *, pictory_result_copy, (const pictory_result *result));
    HAS(pictory_code, pictory_result_code, (const pictory_result *result));
    HAS(const char *, pictory_result_message, (const pictory_result *result));
    HAS(const pictory_job *, pictory_result_job, (const pictory_result *result));
    HAS(int32_t, pictory_result_http_status, (const pictory_result *result));
    HAS(bool, pictory_result_is_retryable, (const pictory_result *result));
    HAS(int64_t, pictory_result_retry_after_ms, (const pictory_result *result));
    HAS(uint32_t, pictory_result_polls, (const pictory_result *result));
    HAS(const char *, pictory_result_job_id, (const pictory_result *result));
    HAS(int64_t, pictory_result_elapsed_ms, (const pictory_result *result));
    HAS(int64_t, pictory_result_next_poll_ms, (const pictory_result *result));
    HAS(const char *, pictory_result_body, (const pictory_result *result, size_t *length));
    HAS(const char *, pictory_result_request_id, (const pictory_result *result));
    HAS(uint64_t, pictory_result_tag, (const pictory_result *result));
    HAS(uint64_t, pictory_result_bytes_written, (const pictory_result *result));
    HAS(uint64_t, pictory_result_bytes_done, (const pictory_result *result));
    HAS(uint64_t, pictory_result_bytes_total, (const pictory_result *result));
    HAS(bool, pictory_result_is_update, (const pictory_result *result));
    HAS(const char *, pictory_job_id, (const pictory_job *job));
    HAS(pictory_status, pictory_job_status, (const pictory_job *job));
    HAS(const char *, pictory_job_status_text, (const pictory_job *job));
    HAS(const char *, pictory_job_url, (const pictory_job *job));
    HAS(const char *, pictory_job_duration, (const pictory_job *job));
    HAS(double, pictory_job_duration_seconds, (const pictory_job *job));
    HAS(uint32_t, pictory_job_width, (const pictory_job *job));
    HAS(uint32_t, pictory_job_height, (const pictory_job *job));
    HAS(const char *, pictory_job_thumbnail_image_url, (const pictory_job *job));
    HAS(const char *, pictory_job_last_frame_image_url, (const pictory_job *job));
    HAS(const char *, pictory_job_preview_image_url, (const pictory_job *job));
    HAS(const char *, pictory_job_output_url, (const pictory_job *job, pictory_output output));
    HAS(double, pictory_job_ai_credits_used, (const pictory_job *job));
    HAS(double, pictory_job_progress, (const pictory_job *job));
    HAS(const char *, pictory_job_error_code, (const pictory_job *job));
    HAS(const char *, pictory_job_error_message, (const pictory_job *job));
    HAS(const char *, pictory_job_field, (const pictory_job *job, const char *name));
    HAS(pictory_wait_options *, pictory_wait_options_new, (void));
    HAS(void, pictory_wait_options_free, (pictory_wait_options *options));
    HAS(pictory_code, pictory_wait_options_set_max_wait_ms, (pictory_wait_options *options, int64_t ms));
    HAS(pictory_code, pictory_wait_options_set_poll_interval_ms, (pictory_wait_options *options, int64_t ms));
    HAS(pictory_code, pictory_wait_options_set_max_failures, (pictory_wait_options *options, uint32_t count));
    HAS(pictory_code, pictory_wait_options_set_stop_on_unknown_status, (pictory_wait_options *options, bool stop));
    HAS(pictory_code, pictory_wait_options_set_cancel_token, (pictory_wait_options *options, const pictory_cancel_token *token));
    HAS(pictory_code, pictory_wait_options_set_on_poll, (pictory_wait_options *options, pictory_poll_callback callback, void *user_data));
    HAS(pictory_code, pictory_wait_options_set_updates, (pictory_wait_options *options, bool updates));
    HAS(const char *, pictory_wait_options_message, (const pictory_wait_options *options));
    HAS(pictory_cancel_token *, pictory_cancel_token_new, (void));
    HAS(void, pictory_cancel_token_free, (pictory_cancel_token *token));
    HAS(void, pictory_cancel_token_cancel, (const pictory_cancel_token *token));
    HAS(bool, pictory_cancel_token_is_cancelled, (const pictory_cancel_token *token));
    HAS(pictory_code, pictory_watcher_new, (const pictory_client *client, pictory_watcher **watcher));
    HAS(void, pictory_watcher_free, (pictory_watcher *watcher));
    HAS(pictory_code, pictory_watcher_add, (const pictory_watcher *watcher, const char *job_id, const pictory_wait_options *options, uint64_t tag));
    HAS(pictory_code, pictory_watcher_remove, (const pictory_watcher *watcher, const char *job_id, uint64_t tag));
    HAS(pictory_code, pictory_watcher_poke, (const pictory_watcher *watcher, const char *job_id));
    HAS(pictory_result *, pictory_watcher_next, (const pictory_watcher *watcher, int64_t timeout_ms));
    HAS(pictory_result *, pictory_watcher_take, (const pictory_watcher *watcher, int64_t timeout_ms));
    HAS(pictory_code, pictory_watcher_set_on_ready, (const pictory_watcher *watcher, pictory_ready_callback callback, void *user_data));
    HAS(pictory_code, pictory_watcher_download, (const pictory_watcher *watcher, const pictory_job *job, pictory_output output, const char *path, const pictory_download_options *options, uint64_t tag));
    HAS(void, pictory_watcher_wake, (const pictory_watcher *watcher));
    HAS(size_t, pictory_watcher_pending, (const pictory_watcher *watcher));
    HAS(int, pictory_watcher_fd, (const pictory_watcher *watcher));
    HAS(pictory_download_options *, pictory_download_options_new, (void));
    HAS(void, pictory_download_options_free, (pictory_download_options *options));
    HAS(pictory_code, pictory_download_options_set_timeout_ms, (pictory_download_options *options, int64_t ms));
    HAS(pictory_code, pictory_download_options_set_idle_timeout_ms, (pictory_download_options *options, int64_t ms));
    HAS(pictory_code, pictory_download_options_set_max_retries, (pictory_download_options *options, uint32_t retries));
    HAS(pictory_code, pictory_download_options_set_cancel_token, (pictory_download_options *options, const pictory_cancel_token *token));
    HAS(pictory_code, pictory_download_options_set_on_progress, (pictory_download_options *options, pictory_progress_callback callback, void *user_data));
    HAS(pictory_code, pictory_download_options_set_updates, (pictory_download_options *options, bool updates));
    HAS(const char *, pictory_download_options_message, (const pictory_download_options *options));
    HAS(pictory_result *, pictory_download, (const pictory_client *client, const pictory_job *job, pictory_output output, const char *path, const pictory_download_options *options));
    return count;
}

int callbacks_have_their_types(pictory_poll_callback poll, pictory_progress_callback progress,
                               pictory_log_callback log, pictory_ready_callback ready);

int callbacks_have_their_types(pictory_poll_callback poll, pictory_progress_callback progress,
                               pictory_log_callback log, pictory_ready_callback ready) {
    bool (*poll_type)(const pictory_result *, void *) = poll;
    bool (*progress_type)(uint64_t, uint64_t, void *) = progress;
    void (*log_type)(pictory_log_level, const char *, void *) = log;
    void (*ready_type)(void *) = ready;
    return poll_type != 0 && progress_type != 0 && log_type != 0 && ready_type != 0;
}

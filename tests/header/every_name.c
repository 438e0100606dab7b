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
CHECK(PICTORY_VERSION_MAJOR >= 0 && PICTORY_VERSION_MINOR >= 0 && PICTORY_VERSION_PATCH >= 0);
CHECK(sizeof(pictory_code) == 4);
CHECK(sizeof(pictory_status) == 4);
CHECK(sizeof(pictory_log_level) == 4);
CHECK(sizeof(pictory_output) == 4);

/* A function whose type is another one does not initialise its pointer. */
int every_name(void);

int every_name(void) {
    int count = 0;
    {
        const char *(*function)(void) = pictory_version;
        count += function != 0;
    }
    {
        uint32_t (*function)(void) = pictory_abi_version;
        count += function != 0;
    }
    {
        const char *(*function)(pictory_code code) = pictory_code_name;
        count += function != 0;
    }
    {
        const char *(*function)(pictory_code code) = pictory_code_description;
        count += function != 0;
    }
    {
        const char *(*function)(pictory_status status) = pictory_status_name;
        count += function != 0;
    }
    {
        bool (*function)(pictory_status status) = pictory_status_is_final;
        count += function != 0;
    }
    {
        pictory_config *(*function)(void) = pictory_config_new;
        count += function != 0;
    }
    {
        pictory_config *(*function)(void) = pictory_config_new_empty;
        count += function != 0;
    }
    {
        void (*function)(pictory_config *config) = pictory_config_free;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_config *config, const char *api_key) = pictory_config_set_api_key;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_config *config, const char *url) = pictory_config_set_base_url;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_config *config, bool allow) = pictory_config_set_allow_http;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_config *config, const char *user_agent) = pictory_config_set_user_agent;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_config *config, const char *name, const char *value) = pictory_config_set_header;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_config *config, const char *url) = pictory_config_set_proxy;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_config *config, const char *path) = pictory_config_set_ca_file;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_config *config, int64_t ms) = pictory_config_set_connect_timeout_ms;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_config *config, int64_t ms) = pictory_config_set_request_timeout_ms;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_config *config, uint32_t retries) = pictory_config_set_max_retries;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_config *config, double requests_per_second) = pictory_config_set_rate_limit;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_config *config, pictory_log_level level, pictory_log_callback callback, void *user_data) = pictory_config_set_log;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_config *config) = pictory_config_message;
        count += function != 0;
    }
    {
        pictory_code (*function)(const pictory_config *config, pictory_client **client) = pictory_client_new;
        count += function != 0;
    }
    {
        void (*function)(pictory_client *client) = pictory_client_free;
        count += function != 0;
    }
    {
        pictory_code (*function)(const pictory_client *client, const char *api_key) = pictory_client_set_api_key;
        count += function != 0;
    }
    {
        pictory_result *(*function)(const pictory_client *client, const char *job_id, const pictory_cancel_token *token) = pictory_get_job;
        count += function != 0;
    }
    {
        pictory_result *(*function)(const pictory_client *client, const char *job_id, const pictory_wait_options *options) = pictory_wait_job;
        count += function != 0;
    }
    {
        pictory_result *(*function)(const char *json, size_t length) = pictory_parse_job;
        count += function != 0;
    }
    {
        void (*function)(pictory_result *result) = pictory_result_free;
        count += function != 0;
    }
    {
        pictory_code (*function)(const pictory_result *result) = pictory_result_code;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_result *result) = pictory_result_message;
        count += function != 0;
    }
    {
        const pictory_job *(*function)(const pictory_result *result) = pictory_result_job;
        count += function != 0;
    }
    {
        int32_t (*function)(const pictory_result *result) = pictory_result_http_status;
        count += function != 0;
    }
    {
        bool (*function)(const pictory_result *result) = pictory_result_is_retryable;
        count += function != 0;
    }
    {
        int64_t (*function)(const pictory_result *result) = pictory_result_retry_after_ms;
        count += function != 0;
    }
    {
        uint32_t (*function)(const pictory_result *result) = pictory_result_polls;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_result *result) = pictory_result_job_id;
        count += function != 0;
    }
    {
        int64_t (*function)(const pictory_result *result) = pictory_result_elapsed_ms;
        count += function != 0;
    }
    {
        int64_t (*function)(const pictory_result *result) = pictory_result_next_poll_ms;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_result *result, size_t *length) = pictory_result_body;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_result *result) = pictory_result_request_id;
        count += function != 0;
    }
    {
        uint64_t (*function)(const pictory_result *result) = pictory_result_tag;
        count += function != 0;
    }
    {
        uint64_t (*function)(const pictory_result *result) = pictory_result_bytes_written;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_job *job) = pictory_job_id;
        count += function != 0;
    }
    {
        pictory_status (*function)(const pictory_job *job) = pictory_job_status;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_job *job) = pictory_job_status_text;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_job *job) = pictory_job_url;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_job *job) = pictory_job_duration;
        count += function != 0;
    }
    {
        double (*function)(const pictory_job *job) = pictory_job_duration_seconds;
        count += function != 0;
    }
    {
        uint32_t (*function)(const pictory_job *job) = pictory_job_width;
        count += function != 0;
    }
    {
        uint32_t (*function)(const pictory_job *job) = pictory_job_height;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_job *job) = pictory_job_thumbnail_image_url;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_job *job) = pictory_job_last_frame_image_url;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_job *job) = pictory_job_preview_image_url;
        count += function != 0;
    }
    {
        double (*function)(const pictory_job *job) = pictory_job_ai_credits_used;
        count += function != 0;
    }
    {
        double (*function)(const pictory_job *job) = pictory_job_progress;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_job *job) = pictory_job_error_code;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_job *job) = pictory_job_error_message;
        count += function != 0;
    }
    {
        const char *(*function)(const pictory_job *job, const char *name) = pictory_job_field;
        count += function != 0;
    }
    {
        pictory_wait_options *(*function)(void) = pictory_wait_options_new;
        count += function != 0;
    }
    {
        void (*function)(pictory_wait_options *options) = pictory_wait_options_free;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_wait_options *options, int64_t ms) = pictory_wait_options_set_max_wait_ms;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_wait_options *options, int64_t ms) = pictory_wait_options_set_poll_interval_ms;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_wait_options *options, uint32_t count) = pictory_wait_options_set_max_failures;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_wait_options *options, bool stop) = pictory_wait_options_set_stop_on_unknown_status;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_wait_options *options, const pictory_cancel_token *token) = pictory_wait_options_set_cancel_token;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_wait_options *options, pictory_poll_callback callback, void *user_data) = pictory_wait_options_set_on_poll;
        count += function != 0;
    }
    {
        pictory_cancel_token *(*function)(void) = pictory_cancel_token_new;
        count += function != 0;
    }
    {
        void (*function)(pictory_cancel_token *token) = pictory_cancel_token_free;
        count += function != 0;
    }
    {
        void (*function)(const pictory_cancel_token *token) = pictory_cancel_token_cancel;
        count += function != 0;
    }
    {
        bool (*function)(const pictory_cancel_token *token) = pictory_cancel_token_is_cancelled;
        count += function != 0;
    }
    {
        pictory_code (*function)(const pictory_client *client, pictory_watcher **watcher) = pictory_watcher_new;
        count += function != 0;
    }
    {
        void (*function)(pictory_watcher *watcher) = pictory_watcher_free;
        count += function != 0;
    }
    {
        pictory_code (*function)(const pictory_watcher *watcher, const char *job_id, const pictory_wait_options *options, uint64_t tag) = pictory_watcher_add;
        count += function != 0;
    }
    {
        pictory_code (*function)(const pictory_watcher *watcher, const char *job_id, uint64_t tag) = pictory_watcher_remove;
        count += function != 0;
    }
    {
        pictory_code (*function)(const pictory_watcher *watcher, const char *job_id) = pictory_watcher_poke;
        count += function != 0;
    }
    {
        pictory_result *(*function)(const pictory_watcher *watcher, int64_t timeout_ms) = pictory_watcher_next;
        count += function != 0;
    }
    {
        void (*function)(const pictory_watcher *watcher) = pictory_watcher_wake;
        count += function != 0;
    }
    {
        size_t (*function)(const pictory_watcher *watcher) = pictory_watcher_pending;
        count += function != 0;
    }
    {
        int (*function)(const pictory_watcher *watcher) = pictory_watcher_fd;
        count += function != 0;
    }
    {
        pictory_download_options *(*function)(void) = pictory_download_options_new;
        count += function != 0;
    }
    {
        void (*function)(pictory_download_options *options) = pictory_download_options_free;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_download_options *options, int64_t ms) = pictory_download_options_set_timeout_ms;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_download_options *options, int64_t ms) = pictory_download_options_set_idle_timeout_ms;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_download_options *options, uint32_t retries) = pictory_download_options_set_max_retries;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_download_options *options, const pictory_cancel_token *token) = pictory_download_options_set_cancel_token;
        count += function != 0;
    }
    {
        pictory_code (*function)(pictory_download_options *options, pictory_progress_callback callback, void *user_data) = pictory_download_options_set_on_progress;
        count += function != 0;
    }
    {
        pictory_result *(*function)(const pictory_client *client, const pictory_job *job, pictory_output output, const char *path, const pictory_download_options *options) = pictory_download;
        count += function != 0;
    }
    return count;
}

int callbacks_have_their_types(pictory_poll_callback poll, pictory_progress_callback progress,
                               pictory_log_callback log);

int callbacks_have_their_types(pictory_poll_callback poll, pictory_progress_callback progress,
                               pictory_log_callback log) {
    bool (*poll_type)(const pictory_result *, void *) = poll;
    bool (*progress_type)(uint64_t, uint64_t, void *) = progress;
    void (*log_type)(pictory_log_level, const char *, void *) = log;
    return poll_type != 0 && progress_type != 0 && log_type != 0;
}

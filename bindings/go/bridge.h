/* Functions that Go calls instead of the C API, where one crossing then does for many, or where a number goes
   for a pointer: cgo lets no pointer of Go's stay in C. A name that begins with go_ is of this file. */
#ifndef PICTORY_GO_BRIDGE_H
#define PICTORY_GO_BRIDGE_H

#include <pictory.h>

/* All that a result says. Its strings live as long as the result. */
typedef struct {
    pictory_code code;
    int32_t http_status;
    int64_t retry_after_ms, elapsed_ms, next_poll_ms;
    uint64_t bytes_written, bytes_done, bytes_total;
    const char *message, *job_id, *request_id, *body;
    size_t body_length;
    uint32_t polls;
    bool is_retryable;

    bool has_job;
    pictory_status status;
    const char *id, *status_text, *url, *duration, *thumbnail_image_url, *last_frame_image_url,
        *preview_image_url, *error_code, *error_message;
    double duration_seconds, ai_credits_used, progress;
    uint32_t width, height;
} go_result;

void go_result_read(const pictory_result *result, go_result *out);

pictory_code go_config_set_log(pictory_config *config, pictory_log_level level, uintptr_t handle);

typedef struct {
    int64_t max_wait_ms, poll_interval_ms; /* 0: the default */
    uint32_t max_failures;                 /* the same */
    bool stop_on_unknown_status, updates;
} go_wait_options;

/* Adds a watch whose tag is the handle of its waiter. The reason of a refusal is to be freed; it is NULL
   where the code says it all. */
pictory_code go_watcher_add(const pictory_watcher *watcher, const char *job_id, go_wait_options from,
                            const pictory_cancel_token *token, uintptr_t handle, char **reason);

typedef struct {
    int64_t timeout_ms, idle_timeout_ms; /* 0: the default */
    uint32_t max_retries;
    bool has_max_retries, updates;
} go_download_options;

/* Adds a download of an output of the job that this JSON describes, as go_watcher_add does a watch. */
pictory_code go_watcher_download(const pictory_watcher *watcher, const char *json, size_t length,
                                 pictory_output output, const char *path, go_download_options from,
                                 const pictory_cancel_token *token, uintptr_t handle, char **reason);

#endif

#include "bridge.h"

#include <string.h>

#include "_cgo_export.h"

static void read_job(const pictory_job *job, go_result *out) {
    out->status = pictory_job_status(job);
    out->id = pictory_job_id(job);
    out->status_text = pictory_job_status_text(job);
    out->url = pictory_job_url(job);
    out->duration = pictory_job_duration(job);
    out->duration_seconds = pictory_job_duration_seconds(job);
    out->width = pictory_job_width(job);
    out->height = pictory_job_height(job);
    out->thumbnail_image_url = pictory_job_thumbnail_image_url(job);
    out->last_frame_image_url = pictory_job_last_frame_image_url(job);
    out->preview_image_url = pictory_job_preview_image_url(job);
    out->ai_credits_used = pictory_job_ai_credits_used(job);
    out->progress = pictory_job_progress(job);
    out->error_code = pictory_job_error_code(job);
    out->error_message = pictory_job_error_message(job);
}

void go_result_read(const pictory_result *result, go_result *out) {
    out->code = pictory_result_code(result);
    out->message = pictory_result_message(result);
    out->http_status = pictory_result_http_status(result);
    out->is_retryable = pictory_result_is_retryable(result);
    out->retry_after_ms = pictory_result_retry_after_ms(result);
    out->polls = pictory_result_polls(result);
    out->job_id = pictory_result_job_id(result);
    out->elapsed_ms = pictory_result_elapsed_ms(result);
    out->next_poll_ms = pictory_result_next_poll_ms(result);
    out->body = pictory_result_body(result, &out->body_length);
    out->request_id = pictory_result_request_id(result);
    out->bytes_written = pictory_result_bytes_written(result);
    out->bytes_done = pictory_result_bytes_done(result);
    out->bytes_total = pictory_result_bytes_total(result);
    const pictory_job *job = pictory_result_job(result);
    out->has_job = job != NULL;
    read_job(job, out);
}

static void log_line(pictory_log_level level, const char *message, void *user_data) {
    pictoryGoLog(level, (char *)message, (uintptr_t)user_data);
}

pictory_code go_config_set_log(pictory_config *config, pictory_log_level level, uintptr_t handle) {
    return pictory_config_set_log(config, level, log_line, (void *)handle);
}

pictory_code go_watcher_add(const pictory_watcher *watcher, const char *job_id, go_wait_options from,
                            const pictory_cancel_token *token, uintptr_t handle, char **reason) {
    pictory_wait_options *options = pictory_wait_options_new();
    pictory_wait_options_set_stop_on_unknown_status(options, from.stop_on_unknown_status);
    pictory_wait_options_set_updates(options, from.updates);
    pictory_wait_options_set_cancel_token(options, token);
    pictory_code code = PICTORY_OK;
    if (from.max_wait_ms != 0) {
        code = pictory_wait_options_set_max_wait_ms(options, from.max_wait_ms);
    }
    if (code == PICTORY_OK && from.poll_interval_ms != 0) {
        code = pictory_wait_options_set_poll_interval_ms(options, from.poll_interval_ms);
    }
    if (code == PICTORY_OK && from.max_failures != 0) {
        code = pictory_wait_options_set_max_failures(options, from.max_failures);
    }
    if (code != PICTORY_OK) {
        *reason = strdup(pictory_wait_options_message(options));
    } else {
        code = pictory_watcher_add(watcher, job_id, options, handle);
    }
    pictory_wait_options_free(options);
    return code;
}

pictory_code go_watcher_download(const pictory_watcher *watcher, const char *json, size_t length,
                                 pictory_output output, const char *path, go_download_options from,
                                 const pictory_cancel_token *token, uintptr_t handle, char **reason) {
    pictory_download_options *options = pictory_download_options_new();
    pictory_download_options_set_updates(options, from.updates);
    pictory_download_options_set_cancel_token(options, token);
    pictory_code code = PICTORY_OK;
    if (from.timeout_ms != 0) {
        code = pictory_download_options_set_timeout_ms(options, from.timeout_ms);
    }
    if (code == PICTORY_OK && from.idle_timeout_ms != 0) {
        code = pictory_download_options_set_idle_timeout_ms(options, from.idle_timeout_ms);
    }
    if (code == PICTORY_OK && from.has_max_retries) {
        code = pictory_download_options_set_max_retries(options, from.max_retries);
    }
    if (code != PICTORY_OK) {
        *reason = strdup(pictory_download_options_message(options));
    } else {
        pictory_result *parsed = pictory_parse_job(json, length);
        code = pictory_watcher_download(watcher, pictory_result_job(parsed), output, path, options, handle);
        pictory_result_free(parsed);
    }
    pictory_download_options_free(options);
    return code;
}

/* What a C programmer writes who has libcurl and cJSON: a request for a job, and reading the reply. */

#ifndef CURL_JOB_H
#define CURL_JOB_H

#include "bench.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>

struct body {
    char *bytes;
    size_t length, room;
};

struct job_view {
    char job_id[64], status[32];
    char *url, *thumbnail, *last_frame, *preview, *duration;
    double width, height, credits;
};

static inline size_t keep_body(char *bytes, size_t size, size_t count, void *argument) {
    struct body *body = argument;
    size_t length = size * count;
    if (body->length + length + 1 > body->room) {
        size_t room = (body->length + length + 1) * 2;
        char *grown = realloc(body->bytes, room);
        if (grown == NULL)
            return 0;
        body->bytes = grown;
        body->room = room;
    }
    memcpy(body->bytes + body->length, bytes, length);
    body->length += length;
    body->bytes[body->length] = '\0';
    return length;
}

static inline const char *text_of(const cJSON *object, const char *name) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static inline char *copy_of(const cJSON *object, const char *name) {
    const char *text = text_of(object, name);
    return text == NULL ? NULL : some(strdup(text));
}

static inline double number_of(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : -1;
}

static inline void job_view_free(struct job_view *job) {
    free(job->url);
    free(job->thumbnail);
    free(job->last_frame);
    free(job->preview);
    free(job->duration);
}

/* Reads what this library's accessors give; false if the body is not a job's. What is read outlives
 * the body and the parsed tree, as a result handle does. */
static inline bool job_view_read(struct job_view *job, const char *body, size_t length) {
    memset(job, 0, sizeof *job);
    cJSON *json = cJSON_ParseWithLength(body, length);
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(json, "data");
    const char *id = text_of(json, "job_id"), *status = text_of(data, "status");
    bool good = id != NULL && status != NULL;
    if (good) {
        snprintf(job->job_id, sizeof job->job_id, "%s", id);
        snprintf(job->status, sizeof job->status, "%s", status);
        job->url = copy_of(data, "url");
        job->thumbnail = copy_of(data, "thumbnailImageUrl");
        job->last_frame = copy_of(data, "lastFrameImageUrl");
        job->preview = copy_of(data, "previewImageUrl");
        job->duration = copy_of(data, "duration");
        job->width = number_of(data, "width");
        job->height = number_of(data, "height");
        job->credits = number_of(data, "aiCreditsUsed");
    }
    cJSON_Delete(json);
    return good;
}

static inline struct curl_slist *request_headers(void) {
    struct curl_slist *headers = curl_slist_append(NULL, "Authorization: " KEY);
    return some(curl_slist_append(some(headers), "Accept: application/json"));
}

/* A handle with all that stays the same from one get to the next. */
static inline CURL *new_request(struct curl_slist *headers, struct body *body, const char *ca) {
    CURL *easy = some(curl_easy_init());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, AGENT);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    /* Over 118 s idle, a connection would be dropped by default: polls may be further apart. */
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, 600L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    if (ca != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca);
    return easy;
}

static inline void url_of(char *url, size_t room, const char *base, const char *job_id) {
    snprintf(url, room, "%s/v1/jobs/%s", base, job_id);
}

/* The reply to a finished transfer: 200, and the job that was asked for. */
static inline bool reply_read(CURL *easy, const struct body *body, const char *job_id,
                              struct job_view *job) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    memset(job, 0, sizeof *job);
    return status == 200 && job_view_read(job, body->bytes, body->length) &&
           strcmp(job->job_id, job_id) == 0;
}

#endif

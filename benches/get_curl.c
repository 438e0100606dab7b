/* The get loop of libcurl and cJSON: by an easy handle, or with "multi" for HOW by a multi handle. */
#include "curl_job.h"
#include "get.h"

struct caller {
    CURL *easy;
    CURLM *multi;
    struct body body;
};

static CURLcode perform_multi(struct caller *caller) {
    int running = 1, left;
    curl_multi_add_handle(caller->multi, caller->easy);
    while (curl_multi_perform(caller->multi, &running) == CURLM_OK && running > 0)
        curl_multi_poll(caller->multi, NULL, 0, 1000, NULL);
    const CURLMsg *message = curl_multi_info_read(caller->multi, &left);
    CURLcode code = message != NULL ? message->data.result : CURLE_FAILED_INIT;
    curl_multi_remove_handle(caller->multi, caller->easy);
    return code;
}

static void once(void *context) {
    struct caller *caller = context;
    caller->body.length = 0;
    CURLcode code = caller->multi != NULL ? perform_multi(caller) : curl_easy_perform(caller->easy);
    struct job_view job;
    if (code != CURLE_OK)
        fail("%s", curl_easy_strerror(code));
    if (!reply_read(caller->easy, &caller->body, JOB, &job))
        fail("not a job: %s", caller->body.bytes);
    job_view_free(&job);
}

int main(int argc, char **argv) {
    struct get get = get_arguments(argc, argv);
    struct caller caller = {.multi = NULL};
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct curl_slist *headers = request_headers();
    caller.easy = new_request(headers, &caller.body, get.ca);
    char url[512];
    url_of(url, sizeof url, get.base_url, JOB);
    curl_easy_setopt(caller.easy, CURLOPT_URL, url);
    if (strcmp(get.how, "multi") == 0)
        caller.multi = some(curl_multi_init());
    get_measure(&get, once, &caller);
    curl_easy_cleanup(caller.easy);
    curl_multi_cleanup(caller.multi);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    free(caller.body.bytes);
    return 0;
}

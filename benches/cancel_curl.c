/* The same of libcurl: only a multi handle can be woken, by curl_multi_wakeup. */
#include "cancel.h"
#include "curl_job.h"

struct call {
    CURLM *multi;
    const char *url;
    struct curl_slist *headers;
    int stopped;
};

static void cancel(void *context) {
    struct call *call = context;
    __atomic_store_n(&call->stopped, 1, __ATOMIC_RELEASE);
    curl_multi_wakeup(call->multi);
}

static void get(void *context) {
    struct call *call = context;
    struct body body = {.bytes = NULL};
    CURL *easy = new_request(call->headers, &body, NULL);
    curl_easy_setopt(easy, CURLOPT_URL, call->url);
    curl_multi_add_handle(call->multi, easy);
    int running = 1;
    while (!__atomic_load_n(&call->stopped, __ATOMIC_ACQUIRE) &&
           curl_multi_perform(call->multi, &running) == CURLM_OK && running > 0)
        curl_multi_poll(call->multi, NULL, 0, 10000, NULL);
    curl_multi_remove_handle(call->multi, easy);
    curl_easy_cleanup(easy);
    free(body.bytes);
}

int main(int argc, char **argv) {
    long times = argc > 1 ? count_argument(argv[1]) : 50;
    double *took = some(malloc((size_t)times * sizeof *took));
    char base[64], url[512];
    mute_server(base, sizeof base);
    url_of(url, sizeof url, base, JOB);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct call call = {.url = url, .headers = request_headers()};
    for (long i = 0; i < times; i++) {
        call.multi = some(curl_multi_init());
        call.stopped = 0;
        took[i] = cancelled_after(get, cancel, &call);
        if (!call.stopped)
            fail("the call ended by itself");
        curl_multi_cleanup(call.multi);
    }
    report_times("get", took, times);
    curl_slist_free_all(call.headers);
    free(took);
    return 0;
}

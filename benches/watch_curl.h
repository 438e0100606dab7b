/* What the two watchers made of libcurl share: the jobs in a heap by when they are due, and a pool of
 * handles, as many as there are polls at once. */

#ifndef WATCH_CURL_H
#define WATCH_CURL_H

#include "curl_job.h"
#include "watch.h"

struct task {
    double due;
    unsigned number;
};

struct transfer {
    CURL *easy;
    struct body body;
    struct task task;
    struct transfer *next;
};

struct loop {
    struct watch watch;
    CURLM *multi;
    struct curl_slist *headers;
    struct transfer *free;
    struct task *heap;
    size_t waiting;
    unsigned long failed;
    uint64_t random;
};

static inline void heap_push(struct loop *loop, struct task task) {
    size_t at = loop->waiting++;
    while (at > 0 && loop->heap[(at - 1) / 2].due > task.due) {
        loop->heap[at] = loop->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    loop->heap[at] = task;
}

static inline struct task heap_pop(struct loop *loop) {
    struct task first = loop->heap[0], last = loop->heap[--loop->waiting];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < loop->waiting; at = child) {
        if (child + 1 < loop->waiting && loop->heap[child + 1].due < loop->heap[child].due)
            child++;
        if (loop->heap[child].due >= last.due)
            break;
        loop->heap[at] = loop->heap[child];
    }
    loop->heap[at] = last;
    return first;
}

/* A number in 0..1 (xorshift). */
static inline double loop_random(struct loop *loop) {
    loop->random ^= loop->random << 13;
    loop->random ^= loop->random >> 7;
    loop->random ^= loop->random << 17;
    return (double)(loop->random >> 11) / 9007199254740992.0;
}

static inline void loop_init(struct loop *loop, int argc, char **argv) {
    memset(loop, 0, sizeof *loop);
    watch_init(&loop->watch, argc, argv);
    loop->random = 0x9E3779B97F4A7C15u ^ (uint64_t)getpid();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    loop->multi = some(curl_multi_init());
    /* Enough that no connection is closed for want of room. */
    curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)loop->watch.jobs);
    loop->headers = request_headers();
    loop->heap = some(malloc(loop->watch.jobs * sizeof *loop->heap));
    for (unsigned i = 0; i < loop->watch.jobs; i++)
        heap_push(loop, (struct task){.due = watch_first(&loop->watch, i), .number = i});
}

static inline void loop_start(struct loop *loop, struct task task) {
    struct transfer *transfer = loop->free;
    if (transfer != NULL) {
        loop->free = transfer->next;
    } else {
        transfer = some(calloc(1, sizeof *transfer));
        transfer->easy = new_request(loop->headers, &transfer->body, loop->watch.ca);
        curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
    }
    transfer->task = task;
    transfer->body.length = 0;
    char id[37], url[512];
    job_name(id, task.number);
    url_of(url, sizeof url, loop->watch.base_url, id);
    curl_easy_setopt(transfer->easy, CURLOPT_URL, url);
    curl_multi_add_handle(loop->multi, transfer->easy);
}

/* Starts every poll that is due; returns the ms until the next one, rounded up. */
static inline int loop_start_due(struct loop *loop) {
    double now = now_ms();
    while (loop->waiting > 0 && loop->heap[0].due <= now)
        loop_start(loop, heap_pop(loop));
    if (loop->waiting == 0)
        return 1000;
    double left = loop->heap[0].due - now;
    return left > 1000 ? 1000 : (int)left + 1;
}

/* Reads every reply that is complete, and plans the next poll of its job. */
static inline void loop_finish_done(struct loop *loop) {
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(loop->multi, &left)) != NULL;) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        char *private;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
        struct transfer *transfer = (struct transfer *)(void *)private;
        struct job_view job = {.url = NULL};
        char id[37];
        job_name(id, transfer->task.number);
        if (code != CURLE_OK || !reply_read(easy, &transfer->body, id, &job))
            loop->failed++;
        job_view_free(&job);
        curl_multi_remove_handle(loop->multi, easy);
        double gap = loop->watch.interval_ms * (0.9 + 0.2 * loop_random(loop));
        watch_due(&loop->watch, transfer->task.number, gap);
        heap_push(loop, (struct task){.due = now_ms() + gap, .number = transfer->task.number});
        transfer->next = loop->free;
        loop->free = transfer;
    }
}

static inline int loop_report(struct loop *loop) {
    watch_sample(&loop->watch);
    watch_report(&loop->watch, loop->failed);
    return 0;
}

#endif

/* What a watched job takes of the heap, and which threads stay between polls: COUNT_WATCHER BASE_URL */
#include "allocations.h"
#include "pictory_bench.h"

enum { MANY = 5000, HOUR_MS = 3600000 };

static long polled;

static bool on_poll(const pictory_result *update, void *user_data) {
    (void)update;
    (void)user_data;
    __atomic_add_fetch(&polled, 1, __ATOMIC_RELAXED);
    return true;
}

static void add(const pictory_watcher *watcher, const pictory_wait_options *options, long from, long to) {
    char id[37];
    for (long i = from; i < to; i++) {
        job_name(id, (unsigned)i);
        expect_ok(pictory_watcher_add(watcher, id, options, 0), "add");
    }
    while (__atomic_load_n(&polled, __ATOMIC_RELAXED) < to)
        sleep_ms(10);
    /* Until the threads have gone that have nothing more to do. */
    sleep_ms(1500);
}

int main(int argc, char **argv) {
    if (argc < 2)
        fail("usage: %s BASE_URL", argv[0]);
    pictory_client *client = new_client(argv[1], NULL);
    pictory_watcher *watcher = NULL;
    expect_ok(pictory_watcher_new(client, &watcher), "the watcher");
    pictory_wait_options *options = pictory_wait_options_new();
    expect_ok(pictory_wait_options_set_poll_interval_ms(options, HOUR_MS), "the interval");
    expect_ok(pictory_wait_options_set_max_wait_ms(options, PICTORY_WAIT_FOREVER), "the limit");
    expect_ok(pictory_wait_options_set_on_poll(options, on_poll, NULL), "the callback");
    /* What is taken once is there already. */
    add(watcher, options, 0, MANY);
    struct heap before = heap;
    add(watcher, options, MANY, 2 * MANY);
    printf("watch_bytes=%.1f\nwatch_allocations=%.2f\nwatcher_threads=%ld\n",
           (double)(heap.bytes - before.bytes) / MANY, (double)(heap.blocks - before.blocks) / MANY,
           own_status("Threads") - 1);
    pictory_wait_options_free(options);
    pictory_watcher_free(watcher);
    pictory_client_free(client);
    return 0;
}

/* The watcher of this library. Only with DUES_FILE is there a callback for each poll. */
#include "pictory_bench.h"
#include "watch.h"

struct seat {
    struct watch *watch;
    unsigned number;
};

static bool on_poll(const pictory_result *update, void *user_data) {
    const struct seat *seat = user_data;
    watch_due(seat->watch, seat->number, (double)pictory_result_next_poll_ms(update));
    return true;
}

static void add(pictory_watcher *watcher, pictory_wait_options *options, struct seat *seat) {
    char id[37];
    job_name(id, seat->number);
    if (seat->watch->dues_path != NULL)
        pictory_wait_options_set_on_poll(options, on_poll, seat);
    expect_ok(pictory_watcher_add(watcher, id, options, seat->number), "add");
}

int main(int argc, char **argv) {
    struct watch watch;
    watch_init(&watch, argc, argv);
    pictory_client *client = new_client(watch.base_url, watch.ca);
    pictory_watcher *watcher = NULL;
    expect_ok(pictory_watcher_new(client, &watcher), "the watcher");
    pictory_wait_options *options = pictory_wait_options_new();
    pictory_wait_options_set_poll_interval_ms(options, (int64_t)watch.interval_ms);
    pictory_wait_options_set_max_wait_ms(options, PICTORY_WAIT_FOREVER);
    pictory_wait_options_set_max_failures(options, PICTORY_UNLIMITED);
    struct seat *seats =
        watch.dues_path != NULL ? some(malloc(watch.jobs * sizeof *seats)) : NULL;
    for (unsigned i = 0; i < watch.jobs; i++) {
        struct seat seat = {.watch = &watch, .number = i};
        if (seats != NULL)
            seats[i] = seat;
        sleep_ms(watch_first(&watch, i) - now_ms());
        add(watcher, options, seats != NULL ? &seats[i] : &seat);
    }
    pictory_wait_options_free(options);
    unsigned long settled = 0;
    while (watch_goes_on(&watch, now_ms())) {
        pictory_result *result = pictory_watcher_next(watcher, 200);
        settled += result != NULL;
        pictory_result_free(result);
        watch_sample(&watch);
    }
    watch_report(&watch, settled);
    pictory_watcher_free(watcher);
    pictory_client_free(client);
    free(seats);
    return 0;
}

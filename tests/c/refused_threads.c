/* A watcher in a process that can start no more threads. */

#include "threads.h"

static pictory_client *client;
static pictory_watcher *watcher;

static bool is_not_told(const pictory_result *update, void *user_data) {
    (void)update, (void)user_data;
    CHECK(false);
    return true;
}

static void begin(void) {
    client = new_client();
    CHECK_CODE(pictory_watcher_new(client, &watcher), PICTORY_OK);
}

static void end(void) {
    pictory_watcher_free(watcher);
    pictory_client_free(client);
}

static void a_watch_is_refused_where_no_thread_is_to_be_had(void) {
    begin();
    atomic_store(&threads_to_be_had, 0);
    CHECK_CODE(pictory_watcher_add(watcher, JOB, NULL, 1), PICTORY_ERROR_SYSTEM);
    CHECK(pictory_watcher_pending(watcher) == 0);
    atomic_store(&threads_to_be_had, -1);
    CHECK_CODE(pictory_watcher_add(watcher, JOB, NULL, 1), PICTORY_OK);
    CHECK(pictory_watcher_pending(watcher) == 1);
    end();
}

/* The thread that calls callbacks comes with the first watch that has one. */
static void a_watch_is_refused_where_its_callback_has_no_thread(void) {
    begin();
    atomic_store(&threads_to_be_had, 0);
    pictory_wait_options *options = pictory_wait_options_new();
    CHECK_CODE(pictory_wait_options_set_on_poll(options, is_not_told, NULL), PICTORY_OK);
    CHECK_CODE(pictory_watcher_add(watcher, JOB, options, 7), PICTORY_ERROR_SYSTEM);
    atomic_store(&threads_to_be_had, 1);
    CHECK_CODE(pictory_watcher_add(watcher, JOB, options, 7), PICTORY_ERROR_SYSTEM);
    CHECK(pictory_watcher_pending(watcher) == 0);
    pictory_wait_options_free(options);
    end();
}

CASES(CASE(a_watch_is_refused_where_no_thread_is_to_be_had),
      CASE(a_watch_is_refused_where_its_callback_has_no_thread))
